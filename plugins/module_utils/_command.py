# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command of the host where AnsibleModule.run_command is not to be had, or takes too long.

That one sleeps for a second whenever a command ends between two of its looks, which those do now and then that close their output
before they end: tar, and all of GNU coreutils. It has no longest time either.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

TOOK_TOO_LONG = 124  # as coreutils' timeout says it


def run(
    command: Sequence[str], data: str | None = None, environ_update: Mapping[str, str] | None = None, longest: float | None = None
) -> tuple[int, str, str]:
    """Exit code, output and errors, as run_command gives them.

    :param data: what the command reads; without it, nothing.
    :param longest: seconds after which it is killed, and :data:`TOOK_TOO_LONG` returned.
    :raises OSError: when there is no such command.
    """
    try:
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            command,
            input=data or "",
            capture_output=True,
            text=True,
            errors="surrogateescape",
            env={**os.environ, **(environ_update or {})},
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return TOOK_TOO_LONG, "", f"{command[0]} took longer than {longest:g} seconds"
    return done.returncode, done.stdout, done.stderr
