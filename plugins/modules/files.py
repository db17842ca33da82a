#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: files
short_description: Several files of root's in one task, all of them or none
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Writes files that root owns and that hold the given texts. Missing folders are made.
  - All are swapped in at once. When one of them cannot be written, on a full disk say, all are left as they were.
  - A file can hold a secret that is made on the host, once, and never leaves it.
  - One round trip to the host, where the modules for single files take two for each.
attributes:
  check_mode:
    description: Predicts which files would be written.
    support: full
  diff_mode:
    description: Shows each file before and after.
    support: full
options:
  files:
    description: The files.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Absolute path of the file.
        type: path
        required: true
      content:
        description: Its whole text. No secrets, as it is shown by C(--diff); see O(files[].secret) for these.
        type: str
        required: true
      secret:
        description:
          - Whether C({secret}) in O(files[].content) stands for 64 hexadecimal digits that are drawn on the host.
          - Such a file is made only if it is missing or empty, otherwise it is neither read nor changed. A folder that is made for it is
            for C(root) only.
        type: bool
        default: false
      mode:
        description: Its permissions, as an octal number in quotes.
        type: str
        default: "0644"
  wait:
    description: Seconds to wait for another run that writes on this host.
    type: int
    default: 300
"""

EXAMPLES = r"""
- name: Write a unit and what it starts
  hubsmith.jupyterhub.files:
    files:
      - path: /etc/systemd/system/example.service
        content: "{{ lookup('ansible.builtin.template', 'example.service.j2') }}"
      - path: /usr/local/libexec/example
        content: "{{ lookup('ansible.builtin.file', 'example', rstrip=false) }}"
        mode: "0755"
      - path: /etc/example/token
        content: "TOKEN={secret}\n"
        secret: true
        mode: "0600"
"""

RETURN = r"""
written:
  description: The files that differed.
  returned: always
  type: list
  elements: str
  sample: [/etc/systemd/system/example.service]
"""

import contextlib

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _attributes, _lock, _root_files


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "files": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "path": {"type": "path", "required": True},
                    "content": {"type": "str", "required": True},
                    # Whether there is one, not the secret itself.
                    "secret": {"type": "bool", "default": False, "no_log": False},
                    "mode": {"type": "str", "default": "0644"},
                },
            },
            "wait": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    given = module.params["files"]
    try:
        # Check mode writes nothing, the lock file included.
        with contextlib.nullcontext() if module.check_mode else _lock.held(_lock.PATH, module.params["wait"]):
            result = _root_files.bring_about(given, module.check_mode)
    except (_attributes.Unknown, _lock.Busy, OSError) as error:
        module.fail_json(msg=f"None of {', '.join(one['path'] for one in given)} was written: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
