# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on the people of an access file: one by one, and any sequence of them against a plain model."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_edit, _access_file
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._access_edit import Refused, edit_map, edit_people, edit_roster, rosters
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import PeopleError, Person

TODAY = datetime.date(2026, 11, 22)
YESTERDAY = datetime.date(2026, 11, 21)

ADA = Person("ada", admin=True, identities=("ada@x.org",), groups=("numerics",))
BOB = Person("bob")
CARL = Person("carl", state="blocked", admin=True)
DORA = Person("dora", expires=YESTERDAY)


def people(*given):
    return {person.name: person for person in given}


ALL = people(ADA, BOB, CARL, DORA)


def roster(name, names, state):
    return edit_roster(ALL, name, names, state, TODAY)


@pytest.mark.parametrize(
    ("name", "names", "state", "after"),
    [
        ("allowed", ["emmy", "ada"], "present", [ADA, BOB, CARL, DORA, Person("emmy")]),
        ("allowed", ["ada", "dora", "nobody2"], "absent", [BOB, CARL]),
        ("allowed", ["carl"], "absent", [ADA, BOB, CARL, DORA]),
        ("allowed", ["ada", "emmy"], "exact", [ADA, CARL, Person("emmy")]),
        ("allowed", [], "exact", [CARL]),
        ("admins", ["bob", "emmy"], "present", [ADA, Person("bob", admin=True), CARL, DORA, Person("emmy", admin=True)]),
        ("admins", ["ada"], "absent", [Person("ada", identities=("ada@x.org",), groups=("numerics",)), BOB, CARL, DORA]),
        ("admins", ["carl"], "absent", [ADA, BOB, Person("carl", state="blocked"), DORA]),
        ("admins", ["ada"], "exact", [ADA, BOB, Person("carl", state="blocked"), DORA]),
        ("blocked", ["bob", "zoe"], "present", [ADA, Person("bob", state="blocked"), CARL, DORA, Person("zoe", state="blocked")]),
        ("blocked", ["carl", "bob"], "absent", [ADA, BOB, Person("carl", admin=True), DORA]),
        ("blocked", ["bob"], "exact", [ADA, Person("bob", state="blocked"), Person("carl", admin=True), DORA]),
    ],
)
def test_rosters(name, names, state, after):
    assert roster(name, names, state) == people(*after)


@pytest.mark.parametrize(
    ("name", "names", "state", "words"),
    [
        ("allowed", ["carl"], "present", "carl is blocked; to let this person in again, use roster: blocked with state: absent"),
        ("allowed", ["carl"], "exact", "carl is blocked"),
        ("admins", ["carl"], "present", "carl is blocked"),
        ("allowed", ["dora"], "present", "dora expired on 2026-11-21; give a later day"),
        ("admins", ["dora"], "exact", "dora expired"),
        ("allowed", ["ada@x.org"], "present", "the name is an e-mail address"),
        ("allowed", ["root"], "present", "the name of a system account"),
        ("allowed", ["Ada"], "absent", "write ada"),
    ],
)
def test_refused_names(name, names, state, words):
    with pytest.raises((Refused, PeopleError), match=words):
        roster(name, names, state)


def test_all_names_that_are_shut_out_are_told():
    with pytest.raises(Refused) as caught:
        roster("allowed", ["dora", "carl"], "present")
    assert [line.split()[0] for line in str(caught.value).splitlines()] == ["carl", "dora"]


def test_a_name_may_be_given_twice():
    assert roster("allowed", ["emmy", "emmy"], "present")["emmy"] == Person("emmy")


def test_a_name_that_leads_to_somebody_else_is_refused():
    with pytest.raises(Refused, match="ada has the identity emmy, which is the local name of another entry"):
        edit_roster(people(Person("ada", identities=("emmy",))), "allowed", ["emmy"], "present", TODAY)


@pytest.mark.parametrize(
    ("given_map", "state", "after"),
    [
        ({"bob@x.org": "bob"}, "present", {"ada@x.org": "ada", "bob@x.org": "bob"}),
        ({"Ada2@x.org": "ada"}, "present", {"ada@x.org": "ada", "ada2@x.org": "ada"}),
        ({"ada@x.org": "bob"}, "present", {"ada@x.org": "bob"}),
        ({"ADA@x.org": None, "unknown": 7}, "absent", {}),
        ({"bob@x.org": "bob"}, "exact", {"bob@x.org": "bob"}),
        ({}, "exact", {}),
        ({}, "present", {"ada@x.org": "ada"}),
        ({"carl@x.org": "carl"}, "present", {"ada@x.org": "ada", "carl@x.org": "carl"}),
        ({"ada": "ada"}, "present", {"ada": "ada", "ada@x.org": "ada"}),
    ],
)
def test_maps(given_map, state, after):
    edited = edit_map(ALL, given_map, state)
    assert rosters(edited.values(), TODAY)["map"] == after
    assert {name: (one.state, one.admin, one.groups) for name, one in edited.items()} == {
        name: (one.state, one.admin, one.groups) for name, one in ALL.items()
    }


def test_an_identity_keeps_its_place():
    ada = Person("ada", identities=("c", "a", "b"))
    assert edit_map(people(ada), {"d": "ada", "a": "ada", "c": "ada"}, "exact")["ada"].identities == ("c", "a", "d")


@pytest.mark.parametrize(
    ("given_map", "words"),
    [
        ({"x": "emmy"}, "emmy is not in the file; add this person"),
        ({"bob": "ada"}, "ada has the identity bob, which is the local name of another entry"),
        ({"X": "ada", "x": "bob"}, "map contains x twice"),
        ({"x": "root"}, "system account"),
        ({"x": "ada@x.org"}, "the name is an e-mail address"),
        ({"x": None}, "the name is empty"),
        ({" x": "ada"}, "map contains ' x'; write text without spaces around it"),
    ],
)
def test_refused_maps(given_map, words):
    with pytest.raises((Refused, PeopleError), match=words):
        edit_map(ALL, given_map, "present")


def test_an_entry_is_the_whole_truth():
    assert edit_people(ALL, [Person("ada", groups=("other",))], "present")["ada"] == Person("ada", groups=("other",))


def test_people_come_and_go():
    users = [Person("emmy"), Person("bob", state="absent"), Person("nobody2", state="absent"), Person("carl")]
    assert edit_people(ALL, users, "present") == people(ADA, Person("carl"), DORA, Person("emmy"))
    assert edit_people(ALL, users, "exact") == people(Person("emmy"), Person("carl"))


def test_an_identity_goes_from_one_to_another_in_one_step():
    after = edit_people(ALL, [Person("ada"), Person("bob", identities=("ada@x.org",))], "present")
    assert rosters(after.values(), TODAY)["map"] == {"ada@x.org": "bob"}


def test_clashes_with_those_who_are_there_are_refused():
    with pytest.raises(Refused, match=r"ada and emmy have the same identity ada@x\.org"):
        edit_people(ALL, [Person("emmy", identities=("ada@x.org",))], "present")


def test_nobody_is_left_only_if_that_is_meant():
    with pytest.raises(Refused, match="all 4 people would lose their access; write allow_empty: true"):
        edit_people(ALL, [], "exact")
    with pytest.raises(Refused, match="all 4 people"):
        edit_people(ALL, [Person("ada", state="absent")], "exact")
    assert edit_people(ALL, [], "exact", allow_empty=True) == {}
    assert edit_people({}, [], "exact") == {}
    assert edit_people(people(BOB), [Person("bob", state="absent")], "present") == {}


def test_what_is_in_force():
    assert rosters(ALL.values(), TODAY) == {"allowed": ["ada", "bob"], "admins": ["ada"], "blocked": ["carl"], "map": {"ada@x.org": "ada"}}
    assert [(one["name"], one["standing"]) for one in _access_edit.standings(ALL.values(), TODAY)] == [
        ("ada", "allowed"),
        ("bob", "allowed"),
        ("carl", "blocked"),
        ("dora", "expired"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([ADA, BOB], [ADA], []),
        ([ADA, BOB], [CARL], ["nobody in the file may log in any more", "nobody in the file administers the hub any more"]),
        ([ADA, BOB], [BOB], ["nobody in the file administers the hub any more"]),
        ([ADA], [Person("ada", admin=True)], ["without identities these people are known by their names, to every way of logging in: ada"]),
        ([], [], []),
        ([CARL], [], []),
    ],
)
def test_warnings(before, after, words):
    assert _access_edit.warnings(people(*before), people(*after), TODAY) == words


def test_only_those_who_change_are_shown():
    before, after = _access_edit.changed_lines(ALL, edit_people(ALL, [Person("bob", admin=True), Person("emmy")], "present"))
    assert before == '{"name": "bob"}\n'
    assert after == '{"name": "bob", "admin": true}\n{"name": "emmy"}\n'


# -- any sequence of operations

NAMES = st.sampled_from(["a", "b", "c", "d"])
# Among them names, which then belong to whoever they lead to.
IDENTITIES = st.sampled_from(["x", "y", "z", "a", "d"])
STATES = st.sampled_from(["present", "absent", "exact"])
OPERATIONS = st.one_of(
    st.tuples(st.sampled_from(["allowed", "admins", "blocked"]), st.lists(NAMES, max_size=3), STATES),
    st.tuples(st.just("map"), st.dictionaries(IDENTITIES, NAMES, max_size=3), STATES),
)


class Model:
    """Plain sets and a plain dict."""

    def __init__(self):
        self.allowed, self.blocked, self.admins, self.map = set(), set(), set(), {}

    def copy(self):
        other = Model()
        other.allowed, other.blocked, other.admins, other.map = set(self.allowed), set(self.blocked), set(self.admins), dict(self.map)
        return other

    def do(self, what, given, state):
        if what == "map":
            self.do_map(given, state)
        else:
            self.do_roster(what, set(given), state)
        if any(identity in self.allowed | self.blocked and identity != name for identity, name in self.map.items()):
            raise ValueError("an identity is somebody else's name")

    def do_roster(self, what, names, state):
        if what != "blocked" and state != "absent" and names & self.blocked:
            raise ValueError("blocked")
        now = getattr(self, what)
        goal = {"present": now | names, "absent": now - names, "exact": names}[state]
        setattr(self, what, goal)
        if what == "admins":
            self.allowed |= goal - self.blocked
        elif what == "blocked":
            self.allowed |= now - goal
            self.allowed -= goal
        there = self.allowed | self.blocked
        self.admins &= there
        self.map = {identity: name for identity, name in self.map.items() if name in there}

    def do_map(self, given, state):
        if state == "absent":
            self.map = {identity: name for identity, name in self.map.items() if identity not in given}
            return
        if set(given.values()) - (self.allowed | self.blocked):
            raise ValueError("unknown")
        self.map = dict(given) if state == "exact" else {**self.map, **given}


def do(now, what, given, state):
    return edit_map(now, given, state) if what == "map" else edit_roster(now, what, given, state, TODAY)


@given(st.lists(OPERATIONS, max_size=12))
def test_any_sequence_of_operations_equals_the_model(operations):
    now, model = {}, Model()
    for operation in operations:
        trial = model.copy()
        try:
            trial.do(*operation)
        except ValueError:
            with pytest.raises(Refused):
                do(now, *operation)
            continue
        model = trial
        now = do(now, *operation)
        assert do(now, *operation) == now
        assert rosters(now.values(), TODAY) == {
            "allowed": sorted(model.allowed),
            "admins": sorted(model.admins - model.blocked),
            "blocked": sorted(model.blocked),
            "map": model.map,
        }
        # What is kept for later is right, too: a blocked administrator is one again when unblocked.
        assert {name for name, person in now.items() if person.admin} == model.admins
        assert _access_file.parse(_access_file.render(now.values()), "/a").people == now


USERS = st.lists(
    st.builds(
        Person,
        name=NAMES,
        state=st.sampled_from(["present", "blocked", "absent"]),
        identities=st.lists(st.sampled_from(["x", "y", "z"]), max_size=2, unique=True).map(tuple),
        admin=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda person: person.name,
)


@given(st.lists(st.tuples(USERS, st.sampled_from(["present", "exact"])), max_size=6))
def test_any_sequence_of_lists_equals_a_dict(lists):
    now, model = {}, {}
    for users, state in lists:
        trial = {} if state == "exact" else dict(model)
        trial.update({person.name: person for person in users})
        trial = {name: person for name, person in trial.items() if person.state != "absent"}
        given_twice = [identity for person in trial.values() for identity in person.identities]
        if len(set(given_twice)) < len(given_twice):
            with pytest.raises(Refused, match="have the same identity"):
                edit_people(now, users, state, allow_empty=True)
            continue
        model = trial
        now = edit_people(now, users, state, allow_empty=True)
        assert now == model
        assert edit_people(now, users, state, allow_empty=True) == now
