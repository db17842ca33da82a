#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _play_lock; the action plugin of the same name says which play this is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: play_lock
short_description: One play at a time on a host
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Refuses a second play on a host while another one is at work there, whichever controller it comes from.
  - A play that was killed does not stand in the way. From the same controller it is seen that its process is gone;
    from another one the lock ends after two hours, with a reboot, or when the file is removed.
attributes:
  action:
    description: Runs an action plugin on the controller, which knows the play's process.
    support: full
  check_mode:
    description: Takes no lock, but is refused like a real run.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
options:
  state:
    description: V(held) at the start of a play, V(released) at its end, in an C(always) section.
    type: str
    choices: [held, released]
    default: held
  path:
    description: The file that names the play.
    type: path
    default: /run/hubsmith-jupyterhub.play
  look_for:
    description:
      - Paths, with the wildcards of a shell, to look for in the same round trip, so that a play need not ask the host for each trace
        of earlier ones.
    type: list
    elements: str
    default: []
  play:
    description: Set by the action plugin.
    type: dict
  instead_of:
    description: Set by the action plugin.
    type: dict
"""

EXAMPLES = r"""
- name: Change the hub
  block:
    - name: Refuse a second play
      hubsmith.jupyterhub.play_lock:

    - name: Set up the hub
      ansible.builtin.include_role:
        name: hubsmith.jupyterhub.jupyterhub
  always:
    - name: Let the next play in
      hubsmith.jupyterhub.play_lock:
        state: released
"""

RETURN = r"""
found:
  description: What is there of O(look_for), sorted.
  returned: with O(state=held)
  type: list
  elements: str
  sample: [/etc/letsencrypt/jupyterhub.json]
holder:
  description: The other play that holds the host, if there is one.
  returned: when another play is at work
  type: dict
  contains:
    controller:
      description: Name of the machine that the play comes from.
      type: str
    pid:
      description: Its process.
      type: int
    started:
      description: When the process was started.
      type: str
    person:
      description: Who started it.
      type: str
"""

import glob
from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _lock, _play_lock


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["held", "released"], "default": "held"},
            "path": {"type": "path", "default": "/run/hubsmith-jupyterhub.play"},
            "look_for": {"type": "list", "elements": "str", "default": []},
            "play": {"type": "dict"},
            "instead_of": {"type": "dict"},
        },
        supports_check_mode=True,
    )
    path = module.params["path"]
    play = _play_lock.Play(**module.params["play"])
    dead = _play_lock.Play(**module.params["instead_of"]) if module.params["instead_of"] else None
    try:
        if module.params["state"] == "released":
            _play_lock.release(path, play)
            other = None
        elif module.check_mode:
            found = _play_lock.holder(path)
            other = None if found in (None, play, dead) else found
        else:
            other = _play_lock.take(path, play, dead)
    except (OSError, _lock.Busy) as error:
        module.fail_json(msg=f"{path}: {error}")
    if other:
        module.fail_json(
            msg=f"Another play is at work on this host: {other}. Wait until it has ended and run again; if it is dead, remove {path}.",
            holder=asdict(other),
        )
    if module.params["state"] == "released":
        module.exit_json(changed=False)
    module.exit_json(changed=False, found=sorted({path for one in module.params["look_for"] for path in glob.glob(one)}))


if __name__ == "__main__":
    main()
