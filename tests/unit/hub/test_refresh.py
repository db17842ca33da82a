# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked again while somebody is logged in, and what becomes of the answer."""

from __future__ import annotations

import pytest
from hubsmith_access.outside import Silence
from jupyterhub.auth import Authenticator
from kinds import ADA, BLOCKED, BOB, Modern, running, user
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError

pytestmark = pytest.mark.usefixtures("accounts")


class Request:
    """As much of a request as the hub leaves when it was made with a cookie."""


@running
async def test_a_refresh_does_not_trip_over_the_hub(site):
    async with site(Modern, BOB) as one:
        request = Request()
        assert await one.authenticator.refresh_user(user("zoe"), request) is False
        assert request._token_authenticated is False
        assert await one.authenticator.refresh_user(user("bob"), request) is True
        assert await one.authenticator.refresh_user(user("bob")) is True


class Refreshing(Modern):
    """Whose refresh gives what the test says."""

    found = None

    async def refresh_user(self, user, handler=None):
        return self.outcome(self.found)

    def outcome(self, found):
        if isinstance(found, Exception):
            raise found
        if isinstance(found, dict) and "outside" in found:
            return {"name": self.normalize_username(found["outside"])}
        return found


@pytest.mark.parametrize(
    ("name", "found", "result"),
    [
        ("ada", True, True),
        ("ada", False, False),
        ("ada", None, None),
        ("ada", {"outside": "ada.lovelace@x.org"}, {"name": "ada", "admin": True}),
        ("ada", {"outside": "ada"}, False),
        ("ada", {"name": "ada", "groups": ["x"]}, {"name": "ada", "groups": ["x"], "admin": True}),
        ("ada", {"name": "ada.lovelace@x.org"}, {"name": "ada", "admin": True}),
        ("ada", {"name": "bob"}, False),
        ("ada", {"outside": "bob"}, False),
        ("ada", {"auth_state": 1}, {"name": "ada", "auth_state": 1, "admin": True}),
        ("bob", {"admin": None}, {"name": "bob", "admin": False}),
        ("bob", {"admin": True}, {"name": "bob", "admin": True}),
        ("mallory", True, False),
        ("ada", HTTPError(403, "not you"), False),
        ("ada", HTTPError(500, "no idea"), True),
        ("ada", HTTPClientError(403, "no idea"), True),
        ("ada", OSError("no route to host"), True),
        ("ada", Silence("x"), True),
    ],
)
@running
async def test_a_refresh_leads_to_the_same_person_or_to_the_login(site, name, found, result):
    async with site(Refreshing, ADA, BOB, BLOCKED) as one:
        one.authenticator.found = found
        assert await one.authenticator.refresh_user(user(name)) == result


GUESTS = {"Authenticator": {"manage_groups": True}}


class Club(Refreshing):
    """Lets in the members of a group, as long as it can be asked."""

    def check_allowed(self, username, authentication=None):
        if why := authentication.get("failure"):
            raise why
        return Authenticator.check_allowed(self, username) or "club" in authentication["groups"]

    def check_blocked_users(self, username, authentication=None):
        return "banned" not in authentication["groups"]


@pytest.mark.parametrize(
    ("found", "result", "stays"),
    [
        (True, True, True),
        (False, False, True),
        ({"groups": ["club"]}, {"name": "zoe", "groups": ["club"], "admin": False}, True),
        ({"groups": []}, False, False),
        ({"groups": ["club", "banned"]}, False, False),
        ({"name": "yan", "groups": ["club"]}, False, False),
        ({"groups": ["club"], "failure": HTTPError(403, "not you")}, False, False),
        (HTTPError(403, "not you"), False, False),
        (HTTPError(500, "no idea"), True, True),
        (RuntimeError("a mistake"), True, True),
        (Silence("x"), True, True),
    ],
    ids=repr,
)
@running
async def test_a_refresh_ends_the_access_of_those_whom_no_rule_lets_in(site, found, result, stays):
    async with site(Club, BOB, **GUESTS) as one:
        zoe, bob = one.add("zoe"), one.add("bob")
        one.authenticator.found = found
        assert await one.authenticator.refresh_user(user("zoe")) == result
        assert bool(zoe.roles) is stays
        # The file lets him in, whatever the rules say.
        await one.authenticator.refresh_user(user("bob"))
        assert bob.roles


@pytest.mark.parametrize(
    "failure", [Silence("x"), HTTPError(500, "no idea"), HTTPClientError(403, "no idea"), OSError("no route to host")], ids=repr
)
@running
async def test_those_of_whom_the_rules_cannot_say_anything_stay(site, failure):
    async with site(Club, BOB, **GUESTS) as one:
        zoe = one.add("zoe")
        one.authenticator.found = {"groups": ["new"], "failure": failure}
        assert (await one.authenticator.refresh_user(user("zoe")))["groups"] == ["new"]
        assert zoe.roles


@running
async def test_a_refresh_reads_the_file(site, access_file):
    async with site(Modern, BOB, LiveAccess={"poll_seconds": 1000}) as one:
        access_file(ADA)
        assert await one.authenticator.refresh_user(user("bob")) is False
