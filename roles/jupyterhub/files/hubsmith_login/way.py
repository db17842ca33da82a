# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One of several ways to log in: its authenticator, its pages, and what these see of the hub."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from typing import Any, NoReturn

from hubsmith_access.outside import Outside
from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from jupyterhub.utils import url_path_join
from oauthenticator.oauth2 import OAuthenticator, _deserialize_state, guess_callback_uri
from tornado.web import HTTPError
from traitlets import default
from traitlets.config import LoggingConfigurable

# By which way a browser has logged in.
COOKIE = "jupyterhub-login-way"
_TITLES = {"pam": "Sign in", "ldap": "Directory", "shared_password": "Workshop"}


class Way:
    """``plain`` is whether its names are the hub's own; those of the others get the way in front, and so are nobody else's."""

    def __init__(self, name: str, cls: type, several: Any, plain: bool) -> None:
        self.name = name
        self.several = several
        self.plain = plain
        self._part = _part_class(name, cls)(parent=several)
        # Whether a logout is more for this way than for the hub alone.
        self.leaves = False

    @property
    def part(self) -> Any:
        """The authenticator behind."""
        if self.plain:
            # As if it stood alone. The others' names are no local ones, even if they look alike, so their lists stay empty.
            for roster in ("allowed_users", "admin_users"):
                hub_s = getattr(self.several, roster)
                if getattr(self._part, roster) is not hub_s:
                    setattr(self._part, roster, hub_s)
        return self._part

    def outside_name(self, name: str) -> str:
        """What the access file has among the identities of whoever is called this at the part."""
        return name if self.plain else f"{self.name}:{name}"

    # -- on the login page

    @property
    def is_form(self) -> bool:
        return not self._part.login_service

    @property
    def title(self) -> str:
        return str(self.several.titles.get(self.name) or self._part.login_service or _TITLES.get(self.name, self.name))

    # -- pages

    def login_url(self, base_url: str) -> str:
        return self._below(base_url, self._part.login_url(base_url))

    def logout_url(self, base_url: str) -> str:
        return self._below(base_url, self._part.logout_url(base_url))

    def _below(self, base_url: str, url: str) -> str:
        return str(url_path_join(base_url, self._place("/" + url.removeprefix(base_url).lstrip("/"))))

    def _place(self, path: str) -> str:
        if path == "/logout":
            # Not the way's own /logout, where SAML has providers end sessions.
            return f"/{self.name}/leave"
        return path if path.startswith(f"/{self.name}/") else f"/{self.name}{path}"

    def handlers(self, app: Any) -> Iterator[tuple[Any, ...]]:
        for path, handler, *rest in self._part.get_handlers(app):
            self.leaves |= path == "/logout"
            bases = (_OAuthPage, handler) if isinstance(self._part, OAuthenticator) else (_Page, handler)
            yield (self._place(path), types.new_class(handler.__name__, bases, exec_body=lambda body: body.update(way=self)), *rest)


# -- the authenticator behind


class _Part(LoggingConfigurable):  # type: ignore[misc]
    """It has rules, but no people: those are the access file's business."""

    way = ""
    _nobody_in_general = default("allow_all")(lambda _self: False)
    _nobody_for_having_been_there = default("allow_existing_users")(lambda _self: False)
    # Whether anybody can log in at all, is for the class in front to say.
    _no_word_about_nobody = default("any_allow_config")(lambda _self: True)

    def normalize_username(self, username: str) -> str:
        # Lower case makes ordinary letters of some that are not, and whoever looks the name up has to see that.
        return str(super().normalize_username(username)) if username.isascii() else username


class _OAuthPart(_Part, Outside):
    """As live access treats a provider of its own, this does that of a way."""

    def _give_up(self, req: Any, why: object) -> NoReturn:
        self.parent.silences += 1
        super()._give_up(req, why)

    def get_callback_url(self, handler: Any = None) -> str:
        if self.oauth_callback_url or not handler:
            return str(super().get_callback_url(handler))
        request = handler.request
        return str(guess_callback_uri(request.protocol, request.host, url_path_join(handler.hub.server.base_url, self.way)))


@functools.cache
def _part_class(way: str, cls: type) -> Any:
    """Under the same name, by which its part of the configuration is found."""
    bases = (_OAuthPart if issubclass(cls, OAuthenticator) else _Part, cls)
    return types.new_class(cls.__name__, bases, exec_body=lambda body: body.update(way=way, __doc__=cls.__doc__))


# -- its pages


class _View:
    """The hub's authenticator, as a page of a way sees it: what the hub itself may ask goes to the one in front, all else to the part."""

    __slots__ = ("chosen", "way")

    def __init__(self, way: Way) -> None:
        self.way = way
        self.chosen = way.name

    @property
    def choices(self) -> Any:
        return self.way.several.choices

    def login_url(self, base_url: str) -> str:
        return self.way.login_url(base_url)

    def logout_url(self, base_url: str) -> str:
        return self.way.logout_url(base_url)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.way.several if hasattr(Authenticator, name) else self.way.part, name)


class _Page(BaseHandler):  # type: ignore[misc]
    way: Way

    @property
    def authenticator(self) -> Any:
        return _View(self.way)

    async def login_user(self, data: Any = None) -> Any:
        user = await super().login_user(data)
        if user:
            self._set_cookie(COOKIE, self.way.name, path=self.hub.base_url)
        return user


class _OAuthPage(_Page):
    """An answer that one provider gave must not be taken for another's."""

    def _generate_state_id(self) -> str:
        return f"{self.way.name}:{super()._generate_state_id()}"

    def check_state(self) -> None:
        super().check_state()
        state = str(_deserialize_state(self.get_state_url()).get("state_id", ""))
        if not state.startswith(f"{self.way.name}:"):
            raise HTTPError(400, "This login was begun in another way. Please go back to the login page and try again.")
