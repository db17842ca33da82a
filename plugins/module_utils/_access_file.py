# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access file: who may log in, as whom and with what. Read by the modules and, as a copy beside its own files, by the hub."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from typing import NoReturn

from ._people import ACCESS_KEYS, PeopleError, Person
from ._people import parse as parse_people

FORMAT = 1
PATH = "/etc/jupyterhub/access.json"
LARGEST = 64 * 2**20
# A file full of mistakes shall not fill the log of the hub.
_MOST_SENTENCES = 20
_encode = json.JSONEncoder(ensure_ascii=False).encode


class AccessError(ValueError):
    """The access file cannot be used; one sentence or several, a line each, that name the path."""


class Missing(AccessError):
    """There is no file."""


class TooNew(AccessError):
    """The file was written by a later version of this collection."""


@dataclasses.dataclass(frozen=True)
class Access:
    """What a file says: the people by name, and the SHA-256 of its bytes in hexadecimal."""

    people: Mapping[str, Person]
    sha256: str


def read(path: str, owners: Collection[int] = ()) -> bytes:
    """The bytes of a file that only root and whoever runs this can have written; else :class:`AccessError`.

    :param owners: numbers of further users who may own the file and its folder.
    """
    try:
        with os.fdopen(_opened(path, owners), "rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise Missing(f"{path} does not exist; write it with the module hubsmith.jupyterhub.access") from None
    except OSError as error:
        if os.path.islink(path):
            raise AccessError(f"{path} is a symbolic link; put the access file itself there") from None
        raise AccessError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise AccessError(f"{path} is larger than {LARGEST >> 20} MiB; that is no list of people")
    return data


def parse(data: bytes, path: str) -> Access:
    """What the bytes say; :class:`AccessError` for everything that is wrong with them.

    :param path: named in the sentences, nothing is read from it.
    """
    users = _users(data, path)
    try:
        people = parse_people(users, keys=ACCESS_KEYS)
    except PeopleError as error:
        sentences = [f"{path}: {line}" for line in str(error).splitlines()]
        more = len(sentences) - _MOST_SENTENCES
        raise AccessError("\n".join(sentences[:_MOST_SENTENCES]) + (f"\n{path}: and {more} more" if more > 0 else "")) from None
    for person in people:
        if person.state == "absent":
            raise AccessError(f"{path}: {person.name} has the state absent; who has no access is not in the file, so delete the line")
    return Access({person.name: person for person in people}, hashlib.sha256(data).hexdigest())


def render(people: Iterable[Person]) -> bytes:
    """The text of a file for these people, who are not absent: always the same for the same people, one line each."""
    lines = [line(person) for person in sorted(people, key=lambda person: person.name)]
    return "\n".join([f'{{"format": {FORMAT}, "users": [', *([",\n".join(lines)] if lines else []), "]}", ""]).encode()


def line(person: Person) -> str:
    """What stands in the file for one person."""
    return _encode(_entry(person))


def _opened(path: str, owners: Collection[int]) -> int:
    """A handle of the file. What is open is looked at, so that nobody exchanges it in between."""
    folder, name = os.path.split(path)
    place = os.open(folder or ".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _check_owner(folder or ".", os.fstat(place), owners)
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
    finally:
        os.close(place)
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise AccessError(f"{path} is not a regular file; put the access file itself there")
        _check_owner(path, info, owners)
    except AccessError:
        os.close(handle)
        raise
    return handle


def _check_owner(path: str, info: os.stat_result, owners: Collection[int]) -> None:
    if info.st_uid not in (0, os.geteuid(), *owners):
        raise AccessError(f"{path} belongs to the user number {info.st_uid}, who could let anybody in; run: chown root {path}")
    if info.st_mode & 0o022:
        raise AccessError(f"{path} can be written by others (mode {stat.S_IMODE(info.st_mode):04o}); run: chmod go-w {path}")


def _users(data: bytes, path: str) -> object:
    try:
        content = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise AccessError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise AccessError(f"{path} is not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise AccessError(f'{path} does not hold an object; write {{"format": {FORMAT}, "users": […]}}')
    version = content.pop("format", None)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise AccessError(f'{path} names no format; write {{"format": {FORMAT}, "users": […]}}')
    if version > FORMAT:
        raise TooNew(f"{path} is too new: it has the format {version}, and {FORMAT} is the newest known here; upgrade the collection")
    users = content.pop("users", None)
    if content:
        raise AccessError(f"{path}: the key {next(iter(content))} is unknown; known are format and users")
    if users is None:
        raise AccessError(f"{path} has no users; write an empty list if nobody may log in")
    return users


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for position, (key, _value) in enumerate(pairs) if key in dict(pairs[:position]))
        raise ValueError(f"the key {twice} is given twice in one object")
    return found


def _constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


def _entry(person: Person) -> dict[str, object]:
    entry: dict[str, object] = {"name": person.name}
    if person.state != "present":
        entry["state"] = person.state
    if person.identities:
        entry["identities"] = person.identities
    if person.admin:
        entry["admin"] = True
    if person.groups:
        entry["groups"] = person.groups
    if person.expires:
        entry["expires"] = person.expires.isoformat()
    if person.limits:
        entry["limits"] = {limit: person.limits[limit] for limit in ("memory", "cpu") if limit in person.limits}
    return entry
