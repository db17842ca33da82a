#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _operations."""

from __future__ import annotations

DOCUMENTATION = r"""
module: username_map
short_description: Which identity logs in to a JupyterHub as which person
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Edits the map from identities, as a provider of logins gives them, to local names. In an access file this needs no restart.
  - In an access file an identity belongs to the entry of a person, who must be there. An identity that was somebody else's goes over to
    whoever is named now.
  - Refused are identities that are somebody else's name, names of system accounts, names that are no names, and people who are not there.
extends_documentation_fragment: hubsmith.jupyterhub.people_file
options:
  map:
    description: Local names by identity. With O(state=absent) only the identities count. Upper and lower case are the same in identities.
    type: dict
    required: true
  state:
    description: Whether the identities lead to these people, lead nowhere, or are all that there are.
    type: str
    choices: [present, absent, exact]
    default: present
seealso:
  - module: hubsmith.jupyterhub.access
    description: The whole list of people in one task.
"""

EXAMPLES = r"""
- name: Ada logs in by her address
  hubsmith.jupyterhub.username_map:
    map:
      ada.lovelace@example.org: ada

- name: She does not any more
  hubsmith.jupyterhub.username_map:
    map:
      ada.lovelace@example.org:
    state: absent
"""

RETURN = r"""
map:
  description: The map in force after the task.
  returned: success
  type: dict
  sample: {ada.lovelace@example.org: ada}
backup_file:
  description: The copy of the file as it was.
  returned: when the file was replaced and O(backup=true)
  type: str
  sample: /etc/jupyterhub/access.json.4711.2027-01-31@12:00:00~
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _edited_file, _operations


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **_edited_file.OPTIONS,
            "map": {"type": "dict", "required": True},
            "state": {"type": "str", "choices": ["present", "absent", "exact"], "default": "present"},
        },
        supports_check_mode=True,
    )
    given = module.params
    outcome = _edited_file.carry_out(module, _operations.username_map(given["map"], given["state"], given["authenticator_class"]))
    module.exit_json(map=outcome.rosters["map"], **outcome.result())


if __name__ == "__main__":
    main()
