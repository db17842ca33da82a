# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes homes from a skeleton that is read once, and removes them.

Nothing is written through a name that somebody could turn into a link: from the new folder on, all goes by open folders.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence

SMALL = 2**20  # A file up to this size is read once for all homes.


class HomeError(Exception):
    """The skeleton holds something that cannot be copied, or a home could not be made."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """The skeleton, or something in it. ``path`` is where that is; ``inside`` is for folders, ``content`` for small files."""

    name: str
    path: str
    status: os.stat_result
    attributes: Mapping[str, bytes]
    inside: Sequence[Entry] = ()
    content: bytes | None = None

    def put(self, folder: int, uid: int, gid: int) -> None:
        """Make it anew in an open folder."""
        if stat.S_ISLNK(self.status.st_mode):
            os.symlink(os.readlink(self.path), self.name, dir_fd=folder)
            os.chown(self.name, uid, gid, dir_fd=folder, follow_symlinks=False)
        elif stat.S_ISDIR(self.status.st_mode):
            with _new_folder(self.name, folder) as handle:
                self.fill(handle, uid, gid)
                self._finish(handle, uid, gid)
        else:
            handle = os.open(self.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
            try:
                for part in self._parts():
                    _write(handle, part)
                self._finish(handle, uid, gid)
            finally:
                os.close(handle)

    def fill(self, handle: int, uid: int, gid: int) -> None:
        for entry in self.inside:
            entry.put(handle, uid, gid)

    def _parts(self) -> Iterator[bytes]:
        if self.content is not None:
            yield self.content
            return
        with open(self.path, "rb") as source:
            while part := source.read(SMALL):
                yield part

    def _finish(self, handle: int, uid: int, gid: int) -> None:
        os.fchown(handle, uid, gid)
        # No program of the host's skeleton starts with the rights of the person.
        os.fchmod(handle, self.status.st_mode & (0o7777 if stat.S_ISDIR(self.status.st_mode) else 0o1777))
        self.dress(handle)
        os.utime(handle, ns=(self.status.st_atime_ns, self.status.st_mtime_ns))

    def dress(self, handle: int) -> None:
        """Access lists and the like, where the file system has them."""
        for name, value in self.attributes.items():
            try:
                os.setxattr(handle, name, value)
            except OSError as error:
                if error.errno != errno.ENOTSUP:
                    raise


def read(path: str) -> Entry:
    """A skeleton, without the content of its files."""
    status = os.stat(path)
    return Entry("", path, status, _attributes(path), _inside(path))


def stage(home: str, skeleton: Entry | None, uid: int, gid: int, mode: int) -> str:
    """Make a home beside its place; returns the path. What an interrupted run has left there goes."""
    parent, leaf = os.path.split(home)
    name = f".{leaf}.new"
    try:
        os.makedirs(parent, mode=0o755, exist_ok=True)
        remove(f"{parent}/{name}")
        with _opened(parent) as folder, _new_folder(name, folder) as handle:
            if skeleton:
                skeleton.fill(handle, uid, gid)
                skeleton.dress(handle)
            os.fchown(handle, uid, gid)
            os.fchmod(handle, mode)
    except OSError as error:
        raise HomeError(f"the home {home} could not be made: {error}; put that right, and the next run goes on from there") from error
    return f"{parent}/{name}"


def remove(path: str) -> None:
    """Whatever is there, if anything; a link is not followed."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(path) if stat.S_ISDIR(os.lstat(path).st_mode) else os.unlink(path)


def _inside(path: str) -> list[Entry]:
    with os.scandir(path) as found:
        return [_entry(one) for one in sorted(found, key=lambda one: one.name)]


def _entry(found: os.DirEntry[str]) -> Entry:
    status = found.stat(follow_symlinks=False)
    if stat.S_IFMT(status.st_mode) not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
        raise HomeError(f"{found.path} is neither a file nor a folder nor a link; take it out of the skeleton")
    inside = _inside(found.path) if stat.S_ISDIR(status.st_mode) else []
    return Entry(found.name, found.path, status, _attributes(found.path), inside, _content(found.path, status))


def _content(path: str, status: os.stat_result) -> bytes | None:
    if not stat.S_ISREG(status.st_mode) or status.st_size > SMALL:
        return None
    with open(path, "rb") as source:
        return source.read()


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _attributes(path: str) -> dict[str, bytes]:
    """Access lists and the site's own; a security label is the new file's own affair."""
    try:
        names = [name for name in os.listxattr(path, follow_symlinks=False) if name.startswith(("user.", "system.posix_acl_"))]
    except OSError:
        return {}
    return {name: os.getxattr(path, name, follow_symlinks=False) for name in names}


@contextlib.contextmanager
def _opened(path: str, folder: int | None = None) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | (os.O_NOFOLLOW if folder is not None else 0), dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def _new_folder(name: str, folder: int) -> Iterator[int]:
    os.mkdir(name, 0o700, dir_fd=folder)
    with _opened(name, folder) as handle:
        yield handle
