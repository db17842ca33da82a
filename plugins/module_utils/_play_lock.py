# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which play is at work on a host: a small file that names it, on a file system that a reboot empties."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _files, _lock

# A play that holds a host longer than this many seconds is taken for dead.
LONGEST = 2 * 3600


@dataclass(frozen=True)
class Play:
    """``controller``, ``pid`` and ``started`` together name one run of ansible-playbook; ``person`` is for people to read."""

    controller: str
    pid: int
    started: str
    person: str

    def __str__(self) -> str:
        return f"{self.person} on {self.controller} (process {self.pid}, since {self.started})"


def holder(path: str) -> Play | None:
    """The play that holds the host, None if there is none or its time is up. An unreadable file counts as none."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        if time.time() - os.stat(path).st_mtime < LONGEST:
            with open(path, encoding="utf-8") as handle:
                return Play(**json.load(handle))
    return None


def take(path: str, play: Play, instead_of: Play | None = None) -> Play | None:
    """Let ``play`` hold the host. Returns None, or the other play that holds it.

    :param instead_of: a play that is known to be dead; it is replaced.
    """
    with _lock.held(f"{path}.lock", wait=10):
        other = holder(path)
        if other not in (None, play, instead_of):
            return other
        _files.write_private(path, json.dumps(asdict(play)).encode())
        return None


def release(path: str, play: Play) -> None:
    """Give the host back. What another play holds is left alone."""
    with _lock.held(f"{path}.lock", wait=10):
        if holder(path) == play:
            os.unlink(path)
