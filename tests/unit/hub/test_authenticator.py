# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets in, as whom and as what, through all kinds of authenticators; on the hub's real tables."""

from __future__ import annotations

import asyncio
import datetime
import functools
import hashlib
import json
import os
import types

import pamela
import pytest
from hubsmith_access import authenticator, keeper
from jupyterhub import roles
from jupyterhub.auth import Authenticator, DummyAuthenticator, PAMAuthenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from ldapauthenticator import LDAPAuthenticator
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.github import GitHubOAuthenticator
from tornado.web import HTTPError
from traitlets import Bool, Set

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


@pytest.fixture(autouse=True)
def fixture_accounts(monkeypatch):
    """PAM lets everybody in, and all names are accounts of this machine but one, which is a system account."""
    monkeypatch.setattr(pamela, "authenticate", lambda *_, **__: None)
    monkeypatch.setattr(pamela, "check_account", lambda *_, **__: None)
    monkeypatch.setattr(authenticator, "_uid", {"daemonic": 123}.get)
    monkeypatch.setattr(PAMAuthenticator, "system_user_exists", lambda *_: True)


@pytest.mark.parametrize(("cls", "config"), KINDS, ids=lambda kind: getattr(kind, "__name__", ""))
@running
async def test_the_file_says_who_gets_in_and_as_what(site, cls, config):
    async with site(cls, ADA, BOB, BLOCKED, EXPIRED, **config) as one:
        word = {
            name: {"password": "secret" * (6 if name.lower().startswith("ada.") else 2)}
            for name in ("ada.lovelace@x.org", "Ada.Lovelace@x.org", "bob", "BOB")
        }
        models = {name: await one.log_in(name, **word.get(name, {})) for name in [*word, "ada", "mallory", "eve", "zoe", "root"]}
        assert {name: (model["name"], model["admin"]) for name, model in models.items() if model} == {
            "ada.lovelace@x.org": ("ada", True),
            "Ada.Lovelace@x.org": ("ada", True),
            "bob": ("bob", False),
            "BOB": ("bob", False),
        }
        assert all(model["name"].__class__ is str for model in models.values() if model)


@pytest.mark.parametrize(
    ("cls", "config", "guest", "stranger"),
    [
        (DummyAuthenticator, {"Authenticator": {"allow_all": True}}, "zoe", None),
        (GitHub, {"GitHubOAuthenticator": {"allowed_organizations": {"us"}}}, "member1", "zoe"),
    ],
)
@running
async def test_other_rules_let_in_whom_the_file_does_not_know(site, cls, config, guest, stranger):
    async with site(cls, ADA, BOB, BLOCKED, EXPIRED, **config) as one:
        assert await one.lets_in(guest) == [guest]
        assert await one.lets_in("bob", "ada", "mallory", "eve", "root", "systemd-x", "daemonic", "a.b", "a@b") == ["bob", *[None] * 8]
        if stranger:
            assert await one.lets_in(stranger) == [None]
        assert (await one.log_in(guest))["admin"] is False


@running
async def test_another_rule_is_no_way_around_the_file(site):
    one = site(Modern, BOB, BLOCKED, EXPIRED, Authenticator={"allow_all": True})
    users = {name: one.add(name) for name in ("bob", "guest", "mallory", "eve", "root")}
    async with one:
        assert [name for name, user in users.items() if user.roles] == ["bob", "guest"]
        for name in ("mallory", "eve", "root"):
            with pytest.raises(HTTPError, match=f"{name} has no access"):
                await one.authenticator.pre_spawn_start(user(name), Spawning())


class Deciding(Modern):
    def check_allowed(self, username, authentication=None):
        return True


class Appointing(Modern):
    def is_admin(self, handler, authentication):
        return True


@pytest.mark.parametrize(
    ("cls", "config", "admits", "appoints"),
    [
        (Modern, {}, False, False),
        (PAMAuthenticator, {}, False, False),
        (PAMAuthenticator, {"PAMAuthenticator": {"allowed_groups": {"staff"}}}, True, False),
        (PAMAuthenticator, {"PAMAuthenticator": {"admin_groups": {"wheel"}}}, False, True),
        (DummyAuthenticator, {"Authenticator": {"allow_all": True}}, True, False),
        (GitHub, {"GitHubOAuthenticator": {"allowed_organizations": {"us"}}}, True, False),
        (SharedPasswordAuthenticator, {"SharedPasswordAuthenticator": {"admin_password": "secret" * 6}}, False, False),
        (Deciding, {}, True, False),
        (Appointing, {}, False, True),
    ],
)
@running
async def test_what_the_class_decides_by_itself_is_known(site, cls, config, admits, appoints):
    async with site(cls, BOB, **config) as one:
        assert one.authenticator.admits_by_itself is admits
        assert one.authenticator.names_admins_by_itself is appoints


@running
async def test_an_account_with_a_low_number_may_be_a_person_if_the_file_says_so(site):
    async with site(Plain, {"name": "daemonic"}) as one:
        assert await one.lets_in("daemonic") == ["daemonic"]


@running
async def test_restrictions_of_the_class_hold_for_everybody(site):
    class Restricted(Modern):
        async def check_allowed(self, username, authentication=None):
            if username == "bob":
                raise HTTPError(403, "not today")
            return Authenticator.check_allowed(self, username, authentication)

    async with site(Restricted, ADA, BOB) as one:
        with pytest.raises(HTTPError):
            await one.log_in("bob")
        assert await one.lets_in("ada.lovelace@x.org", "zoe") == ["ada", None]


@pytest.mark.parametrize("trait", ["allow_all", "allow_existing_users"])
@running
async def test_a_class_that_would_let_everybody_in_does_not(site, trait):
    cls = type("Open", (Modern,), {trait: Bool(True, config=True)})
    async with site(cls, BOB) as one:
        assert await one.lets_in("bob", "zoe") == ["bob", None]


def test_a_class_with_names_of_its_own_is_refused(site):
    cls = type("Named", (Modern,), {"allowed_users": Set({"zoe"}, config=True)})
    with pytest.raises(ValueError, match="LiveNamed sets allowed_users by itself"):
        site(cls, BOB)


@running
async def test_unmapped_identities_may_mean_themselves(site):
    async with site(OAuth, ADA, LiveAccess={"unmapped_is_local": True}) as one:
        assert await one.lets_in("ada", "ada.lovelace@x.org") == ["ada", "ada"]


@running
async def test_a_class_that_loses_track_of_what_was_looked_up_cannot_be_used_to_become_somebody(site):
    class Forgetful(OAuth):
        async def update_auth_model(self, auth_model):
            return {**auth_model, "name": auth_model["name"].lower()}

    async with site(Forgetful, ADA, BOB) as one:
        assert await one.lets_in("ada", "ada.lovelace@x.org", "bob") == [None, None, "bob"]


@running
async def test_a_hook_runs_for_nobody_who_is_refused_and_cannot_change_who_somebody_is(site):
    came = []

    def hook(_authenticator, _handler, model):
        came.append(str(model["name"]))
        return {**model, "name": "root" if model["name"] == "bob" else "ada" if model["name"] == "carol" else model["name"]}

    config = {"Authenticator": {"post_auth_hook": hook, "allow_all": True}}
    async with site(Modern, ADA, BOB, BLOCKED, EXPIRED, {"name": "carol"}, **config) as one:
        assert (
            await one.lets_in("mallory", "eve", "ada", "daemonic", "ada.lovelace@x.org", "bob", "carol")
            == [None] * 4 + ["ada"] + [None] * 2
        )
        assert came == ["ada", "bob", "carol"]


@running
async def test_pam_is_asked_for_no_name_that_it_does_not_have(site):
    async with site(PAMAuthenticator, BOB, PAMAuthenticator={"pam_normalize_username": True}) as one:
        assert await one.lets_in("no-such-account") == [None]


@running
async def test_a_class_may_have_administrators_of_its_own(site):
    class Mighty(Modern):
        async def authenticate(self, handler, data):
            return {"name": data["username"], "admin": data.get("mighty")}

    async with site(Mighty, ADA, BOB) as one:
        assert (await one.log_in("bob", mighty=True))["admin"] is True
        assert (await one.log_in("bob", mighty=False))["admin"] is False
        assert (await one.log_in("ada.lovelace@x.org", mighty=False))["admin"] is True


MANAGED = {"Authenticator": {"manage_groups": True}, "GenericOAuthenticator": {"auth_state_groups_key": "oauth_user.groups"}}


@running
async def test_groups_of_the_file_are_added_to_those_of_the_provider(site):
    async with site(OAuth, {**BOB, "groups": ["ours", "both"]}, **MANAGED) as one:
        one.add("bob")
        assert (await one.log_in("bob", groups=["theirs", "both"]))["groups"] == ["both", "ours", "theirs"]
        assert one.given("bob").groups == {"ours"}


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


class Request:
    """As much of a request as the hub leaves when it was made with a cookie."""


def user(name):
    async def get_auth_state():
        return None

    return types.SimpleNamespace(name=name, get_auth_state=get_auth_state)


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


class Spawning:
    api_token = ""
    mem_limit = None


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
        before = json.loads(one.state_file.read_text())["sha256"]
        access_file()
        await asyncio.sleep(0.6)
        told = json.loads(one.state_file.read_text())
        assert len(calls) >= 3
        assert caplog.text.count("cannot be applied") == 1
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


@running
async def test_login_pages_and_their_addresses_are_those_of_the_class(site):
    async with site(OAuth, BOB) as one:
        behind = OAuth()
        assert one.authenticator.login_url("/hub/") == behind.login_url("/hub/")
        assert [place for place, _handler in one.handlers] == [place for place, _handler in behind.get_handlers(one.app)]
        assert one.authenticator.login_service == behind.login_service
