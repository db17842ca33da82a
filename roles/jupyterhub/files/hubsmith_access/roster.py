# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access file, indexed for logins: as its one parser reads it, and fast where the file has the layout that we write ourselves."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ._access_file import FORMAT, AccessError
from ._access_file import parse as parse_slowly
from ._people import SYSTEM_ACCOUNTS, Person

_HEAD = f'{{"format": {FORMAT}, "users": [\n'
_TAIL = "\n]}\n"
_WORD = r'"[!#-@\[\]-~]+"'
# One person on one line. What is left to the parser, because few different values are to be expected, is only delimited here.
_LINE = re.compile(
    r'^\{"name": "((?!systemd-)[a-z][a-z0-9_-]{0,30})"'
    r'(?:, "state": "(blocked)")?'
    rf'(?:, "identities": \[({_WORD}(?:, {_WORD})*)\])?'
    r'(, "admin": true)?'
    r'(?:, "groups": (\[[^\n\[\]]*\]))?'
    r'(?:, "expires": ("[0-9-]+"))?'
    r'(?:, "limits": (\{[^\n{}]*\}))?\},\n',
    re.MULTILINE,
)
_Row = tuple[str, str, str, str, str, str, str]
# So much text at a time, as nothing else runs in the hub while a regular expression is at work.
_SLICE = 1 << 18
_FEW = 4096


@dataclasses.dataclass(frozen=True)
class Roster:
    """What a file says, with what a login asks for."""

    sha256: str
    people: Mapping[str, Person]
    owners: Mapping[str, str]
    admins: frozenset[str]
    blocked: frozenset[str]
    expires: Mapping[str, datetime.date]

    def differing(self, other: Roster) -> set[str]:
        """The names of which the two do not say the same."""
        mine: Mapping[str, object] = self.people
        theirs: Mapping[str, object] = other.people
        if isinstance(mine, _Lines) and isinstance(theirs, _Lines):
            mine, theirs = mine.rows, theirs.rows
        return {name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)}


def parse(data: bytes, path: str) -> Roster:
    """As :func:`_access_file.parse`, with the same errors; up to ten times as fast where the file is laid out as we write it."""
    return _parse_quickly(data) or _indexed(data, path)


def _indexed(data: bytes, path: str) -> Roster:
    access = parse_slowly(data, path)
    people = access.people
    return Roster(
        access.sha256,
        people,
        {identity: person.name for person in people.values() for identity in person.identities},
        frozenset(person.name for person in people.values() if person.admin),
        frozenset(person.name for person in people.values() if person.state != "present"),
        {person.name: person.expires for person in people.values() if person.expires},
    )


class _Lines(Mapping[str, Person]):
    """People who are made when they are asked for: a hub with 100,000 has to do with few of them at a time."""

    def __init__(self, rows: dict[str, _Row], values: dict[str, Any]) -> None:
        self.rows = rows
        self.values_of = values

    def __getitem__(self, name: str) -> Person:
        _name, state, identities, admin, groups, expires, limits = self.rows[name]
        given = {key: self.values_of[text] for key, text in (("groups", groups), ("expires", expires), ("limits", limits)) if text}
        return Person(name, state or "present", tuple(_split(identities)), bool(admin), **given)

    def __contains__(self, name: object) -> bool:
        return name in self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def _parse_quickly(data: bytes) -> Roster | None:
    """None means no more than that the parser has to look at it."""
    rows = _rows(data)
    owners = _owners(rows)
    if not rows or owners is None or not rows.keys().isdisjoint(SYSTEM_ACCOUNTS):
        return None
    values: dict[str, Any] = {}
    for column, key in ((4, "groups"), (5, "expires"), (6, "limits")):
        texts = {row[column] for row in rows.values()} - {""}
        if len(texts) > _FEW:
            return None
        try:
            values.update((text, _value(key, text)) for text in texts)
        except AccessError:
            return None
    return Roster(
        hashlib.sha256(data).hexdigest(),
        _Lines(rows, values),
        owners,
        frozenset(name for name, row in rows.items() if row[3]),
        frozenset(name for name, row in rows.items() if row[1]),
        {name: values[row[5]] for name, row in rows.items() if row[5]},
    )


def _rows(data: bytes) -> dict[str, _Row]:
    """The lines by name; nothing unless each and every line is one complete person."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {}
    if not (text.startswith(_HEAD) and text.endswith(_TAIL)):
        return {}
    # Every line ends alike now. As each is an object of its own and a comma stands between them, together they are an array.
    text = text[len(_HEAD) : -len(_TAIL)] + ",\n"
    rows: dict[str, _Row] = {}
    start = 0
    while start < len(text):
        end = text.find("\n", min(start + _SLICE, len(text) - 1)) + 1
        rows.update((row[0], row) for row in _LINE.findall(text, start, end))
        start = end
    return rows if len(rows) == text.count("\n") else {}


def _owners(rows: Mapping[str, _Row]) -> dict[str, str] | None:
    """Who is meant by which identity; None if that is not clear."""
    owners: dict[str, str] = {}
    count = 0
    for name, row in rows.items():
        for identity in _split(row[2]):
            owners[identity] = name
            count += 1
            if identity in rows and identity != name:
                return None
    return owners if len(owners) == count else None


def _split(words: str) -> Iterable[str]:
    return words[1:-1].split('", "') if words else ()


def _value(key: str, text: str) -> Any:
    """What the one parser makes of this text. Nothing but a complete JSON value can stand in such a place."""
    content = f'{{"format": {FORMAT}, "users": [{{"name": "a", "{key}": {text}}}]}}'
    return getattr(parse_slowly(content.encode(), "").people["a"], key)
