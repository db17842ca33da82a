# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to the people of an access file. Pure: takes people by name and gives people by name."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_file, _people
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person

People = Mapping[str, Person]
ROSTERS = ("allowed", "admins", "blocked")


class Refused(ValueError):
    """This cannot be done to these people; one sentence or several, a line each."""


@dataclass(frozen=True)
class _Roster:
    """Who is in a roster, how somebody gets in, and what is left of an entry that gets out (None: nothing)."""

    member: Callable[[Person], bool]
    enter: Callable[[Person], Person]
    leave: Callable[[Person], Person | None]


_ROSTERS = {
    "allowed": _Roster(lambda person: person.state == "present", lambda person: person, lambda person: None),
    "admins": _Roster(lambda person: person.admin, lambda person: replace(person, admin=True), lambda person: replace(person, admin=False)),
    "blocked": _Roster(
        lambda person: person.state == "blocked",
        lambda person: replace(person, state="blocked"),
        lambda person: replace(person, state="present"),
    ),
}


def edit_roster(people: People, roster: str, names: Sequence[str], state: str, today: datetime.date) -> dict[str, Person]:
    """The names are in a roster (``present``), are not (``absent``), or are all that is in it (``exact``)."""
    rules = _ROSTERS[roster]
    asked = {person.name for person in _people.parse([{"name": name} for name in dict.fromkeys(names)])}
    inside = {name for name, person in people.items() if rules.member(person)}
    goal = {"present": inside | asked, "absent": inside - asked, "exact": asked}[state]
    if roster != "blocked" and state != "absent":
        _refuse([_shut_out(people[name], today) for name in sorted(asked & people.keys())])
    after = dict(people)
    for name in goal - inside:
        after[name] = rules.enter(after.get(name, Person(name)))
    for name in inside - goal:
        left = rules.leave(after.pop(name))
        if left:
            after[name] = left
    return _checked(after)


def edit_map(people: People, given: Mapping[str, object], state: str) -> dict[str, Person]:
    """The identities lead to the names given for them; with ``absent`` only the identities count."""
    identities = _people.identities("map", list(given))
    owners = {identity: person.name for person in people.values() for identity in person.identities}
    if state == "absent":
        goal = {identity: name for identity, name in owners.items() if identity not in identities}
    else:
        asked = dict(zip(identities, (_people.name("name", name) for name in given.values()), strict=True))
        strangers = sorted(set(asked.values()) - people.keys())
        _refuse([f"{name} is not in the file; add this person with the module allowlist or access first" for name in strangers])
        goal = asked if state == "exact" else owners | asked
    return _checked(_mapped(people, goal))


def edit_people(people: People, users: Sequence[Person], state: str, allow_empty: bool = False) -> dict[str, Person]:
    """The users are in the file as they are given, or (``exact``) they alone. Whoever is ``absent`` is not."""
    after = {} if state == "exact" else dict(people)
    for person in users:
        if person.state == "absent":
            after.pop(person.name, None)
        else:
            after[person.name] = person
    if state == "exact" and people and not after and not allow_empty:
        raise Refused(empty(len(people)))
    return _checked(after)


def empty(number: int) -> str:
    """Why a list of nobody is refused."""
    return f"the list is empty, by which all {number} people would lose their access; write allow_empty: true if that is meant"


def rosters(people: Iterable[Person], today: datetime.date) -> dict[str, object]:
    """What is in force on this day: ``allowed``, ``admins``, ``blocked`` (names) and ``map`` (names by identity)."""
    everybody = sorted(people, key=lambda person: person.name)
    return {
        "allowed": _people.allowed(everybody, today),
        "admins": _people.admins(everybody, today),
        "blocked": [person.name for person in everybody if person.state == "blocked"],
        "map": {identity: person.name for person in everybody for identity in person.identities},
    }


def standings(people: Iterable[Person], today: datetime.date) -> list[dict[str, str]]:
    """The names and what each is on this day: ``allowed``, ``blocked`` or ``expired``."""
    return [{"name": name, "standing": standing} for name, standing in sorted((one.name, _people.standing(one, today)) for one in people)]


def warnings(before: People, after: People, today: datetime.date) -> list[str]:
    """What somebody may not have meant by a change."""
    out = []
    for who, missing in ((_people.allowed, "may log in"), (_people.admins, "administers the hub")):
        if who(before.values(), today) and not who(after.values(), today):
            out.append(f"nobody in the file {missing} any more")
    bare = [name for name, person in after.items() if name in before and before[name].identities and not person.identities]
    if bare:
        out.append(f"without identities these people are known by their names, to every way of logging in: {', '.join(sorted(bare))}")
    return out


def changed_lines(before: People, after: People) -> tuple[str, str]:
    """The lines of the people who differ, before and after."""
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    old, new = ("".join(f"{_access_file.line(people[name])}\n" for name in names if name in people) for people in (before, after))
    return old, new


def _shut_out(person: Person, today: datetime.date) -> str:
    """Why this person cannot simply be let in; empty if there is nothing against it."""
    standing = _people.standing(person, today)
    if standing == "blocked":
        return f"{person.name} is blocked; to let this person in again, use roster: blocked with state: absent"
    if standing == "expired":
        return f"{person.name} expired on {person.expires}; give a later day, or none, with the module access"
    return ""


def _mapped(people: People, goal: Mapping[str, str]) -> dict[str, Person]:
    """The people with exactly these identities; those who keep one keep its place."""
    wanted: dict[str, dict[str, None]] = {}
    for identity, name in goal.items():
        wanted.setdefault(name, {})[identity] = None
    after = {}
    for name, person in people.items():
        new = wanted.get(name, {})
        kept = [identity for identity in person.identities if identity in new]
        identities = tuple(dict.fromkeys([*kept, *new]))
        after[name] = person if identities == person.identities else replace(person, identities=identities)
    return after


def _checked(people: dict[str, Person]) -> dict[str, Person]:
    _refuse(list(_people.clashes(people.values())))
    return people


def _refuse(sentences: list[str]) -> None:
    found = [sentence for sentence in sentences if sentence]
    if found:
        raise Refused("\n".join(found))
