# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access file: what it says, what is refused when it is read, and that nothing is ever half read."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_file
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._access_file import AccessError, parse, read, render
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import PeopleError, Person
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import parse as parse_people

ADA = Person(
    "ada",
    identities=("ada.lovelace@example.org",),
    admin=True,
    groups=("numerics",),
    expires=datetime.date(2027, 1, 31),
    limits={"cpu": 2, "memory": "4G"},
)
TEXT = """\
{"format": 1, "users": [
{"name": "ada", "identities": ["ada.lovelace@example.org"], "admin": true, "groups": ["numerics"], "expires": "2027-01-31", \
"limits": {"memory": "4G", "cpu": 2}},
{"name": "charles", "state": "blocked"}
]}
"""


def file(users: str) -> bytes:
    return f'{{"format": 1, "users": {users}}}'.encode()


# -- what it says


def test_one_line_for_each_person_sorted_and_without_defaults():
    assert render([Person("charles", state="blocked"), ADA]).decode() == TEXT


def test_it_says_who_and_what_and_which_file_it_was():
    access = parse(TEXT.encode(), "/a")
    assert access.people == {"ada": ADA, "charles": Person("charles", state="blocked")}
    assert access.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


def test_nobody():
    assert json.loads(render([])) == {"format": 1, "users": []}
    assert parse(render([]), "/a").people == {}


def test_layout_does_not_matter():
    spread = json.dumps(json.loads(TEXT), indent=4, ensure_ascii=True).replace("\n", "\r\n")
    for data in (spread.encode(), b"\xef\xbb\xbf" + TEXT.encode(), json.dumps(json.loads(TEXT)).encode()):
        assert parse(data, "/a").people == parse(TEXT.encode(), "/a").people


def test_letters_of_all_the_world_stay_readable():
    assert "größe" in render([Person("ada", groups=("größe",))]).decode()


# -- what is refused


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "/a is not valid JSON"),
        (TEXT.encode()[:-3], "/a is not valid JSON"),
        (b"[]", "/a does not hold an object"),
        (b'{"users": []}', "/a names no format"),
        (b'{"format": "1", "users": []}', "/a names no format"),
        (b'{"format": true, "users": []}', "/a names no format"),
        (b'{"format": 0, "users": []}', "/a names no format"),
        (b'{"format": 2, "people": []}', "/a is too new: it has the format 2, and 1 is the newest"),
        (b'{"format": 1}', "/a has no users"),
        (b'{"format": 1, "users": [], "user": []}', "/a: the key user is unknown; known are format and users"),
        (b'{"format": 1, "users": [], "users": []}', "the key users is given twice in one object"),
        (file('[{"name": "ada", "admin": false, "admin": true}]'), "the key admin is given twice in one object"),
        (file('[{"name": "ada", "limits": {"cpu": NaN}}]'), "NaN is not a number"),
        (file("{}"), "/a: the people are given as a mapping; write a list"),
        (file('["ada"]'), "/a: entry 1: this is text"),
        (file('[{"name": "ada", "uid": 4000}]'), "/a: entry 1 (ada): the key uid is unknown; known are name, state, identities"),
        (file('[{"name": "ada", "state": "absent"}]'), "/a: ada has the state absent"),
        (file('[{"name": "ada", "expires": null}]'), "/a: entry 1 (ada): expires is 'None'"),
        (file('[{"name": "root"}]'), "/a: entry 1 (root): this is the name of a system account"),
        (file('[{"name": "ada", "groups": ["\\ud800"]}]'), "/a: entry 1 (ada): groups contains"),
        (file('[{"name": "ada"}, {"name": "ada"}]'), "/a: ada is in the list twice"),
        (file('[{"name": "ada", "identities": ["x"]}, {"name": "bob", "identities": ["X"]}]'), "/a: ada and bob have the same identity x"),
        (file('[{"name": "ada", "identities": ["bob"]}, {"name": "bob"}]'), "/a: ada has the identity bob, which is the local name"),
        (TEXT.encode("utf-16"), "/a: byte 0 is not UTF-8"),
        (TEXT.encode().replace(b"numerics", b"num\xe9rique"), "is not UTF-8"),
        (b"[" * 200_000, "/a is not valid JSON"),
        (file('[{"name": "ada", "uid": ' + "9" * 5000 + "}]"), "/a is not valid JSON"),
    ],
)
def test_refusals(data, words):
    with pytest.raises(AccessError) as caught:
        parse(data, "/a")
    assert words in str(caught.value)
    assert all("/a" in line for line in str(caught.value).splitlines())


def test_the_format_speaks_first():
    # The keys of a later format are no mistakes of this one.
    with pytest.raises(_access_file.TooNew):
        parse(b'{"format": 2, "users": 7, "rooms": []}', "/a")


def test_many_mistakes_do_not_fill_the_log():
    with pytest.raises(AccessError) as caught:
        parse(file(json.dumps([{"name": "root"}] * 500)), "/a")
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "/a: and 480 more"


# -- where it may lie


@pytest.fixture(name="path")
def fixture_path(tmp_path):
    # Others must not be able to write the folder, whatever umask the tests run with.
    tmp_path.chmod(0o755)
    path = tmp_path / "access.json"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


def test_read(path):
    assert read(str(path)) == TEXT.encode()


def test_read_here(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    assert read("access.json") == TEXT.encode()


def refused(path, *words, **options):
    with pytest.raises(AccessError) as caught:
        read(str(path), **options)
    for word in words:
        assert word in str(caught.value)


def test_a_missing_file_is_a_case_of_its_own(path):
    path.unlink()
    for missing in (path, path.parent / "none" / "access.json"):
        with pytest.raises(_access_file.Missing, match=f"{missing} does not exist; write it with the module"):
            read(str(missing))


def test_no_links(path):
    os.symlink(path, path.parent / "link.json")
    refused(path.parent / "link.json", "link.json is a symbolic link")


def test_only_regular_files(path):
    os.mkfifo(path.parent / "pipe")
    refused(path.parent / "pipe", "pipe is not a regular file")
    refused(path.parent, "is not a regular file")


@pytest.mark.parametrize("mode", [0o602, 0o620, 0o666])
def test_nobody_else_may_write_it(path, mode):
    path.chmod(mode)
    refused(path, f"{path} can be written by others (mode {mode:04o}); run: chmod go-w {path}")


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_nobody_else_may_write_its_folder(path, mode):
    path.parent.chmod(mode)
    refused(path, f"{path.parent} can be written by others")


def disown(path, monkeypatch):
    """Somebody else owns it: given away by root; else it is us who turn into somebody else. Gives the owner."""
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    return os.stat(path).st_uid


def test_it_belongs_to_nobody_else(path, monkeypatch):
    owner = disown(path, monkeypatch)
    info = os.stat(path)
    with pytest.raises(AccessError, match=f"{path} belongs to the user number {owner}, .*chown root {path}"):
        _access_file._check_owner(str(path), info, ())
    _access_file._check_owner(str(path), info, (owner,))


def test_whoever_runs_the_hub_may_own_it(path, monkeypatch):
    owners = {disown(path, monkeypatch), os.stat(path.parent).st_uid}
    assert read(str(path), owners=owners) == TEXT.encode()
    refused(path, "belongs to the user number")


def test_its_folder_belongs_to_nobody_else(path, monkeypatch):
    owner = disown(path.parent, monkeypatch)
    refused(path, f"{path.parent} belongs to the user number {owner}")


def test_no_end(path):
    with open(path, "wb") as big:
        big.truncate(_access_file.LARGEST + 1)
    refused(path, "is larger than 64 MiB")


# -- for all lists of people

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
# Printable, and as the reader leaves it: no spaces around, in lower case where that is wanted.
WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
ENTRIES = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "state": st.sampled_from(["present", "blocked"]),
        "identities": st.lists(WORDS, max_size=3),
        "admin": st.booleans(),
        "groups": st.lists(WORDS, max_size=3),
        "expires": st.dates().map(str),
        "limits": st.fixed_dictionaries({}, optional={"memory": st.sampled_from(["4G", 1, "2"]), "cpu": st.sampled_from([1, 0.5, "2.5"])}),
    },
)


@st.composite
def lists_of_people(draw):
    """Any list that is right; entries that clash with earlier ones are left out."""
    taken: list[dict[str, object]] = []
    for entry in draw(st.lists(ENTRIES, max_size=6)):
        with contextlib.suppress(PeopleError):
            parse_people([*taken, entry])
            taken.append(entry)
    return parse_people(taken)


@given(lists_of_people())
def test_what_is_written_is_read_again(people):
    data = render(people)
    assert parse(data, "/a").people == {person.name: person for person in people}
    assert render(parse(data, "/a").people.values()) == data
    assert data.count(b"\n") == len(people) + 2


@given(lists_of_people(), st.data())
def test_a_mutated_file_is_refused_or_read_in_full(people, data):
    content = bytearray(render(people))
    place = data.draw(st.integers(0, len(content) - 1))
    kind = data.draw(st.sampled_from(["cut", "drop", "change", "insert", "twice"]))
    if kind == "cut":
        del content[place:]
    elif kind == "drop":
        del content[place]
    elif kind == "change":
        content[place] = data.draw(st.integers(0, 255))
    elif kind == "insert":
        content.insert(place, data.draw(st.integers(0, 255)))
    else:
        content *= 2
    try:
        found = parse(bytes(content), "/a")
    except AccessError:
        return
    assert kind not in ("cut", "twice") or place == len(content)  # without the final newline it is the same
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert list(found.people) == [user["name"] for user in json.loads(content)["users"]]
    # Nothing was left out on the way: what was understood says the same when it is written again.
    assert parse(render(found.people.values()), "/a").people == found.people
