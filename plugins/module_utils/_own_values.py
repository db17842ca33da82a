# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a name in a configuration file can stand for, as far as it is known without running the file.

Texts and containers are held as Python's own, so that their operations mean, and raise, what they do in the hub.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Reason(NamedTuple):
    """Why something is not known, and where."""

    line: int
    text: str


class Stops(Exception):
    """The hub would not get past this statement."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


class Entry(NamedTuple):
    """A text is written as this part of a display (of a dict's: the key or the value)."""

    display: ast.expr
    number: int


class Name(str):
    """A text that knows where it is written: in a display, or by a statement that does nothing else."""

    __slots__ = ("origin",)
    origin: Entry | ast.stmt | None

    def __new__(cls, text: str, origin: Entry | ast.stmt | None) -> Name:
        self = super().__new__(cls, text)
        self.origin = origin
        return self


# Where a further text can be written so that it comes into a container.
Home = ast.expr | ast.stmt


@dataclasses.dataclass(eq=False)
class Box:
    """A set, list, tuple, dict or the like. Two names for it share one box, as they share one object in the hub."""

    value: Any
    homes: list[Home] = dataclasses.field(default_factory=list)
    spoiled: Reason | None = None
    # What this is a view of: it changes with that.
    of: Box | None = None

    def __hash__(self) -> int:
        return hash(self.value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.value)

    def inner(self) -> Iterator[Box | Lazy]:
        """Containers in this one."""
        parts = [*self.value, *self.value.values()] if isinstance(self.value, dict) else self.value
        return (part for part in parts if isinstance(part, (Box, Lazy)))


@dataclasses.dataclass(eq=False)
class LazyConfigValue:
    """As traitlets has it: what is said to a trait that has no value yet, kept for when it has one."""

    changes: set[Any] | dict[Any, Any] | None = None
    items: list[Any] = dataclasses.field(default_factory=list)
    homes: list[Home] = dataclasses.field(default_factory=list)
    spoiled: Reason | None = None

    def update(self, other: Any) -> None:
        if self.changes is None:
            self.changes = {} if isinstance(other, dict) else set()
        self.changes.update(other)

    def add(self, item: Any) -> None:
        self.update({item})

    def append(self, item: Any) -> None:
        self.items.append(item)

    def extend(self, other: Iterable[Any]) -> None:
        self.items.extend(other)

    def prepend(self, other: Iterable[Any]) -> None:
        self.items.extend(other)

    def insert(self, index: Any, item: Any) -> None:
        self.items.append(item)


Lazy = LazyConfigValue


@dataclasses.dataclass(frozen=True, eq=False)
class Unknown:
    """``read``: the containers that it may have been computed from."""

    reason: Reason
    read: tuple[Box | Lazy, ...] = ()


@dataclasses.dataclass(frozen=True)
class Imported:
    """Something from another module, by its dotted name."""

    dotted: str
    line: int = dataclasses.field(default=1, compare=False)


@dataclasses.dataclass(frozen=True, eq=False)
class OwnClass:
    """A class that the file defines."""

    name: str
    bases: tuple[object, ...]
    node: ast.ClassDef


@dataclasses.dataclass(frozen=True)
class Builtin:
    """``get_config`` or ``load_subconfig``, which traitlets gives the file."""

    name: str


@dataclasses.dataclass
class Slot:
    """What a key of a section holds, and the statement that last said so."""

    value: object
    line: int
    # The expression that was assigned, when the statement is a plain assignment.
    node: ast.expr | None = None
    statement: ast.stmt | None = None


@dataclasses.dataclass(eq=False)
class Section:
    """A traitlets ``Config``: the whole (``c``), or what is under a capitalised name in it."""

    name: str = ""
    slots: dict[str, Slot] = dataclasses.field(default_factory=dict)
    sections: dict[str, Section] = dataclasses.field(default_factory=dict)
    spoiled: Reason | None = None
    # Keys that a function may set whenever it is called.
    unsteady: dict[str, Reason] = dataclasses.field(default_factory=dict)
    # Assignments that a later one has replaced.
    replaced: list[tuple[str, Slot]] = dataclasses.field(default_factory=list)

    def section(self, name: str) -> Section:
        return self.sections.setdefault(name, Section(f"{self.name}.{name}" if self.name else name))

    def put(self, key: str, slot: Slot) -> None:
        if key in self.slots:
            self.replaced.append((key, self.slots[key]))
        self.slots[key] = slot

    def known(self, key: str) -> Slot | None:
        """What the key holds, with whatever stands against knowing it."""
        slot = self.slots.get(key)
        reason = self.spoiled or self.unsteady.get(key)
        return Slot(Unknown(reason), reason.line) if reason else slot


def is_section_name(key: str) -> bool:
    return bool(key) and key[0].upper() == key[0] and not key.startswith("_")


def raw(value: object) -> Any:
    """The Python object that stands for a value in an operation."""
    return value.value if isinstance(value, Box) else value
