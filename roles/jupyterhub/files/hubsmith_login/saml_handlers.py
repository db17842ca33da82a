# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub's pages for a login by SAML, and for its end.

The provider's answer is posted by a page of another site, so that no cookie of the hub's comes with it and JupyterHub's own check
against forged requests cannot pass. What replaces it: the answer is verified and kept, and the browser is sent on to a page of the
hub's with a code for it; the login goes on only in the browser that had begun it, which the hub tells by a cookie of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterator
from typing import Any

from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LogoutHandler
from tornado.ioloop import IOLoop
from tornado.web import HTTPError

from .saml_memory import LIFETIME, Pending, Session
from .saml_sessions import end_sessions
from .saml_shape import RefusedError

COOKIE = "jupyterhub-saml-browser"
_LONGEST_NEXT = 2000
_AGAIN = "Please go back to the hub and log in again."


class SamlHandler(BaseHandler):  # type: ignore[misc]
    """``saml`` is the authenticator that made the handler, whatever stands in front of it."""

    def initialize(self, saml: Any) -> None:
        self.saml = saml

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    def browser(self) -> str:
        """The digest of what only this browser knows; empty if it was never here."""
        value = self.get_secure_cookie(COOKIE)
        return hashlib.sha256(value).hexdigest() if value else ""

    def make_browser(self) -> str:
        if known := self.browser():
            return known
        value = secrets.token_hex(16)
        self._set_cookie(COOKIE, value, expires_days=30, path=self.hub.base_url, samesite="Lax")
        return hashlib.sha256(value.encode()).hexdigest()

    @contextlib.contextmanager
    def errors_told(self, sentence: str) -> Iterator[None]:
        """Says little to whoever waits, and the reason to the log."""
        try:
            yield
        except RefusedError as error:
            self.log.warning("Refused a message of SAML from %s: %s", self.request.remote_ip, error)
            raise HTTPError(403, sentence) from None
        except (OSError, sqlite3.Error) as error:
            self.log.error("SAML is out of order: %s", error)
            raise HTTPError(503, "This hub cannot log anybody in at the moment. Please try again later.") from None


class LoginHandler(SamlHandler):
    """The way to the provider."""

    async def get(self) -> None:
        next_url = self._validate_next_url(self.get_argument("next", ""))
        with self.errors_told(_AGAIN):
            request, location = self.saml.service.login_request()
            browser = self.make_browser()
            self.saml.memory.begin(Pending(request, browser, next_url if len(next_url) <= _LONGEST_NEXT else ""))
        self.redirect(location)


class AnswerHandler(SamlHandler):
    """Takes the provider's answer (the assertion consumer service)."""

    def check_xsrf_cookie(self) -> None:
        """The page that posts is another site's; see above for what is checked instead."""

    async def post(self) -> None:
        saml = self.saml
        with self.errors_told(f"The answer of your login provider was not accepted. {_AGAIN}"):
            text, response = saml.service.unpack(self.get_body_argument("SAMLResponse", ""))
            pending = saml.memory.pending(response.get("InResponseTo", ""))
            if pending is None:
                raise RefusedError("it answers nothing that this hub has asked, or has asked so long ago, or again")
            statement = await IOLoop.current().run_in_executor(None, saml.service.verify, text, response, pending.request)
            person = saml.person(statement)
            if not saml.memory.spend(pending.request, statement.id, statement.until):
                raise RefusedError(f"the assertion {statement.id} was used before")
        code = secrets.token_urlsafe(32)
        saml.finishing.put(code, (pending, person))
        self.redirect(f"finish?code={code}", status=303)


class FinishHandler(SamlHandler):
    """Lets those in who had begun in this browser."""

    _next = ""

    async def get(self) -> None:
        found = self.saml.finishing.take(self.get_argument("code", ""))
        if found is None:
            raise HTTPError(400, f"This login took too long, or was finished before. {_AGAIN}")
        pending, person = found
        if not hmac.compare_digest(pending.browser, self.browser()):
            self.log.warning("Refused a login of %r from %s: another browser had begun it", person.name, self.request.remote_ip)
            raise HTTPError(403, f"This login was begun in another browser. {_AGAIN}")
        # The hub itself reads the name, to log it when nobody is let in.
        user = await self.login_user({"username": person.name, "person": person})
        if user is None:
            raise HTTPError(403, "You are not allowed to use this hub. If you should be, ask those who run it.")
        self.remember(pending.browser, user.name, person.statement)
        self._next = pending.next
        self.redirect(self.get_next_url(user))

    def remember(self, browser: str, user: str, statement: Any) -> None:
        session = Session(user, self.saml.service.code(statement), statement.session)
        try:
            self.saml.memory.remember(browser, (statement.name_id.text or "").strip(), session)
        except sqlite3.Error as error:
            self.log.error("A logout of %s at the provider will not end the session here: %s", user, error)

    def get_argument(self, name: str, *given: Any, **named: Any) -> Any:
        return self._next if name == "next" else super().get_argument(name, *given, **named)

    def append_query_parameters(self, url: str, exclude: Any = None) -> str:
        """What this page was asked with is not for the next one."""
        return url


class MetadataHandler(SamlHandler):
    """What the provider has to know of this hub."""

    def get_content_type(self) -> str:
        return "application/samlmetadata+xml"

    async def get(self) -> None:
        self.finish(self.saml.service.metadata())


class HubLogoutHandler(SamlHandler, LogoutHandler):  # type: ignore[misc]
    """Logs out of the hub, and then at the provider, if that offers it."""

    _onward = ""

    async def handle_logout(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            session = self.saml.memory.forget_browser(self.browser())
            if session:
                self._onward = self.saml.service.logout_request(session)

    async def render_logout_page(self) -> None:
        if self._onward:
            self.redirect(self._onward)
        else:
            await super().render_logout_page()


class ProviderLogoutHandler(SamlHandler, LogoutHandler):  # type: ignore[misc]
    """What the provider says of a logout: that somebody has logged out there, or that it has done what this hub had asked."""

    def check_xsrf_cookie(self) -> None:
        """The page that posts is another site's; the provider's signature is checked instead."""

    async def get(self) -> None:
        if self.get_argument("SAMLRequest", ""):
            await self._end(self.request.query)
        else:
            # Nothing here depends on the provider's answer: the session had ended before it was asked.
            await self.render_logout_page()

    async def post(self) -> None:
        if self.get_body_argument("SAMLRequest", ""):
            await self._end("")
        else:
            await self.render_logout_page()

    async def _end(self, query: str) -> None:
        service, memory = self.saml.service, self.saml.memory
        with self.errors_told("This logout was not accepted. Please log out here, too."):
            message, relay_state = self.get_argument("SAMLRequest"), self.get_argument("RelayState", "", strip=False)
            request = await IOLoop.current().run_in_executor(None, service.verify_logout, message, query)
            if not memory.spend_message(request.id, request.until + LIFETIME):
                raise RefusedError(f"the request {request.id} was used before")
            for name in memory.forget_name(request.name, request.sessions):
                user = self.find_user(name)
                if user:
                    end_sessions(self.db, user)
                    self.log.info("The sessions of %s were ended: logged out at the provider", name)
            location = service.logout_answer(request, relay_state)
        if location:
            self.redirect(location)
        else:
            await self.render_logout_page()


def handlers(saml: Any) -> list[tuple[str, type, dict[str, Any]]]:
    routes = {
        "/saml/login": LoginHandler,
        "/saml/acs": AnswerHandler,
        "/saml/finish": FinishHandler,
        "/saml/metadata": MetadataHandler,
        "/saml/logout": ProviderLogoutHandler,
        "/logout": HubLogoutHandler,
    }
    return [(route, handler, {"saml": saml}) for route, handler in routes.items()]
