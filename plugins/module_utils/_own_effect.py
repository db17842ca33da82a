# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration puts in force: the sections merged as traitlets does, the names spelled as the hub does."""

from __future__ import annotations

import ast
import copy
import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_classes
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_eval import run
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import A_TEMPLATE, TEMPLATE
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_state import State
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import (
    Box,
    Home,
    Imported,
    Lazy,
    Reason,
    Section,
    Slot,
    Stops,
    Unknown,
    raw,
)

KEYS = {"allowed": "allowed_users", "admins": "admin_users", "blocked": "blocked_users", "map": "username_map"}
# A key of a section, and what stands there.
Said = tuple[Section, str, Slot]


@dataclasses.dataclass
class Rosters:
    """Who may log in, who administers, who may not log in, and who logs in as whom."""

    allowed: list[str]
    admins: list[str]
    blocked: list[str]
    map: dict[str, str]


@dataclasses.dataclass
class Merged:
    """What the sections together say of one key.

    ``slots``: what counts, the most particular last; ``hidden``: what they replace; ``lost``: what is added in vain.
    """

    value: object = None
    homes: list[Home] = dataclasses.field(default_factory=list)
    slots: list[Said] = dataclasses.field(default_factory=list)
    hidden: list[Said] = dataclasses.field(default_factory=list)
    lost: list[Said] = dataclasses.field(default_factory=list)

    @property
    def line(self) -> int:
        return self.slots[-1][2].line if self.slots else 1

    @property
    def bare(self) -> ast.expr | None:
        """The expression, if all of the value is one text that is assigned."""
        return self.slots[-1][2].node if isinstance(self.value, str) and self.slots else None

    def replace(self, value: object, homes: list[Home], said: Said) -> None:
        self.hidden += self.slots
        self.value, self.homes, self.slots = value, homes, [said]

    def add(self, here: Lazy, said: Said) -> None:
        """LazyConfigValue.merge_into, with its way of losing what was added before if nothing is added here."""
        base, changes = self.value, here.changes
        if isinstance(base, list):
            added: object = here.items
            self.value = [*base, *here.items]
        elif base is None or isinstance(base, (Lazy, set, dict)):
            added = changes
            if isinstance(base, Lazy) and not changes:
                base.changes = None
                self.lost += self.slots
                self.homes, self.slots = [], []
            both = self.value = Lazy() if base is None else copy.copy(base)
            if changes:
                run(_at(said), both.update, changes)
        else:
            added = None
        if added:
            self.homes = [*self.homes, *here.homes]
            self.slots = [*self.slots, said]
        elif changes or here.items:
            self.lost.append(said)


class Effect:
    """Everything about one version of the file."""

    def __init__(self, state: State, authenticator_class: str | None) -> None:
        self.state = state
        told = merge(state, "authenticator_class", sections(state, _own_classes.APPLICATION))
        by_file = told.value is not None and not isinstance(told.value, (Unknown, Lazy))
        given = _own_classes.lineage(authenticator_class or ("pam" if told.value is None else None))
        self.lineage = _own_classes.lineage(told.value) if by_file else given
        self.contradicted = by_file and authenticator_class is not None and given.name != self.lineage.name
        self.live = {roster: self._live(key) for roster, key in KEYS.items()}
        self.names: dict[str, Any] = {}
        self.problems: dict[str, Reason] = {}
        for roster in ("map", "allowed", "admins", "blocked"):
            try:
                self.names[roster] = self._read(roster)
            except Stops as error:
                self.problems[roster] = error.reason
                if self.mendable(roster):
                    self.names[roster] = []
        spelling = self.setting("pam_normalize_username")
        how = spelling.reason if isinstance(spelling, Unknown) else self.problems.get("map")
        if how:
            self.problems = {"allowed": how, "admins": how} | self.problems

    # -- what is in force

    @functools.cached_property
    def rosters(self) -> Rosters:
        """To be asked for only if there are no problems."""
        map_ = self.names["map"]
        named = {roster: sorted({self.spelled(name) for name in self.names[roster]}) for roster in ("allowed", "admins")}
        blocked = sorted({str(name) for name in self.names["blocked"]})
        return Rosters(named["allowed"], named["admins"], blocked, {str(key): str(map_[key]) for key in sorted(map_)})

    def spelled(self, name: str) -> str:
        """What the hub makes of a name that it is given, be it in its configuration or at a login."""
        return self.spelled_by(self.names["map"], name)

    def spelled_by(self, map_: Mapping[str, str], name: str) -> str:
        if not self.lineage.maps:
            return name.replace(" ", "_")
        if not self.lineage.plain:
            return str(name)
        name = name if self.asks_pam else name.lower()
        return str(map_.get(name, name))

    @functools.cached_property
    def asks_pam(self) -> bool:
        """Whether the accounts of the host decide how a name is spelled."""
        return "PAMAuthenticator" in self.lineage.sections and self.setting("pam_normalize_username") not in (None, False)

    def setting(self, key: str) -> object:
        return merge(self.state, key, self.chain()).value

    def mendable(self, roster: str) -> bool:
        """Whether it is `{}`, with which the hub does not start: what it gets now makes a set of it."""
        value = self.live[roster].value
        return roster != "map" and isinstance(value, dict) and not value

    # -- how that is found

    def chain(self) -> Iterator[Section]:
        yield from sections(self.state, self.lineage.sections)
        # The hub is the authenticator's parent, and what stands in its sections counts more.
        for name in reversed(self.lineage.sections):
            for parent in sections(self.state, _own_classes.APPLICATION):
                if name in parent.sections:
                    yield parent.sections[name]

    def _live(self, key: str) -> Merged:
        found = merge(self.state, key, self.chain())
        if key == "allowed_users":
            old = merge(self.state, "whitelist", self.chain())
            # It replaces the other as soon as it is assigned, be it the empty set.
            assigned = old.slots and not isinstance(old.value, Lazy)
            return old if assigned or not _empty(old.value) else found
        if key == "admin_users" and _empty(found.value):
            application = merge(self.state, key, sections(self.state, _own_classes.APPLICATION))
            return found if _empty(application.value) else application
        return found

    def _read(self, roster: str) -> Any:
        """The names as they are written, each with its origin; a dict for the map."""
        key = KEYS[roster]
        for own in self.lineage.own:
            line = _own_classes.redefined(own.node, key)
            if line:
                raise Stops(Reason(line, f"the class {own.name} sets {key} by itself"))
        self._check_strangers(key)
        merged = self.live[roster]
        for shadowed in self._also_loaded(key, merged):
            _trait(shadowed, roster == "map")
        return _trait(merged, roster == "map")

    def _also_loaded(self, key: str, live: Merged) -> Iterator[Merged]:
        """What does not count, but has to be of the right kind all the same."""
        every = [merge(self.state, key, self.chain())]
        if key == "admin_users":
            every.append(merge(self.state, key, sections(self.state, _own_classes.APPLICATION)))
        if key == "allowed_users":
            every.append(merge(self.state, "whitelist", self.chain()))
        for merged in every:
            if merged.slots and merged.slots != live.slots:
                yield merged

    def _check_strangers(self, key: str) -> None:
        if self.lineage.complete:
            return
        for name, section in self.state.root.sections.items():
            slot = section.slots.get(key)
            if slot and name not in (*self.lineage.sections, *_own_classes.APPLICATION):
                known = self.lineage.name != "Authenticator"
                whose = f"the bases of {self.lineage.name} are not known" if known else "the authenticator class is not known"
                raise Stops(Reason(slot.line, f"whether c.{name}.{key} counts cannot be told, as {whose}"))


def merge(state: State, key: str, sections: Iterator[Section]) -> Merged:
    """As traitlets does: a later section replaces what an earlier one says, but what is only added to a value is added."""
    merged = Merged()
    if state.root.spoiled:
        return Merged(Unknown(state.root.spoiled))
    for section in sections:
        slot = section.known(key)
        if slot is None:
            continue
        said, reason = (section, key, slot), _reason(slot)
        if reason:
            merged.replace(Unknown(reason), [], said)
        elif isinstance(slot.value, Lazy):
            merged.add(slot.value, said)
        else:
            merged.replace(raw(slot.value), slot.value.homes if isinstance(slot.value, Box) else [], said)
    return merged


def _empty(value: object) -> bool:
    """Whether a trait that gets this holds nothing."""
    if isinstance(value, Lazy):
        return not value.changes
    return value is None or (isinstance(value, (set, frozenset, list, tuple, dict)) and not value)


def _trait(merged: Merged, mapping: bool) -> Any:
    """What the trait gets, as a list of texts or a dict.

    :raises Stops: it is not known, or the hub does not start with it.
    """
    value: Any = merged.value
    if isinstance(value, Unknown):
        raise Stops(value.reason)
    if isinstance(value, Lazy):
        changes = value.changes
        value = {} if mapping else set()
        if changes:
            run(_at(merged.slots[-1]), value.update, changes)
    if value is None and not merged.slots:
        return {} if mapping else []
    if isinstance(value, Imported):
        raise Stops(Reason(merged.line, f"{value.dotted} comes from another module"))
    if isinstance(value, str) and not mapping:
        value = [value]
    _check_kind(merged, value, mapping)
    return value if mapping else list(value)


def _check_kind(merged: Merged, value: Any, mapping: bool) -> None:
    if mapping and not isinstance(value, dict):
        raise Stops(Reason(merged.line, f"the hub does not start with a {type(value).__name__}; write a dict"))
    if not mapping and not isinstance(value, (set, list, tuple)):
        kind = "{}, which is an empty dict" if value == {} else f"a {type(value).__name__}"
        raise Stops(Reason(merged.line, f"the hub does not start with {kind}; write a set, and an empty one as set()"))
    for name in [*value, *value.values()] if isinstance(value, dict) else value:
        if not isinstance(name, str):
            raise Stops(Reason(merged.line, f"the hub does not take {raw(name)!r} for a name; write texts, in quotes"))
        if TEMPLATE.search(name):
            raise Stops(Reason(merged.line, f"{A_TEMPLATE} ({name})"))


def sections(state: State, names: tuple[str, ...]) -> Iterator[Section]:
    """From the most general to the winning one."""
    for name in reversed(names):
        if name in state.root.sections:
            yield state.root.sections[name]


def _reason(slot: Slot) -> Reason | None:
    if isinstance(slot.value, Unknown):
        return slot.value.reason
    if isinstance(slot.value, (Box, Lazy)):
        return slot.value.spoiled
    return None


def _at(said: Said) -> ast.AST:
    return said[2].statement or ast.Pass(lineno=said[2].line)
