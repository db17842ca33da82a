#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts for all people of a hub in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: local_users
short_description: Accounts of a hub's people, all in one task
version_added: 0.1.0
description:
  - Makes, changes, blocks and removes the local accounts of a list of people, in one pass over the host.
  - Nothing is changed that was not asked for. An account keeps its password, shell, comment, home and groups unless its entry
    says otherwise. Someone is only ever added to groups.
  - Everything is checked before anything is done. When one entry cannot be carried out, the task fails with a sentence for each
    such entry, and no account is touched. When a run is interrupted, the next one finishes what is left.
  - System accounts are never touched, whatever the list says.
  - What is done is done for all people together, so that ten thousand accounts take seconds. C(systemd-sysusers) makes accounts,
    groups and memberships, and C(vipw) and C(vigr) change and remove them, with their locks, copies and caches. Only another
    primary group, an archive, and the removal of an account with subordinate ids take one call each.
requirements:
  - On the target, the tools of the packages C(systemd) and C(passwd), and C(tar) and C(gzip) for O(remove=archive).
options:
  users:
    description:
      - The people, as in RV(users) of other tasks or in the variable C(jupyterhub_users). What an entry says about access to the hub
        is checked for its form and otherwise left to others, so that the same list can be given everywhere.
  state:
    description: The state of entries that have none of their own.
    type: str
    choices: [present, blocked, absent]
    default: present
  home:
    description: The folder in which homes of new accounts are made.
    type: path
    default: /home
  home_mode:
    description: The mode of homes that are made, as an octal number in quotes.
    type: str
    default: "0700"
  skeleton:
    description: The folder whose content a home begins with. Empty for homes that begin empty.
    type: path
    default: /etc/skel
  shell:
    description: The login shell of new accounts.
    type: str
    default: /bin/bash
  group:
    description: The primary group of new accounts. When empty, each gets a group of its own name.
    type: str
  unix_groups:
    description: Groups of the host that everybody with the state V(present) is made a member of.
    type: list
    elements: str
    default: []
  remove:
    description:
      - What becomes of the home of an account that is removed.
      - With V(keep) it stays as it is, and its UID is not given to anybody else as long as it lies in O(home).
      - With V(archive) it goes into a file of O(archive_dir), and is deleted.
      - With V(delete) it is deleted.
      - A home that belongs to somebody else, holds another account's home or has a mount in it is refused, unless it is kept.
    type: str
    choices: [keep, archive, delete]
    default: keep
  archive_dir:
    description: The folder for archives of homes. It is made for C(root) only, and so are the archives.
    type: path
    default: /var/backups/jupyterhub/homes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: One line for each account that changes. Passwords are shown as set, locked or missing only.
  platform:
    platforms: debian
notes:
  - New accounts get no subordinate ids (C(/etc/subuid)), which only containers need that a person runs without being C(root). Give
    them with C(usermod --add-subuids --add-subgids). They are taken back when the account is removed.
  - The rules of C(/etc/login.defs) and C(/etc/default/useradd) for the age of passwords hold for new accounts.
  - C(systemd-sysusers) would drop remarks and broken lines from C(/etc/passwd), C(/etc/shadow), C(/etc/group) and C(/etc/gshadow).
    Where there are any, nobody new is made, and the task fails with a sentence that says which.
  - When another program keeps these files locked for more than a minute, the task fails.
  - A number in an entry, such as a UID, is taken as a number only, not as text in quotes.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - hubsmith.jupyterhub.people
author:
  - hubsmith contributors (@hubsmith)
"""

EXAMPLES = r"""
- name: The people of the hub have their accounts
  hubsmith.jupyterhub.local_users:
    users:
      - name: ada
        comment: Ada Lovelace
        unix_groups: [numerics]
      - name: charles
        state: blocked

- name: Somebody has left, the home goes into an archive
  hubsmith.jupyterhub.local_users:
    users:
      - name: charles
    state: absent
    remove: archive
"""

RETURN = r"""
users:
  description: The people in the order of the list. Someone without an account has only the first three values.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The account's name.
      type: str
      sample: ada
    state:
      description: The state that was asked for.
      type: str
      sample: present
    done:
      description: What was done (in a check run, what would be), nothing if all was as wanted.
      type: list
      elements: str
      sample: [created, password set, home created]
    uid:
      description: The account's UID.
      type: int
      sample: 1001
    group:
      description: The primary group.
      type: str
      sample: ada
    unix_groups:
      description: The further groups of the host.
      type: list
      elements: str
      sample: [numerics]
    shell:
      description: The login shell.
      type: str
      sample: /bin/bash
    home:
      description: The home folder.
      type: str
      sample: /home/ada
    comment:
      description: The comment field.
      type: str
      sample: Ada Lovelace
archives:
  description: The archives that were made of homes, by name of the account. Empty in a check run.
  returned: success
  type: dict
  sample: {charles: /var/backups/jupyterhub/homes/charles-20270131T120000Z.tar.gz}
"""

import os
import re
from typing import Any

from ansible.module_utils.basic import AnsibleModule

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

REFUSALS = (_people.PeopleError, _accounts.Refused, _account_homes.HomeError, _account_tools.ToolFailed, _lock.Busy, OSError)


def run(module: AnsibleModule, entries: list[dict[str, Any]]) -> dict[str, object]:
    given = module.params
    people = _people.parse([{key: value for key, value in entry.items() if value is not None} for entry in entries], given["state"])
    rules = _rules(given)
    settings = _settings(module)

    if module.check_mode:
        host, actions = _look(module, people, rules)
    else:
        with _lock.held(_lock.PATH):
            host, actions = _look(module, people, rules)
            _account_tools.carry_out(actions, settings)
    after = _accounts.predict(host, actions)
    _warn_of_shells(module, after, people)
    # With many people it is nearly as much as all the rest that goes back to the controller.
    diff = {"diff": _account_report.diff(host, after, actions)} if module._diff else {}
    return {
        "changed": bool(actions),
        **diff,
        "users": _account_report.users(people, after, actions),
        "archives": settings.archives,
    }


def _rules(given: dict[str, Any]) -> _accounts.Rules:
    return _accounts.Rules(
        home=_people.absolute_path("home", given["home"]),
        shell=_people.absolute_path("shell", given["shell"]),
        group=_people.unix_name("group", given["group"]) if given["group"] else None,
        unix_groups=_people.unix_names("unix_groups", given["unix_groups"]),
        remove=given["remove"],
    )


def _settings(module: AnsibleModule) -> _account_tools.Settings:
    given = module.params
    if not re.fullmatch("0[0-7]{3}", given["home_mode"]):
        raise _accounts.Refused(f"home_mode is {given['home_mode']!r}; write it with four octal digits in quotes, e.g. '0700'")
    if given["skeleton"] and not os.path.isdir(given["skeleton"]):
        raise _accounts.Refused(f"the skeleton {given['skeleton']} is not a folder here; make it, or write skeleton: '' for empty homes")
    skeleton = _account_homes.read(given["skeleton"]) if given["skeleton"] else None
    return _account_tools.Settings(module.run_command, skeleton, int(given["home_mode"], 8), given["archive_dir"])


def _look(module: AnsibleModule, people: list[_people.Person], rules: _accounts.Rules) -> tuple[_model.Host, list[_model.Action]]:
    host = _account_files.read(people, rules)
    actions = _accounts.plan(host, people, rules)
    wrong = list(_account_files.obstacles(actions))
    if wrong:
        raise _accounts.Refused("\n".join(wrong))
    busy = _accounts.busy(host, people)
    if busy and not module.check_mode:
        raise _accounts.Refused("\n".join(busy))
    for sentence in busy:
        module.warn(sentence)
    return host, actions


def _warn_of_shells(module: AnsibleModule, after: _model.Host, people: list[_people.Person]) -> None:
    shells = {after.accounts[person.name].shell for person in people if person.name in after.accounts}
    for shell in sorted(shells):
        if shell and not os.path.exists(shell):
            module.warn(f"the shell {shell} is not on this host, and who has it cannot log in to a terminal; install it or choose another")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            # The entries are for _people alone: to have Ansible check 10,000 of them as well would take longer than what is done here.
            "users": {"type": "list", "elements": "dict", "required": True, "no_log": True},
            "state": {"type": "str", "choices": list(_people.STATES), "default": "present"},
            "home": {"type": "path", "default": "/home"},
            "home_mode": {"type": "str", "default": "0700"},
            "skeleton": {"type": "path", "default": "/etc/skel"},
            "shell": {"type": "str", "default": "/bin/bash"},
            "group": {"type": "str"},
            "unix_groups": {"type": "list", "elements": "str", "default": []},
            "remove": {"type": "str", "choices": ["keep", "archive", "delete"], "default": "keep"},
            "archive_dir": {"type": "path", "default": "/var/backups/jupyterhub/homes"},
        },
        supports_check_mode=True,
        no_log=True,
    )
    # Until here, all of the entries counts as secret. The hashes are, and from now on they are nowhere but in the entries, which do
    # not go back to the controller among the options.
    entries = module.params.pop("users")
    module.no_log_values.clear()
    try:
        result = run(module, entries)
    except PermissionError as error:
        module.fail_json(msg=f"{error.filename or error} is not open to us; run this task as root (become: true)")
    except REFUSALS as error:
        module.fail_json(msg=str(error))
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
