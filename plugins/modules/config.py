#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _config."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config
short_description: Change a JupyterHub configuration only if the hub accepts it
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Writes C(jupyterhub_config.py), fragments beside it and symbolic links, all of them at once or none.
  - Before that, the configuration as it will be is loaded with the hub's own Python, together with the fragments that
    were placed by hand. Syntax errors, exceptions, unknown sections and settings, values of a wrong type and names that
    have no effect any more are refused with file, line and the nearest right name.
  - The check starts no hub, opens no database and creates no file. The configuration itself is executed, as a hub does
    at its start, and sees the new files at their final places.
  - The check is made even if no file differs, so that a fragment broken by hand is found. It is left out only when
    all that is loaded, and the environment that loads it, are as they were when the check was passed last.
  - Secrets do not belong into the content, because differences are shown with C(--diff). Let the configuration read
    them from a file, which O(secrets) writes.
attributes:
  check_mode:
    description:
      - Makes the check and predicts the change.
      - On a host where O(python) is not installed yet the check cannot be made; the result says so.
    support: full
  diff_mode:
    description: Shows each file and link that differs.
    support: full
options:
  path:
    description: The main file. Its name must end in C(.py).
    type: path
    required: true
  content:
    description: Text of the main file. Without it, the file is left as it is and only checked.
    type: str
  fragments_dir:
    description:
      - The folder of the fragments. It is created when the first one is written.
      - The main file has to load them; a fragment that it does not load is warned about.
    type: path
  fragments:
    description:
      - Texts of fragments by file name; the suffix C(.py) may be left out. A fragment whose text is null is removed.
      - Other files in O(fragments_dir) are left alone.
    type: dict
    default: {}
  secrets_dir:
    description:
      - A folder, for root only, that holds O(secrets) and nothing else. Files in it that are not named there are removed.
      - The folder above it must be one that only root can write into.
    type: path
  secrets:
    description:
      - Texts by the names of files in O(secrets_dir), with permissions V(0600). They are never shown, and no backup is made of them.
      - A text that is null stands for 64 hexadecimal digits and a line feed, drawn on the host once.
      - They are swapped in together with the configuration, which sees them during the check.
    type: dict
    default: {}
  renewed:
    description:
      - Names of O(secrets) that were drawn on the host and are to be drawn anew. Two earlier ones stay below the new one.
    type: list
    elements: str
    default: []
  links:
    description: Targets of symbolic links by the path of the link. They are switched together with the files.
    type: dict
    default: {}
  python:
    description:
      - The Python that runs the hub. When its path leads through one of O(links), the Python below the new target is used.
    type: path
    required: true
  singleuser_prefix:
    description: The users' environment. Its JupyterHub must have the same version as the hub's.
    type: path
  known_classes:
    description:
      - Sections that are right though the hub does not know them by itself.
      - A plain name is accepted as it is. A dotted name (C(package.Class)) is imported, so that its settings are checked too.
    type: list
    elements: str
    default: []
  working_directory:
    description: The folder in which the hub is started. C(load_subconfig) looks for relative paths from there.
    type: path
    default: /
  environment_files:
    description: Files with the environment of the hub's service, as in C(EnvironmentFile=) of its unit.
    type: list
    elements: path
    default: []
  mode:
    description: Permissions of the files, as an octal number.
    type: raw
    default: "0600"
  owner:
    description: Owner of the files. Without it, a file keeps its owner.
    type: str
  group:
    description: Group of the files. Without it, a file keeps its group.
    type: str
  backup:
    description: Keep what is replaced beside it, with the time in its name.
    type: bool
    default: false
  state_dir:
    description: Where it is noted what has passed the check.
    type: path
    default: /var/lib/hubsmith-jupyterhub
  wait:
    description: Seconds to wait for another run that writes on this host.
    type: int
    default: 300
"""

EXAMPLES = r"""
- name: Configure the hub
  hubsmith.jupyterhub.config:
    path: /etc/jupyterhub/jupyterhub_config.py
    content: "{{ lookup('ansible.builtin.template', 'jupyterhub_config.py.j2') }}"
    fragments_dir: /etc/jupyterhub/config.d
    python: /opt/jupyterhub/current/bin/python
    singleuser_prefix: /opt/jupyterhub/user/current

- name: Add one fragment and remove another
  hubsmith.jupyterhub.config:
    path: /etc/jupyterhub/jupyterhub_config.py
    fragments_dir: /etc/jupyterhub/config.d
    fragments:
      10-limits.py: |
        c.Spawner.mem_limit = "4G"
      20-old.py: null
    python: /opt/jupyterhub/current/bin/python

- name: Give the hub secrets, which its configuration reads from that folder
  hubsmith.jupyterhub.config:
    path: /etc/jupyterhub/jupyterhub_config.py
    secrets_dir: /etc/jupyterhub/secrets/login
    secrets:
      github.client_secret: "{{ vault_github_client_secret }}"
      auth_state_keys: null
    python: /opt/jupyterhub/current/bin/python

- name: Switch to another release together with the configuration for it
  hubsmith.jupyterhub.config:
    path: /etc/jupyterhub/jupyterhub_config.py
    content: "{{ lookup('ansible.builtin.template', 'jupyterhub_config.py.j2') }}"
    links:
      /opt/jupyterhub/current: releases/5d41402abc4b
    python: /opt/jupyterhub/current/bin/python
"""

RETURN = r"""
checked:
  description: Whether the configuration has passed the check, now or unchanged before.
  returned: success
  type: bool
  sample: true
digest:
  description: SHA-256 of all that decides the outcome of the check.
  returned: success
  type: str
  sample: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
backup_file:
  description: The copy of the main file.
  returned: when the main file was replaced and O(backup=true)
  type: str
  sample: /etc/jupyterhub/jupyterhub_config.py.2026-01-31@12:00:00~
"""

import contextlib
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _attributes, _config, _config_stage, _files, _lock


def wanted(given: dict[str, Any]) -> _config.Wanted:
    mode, owner, group = _attributes.octal(given.pop("mode")), given.pop("owner"), given.pop("group")
    return _config.Wanted(mode=mode, uid=_attributes.user(owner), gid=_attributes.group(group), **given)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "content": {"type": "str"},
            "fragments_dir": {"type": "path"},
            "fragments": {"type": "dict", "default": {}},
            "secrets_dir": {"type": "path", "no_log": False},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "renewed": {"type": "list", "elements": "str", "default": []},
            "links": {"type": "dict", "default": {}},
            "python": {"type": "path", "required": True},
            "singleuser_prefix": {"type": "path"},
            "known_classes": {"type": "list", "elements": "str", "default": []},
            "working_directory": {"type": "path", "default": "/"},
            "environment_files": {"type": "list", "elements": "path", "default": []},
            "mode": {"type": "raw", "default": "0600"},
            "owner": {"type": "str"},
            "group": {"type": "str"},
            "backup": {"type": "bool", "default": False},
            "state_dir": {"type": "path", "default": "/var/lib/hubsmith-jupyterhub"},
            "wait": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )

    def runner(command: list[str], given: str, folder: str) -> tuple[int, str, str]:
        return module.run_command(command, data=given, cwd=folder, expand_user_and_vars=False)

    given = dict(module.params)
    wait = given.pop("wait")
    try:
        # Check mode writes nothing, the lock file included.
        with _files.signals_raise(), contextlib.nullcontext() if module.check_mode else _lock.held(_lock.PATH, wait):
            outcome = _config.bring_about(wanted(given), module.check_mode, runner)
    except (_attributes.Unknown, _config.Refused, _config_stage.CheckFailed, _files.Interrupted, _lock.Busy, OSError) as error:
        module.fail_json(msg=f"{error}\n{_config.UNTOUCHED}")
    for warning in outcome.warnings:
        module.warn(warning)
    backup = {"backup_file": outcome.backup_file} if outcome.backup_file else {}
    module.exit_json(changed=outcome.changed, checked=outcome.checked, digest=outcome.digest, diff=outcome.diff, **backup)


if __name__ == "__main__":
    main()
