# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any provider that speaks OpenID Connect, of which no more need be known than its address."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

from hubsmith_access.outside import Outside, Silence
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthLoginHandler, OAuthLogoutHandler
from tornado.httpclient import HTTPClientError
from tornado.httputil import url_concat
from tornado.web import HTTPError
from traitlets import Unicode, default

_PLACE = "/.well-known/openid-configuration"
_ENDPOINTS = {"authorize_url": "authorization_endpoint", "token_url": "token_endpoint", "userdata_url": "userinfo_endpoint"}
_HOUR = 3600


class LoginHandler(OAuthLoginHandler):  # type: ignore[misc]
    async def get(self) -> None:
        await self.authenticator.discover()
        super().get()


class CallbackHandler(OAuthCallbackHandler):  # type: ignore[misc]
    def check_arguments(self) -> None:
        super().check_arguments()
        # By RFC 9207 a provider may say who it is, so that no other can pass its answer off as its own.
        issuer = self.authenticator.issuer
        if issuer and self.get_argument("iss", issuer) != issuer:
            raise HTTPError(403, "This login comes from another provider than the one of this hub.")


class LogoutHandler(OAuthLogoutHandler):  # type: ignore[misc]
    address = ""

    async def handle_logout(self) -> None:
        await super().handle_logout()
        self.address = await self.authenticator.logout_address(self.current_user)

    async def render_logout_page(self) -> None:
        if self.address:
            self.redirect(self.address)
        else:
            await super().render_logout_page()


class OpenIDAuthenticator(Outside, GenericOAuthenticator):  # type: ignore[misc]
    """Reads the provider's own description when somebody logs in, so that the hub starts and serves without the provider.

    What the configuration says about its addresses goes before what the description says.
    """

    login_handler = LoginHandler
    callback_handler = CallbackHandler
    logout_handler = LogoutHandler

    issuer = Unicode(
        config=True,
        help="The provider's address, letter by letter as the provider gives it in its description, "
        "which is at this address followed by /.well-known/openid-configuration.",
    )

    _service = default("login_service")(lambda _self: "single sign-on")
    _scope = default("scope")(lambda _self: ["openid", "profile", "email"])
    _claim = default("username_claim")(lambda _self: "preferred_username")

    enable_pkce: bool
    basic_auth: bool

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._by_hand = {name for name in _ENDPOINTS if getattr(self, name)}
        if not self.issuer and len(self._by_hand) < len(_ENDPOINTS):
            raise ValueError("OpenIDAuthenticator.issuer is empty; set it to the provider's address, such as https://login.example.org")
        self._wants_pkce = self.enable_pkce
        self._reading: asyncio.Task[None] | None = None
        self._document: dict[str, Any] = {}
        self._good_until = 0.0

    async def discover(self) -> dict[str, Any]:
        """The provider's description; nothing where no issuer is configured.

        :raises Silence: if there is none, or none that can be trusted.
        """
        if self.issuer and time.monotonic() >= self._good_until:
            # Whoever comes meanwhile need not wait for a silence of their own.
            if self._reading is None or self._reading.done():
                self._reading = asyncio.get_running_loop().create_task(self._read())
            await asyncio.shield(self._reading)
        return self._document

    async def _read(self) -> None:
        place = self.issuer.rstrip("/") + _PLACE
        try:
            document = await self.httpfetch(place, "reading the provider's description", validate_cert=self.validate_server_cert)
            fault = self._fault(document)
        except HTTPClientError as error:
            fault = f"the provider answers: {error}"
        if fault:
            self.log.error("Nobody can log in by %s, as %s is of no use: %s", self.login_service, place, fault)
            raise Silence(self.login_service)
        self._adopt(document)
        self._document, self._good_until = document, time.monotonic() + _HOUR

    def _fault(self, document: Any) -> str:
        if not isinstance(document, dict):
            return "it is no JSON object"
        if document.get("issuer") != self.issuer:
            remedy = "both must be the same, letter by letter"
            return f"it is of the issuer {document.get('issuer')!r}, but OpenIDAuthenticator.issuer is {self.issuer!r}; {remedy}"
        for name in self._to_adopt():
            if not document.get(_ENDPOINTS[name]):
                way_out = ", or userdata_from_id_token to do without" if name == "userdata_url" else ""
                return f"it has no {_ENDPOINTS[name]}; set OpenIDAuthenticator.{name}{way_out}"
        for key in (*_ENDPOINTS.values(), "end_session_endpoint"):
            scheme = urlsplit(str(document.get(key) or self.issuer)).scheme
            if scheme not in ("https", urlsplit(self.issuer).scheme):
                return f"its {key} is {document[key]!r}, which is no https address"
        return ""

    def _to_adopt(self) -> set[str]:
        return _ENDPOINTS.keys() - self._by_hand - ({"userdata_url"} if self.userdata_from_id_token else set())

    def _adopt(self, document: dict[str, Any]) -> None:
        for name in self._to_adopt():
            setattr(self, name, document[_ENDPOINTS[name]])
        self.enable_pkce = self._wants_pkce and "S256" in (document.get("code_challenge_methods_supported") or ())
        # Where it says nothing, this is what the standard says.
        ways = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        self.basic_auth = self.basic_auth or ("client_secret_post" not in ways and "client_secret_basic" in ways)

    async def authenticate(self, handler: Any, data: Any = None, **more: Any) -> Any:
        await self.discover()
        return await super().authenticate(handler, data, **more)

    async def token_to_user(self, token_info: dict[str, Any]) -> Any:
        await self.discover()
        user = await super().token_to_user(token_info)
        if self.issuer and self.userdata_from_id_token and user.get("iss") != self.issuer:
            raise HTTPError(403, "This login comes from another provider than the one of this hub.")
        return user

    async def logout_address(self, user: Any) -> str:
        """Where the session with the provider ends, too; empty where there is no such place. Nothing of it is said by the request."""
        if self.logout_redirect_url:
            return ""
        try:
            place = (await self.discover()).get("end_session_endpoint")
        except Silence:
            return ""
        state = await user.get_auth_state() if user and self.enable_auth_state else None
        # With it, most providers don't ask whether this is meant.
        hint = {"id_token_hint": state["id_token"]} if state and state.get("id_token") else {}
        return url_concat(place, {"client_id": self.client_id, **hint}) if place else ""
