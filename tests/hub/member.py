# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody with an account of the provider, and a browser; and a hub that asks that provider."""

from __future__ import annotations

import requests
from running import Hub

OPENID = """
c.JupyterHub.authenticator_class = "hubsmith_login.openid.OpenIDAuthenticator"
c.OpenIDAuthenticator.issuer = "{provider}"
c.OpenIDAuthenticator.client_id = "hub"
c.OpenIDAuthenticator.client_secret = "secret"
c.OpenIDAuthenticator.login_service = "our university"
c.OpenIDAuthenticator.allowed_groups = {{"guests"}}
c.OpenIDAuthenticator.admin_groups = {{"chiefs"}}
c.OpenIDAuthenticator.auth_state_groups_key = "oauth_user.groups"
c.Authenticator.manage_groups = True
c.Authenticator.enable_auth_state = True
"""
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
