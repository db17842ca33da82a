# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets in, as whom and as what, through all kinds of authenticators; on the hub's real tables."""

from __future__ import annotations

import pytest
from jupyterhub.auth import Authenticator, DummyAuthenticator, PAMAuthenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from kinds import ADA, BLOCKED, BOB, EXPIRED, KINDS, GitHub, Modern, OAuth, Plain, Spawning, running, user
from tornado.web import HTTPError
from traitlets import Bool, Set

pytestmark = pytest.mark.usefixtures("accounts")


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
async def test_login_pages_and_their_addresses_are_those_of_the_class(site):
    async with site(OAuth, BOB) as one:
        behind = OAuth()
        assert one.authenticator.login_url("/hub/") == behind.login_url("/hub/")
        assert [place for place, _handler in one.handlers] == [place for place, _handler in behind.get_handlers(one.app)]
        assert one.authenticator.login_service == behind.login_service
