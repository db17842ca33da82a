# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a provider about somebody, in front of any class that does: what its silence means, and what its refusal.

Who does not answer has not said no. What becomes of somebody who is logged in, by what the class's own refresh comes to:

==============================================================  ======================  =============================
The class's refresh                                             people of the file      people whom a rule has let in
==============================================================  ======================  =============================
says that nothing is new                                        stay                    stay
gives a model, and the rules let in whom it describes           are brought up to date  are brought up to date
gives a model, and the rules (or a 403 of theirs) say no        are brought up to date  lose their access
gives a model, and nobody could say what the rules say          are brought up to date  are brought up to date
gives a model of another name than the session's                have to log in again    lose their access
fails as the account has no name, or with another 4xx of ours   have to log in again    lose their access
says "log in again" as the refresh token is refused             have to log in again    lose their access
says "log in again" as nobody could say whether it is refused   stay                    stay
says "log in again" for want of auth state or a refresh token   have to log in again    have to log in again, no more
fails in any other way: no answer, nonsense, too many requests  stay                    stay
==============================================================  ======================  =============================

The refresh token is refused where the provider says ``invalid_grant``; a wrong client secret, say, is not the person's.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import json
from collections.abc import Awaitable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, NoReturn
from urllib.parse import urlsplit

from jupyterhub.utils import maybe_future
from oauthenticator.oauth2 import OAuthenticator
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.web import HTTPError
from traitlets.config import LoggingConfigurable

# GitHub has a word of its own for it.
_REFUSED = {"invalid_grant", "bad_refresh_token"}
_LATER = {408, 425, 429}


class Silence(HTTPError):
    """The provider gave no answer that says anything. As an error page, this is a sentence for whoever wants to log in."""

    def __init__(self, service: str) -> None:
        super().__init__(503, "Logging in by %s does not work at the moment. Please try again later.", service)


@dataclasses.dataclass(frozen=True)
class Answer:
    """``found`` is what the hub expects of a refresh; ``lost`` says why this account is let in no more, where that is certain."""

    found: Any
    lost: str = ""


@dataclasses.dataclass
class _Round:
    """One refresh of one user, of which the class tells the hub less than it learns."""

    user: Any
    renewing: bool = False
    renewed: bool = False
    refused: bool = False
    silent: bool = False


_ROUND: ContextVar[_Round | None] = ContextVar("round", default=None)
_MODEL: ContextVar[Mapping[str, Any] | None] = ContextVar("model", default=None)


class Outside(LoggingConfigurable):  # type: ignore[misc]
    """Stands before a class of oauthenticator; before another, it does nothing."""

    silences = 0

    @functools.cached_property
    def _asking(self) -> dict[str, asyncio.Task[Answer]]:
        return {}

    # -- logging in

    async def get_authenticated_user(self, handler: Any, data: Any) -> Any:
        with self.told_plainly():
            return await super().get_authenticated_user(handler, data)

    @contextlib.contextmanager
    def told_plainly(self) -> Iterator[None]:
        """What goes wrong at a login is for whoever wants to log in."""
        try:
            yield
        except HTTPClientError as error:
            self.log.error("%s refused the hub's request at a login: %s", self.login_service, error)
            raise HTTPError(403, "%s refuses this login. If it does so again, tell the hub's administrator.", self.login_service) from None
        except HTTPError as error:
            # It would show the provider's answer, tokens and all.
            if error.status_code != 500 or not isinstance(self, OAuthenticator):
                raise
            self.log.error("%s told the hub something unexpected at a login", self.login_service)
            raise Silence(self.login_service) from None

    def user_info_to_username(self, user_info: Any) -> str:
        try:
            name = super().user_info_to_username(user_info)
        except (ValueError, LookupError, TypeError, AttributeError):
            name = None
        if not isinstance(name, str):
            self.log.error("%s tells no name of an account: there is no %s", self.login_service, self.username_claim)
            raise HTTPError(403, "%s does not say what the name of your account is.", self.login_service)
        return name

    async def check_allowed(self, username: str, authentication: Any = None) -> Any:
        _MODEL.set(authentication)
        return await maybe_future(super().check_allowed(username, authentication))

    async def _check_membership_allowed_organizations(self, org_team: str, username: str, *tokens: str) -> Any:
        """GitHub knows its people by names of its own, which need not be those that the hub gives them."""
        account = ((_MODEL.get() or {}).get("auth_state") or {}).get(self.user_auth_state_key) or {}
        return await super()._check_membership_allowed_organizations(org_team, account.get("login") or username, *tokens)

    # -- asking again

    async def ask_again(self, user: Any, handler: Any = None, **more: Any) -> Answer:
        """Whoever asks about the same user at the same time gets the same answer, as most refresh tokens hold only once."""
        task = self._asking.get(user.name)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._ask(user, handler, more))
            self._asking[user.name] = task
            task.add_done_callback(functools.partial(self._asked, user.name))
        return await asyncio.shield(task)

    def _asked(self, name: str, _task: object) -> None:
        del self._asking[name]

    async def _ask(self, user: Any, handler: Any, more: dict[str, Any]) -> Answer:
        # This is a task with a context of its own.
        this = _Round(user)
        _ROUND.set(this)
        answer = await self.heed(maybe_future(super().refresh_user(user, handler, **more)))
        if this.refused:
            return Answer(False, "the provider renews their login no more")
        return Answer(True) if answer.found is False and this.silent and not answer.lost else answer

    async def heed(self, asked: Awaitable[Any]) -> Answer:
        try:
            return Answer(await asked)
        except Silence:
            pass
        except HTTPError as error:
            if error.status_code < 500:
                return Answer(False, str(error))
            self.log.error("%s told the hub something unexpected: %s", self.login_service, error)
        except HTTPClientError as error:
            self.log.error("%s refused the hub's request: %s", self.login_service, error)
        except Exception:
            self.log.exception("Whether somebody is still let in cannot be found out")
        return Answer(True)

    async def refresh_user(self, user: Any, handler: Any = None, **more: Any) -> Any:
        found = (await self.ask_again(user, handler, **more)).found
        return dict(found) if isinstance(found, dict) else found

    async def get_token_info(self, handler: Any, params: dict[str, Any]) -> Any:
        this = _ROUND.get()
        if this is None or params.get("grant_type") != "refresh_token":
            return await super().get_token_info(handler, params)
        this.renewing = True
        try:
            told = await super().get_token_info(handler, params)
            told["refresh_token"] = told.get("refresh_token") or params["refresh_token"]
            await _keep(this.user, told)
        except Exception:
            # The class takes every failure for an end of the login.
            this.silent = True
            raise
        finally:
            this.renewing = False
        this.renewed = True
        return told

    async def token_to_user(self, token_info: dict[str, Any]) -> Any:
        this = _ROUND.get()
        if this and not this.renewed and not self.userdata_url and token_info.get("refresh_token"):
            raise HTTPClientError(401, "an identity token tells no more than what was so when it was issued")
        try:
            return await super().token_to_user(token_info)
        except HTTPClientError:
            raise
        except Exception:
            if this:
                this.silent = True
            raise

    # -- requests

    async def fetch(self, req: HTTPRequest, label: str = "fetching", parse_json: bool = True, **more: Any) -> Any:
        try:
            response = await super().fetch(req, label=label, parse_json=False, **more)
        except HTTPClientError as error:
            if error.response is None or _says_nothing(error.response):
                self._give_up(req, error)
            self._listen(error.response)
            raise
        except (OSError, ValueError) as error:
            self._give_up(req, error)
        if _says_nothing(response):
            self._give_up(req, response.reason)
        if not parse_json:
            return response
        self._listen(response)
        try:
            return json.loads(response.body) if response.body else None
        except ValueError as error:
            self._give_up(req, error)

    def _listen(self, response: HTTPResponse) -> None:
        """The class does not tell a refusal of the refresh token from other failures."""
        this = _ROUND.get()
        if this and this.renewing:
            try:
                told = json.loads(response.body)
            except ValueError:
                return
            this.refused = isinstance(told, dict) and told.get("error") in _REFUSED

    def _give_up(self, req: HTTPRequest, why: object) -> NoReturn:
        # The query may hold a token.
        self.log.error("%s does not answer as it should: %s", urlsplit(req.url)._replace(query="").geturl(), why)
        self.silences += 1
        raise Silence(self.login_service) from None


def _says_nothing(response: HTTPResponse) -> bool:
    # GitHub says 403 where it has had too many requests.
    held_off = response.headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in response.headers
    return response.code >= 500 or response.code in _LATER or (response.code == 403 and held_off)


async def _keep(user: Any, told: dict[str, Any]) -> None:
    """At once: the old refresh token may hold no more, whatever happens next."""
    state = await user.get_auth_state() or {}
    tokens = {name: told.get(name) or state.get(name) for name in ("access_token", "refresh_token", "id_token")}
    await user.save_auth_state({**state, **tokens, "token_response": told})
