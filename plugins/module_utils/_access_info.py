# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in force for the people of a hub, and where that stands. Changes nothing."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_edit, _access_file, _own_config, _people
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person

NOBODY: dict[str, Any] = {"users": [], "allowed": [], "admins": [], "blocked": [], "expired": [], "map": {}}
NOWHERE: dict[str, Any] = {"where": {}, "notes": [], "unsafe": {}}


def of_access_file(path: str, owners: Collection[int], today: datetime.date) -> dict[str, Any]:
    """A file that cannot be used is told of, with the reason."""
    data = b""
    try:
        data = _access_file.read(path, owners)
        people = _access_file.parse(data, path).people
    except _access_file.AccessError as error:
        told = {"valid": False, "error": str(error), **NOBODY}
    else:
        told = {"valid": True, "error": "", **_of_people(people, today)}
    return {"kind": "access_file", "sha256": hashlib.sha256(data).hexdigest() if data else "", **told, **NOWHERE}


def of_config(path: str, authenticator_class: str | None) -> dict[str, Any]:
    """The same for a configuration, and where in it each roster stands."""
    told: dict[str, Any] = {"valid": False, "sha256": "", **NOBODY, **NOWHERE}
    try:
        with open(path, "rb") as file:
            data = file.read()
        told["sha256"] = hashlib.sha256(data).hexdigest()
        found = _own_config.info(data, path, authenticator_class)
    except OSError as error:
        told["error"] = f"{path} cannot be read: {error.strerror}"
    except _own_config.Unsafe as error:
        told["error"] = str(error)
    else:
        told |= {"valid": True, "error": "", **_of_rosters(found["rosters"]), **{key: found[key] for key in NOWHERE}}
    return {"kind": "configuration", **told}


def _of_people(people: Mapping[str, Person], today: datetime.date) -> dict[str, Any]:
    everybody = sorted(people.values(), key=lambda person: person.name)
    expired = [person.name for person in everybody if _people.standing(person, today) == "expired"]
    return {**_access_edit.rosters(everybody, today), "expired": expired, "users": [_user(person, today) for person in everybody]}


def _user(person: Person, today: datetime.date) -> dict[str, Any]:
    return {
        "name": person.name,
        "standing": _people.standing(person, today),
        "admin": person.admin,
        "identities": list(person.identities),
        "groups": list(person.groups),
        "expires": str(person.expires) if person.expires else None,
        "limits": dict(person.limits),
    }


def _of_rosters(rosters: _own_config.Rosters) -> dict[str, Any]:
    names = sorted({*rosters.allowed, *rosters.admins, *rosters.blocked})
    people = [
        Person(
            name,
            state="blocked" if name in rosters.blocked else "present",
            admin=name in rosters.admins,
            identities=tuple(identity for identity, owner in rosters.map.items() if owner == name),
        )
        for name in names
    ]
    users = [_user(person, datetime.date.max) for person in people]
    told = {"allowed": rosters.allowed, "admins": rosters.admins, "blocked": rosters.blocked, "map": rosters.map}
    return {**told, "expired": [], "users": users}
