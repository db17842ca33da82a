# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one list of people: what is taken, and what is refused with which words."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _people
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import PeopleError, Person, parse

TODAY = datetime.date(2026, 11, 22)
YESCRYPT = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"

SHA512 = "$6$hubsmith$IL4alaTJ4N8xzZ.5l9bgUTgaOWx7oVdEkZW7TeI1AEkgAqvE7mCJrlFxvfaWnzM99fxkFGMI34v1dRBdjish5."
SHA256 = "$5$hubsmith$XDNkf9sdbeVkjlmWFlcg4d3hCMe8OZM8pJb7Ag8msj."
MD5 = "$1$hubsmith$dw6WRBCGJlOBgf8YzfBoW1"
BCRYPT = "$2b$12$" + "a" * 53


def test_a_full_entry() -> None:
    entry = {
        "name": "ada",
        "identities": ["Ada.Lovelace@example.org"],
        "admin": True,
        "groups": ["Numerics course"],
        "expires": datetime.date(2027, 1, 31),
        "limits": {"memory": "4G", "cpu": 1.5},
        "state": "blocked",
        "uid": 4000,
        "group": "staff2",
        "unix_groups": ["audio"],
        "shell": "/bin/zsh",
        "home": "/srv/ada",
        "comment": "Ada, Lovelace",
        "password": YESCRYPT,
    }
    assert parse([entry]) == [
        Person(
            name="ada",
            identities=("ada.lovelace@example.org",),
            admin=True,
            groups=("Numerics course",),
            expires=datetime.date(2027, 1, 31),
            limits={"memory": "4G", "cpu": 1.5},
            state="blocked",
            uid=4000,
            group="staff2",
            unix_groups=("audio",),
            shell="/bin/zsh",
            home="/srv/ada",
            comment="Ada, Lovelace",
            password=YESCRYPT,
        )
    ]


def test_a_name_is_enough_and_the_state_can_be_given_for_all() -> None:
    assert parse([{"name": "ada"}]) == [Person("ada")]
    assert [person.state for person in parse([{"name": "ada"}, {"name": "bob", "state": "present"}], "absent")] == ["absent", "present"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"name": "root"}, "entry 1 (root): this is the name of a system account"),
        ({"name": "systemd-resolve"}, "system account"),
        ({"name": "ada@example.org"}, "put the address into identities, e.g. {name: ada, identities: [ada@example.org]}"),
        ({"name": "Ada"}, "write ada"),
        ({"name": "a" * 32}, "name has 32 characters"),
        ({"name": "ada lovelace"}, "use a-z, 0-9, - and _ only"),
        ({"name": "ada.l"}, "use a-z"),
        ({"name": "1ada"}, "begin with a letter"),
        ({"name": "-rf"}, "begin with a letter"),
        ({"name": "ada\n"}, "use a-z"),
        ({"name": 42}, "the name is a number; write the local account's name as text"),
        ({"name": ""}, "the name is empty"),
        ({"name": None}, "the name is empty"),
        ({}, "it has no name"),
        ("ada", "this is text; write a mapping"),
        ({"name": "ada", "identites": []}, "the key identites is unknown; did you mean identities?"),
        ({"name": "ada", "xyzzy": 1}, "the key xyzzy is unknown; known are name,"),
        ({"name": "ada", "state": "blokced"}, "the state blokced is unknown; did you mean blocked?"),
        ({"name": "ada", "admin": "yes"}, "admin is 'yes'; write true or false"),
        ({"name": "ada", "uid": "4000"}, "uid is '4000'"),
        ({"name": "ada", "uid": True}, "uid is True"),
        ({"name": "ada", "uid": 0}, "uid is 0"),
        ({"name": "ada", "groups": "numerics"}, "groups is text; write a list"),
        ({"name": "ada", "groups": ["a", "a"]}, "groups contains a twice"),
        ({"name": "ada", "groups": [" a"]}, "without spaces around it"),
        ({"name": "ada", "unix_groups": ["Audio"]}, "write audio"),
        ({"name": "ada", "group": "a:b"}, "group is 'a:b'"),
        ({"name": "ada", "identities": [1]}, "identities contains 1"),
        ({"name": "ada", "expires": "31.1.2027"}, "expires is '31.1.2027'; write the last day"),
        ({"name": "ada", "expires": datetime.datetime(2027, 1, 31)}, "write the last day"),
        ({"name": "ada", "limits": {"memroy": "4G"}}, "the limit memroy is unknown; did you mean memory?"),
        ({"name": "ada", "limits": {"memory": "4 gigabytes"}}, "the limit memory is '4 gigabytes'"),
        ({"name": "ada", "limits": {"memory": 0}}, "the limit memory is 0"),
        ({"name": "ada", "limits": {"cpu": 0}}, "above 0"),
        ({"name": "ada", "limits": {"cpu": True}}, "above 0"),
        ({"name": "ada", "limits": "4G"}, "limits is text; write a mapping"),
        ({"name": "ada", "shell": "bash"}, "shell is 'bash'; write an absolute path"),
        ({"name": "ada", "home": "/home/ada/"}, "a slash at the end"),
        ({"name": "ada", "home": "/home/../etc"}, "write an absolute path"),
        ({"name": "ada", "home": "/"}, "write an absolute path"),
        ({"name": "ada", "home": "//home"}, "write an absolute path"),
        ({"name": "ada", "comment": "a:b"}, "without colons"),
        ({"name": "ada", "comment": "a\nroot::0:0"}, "one line of text"),
    ],
)
def test_refusals(entry: object, words: str) -> None:
    with pytest.raises(PeopleError) as caught:
        parse([entry])
    assert words in str(caught.value)


def test_the_list_itself_has_to_be_one() -> None:
    with pytest.raises(PeopleError, match="the people are given as text; write a list"):
        parse("ada")


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(PeopleError) as caught:
        parse([{"name": "root"}, {"name": "ada"}, {"nmae": "bob"}])
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["entry 1 (root)", "entry 3"]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{"name": "ada"}, {"name": "ada", "state": "absent"}], "ada is in the list twice; merge"),
        ([{"name": "ada", "uid": 4000}, {"name": "bob", "uid": 4000}], "ada and bob have the same uid 4000"),
        ([{"name": "ada", "identities": ["X@y.org"]}, {"name": "bob", "identities": ["x@y.org"]}], "same identity x@y.org"),
        ([{"name": "ada", "identities": ["bob"]}, {"name": "bob"}], "ada has the identity bob, which is the local name of another entry"),
    ],
)
def test_clashes_between_entries(entries: list[dict[str, object]], words: str) -> None:
    with pytest.raises(PeopleError) as caught:
        parse(entries)
    assert words in str(caught.value)


def test_who_is_absent_keeps_no_identity_and_no_name_from_others() -> None:
    gone = {"name": "ada", "state": "absent", "identities": ["x@y.org"]}
    assert len(parse([gone, {"name": "bob", "identities": ["x@y.org", "ada"]}])) == 2
    with pytest.raises(PeopleError, match="which is the local name of another entry"):
        parse([{**gone, "state": "blocked"}, {"name": "bob", "identities": ["ada"]}])


def test_what_an_entry_may_say_can_be_narrowed() -> None:
    assert parse([{"name": "ada", "admin": True}], keys=_people.ACCESS_KEYS) == [Person("ada", admin=True)]
    with pytest.raises(PeopleError, match="the key uid is unknown; known are name, state, identities"):
        parse([{"name": "ada", "uid": 4000}], keys=_people.ACCESS_KEYS)


def test_a_name_may_be_its_own_identity() -> None:
    assert parse([{"name": "ada", "identities": ["ada", "ada@example.org"]}])[0].identities == ("ada", "ada@example.org")


@pytest.mark.parametrize("secret", [YESCRYPT, BCRYPT, SHA512, SHA256])
def test_crypt_hashes_are_taken(secret: str) -> None:
    assert parse([{"name": "ada", "password": secret}])[0].password == secret


@pytest.mark.parametrize("secret", ["hunter2", "$6$abc", SHA512[:-1], MD5, "", YESCRYPT + ":0", YESCRYPT + "\n", 4711])
def test_no_clear_text_and_no_cut_hash_and_none_of_it_is_repeated(secret: object) -> None:
    with pytest.raises(PeopleError, match="not a complete crypt hash") as caught:
        parse([{"name": "ada", "password": secret}])
    assert not secret or str(secret) not in str(caught.value)


def test_a_person_does_not_show_the_password() -> None:
    assert YESCRYPT not in repr(Person("ada", password=YESCRYPT))


def test_who_may_log_in_and_who_administers() -> None:
    people = parse(
        [
            {"name": "emmy", "admin": True},
            {"name": "ada", "expires": TODAY},
            {"name": "bob", "admin": True, "state": "blocked"},
            {"name": "charles", "admin": True, "state": "absent"},
            {"name": "dora", "admin": True, "expires": TODAY - datetime.timedelta(days=1)},
        ]
    )
    assert [_people.standing(person, TODAY) for person in people] == ["allowed", "allowed", "blocked", "absent", "expired"]
    assert _people.allowed(people, TODAY) == ["ada", "emmy"]
    assert _people.admins(people, TODAY) == ["emmy"]
