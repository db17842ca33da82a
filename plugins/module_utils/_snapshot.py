# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember files as they were, and tell whether they still are."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from collections.abc import Iterable
from typing import Any

# What one path held: {"type": "absent"}, {"type": "link", "target": …} or {"type": "file", "data": base64, "mode", "uid", "gid"}.
Entry = dict[str, Any]
Snapshot = dict[str, Entry]
ABSENT: Entry = {"type": "absent"}


def expand(paths: Iterable[str]) -> list[str]:
    """The given paths, each folder replaced by the regular files directly in it."""
    out: list[str] = []
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):
            names = sorted(os.listdir(path))
            out += [os.path.join(path, name) for name in names if os.path.isfile(os.path.join(path, name))]
        else:
            out.append(path)
    return out


def take(paths: Iterable[str]) -> Snapshot:
    """What the paths hold now; contents are kept as base64 so that the snapshot is JSON."""
    return {path: _entry(path) for path in expand(paths)}


def _entry(path: str) -> Entry:
    try:
        info = os.lstat(path)
    except FileNotFoundError:
        return ABSENT
    if stat.S_ISLNK(info.st_mode):
        return {"type": "link", "target": os.readlink(path)}
    with open(path, "rb") as handle:
        data = base64.b64encode(handle.read()).decode()
    return {"type": "file", "data": data, "mode": stat.S_IMODE(info.st_mode), "uid": info.st_uid, "gid": info.st_gid}


def digest(snapshot: Snapshot) -> str:
    """SHA-256 of a snapshot, in hexadecimal."""
    return hashlib.sha256(json.dumps(snapshot, sort_keys=True).encode()).hexdigest()


def changed_paths(before: Snapshot, after: Snapshot) -> list[str]:
    """The paths that differ between two snapshots, sorted. A path that only one of them knows counts as absent in the other."""
    return sorted(path for path in {*before, *after} if before.get(path, ABSENT) != after.get(path, ABSENT))
