# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a plan for accounts depends on, each file once. Changes nothing."""

from __future__ import annotations

import collections
import contextlib
import grp
import os
import pwd
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._account_model import Account, Action, AddAccount, AddGroup, Change, Host
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._accounts import Rules, home_of
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person

# The files of accounts, how many fields their lines have, and what people change them with.
FILES = (("/etc/passwd", 7, "vipw"), ("/etc/shadow", 9, "vipw -s"), ("/etc/group", 4, "vigr"), ("/etc/gshadow", 4, "vigr -s"))


def read(people: Iterable[Person], rules: Rules) -> Host:
    """The host as it is, with the homes and the processes of these people."""
    people = list(people)
    accounts, groups = read_accounts()
    new = [person for person in people if person.state == "present" and person.name not in accounts]
    leaving = any(person.state == "absent" and person.name in accounts for person in people)
    paths = {accounts[person.name].home for person in people if person.name in accounts} | {home_of(person, rules) for person in new}
    numbers = _numbers(_text("/etc/login.defs") + _text("/etc/default/useradd", missing=""))
    return Host(
        accounts=accounts,
        groups=groups,
        homes=dict(_owners(paths)),
        taken=_taken(rules.home) if new else frozenset(),
        elsewhere=_elsewhere(person.name for person in new) if new else frozenset(),
        leftovers=_leftovers(accounts) if new else frozenset(),
        running=_running() if leaving else {},
        mounts=tuple(parse_mounts(_text("/proc/self/mountinfo"))) if leaving else (),
        first_uid=numbers.get("UID_MIN", 1000),
        last_uid=numbers.get("UID_MAX", 60000),
        ageing=_ageing(str(numbers.get(word, "")) for word in ("PASS_MIN_DAYS", "PASS_MAX_DAYS", "PASS_WARN_AGE", "INACTIVE")),
    )


def read_accounts() -> tuple[dict[str, Account], dict[str, int]]:
    """The accounts of the host's own files, and its groups with their GIDs."""
    groups, members = parse_groups(_text("/etc/group"))
    return parse_accounts(_text("/etc/passwd"), _text("/etc/shadow"), groups, members), groups


def with_subordinate_ids() -> set[str]:
    """The accounts to which useradd gave ids for containers."""
    texts = (_text(path, missing="") for path in ("/etc/subuid", "/etc/subgid"))
    return {line.split(":")[0] for text in texts for line in text.splitlines()}


def obstacles(actions: Iterable[Action]) -> Iterator[str]:
    """What speaks against a plan and is looked for only when there is something to make."""
    making = [action for action in actions if isinstance(action, (AddGroup, AddAccount)) or (isinstance(action, Change) and action.join)]
    if making:
        for path, fields, tool in FILES:
            for number in odd_lines(_text(path, missing=""), fields):
                yield f"line {number} of {path} is none that systemd-sysusers would keep; correct it or take it out with `{tool}`"
    if making and _directories():
        for action in making:
            yield from _clashes(action)


def _clashes(action: Action) -> Iterator[str]:
    """What a directory service has given to somebody else. It can only be asked for one by one."""
    gid = action.own_group if isinstance(action, AddAccount) else action.gid if isinstance(action, AddGroup) else None
    if isinstance(action, AddAccount) and (owner := _asked(pwd.getpwuid, action.account.uid)):
        yield f"{action.name} would get the UID {action.account.uid}, which is {owner}'s in a directory service; choose another uid"
    if gid is not None and (owner := _asked(grp.getgrgid, gid)):
        yield f"the group {action.name} would get the GID {gid}, which is {owner}'s in a directory service; make the group by hand"
    if gid is not None and _asked(grp.getgrnam, action.name):
        yield f"{action.name} is a group of a directory service; make it a local one by hand, or choose another group"


def odd_lines(text: str, fields: int) -> Iterator[int]:
    """The numbers of those that are remarks, empty, or broken."""
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        if line.startswith("#") or line.count(":") != fields - 1:
            yield number


def parse_groups(text: str) -> tuple[dict[str, int], dict[str, set[str]]]:
    """Group -> GID, and account -> the groups that list it."""
    groups: dict[str, int] = {}
    members: dict[str, set[str]] = collections.defaultdict(set)
    for name, _password, gid, names in _lines(text, 4):
        groups[name] = int(gid)
        for member in filter(None, names.split(",")):
            members[member].add(name)
    return groups, members


def parse_accounts(passwd: str, shadow: str, groups: dict[str, int], members: dict[str, set[str]]) -> dict[str, Account]:
    names = {gid: name for name, gid in groups.items()}
    secrets = {fields[0]: (fields[1], fields[7], _ageing(fields[3:7])) for fields in _lines(shadow, 9)}
    accounts = {}
    for name, password, uid, gid, comment, home, shell in _lines(passwd, 7):
        password, expires, ageing = secrets.get(name, (password, "", ""))
        group = names.get(int(gid), gid)
        groups_of = frozenset(members.get(name, ())) - {group}
        accounts[name] = Account(name, int(uid), group, groups_of, shell, home, comment, password, expires, ageing)
    return accounts


def _leftovers(accounts: Mapping[str, Account]) -> frozenset[str]:
    return frozenset(fields[0] for fields in _lines(_text("/etc/shadow"), 9)) - accounts.keys()


def _ageing(days: Iterable[str]) -> str:
    fields = ":".join(days)
    return fields if fields.strip(":") else ""


def parse_services(text: str) -> list[str]:
    """Those that answer for names, as nsswitch.conf has them."""
    line = re.search(r"^passwd:(.*)$", re.sub("#.*", "", text), re.MULTILINE)
    return re.sub(r"\[.*?\]", "", line[1]).split() if line else []


def parse_mounts(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), line.split()[4])


def _lines(text: str, fields: int) -> Iterator[list[str]]:
    """The well-formed lines; a host may also have compatibility lines such as ``+::::::``."""
    for line in text.split("\n"):
        words = line.split(":")
        if len(words) == fields and words[0] and words[0][0] not in "+-#":
            yield words


def _numbers(text: str) -> dict[str, int]:
    return {word: int(number) for word, number in re.findall(r"^([A-Z_]+)[\s=]+([0-9]+)\s*$", text, re.MULTILINE)}


def _text(path: str, missing: str | None = None) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        if missing is None:
            raise
        return missing


def _owners(paths: Iterable[str]) -> Iterator[tuple[str, int]]:
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            yield path, os.lstat(path).st_uid


def _taken(home: str) -> frozenset[int]:
    """Ids of all that can log in, and of those whose homes were kept when they were removed."""
    ids = {entry.pw_uid for entry in pwd.getpwall()} | {entry.gr_gid for entry in grp.getgrall()}
    with contextlib.suppress(FileNotFoundError), os.scandir(home) as entries:
        ids |= {entry.stat(follow_symlinks=False).st_uid for entry in entries}
    return frozenset(ids)


def _elsewhere(names: Iterable[str]) -> frozenset[str]:
    """Those of the names, none of which is in passwd, that the host knows nevertheless."""
    listed = {entry.pw_name for entry in pwd.getpwall()}
    directories = _directories()
    return frozenset(name for name in names if name in listed or (directories and _asked(pwd.getpwnam, name)))


def _directories() -> bool:
    """Whether a service may know more than it lists. All others list what they have, and need not be asked for each name."""
    return not {"files", "compat", "systemd"}.issuperset(parse_services(_text("/etc/nsswitch.conf", missing="")))


def _asked(question: Callable[[Any], tuple[Any, ...]], key: object) -> str | None:
    """The name of an account or a group."""
    try:
        return str(question(key)[0])
    except KeyError:
        return None


def _running() -> dict[int, tuple[str, ...]]:
    """UID -> its processes. From the status files: the folder's owner is root for processes that hide their memory."""
    found: dict[int, list[str]] = collections.defaultdict(list)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            status = dict(line.split(":\t", 1) for line in _text(f"/proc/{pid}/status").splitlines() if ":\t" in line)
            for uid in {int(number) for number in status["Uid"].split()}:
                found[uid].append(f"{status['Name']} (process {pid})")
    return {uid: tuple(names) for uid, names in found.items()}
