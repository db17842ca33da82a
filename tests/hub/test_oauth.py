# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People who log in by a provider: their names are looked up twice, and their groups come from two sides."""

from __future__ import annotations

import pytest
from member import CRYPT, Member
from running import until

CONFIG = """
c.JupyterHub.authenticator_class = "generic-oauth"
c.GenericOAuthenticator.client_id = "hub"
c.GenericOAuthenticator.client_secret = "secret"
c.GenericOAuthenticator.authorize_url = "{provider}/authorize"
c.GenericOAuthenticator.token_url = "{provider}/token"
c.GenericOAuthenticator.userdata_url = "{provider}/user"
c.GenericOAuthenticator.auth_state_groups_key = "oauth_user.groups"
c.GenericOAuthenticator.allowed_groups = {{"guests"}}
c.Authenticator.manage_groups = True
c.Authenticator.enable_auth_state = True
c.Authenticator.auth_refresh_age = 1
"""


@pytest.fixture(name="oauth", scope="module")
def fixture_oauth(make_hub, provider):
    return make_hub(extra=CONFIG.format(provider=provider.url), variables=CRYPT)


def test_a_name_is_looked_up_once(oauth):
    oauth.give({"name": "ada", "identities": ["x-ada"]}, {"name": "bob", "identities": ["x-bob"]}, {"name": "carol"})
    for outside, local in (("x-ada", "ada"), ("X-Bob", "bob"), ("carol", "carol")):
        assert Member(oauth, outside, local).gets_in()
        assert oauth.model(local)["name"] == local
    # Accounts of the provider that happen to be called as somebody here.
    assert not Member(oauth, "ada", "ada").gets_in()
    assert not Member(oauth, "bob", "bob").gets_in()
    assert not Member(oauth, "root", "root").gets_in()


def test_groups_come_from_both_sides_and_go_with_the_file(oauth, provider):
    provider.groups["x-ada"] = ["theirs", "both"]
    oauth.give({"name": "ada", "identities": ["x-ada"], "groups": ["ours", "both"]})
    assert Member(oauth, "x-ada", "ada").gets_in()
    until(lambda: sorted(oauth.model("ada")["groups"]) == ["both", "ours", "theirs"])
    oauth.give({"name": "ada", "identities": ["x-ada"]})
    assert sorted(oauth.model("ada")["groups"]) == ["both", "theirs"]


def test_a_refresh_brings_both_sides_up_to_date(oauth, provider):
    provider.groups["x-dan"] = ["theirs"]
    oauth.give({"name": "dan", "identities": ["x-dan"], "groups": ["ours"]})
    dan = Member(oauth, "x-dan", "dan")
    assert dan.gets_in()
    provider.groups["x-dan"] = ["new"]

    def groups():
        assert dan.visitor.is_in()
        return sorted(oauth.model("dan")["groups"])

    until(lambda: groups() == ["new", "ours"])
    provider.expire("x-dan")
    # Whom the provider does not know any more has to log in again, and is sent there without a word in the log about a failure.
    until(lambda: not dan.visitor.is_in())
    assert "_token_authenticated" not in oauth.log()


def test_guests_of_the_provider_s_group_and_those_whom_the_file_blocks(oauth, provider):
    provider.groups |= {"guest": ["guests"], "mallory": ["guests"], "x-ada": ["guests"], "stranger": []}
    oauth.give({"name": "mallory", "state": "blocked"}, {"name": "ada", "identities": ["x-ada"]})
    guest = Member(oauth, "guest", "guest")
    assert guest.gets_in()
    assert not Member(oauth, "mallory", "mallory").gets_in()
    assert not Member(oauth, "stranger", "stranger").gets_in()
    ada = Member(oauth, "x-ada", "ada")
    assert ada.gets_in()
    # Who leaves the file has to log in again, and is then whoever the provider says.
    oauth.give({"name": "mallory", "state": "blocked"})
    assert not ada.visitor.is_in()
    assert oauth.model("ada")["roles"] == []
    assert guest.visitor.is_in()
    oauth.give({"name": "guest", "state": "blocked"})
    assert not guest.visitor.is_in()
    assert not guest.gets_in()
