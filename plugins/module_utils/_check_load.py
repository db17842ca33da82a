# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load a configuration as the hub does, and remember which line of which file set what.

Part of the program that checks a configuration with the hub's own Python: standard library and, once called, traitlets.
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

Place = tuple[str, int]


@dataclass
class Trace:
    """What happened while a configuration was loaded.

    ``origins`` tells where each "Section.trait" was set last, ``files`` what was loaded, ``missing`` which files
    ``load_subconfig`` looked for in vain.
    """

    origins: dict[str, Place] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    missing: list[tuple[str, Place]] = field(default_factory=list)
    internal: set[str] = field(default_factory=lambda: {__file__})

    def place(self) -> tuple[Place, bool]:
        """The line of the configuration that is being executed, and whether a loaded file is just being merged into another."""
        frame: FrameType | None = sys._getframe(1)
        merging, nearest = False, None
        while frame is not None:
            name = frame.f_code.co_filename
            if name in self.files:
                return (name, frame.f_lineno), merging
            if name in self.internal:
                merging = merging or frame.f_code.co_name == "load_subconfig"
            elif nearest is None:
                nearest = (name, frame.f_lineno)
            frame = frame.f_back
        return nearest or ("", 0), merging

    def note(self, *path: str) -> None:
        """Remember that ``path`` is set by the line that is being executed; a merge knows less than the line that set it before."""
        place, merging = self.place()
        name = ".".join(path)
        if not (merging and name in self.origins):
            self.origins[name] = place

    def blame(self, error: BaseException) -> Place:
        """The deepest line of the configuration that an exception came through."""
        if isinstance(error, SyntaxError) and error.filename in self.files:
            return error.filename or "", error.lineno or 0
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in self.files]
        if frames:
            return frames[-1].filename, frames[-1].lineno or 0
        return (self.files[-1] if self.files else ""), 0


def describe(error: BaseException) -> str:
    """One sentence for an exception, as Python itself words it."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    return " ".join(traceback.format_exception_only(type(error), error)[0].split())


def load(path: str, trace: Trace) -> Any:
    """The configuration that the file at ``path`` makes; what it raises is passed on."""
    return _loader(trace)(path, None).load_config()


def _loader(trace: Trace) -> Any:
    from traitlets.config import loader

    trace.internal.add(loader.__file__)

    class TracedConfig(loader.Config):  # type: ignore[misc]
        """Knows its own name and notes each change. Every way to change a dictionary goes through here."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            object.__setattr__(self, "_path", ())
            super().__init__(*arguments, **options)

        def _at(self, path: tuple[str, ...]) -> Any:
            object.__setattr__(self, "_path", path)
            return self

        def __getitem__(self, key: str) -> Any:
            if key not in self and loader._is_section_key(key):
                dict.__setitem__(self, key, TracedConfig()._at((*self._path, key)))
            value = super().__getitem__(key)
            if isinstance(value, loader.LazyConfigValue):
                # Nobody touches one of these but to append to it, which cannot be seen from here.
                trace.note(*self._path, key)
            return value

        def __setitem__(self, key: str, value: Any) -> None:
            if isinstance(value, loader.Config):
                section = TracedConfig()._at((*self._path, key))
                section.update(value)
                dict.__setitem__(self, key, section)
                return
            super().__setitem__(key, value)
            trace.note(*self._path, key)

        def setdefault(self, key: str, default: Any = None) -> Any:
            if key not in self:
                self[key] = default
            return self[key]

        def update(self, *arguments: Any, **options: Any) -> None:
            for key, value in dict(*arguments, **options).items():
                self[key] = value

        def __ior__(self, other: Any) -> Any:
            self.update(other)
            return self

    class TracedLoader(loader.PyFileConfigLoader):  # type: ignore[misc]
        def clear(self) -> None:
            self.config = TracedConfig()

        def load_config(self) -> Any:
            try:
                return super().load_config()
            except loader.ConfigFileNotFound:
                trace.missing.append((self.filename, trace.place()[0]))
                raise

        def _read_file_as_dict(self) -> None:
            trace.files.append(self.full_filename)
            super()._read_file_as_dict()

    return TracedLoader
