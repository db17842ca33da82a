# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change rosters in a configuration and show, by following the old and the new file, that exactly this takes effect."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_plan
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_effect import KEYS, Effect, Rosters
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_model import follow
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import (
    A_TEMPLATE,
    TEMPLATE,
    TEMPLATE_REMEDY,
    Change,
    Source,
    Unsafe,
)
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import (
    Box,
    Imported,
    Lazy,
    OwnClass,
    Reason,
    Section,
    Stops,
    Unknown,
)

REMEDY = "write it out in one statement, such as c.Authenticator.{} = {}"
REMEDIES = {
    A_TEMPLATE: TEMPLATE_REMEDY,
    "load_subconfig": "give the path of the file that it loads, or move its statements here",
    "whether c.": "say which class it is with authenticator_class, or move the statement to c.Authenticator",
    "the hub ": "mend this first",
}


class Version:
    """One version of the file, and what it puts in force."""

    def __init__(self, data: bytes, path: str, authenticator_class: str | None, edited: bool = False) -> None:
        self.data = data
        self.source = Source(data, path, whole=not edited)
        self.authenticator_class = authenticator_class
        try:
            self.effect = Effect(follow(self.source), authenticator_class)
        except Stops as error:
            reason = error.reason
            if "unhashable" in reason.text and TEMPLATE.search(self.source.text):
                # What is to be filled in reads as a set in a set.
                reason = Reason(reason.line, A_TEMPLATE)
            raise unsafe(self.source, reason) from None

    def after(self, changes: list[Change]) -> Version:
        """The file with these changes, of which all rosters are known."""
        try:
            after = Version(self.source.changed(changes), self.source.path, self.authenticator_class, edited=True)
            after.certain()
        except Unsafe as error:
            raise Unsafe(f"the edit is not made, as after it: {error}") from None
        return after

    def certain(self, edited: Collection[str] = ()) -> None:
        """Refuse unless all rosters are known. ``edited``: those that are going to get names, which mends an empty dict."""
        for roster in sorted(self.effect.problems, key=lambda roster: roster not in edited):
            if roster not in edited or not self.effect.mendable(roster):
                raise unsafe(self.source, self.effect.problems[roster], KEYS[roster], roster in edited)


def unsafe(source: Source, reason: Reason, key: str = "", edited: bool = True) -> Unsafe:
    written = REMEDY.format(key, "{'ada-l': 'ada'}" if key == "username_map" else "{'ada', 'charles'}")
    remedy = next((remedy for begin, remedy in REMEDIES.items() if reason.text.startswith(begin)), written)
    why = "cannot be edited" if edited else "is not certain, and all rosters have to be before one is edited"
    return source.refusal(reason.line, f"{key and f'{key} {why}: '}{reason.text}; {remedy}")


def bring(version: Version, roster: str, goal: Any) -> Version:
    """Let a roster be this. What else changes by it is not looked at, unless there are several ways."""
    now = _roster(version.effect, roster)
    # First in and then out: what is never empty keeps its form.
    if roster == "map":
        other = {key: value for key, value in goal.items() if now.get(key, value) != value}
        version = version.after(_own_plan.revalued(version.source, version.effect, other)) if other else version
        wanted: Any = {key: goal[key] for key in sorted(goal) if key not in now}
        both: Any = now | goal
    else:
        wanted = sorted(set(goal) - set(now))
        both = sorted({*now, *goal})
    version = _bring_in(version, roster, both, wanted) if wanted else version
    return _take_out(version, roster, goal)


def _take_out(version: Version, roster: str, goal: Any) -> Version:
    kept = set(goal)
    # What is written in several places goes from one after the other.
    while True:
        names = version.effect.names[roster]
        gone = [name for name in names if _spelled(version.effect, roster, name) not in kept]
        if not gone:
            return version
        version = version.after(_own_plan.without(version.source, version.effect, roster, gone))


def _bring_in(version: Version, roster: str, goal: Any, wanted: Any) -> Version:
    expected = dataclasses.replace(version.effect.rosters, **{roster: goal}) if not version.effect.problems else None
    failures, fitting = [], []
    for way in _own_plan.ways_in(version.source, version.effect, roster, wanted):
        try:
            after = version.after(way.changes)
        except Unsafe as error:
            failures.append(str(error))
            continue
        if _roster(after.effect, roster) != goal:
            failures.append(str(version.source.refusal(way.line, f"what is written here into {KEYS[roster]} has no effect")))
        elif after.effect.rosters == expected:
            return after
        else:
            fitting.append(after)
    if fitting:
        return fitting[0]
    live = version.effect.live[roster]
    raise Unsafe(failures[0]) if failures else unsafe(version.source, Reason(live.line, "the names are computed"), KEYS[roster])


def prove(before: Version, after: Version, expected: Rosters) -> list[str]:
    """Refuse unless the one makes the other the expected, and nothing else that gives access; what else changes is told."""
    source = after.source
    for roster, key in KEYS.items():
        found, wanted = getattr(after.effect.rosters, roster), getattr(expected, roster)
        if found != wanted:
            differing = ", ".join(sorted({*found} ^ {*wanted}) or sorted(name for name in found if found[name] != wanted[name]))
            line = after.effect.live[roster].line
            raise source.refusal(
                line, f"the edit would also change {key} ({differing}), as what is written is shared; give {key} a list of its own first"
            )
    if before.effect.lineage.sections != after.effect.lineage.sections:
        raise source.refusal(1, "the edit would change the authenticator class; this is not meant to happen, so nothing was edited")
    told = []
    old, new = (dict(_others(version.effect.state.root)) for version in (before, after))
    for name in sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)):
        if _gives_access(name):
            sentence = f"the edit would also change c.{name}, which uses the same names; give it a list of its own first"
            raise source.refusal(_line_of(after, name), sentence)
        told.append(f"the edit also changes c.{name}, which uses the same names ({source.path}:{_line_of(after, name)})")
    return told


def _roster(effect: Effect, roster: str) -> Any:
    names = effect.names.get(roster, [])
    if roster == "map":
        return {str(key): str(value) for key, value in names.items()}
    return sorted({_spelled(effect, roster, name) for name in names})


def _spelled(effect: Effect, roster: str, name: str) -> str:
    return effect.spelled(name) if roster in ("allowed", "admins") else str(name)


# -- the rest of the configuration


def _gives_access(name: str) -> bool:
    key = name.rpartition(".")[2]
    return name in ("JupyterHub.load_roles", "JupyterHub.load_groups", "JupyterHub.services") or key.startswith(("allow", "admin", "block"))


def _others(section: Section, around: tuple[Section, ...] = ()) -> Iterator[tuple[str, object]]:
    """What the configuration says, without the rosters."""
    if section in around:
        return
    for key, slot in section.slots.items():
        if key not in (*KEYS.values(), "whitelist"):
            yield f"{section.name}.{key}", _plain(slot.value)
    for part in section.sections.values():
        yield from _others(part, (*around, section))


def _line_of(version: Version, name: str) -> int:
    section, (*parts, key) = version.effect.state.root, name.split(".")
    for part in parts:
        section = section.section(part)
    return section.slots[key].line if key in section.slots else 1


def _plain(value: object) -> object:
    """Something that is equal in two versions of the file if the values are, wherever they are written."""
    if isinstance(value, Box):
        return [type(value.value).__name__, value.spoiled and value.spoiled.text, _plain(value.value)]
    if isinstance(value, Mapping):
        return [(_plain(key), _plain(part)) for key, part in value.items()]
    if isinstance(value, (set, frozenset)):
        return sorted(repr(_plain(part)) for part in value)
    if isinstance(value, (list, tuple, KeysView, ItemsView, ValuesView)):
        return [_plain(part) for part in value]
    if isinstance(value, Lazy):
        return [_plain(value.changes), _plain(value.items)]
    if isinstance(value, Unknown):
        return [value.reason.text, [_plain(read) for read in value.read]]
    if isinstance(value, OwnClass):
        return value.name
    return str(value) if isinstance(value, str) else value if isinstance(value, (Imported, int, float)) else repr(type(value))
