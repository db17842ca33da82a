# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a change of the access file gets into the hub, and what it does there."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import json
import os
import types

import pytest
from hubsmith_access import keeper
from jupyterhub import roles
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from kinds import ADA, BLOCKED, BOB, Modern, Spawning, running, user
from tornado.web import HTTPError

pytestmark = pytest.mark.usefixtures("accounts")


@running
async def test_the_file_is_read_at_each_login(site, access_file):
    async with site(Modern, BOB, LiveAccess={"poll_seconds": 1000}) as one:
        assert await one.lets_in("bob", "zoe") == ["bob", None]
        access_file({"name": "zoe"})
        assert await one.lets_in("bob", "zoe") == [None, "zoe"]


@running
async def test_a_promotion_is_in_force_at_the_next_login(site, access_file):
    async with site(Modern, BOB, LiveAccess={"poll_seconds": 1000}) as one:
        assert (await one.log_in("bob"))["admin"] is False
        access_file({**BOB, "admin": True})
        assert (await one.log_in("bob"))["admin"] is True
        access_file(BOB)
        assert (await one.log_in("bob"))["admin"] is False


@running
async def test_only_another_content_is_applied_anew(site, access_file):
    async with site(Modern, BOB) as one:
        in_force = one.authenticator._keeper.policy
        os.utime(access_file(BOB))
        await one.authenticator._keeper.take()
        assert one.authenticator._keeper.policy is in_force
        access_file(ADA)
        started = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        await one.authenticator._keeper.take()
        told = json.loads(one.state_file.read_text())
        assert told["sha256"] == hashlib.sha256(access_file(ADA).read_bytes()).hexdigest()
        assert datetime.datetime.fromisoformat(told["applied"]) >= started


def test_a_hub_does_not_start_without_its_file(site, tmp_path, caplog):
    with pytest.raises(SystemExit):
        site(Modern, BOB, LiveAccess={"path": str(tmp_path / "nothing.json")})
    assert f"{tmp_path}/nothing.json does not exist" in caplog.text


def test_a_hub_does_not_start_with_a_list_of_users_that_is_broken(site, tmp_path, caplog):
    (tmp_path / "users.json").write_text("{")
    (tmp_path / "users.json").chmod(0o600)
    with pytest.raises(SystemExit):
        site(Modern, BOB, LiveAccess={"accept_hub_users": True})
    assert "users.json is not as the hub has written it" in caplog.text


def test_the_class_s_own_warnings_are_about_people_of_the_file(site, caplog):
    one = site(
        SharedPasswordAuthenticator, ADA, SharedPasswordAuthenticator={"admin_password": "secret" * 6, "user_password": "secret" * 2}
    )
    one.authenticator.check_allow_config()
    assert "No allow config" not in caplog.text
    assert "admin_users" not in caplog.text
    # Else the hub would make users of them all.
    assert (one.authenticator.allowed_users, one.authenticator.admin_users) == (set(), set())


@running
async def test_servers_start_for_those_who_may_be_here(site):
    async with site(Modern, BOB, BLOCKED) as one:
        await one.authenticator.pre_spawn_start(user("bob"), Spawning())
        for name in ("mallory", "zoe"):
            with pytest.raises(HTTPError, match=f"{name} has no access"):
                await one.authenticator.pre_spawn_start(user(name), Spawning())


@pytest.mark.parametrize("failure", ["never", "once"])
@running
async def test_a_file_that_cannot_be_applied_is_tried_again(site, access_file, monkeypatch, caplog, failure):
    async with site(Modern, BOB, LiveAccess={"poll_seconds": 0.05}) as one:
        one.add("bob")
        calls = []
        carry_out = one.authenticator._keeper.database.carry_out

        def failing(*arguments):
            calls.append(arguments)
            if failure == "never" or len(calls) < 3:
                raise RuntimeError("the disk is full")
            carry_out(*arguments)

        monkeypatch.setattr(one.authenticator._keeper.database, "carry_out", failing)
        one.authenticator.log.addHandler(caplog.handler)  # a hub that ran before may have cut its logger off from the root's
        before = json.loads(one.state_file.read_text())["sha256"]
        access_file()
        async with asyncio.timeout(10):
            while len(calls) < 3 or (failure == "once" and json.loads(one.state_file.read_text())["error"]):
                await asyncio.sleep(0.02)
        told = json.loads(one.state_file.read_text())
        assert len({record.created for record in caplog.records if "cannot be applied" in record.msg}) == 1
        if failure == "never":
            assert told["sha256"] == before
            assert "the disk is full" in told["error"]
        else:
            assert told["sha256"] != before
            assert told["error"] == ""


@running
async def test_a_login_under_way_while_the_access_is_taken_away_leaves_nothing_behind(site, access_file):
    async with site(Modern, BOB, LiveAccess={"poll_seconds": 0.05}) as one:
        bob = one.add("bob")
        assert await one.lets_in("bob") == ["bob"]
        access_file()
        await one.authenticator._keeper.take()
        # What the hub reads from the database now is what it puts into the cookie.
        cookie = bob.cookie_id
        await asyncio.sleep(0.2)
        one.handler._finished = True
        await asyncio.sleep(0.2)
        assert bob.cookie_id != cookie


@running
async def test_the_hub_serves_while_many_are_turned_out(site, access_file, monkeypatch):
    monkeypatch.setattr(keeper, "_BATCH", 7)
    monkeypatch.setattr(keeper, "_STEPS", 2)
    people = [{"name": f"user{number}"} for number in range(20)]
    async with site(Modern, *people, LiveAccess={"poll_seconds": 1000}) as one:
        users = [one.add(entry["name"]) for entry in people]
        await one.authenticator._keeper.take()
        access_file(people[3])
        keep = one.authenticator._keeper
        at_once, carry_out = [], keep.database.carry_out

        def carry_out_and_count(steps, spare_servers):
            at_once.append(len(steps))
            carry_out(steps, spare_servers)

        monkeypatch.setattr(keep.database, "carry_out", carry_out_and_count)
        await keep.take()
        assert [user.name for user in users if user.roles] == ["user3"]
        assert sum(at_once) == 19
        assert max(at_once) == 2


@running
async def test_whoever_returns_has_what_the_configuration_gives(site, session, access_file):
    roles.create_role(session, {"name": "teacher", "scopes": ["list:users"]})
    one = site(Modern, BOB)
    one.load_roles = [{"name": "teacher", "users": ["Bob"]}, {"name": "admin", "users": ["bob"]}, {"name": "server"}]
    one.load_groups = {"staff": {"users": ["bob"]}, "old": ["bob"], "empty": {}}
    bob = one.add("bob")
    async with one:
        for entries in ([], [BOB]):
            access_file(*entries)
            await one.authenticator._keeper.take()
        assert {role.name for role in bob.roles} == {"user", "teacher"}
        assert {group.name for group in bob.groups} == {"staff", "old"}


@running
async def test_tokens_of_servers_that_run_are_known(site):
    async with site(Modern, BOB) as one:
        spawners = {"": types.SimpleNamespace(active=True, api_token="one"), "old": types.SimpleNamespace(active=False, api_token="two")}
        one.app.users[1] = types.SimpleNamespace(name="bob", spawners=spawners)
        assert one.authenticator._keeper._live_tokens(1) == {"one"}
        assert one.authenticator._keeper._live_tokens(2) == set()


@running
async def test_days_pass(site, monkeypatch):
    async with site(Modern, {**BOB, "expires": "2030-01-31"}, LiveAccess={"poll_seconds": 1000}) as one:
        bob = one.add("bob")
        assert await one.lets_in("bob") == ["bob"]
        monkeypatch.setattr(keeper, "today", lambda: keeper.datetime.date(2030, 2, 1))
        assert await one.lets_in("bob") == [None]
        assert bob.roles == []
        # The clock was wrong.
        monkeypatch.setattr(keeper, "today", lambda: keeper.datetime.date(2030, 1, 31))
        assert await one.lets_in("bob") == ["bob"]
        assert [role.name for role in bob.roles] == ["user"]
