# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of a host as values, and what an action does to them. Pure: predictions and tests run on this model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

# The day after the epoch: the account has been over for decades, so that SSH keys, cron and su are refused as well.
# Only this mark is taken away again: an end that somebody else has set is not ours.
BLOCKED = "1"
# As systemd-sysusers writes it. It has no other meaning than the "!" of useradd.
NO_PASSWORD = "!*"
IN_SHADOW = "x"  # what passwd has where shadow says more


@dataclasses.dataclass(frozen=True)
class Account:
    """One line of passwd, its line of shadow, and the groups that name it."""

    name: str
    uid: int
    group: str
    groups: frozenset[str]
    shell: str
    home: str
    comment: str = ""
    password: str = dataclasses.field(default=NO_PASSWORD, repr=False)
    expires: str = ""
    ageing: str = ""  # the four fields of shadow from the least to the most days of a password on, empty if none is set

    @property
    def blocked(self) -> bool:
        return self.expires == BLOCKED

    @property
    def unfinished(self) -> bool:
        """Whether it is still as systemd-sysusers makes it, without the host's rules for the age of passwords."""
        return self.password == NO_PASSWORD and not self.ageing

    def describe(self) -> str:
        """One line for people, without the hash."""
        groups = f", groups {' '.join(sorted(self.groups))}" if self.groups else ""
        comment = f", comment {self.comment}" if self.comment else ""
        state = "blocked" if self.blocked else "present"
        return f"{state}, uid {self.uid}, group {self.group}{groups}, shell {self.shell}, home {self.home}{comment}, {self._password()}"

    def _password(self) -> str:
        if not self.password:
            return "empty password"
        if not self.password.strip("!*"):
            return "no password"
        return "password locked" if self.password.startswith("!") else "password set"


@dataclasses.dataclass(frozen=True)
class Host:
    """All that a plan depends on."""

    accounts: dict[str, Account]
    groups: dict[str, int]
    homes: dict[str, int]  # whatever is at the path of a home -> UID of its owner
    taken: frozenset[int] = frozenset()  # ids that nobody new may get
    elsewhere: frozenset[str] = frozenset()  # names that a directory service answers for
    leftovers: frozenset[str] = frozenset()  # names that are in shadow only
    running: Mapping[int, tuple[str, ...]] = dataclasses.field(default_factory=dict)  # UID -> its processes
    mounts: tuple[str, ...] = ()
    first_uid: int = 1000
    last_uid: int = 60000
    ageing: str = ""  # what new accounts get

    def copy(self) -> Host:
        """One that actions may change without this one changing."""
        return dataclasses.replace(self, accounts=dict(self.accounts), groups=dict(self.groups), homes=dict(self.homes))


@dataclasses.dataclass(frozen=True)
class Action:
    """One step; ``name`` is the account's, or the group's for :class:`AddGroup`. ``phase`` orders the steps of a plan, and
    those of one phase are carried out together."""

    name: str
    phase: ClassVar[int]
    done: ClassVar[str]

    def apply(self, host: Host) -> None:
        """Do it to the model. Nothing changes there unless a step says so."""


@dataclasses.dataclass(frozen=True)
class AddGroup(Action):
    gid: int
    phase = 0
    done = "group created"

    def apply(self, host: Host) -> None:
        host.groups[self.name] = self.gid


@dataclasses.dataclass(frozen=True)
class AddAccount(Action):
    """``own_group`` is the GID of a group of the same name that is made with the account."""

    account: Account
    own_group: int | None = None
    phase = 0
    done = "created"

    def apply(self, host: Host) -> None:
        host.accounts[self.name] = self.account
        if self.own_group is not None:
            host.groups[self.name] = self.own_group


@dataclasses.dataclass(frozen=True)
class FinishAccount(Action):
    """For an account that an interruption left as systemd-sysusers made it."""

    ageing: str
    phase = 0
    done = "created"

    def apply(self, host: Host) -> None:
        host.accounts[self.name] = dataclasses.replace(host.accounts[self.name], ageing=self.ageing)


@dataclasses.dataclass(frozen=True)
class Change(Action):
    """``None`` leaves a thing as it is; ``join`` only adds."""

    shell: str | None = None
    comment: str | None = None
    group: str | None = None
    join: frozenset[str] = frozenset()
    phase = 1
    done = "changed"

    def apply(self, host: Host) -> None:
        found = host.accounts[self.name]
        host.accounts[self.name] = dataclasses.replace(
            found,
            shell=found.shell if self.shell is None else self.shell,
            comment=found.comment if self.comment is None else self.comment,
            group=found.group if self.group is None else self.group,
            groups=found.groups | self.join,
        )


@dataclasses.dataclass(frozen=True)
class SetExpiry(Action):
    """Base of two: the mark is set before a password is locked, and goes after it was unlocked. As long as it is there, an
    interrupted run knows that the lock is ours."""

    day: ClassVar[str]
    phase = 2

    def apply(self, host: Host) -> None:
        host.accounts[self.name] = dataclasses.replace(host.accounts[self.name], expires=self.day)


@dataclasses.dataclass(frozen=True)
class Block(SetExpiry):
    day = BLOCKED
    done = "blocked"


@dataclasses.dataclass(frozen=True)
class SetPassword(Action):
    """``renews`` is whether the age of the password begins anew."""

    password: str = dataclasses.field(repr=False)
    renews: ClassVar[bool] = True
    phase = 2
    done = "password set"

    def apply(self, host: Host) -> None:
        host.accounts[self.name] = dataclasses.replace(host.accounts[self.name], password=self.password)


@dataclasses.dataclass(frozen=True)
class LockPassword(SetPassword):
    renews = False
    done = "password locked"


@dataclasses.dataclass(frozen=True)
class UnlockPassword(SetPassword):
    renews = False
    done = "password unlocked"


@dataclasses.dataclass(frozen=True)
class Unblock(SetExpiry):
    day = ""
    done = "unblocked"


@dataclasses.dataclass(frozen=True)
class MakeHome(Action):
    home: str
    uid: int
    group: str
    phase = 3
    done = "home created"

    def apply(self, host: Host) -> None:
        host.homes[self.home] = self.uid


@dataclasses.dataclass(frozen=True)
class ArchiveHome(Action):
    home: str
    phase = 4
    done = "home archived"


@dataclasses.dataclass(frozen=True)
class RemoveHome(Action):
    home: str
    phase = 5
    done = "home removed"

    def apply(self, host: Host) -> None:
        del host.homes[self.home]


@dataclasses.dataclass(frozen=True)
class RemoveAccount(Action):
    """Last of all: as long as the account is there, an interrupted removal is found again."""

    phase = 6
    done = "removed"

    def apply(self, host: Host) -> None:
        del host.accounts[self.name]  # a group of the same name may go along, which no prediction depends on
