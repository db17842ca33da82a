# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit who may log in, and as whom, in somebody's own ``jupyterhub_config.py``.

The file is never run. Only the statement that is in force is changed, every other byte stays, and what the new file puts in
force is worked out and compared with what was asked for before it is given back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_names, _own_proof, _own_say
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_effect import KEYS, Effect, Rosters
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_proof import Version
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import Unsafe
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person

NAMED = ("allowed", "admins", "blocked")
__all__ = ["Edit", "Rosters", "Unsafe", "edit_map", "edit_people", "edit_roster", "info"]


@dataclasses.dataclass
class Edit:
    """The file after it, what was in force and what is; ``warnings`` are empty if nothing changes."""

    data: bytes
    before: Rosters
    after: Rosters
    warnings: list[str]


def edit_roster(data: bytes, path: str, roster: str, names: Sequence[str], state: str, authenticator_class: str | None) -> Edit:
    """Names are in a roster (``present``), are not (``absent``), or are all of it (``exact``).

    :param roster: ``allowed``, ``admins`` or ``blocked``.
    """
    _own_names.check_texts(names, "names")
    asked = set(names)

    def goals(effect: Effect) -> Rosters:
        now = set(getattr(effect.rosters, roster))
        if roster != "blocked":
            _own_names.check_spelled(asked, effect, effect.rosters.map)
        if state != "absent":
            _own_names.check_new(asked - now, effect, roster)
        goal = {"present": now | asked, "absent": now - asked, "exact": asked}[state]
        return _replaced(effect.rosters, {roster: sorted(goal)})

    return _edit(data, path, authenticator_class, goals, [roster])


def edit_map(data: bytes, path: str, map: Mapping[str, str], state: str, authenticator_class: str | None) -> Edit:  # noqa: A002
    """Identities lead to these names; with ``absent`` only the identities count."""
    _own_names.check_texts([*map, *(() if state == "absent" else map.values())], "map")
    # The hub lowercases a login before it looks it up.
    asked = {key.lower(): name for key, name in map.items()}

    def goals(effect: Effect) -> Rosters:
        now = effect.rosters.map
        if state == "absent":
            return dataclasses.replace(effect.rosters, map={key: name for key, name in now.items() if key.lower() not in asked})
        goal = {**(now if state == "present" else {}), **asked}
        return _with_map(effect, goal)

    return _edit(data, path, authenticator_class, goals, ["map"])


def edit_people(data: bytes, path: str, people: Sequence[Person], state: str, authenticator_class: str | None) -> Edit:
    """These people as they are given, among the others (``present``) or alone (``exact``)."""
    _check_plain(people)
    given = {person.name for person in people}
    there = [person for person in people if person.state == "present"]

    def goals(effect: Effect) -> Rosters:
        now = effect.rosters
        kept = {roster: set(getattr(now, roster)) - given if state == "present" else set() for roster in NAMED}
        map_ = {key: name for key, name in now.map.items() if name not in given} if state == "present" else {}
        identities = {identity: person.name for person in people if person.state != "absent" for identity in person.identities}
        _own_names.check_free(identities, map_)
        map_ |= identities
        wanted = {
            "allowed": kept["allowed"] | {person.name for person in there},
            "admins": kept["admins"] | {person.name for person in there if person.admin},
            "blocked": kept["blocked"] | {person.name for person in people if person.state == "blocked"},
        }
        for roster, names in wanted.items():
            _own_names.check_new(names - set(getattr(now, roster)), effect, roster)
        _own_names.check_spelled(wanted["allowed"] | wanted["admins"], effect, map_)
        return _replaced(_with_map(effect, map_), {roster: sorted(names) for roster, names in wanted.items()})

    return _edit(data, path, authenticator_class, goals, ["map", "allowed", "admins", "blocked"])


def info(data: bytes, path: str, authenticator_class: str | None) -> dict[str, Any]:
    """What is in force and where it is written, what is written and has no effect, and what cannot be edited.

    A roster that cannot be known is empty among the rosters, and named in ``unsafe``.
    """
    version = Version(data, path, authenticator_class)
    effect = version.effect
    for roster in effect.problems:
        effect.names[roster] = {} if roster == "map" else []
    where = {roster: f"{path}:{live.line}" for roster, live in effect.live.items() if live.slots}
    unsafe = {roster: str(_own_proof.unsafe(version.source, reason, KEYS[roster])) for roster, reason in effect.problems.items()}
    return {"rosters": effect.rosters, "where": where, "notes": _own_say.notes(version.source, effect), "unsafe": unsafe}


def _replaced(rosters: Rosters, names: Mapping[str, list[str]]) -> Rosters:
    return Rosters(**{**dataclasses.asdict(rosters), **names})


def _with_map(effect: Effect, goal: Mapping[str, str]) -> Rosters:
    new = {key: name for key, name in goal.items() if effect.rosters.map.get(key) != name}
    if new:
        _own_names.check_map(new, goal, effect)
    return dataclasses.replace(effect.rosters, map=dict(sorted(goal.items())))


def _check_plain(people: Collection[Person]) -> None:
    for person in people:
        for what, value in (("an expiry", person.expires), ("groups", person.groups), ("limits", person.limits)):
            if value:
                remedy = "leave it out, or keep the people in an access file"
                raise Unsafe(f"{person.name} has {what}, which a hub's configuration cannot say of a person; {remedy}")


def _edit(data: bytes, path: str, authenticator_class: str | None, goals: Callable[[Effect], Rosters], rosters: Sequence[str]) -> Edit:
    version = before = Version(data, path, authenticator_class)
    before.certain(rosters)
    now = before.effect.rosters
    goal = goals(before.effect)
    if goal == now:
        before.certain()
        return Edit(data, now, now, [])
    if "map" in rosters and len(rosters) > 1:
        # What is led elsewhere no longer has to go first: the other rosters are spelled by the map.
        version = _own_proof.bring(version, "map", {key: name for key, name in now.map.items() if goal.map.get(key) == name})
    for roster in (*(roster for roster in rosters if roster != "map"), *(roster for roster in rosters if roster == "map")):
        if getattr(goal, roster) != getattr(version.effect.rosters, roster):
            version = _own_proof.bring(version, roster, getattr(goal, roster))
    told = _own_proof.prove(before, version, goal)
    warnings = [*_own_say.warnings(version.source, version.effect, now, goal), *told]
    return Edit(version.data, now, goal, warnings)
