# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenID provider on this machine, which believes everybody who says who they are, and nothing that a hub says."""

from __future__ import annotations

import base64
import collections
import hashlib
import http.server
import json
import secrets
import threading
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlparse

CLIENT = "hub"
SECRET = "secret"


class Refusal(Exception):
    """An error of the protocol: a status and what the standard calls it."""


class Provider:
    """``groups``, ``organisations`` and ``domains`` are those of its users by their outside names.

    ``failing`` says what a path answers instead: a status, or 0 to hang up. ``document`` replaces entries of its description.
    """

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}
        self.organisations: dict[str, set[str]] = {}
        self.domains: dict[str, str] = {}
        self.failing: dict[str, int] = {}
        self.document: dict[str, Any] = {}
        self.secret = SECRET
        self.renews = False
        # Whose refresh tokens hold no more, and refresh tokens that came twice.
        self.barred: set[str] = set()
        self.stolen: list[str] = []
        # How often for which path, and about whom.
        self.asked: collections.Counter[str] = collections.Counter()
        self._codes: dict[str, tuple[str, dict[str, str]]] = {}
        self._owners: dict[str, str] = {}
        self._expired: set[str] = set()
        self._renewals: dict[str, str] = {}
        self._spent: set[str] = set()
        self._port = 0
        self.start()

    def start(self) -> None:
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self._port), type("Bound", (Answer,), {"provider": self}))
        self._port = self.server.server_port
        self.url = f"http://127.0.0.1:{self._port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Also for a while: it starts again at the same address."""
        self.server.shutdown()
        self.server.server_close()

    def expire(self, user: str) -> None:
        """The access tokens of this user hold no more."""
        self._expired |= {token for token, owner in self._owners.items() if owner == user}

    # -- what it answers

    def describe(self) -> dict[str, Any]:
        places = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "userinfo_endpoint": "/user"}
        said = {
            "issuer": self.url,
            **{name: self.url + place for name, place in places.items()},
            "end_session_endpoint": f"{self.url}/logout",
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.document,
        }
        return {name: value for name, value in said.items() if value is not None}

    def authorize(self, user: str, asked: dict[str, str]) -> str:
        """Where the browser of somebody who has a session here is sent."""
        code = secrets.token_hex(8)
        self._codes[code] = user, asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, form: dict[str, str], login: tuple[str, str]) -> dict[str, Any]:
        if login != (CLIENT, self.secret):
            raise Refusal(401, "invalid_client")
        if form["grant_type"] == "refresh_token":
            return self._issue(self._renew(form["refresh_token"]))
        user, asked = self._codes.pop(form["code"], ("", {}))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if not user or form["redirect_uri"] != asked["redirect_uri"] or asked.get("code_challenge", challenge) != challenge:
            raise Refusal(400, "invalid_grant")
        return self._issue(user)

    def _renew(self, token: str) -> str:
        if token in self._spent:
            self.stolen.append(token)
        user = self._renewals.pop(token, "")
        self._spent.add(token)
        if not user or user in self.barred:
            raise Refusal(400, "invalid_grant")
        return user

    def _issue(self, user: str) -> dict[str, Any]:
        token, renewal = secrets.token_hex(8), secrets.token_hex(8)
        self._owners[token] = user
        issued = {"access_token": token, "token_type": "bearer", "id_token": _unsigned({"iss": self.url, **self._tell(user)})}
        if self.renews:
            self._renewals[renewal] = user
            issued["refresh_token"] = renewal
        return issued

    def userinfo(self, token: str) -> dict[str, Any]:
        if token in self._expired:
            raise Refusal(401, "invalid_token")
        return self._tell(self._owners[token])

    def count(self, path: str, authorization: str) -> None:
        self.asked[path] += 1
        self.asked[self._owners.get(authorization.rpartition(" ")[2], "nobody")] += 1

    def _tell(self, user: str) -> dict[str, Any]:
        names = dict.fromkeys(("sub", "username", "preferred_username", "login"), user)
        mail = {"email": f"{user}@x.org", "verified_email": True, "hd": self.domains.get(user, "")}
        return {**names, **mail, "aud": CLIENT, "groups": self.groups.get(user, [])}

    def is_member(self, organisation: str, user: str) -> bool:
        return organisation in self.organisations.get(user, ())


def _unsigned(claims: dict[str, Any]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims))
    return ".".join([*parts, ""])


class Answer(http.server.BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        place = urlparse(self.path)
        asked = {key: values[0] for key, values in parse_qs(place.query).items()}
        if self._fails(place.path):
            return
        if place.path == "/authorize":
            # The test puts the name where a browser would have a session of this provider.
            self._send(302, b"", Location=self.provider.authorize(self.headers["Provider-User"], asked))
        elif place.path == "/.well-known/openid-configuration":
            self._say(self.provider.describe)
        elif place.path == "/logout":
            self._send(200, json.dumps(asked).encode())
        elif place.path.startswith("/orgs/"):
            _nothing, _orgs, organisation, _members, user = place.path.split("/")
            self._send(204 if self.provider.is_member(organisation, unquote(user)) else 404, b"")
        else:
            self._say(lambda: self.provider.userinfo(self.headers["Authorization"].split()[1]))

    def do_POST(self) -> None:
        form = {key: values[0] for key, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        login = form.get("client_id", ""), form.get("client_secret", "")
        if basic := self.headers.get("Authorization", ""):
            name, _colon, secret = base64.b64decode(basic.split()[1]).decode().partition(":")
            login = name, secret
        if not self._fails(self.path):
            self._say(lambda: self.provider.exchange(form, login))

    def _fails(self, path: str) -> bool:
        self.provider.count(path, self.headers.get("Authorization", ""))
        status = self.provider.failing.get(path, 200)
        if status == 0:
            self.close_connection = True
        elif status != 200:
            self._send(status, b"<html>out of order</html>")
        return status != 200

    def _say(self, tell: Any) -> None:
        try:
            self._send(200, json.dumps(tell()).encode())
        except Refusal as refusal:
            status, error = refusal.args
            self._send(status, json.dumps({"error": error}).encode())

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            if not (status == 204 and name.startswith("Content")):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def changed(address: str, **values: str) -> str:
    """The same address, with other values in its query."""
    parts = urlparse(address)
    return parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **values})).geturl()


def value(address: str, name: str) -> str:
    return dict(parse_qsl(urlparse(address).query))[name]
