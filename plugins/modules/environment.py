#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _environment."""

from __future__ import annotations

DOCUMENTATION = r"""
module: environment
short_description: Immutable Python (and Node) environments from locked requirements
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Builds a virtual environment in C(<path>/releases/<id>) from requirements that are locked by hash, and points the
    symbolic link C(<path>/current) at it.
  - The id is derived from everything that decides the content, so a release is never changed once it is complete.
    Programs that run from an older release are not disturbed when a newer one becomes current.
  - An interrupted or failed build leaves C(current) as it was; the next run builds anew.
  - When the release is complete already nothing is run and no network is used.
attributes:
  check_mode:
    description: Predicts whether a release would be built or made current.
    support: full
  diff_mode:
    description: Shows the ids before and after.
    support: full
options:
  path:
    description: The folder that holds C(releases/) and C(current). It is created when it is missing.
    type: path
    required: true
  requirements:
    description:
      - Text of a requirements file in which every requirement is pinned and has hashes,
        for example made by C(uv pip compile --generate-hashes).
    type: str
    required: true
  packages:
    description:
      - Further requirements. They are resolved when the release is built, within the versions that O(requirements) pins.
    type: list
    elements: str
    default: []
  sources:
    description:
      - Texts of Python files that no package index has, by their paths below C(site-packages), such as C(site_things/__init__.py).
    type: dict
    default: {}
  npm_manifest:
    description: Text of a C(package.json). Needs O(npm_lock).
    type: str
    default: ""
  npm_lock:
    description: Text of the C(package-lock.json) from which C(npm ci) installs into C(<release>/node).
    type: str
    default: ""
  npm:
    description: The npm to use. If empty, C(bin/npm) of the release itself.
    type: str
    default: ""
  python:
    description: The interpreter for which the environment is made.
    type: path
    default: /usr/bin/python3
  uv:
    description: The C(uv) that builds it. Its cache lies in a folder C(cache) beside the folder in which it is.
    type: path
    required: true
  index_url:
    description: A Python package index to use in place of the public one.
    type: str
    default: ""
  activate:
    description: Whether C(current) shall point at the release.
    type: bool
    default: true
  wait:
    description: Seconds to wait for another run that builds in O(path), which may have been started in the background (C(async)).
    type: int
    default: 600
"""

EXAMPLES = r"""
- name: Install the users' environment
  hubsmith.jupyterhub.environment:
    path: /opt/jupyterhub/user
    uv: /opt/jupyterhub/tools/bin/uv
    requirements: "{{ lookup('ansible.builtin.file', 'requirements.txt') }}"
    packages:
      - scipy
"""

RETURN = r"""
id:
  description: Name of the release.
  returned: always
  type: str
  sample: 0a1b2c3d4e5f6071
release:
  description: Absolute path of the release.
  returned: always
  type: str
  sample: /opt/jupyterhub/user/releases/0a1b2c3d4e5f6071
current:
  description: Absolute path of the link.
  returned: always
  type: str
  sample: /opt/jupyterhub/user/current
previous:
  description: Name of the release that was current before; empty if there was none.
  returned: always
  type: str
  sample: ""
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _environment, _lock


def apply(env: _environment.Environment, run: _environment.Run, activate: bool, wait: int) -> None:
    # A lock of its own: several environments can be built at the same time.
    with _lock.held(os.path.join(env.path, ".lock"), wait):
        os.umask(0o022)
        if not env.is_complete():
            _environment.build(env, run)
        if activate and env.active() != env.id:
            _environment.activate(env)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "requirements": {"type": "str", "required": True},
            "packages": {"type": "list", "elements": "str", "default": []},
            "sources": {"type": "dict", "default": {}},
            "npm_manifest": {"type": "str", "default": ""},
            "npm_lock": {"type": "str", "default": ""},
            "npm": {"type": "str", "default": ""},
            "python": {"type": "path", "default": "/usr/bin/python3"},
            "uv": {"type": "path", "required": True},
            "index_url": {"type": "str", "default": ""},
            "activate": {"type": "bool", "default": True},
            "wait": {"type": "int", "default": 600},
        },
        supports_check_mode=True,
    )
    given = dict(module.params)
    activate, wait = given.pop("activate"), given.pop("wait")
    env = _environment.Environment(**given)
    previous, complete = env.active(), env.is_complete()
    after = env.id if activate else previous
    changed = not complete or previous != after
    if changed and not module.check_mode:
        try:
            apply(env, _environment.runner(module.run_command), activate, wait)
        except (_environment.BuildError, _lock.Busy, OSError) as error:
            module.fail_json(msg=f"The environment {env.release} was not built, {env.current} is as it was: {error}")
    module.exit_json(
        changed=changed,
        id=env.id,
        release=env.release,
        current=env.current,
        previous=previous or "",
        diff={
            "before": f"current: {previous}\ncomplete: {complete}\n",
            "after": f"current: {after}\ncomplete: True\n",
            "before_header": env.path,
            "after_header": env.path,
        },
    )


if __name__ == "__main__":
    main()
