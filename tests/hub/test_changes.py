# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access changes while the hub runs and everybody works."""

from __future__ import annotations

import pytest
from running import lives, until, variable

BOB = {"name": "bob"}


@pytest.fixture(name="bob", scope="module")
def fixture_bob(hub):
    """Somebody who is at work all the time, whatever happens to others."""
    hub.give(BOB)
    bob = hub.person("bob")
    assert bob.gets_in()
    bob.start()
    bob.process = bob.pid()
    return bob


@pytest.fixture(autouse=True)
def fixture_undisturbed(hub, bob):
    """Nothing that happens in a test costs anybody else their session or their server, nor the hub a restart."""
    hub.set_today("2026-11-22")
    before = hub.state()["pid"]
    yield
    assert bob.is_in()
    assert bob.pid() == bob.process
    assert hub.state()["pid"] == before == hub.process.pid


def test_somebody_new_gets_in_at_once(hub):
    hub.give(BOB)
    ada = hub.person("ada")
    assert not ada.gets_in()
    assert hub.give(BOB, {"name": "ada"}) < 2
    assert ada.gets_in()
    assert hub.metric("jupyterhub_access_people") == 2


def test_a_login_does_not_wait_for_the_hub_to_look(hub):
    hub.give(BOB)
    hub.write(BOB, {"name": "zoe"})
    assert hub.person("zoe").gets_in()


def test_many_more_people_do_not_take_longer(hub):
    assert hub.give(BOB, *({"name": f"user{number}", "groups": ["many"]} for number in range(10_000))) < 2
    assert hub.person("user9999").gets_in()
    hub.give(BOB)


@pytest.mark.parametrize("way", ["removed", "blocked", "expired"])
def test_taking_access_away_revokes_and_giving_it_back_restores(hub, way):
    entry = {"name": "carol", "admin": True, "groups": ["numerics"], "expires": "2026-11-22"}
    hub.give(BOB, entry)
    carol = hub.person("carol")
    assert carol.gets_in()
    token = carol.token()
    carol.start()
    carol.start("second")
    pids = carol.pid(), carol.pid("second")
    assert hub.api("GET", "users/bob", token).status_code == 200
    if way == "removed":
        hub.give(BOB)
    elif way == "blocked":
        hub.give(BOB, {**entry, "state": "blocked"})
    else:
        hub.set_today("2026-11-23")
        until(lambda: not hub.model("carol")["roles"])
    assert not carol.is_in()
    assert hub.api("GET", "user", token).status_code == 403
    assert hub.api("GET", "users/bob", token).status_code == 403
    assert not carol.gets_in()
    until(lambda: not any(map(lives, pids)), what="the servers still run")
    until(lambda: not hub.state()["pending"])
    assert carol.pid() == carol.pid("second") == 0
    model = hub.model("carol")
    assert (model["admin"], model["roles"], model["groups"]) == (False, [], [])
    assert not [one for one in model["servers"].values() if not one["stopped"]]
    # Neither can an administrator start one by mistake.
    hub.api("POST", "users/carol/server")
    until(lambda: "Error starting carol's server: HTTP 403" in hub.log())
    until(lambda: not [one for one in hub.model("carol")["servers"].values() if one["pending"]])
    assert carol.pid() == 0
    hub.set_today("2026-11-22")
    hub.give(BOB, entry)
    assert carol.gets_in()
    model = hub.model("carol")
    assert (model["admin"], sorted(model["roles"]), model["groups"]) == (True, ["admin", "user"], ["numerics"])
    assert hub.api("GET", "user", token).status_code == 403


def test_roles_are_back_before_the_next_login(hub):
    hub.give(BOB, {"name": "dan"})
    assert hub.person("dan").gets_in()
    hub.give(BOB)
    assert hub.model("dan")["roles"] == []
    hub.give(BOB, {"name": "dan"})
    assert hub.model("dan")["roles"] == ["user"]


def test_a_server_that_is_only_just_starting_is_stopped_as_soon_as_it_can_be(hub):
    hub.give(BOB, {"name": "erin"})
    erin = hub.person("erin")
    assert erin.gets_in()
    home = hub.folder / "homes" / "erin"
    home.mkdir(parents=True)
    (home / "slow").write_text("1")
    erin.start(wait=False)
    until(lambda: hub.model("erin")["servers"][""]["pending"] == "spawn")
    hub.give(BOB)
    assert hub.state()["pending"] == ["erin"]
    until(lambda: not hub.state()["pending"], 20)
    assert erin.pid() == 0
    assert hub.model("erin")["server"] is None


def test_promotion_and_demotion_leave_sessions_and_servers_alone(hub):
    hub.give(BOB, {"name": "frank"})
    frank = hub.person("frank")
    assert frank.gets_in()
    frank.start()
    token, pid = frank.token(), frank.pid()
    assert hub.api("GET", "users/bob", token).status_code == 404
    hub.give(BOB, {"name": "frank", "admin": True})
    assert hub.api("GET", "users/bob", token).status_code == 200
    hub.give(BOB, {"name": "frank"})
    assert hub.api("GET", "users/bob", token).status_code == 404
    assert hub.api("GET", "users/frank", token).json()["roles"] == ["user"]
    assert frank.is_in()
    assert frank.pid() == pid


def test_identities_lead_to_one_person_and_to_nobody_else(hub):
    hub.give(BOB, {"name": "grace", "identities": ["grace.hopper@x.org"]})
    assert not hub.person("grace").gets_in()
    assert hub.person("Grace.Hopper@x.org", "grace").gets_in()
    assert hub.model("grace")["name"] == "grace"
    assert hub.api("GET", "users/grace.hopper@x.org").status_code == 404


def test_an_identity_that_moves_takes_its_sessions_with_it_and_leaves_the_server(hub):
    old = [{"name": "heidi", "identities": ["h@x.org", "heidi@x.org"]}, {"name": "ivan", "identities": ["ivan@x.org"]}]
    new = [{"name": "heidi", "identities": ["heidi@x.org"]}, {"name": "ivan", "identities": ["ivan@x.org", "h@x.org"]}]
    hub.give(BOB, *old)
    came, other = hub.person("h@x.org", "heidi"), hub.person("ivan@x.org", "ivan")
    assert came.gets_in()
    assert other.gets_in()
    came.start()
    token, pid = came.token(), came.pid()
    servers_own = variable(pid, "JUPYTERHUB_API_TOKEN")
    hub.give(BOB, *new)
    assert not came.is_in()
    assert hub.api("GET", "user", token).status_code == 403
    assert other.is_in()
    assert came.pid() == pid
    assert hub.api("GET", "user", servers_own).json()["name"] == "heidi"
    assert hub.api("POST", "users/heidi/activity", servers_own, last_activity="2026-11-22T00:00:00Z", servers={}).status_code == 200
    again = hub.person("h@x.org", "ivan")
    assert again.gets_in()
    assert hub.person("heidi@x.org", "heidi").gets_in()


def test_groups_of_the_file_come_and_go_and_others_stay(hub):
    hub.give(BOB, {"name": "judy", "groups": ["numerics", "staff"]})
    assert hub.person("judy").gets_in()
    until(lambda: sorted(hub.model("judy")["groups"]) == ["numerics", "staff"])
    assert hub.api("POST", "groups/club", users=[]).status_code in (201, 409)
    assert hub.api("POST", "groups/club/users", users=["judy"]).status_code == 200
    hub.give(BOB, {"name": "judy", "groups": ["staff", "club", "new"]})
    assert sorted(hub.model("judy")["groups"]) == ["club", "new", "staff"]
    # What somebody takes away that the file gives comes back by itself.
    assert hub.api("DELETE", "groups/staff/users", users=["judy"]).status_code == 200
    until(lambda: "staff" in hub.model("judy")["groups"])
    hub.give(BOB, {"name": "judy"})
    assert hub.model("judy")["groups"] == ["club"]


def test_limits_are_those_of_the_file_from_the_next_start_on(hub):
    hub.give(BOB, {"name": "kim", "limits": {"memory": "64M", "cpu": 0.5}})
    kim = hub.person("kim")
    assert kim.gets_in()
    kim.start()
    assert (variable(kim.pid(), "MEM_LIMIT"), variable(kim.pid(), "CPU_LIMIT")) == (str(64 * 2**20), "0.5")
    kim_before = kim.pid()
    hub.give(BOB, {"name": "kim", "limits": {"cpu": 2}})
    assert kim.pid() == kim_before


def test_what_others_add_or_change_does_not_outvote_the_file(hub):
    hub.give(BOB, {"name": "leo"})
    leo = hub.person("leo")
    assert leo.gets_in()
    refused = hub.api("POST", "users", usernames=["xeno"])
    assert refused.status_code == 400
    assert "the access file does not know this person" in refused.json()["message"]
    assert hub.api("POST", "users/yan").status_code == 400
    assert hub.api("GET", "users/xeno").status_code == 404
    assert not hub.person("xeno").gets_in()
    # An administrator of the hub makes another one, and gives somebody another name.
    assert hub.api("PATCH", "users/leo", admin=True).status_code == 403
    hub.give(BOB, {"name": "leo"}, {"name": "chief", "admin": True})
    chief = hub.person("chief")
    assert chief.gets_in()
    token = chief.token()
    assert hub.api("PATCH", "users/leo", token, admin=True).status_code == 200
    until(lambda: not hub.model("leo")["admin"])
    assert hub.model("leo")["roles"] == ["user"]
    assert leo.is_in()
    assert hub.api("PATCH", "users/leo", token, name="leonard").status_code == 200
    until(lambda: not hub.model("leonard")["roles"])
    assert not leo.is_in()


def test_people_of_the_file_can_be_added_before_they_come(hub):
    hub.give(BOB, {"name": "mia", "groups": ["numerics"]})
    assert hub.api("POST", "users/mia").status_code == 201
    until(lambda: hub.model("mia")["groups"] == ["numerics"])
    assert hub.api("DELETE", "users/mia").status_code == 204
    assert hub.person("mia").gets_in()


@pytest.mark.parametrize("login", ["root", "systemd-network", "no/name", "a b", "nobody"])
def test_names_of_nobody_do_not_get_in(hub, login):
    assert not hub.person(login).gets_in()
