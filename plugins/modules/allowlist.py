#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _operations."""

from __future__ import annotations

DOCUMENTATION = r"""
module: allowlist
short_description: Who may log in to a JupyterHub, who administers it, who is blocked
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Edits one roster of the hub, without a restart if it is that of an access file.
  - In an access file, people are entries, and the rosters are what the entries say.
  - Somebody who is added to V(roster=allowed) gets an entry, and whoever is taken from it loses the whole entry, with identities,
    groups and all. O(backup) keeps it. Those who are blocked are not in this roster, and stay blocked.
  - Somebody who is added to V(roster=admins) and has no entry gets one, as in JupyterHub administrators may log in. Who is taken
    from it may still log in.
  - Somebody who is added to V(roster=blocked) keeps the entry, with all that it says. Who is taken from it may log in again.
  - Neither V(roster=allowed) nor V(roster=admins) lets somebody in who is blocked or whose last day is over. That is refused, with what
    to do instead.
extends_documentation_fragment: hubsmith.jupyterhub.people_file
options:
  names:
    description: Local names, that is, what O(hubsmith.jupyterhub.username_map#module:map) has made of an identity.
    type: list
    elements: str
    required: true
  roster:
    description: Which roster.
    type: str
    choices: [allowed, admins, blocked]
    default: allowed
  state:
    description: Whether O(names) are in the roster, are not, or are all that is in it.
    type: str
    choices: [present, absent, exact]
    default: present
seealso:
  - module: hubsmith.jupyterhub.access
    description: The whole list of people in one task.
"""

EXAMPLES = r"""
- name: Two colleagues may log in
  hubsmith.jupyterhub.allowlist:
    names: [ada, charles]

- name: Nobody but Ada administers the hub
  hubsmith.jupyterhub.allowlist:
    names: [ada]
    roster: admins
    state: exact

- name: Somebody may not log in any more, in a configuration that was written by hand
  hubsmith.jupyterhub.allowlist:
    path: /srv/jupyterhub/jupyterhub_config.py
    names: [charles]
    state: absent
    backup: true
  notify: Restart the hub
"""

RETURN = r"""
names:
  description:
    - Those for whom the roster is in force after the task, sorted.
    - Somebody who is blocked or whose last day is over is neither allowed nor an administrator.
  returned: success
  type: list
  elements: str
  sample: [ada, charles]
backup_file:
  description: The copy of the file as it was.
  returned: when the file was replaced and O(backup=true)
  type: str
  sample: /etc/jupyterhub/access.json.4711.2027-01-31@12:00:00~
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_edit, _edited_file, _operations


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **_edited_file.OPTIONS,
            "names": {"type": "list", "elements": "str", "required": True},
            "roster": {"type": "str", "choices": list(_access_edit.ROSTERS), "default": "allowed"},
            "state": {"type": "str", "choices": ["present", "absent", "exact"], "default": "present"},
        },
        supports_check_mode=True,
    )
    given = module.params
    operation = _operations.roster(given["roster"], given["names"], given["state"], given["authenticator_class"])
    outcome = _edited_file.carry_out(module, operation)
    module.exit_json(names=outcome.rosters[given["roster"]], **outcome.result())


if __name__ == "__main__":
    main()
