# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for GitHub and for Google: the addresses that a hub and its people's browsers use of them, as their documentation has these.

GitHub: docs.github.com, "Authorizing OAuth apps", "Get the authenticated user", "Check organization membership for a user", "Get team
member (legacy)". Google: developers.google.com, "Using OAuth 2.0 for Web Server Applications", "OpenID Connect". Who somebody is, they say
by a click on their name, or by the documented parameter that suggests an account (``login``, ``login_hint``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import http.server
import json
import secrets
import ssl
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

Query = dict[str, str]


@dataclass
class Service:
    """One of the two. ``given`` are the codes and tokens that it has given out, each with what was asked for."""

    suggests: str
    given: dict[str, Query] = field(default_factory=dict)

    def give(self, asked: Query) -> str:
        secret = secrets.token_urlsafe(24)
        self.given[secret] = asked
        return secret


class Answer(http.server.BaseHTTPRequestHandler):
    folder: ClassVar[Path]
    services: ClassVar = {"github": Service("login"), "google": Service("login_hint")}

    @property
    def name(self) -> str:
        """Which of the two was addressed."""
        return "github" if self.headers["Host"].startswith("github.") else "google"

    @property
    def service(self) -> Service:
        return self.services[self.name]

    @property
    def world(self) -> dict[str, Any]:
        """Read each time, so that a test can change it: ``clients`` who are registered, ``accounts`` by their names."""
        world: dict[str, Any] = json.loads((self.folder / "world.json").read_text(encoding="utf-8"))[self.name]
        return world

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        asked = dict(parse_qsl(place.query))
        path = place.path.removeprefix("/api/v3")
        if (self.name, path) in (("github", "/login/oauth/authorize"), ("google", "/o/oauth2/v2/auth")):
            self._authorize(asked)
        elif (self.name, path) in (("github", "/user"), ("google", "/oauth2/v1/userinfo")):
            self._user()
        elif self.name == "github" and path.startswith("/orgs/") and "public_members" not in path:
            self._member(path.split("/")[2:])
        else:
            self._say(404, {"message": "Not Found"})

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if (self.name, self.path) in (("github", "/login/oauth/access_token"), ("google", "/oauth2/v4/token")):
            self._token(form)
        else:
            self._say(404, {"message": "Not Found"})

    # -- in the browser

    def _authorize(self, asked: Query) -> None:
        client = self.world["clients"].get(asked.get("client_id", ""))
        if client is None:
            return self._page(404 if self.name == "github" else 401, "There is no such client.")
        back = client["redirect_uri"]
        if asked.get("redirect_uri") != back:
            if self.name == "google":
                return self._page(400, "Error 400: redirect_uri_mismatch")
            return self._redirect(back, {"error": "redirect_uri_mismatch", "state": asked.get("state", "")})
        if self.name == "google" and asked.get("response_type") != "code":
            return self._page(400, "Error 400: invalid_request")
        chosen = asked.pop(self.service.suggests, "")
        if chosen not in self.world["accounts"]:
            return self._page(200, "Who are you?", asked)
        code = self.service.give({**asked, "account": chosen})
        return self._redirect(back, {"code": code, "state": asked.get("state", "")})

    def _page(self, status: int, text: str, asked: Query | None = None) -> None:
        names = self.world["accounts"] if asked is not None else ()
        links = [f'<p><a href="?{html.escape(urlencode({**(asked or {}), self.service.suggests: name}))}">{name}</a></p>' for name in names]
        self._send(status, "text/html", f"<!doctype html><title>{self.name}</title><h1>{text}</h1>{''.join(links)}")

    def _redirect(self, back: str, answer: Query) -> None:
        self._send(302, "text/plain", "", Location=f"{back}?{urlencode(answer)}")

    # -- for the hub

    def _token(self, form: Query) -> None:
        client = self.world["clients"].get(form.get("client_id", ""), {})
        asked = self.service.given.pop(form.get("code", ""), None)
        if not hmac.compare_digest(client.get("secret", "").encode(), form.get("client_secret", "").encode()):
            return self._refuse("incorrect_client_credentials", "invalid_client", 401)
        if asked is None or asked["client_id"] != form["client_id"] or not _verifies(asked, form.get("code_verifier", "")):
            return self._refuse("bad_verification_code", "invalid_grant", 400)
        if form.get("redirect_uri") != client["redirect_uri"]:
            return self._refuse("redirect_uri_mismatch", "redirect_uri_mismatch", 400)
        if self.name == "google" and form.get("grant_type") != "authorization_code":
            return self._refuse("", "unsupported_grant_type", 400)
        token = self.service.give(asked)
        scope = asked.get("scope", "")
        if self.name == "github":
            return self._say(200, {"access_token": token, "scope": scope.replace(" ", ","), "token_type": "bearer"})
        return self._say(200, {"access_token": token, "scope": scope, "token_type": "Bearer", "expires_in": 3599})

    def _refuse(self, github: str, google: str, status: int) -> None:
        # GitHub says 200 to what it refuses.
        if self.name == "github":
            self._say(200, {"error": github, "error_description": f"GitHub says {github}."})
        else:
            self._say(status, {"error": google, "error_description": f"Google says {google}."})

    @property
    def _asker(self) -> tuple[str, list[str]]:
        """Whose token it is that came with the request, and what it is good for; nobody's, for nothing, if it is not in force."""
        _kind, _space, token = self.headers.get("Authorization", "").partition(" ")
        asked = self.service.given.get(token, {})
        account = asked.get("account", "")
        return (account if account in self.world["accounts"] else ""), asked.get("scope", "").split()

    def _user(self) -> None:
        account, _scopes = self._asker
        if account:
            self._say(200, self.world["accounts"][account])
        else:
            self._say(401, {"message": "Bad credentials"})

    def _member(self, path: list[str]) -> None:
        """``{org}/members/{username}`` or ``{org}/teams/{team}/members/{username}``."""
        account, scopes = self._asker
        members = self.world["organizations"].get(path[0], {})
        insider = account in members and "read:org" in scopes
        if not insider and "teams" not in path:
            # Outsiders are sent on to the public members, of whom there are none here.
            return self._send(302, "text/plain", "", Location=f"/api/v3/orgs/{path[0]}/public_members/{path[-1]}")
        teams = members.get(path[-1])
        found = insider and teams is not None and ("teams" not in path or path[2] in teams)
        return self._say(204 if found else 404, {})

    def _say(self, status: int, content: dict[str, Any]) -> None:
        if "token" in self.path and self.name == "github" and "json" not in self.headers.get("Accept", ""):
            return self._send(status, "application/x-www-form-urlencoded", urlencode(content))
        return self._send(status, "application/json", "" if status == 204 else json.dumps(content))

    def _send(self, status: int, kind: str, text: str, **headers: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _verifies(asked: Query, verifier: str) -> bool:
    """By RFC 7636; whoever sent no challenge needs no verifier."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return "code_challenge" not in asked or (asked.get("code_challenge_method") == "S256" and asked["code_challenge"] == digest)


def main(folder: Path) -> None:
    Answer.folder = folder
    server = http.server.ThreadingHTTPServer(("", 443), Answer)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    # The handshake belongs to the connection's own thread.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
