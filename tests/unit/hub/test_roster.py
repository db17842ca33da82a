# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read fast is what the one parser reads, and what it refuses is refused."""

from __future__ import annotations

import datetime
import json

import pytest
from hubsmith_access import _access_file, _people, roster
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,6}", fullmatch=True).filter(lambda name: name not in _people.SYSTEM_ACCOUNTS)
WORDS = st.text(st.characters(codec="ascii", min_codepoint=33, exclude_characters='"\\'), min_size=1, max_size=6)
ANY_WORDS = st.text(min_size=1, max_size=6).filter(lambda word: word == word.strip() and word.isprintable())
OPTIONAL = {
    "state": st.sampled_from(["present", "blocked"]),
    "identities": st.lists(WORDS, max_size=3, unique_by=str.lower),
    "admin": st.booleans(),
    "groups": st.lists(ANY_WORDS, max_size=3, unique=True),
    "expires": st.dates().map(str),
    "limits": st.fixed_dictionaries({}, optional={"memory": st.sampled_from(["4G", 1024, "512"]), "cpu": st.sampled_from([2, 1.5, "0.5"])}),
}
ENTRIES = st.lists(st.fixed_dictionaries({"name": NAMES}, optional=OPTIONAL), max_size=6, unique_by=lambda entry: entry["name"])


def read(parse, data):
    """Either what was read, or why it was not."""
    try:
        found = parse(data, "/the/file")
    except _access_file.AccessError as error:
        return str(error)
    return dict(found.people), found.sha256


def written(entries):
    try:
        return _access_file.render(_people.parse(entries))
    except _people.PeopleError:
        return json.dumps({"format": 1, "users": entries}).encode()


@given(ENTRIES)
def test_reads_what_the_parser_reads(entries):
    data = written(entries)
    assert read(roster.parse, data) == read(_access_file.parse, data)


@settings(max_examples=300)
@given(ENTRIES, st.data())
def test_damage_does_not_go_unnoticed(entries, data):
    text = bytearray(written(entries))
    for _damage in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 3))
        text[place : place + cut] = data.draw(
            st.sampled_from([b"", b'"', b"}", b"]", b",", b"\n", b" ", b"{", b"[", b"a", b":", b'", "', b"\\", b"\0"])
        )
    assert read(roster.parse, bytes(text)) == read(_access_file.parse, bytes(text))


LINE = '{"name": "ada", "identities": ["ada@x.org"], "admin": true, "groups": ["a b"], "expires": "2027-01-31", "limits": {"memory": "4G"}}'


def document(*lines):
    return ('{"format": 1, "users": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def test_our_own_layout_is_read_fast():
    assert isinstance(roster.parse(document(LINE, '{"name": "bob", "state": "blocked"}'), "").people, roster._Lines)


@pytest.mark.parametrize(
    "lines",
    [
        ['{"name": "ada"}', '{"name": "ada"}'],
        ['{"name": "root"}'],
        ['{"name": "systemd-network"}'],
        ['{"name": "' + "a" * 32 + '"}'],
        ['{"name": "ada", "identities": ["x", "x"]}'],
        ['{"name": "ada", "identities": ["x"]}', '{"name": "bob", "identities": ["x"]}'],
        ['{"name": "ada", "identities": ["bob"]}', '{"name": "bob"}'],
        ['{"name": "ada", "expires": "2027-02-30"}'],
        ['{"name": "ada", "limits": {"memory": "much"}}'],
        ['{"name": "ada", "limits": {"memory": "1G", "memory": "2G"}}'],
        ['{"name": "ada", "groups": ["a", "a"]}'],
        ['{"name": "ada", "groups": [1]}'],
        ['{"name": "ada", "groups": ["x]}'],
        ['{"name": "ada"} {"name": "bob"}'],
        ['{"name": "ada"}', ""],
        ['{"name": "ada"},'],
    ],
    ids=lambda lines: lines[-1][-40:] or "empty",
)
def test_what_the_parser_refuses_is_refused_with_its_sentences(lines):
    refused = read(roster.parse, document(*lines))
    assert isinstance(refused, str)
    assert refused == read(_access_file.parse, document(*lines))


def test_any_layout_is_taken():
    data = json.dumps({"users": [{"groups": ["größe"], "name": "ada", "state": "present"}], "format": 1}, indent=4).encode()
    assert roster.parse(data, "").people["ada"].groups == ("größe",)


@given(ENTRIES)
def test_the_index_says_what_the_people_say(entries):
    data = written(entries)
    try:
        found = roster.parse(data, "")
    except _access_file.AccessError:
        return
    people = found.people.values()
    assert found.owners == {identity: person.name for person in people for identity in person.identities}
    assert found.admins == {person.name for person in people if person.admin}
    assert found.blocked == {person.name for person in people if person.state == "blocked"}
    assert found.expires == {person.name: person.expires for person in people if person.expires}


@pytest.mark.parametrize("other", [document(LINE), json.dumps({"format": 1, "users": [json.loads(LINE)]}).encode()], ids=["fast", "slow"])
def test_only_the_people_who_changed_differ(other):
    more = document(LINE.replace("2027-01-31", "2027-02-01"), '{"name": "bob"}')
    assert roster.parse(other, "").differing(roster.parse(more, "")) == {"ada", "bob"}
    assert roster.parse(other, "").differing(roster.parse(document(LINE), "")) == set()


def test_the_file_may_be_much_longer_than_a_slice():
    lines = [f'{{"name": "user{number:05d}", "identities": ["u{number}@x.org"], "expires": "2027-01-31"}}' for number in range(20_000)]
    found = roster.parse(document(*lines), "")
    assert isinstance(found.people, roster._Lines)
    assert len(found.people) == 20_000
    assert found.people["user19999"].expires == datetime.date(2027, 1, 31)
    assert "user20000" not in found.people
