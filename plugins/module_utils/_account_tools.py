# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out a plan for accounts with the host's own tools (package passwd, tar). No secret is ever an argument."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import grp
import itertools
import os
import shutil
from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_model as model

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class ToolFailed(Exception):
    """A tool of the host could not do its part."""


@dataclasses.dataclass(frozen=True)
class Settings:
    run: Callable[..., tuple[int, str, str]]  # AnsibleModule.run_command
    skeleton: str
    home_mode: int
    archive_dir: str
    archives: dict[str, str] = dataclasses.field(default_factory=dict)  # name -> the archive that was made of the home

    def call(self, tool: str, *arguments: str, **more: Any) -> None:
        """Run a tool of the host; what it must not say to everybody goes through ``data``, its standard input."""
        status, _output, complaint = self.run([tool, *arguments], environ_update={"PATH": PATH, "LC_ALL": "C"}, **more)
        if status != 0:
            whom = f" for {arguments[-1]}" if "data" not in more else ""
            raise ToolFailed(f"{tool} failed{whom}: {complaint.strip()}; what was done before stays, and the next run goes on from there")


def carry_out(actions: Iterable[model.Action], settings: Settings) -> None:
    """Do it, in this order; passwords, which a tool takes many at a time, in one go."""
    for _phase, group in itertools.groupby(actions, key=lambda action: action.phase):
        same = list(group)
        passwords = [action for action in same if isinstance(action, model.SetPassword)]
        if passwords:
            _set_passwords(passwords, settings)
        else:
            for action in same:
                _do(action, settings)


@functools.singledispatch
def _do(action: model.Action, settings: Settings) -> None:
    raise TypeError(f"no tool for {type(action).__name__}")


@_do.register
def _add_group(action: model.AddGroup, settings: Settings) -> None:
    settings.call("groupadd", "--gid", str(action.gid), action.name)


@_do.register
def _add_account(action: model.AddAccount, settings: Settings) -> None:
    account = action.account
    group = ["--user-group"] if action.own_group else ["--gid", account.group]
    extra = ["--groups", ",".join(sorted(account.groups))] if account.groups else []
    place = ["--no-create-home", "--home-dir", account.home, "--shell", account.shell, "--comment", account.comment]
    settings.call("useradd", "--uid", str(account.uid), *group, *extra, *place, account.name)


@_do.register
def _change(action: model.Change, settings: Settings) -> None:
    asked = {"--shell": action.shell, "--comment": action.comment, "--gid": action.group}
    options = [word for option, value in asked.items() if value is not None for word in (option, value)]
    join = ["--append", "--groups", ",".join(sorted(action.join))] if action.join else []
    settings.call("usermod", *options, *join, action.name)


@_do.register
def _set_expiry(action: model.SetExpiry, settings: Settings) -> None:
    settings.call("usermod", "--expiredate", action.day, action.name)


def _set_passwords(actions: list[model.SetPassword], settings: Settings) -> None:
    lines = "\n".join(f"{action.name}:{action.password}" for action in actions)  # run_command ends the last one
    settings.call("chpasswd", "--encrypted", data=lines)


@_do.register
def _make_home(action: model.MakeHome, settings: Settings) -> None:
    """The home appears whole or not at all: it is made beside its place, and moved there when it is the person's."""
    parent, leaf = os.path.split(action.home)
    os.makedirs(parent, mode=0o755, exist_ok=True)
    stage = f"{parent}/.{leaf}.new"
    if os.path.lexists(stage):
        shutil.rmtree(stage)  # left by an interrupted run
    if settings.skeleton:
        shutil.copytree(settings.skeleton, stage, symlinks=True)
    else:
        os.mkdir(stage, 0o700)
    gid = grp.getgrnam(action.group).gr_gid
    for folder, folders, files in os.walk(stage, topdown=False):  # what is in a folder before the folder: nobody can swap it under us
        for name in (*folders, *files):
            os.chown(os.path.join(folder, name), action.uid, gid, follow_symlinks=False)
    os.chown(stage, action.uid, gid)
    os.chmod(stage, settings.home_mode)
    os.rename(stage, action.home)


@_do.register
def _archive_home(action: model.ArchiveHome, settings: Settings) -> None:
    """The archive has its name only when it is complete and on the disk, for the home goes next."""
    os.makedirs(settings.archive_dir, mode=0o700, exist_ok=True)
    stage = os.path.join(settings.archive_dir, f".{action.name}.new")
    if os.path.lexists(stage):
        os.unlink(stage)  # left by an interrupted run
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
    settings.archives[action.name] = final


@_do.register
def _remove_home(action: model.RemoveHome, settings: Settings) -> None:
    if os.path.isdir(action.home) and not os.path.islink(action.home):
        shutil.rmtree(action.home)
    else:
        os.unlink(action.home)


@_do.register
def _remove_account(action: model.RemoveAccount, settings: Settings) -> None:
    settings.call("userdel", action.name)
