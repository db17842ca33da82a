# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit who may log in, in an access file or in somebody's own configuration: read, change and swap, with nobody in between."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import (
    _access_edit,
    _access_file,
    _attributes,
    _files,
    _lock,
    _own_read,
    _people,
    _snapshot,
)

if TYPE_CHECKING:
    from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_config import Edit

# How long another run on this host is waited for.
PATIENCE = 300
UNTOUCHED = "nothing was changed"
OPTIONS: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "default": _access_file.PATH},
    "authenticator_class": {"type": "str"},
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "backup": {"type": "bool", "default": False},
}


class Refused(ValueError):
    """The file cannot be edited, for the reason that the text gives."""


REFUSALS = (
    Refused,
    _access_edit.Refused,
    _access_file.AccessError,
    _attributes.Unknown,
    _files.Interrupted,
    _lock.Busy,
    _own_read.Unsafe,
    _people.PeopleError,
    OSError,
)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where the file is and how it shall lie there; ``None`` means: as it does now."""

    path: str
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    backup: bool = False


@dataclasses.dataclass(frozen=True)
class Operation:
    """What is to be done, for each kind of file.

    :param whole: the people there will be, if that does not depend on those there are.
    """

    on_access: Callable[[_access_edit.People], dict[str, _people.Person]]
    on_config: Callable[[bytes, str], Edit]
    whole: _access_edit.People | None = None


@dataclasses.dataclass
class Outcome:
    """What was done, or in check mode would be.

    :param data: the whole file after it.
    :param texts: what is shown of the change, before and after it.
    :param people: None for a configuration.
    """

    data: bytes
    texts: tuple[str, str]
    rosters: dict[str, Any]
    people: _access_edit.People | None = None
    warnings: list[str] = dataclasses.field(default_factory=list)
    diff: list[dict[str, str]] = dataclasses.field(default_factory=list)
    backup_file: str | None = None

    def standings(self) -> list[dict[str, str]]:
        """The names and what each is today."""
        if self.people is not None:
            return _access_edit.standings(self.people.values(), datetime.date.today())
        blocked = set(self.rosters["blocked"])
        names = sorted({*self.rosters["allowed"], *blocked})
        return [{"name": name, "standing": "blocked" if name in blocked else "allowed"} for name in names]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def result(self) -> dict[str, object]:
        """What every module returns of it."""
        backup = {"backup_file": self.backup_file} if self.backup_file else {}
        return {"changed": bool(self.diff), "diff": self.diff, **backup}


def place(given: Mapping[str, Any]) -> Place:
    """From the options of a module."""
    return Place(
        path=os.path.abspath(given["path"]),
        mode=None if given["mode"] is None else _attributes.octal(given["mode"]),
        uid=_attributes.user(given["owner"]),
        gid=_attributes.group(given["group"]),
        backup=given["backup"],
    )


def is_access_file(path: str) -> bool:
    """By the name's suffix; where it does not tell, by the content: an access file is an object of JSON."""
    suffix = os.path.splitext(path)[1]
    if suffix in (".json", ".py") or not os.path.exists(path):
        return suffix != ".py"
    with open(path, "rb") as file:
        return file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def change(here: Place, operation: Operation, check_mode: bool) -> Outcome:
    """Do it, or in check mode only tell what would be done."""
    # Check mode writes nothing, the lock file included.
    with _files.signals_raise(), contextlib.nullcontext() if check_mode else _lock.held(_lock.PATH, PATIENCE):
        if is_access_file(here.path):
            now = _access_now(here)
            outcome = _on_access(here, _files.content(now), operation)
        else:
            here = dataclasses.replace(here, path=os.path.realpath(here.path))
            now = _config_now(here)
            outcome = _on_config(here, _files.content(now) or b"", operation)
        _put(here, now, outcome, check_mode)
    return outcome


def carry_out(module: Any, operation: Operation) -> Outcome:
    """The same for a module that has :data:`OPTIONS`; when it is refused, the module fails."""
    try:
        outcome = change(place(module.params), operation, module.check_mode)
    except REFUSALS as error:
        module.fail_json(msg=f"{error}\n{UNTOUCHED}")
    for warning in outcome.warnings:
        module.warn(warning)
    return outcome


# -- an access file


def _access_now(here: Place) -> _snapshot.Entry:
    if here.mode is not None and here.mode & 0o022:
        raise Refused(f"with the mode {here.mode:04o} others could write {here.path}, and the hub would refuse it; leave out go+w")
    try:
        data = _access_file.read(here.path, () if here.uid is None else (here.uid,))
    except _access_file.Missing:
        return _snapshot.ABSENT
    info = os.stat(here.path)
    return _files.file(data, info.st_mode & 0o7777, info.st_uid, info.st_gid)


def _on_access(here: Place, data: bytes | None, operation: Operation) -> Outcome:
    today = datetime.date.today()
    if operation.whole is not None and data == _access_file.render(operation.whole.values()):
        return _of_people(data, ("", ""), operation.whole, today)
    before, sentence = _read_people(here.path, data, operation)
    after = operation.on_access(before)
    if after == before and data is not None and not sentence:
        return _of_people(data, ("", ""), after, today)
    outcome = _of_people(_access_file.render(after.values()), _access_edit.changed_lines(before, after), after, today)
    outcome.warnings = [*sentence, *_access_edit.warnings(before, after, today)]
    return outcome


def _read_people(path: str, data: bytes | None, operation: Operation) -> tuple[_access_edit.People, list[str]]:
    """The people who are in the file, and a warning if it is broken, which does not matter when all of it is replaced."""
    try:
        return ({} if data is None else _access_file.parse(data, path).people), []
    except _access_file.AccessError as error:
        if operation.whole is None or isinstance(error, _access_file.TooNew):
            raise
        return {}, [f"what was there could not be used, and was replaced by the whole list: {error}"]


def _of_people(data: bytes, texts: tuple[str, str], people: _access_edit.People, today: datetime.date) -> Outcome:
    return Outcome(data, texts, _access_edit.rosters(people.values(), today), people)


# -- somebody's own configuration


def _config_now(here: Place) -> _snapshot.Entry:
    if not os.path.isfile(here.path):
        raise Refused(f"{here.path} is not there as a file; name the configuration with which the hub is started")
    return _snapshot.take([here.path])[here.path]


def _on_config(here: Place, data: bytes, operation: Operation) -> Outcome:
    edit = operation.on_config(data, here.path)
    texts = (data.decode(errors="replace"), edit.data.decode(errors="replace"))
    return Outcome(edit.data, texts, dataclasses.asdict(edit.after), warnings=edit.warnings)


# -- both


def _put(here: Place, now: _snapshot.Entry, outcome: Outcome, check_mode: bool) -> None:
    old = {"mode": 0o600, "uid": os.geteuid(), "gid": os.getegid()} | now
    wanted = {"mode": here.mode, "uid": here.uid, "gid": here.gid}
    after = _files.file(outcome.data, **{key: old[key] if value is None else value for key, value in wanted.items()})
    if after == now:
        return
    entries = {here.path: after}
    if here.backup and now["type"] == "file":
        outcome.backup_file = f"{here.path}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S')}~"
        entries[outcome.backup_file] = now
    try:
        if not check_mode:
            _files.swap(entries)
    except OSError as error:
        raise Refused(f"{here.path} cannot be written: {error.strerror}; it was left as it was") from None
    outcome.diff = [_files.pair(here.path, now, after, outcome.texts)]
