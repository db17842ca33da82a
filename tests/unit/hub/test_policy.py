# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the access file means by a name, and on which days."""

from __future__ import annotations

import datetime

import pytest
from hubsmith_access import _access_file, _people, roster
from hubsmith_access.policy import Grant, LocalName, Policy
from hypothesis import given
from hypothesis import strategies as st

DAY = datetime.date(2026, 11, 22)


def policy(*entries, **settings):
    return Policy(roster.parse(_access_file.render(_people.parse(list(entries))), ""), **settings)


ADA = {"name": "ada", "identities": ["ada.lovelace@x.org"]}


def look_up(one, outside):
    return one.look_up(outside, outside.lower())


@pytest.mark.parametrize(
    ("outside", "local", "refused"),
    [
        ("ada.lovelace@x.org", "ada", False),
        ("Ada.Lovelace@X.org", "ada", False),
        ("ada", "ada", True),
        ("ADA", "ada", True),
        ("bob", "bob", False),
        ("Bob", "bob", False),
        ("carol", "carol", False),
        # The Kelvin sign, whose lower case is k.
        ("\u212aate", "kate", True),
    ],
)
def test_names_are_looked_up(outside, local, refused):
    found = look_up(policy(ADA, {"name": "bob"}, {"name": "kate"}), outside)
    assert found == local
    assert bool(found.refused) is refused


def test_a_spelling_that_the_class_keeps_leads_to_the_same_person():
    assert policy({"name": "bob"}).look_up("Bob", "Bob") == "bob"
    assert policy().look_up("Some One", "Some_One") == "Some_One"


def test_unmapped_identities_may_count_as_local_names():
    found = look_up(policy(ADA, unmapped_is_local=True), "ada")
    assert (found, found.refused) == ("ada", "")


def test_a_name_may_be_one_of_its_own_identities():
    assert not look_up(policy({"name": "ada", "identities": ["ada", "ada@x.org"]}), "ada").refused


IDENTITIES = st.lists(st.sampled_from(["a1", "a2", "b1", "ada", "bob", "carol", "x@y"]), unique=True, max_size=3)


@given(IDENTITIES, IDENTITIES, IDENTITIES, st.sampled_from(["a1", "a2", "b1", "ada", "bob", "carol", "x@y", "zoe"]), st.booleans())
def test_nobody_is_reached_by_a_way_that_is_not_theirs(ada, bob, carol, outside, unmapped):
    try:
        one = policy(
            {"name": "ada", "identities": ada},
            {"name": "bob", "identities": bob},
            {"name": "carol", "identities": carol},
            unmapped_is_local=unmapped,
        )
    except _people.PeopleError:
        return
    found = look_up(one, outside)
    if found in one.people and not found.refused:
        grant = one.grant(found, DAY)
        assert outside in grant.ways


@pytest.mark.parametrize(
    "name", ["root", "www-data", "systemd-network", "", "Ada", "ada.lovelace", "ada@x.org", "a/b", "-ada", "a" * 32, "a b", "é"]
)
def test_some_names_are_nobodys(name):
    assert policy().refusal(name, DAY)


@pytest.mark.parametrize(
    ("entry", "day", "enters"),
    [
        ({}, DAY, True),
        ({"state": "blocked"}, DAY, False),
        ({"expires": "2026-11-22"}, DAY, True),
        ({"expires": "2026-11-21"}, DAY, False),
        ({"expires": "2026-11-22"}, DAY + datetime.timedelta(1), False),
    ],
)
def test_who_may_enter(entry, day, enters):
    one = policy({"name": "ada", "admin": True, **entry})
    assert one.admits("ada", day) is enters
    assert (one.grant("ada", day) is not None) is enters
    assert (one.refusal("ada", day) == "") is enters
    assert ("ada" in one.allowed(day)) is enters
    assert ("ada" in one.admins(day)) is enters


def test_those_whom_the_file_does_not_know_are_not_refused_by_it():
    one = policy(ADA)
    assert one.refusal("zoe", DAY) == ""
    assert not one.admits("zoe", DAY)


def test_what_the_file_gives():
    assert policy({**ADA, "groups": ["numerics"]}).grant("ada", DAY) == Grant(
        False, frozenset({"numerics"}), frozenset({"ada.lovelace@x.org"})
    )
    assert policy({"name": "bob", "admin": True}).grant("bob", DAY) == Grant(True, frozenset(), frozenset({"bob"}))
    assert policy(ADA, unmapped_is_local=True).grant("ada", DAY).ways == {"ada", "ada.lovelace@x.org"}


DAYS = st.dates(DAY, DAY + datetime.timedelta(9))


@given(st.lists(DAYS, max_size=5), DAYS, DAYS)
def test_the_passing_of_days_matters_to_those_whose_access_ends(ends, one_day, other_day):
    one = policy(*({"name": f"user{number}", "expires": last.isoformat()} for number, last in enumerate(ends)))
    assert set(one.turned(one_day, other_day)) == one.allowed(one_day) ^ one.allowed(other_day)


def test_policies_differ_by_entries_and_by_what_an_unmapped_identity_is():
    assert policy(ADA).differing(policy(ADA, {"name": "bob"})) == {"bob"}
    assert policy(ADA).differing(policy(ADA)) == set()
    assert policy(ADA).differing(policy(ADA, unmapped_is_local=True)) == {"ada"}


def test_a_looked_up_name_is_text_like_any_other():
    assert LocalName("ada", "why") == "ada"
    assert str(LocalName("ada")).__class__ is str
