# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a Python process see staged files at the places where they will be.

Part of the program that checks a configuration with the hub's own Python: standard library only.
"""

from __future__ import annotations

import builtins
import glob
import io
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any


class Overlay:
    """``places`` maps a final path to the path that stands for it now, or to None when it will be gone.

    What lies below a final path is looked up below its stand-in, so a folder or the target of a link can be given too.
    """

    def __init__(self, places: Mapping[str, str | None]) -> None:
        self.places = {os.path.abspath(final): staged for final, staged in places.items()}
        self._listdir = os.listdir

    def actual(self, path: Any) -> Any:
        """Where to look for a path; what is no path (a file descriptor) is returned as it is."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return path
        final = os.path.abspath(os.fsdecode(path))
        for place in sorted(self.places, key=len, reverse=True):
            if final == place or final.startswith(place + "/"):
                staged = self.places[place]
                return "/nonexistent" if staged is None else staged + final[len(place) :]
        return path

    def names(self, folder: Any = ".") -> list[str]:
        """Like :func:`os.listdir`."""
        if not isinstance(folder, (str, bytes, os.PathLike)):
            return self._listdir(folder)
        names = {os.fsdecode(name) for name in self._listdir(self.actual(folder))}
        final = os.path.abspath(os.fsdecode(folder))
        for place, staged in self.places.items():
            if os.path.dirname(place) == final:
                (names.discard if staged is None else names.add)(os.path.basename(place))
        return sorted(names)

    def touches(self, folder: Any) -> bool:
        """Whether the listing of a folder differs from what is on the disk."""
        if not isinstance(folder, (str, bytes, os.PathLike)):
            return False
        final = os.path.abspath(os.fsdecode(folder))
        return self.actual(folder) is not folder or any(os.path.dirname(place) == final for place in self.places)

    def install(self) -> None:
        """Redirect this process for good."""
        replaced: dict[Any, Any] = {}
        for module, name in [(builtins, "open"), (io, "open"), (io, "open_code"), *((os, name) for name in _ONE_PATH)]:
            replaced[getattr(module, name)] = redirected = self._redirect(getattr(module, name))
            setattr(module, name, redirected)
        for name, redirected in (("listdir", self.names), ("scandir", self._scandir(os.scandir))):
            replaced[getattr(os, name)] = redirected
            setattr(os, name, redirected)
        _replace_static(glob, replaced)

    def _redirect(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def redirected(path: Any, *arguments: Any, **options: Any) -> Any:
            return function(self.actual(path), *arguments, **options)

        return redirected

    def _scandir(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def scandir(path: Any = ".") -> Any:
            return _Listing(path, self.names(path)) if self.touches(path) else function(path)

        return scandir


_ONE_PATH = ("open", "stat", "lstat", "access", "readlink")


def _replace_static(module: Any, replaced: Mapping[Any, Any]) -> None:
    """Some Pythons keep functions of os in classes behind glob and pathlib, made before we came."""
    for kept in [value for value in vars(module).values() if isinstance(value, type)]:
        for name, value in list(vars(kept).items()):
            if isinstance(value, staticmethod) and value.__func__ in replaced:
                setattr(kept, name, staticmethod(replaced[value.__func__]))


class _Listing:
    """What :func:`os.scandir` returns, for a folder with staged files in it."""

    def __init__(self, folder: Any, names: list[str]) -> None:
        self._entries = iter([_Entry(os.path.join(os.fsdecode(folder), name)) for name in names])

    def __iter__(self) -> Iterator[_Entry]:
        return self._entries

    def __next__(self) -> _Entry:
        return next(self._entries)

    def __enter__(self) -> _Listing:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held open."""


class _Entry(os.PathLike[str]):
    """A directory entry at its final path; the functions of os are redirected already."""

    def __init__(self, path: str) -> None:
        self.path, self.name = path, os.path.basename(path)

    def __fspath__(self) -> str:
        return self.path

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return os.stat(self.path, follow_symlinks=follow_symlinks)

    def inode(self) -> int:
        return os.lstat(self.path).st_ino

    def is_symlink(self) -> bool:
        return os.path.islink(self.path)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return os.path.isfile(self.path) and (follow_symlinks or not self.is_symlink())

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return os.path.isdir(self.path) and (follow_symlinks or not self.is_symlink())
