# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done so that a host has the wanted accounts. Pure: the host is a value here, and so is the plan.

Whatever prefix of a plan was carried out before an interruption, planning again finishes the rest.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
from collections.abc import Iterable, Iterator

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_model as model
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person

NOBODY = 65534
NO_HOME = "/nonexistent"  # Debian's word for an account without a home
SHOWN_PROCESSES = 3


class Refused(Exception):
    """The host cannot be brought there; the text has one sentence a line, and nothing was changed."""


@dataclasses.dataclass(frozen=True)
class Rules:
    """What holds for people who have nothing of their own. All but ``unix_groups`` is for accounts that are yet to be made."""

    home: str = "/home"
    shell: str = "/bin/bash"
    group: str | None = None
    unix_groups: tuple[str, ...] = ()
    remove: str = "keep"


def plan(host: model.Host, people: Iterable[Person], rules: Rules) -> list[model.Action]:
    """The actions that are left to do, in the order in which they must happen; none if all is as wanted."""
    return sorted(_Planner(host, list(people), rules).actions(), key=lambda action: action.phase)


def predict(host: model.Host, actions: Iterable[model.Action]) -> model.Host:
    """The host after these actions."""
    after = host.copy()
    for action in actions:
        action.apply(after)
    return after


def home_of(person: Person, rules: Rules) -> str:
    """Where a new account's home is."""
    return person.home or f"{rules.home}/{person.name}"


def busy(host: model.Host, people: Iterable[Person]) -> list[str]:
    """Those who are to be removed while processes of theirs run, a sentence each. Apart from the plan, because a check run
    cannot know what an earlier task would have stopped."""
    return [
        f"{person.name} is to be removed, but still runs {_some(host.running[account.uid])}; stop the person's server and sessions first, "
        f"e.g. with `loginctl terminate-user {person.name}`"
        for person in people
        if person.state == "absent" and (account := host.accounts.get(person.name)) and account.uid in host.running
    ]


def _some(processes: tuple[str, ...]) -> str:
    shown = ", ".join(processes[:SHOWN_PROCESSES])
    return shown if len(processes) <= SHOWN_PROCESSES else f"{shown} and {len(processes) - SHOWN_PROCESSES} more"


class _Planner:
    """One plan in the making: what the host has, and who gets which id."""

    def __init__(self, host: model.Host, people: list[Person], rules: Rules) -> None:
        self.host, self.people, self.rules = host, people, rules
        self.uid_owners = {account.uid: name for name, account in host.accounts.items()}
        self.home_owners = {account.home: name for name, account in host.accounts.items()}
        self.gids = set(host.groups.values())
        self.free = self._free_ids()
        self.uids = self._new_uids()
        self.new_groups = self._missing_groups()

    def actions(self) -> list[model.Action]:
        wrong = [sentence for person in self.people for sentence in self._objections(person)]
        if wrong:
            raise Refused("\n".join(wrong))
        added = [model.AddGroup(name, next(self.free)) for name in self.new_groups]
        return [*added, *(action for person in self.people for action in self._steps(person))]

    # Who gets which id

    def _free_ids(self) -> Iterator[int]:
        """Ids that are free as UID and as GID alike, above all that were given: a removed person's files fall to nobody."""
        first, last = self.host.first_uid, self.host.last_uid
        asked = {person.uid for person in self.people if person.uid is not None}
        used = {*self.host.taken, *self.host.homes.values(), *self.host.groups.values(), *self.uid_owners, *asked}
        top = max((number for number in used if first <= number <= last), default=first - 1)
        for number in itertools.chain(range(top + 1, last + 1), range(first, top)):
            if number not in used:
                yield number
        raise Refused(f"all ids from {first} to {last} are in use; raise UID_MAX and GID_MAX in /etc/login.defs")

    def _new_uids(self) -> dict[str, int]:
        uids: dict[str, int] = {}
        given = set(self.uid_owners)
        for person in self.people:
            if person.state == "present" and person.name not in self.host.accounts:
                uids[person.name] = person.uid or self._returning(person, given) or next(self.free)
                given.add(uids[person.name])
        return uids

    def _returning(self, person: Person, given: set[int]) -> int | None:
        """The UID that a home was left with, when its owner was removed and comes back."""
        owner = self.host.homes.get(home_of(person, self.rules))
        return owner if owner is not None and owner >= self.host.first_uid and owner not in given else None

    # Groups

    def _missing_groups(self) -> list[str]:
        present = [person for person in self.people if person.state == "present"]
        wanted = {group for person in present for group in (*self._supplementary(person), person.group) if group}
        if self.uids and self.rules.group:
            wanted.add(self.rules.group)
        return sorted(wanted - set(self.host.groups))

    def _supplementary(self, person: Person) -> frozenset[str]:
        return frozenset((*self.rules.unix_groups, *person.unix_groups))

    # What speaks against it

    def _objections(self, person: Person) -> Iterator[str]:
        account = self.host.accounts.get(person.name)
        if account is None:
            if person.state == "present":
                yield from self._against_new(person)
        elif account.uid < self.host.first_uid or account.uid == NOBODY:
            yield f"{person.name} is a system account of this host (uid {account.uid}); choose another name for the person"
        elif person.state == "absent":
            yield from self._against_removal(account)
        else:
            yield from self._against_change(person, account)

    def _against_new(self, person: Person) -> Iterator[str]:
        name, uid, home = person.name, self.uids[person.name], home_of(person, self.rules)
        if name in self.host.elsewhere:
            yield f"{name} is an account of a directory service on this host; take the entry out of the list of local accounts"
        if name in self.host.leftovers:
            yield f"{name} has no account, but a line in /etc/shadow, whose password would count again; take it out with `vipw -s`"
        if uid < self.host.first_uid:
            yield f"{name} asks for uid {uid}, which is in the range of system accounts; choose {self.host.first_uid} or above"
        if uid in self.uid_owners:
            yield f"{name} asks for uid {uid}, which belongs to {self.uid_owners[uid]}; choose another one or leave uid out"
        if not (person.group or self.rules.group) and self.host.groups.get(name, self.host.first_uid) < self.host.first_uid:
            yield f"{name} would get the rights of the system group {name}; choose another name, or write which group the person belongs to"
        if self.home_owners.setdefault(home, name) != name:
            yield f"{name}: the home {home} is {self.home_owners[home]}'s; choose another one"
        elif self.host.homes.get(home, uid) != uid:
            yield (
                f"{name}: the home {home} is there already and belongs to {self._who(self.host.homes[home])}, not to uid {uid}; "
                "move it away, hand it over with `chown`, or choose another home"
            )

    def _against_change(self, person: Person, account: model.Account) -> Iterator[str]:
        if account.password == model.IN_SHADOW:
            yield f"{person.name} has no line in /etc/shadow; make it with `pwconv`"
        if person.uid not in (None, account.uid):
            yield (
                f"{person.name} has uid {account.uid}, not {person.uid}; a uid is never changed, as files elsewhere would be lost to the "
                f"person: write {account.uid}, or change it by hand with `usermod --uid`"
            )
        if person.home not in (None, account.home):
            yield (
                f"{person.name} has the home {account.home}, not {person.home}; a home is never moved: write {account.home}, or move it by "
                f"hand with `usermod --move-home --home {person.home} {person.name}`"
            )

    def _against_removal(self, account: model.Account) -> Iterator[str]:
        home = account.home
        owner = self.host.homes.get(home)
        if self.rules.remove == "keep" or owner is None:
            return
        remedy = "take it away by hand, or keep it with remove: keep"
        if owner != account.uid:
            yield f"{account.name}: the home {home} belongs to {self._who(owner)}; {remedy}"
        inside = self._lodgers[home] - {account.name}
        if inside:
            yield f"{account.name}: {home} is the home of {min(inside)} as well, or holds it; {remedy}"
        mounted = next((path for path in self.host.mounts if _within(path, home)), None)
        if mounted:
            yield f"{account.name}: {mounted} is a mount in the home {home}; unmount it first, or keep the home with remove: keep"

    @functools.cached_property
    def _lodgers(self) -> dict[str, set[str]]:
        """Folder -> those whose homes it is or holds."""
        lodgers: dict[str, set[str]] = collections.defaultdict(set)
        for account in self.host.accounts.values():
            parts = account.home.split("/")
            for end in range(2, len(parts) + 1):
                lodgers["/".join(parts[:end])].add(account.name)
        return lodgers

    def _who(self, uid: int) -> str:
        return "root" if uid == 0 else self.uid_owners.get(uid, f"uid {uid}")

    # What is left to do

    def _steps(self, person: Person) -> Iterator[model.Action]:
        account = self.host.accounts.get(person.name)
        if person.state == "present":
            if account is None:
                account = self._new_account(person)
                yield model.AddAccount(person.name, account, self._own_group(account))
            elif account.unfinished and self.host.ageing:
                yield model.FinishAccount(person.name, self.host.ageing)
            yield from self._bring_in_line(person, account)
        elif account is not None and person.state == "blocked":
            yield from _lock(account)
        elif account is not None:
            yield from self._removal(account)

    def _new_account(self, person: Person) -> model.Account:
        group = person.group or self.rules.group or person.name
        return model.Account(
            name=person.name,
            uid=self.uids[person.name],
            group=group,
            groups=self._supplementary(person) - {group},
            shell=person.shell or self.rules.shell,
            home=home_of(person, self.rules),
            # A dash is the only comment that systemd-sysusers takes for none; it comes as a change of the account.
            comment="" if person.comment in (None, "-") else person.comment,
            ageing=self.host.ageing,
        )

    def _own_group(self, account: model.Account) -> int | None:
        """The GID of the group that is made with an account: the number of its UID wherever that is free."""
        if account.group in self.host.groups or account.group in self.new_groups:
            return None
        return next(self.free) if account.uid in self.gids else account.uid

    def _bring_in_line(self, person: Person, account: model.Account) -> Iterator[model.Action]:
        group = _differing(person.group, account.group)
        join = self._supplementary(person) - account.groups - {group or account.group}
        shell, comment = _differing(person.shell, account.shell), _differing(person.comment, account.comment)
        change = model.Change(person.name, shell, comment, group, join)
        if change != model.Change(person.name):
            yield change
        if person.password is not None and person.password != account.password:
            yield model.SetPassword(person.name, person.password)
        elif account.blocked and account.password != _unlocked(account.password):
            yield model.UnlockPassword(person.name, _unlocked(account.password))
        if account.blocked:
            yield model.Unblock(person.name)
        if account.home not in self.host.homes and account.home != NO_HOME:
            yield model.MakeHome(person.name, account.home, account.uid, group or account.group)

    def _removal(self, account: model.Account) -> Iterator[model.Action]:
        if self.rules.remove != "keep" and account.home in self.host.homes:
            if not account.blocked:
                yield model.Block(account.name)  # nobody comes in between the archive and the end
            if self.rules.remove == "archive":
                yield model.ArchiveHome(account.name, account.home)
            yield model.RemoveHome(account.name, account.home)
        yield model.RemoveAccount(account.name)


def _lock(account: model.Account) -> Iterator[model.Action]:
    if not account.blocked:
        yield model.Block(account.name)
    if not account.password.startswith("!"):
        yield model.LockPassword(account.name, f"!{account.password}")


def _within(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/")


def _unlocked(password: str) -> str:
    """Without a hash there is nothing to unlock."""
    found = password.lstrip("!")
    return found if found.strip("*") else password


def _differing(wanted: str | None, found: str) -> str | None:
    return None if wanted == found else wanted
