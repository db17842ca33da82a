#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _access_edit and _access_wait; the action plugin of the same name leaves passwords on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: access
short_description: All people of a JupyterHub in one task, in force at once
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Writes who may log in, as whom and with what into the access file, from the one list of people. The running hub takes a change
    within seconds, without a restart. Whoever loses access loses logins, tokens, roles and servers, and nobody else notices.
  - An entry is the whole truth about a person. What it does not say, the person does not have, whatever the file said before.
  - Everything is checked before anything is written, and what is wrong with the list is told entry by entry.
  - For the configuration of a plain hub, the list becomes the rosters and the map of users. What such a hub has no place for (groups,
    limits, last days) is refused.
extends_documentation_fragment:
  - hubsmith.jupyterhub.people
  - hubsmith.jupyterhub.people_file
options:
  users:
    description:
      - The people. Keys about accounts are taken and not used, so that the same list serves M(hubsmith.jupyterhub.local_users); they are
        not sent to the host.
  state:
    description:
      - With V(present), people who are not on the list stay as they are. With V(exact) the list is the whole truth, and they lose access.
      - With V(exact), a file whose content cannot be used is replaced, with a warning, unless a later version of this collection wrote it.
    type: str
    choices: [present, exact]
    default: present
  allow_empty:
    description: Whether O(state=exact) may take access from everybody, with a list that leaves nobody.
    type: bool
    default: false
  wait:
    description:
      - Wait until the running hub has this very content in force, and the servers of those who lost access have stopped.
      - The task fails at once when the hub refuses the content, and after O(timeout). The file stays written.
      - Without a running hub there is nothing to wait for, and the file is in force from its next start.
      - When somebody else changes the file meanwhile, it is their content that is waited for.
    type: bool
    default: false
  timeout:
    description: How many seconds to wait.
    type: float
    default: 30
  state_file:
    description: Where the running hub says what it has in force.
    type: path
    default: /run/jupyterhub/access-state.json
attributes:
  action:
    description: Runs an action plugin on the controller, which leaves there what is not about access.
    support: full
  async:
    description: Can be run in the background.
    support: full
seealso:
  - module: hubsmith.jupyterhub.local_users
    description: The accounts of the same people.
  - module: hubsmith.jupyterhub.people
    description: Both in one task.
"""

EXAMPLES = r"""
- name: The list is the whole truth, and in force when the task ends
  hubsmith.jupyterhub.access:
    users:
      - name: ada
        identities: [ada.lovelace@example.org]
        admin: true
        groups: [numerics]
        expires: 2027-01-31
        limits: {memory: 4G, cpu: 2}
      - name: charles
        state: blocked
    state: exact
    wait: true

- name: Somebody joins, and somebody leaves
  hubsmith.jupyterhub.access:
    users:
      - name: emmy
      - name: charles
        state: absent
"""

RETURN = r"""
users:
  description: Everybody in the file after the task, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The local name.
      type: str
      sample: ada
    standing:
      description: What the person is today, V(allowed), V(blocked) or V(expired).
      type: str
      sample: allowed
sha256:
  description: SHA-256 of the file after the task.
  returned: success
  type: str
  sample: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
applied:
  description: Whether a running hub has it in force. In a check run, whether it has so now.
  returned: when O(wait=true)
  type: bool
  sample: true
message:
  description: Why it is not in force.
  returned: when O(wait=true) and no hub is running
  type: str
  sample: no hub is running; the file is in force from its next start
backup_file:
  description: The copy of the file as it was.
  returned: when the file was replaced and O(backup=true)
  type: str
  sample: /etc/jupyterhub/access.json.4711.2027-01-31@12:00:00~
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import (
    _access_wait,
    _edited_file,
    _operations,
    _people,
)


def read_users(module: AnsibleModule) -> list[_people.Person]:
    entries = [{key: value for key, value in entry.items() if value is not None} for entry in module.params["users"]]
    try:
        return _people.parse(entries, keys=_people.ACCESS_KEYS)
    except _people.PeopleError as error:
        module.fail_json(msg=f"{error}\n{_edited_file.UNTOUCHED}")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **_edited_file.OPTIONS,
            # What an entry may say is checked by _people, which tells more, and takes less time with many people.
            "users": {"type": "list", "elements": "dict", "required": True},
            "state": {"type": "str", "choices": ["present", "exact"], "default": "present"},
            "allow_empty": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": False},
            "timeout": {"type": "float", "default": 30},
            "state_file": {"type": "path", "default": _access_wait.STATE_FILE},
        },
        supports_check_mode=True,
    )
    given = module.params
    rules = {key: given[key] for key in ("state", "allow_empty", "authenticator_class", "wait")}
    outcome = _edited_file.carry_out(module, _operations.people(read_users(module), **rules))
    result = {"users": outcome.standings(), "sha256": outcome.sha256, **outcome.result()}
    if given["wait"]:
        path = os.path.abspath(given["path"])
        try:
            result |= _access_wait.outcome(given["state_file"], path, outcome.sha256, given["timeout"], module.check_mode)
        except _access_wait.NotApplied as error:
            module.fail_json(msg=f"{path} holds what was asked for, and keeps it, but {error}", applied=False, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
