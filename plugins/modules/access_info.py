#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _access_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: access_info
short_description: Who may log in to a JupyterHub, as what, and where that is written
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Tells what an access file or a C(jupyterhub_config.py) puts in force, and whether a running hub has applied exactly this file.
  - A file that cannot be used is told of, and no failure.
  - Nothing is changed, and no configuration is run.
options:
  path:
    description: An access file, or a C(jupyterhub_config.py). See O(hubsmith.jupyterhub.access#module:path).
    type: path
    default: /etc/jupyterhub/access.json
  authenticator_class:
    description: The class that logs people in, if O(path) is a configuration that does not tell. Not used for an access file.
    type: str
  owner:
    description: The user that runs the hub and owns the access file, if that is not C(root).
    type: str
  state_file:
    description: Where the running hub says what it has in force.
    type: path
    default: /run/jupyterhub/access-state.json
attributes:
  check_mode:
    description: Nothing is changed at all.
    support: full
  diff_mode:
    description: There are no differences to show.
    support: none
seealso:
  - module: hubsmith.jupyterhub.access
"""

EXAMPLES = r"""
- name: Ask who may log in
  hubsmith.jupyterhub.access_info:
  register: people

- name: The hub has it in force, and nobody came by the admin page
  ansible.builtin.assert:
    that:
      - people.valid
      - people.hub.applied
      - people.hub.hub_users == []
"""

RETURN = r"""
kind:
  description: What O(path) is, V(access_file) or V(configuration).
  returned: success
  type: str
  sample: access_file
valid:
  description: Whether it can be used.
  returned: success
  type: bool
  sample: true
error:
  description: Why it cannot be used, one sentence a line.
  returned: success
  type: str
  sample: ""
sha256:
  description: SHA-256 of the file; empty if it cannot be read.
  returned: success
  type: str
  sample: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
users:
  description: Everybody whom it names, sorted by name.
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
    admin:
      description: Whether the person administers the hub, when allowed.
      type: bool
      sample: true
    identities:
      description: Who may log in as this person; if empty, whoever logs in by the name itself.
      type: list
      elements: str
      sample: [ada.lovelace@example.org]
    groups:
      description: The person's groups in the hub.
      type: list
      elements: str
      sample: [numerics]
    expires:
      description: The last day.
      type: str
      sample: '2027-01-31'
    limits:
      description: What the person's server may use.
      type: dict
      sample: {memory: 4G}
allowed:
  description: The names that may log in today.
  returned: success
  type: list
  elements: str
  sample: [ada]
admins:
  description: Those of them who administer the hub.
  returned: success
  type: list
  elements: str
  sample: [ada]
blocked:
  description: The names that are blocked.
  returned: success
  type: list
  elements: str
  sample: [charles]
expired:
  description: The names whose last day is over.
  returned: success
  type: list
  elements: str
  sample: []
map:
  description: The names by identity.
  returned: success
  type: dict
  sample: {ada.lovelace@example.org: ada}
where:
  description: File and line of the statement in force, by roster. Empty for an access file.
  returned: success
  type: dict
  sample: {allowed: "/srv/jupyterhub/jupyterhub_config.py:12"}
notes:
  description: What else there is to know about a configuration, for example which statement has no effect because of which other.
  returned: success
  type: list
  elements: str
  sample: []
unsafe:
  description: Why a roster of a configuration cannot be edited, by roster.
  returned: success
  type: dict
  sample: {}
hub:
  description: What a running hub says.
  returned: success
  type: dict
  contains:
    running:
      description: Whether one is running that reads an access file.
      type: bool
    applied:
      description: Whether it has exactly this file in force, and all servers that had to stop have.
      type: bool
    path:
      description: The access file that it reads. This and what follows only if a hub is running.
      type: str
    sha256:
      description: SHA-256 of what it has in force.
      type: str
    since:
      description: Since when that is in force.
      type: str
    error:
      description: Why it has not taken what the file says now.
      type: str
    error_since:
      description: Since when.
      type: str
    pending:
      description: Those whose servers are still being stopped.
      type: list
      elements: str
    hub_users:
      description: Those who were added by the admin page or the REST API, where the site allows that.
      type: list
      elements: str
"""

import datetime
import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_file, _access_info, _access_wait, _attributes, _edited_file


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "default": _access_file.PATH},
            "authenticator_class": {"type": "str"},
            "owner": {"type": "str"},
            "state_file": {"type": "path", "default": _access_wait.STATE_FILE},
        },
        supports_check_mode=True,
    )
    given = module.params
    path = os.path.abspath(given["path"])
    try:
        owner = _attributes.user(given["owner"])
        is_access_file = _edited_file.is_access_file(path)
    except (_attributes.Unknown, OSError) as error:
        module.fail_json(msg=str(error))
    if is_access_file:
        told = _access_info.of_access_file(path, () if owner is None else (owner,), datetime.date.today())
    else:
        told = _access_info.of_config(path, given["authenticator_class"])
    module.exit_json(changed=False, **told, hub=_access_wait.of_hub(path, given["state_file"], told["sha256"]))


if __name__ == "__main__":
    main()
