# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of people, for the modules that see to them: look, refuse or carry out, and tell."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import (
    _account_files,
    _account_homes,
    _account_report,
    _account_tools,
    _accounts,
    _lock,
    _people,
)
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_model as _model

# As the documentation's fragment `accounts` has them.
OPTIONS: dict[str, dict[str, Any]] = {
    "home": {"type": "path", "default": "/home"},
    "home_mode": {"type": "str", "default": "0700"},
    "skeleton": {"type": "path", "default": "/etc/skel"},
    "shell": {"type": "str", "default": "/bin/bash"},
    "group": {"type": "str"},
    "unix_groups": {"type": "list", "elements": "str", "default": []},
    "remove": {"type": "str", "choices": ["keep", "archive", "delete"], "default": "keep"},
    "archive_dir": {"type": "path", "default": "/var/backups/jupyterhub/homes"},
}
# The entries are for _people alone: to have Ansible check 10,000 of them as well would take longer than what is done here.
USERS: dict[str, Any] = {"type": "list", "elements": "dict", "required": True, "no_log": True}
REFUSALS = (_people.PeopleError, _accounts.Refused, _account_homes.HomeError, _account_tools.ToolFailed, _lock.Busy, OSError)


def take_users(module: Any, state: str = "present") -> list[_people.Person]:
    """The people of the option ``users``, which is taken out of the options.

    Until here, all of the entries counts as secret. The hashes are, and from now on they are nowhere but in the people, who do not go
    back to the controller among the options.
    """
    entries = module.params.pop("users")
    module.no_log_values.clear()
    return _people.parse([{key: value for key, value in entry.items() if value is not None} for entry in entries], state)


@dataclasses.dataclass(frozen=True)
class Task:
    """The accounts of these people, as they shall be.

    :param warn: takes a sentence that is no reason to refuse.
    """

    people: list[_people.Person]
    rules: _accounts.Rules
    settings: _account_tools.Settings
    warn: Callable[[str], None]

    @classmethod
    def of(cls, people: list[_people.Person], given: Mapping[str, Any], warn: Callable[[str], None]) -> Task:
        """From the options of a module that has :data:`OPTIONS`; one of :data:`REFUSALS` when they cannot be used."""
        return cls(people, _rules(given), _settings(given), warn)

    def refuse(self) -> None:
        """One of :data:`REFUSALS` for what could not be carried out, however long one waits for those who are busy."""
        self._look()

    def run(self, check_mode: bool, with_diff: bool) -> dict[str, Any]:
        """Carry it out, or in check mode predict it; returns what a module returns of it."""
        if check_mode:
            host, actions = self._look()
            for sentence in _accounts.busy(host, self.people):
                self.warn(sentence)
        else:
            with _lock.held(_lock.PATH):
                host, actions = self._look()
                if busy := _accounts.busy(host, self.people):
                    raise _accounts.Refused("\n".join(busy))
                _account_tools.carry_out(actions, self.settings)
        after = _accounts.predict(host, actions)
        self._warn_of_shells(after)
        # With many people it is nearly as much as all the rest that goes back to the controller.
        diff = {"diff": _account_report.diff(host, after, actions)} if with_diff else {}
        return {
            "changed": bool(actions),
            **diff,
            "users": _account_report.users(self.people, after, actions),
            "archives": self.settings.archives,
        }

    def _look(self) -> tuple[_model.Host, list[_model.Action]]:
        host = _account_files.read(self.people, self.rules)
        actions = _accounts.plan(host, self.people, self.rules)
        wrong = list(_account_files.obstacles(actions))
        if wrong:
            raise _accounts.Refused("\n".join(wrong))
        return host, actions

    def _warn_of_shells(self, after: _model.Host) -> None:
        shells = {after.accounts[person.name].shell for person in self.people if person.name in after.accounts}
        for shell in sorted(shells):
            if shell and not os.path.exists(shell):
                self.warn(
                    f"the shell {shell} is not on this host, and who has it cannot log in to a terminal; install it or choose another"
                )


def _rules(given: Mapping[str, Any]) -> _accounts.Rules:
    return _accounts.Rules(
        home=_people.absolute_path("home", given["home"]),
        shell=_people.absolute_path("shell", given["shell"]),
        group=_people.unix_name("group", given["group"]) if given["group"] else None,
        unix_groups=_people.unix_names("unix_groups", given["unix_groups"]),
        remove=given["remove"],
    )


def _settings(given: Mapping[str, Any]) -> _account_tools.Settings:
    if not re.fullmatch("0[0-7]{3}", given["home_mode"]):
        raise _accounts.Refused(f"home_mode is {given['home_mode']!r}; write it with four octal digits in quotes, e.g. '0700'")
    if given["skeleton"] and not os.path.isdir(given["skeleton"]):
        raise _accounts.Refused(f"the skeleton {given['skeleton']} is not a folder here; make it, or write skeleton: '' for empty homes")
    skeleton = _account_homes.read(given["skeleton"]) if given["skeleton"] else None
    return _account_tools.Settings(skeleton, int(given["home_mode"], 8), given["archive_dir"])


def explain(error: BaseException) -> str:
    """The sentence for one of :data:`REFUSALS`."""
    if isinstance(error, PermissionError):
        return f"{error.filename or error} is not open to us; run this task as root (become: true)"
    return str(error)
