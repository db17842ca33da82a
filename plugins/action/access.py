# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaves on the controller what the module access has no use for: passwords, above all."""

from __future__ import annotations

from ansible.plugins.action import ActionBase

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _people

UNUSED = frozenset(_people.READERS) - frozenset(_people.ACCESS_KEYS)


def _entry(given: object) -> object:
    """What is not a mapping goes as it is, for the module to refuse."""
    return {key: value for key, value in given.items() if key not in UNUSED} if isinstance(given, dict) else given


class ActionModule(ActionBase):
    """See the module's documentation."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if isinstance(arguments.get("users"), list):
            arguments["users"] = [_entry(given) for given in arguments["users"]]
        return self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val)
