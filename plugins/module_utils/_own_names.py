# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names may be put into somebody's own configuration.

Somebody else's hub may have accounts that this collection would not make (with dots, or e-mail addresses with an OAuth
provider), so whatever JupyterHub takes is taken, unless it could never be anybody's. What is there already may stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _people
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_effect import Effect
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import Unsafe


def check_texts(names: Iterable[object], what: str) -> None:
    for name in names:
        if not isinstance(name, str):
            raise Unsafe(f"{what} has {name!r}, which is not text; write it in quotes")


def check_new(names: Iterable[str], effect: Effect, roster: str) -> None:
    """Refuse what would never match a login, or could not be a name at all."""
    wrong = [sentence for name in sorted(names) if (sentence := _wrong(name, effect, roster))]
    if wrong:
        raise Unsafe("\n".join(wrong))


def _wrong(name: str, effect: Effect, roster: str) -> str:
    if not name or name != name.strip() or not name.isprintable() or "/" in name or set(unquote(name)) == {"."}:
        return f"{name!r} is not a name that JupyterHub takes; write it without slashes, without blanks around it, and not empty"
    if roster != "blocked" and (name in _people.SYSTEM_ACCOUNTS or name.startswith("systemd-")):
        return f"{name} is a system account, which never logs in to the hub; choose another name for the person"
    if roster == "map" or effect.spelled_by({}, name) == name:
        return ""
    return f"the hub makes {effect.spelled_by({}, name)} of {name}; write {effect.spelled_by({}, name)} instead"


def check_spelled(names: Iterable[str], effect: Effect, map_: Mapping[str, str]) -> None:
    """Refuse what the hub makes another name of, so that nobody ever has this one."""
    for name in sorted(names):
        local = effect.spelled_by(map_, name)
        if local != name:
            why = "username_map leads it there" if local != name.lower() else "the hub lowercases every name"
            raise Unsafe(f"the hub makes {local} of {name}, as {why}; write {local} instead")


def check_free(identities: Mapping[str, str], map_: Mapping[str, str]) -> None:
    """Refuse to take an identity away from somebody who was not asked about."""
    for identity in sorted(identities):
        owner = map_.get(identity, identities[identity])
        if owner != identities[identity]:
            raise Unsafe(f"{identity} leads to {owner}, and shall lead to {identities[identity]}; name {owner} without it, too")


def check_map(given: Mapping[str, str], after: Mapping[str, str], effect: Effect) -> None:
    """Refuse new entries that the hub would not follow, or would follow further than is written."""
    if not effect.lineage.maps:
        raise Unsafe(f"{effect.lineage.name} does not look at username_map; put the names into the other rosters as they log in")
    for key in given:
        if not key or key != key.strip() or not key.isprintable():
            raise Unsafe(f"{key!r} is nobody's name at a login; write it without blanks around it, and not empty")
    check_new({after[key] for key in given}, effect, "map")
    for key in sorted(given):
        name = after[key]
        beyond = after.get(name, name)
        if beyond != name:
            raise Unsafe(f"{key} leads to {name}, and that on to {beyond}, which only some authenticators follow; map {key} to {beyond}")
        chained = sorted(other for other, end in after.items() if end == key and other != key)
        if chained and name != key:
            raise Unsafe(
                f"{chained[0]} leads to {key}, and that on to {name}, which only some authenticators follow; map {chained[0]} to {name}"
            )
