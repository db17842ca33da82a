# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody with an account of the provider, and a browser."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from running import Hub

CRYPT = {"JUPYTERHUB_CRYPT_KEY": "00" * 32}


class Member:
    def __init__(self, hub: Hub, outside: str, local: str) -> None:
        self.visitor = hub.person(outside, local)
        self.visitor.session.headers["Provider-User"] = outside

    def log_in(self) -> requests.Response:
        """As the login button does; the last answer after all redirects."""
        session, url = self.visitor.session, self.visitor.url
        session.cookies.clear()
        return session.get(f"{url}hub/oauth_login?next=/hub/home", timeout=30)

    def gets_in(self) -> bool:
        answer = self.log_in()
        return answer.status_code == 200 and answer.url.endswith("/hub/home")

    def callback(self) -> str:
        """The address to which the provider sends the browser back, which goes no further yet."""
        session, url = self.visitor.session, self.visitor.url
        session.cookies.clear()
        to_provider = session.get(f"{url}hub/oauth_login", allow_redirects=False, timeout=30).headers["Location"]
        return session.get(to_provider, allow_redirects=False, timeout=30).headers["Location"]

    def visit(self, address: str) -> requests.Response:
        return self.visitor.session.get(address, timeout=30)


def changed(address: str, **values: str) -> str:
    """The same address, with other values in its query."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **values})))


def value(address: str, name: str) -> str:
    return dict(parse_qsl(urlsplit(address).query))[name]
