# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users who come by the hub's own admin page or its REST API."""

from __future__ import annotations

import asyncio
import json

import pytest
from kinds import BLOCKED, BOB, Modern, running

pytestmark = pytest.mark.usefixtures("accounts")


@running
async def test_who_is_in_the_file_is_added_and_nobody_else(site):
    async with site(Modern, BOB, BLOCKED) as one:
        await one.authenticator.add_user(one.add("bob"))
        for name, why in (("zoe", "does not know"), ("mallory", "blocks"), ("root", "system account")):
            with pytest.raises(ValueError, match=rf"{name} cannot be added here: .*{why}"):
                await one.authenticator.add_user(one.add(name))
        assert await one.lets_in("zoe") == [None]


@running
async def test_another_rule_does_not_let_in_whom_an_administrator_adds(site):
    async with site(Modern, BOB, Authenticator={"allow_all": True}) as one:
        with pytest.raises(ValueError, match="zoe cannot be added here: the access file does not know this person"):
            await one.authenticator.add_user(one.add("zoe"))
        # But whom the rule has let in is about to become a user.
        assert await one.lets_in("yan") == ["yan"]
        await one.authenticator.add_user(one.add("yan"))


@running
async def test_users_of_the_hub_are_accepted_where_the_site_says_so(site, access_file):
    async with site(Modern, BOB, BLOCKED, LiveAccess={"accept_hub_users": True}) as one:
        zoe = one.add("zoe", admin=True)
        # Even if the hub finds her before she is accepted.
        await one.authenticator._keeper.take()
        await one.authenticator.add_user(zoe)
        await one.authenticator._keeper.take()
        assert [role.name for role in zoe.roles] == ["user"]
        await one.authenticator.add_user(one.add("bob"))
        assert (await one.log_in("zoe"))["admin"] is None
        assert json.loads(one.state_file.read_text())["hub_users"] == ["zoe"]
        for name in ("mallory", "root"):
            with pytest.raises(ValueError, match="cannot be added"):
                await one.authenticator.add_user(one.add(name))
        access_file(BOB, {"name": "zoe", "state": "blocked"})
        assert await one.lets_in("zoe") == [None]
        access_file(BOB)
        assert await one.lets_in("zoe") == ["zoe"]
        # Once the file has let somebody in, it is the file that decides.
        access_file(BOB, {"name": "zoe"})
        assert await one.lets_in("zoe") == ["zoe"]
        access_file(BOB)
        assert await one.lets_in("zoe") == [None]
        assert json.loads(one.state_file.read_text())["hub_users"] == []


@running
async def test_the_file_may_have_taken_over_a_user_of_the_hub_while_the_hub_was_down(site, access_file, tmp_path):
    (tmp_path / "users.json").write_text('{"format": 1, "names": ["zoe", "yan"]}')
    (tmp_path / "users.json").chmod(0o600)
    async with site(Modern, {"name": "zoe"}, LiveAccess={"accept_hub_users": True}) as one:
        assert await one.lets_in("zoe", "yan") == ["zoe", "yan"]
        access_file()
        assert await one.lets_in("zoe", "yan") == [None, "yan"]
    assert json.loads((tmp_path / "users.json").read_text())["names"] == ["yan"]


@running
async def test_a_user_of_the_hub_who_is_deleted_is_forgotten(site):
    async with site(Modern, BOB, LiveAccess={"accept_hub_users": True}) as one:
        zoe, bob = one.add("zoe"), one.add("bob")
        await one.authenticator.add_user(zoe)
        await one.authenticator._keeper.take()
        assert one.given("bob") is not None
        await one.authenticator.delete_user(zoe)
        await one.authenticator.delete_user(bob)
        assert one.given("bob") is None
        assert await one.lets_in("zoe", "bob") == [None, "bob"]


@running
async def test_whoever_comes_by_another_rule_does_not_become_a_user_of_the_hub(site):
    async with site(Modern, Authenticator={"allow_all": True}, LiveAccess={"accept_hub_users": True}) as one:
        assert await one.lets_in("zoe") == ["zoe"]
        await one.authenticator.add_user(one.add("zoe"))
        assert one.authenticator._keeper.hub_users.names == set()


def test_nothing_is_made_at_start_for_those_who_have_left(site):
    made = []

    class Making(Modern):
        def add_user(self, user):
            made.append(user.name)

    one = site(Making, BOB, BLOCKED)
    for name in ("bob", "mallory", "gone"):
        asyncio.run(one.authenticator.add_user(one.add(name)))
    assert made == ["bob"]
