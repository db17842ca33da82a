# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the module play_lock which play this is, and whether the one that holds the host is still alive."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess

from ansible.plugins.action import ActionBase


def _started(pid: int) -> str:
    """When a process of this machine was started; empty when there is none."""
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}).stdout.strip()


def _this_play() -> dict:
    # An action runs in a worker; its parent is the ansible-playbook process.
    pid = os.getppid()
    return {"controller": socket.gethostname(), "pid": pid, "started": _started(pid), "person": getpass.getuser()}


def _is_dead(holder: dict) -> bool:
    return holder["controller"] == socket.gethostname() and holder["started"] != _started(holder["pid"])


class ActionModule(ActionBase):
    """See the module's documentation."""

    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = {**self._task.args, "play": _this_play()}
        result = self._execute_module(module_args=arguments, task_vars=task_vars)
        if result.get("holder") and _is_dead(result["holder"]):
            result = self._execute_module(module_args={**arguments, "instead_of": result["holder"]}, task_vars=task_vars)
        return result
