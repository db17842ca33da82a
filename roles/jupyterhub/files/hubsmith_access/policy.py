# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the access file means for a name, an identity and a day. Pure: no hub, no clock."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

from ._people import LONGEST_NAME, NAME, SYSTEM_ACCOUNTS, Person
from .roster import Roster


class LocalName(str):
    """A name that has been looked up, and is never looked up again, however often the hub asks for it.

    ``refused`` tells why whoever came under an outside name cannot be this person.
    """

    refused: str

    def __new__(cls, name: str, refused: str = "") -> LocalName:
        self = super().__new__(cls, name)
        self.refused = refused
        return self


@dataclasses.dataclass(frozen=True)
class Grant:
    """What somebody has by the file: ``ways`` are the outside names by which they are reached."""

    admin: bool
    groups: frozenset[str]
    ways: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Policy:
    """A roster, and whether an identity that nobody has counts as the local name."""

    roster: Roster
    unmapped_is_local: bool = False

    @property
    def people(self) -> Mapping[str, Person]:
        return self.roster.people

    def look_up(self, outside: str, normal: str) -> LocalName:
        """Who comes under an outside name, of which ``normal`` is the spelling that the hub's authenticator makes of it."""
        key = normal.lower()
        if _is_disguised(outside):
            return LocalName(normal, "its letters only look like those of a local name")
        if key in self.roster.owners:
            return LocalName(self.roster.owners[key])
        person = self.people.get(key)
        if person is None:
            return LocalName(normal)
        if person.identities and not self.unmapped_is_local:
            return LocalName(key, "this person is reached through identities only, and the name itself is none of them")
        return LocalName(key)

    def refusal(self, name: str, today: datetime.date) -> str:
        """Why nobody is let in under this local name, whatever else allows it; empty if there is no reason."""
        if name in SYSTEM_ACCOUNTS or name.startswith("systemd-"):
            return "this is the name of a system account"
        if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
            return "this cannot be the name of a local account; map the identity to one in the access file"
        if name in self.roster.blocked:
            return "the access file blocks this person"
        if name in self.roster.expires and today > self.roster.expires[name]:
            return f"the access of this person ended on {self.roster.expires[name]}"
        return ""

    def lists(self, name: str) -> bool:
        """Whether the file has this person as one who may enter, were it not for the day."""
        return name in self.people and name not in self.roster.blocked

    def admits(self, name: str, today: datetime.date) -> bool:
        return self.lists(name) and not self.refusal(name, today)

    def grant(self, name: str, today: datetime.date) -> Grant | None:
        """None for those whom the file does not let in."""
        if not self.admits(name, today):
            return None
        person = self.people[name]
        ways = set(person.identities)
        if not ways or self.unmapped_is_local:
            ways.add(name)
        return Grant(person.admin, frozenset(person.groups), frozenset(ways))

    def allowed(self, today: datetime.date) -> set[str]:
        """Whom the file lets in on this day."""
        return set(self.people) - self.roster.blocked - {name for name, last in self.roster.expires.items() if today > last}

    def admins(self, today: datetime.date) -> set[str]:
        return {name for name in self.roster.admins if self.admits(name, today)}

    def turned(self, one_day: datetime.date, other_day: datetime.date) -> list[str]:
        """Those for whom it makes a difference which of the two days it is."""
        earlier, later = sorted((one_day, other_day))
        return [name for name, last in self.roster.expires.items() if earlier <= last < later]

    def differing(self, other: Policy) -> set[str]:
        """Those for whom the two do not mean the same."""
        if self.unmapped_is_local != other.unmapped_is_local:
            return {*self.people, *other.people}
        return self.roster.differing(other.roster)


def _is_disguised(outside: str) -> bool:
    # The one letter in question today is the Kelvin sign, whose lower case is an ordinary k.
    return any(not letter.isascii() and letter.lower().isascii() for letter in outside)
