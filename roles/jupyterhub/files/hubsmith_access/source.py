# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access file as it is on disk: looked at often, read when it may have changed."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import time

from . import roster
from ._access_file import AccessError, read

# A file may be written twice within one tick, in nanoseconds, of the clock that marks it.
_TICK = 50_000_000

Signature = tuple[object, ...]
# What has this one has to be looked at again.
UNKNOWN: Signature = ()


@dataclasses.dataclass(frozen=True)
class Look:
    """What was found: ``roster`` is None if it is what was known before, or cannot be used; then ``error`` says why."""

    signature: Signature
    sha256: str = ""
    roster: roster.Roster | None = None
    error: str = ""


def signature(path: str) -> Signature:
    """Differs whenever the file, or who may write it, has changed; :data:`UNKNOWN` while that cannot be said."""
    try:
        place = os.stat(os.path.dirname(path) or ".")
        info = os.lstat(path)
    except OSError:
        return UNKNOWN
    if info.st_ctime_ns > time.time_ns() - _TICK:
        return UNKNOWN
    file = info.st_dev, info.st_ino, info.st_mode, info.st_uid, info.st_size, info.st_mtime_ns, info.st_ctime_ns
    return (*file, place.st_ino, place.st_mode, place.st_uid)


def look(path: str, sha256: str = "") -> Look:
    """Read the file.

    :param sha256: of the content that is known already, and need not be parsed again.
    """
    seen = signature(path)
    try:
        data = read(path)
    except AccessError as error:
        return Look(UNKNOWN, error=str(error))
    found = hashlib.sha256(data).hexdigest()
    if found == sha256:
        return Look(seen, found)
    try:
        return Look(seen, found, roster.parse(data, path))
    except AccessError as error:
        return Look(seen, found, error=str(error))
