# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put several files and symbolic links in place at once: all of them or none."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any, NoReturn

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._snapshot import Entry, Snapshot

# Where SELinux keeps the context of a file.
LABEL = "security.selinux"


class Interrupted(BaseException):
    """A signal asked this process to end. Like KeyboardInterrupt, it is not for those who catch every Exception."""


def file(data: bytes, mode: int, uid: int, gid: int) -> Entry:
    """The entry of a regular file."""
    return {"type": "file", "data": base64.b64encode(data).decode(), "mode": mode, "uid": uid, "gid": gid}


def private(data: bytes) -> Entry:
    """The entry of a file that only whoever runs this can read."""
    return file(data, 0o600, os.geteuid(), os.getegid())


def link(target: str) -> Entry:
    """The entry of a symbolic link."""
    return {"type": "link", "target": target}


def content(entry: Entry) -> bytes | None:
    """The bytes of a regular file, else None."""
    return base64.b64decode(entry["data"]) if entry["type"] == "file" else None


def write_private(path: str, data: bytes) -> None:
    """Write a file that only whoever runs this can read, whole or not at all."""
    swap({path: private(data)})


def make_private(folder: str) -> None:
    """Make a folder into which only whoever runs this can look, unless it is there."""
    if not os.path.isdir(folder):
        os.makedirs(os.path.dirname(folder), 0o755, exist_ok=True)
        os.mkdir(folder, 0o700)


def swap(entries: Mapping[str, Entry]) -> None:
    """Make every path what its entry says; when that fails anywhere, every path is left as it was.

    All that needs space on the disk is written beside the old files first, so that only renames remain. The caller holds
    the lock: the names of the files beside are fixed, by which what a killed run left behind is replaced.
    """
    folders: list[str] = []
    steps = [_Step(path, entry) for path, entry in entries.items()]
    begun: list[_Step] = []
    with signals_raise():
        try:
            for step in steps:
                _make_folders(os.path.dirname(step.path), folders)
                step.prepare()
            for step in steps:
                begun.append(step)
                step.put()
            # From here on it is done: a signal must not make it look undone.
            _ignore_signals()
        except BaseException:
            for step in reversed(begun):
                step.undo()
            _clean(steps)
            for folder in reversed(folders):
                os.rmdir(folder)
            raise
        _clean(steps)
        for folder in {os.path.dirname(path) for path in entries}:
            _sync_folder(folder)


def diff(now: Snapshot, changes: Snapshot) -> list[dict[str, str]]:
    """What Ansible shows with --diff: a pair of texts for each path of ``changes``; ``now`` knows at least these paths."""
    return [pair(path, now[path], entry, (_shown(now[path]), _shown(entry))) for path, entry in changes.items()]


def pair(path: str, before: Entry, after: Entry, texts: tuple[str, str]) -> dict[str, str]:
    """One such pair, with these texts for the contents."""
    owned = before["type"] == after["type"] == "file" and _attributes(before) != _attributes(after)
    shown = [(_attributes(entry) if owned else "") + text for entry, text in zip((before, after), texts, strict=True)]
    return {"before_header": path, "after_header": path, "before": shown[0], "after": shown[1]}


def _attributes(entry: Entry) -> str:
    return f"# mode {entry['mode']:04o}, owner {entry['uid']}:{entry['gid']}\n"


def _shown(entry: Entry) -> str:
    data = content(entry)
    if data is not None:
        return data.decode(errors="replace")
    return f"-> {entry['target']}\n" if entry["type"] == "link" else ""


class _Step:
    """One path on its way to its entry."""

    def __init__(self, path: str, entry: Entry) -> None:
        self.path, self.entry = path, entry
        folder, name = os.path.split(path)
        # Hidden, and without the suffix: nobody who lists *.py loads them.
        self.fresh = os.path.join(folder, f".{name}.hubsmith-new")
        self.kept = os.path.join(folder, f".{name}.hubsmith-old")

    def prepare(self) -> None:
        self.clean()
        if self.entry["type"] == "link":
            os.symlink(self.entry["target"], self.fresh)
        elif self.entry["type"] == "file":
            self._write(base64.b64decode(self.entry["data"]))
        if os.path.islink(self.path):
            os.symlink(os.readlink(self.path), self.kept)
        elif os.path.exists(self.path):
            os.link(self.path, self.kept)

    def _write(self, data: bytes) -> None:
        handle = os.open(self.fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fchown(handle, self.entry["uid"], self.entry["gid"])
            os.fchmod(handle, self.entry["mode"])
            self._keep_label(handle)
            os.fsync(handle)

    def _keep_label(self, handle: int) -> None:
        """A security context that somebody gave to the file that is replaced stays; else the folder's rules decide."""
        try:
            label = os.getxattr(self.path, LABEL, follow_symlinks=False)
        except OSError:
            return
        os.setxattr(handle, LABEL, label)

    def put(self) -> None:
        if self.entry["type"] != "absent":
            os.replace(self.fresh, self.path)
        elif os.path.lexists(self.path):
            os.unlink(self.path)

    def undo(self) -> None:
        if os.path.lexists(self.kept):
            os.replace(self.kept, self.path)
        elif os.path.lexists(self.path):
            os.unlink(self.path)

    def clean(self) -> None:
        for path in (self.fresh, self.kept):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


def _clean(steps: list[_Step]) -> None:
    for step in steps:
        # A folder may be missing when the very creation of folders failed.
        with contextlib.suppress(NotADirectoryError):
            step.clean()


def _make_folders(folder: str, made: list[str]) -> None:
    if os.path.isdir(folder):
        return
    _make_folders(os.path.dirname(folder), made)
    os.mkdir(folder, 0o755)
    made.append(folder)


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def _ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def signals_raise() -> Iterator[None]:
    """Let SIGTERM and the like raise, so that what was begun is undone; a second one does not disturb the undoing."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        _ignore_signals()
        raise Interrupted(f"interrupted by {signal.Signals(number).name}")

    before: dict[signal.Signals, Any] = {number: signal.signal(number, end) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
