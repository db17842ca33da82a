#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _guard."""

from __future__ import annotations

DOCUMENTATION = r"""
module: guarded_service
short_description: Restart a systemd unit only with cause, probe it, fall back to its last good files
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Compares the files that a unit is started with to those of the last start that passed its probe. Starts, reloads or
    restarts the unit when they differ or when it does not run, and does nothing otherwise.
  - After a start, a reload or a restart it waits until the probe is answered.
  - When it is not answered, the files are put back as they were at the last good start, the unit is restarted with
    them, and the task fails with the reason and the last lines of the journal. What failed is kept for inspection.
  - As the cause is found in the files and not notified by a task, a play that was interrupted before its restart is
    finished by the next one.
attributes:
  check_mode:
    description: Predicts what would be done.
    support: full
  diff_mode:
    description: Names the action and the files that cause it.
    support: full
options:
  name:
    description: The unit, with its suffix.
    type: str
    required: true
  restart_on:
    description:
      - Files, symbolic links or folders (the files directly in them) whose change makes a restart necessary.
      - The unit file itself belongs here. Copies are kept in O(state_dir), readable by root only.
      - If empty, the unit is only ever started and reloaded.
    type: list
    elements: path
    required: true
  reload_on:
    description: Files whose change makes a reload necessary. Only digests of them are kept, and they are never put back.
    type: list
    elements: path
    default: []
  settings:
    description: Files that the running unit reads again at a reload. Copies are kept, and put back when it does not serve with them.
    type: list
    elements: path
    default: []
  ports:
    description:
      - TCP ports of which nobody else may have one, as with a web server that ends when it cannot have its port. While somebody has,
        nothing is started or reloaded, the files are put back, and the task fails.
      - C(ss) must be installed then.
    type: list
    elements: int
    default: []
  takes_ports_from:
    description:
      - Units that have ports of this one until now, and give them up by a reload, as their O(settings) have changed since they last
        served. They are reloaded right before this one, and when this one does not serve, they get their settings and their ports back.
      - Only those that this module looks after, too, count, and only while such a reload is due.
    type: list
    elements: str
    default: []
  probe:
    description: How the unit shows that it serves. Without it, being active is enough.
    type: dict
    suboptions:
      url:
        description: An address of this host, C(http) or C(https).
        type: str
        required: true
      statuses:
        description: The HTTP statuses that count as healthy. If empty, any answer counts.
        type: list
        elements: int
        default: []
      certificate:
        description: A PEM file; its first certificate must be the one that is served.
        type: str
        default: ""
      name:
        description: The name of the site to ask for, where several have that address.
        type: str
        default: ""
  timeout:
    description: Seconds to wait for the probe after a start, a reload or a restart.
    type: int
    default: 60
  pending:
    description: What is necessary, in check mode, for what earlier tasks would have changed. Ignored otherwise.
    type: str
    choices: [none, reload, restart]
    default: none
  enabled:
    description: Whether the unit shall be started at boot.
    type: bool
    default: true
  state_dir:
    description: Where the last good files are kept, in a folder for each unit.
    type: path
    default: /var/lib/hubsmith-jupyterhub
  log_lines:
    description: How many lines of the journal a failure shows.
    type: int
    default: 20
  wait:
    description: Seconds to wait for another run that writes on this host.
    type: int
    default: 300
notes:
  - On a host that systemd does not run (an image that is being built) the unit is only enabled.
"""

EXAMPLES = r"""
- name: Run the hub
  hubsmith.jupyterhub.guarded_service:
    name: jupyterhub.service
    restart_on:
      - /etc/systemd/system/jupyterhub.service
      - /etc/jupyterhub/jupyterhub_config.py
      - /etc/jupyterhub/config.d
    probe:
      url: http://127.0.0.1:8081/hub/health
      statuses: [200]
"""

RETURN = r"""
action:
  description: What was done, or would be in check mode; one of V(none), V(start), V(reload), V(restart).
  returned: always
  type: str
  sample: restart
because:
  description: The files that differ, or another reason.
  returned: always
  type: list
  elements: str
  sample: [/etc/jupyterhub/jupyterhub_config.py]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _guard, _health, _lock

# A unit with nothing to do that does not serve within this many seconds has something to do after all.
PATIENCE = 15.0


def work(module: AnsibleModule, unit: _guard.Unit) -> _guard.Plan:
    run = module.run_command
    now, good = _guard.files_now(unit), _guard.last_good(unit)
    if _guard.booted():
        todo = _guard.plan(unit, now, good, _guard.show(run, unit.name))
        if _guard.taken_over(unit, todo):
            todo.action, todo.because = "none", []
        elif todo.action == "none" and unit.givers:
            todo.action, todo.because = "reload", [f"{giver.name} gives up its ports" for giver in unit.givers]
        elif todo.action == "none":
            found = _guard.second_look(run, unit, PATIENCE)
            todo.action, todo.because = found.action, found.because
    else:
        state = _guard.systemctl(run, "is-enabled", unit.name)[1].strip()
        todo = _guard.Plan("none", [], unit.enabled and state != "enabled")
    if not module.check_mode:
        _guard.carry_out(run, unit, todo, now, good)
    return todo


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "restart_on": {"type": "list", "elements": "path", "required": True},
            "reload_on": {"type": "list", "elements": "path", "default": []},
            "settings": {"type": "list", "elements": "path", "default": []},
            "ports": {"type": "list", "elements": "int", "default": []},
            "takes_ports_from": {"type": "list", "elements": "str", "default": []},
            "probe": {
                "type": "dict",
                "options": {
                    "url": {"type": "str", "required": True},
                    "statuses": {"type": "list", "elements": "int", "default": []},
                    "certificate": {"type": "str", "default": ""},
                    "name": {"type": "str", "default": ""},
                },
            },
            "timeout": {"type": "int", "default": 60},
            "pending": {"type": "str", "choices": ["none", "reload", "restart"], "default": "none"},
            "enabled": {"type": "bool", "default": True},
            "state_dir": {"type": "path", "default": "/var/lib/hubsmith-jupyterhub"},
            "log_lines": {"type": "int", "default": 20},
            "wait": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    given = dict(module.params)
    wait, pending = given.pop("wait"), given.pop("pending")
    probe = given.pop("probe")
    unit = _guard.Unit(probe=_health.Probe(**probe) if probe else None, **given)
    try:
        with _lock.held(_lock.PATH, wait):
            todo = work(module, unit)
            if module.check_mode and (todo.action, pending) in (("none", "reload"), ("none", "restart"), ("reload", "restart")):
                todo.action, todo.because = pending, ["files that this play would change"]
    except (_guard.Failed, _lock.Busy, OSError) as error:
        module.fail_json(msg=str(error))
    told = f"{todo.action} {unit.name}: {', '.join(todo.because)}\n" if todo.action != "none" else ""
    told += f"enable {unit.name}\n" if todo.enable else ""
    module.exit_json(changed=todo.changed, action=todo.action, because=todo.because, diff={"before": "", "after": told})


if __name__ == "__main__":
    main()
