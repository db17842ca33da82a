# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to change in the hub's database for one user. Pure: a comparison of what is there with what shall be."""

from __future__ import annotations

import dataclasses
import enum

from .policy import Grant

_NOTHING = Grant(False, frozenset(), frozenset())


class Standing(enum.Enum):
    """By what somebody may use the hub."""

    FILE = "the access file"
    HUB = "the admin page or the REST API, where the site accepts that"
    RULE = "perhaps another rule of the site, such as a group, which decides at the next login"
    OUT = "nothing"


@dataclasses.dataclass(frozen=True)
class Seen:
    """A user in the database. ``given`` is what the file had given when it was applied last; None if it had let nobody in."""

    id: int
    name: str
    admin: bool
    roles: frozenset[str]
    groups: frozenset[str]
    has_tokens: bool
    given: Grant | None


@dataclasses.dataclass(frozen=True)
class Step:
    """What to do. ``admin`` None leaves the flag alone; ``given`` is to be remembered."""

    revoke: bool = False
    restore: bool = False
    admin: bool | None = None
    join: frozenset[str] = frozenset()
    leave: frozenset[str] = frozenset()
    end_sessions: bool = False
    given: Grant | None = None

    def changes(self, seen: Seen) -> bool:
        return self != Step(given=seen.given)


def decide(seen: Seen, standing: Standing, grant: Grant | None, class_names_admins: bool) -> Step:
    """The step from what is there to what shall be.

    :param grant: what the file gives, for those who have their standing by it.
    :param class_names_admins: whether the authenticator's class has a rule of its own for who is an administrator.
    """
    if standing is Standing.FILE and grant is not None:
        return _keep(seen, grant, class_names_admins)
    if standing is Standing.HUB:
        given = seen.given or _NOTHING
        return Step(restore=not seen.roles, admin=False if seen.admin and given.admin else None, leave=given.groups & seen.groups)
    # Leaving the file revokes, whatever other rules say; whom one of these admits can log in again.
    if standing is Standing.RULE and seen.given is None:
        return Step(admin=False if seen.admin and not class_names_admins else None)
    return Step(revoke=bool(seen.given or seen.roles or seen.admin or seen.groups or seen.has_tokens))


def _keep(seen: Seen, grant: Grant, class_names_admins: bool) -> Step:
    before = seen.given or _NOTHING
    join = grant.groups - seen.groups
    demote = seen.admin and not grant.admin and (before.admin or not class_names_admins)
    return Step(
        restore=seen.given is None or not seen.roles,
        admin=True if grant.admin and not seen.admin else False if demote else None,
        join=join,
        leave=(before.groups - grant.groups) & seen.groups,
        end_sessions=bool(before.ways - grant.ways),
        # Only what nothing else had given is ours to take away one day.
        given=dataclasses.replace(grant, groups=(before.groups & grant.groups & seen.groups) | join),
    )
