# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known at one place of a configuration file: its names, the configuration ``c``, and what is not to be relied on."""

from __future__ import annotations

import ast
import dataclasses
from typing import TypeAlias

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import (
    Box,
    Builtin,
    Lazy,
    Reason,
    Section,
    Slot,
    Unknown,
    is_section_name,
)

# Methods that a section has as a dict; any other name is a key of it.
_SECTION_METHODS = "clear collisions copy fromkeys get has_key items keys merge pop popitem setdefault update values"
SECTION_METHODS = frozenset(_SECTION_METHODS.split())
ROSTER_KEYS = frozenset(["allowed_users", "admin_users", "blocked_users", "username_map", "whitelist"])


@dataclasses.dataclass(frozen=True)
class Place:
    """A key of a section, whether it has a value or not."""

    section: Section
    key: str

    @property
    def value(self) -> object:
        slot = self.section.slots.get(self.key)
        return slot.value if slot else None


# What may be reached, and so changed, through an expression.
Reached: TypeAlias = "Section | Place | Box | Lazy"


class State:
    """The names are those that traitlets gives the file, and what its statements add."""

    def __init__(self) -> None:
        self.root = Section()
        self.names: dict[str, object] = {
            "c": self.root,
            "get_config": Builtin("get_config"),
            "load_subconfig": Builtin("load_subconfig"),
        }
        # Names through which a function, whenever it is called, may change what they stand for then, or only containers in it.
        self.captured: dict[str, Reason] = {}
        self.looked_up: dict[str, Reason] = {}
        # What functions look into: containers in these are theirs to change.
        self.looked_into: list[tuple[Place | Box | Lazy, Reason]] = []

    def bind(self, name: str, value: object) -> None:
        before = self.names.get(name)
        self.names[name] = value
        if name in self.captured and value is not before and isinstance(value, (Section, Box, Lazy)):
            spoil(value, self.captured[name])
        if name in self.looked_up and isinstance(value, Box):
            self.looked_into.append((value, self.looked_up[name]))

    def put(self, section: Section, key: str, slot: Slot) -> None:
        section.put(key, slot)
        if key in section.unsteady and isinstance(slot.value, (Box, Lazy)):
            spoil(slot.value, section.unsteady[key])

    def finish(self) -> None:
        """The file has come to its end; its functions may be called from now on."""
        for looked, reason in self.looked_into:
            found = looked.value if isinstance(looked, Place) else looked
            for part in found.inner() if isinstance(found, Box) else ():
                spoil(part, reason)

    def is_builtin(self, node: ast.expr, *names: str) -> bool:
        """Whether the expression is one of Python's own names, which the file has not given another meaning."""
        return isinstance(node, ast.Name) and node.id in names and node.id not in self.names

    def reach(self, node: ast.expr, hidden: frozenset[str] = frozenset()) -> Reached | None:
        """The tracked object that an expression leads to, without any effect. ``hidden``: names that mean something else there."""
        if isinstance(node, ast.Name):
            found = None if node.id in hidden else self.names.get(node.id)
            return found if isinstance(found, (Section, Box, Lazy)) else None
        if isinstance(node, ast.Call) and self.is_get_config(node):
            return self.root
        key: object = None
        if isinstance(node, ast.Attribute):
            key = node.attr
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            key = node.slice.value
        else:
            return None
        return _part(self.reach(node.value, hidden), key, isinstance(node, ast.Attribute))

    def is_get_config(self, node: ast.Call) -> bool:
        called = self.names.get(node.func.id) if isinstance(node.func, ast.Name) else None
        return called == Builtin("get_config") and not node.args and not node.keywords


def _part(whole: Reached | None, key: object, by_attribute: bool) -> Reached | None:
    if isinstance(whole, Section) and isinstance(key, str) and not (by_attribute and key in SECTION_METHODS):
        place = Place(whole, key)
        return whole.section(key) if is_section_name(key) else place.value if isinstance(place.value, Section) else place
    if isinstance(whole, Place) and isinstance(whole.value, (Box, Lazy)):
        whole = whole.value
    if isinstance(whole, Box) and isinstance(whole.value, dict) and not by_attribute:
        found = whole.value.get(key)
        return found if isinstance(found, (Section, Box, Lazy)) else None
    return None


def spoil(reached: Reached, reason: Reason, lasting: bool = True) -> None:
    """From here on nobody knows what it holds.

    :param lasting: of a key: also after a later assignment to it.
    """
    if isinstance(reached, Place):
        if isinstance(reached.value, (Box, Lazy)):
            spoil(reached.value, reason)
        forget(reached, reason, lasting)
    elif not reached.spoiled:
        reached.spoiled = reason
        for part in _parts(reached):
            spoil(part, reason)


def forget(place: Place, reason: Reason, lasting: bool) -> None:
    """Something that is not known may have been assigned to the key."""
    place.section.put(place.key, Slot(Unknown(reason), reason.line))
    if lasting:
        place.section.unsteady.setdefault(place.key, reason)


def _parts(reached: Section | Box | Lazy) -> list[Section | Box | Lazy]:
    if isinstance(reached, Section):
        values = [slot.value for slot in reached.slots.values()]
        return [*reached.sections.values(), *(value for value in values if isinstance(value, (Box, Lazy)))]
    return list(reached.inner()) if isinstance(reached, Box) else []
