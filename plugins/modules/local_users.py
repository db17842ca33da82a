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
  - hubsmith.jupyterhub.accounts
seealso:
  - module: hubsmith.jupyterhub.people
    description: The accounts and the access of the same people, in one task.
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

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_task, _people


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "users": _account_task.USERS,
            "state": {"type": "str", "choices": list(_people.STATES), "default": "present"},
            **_account_task.OPTIONS,
        },
        supports_check_mode=True,
        no_log=True,
    )
    try:
        people = _account_task.take_users(module, module.params["state"])
        result = _account_task.Task.of(people, module.params, module.warn).run(module.check_mode, module._diff)
    except _account_task.REFUSALS as error:
        module.fail_json(msg=_account_task.explain(error))
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
