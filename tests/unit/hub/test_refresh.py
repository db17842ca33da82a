# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked again while somebody is logged in, and what becomes of the answer."""

from __future__ import annotations

import pytest
from kinds import ADA, BLOCKED, BOB, Modern, running, user

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
        if isinstance(self.found, dict) and "outside" in self.found:
            return {"name": self.normalize_username(self.found["outside"])}
        return self.found


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
    ],
)
@running
async def test_a_refresh_leads_to_the_same_person_or_to_the_login(site, name, found, result):
    async with site(Refreshing, ADA, BOB, BLOCKED) as one:
        one.authenticator.found = found
        assert await one.authenticator.refresh_user(user(name)) == result


@running
async def test_a_refresh_reads_the_file(site, access_file):
    async with site(Modern, BOB, LiveAccess={"poll_seconds": 1000}) as one:
        access_file(ADA)
        assert await one.authenticator.refresh_user(user("bob")) is False
