# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of authenticators, and people, for the tests of live access."""

from __future__ import annotations

import asyncio
import functools
import types

from jupyterhub.auth import Authenticator, DummyAuthenticator, PAMAuthenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from ldapauthenticator import LDAPAuthenticator
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.github import GitHubOAuthenticator

ADA = {"name": "ada", "identities": ["ada.lovelace@x.org"], "admin": True}
BOB = {"name": "bob"}
BLOCKED = {"name": "mallory", "state": "blocked"}
EXPIRED = {"name": "eve", "expires": "2020-01-31"}


def running(test):
    """Runs a test that is a coroutine."""

    @functools.wraps(test)
    def run(*arguments, **named):
        asyncio.run(test(*arguments, **named))

    return run


class Plain(Authenticator):
    """A site's own, of the old kind: not a coroutine."""

    def authenticate(self, handler, data):
        return data["username"]


class Modern(Authenticator):
    async def authenticate(self, handler, data):
        await asyncio.sleep(0)
        return {"name": data["username"], "auth_state": {"secret": 1}}


class OAuth(GenericOAuthenticator):
    """What the provider would say is made up; all the rest, which looks names up twice, is real."""

    async def get_token_info(self, handler, params):
        return {"access_token": "t", "token_type": "bearer", "scope": "openid"}

    def build_access_tokens_request_params(self, handler, data=None):
        self.said = data
        return {}

    async def token_to_user(self, token_info):
        return {"username": self.said["username"], "groups": self.said.get("groups", []), "email": "", "login": self.said["username"]}


class GitHub(OAuth, GitHubOAuthenticator):
    async def _check_membership_allowed_organizations(self, org, username, *_):
        return username.startswith("member")


class LDAP(LDAPAuthenticator):
    async def authenticate(self, handler, data):
        return {"name": data["username"], "auth_state": {"ldap_groups": data.get("groups", [])}}


LDAP_SETTINGS = {"LDAPAuthenticator": {"server_address": "ldap.x.org", "bind_dn_template": ["uid={username},dc=x"]}}
KINDS = [
    (DummyAuthenticator, {}),
    (Plain, {}),
    (Modern, {}),
    (OAuth, {}),
    (GitHub, {}),
    (LDAP, LDAP_SETTINGS),
    (PAMAuthenticator, {}),
    (SharedPasswordAuthenticator, {"SharedPasswordAuthenticator": {"user_password": "secret" * 2, "admin_password": "secret" * 6}}),
]


def user(name):
    async def get_auth_state():
        return None

    return types.SimpleNamespace(name=name, get_auth_state=get_auth_state)


class Spawning:
    api_token = ""
    mem_limit = None
