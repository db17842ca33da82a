# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to tell about a configuration and about an edit of it: what does not count, and what one may not expect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_classes
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_effect import KEYS, Effect, Rosters, merge, sections
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import Source
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import Lazy, Unknown

REVOKE = (
    "it does not end what they have: the hub keeps its users (and with allow_existing_users lets them in again), their sessions, tokens "
    "and servers; delete them on the admin page or by the REST API, or use the access file of this collection, which revokes at once"
)
WORDS = (*KEYS.values(), "whitelist")
MANAGED = re.compile(
    r"(?:managed|generated|written|deployed|maintained) by (?:ansible|puppet|chef|salt\w*|cfengine|terraform)|ansible managed", re.I
)


# -- about an edit


def warnings(source: Source, effect: Effect, before: Rosters, after: Rosters) -> list[str]:
    told = [
        "the hub reads its configuration only when it starts; restart it to let the change take effect",
        *_about_allowed(effect, before, after),
        *_about_admins(before, after),
        *_about_blocked(before, after),
        *_about_map(effect, before, after),
    ]
    return [*told, *_never_blocked(effect), *_circumstances(source, effect)]


def _about_allowed(effect: Effect, before: Rosters, after: Rosters) -> Iterator[str]:
    if after.allowed and not before.allowed:
        yield _closes(effect)
    if before.allowed and not after.allowed:
        yield _opens(effect)
    gone = set(before.allowed) - set(after.allowed)
    if gone & set(after.admins) and (after.allowed or _by_oauth(effect)):
        yield f"{_listed(gone & set(after.admins))}: still in admin_users, and so may log in"
    if gone:
        yield f"taking names out of allowed_users only keeps them from being let in by it: {REVOKE}"
    locked_out = (set(after.allowed) - set(before.allowed)) & set(after.blocked)
    if locked_out:
        yield f"{_listed(locked_out)}: in blocked_users, and so cannot log in"


def _about_admins(before: Rosters, after: Rosters) -> Iterator[str]:
    if set(before.admins) - set(after.admins):
        yield "taking names out of admin_users takes no rights away, as the hub keeps them in its database; do that on the admin page"
    if before.admins and not after.admins:
        yield "admin_users is empty now: nobody is made an administrator any more"


def _about_blocked(before: Rosters, after: Rosters) -> Iterator[str]:
    lifted = set(before.blocked) - set(after.blocked)
    if lifted:
        yield f"{_listed(lifted)}: no longer blocked, so every rule that lets people in counts for them again"
    if set(after.blocked) - set(before.blocked):
        yield "blocked_users ends sessions and tokens only from JupyterHub 5.2 on, and when the hub starts"


def _about_map(effect: Effect, before: Rosters, after: Rosters) -> Iterator[str]:
    if any(after.map.get(key) != name for key, name in before.map.items()):
        yield f"identities that are led elsewhere, or nowhere, from now on keep what they have until then: {REVOKE}"
    new = set(after.map.items()) - set(before.map.items())
    led = {name for key, name in new if name != key and name not in after.map and name in after.allowed}
    if led and _by_oauth(effect):
        yield f"{_listed(led)}: whoever has this very name at the provider gets in as the same person; an access file rules that out"


def _closes(effect: Effect) -> str:
    if effect.setting("allow_all") is True:
        return "allow_all is True, so everybody may log in whoever is in allowed_users"
    closed = "allowed_users was empty and no longer is: where an empty one let everybody in (DummyAuthenticator, and every hub before "
    closed += "JupyterHub 5), only those named may log in from now on"
    # OAuthenticator has another default.
    return closed if _by_oauth(effect) else f"{closed}; whoever the hub's database already has may, too (allow_existing_users)"


def _opens(effect: Effect) -> str:
    if "DummyAuthenticator" in effect.lineage.sections and effect.setting("allow_all") is not False:
        return "allowed_users is empty now, and so DummyAuthenticator lets everybody in; set allow_all = False if that is not meant"
    nobody = "nobody but administrators may log in" if _by_oauth(effect) else "nobody may log in, administrators included"
    return f"allowed_users is empty now: {nobody}, unless another rule lets them in; before JupyterHub 5 everybody may"


def _by_oauth(effect: Effect) -> bool:
    return "OAuthenticator" in effect.lineage.sections


def _never_blocked(effect: Effect) -> Iterator[str]:
    for name in sorted(effect.names["blocked"]):
        if effect.spelled(name) != name:
            yield f"{name} in blocked_users blocks nobody, as the hub makes {effect.spelled(name)} of it at the login"


def _circumstances(source: Source, effect: Effect) -> Iterator[str]:
    if effect.contradicted:
        yield f"the file says that the authenticator class is {effect.lineage.name}, so authenticator_class was not looked at"
    managed = MANAGED.search("\n".join(line for line in source.text[:2000].splitlines() if line.startswith("#")))
    if managed:
        yield f"{source.path} says of itself that it is {managed.group()}; the next run of that tool may put back what was there"


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:10]) + (f" and {len(ordered) - 10} more" if len(ordered) > 10 else "")


# -- about what is there


def notes(source: Source, effect: Effect) -> list[str]:
    """Statements that have no effect, and names that never match."""
    found = sorted({*_old_names(effect), *_of_other_classes(effect), *_hidden(effect), *_overwritten(effect)})
    told = [f"{source.path}:{line}: {sentence}" for line, sentence in found]
    return [*told, *_never_blocked(effect), *_odd_map(effect), *_circumstances(source, effect)]


def _old_names(effect: Effect) -> Iterator[tuple[int, str]]:
    for name, section in effect.state.root.sections.items():
        for key, instead in (("blacklist", "blocked_users"), ("admin_whitelist", "admin_users")):
            if key in section.slots:
                yield section.slots[key].line, f"c.{name}.{key} has no effect any more; use {instead}"


def _of_other_classes(effect: Effect) -> Iterator[tuple[int, str]]:
    for name, section in effect.state.root.sections.items():
        if name in effect.lineage.sections or not effect.lineage.complete:
            continue
        for key in WORDS:
            if key in section.slots and (name, key) != ("JupyterHub", "admin_users"):
                yield section.slots[key].line, f"c.{name}.{key} has no effect, as {effect.lineage.name} does not read the section {name}"


def _hidden(effect: Effect) -> Iterator[tuple[int, str]]:
    for roster, key in KEYS.items():
        live = effect.live[roster]
        every = [merge(effect.state, key, effect.chain())]
        if key == "admin_users":
            every.append(merge(effect.state, key, sections(effect.state, _own_classes.APPLICATION)))
        for section, name, slot in [said for merged in every for said in merged.lost]:
            yield slot.line, f"c.{section.name}.{name} has no effect: what is added here does not come into it; assign all names at once"
        for section, name, slot in [said for merged in every for said in [*merged.hidden, *merged.slots] if said not in live.slots]:
            if live.slots:
                winner, old, by = live.slots[-1]
                counts = f"c.{winner.name}.{old} (line {by.line})"
                yield slot.line, f"c.{section.name}.{name} has no effect, as {counts} counts instead"


def _overwritten(effect: Effect) -> Iterator[tuple[int, str]]:
    for name, section in effect.state.root.sections.items():
        for key, slot in section.replaced:
            now = section.slots.get(key)
            if key in WORDS and now and now.value is not slot.value and not isinstance(slot.value, (Lazy, Unknown)):
                yield slot.line, f"c.{name}.{key} has no effect, as it is assigned again on line {now.line}"


def _odd_map(effect: Effect) -> Iterator[str]:
    map_ = effect.names["map"]
    for key in sorted(map_):
        if effect.spelled_by({}, key) != key and effect.lineage.maps:
            yield f"{key} in username_map is never found, as the hub lowercases every login; write {key.lower()}"
        beyond = map_.get(map_[key], map_[key])
        if beyond != map_[key]:
            yield f"{key} in username_map leads to {map_[key]} and, with authenticators that look twice, on to {beyond}"
