# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out a plan for accounts with the host's own tools, one call for all accounts wherever a tool takes many.

systemd-sysusers makes accounts, groups and memberships. All that is a field of a line or a whole line less goes through vipw
and vigr. No secret is ever an argument, or in any other file than shadow.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import itertools
import json
import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_edit, _account_files, _account_homes, _command
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_model as model

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LONGEST_WAIT = 60.0  # seconds; unlike the others, systemd-sysusers waits for its lock without an end
LOCKED = (5, _command.TOOK_TOO_LONG)  # how vipw and systemd-sysusers end when another program keeps the lock
COMMENT, SHELL = "4", "6"  # fields of passwd, from 0
PASSWORD, CHANGED, AGEING, EXPIRES = "1", "2", ("3", "4", "5", "6"), "7"  # fields of shadow
SECONDS_OF_A_DAY = 86400


class ToolFailed(Exception):
    """A tool of the host could not do its part."""


@dataclasses.dataclass(frozen=True)
class Settings:
    skeleton: _account_homes.Entry | None
    home_mode: int
    archive_dir: str
    archives: dict[str, str] = dataclasses.field(default_factory=dict)  # name -> the archive that was made of the home
    run: Callable[..., tuple[int, str, str]] = _command.run

    def call(self, *command: str, data: str | None = None, longest: float | None = None, **environment: str) -> str:
        """Run a tool of the host; what it must not say to everybody goes through ``data``, its standard input. Returns what it
        complained of."""
        try:
            status, _output, complaint = self.run(command, data, {"PATH": PATH, "LC_ALL": "C", **environment}, longest)
        except FileNotFoundError:
            raise failed(command[0], "it is not on this host; install the package that brings it") from None
        if status in LOCKED:
            complaint = "another program keeps the files of accounts locked (is somebody in vipw?); let it end"
        if status != 0:
            raise failed(command[0], complaint)
        return complaint


def failed(tool: str, complaint: str) -> ToolFailed:
    return ToolFailed(f"{tool} failed: {complaint.strip()}; what was done before stays, and the next run goes on from there")


def carry_out(actions: Iterable[model.Action], settings: Settings) -> None:
    """Do it, one phase after the other."""
    for phase, same in itertools.groupby(actions, key=lambda action: action.phase):
        _PHASES[phase](list(same), settings)


def _add(actions: list[Any], settings: Settings) -> None:
    complaint = _sysusers([line for action in actions for line in _lines(action)], settings)
    accounts, groups = _account_files.read_accounts()
    missing = [action.name for action in actions if not _made(action, accounts, groups)]
    if missing:
        raise failed("systemd-sysusers", f"{complaint.strip()} ({', '.join(missing)} is not as asked)")
    days = {action.name: _ageing(action).split(":") for action in actions if _ageing(action)}
    _edit("vipw --shadow", {"fields": {name: dict(zip(AGEING, values, strict=True)) for name, values in days.items()}}, settings)


def _lines(action: model.Action) -> Iterator[str]:
    """For systemd-sysusers. It would make up what is left out, thus each group stands there by itself."""
    if isinstance(action, model.AddGroup):
        yield f"g {action.name} {action.gid}"
    elif isinstance(action, model.AddAccount):
        account = action.account
        if action.own_group is not None:
            yield f"g {account.name} {action.own_group}"
        yield f"u {account.name} {account.uid}:{account.group} {_quoted(account.comment)} {_quoted(account.home)} {_quoted(account.shell)}"
        yield from (f"m {account.name} {group}" for group in sorted(account.groups))


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text).replace("%", "%%") + '"'


def _made(action: model.Action, accounts: dict[str, model.Account], groups: dict[str, int]) -> bool:
    if isinstance(action, model.AddGroup):
        return groups.get(action.name) == action.gid
    if isinstance(action, model.AddAccount):
        return accounts.get(action.name) == dataclasses.replace(action.account, ageing="")
    return True


def _ageing(action: model.Action) -> str:
    if isinstance(action, model.AddAccount):
        return action.account.ageing
    return action.ageing if isinstance(action, model.FinishAccount) else ""


def _change(actions: list[Any], settings: Settings) -> None:
    for action in actions:
        if action.group is not None:
            # One by one, as this one also hands the files in the home over to the new group.
            settings.call("usermod", "--gid", action.group, action.name)
    _join([action for action in actions if action.join], settings)
    fields: dict[str, dict[str, str]] = collections.defaultdict(dict)
    for action in actions:
        if action.comment is not None:
            fields[action.name][COMMENT] = action.comment
        if action.shell is not None:
            fields[action.name][SHELL] = action.shell
    _edit("vipw", {"fields": fields}, settings)


def _join(actions: list[Any], settings: Settings) -> None:
    if actions:
        accounts, _groups = _account_files.read_accounts()
        people = [accounts[action.name] for action in actions]
        # Without its ids, an account would be given a group of its own.
        lines = [f"u {account.name} {account.uid}:{account.group}" for account in people]
        _sysusers(lines + [f"m {action.name} {group}" for action in actions for group in sorted(action.join)], settings)


def _change_shadow(actions: list[Any], settings: Settings) -> None:
    today = str(int(time.time()) // SECONDS_OF_A_DAY)
    fields: dict[str, dict[str, str]] = collections.defaultdict(dict)
    for action in actions:
        if isinstance(action, model.SetExpiry):
            fields[action.name][EXPIRES] = action.day
            continue
        fields[action.name][PASSWORD] = action.password
        if action.renews:
            fields[action.name][CHANGED] = today
    _edit("vipw --shadow", {"fields": fields}, settings)


def _remove_accounts(actions: list[Any], settings: Settings) -> None:
    """The account's line in passwd goes last: as long as it is there, an interrupted removal is found again."""
    names = []
    subordinate = _account_files.with_subordinate_ids()
    for action in actions:
        if action.name in subordinate:
            settings.call("userdel", action.name)  # nothing else takes these ids back
        else:
            names.append(action.name)
    kept, _groups = _account_files.read_accounts()
    leaving = {name: kept.pop(name) for name in names}
    used = {account.group for account in kept.values()}
    own = [name for name, account in leaving.items() if account.group == name and name not in used]
    for tool in ("vigr", "vigr --shadow"):
        _edit(tool, {"drop": own, "leave": names}, settings)
    for tool in ("vipw --shadow", "vipw"):
        _edit(tool, {"drop": names}, settings)


def _make_homes(actions: list[Any], settings: Settings) -> None:
    _accounts, groups = _account_files.read_accounts()
    staged = {}
    for action in actions:
        gid = groups[action.group] if action.group in groups else int(action.group)  # a group that the host has no name for
        staged[_account_homes.stage(action.home, settings.skeleton, action.uid, gid, settings.home_mode)] = action.home
    if os.path.exists("/sys/fs/selinux/enforce"):
        settings.call("restorecon", "-R", "-f", "-", data="\n".join(staged))
    for stage, home in staged.items():
        os.rename(stage, home)


def _archive_homes(actions: list[Any], settings: Settings) -> None:
    for action in actions:
        settings.archives[action.name] = _archive(action, settings)


def _archive(action: model.ArchiveHome, settings: Settings) -> str:
    """The archive has its name only when it is complete and on the disk, for the home goes next."""
    os.makedirs(settings.archive_dir, mode=0o700, exist_ok=True)
    stage = os.path.join(settings.archive_dir, f".{action.name}.new")
    _account_homes.remove(stage)  # left by an interrupted run
    parent, leaf = os.path.split(action.home)
    handle = os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # tar writes into it, and leaves the mode
    try:
        settings.call("tar", "--create", "--gzip", "--numeric-owner", f"--file={stage}", f"--directory={parent}", f"./{leaf}")
        os.fsync(handle)
    except BaseException:
        os.unlink(stage)
        raise
    finally:
        os.close(handle)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    final = os.path.join(settings.archive_dir, f"{action.name}-{stamp}.tar.gz")
    os.rename(stage, final)
    return final


def _remove_homes(actions: list[Any], settings: Settings) -> None:
    for action in actions:
        _account_homes.remove(action.home)


# Tools that take many accounts


def _sysusers(lines: list[str], settings: Settings) -> str:
    """The plan has asked the name services, and would not survive another choice of ids; with a root, none is asked again, which
    takes most of the time. Returns what the tool complained of."""
    if not lines:
        return ""
    tool = ("systemd-sysusers", "--root=/proc/self/root", "-")
    return settings.call(*tool, data="\n".join(lines), longest=LONGEST_WAIT, SYSTEMD_LOG_LEVEL="warning")


def _edit(tool: str, edits: _account_edit.Edits, settings: Settings) -> None:
    """Let vipw or vigr call our editor, which reads what they have as standard input."""
    if any(edits.values()):
        path = os.pathsep.join(filter(None, sys.path))
        editor = shlex.join(["env", f"PYTHONPATH={path}", sys.executable, "-PS", "-m", _account_edit.__name__])
        settings.call(*tool.split(), "--quiet", data=json.dumps(edits), VISUAL=editor)


_PHASES: dict[int, Callable[[list[Any], Settings], None]] = {
    model.AddAccount.phase: _add,
    model.Change.phase: _change,
    model.SetPassword.phase: _change_shadow,
    model.MakeHome.phase: _make_homes,
    model.ArchiveHome.phase: _archive_homes,
    model.RemoveHome.phase: _remove_homes,
    model.RemoveAccount.phase: _remove_accounts,
}
