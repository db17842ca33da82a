# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The periodic look at those whom a rule has let in: at whom, how many at a time, and when it gives up."""

from __future__ import annotations

import asyncio
import datetime
import time
import types

import pytest
from jupyterhub import orm
from jupyterhub.utils import utcnow
from kinds import BLOCKED, BOB, Modern, running

pytestmark = pytest.mark.usefixtures("accounts")
ALWAYS = {"Authenticator": {"allow_all": True, "enable_auth_state": True}, "LiveAccess": {"recheck_seconds": 100}}


class Counting(Modern):
    """Takes a moment to answer."""

    now = most = 0
    down = False
    asked = ()

    async def refresh_user(self, user, handler=None):
        self.asked = (*self.asked, user.name)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        self.silences += self.down
        return True


def present(one, name, **values):
    """Somebody whom the provider knows, and who was here just now."""
    values = {"encrypted_auth_state": b"x", "last_activity": utcnow(with_tz=False), **values}
    user = one.add(name, **values)
    one.known[name] = types.SimpleNamespace(name=name, _auth_refreshed=None)
    return user


@pytest.fixture(name="make")
def fixture_make(site, monkeypatch):
    # The hub wants a key for it, which is not what this is about.
    monkeypatch.setattr("jupyterhub.crypto.CryptKeeper.check_available", lambda _self: None)

    def make(*entries, **settings):
        one = site(Counting, *entries, **{**ALWAYS, **settings})
        one.known = {}
        return one

    return make


async def asked(one, expected=0):
    """About whom, in a round in which there may be more than expected."""
    async with one:
        one.app.users, one.authenticator.asked = one.known, ()
        for _turn in range(500):
            if len(one.authenticator.asked) >= expected:
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        return sorted(one.authenticator.asked)


@running
async def test_those_are_asked_about_who_are_here_by_a_rule(make):
    one = make(BOB, BLOCKED)
    old = utcnow(with_tz=False) - datetime.timedelta(days=2)
    for name in ("guest", "bob", "mallory", "root"):
        present(one, name)
    present(one, "idle", last_activity=old)
    present(one, "plain", encrypted_auth_state=None)
    busy = present(one, "busy", last_activity=old)
    busy._orm_spawners.append(orm.Spawner(name="", user=busy, server=orm.Server()))
    one.session.commit()
    assert await asked(one, 2) == ["busy", "guest"]


@pytest.mark.parametrize(
    "settings",
    [{"LiveAccess": {"recheck_seconds": 0}}, {"Authenticator": {"allow_all": True}}, {"Authenticator": {"enable_auth_state": True}}],
    ids=str,
)
@running
async def test_nobody_is_asked_about_where_there_is_nothing_to_learn(make, settings):
    one = make(BOB, **settings)
    present(one, "guest")
    present(one, "bob")
    assert await asked(one) == []


@running
async def test_many_are_asked_about_few_at_a_time_while_the_hub_serves(make):
    one = make(BOB)
    for number in range(200):
        present(one, f"guest{number}")
    async with one:
        one.app.users = one.known
        longest = 0.0
        while len(one.authenticator.asked) < 200:
            # Of this process, as other ones may be in its way.
            before = time.process_time()
            await asyncio.sleep(0)
            longest = max(longest, time.process_time() - before)
        assert one.authenticator.most == 4
        assert longest < 0.5
        assert len(set(one.authenticator.asked)) == 200


@running
async def test_a_round_is_given_up_while_the_provider_is_down_and_the_next_begins_with_others(make):
    one = make(BOB)
    one.authenticator.down = True
    for number in range(100):
        present(one, f"guest{number}")
    first, later = await asked(one, 5), await asked(one, 5)
    assert 5 <= len(first) <= 8
    assert set(later) - set(first)
