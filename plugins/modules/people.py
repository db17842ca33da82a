#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and access of a hub's people, in one task and in the right order."""

from __future__ import annotations

DOCUMENTATION = r"""
module: people
short_description: Accounts and access of a hub's people, in one task and in the right order
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Does what M(hubsmith.jupyterhub.local_users) and M(hubsmith.jupyterhub.access) do with the same list, in one run on the host.
  - Whoever leaves loses access first, by which the hub stops their servers, and then the account. Whoever joins has an account first,
    and then access.
  - Both are checked before either is touched. When an entry cannot be carried out, the task fails with a sentence for each such entry,
    and nobody's account or access has changed. When a run is interrupted, the next one finishes what is left.
  - When a hub is running, the task ends when the hub has the list in force, and the servers of those who lost access have stopped.
requirements:
  - On the target, what M(hubsmith.jupyterhub.local_users) needs.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - hubsmith.jupyterhub.people
  - hubsmith.jupyterhub.accounts
options:
  users:
    description: The people, with all that is said of their accounts and of their access.
  access_file:
    description:
      - The access file, which the running hub reads. It is made if there is none, and keeps its owner and its permissions.
      - Empty for accounts only.
    type: path
    default: /etc/jupyterhub/access.json
  state:
    description:
      - With V(present), people who are not on the list keep their access. With V(exact) the list is the whole truth, and they lose it.
      - The account of somebody who is not on the list stays as it is; V(users[].state=absent) removes it.
      - With V(exact), a file whose content cannot be used is replaced, with a warning, unless a later version of this collection wrote it.
    type: str
    choices: [present, exact]
    default: present
  allow_empty:
    description: Whether O(state=exact) may take access from everybody, with a list that leaves nobody.
    type: bool
    default: false
  state_file:
    description: Where the running hub says what it has in force.
    type: path
    default: /run/jupyterhub/access-state.json
  timeout:
    description: How many seconds the hub has to bring a change into force.
    type: float
    default: 30
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: The lines of those whose access differs, and a line for each account that changes, without passwords.
  platform:
    platforms: debian
seealso:
  - module: hubsmith.jupyterhub.local_users
    description: Accounts only, and what is to be known about them.
  - module: hubsmith.jupyterhub.access
    description: Access only, in an access file or in a configuration of one's own.
"""

EXAMPLES = r"""
- name: These people, and nobody else, may log in
  hubsmith.jupyterhub.people:
    users:
      - name: ada
        comment: Ada Lovelace
        identities: [ada.lovelace@example.org]
        admin: true
      - name: emmy
        unix_groups: [numerics]
        expires: 2027-01-31
      - name: charles
        state: blocked
    state: exact

- name: Somebody leaves, the home goes into an archive
  hubsmith.jupyterhub.people:
    users:
      - name: charles
        state: absent
    remove: archive
"""

RETURN = r"""
users:
  description: The people in the order of the list, each with what RV(hubsmith.jupyterhub.local_users#module:users) has, and one more value.
  returned: success
  type: list
  elements: dict
  contains:
    standing:
      description: What the person is to the hub today, V(allowed), V(blocked), V(expired) or V(absent).
      returned: when O(access_file) is not empty
      type: str
      sample: allowed
archives:
  description: The archives that were made of homes, by name of the account. Empty in a check run.
  returned: success
  type: dict
  sample: {charles: /var/backups/jupyterhub/homes/charles-20270131T120000Z.tar.gz}
sha256:
  description: SHA-256 of the access file after the task.
  returned: when O(access_file) is not empty
  type: str
  sample: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
applied:
  description: Whether a running hub has it in force. In a check run, whether it has so now.
  returned: when O(access_file) is not empty
  type: bool
  sample: true
message:
  description: Why it is not in force.
  returned: when O(access_file) is not empty and no hub is running
  type: str
  sample: no hub is running; the file is in force from its next start
"""

import datetime
import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import (
    _access_file,
    _access_wait,
    _account_task,
    _edited_file,
    _operations,
    _people,
)

REFUSALS = (*_account_task.REFUSALS, *_edited_file.REFUSALS, _access_wait.NotApplied)


class Access:
    """The access file, and the hub that reads it."""

    def __init__(self, given: dict[str, Any], people: list[_people.Person]) -> None:
        """Refused, or planned: nothing changes yet."""
        self.place = _edited_file.Place(os.path.abspath(given["access_file"]))
        self.given, self.people = given, people
        if not _edited_file.is_access_file(self.place.path):
            raise _edited_file.Refused(
                f"{self.place.path} is no access file; for a configuration use the modules local_users and access, one after the other"
            )
        self.operation = _operations.people(people, given["state"], given["allow_empty"])
        self.planned = _edited_file.change(self.place, self.operation, check_mode=True)

    def take(self) -> None:
        """Whoever leaves loses it."""
        leaving = [person for person in self.people if person.state != "present"]
        if not leaving:
            return
        try:
            done = _edited_file.change(self.place, _operations.people(leaving, "present"), check_mode=False)
        except _access_file.AccessError:
            # By the plan, the whole list takes the place of a file that cannot be used.
            done = _edited_file.change(self.place, self.operation, check_mode=False)
        self._wait(done.sha256, "no account was changed")

    def give(self, check_mode: bool) -> dict[str, Any]:
        """The whole list has it."""
        done = self.planned
        if done.diff and not check_mode:
            done = _edited_file.change(self.place, self.operation, check_mode=False)
        return {"sha256": done.sha256, **self._wait(done.sha256, "the accounts are as they shall be", check_mode)}

    def _wait(self, sha256: str, accounts: str, check_mode: bool = False) -> dict[str, Any]:
        given = self.given
        try:
            return _access_wait.outcome(given["state_file"], self.place.path, sha256, given["timeout"], check_mode)
        except _access_wait.NotApplied as error:
            said = f"{self.place.path} holds what was asked for, and keeps it, but {error}; {accounts}"
            raise _access_wait.NotApplied(said) from None


def run(module: AnsibleModule, people: list[_people.Person]) -> dict[str, Any]:
    """Plan both, then carry them out: access is taken before accounts change, and given after it."""
    accounts = _account_task.Task.of(people, module.params, module.warn)
    if not module.params["access_file"]:
        return accounts.run(module.check_mode, module._diff)
    access = Access(module.params, people)
    accounts.refuse()
    for warning in access.planned.warnings:
        module.warn(warning)
    if not module.check_mode:
        access.take()
    result = accounts.run(module.check_mode, module._diff)
    result |= access.give(module.check_mode)
    result["changed"] |= bool(access.planned.diff)
    if module._diff:
        result["diff"] = [*access.planned.diff, *([result["diff"]] if result["diff"]["after"] else [])]
    today = datetime.date.today()
    for person, shown in zip(people, result["users"], strict=True):
        shown["standing"] = _people.standing(person, today)
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "users": _account_task.USERS,
            "access_file": {"type": "path", "default": _access_file.PATH},
            "state": {"type": "str", "choices": ["present", "exact"], "default": "present"},
            "allow_empty": {"type": "bool", "default": False},
            "state_file": {"type": "path", "default": _access_wait.STATE_FILE},
            "timeout": {"type": "float", "default": 30},
            **_account_task.OPTIONS,
        },
        supports_check_mode=True,
        no_log=True,
    )
    try:
        result = run(module, _account_task.take_users(module))
    except REFUSALS as error:
        module.fail_json(msg=_account_task.explain(error))
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
