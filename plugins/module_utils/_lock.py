# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writer at a time on a host, whichever play or module it comes from."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

# The one lock of a host, for all that writes there. Not in /run/lock, where everybody with an account could take it for ever.
PATH = "/run/hubsmith-jupyterhub.lock"


class Busy(Exception):
    """The lock could not be had, for the reason that the text gives."""


@contextlib.contextmanager
def held(path: str, wait: float = 60.0) -> Iterator[None]:
    """Hold an exclusive lock on ``path`` (created 0600 if missing, never removed) while the body runs.

    The kernel drops the lock when the process dies, so there is no stale lock to clean up.

    :param path: the lock file; its folder is created.
    :param wait: how many seconds to wait for another holder before :class:`Busy` is raised.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Busy(f"the lock {path} cannot be opened ({error.strerror}); run this task as root (become: true)") from None
    try:
        _acquire(handle, path, time.monotonic() + wait)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, path: str, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy(f"{path} is held by another run that changes this hub; wait until it has ended and run again") from None
            time.sleep(0.1)
