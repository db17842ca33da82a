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
from collections.abc import Iterable, Iterator

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._account_model import Account, Host
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._accounts import Rules, home_of
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person


def read(people: Iterable[Person], rules: Rules) -> Host:
    """The host as it is, with the homes and the processes of these people."""
    people = list(people)
    groups, members = parse_groups(_text("/etc/group"))
    accounts = parse_accounts(_text("/etc/passwd"), _text("/etc/shadow"), groups, members)
    new = [person for person in people if person.state == "present" and person.name not in accounts]
    leaving = any(person.state == "absent" and person.name in accounts for person in people)
    paths = {accounts[person.name].home for person in people if person.name in accounts} | {home_of(person, rules) for person in new}
    numbers = _numbers(_text("/etc/login.defs"))
    return Host(
        accounts=accounts,
        groups=groups,
        homes=dict(_owners(paths)),
        taken=_taken(rules.home) if new else frozenset(),
        elsewhere=frozenset(person.name for person in new if _known(person.name)),
        running=_running() if leaving else {},
        mounts=tuple(parse_mounts(_text("/proc/self/mountinfo"))) if leaving else (),
        first_uid=numbers.get("UID_MIN", 1000),
        last_uid=numbers.get("UID_MAX", 60000),
    )


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
    secrets = {fields[0]: (fields[1], fields[7]) for fields in _lines(shadow, 9)}
    accounts = {}
    for name, password, uid, gid, comment, home, shell in _lines(passwd, 7):
        password, expires = secrets.get(name, (password, ""))
        group = names.get(int(gid), gid)
        groups_of = frozenset(members.get(name, ())) - {group}
        accounts[name] = Account(name, int(uid), group, groups_of, shell, home, comment, password, expires)
    return accounts


def parse_mounts(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), line.split()[4])


def _lines(text: str, fields: int) -> Iterator[list[str]]:
    """The well-formed lines; a host may also have compatibility lines such as ``+::::::``."""
    for line in text.splitlines():
        words = line.split(":")
        if len(words) == fields and words[0] and words[0][0] not in "+-#":
            yield words


def _numbers(text: str) -> dict[str, int]:
    return {word: int(number) for word, number in re.findall(r"^([A-Z_]+)\s+([0-9]+)\s*$", text, re.MULTILINE)}


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


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


def _known(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def _running() -> dict[int, tuple[str, ...]]:
    """UID -> its processes. From the status files: the folder's owner is root for processes that hide their memory."""
    found: dict[int, list[str]] = collections.defaultdict(list)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            status = dict(line.split(":\t", 1) for line in _text(f"/proc/{pid}/status").splitlines() if ":\t" in line)
            for uid in {int(number) for number in status["Uid"].split()}:
                found[uid].append(f"{status['Name']} (process {pid})")
    return {uid: tuple(names) for uid, names in found.items()}
