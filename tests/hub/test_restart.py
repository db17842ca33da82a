# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the file said while the hub was down, and what the hub remembers over a restart."""

from __future__ import annotations

import pytest
from running import lives, until, variable


@pytest.fixture(name="people", scope="module")
def fixture_people():
    return {
        "ada": {"name": "ada", "groups": ["numerics"], "admin": True},
        "bob": {"name": "bob", "identities": ["b@x.org", "bob@x.org"]},
        "carol": {"name": "carol"},
        "dan": {"name": "dan", "groups": ["numerics", "staff"]},
    }


def test_a_hub_that_comes_back_finds_out_who_has_left(make_hub, people):
    hub = make_hub(*people.values())
    who = {name: hub.person("b@x.org" if name == "bob" else name, name) for name in people}
    tokens, pids = {}, {}
    for name, person in who.items():
        assert person.gets_in()
        tokens[name] = person.token()
        if name != "ada":
            person.start()
            pids[name] = person.pid()
    until(lambda: len(hub.model("dan")["groups"]) == 2)
    hub.api("POST", "groups/club", users=["dan"])
    hub.stop()
    assert all(map(lives, pids.values()))
    # Ada is demoted and loses a group, Bob an identity, Carol everything.
    hub.write({"name": "ada"}, {"name": "bob", "identities": ["bob@x.org"]}, {"name": "dan", "groups": ["staff"]})
    hub.start()
    # Not a moment later: from the first request on.
    assert not who["carol"].is_in()
    assert hub.api("GET", "user", tokens["carol"]).status_code == 403
    assert not who["bob"].is_in()
    assert who["ada"].is_in()
    assert who["dan"].is_in()
    assert (hub.model("ada")["admin"], hub.model("ada")["roles"], hub.model("ada")["groups"]) == (False, ["user"], [])
    assert sorted(hub.model("dan")["groups"]) == ["club", "staff"]
    until(lambda: not lives(pids["carol"]), what="Carol's server still runs")
    assert not who["carol"].gets_in()
    assert (who["dan"].pid(), who["bob"].pid()) == (pids["dan"], pids["bob"])
    assert hub.api("GET", "user", tokens["dan"]).status_code == 200
    assert hub.api("GET", "user", tokens["bob"]).status_code == 403
    assert hub.api("GET", "user", variable(pids["bob"], "JUPYTERHUB_API_TOKEN")).json()["name"] == "bob"


def test_servers_may_be_left_to_finish_and_users_of_the_hub_may_be_accepted(make_hub):
    extra = 'c.LiveAccess.revoke_servers = "finish"\nc.LiveAccess.accept_hub_users = True\nc.LiveAccess.unmapped_is_local = True'
    hub = make_hub({"name": "ada", "identities": ["ada@x.org"]}, extra=extra)
    ada = hub.person("ada")
    assert ada.gets_in()
    ada.start()
    pid, token = ada.pid(), ada.token()
    assert hub.api("POST", "users/zoe").status_code == 201
    zoe = hub.person("zoe")
    assert zoe.gets_in()
    assert hub.state()["hub_users"] == ["zoe"]
    hub.give()
    assert not ada.is_in()
    assert not ada.gets_in()
    assert hub.api("GET", "user", token).status_code == 403
    hub.stop()
    hub.start()
    assert zoe.is_in()
    assert zoe.gets_in()
    assert hub.state()["hub_users"] == ["zoe"]
    assert ada.pid() == pid
    assert not ada.is_in()
    hub.give({"name": "ada"}, {"name": "zoe", "state": "blocked"})
    assert not zoe.is_in()
    assert not zoe.gets_in()
    assert ada.gets_in()
    assert ada.pid() == pid
    assert hub.api("GET", "users/ada", variable(pid, "JUPYTERHUB_API_TOKEN")).status_code == 200
    hub.give()
    assert zoe.gets_in()


def test_guests_of_another_rule_stay_whom_the_file_does_not_know(make_hub):
    hub = make_hub({"name": "ada"}, {"name": "eve", "state": "blocked"}, extra="c.Authenticator.allow_all = True")
    guest, ada = hub.person("guest"), hub.person("ada")
    assert guest.gets_in()
    assert ada.gets_in()
    assert not hub.person("eve").gets_in()
    assert not hub.person("root").gets_in()
    guest.start()
    ada.start()
    pid, adas = guest.pid(), ada.pid()
    hub.stop()
    # Ada leaves the file: her session and her server end, and then she is a guest like any other.
    hub.write()
    hub.start()
    until(lambda: not lives(adas), what="Ada's server still runs")
    assert guest.is_in()
    assert guest.pid() == pid
    assert hub.model("guest")["roles"] == ["user"]
    assert not ada.is_in()
    assert ada.gets_in()
    assert hub.person("eve").gets_in()
