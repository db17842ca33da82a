# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a unit's files when it last served, and going back to them."""

from __future__ import annotations

import json
import os

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _files, _snapshot

# {"restart": snapshot, "settings": snapshot, "reload": snapshot of digests}
Record = dict[str, _snapshot.Snapshot]
NAME = "last-good.json"


def read(store: str) -> Record | None:
    """The record in a unit's folder; None before there is one."""
    try:
        with open(os.path.join(store, NAME), encoding="utf-8") as handle:
            # Of a record that an earlier version wrote settings are not known.
            found: Record = {"settings": {}, **json.load(handle)}
            return found
    except (FileNotFoundError, ValueError):
        # A record that cannot be read costs one restart, which throws nobody out.
        return None


def write(store: str, record: Record) -> None:
    os.makedirs(os.path.dirname(store), mode=0o700, exist_ok=True)
    _files.write_private(os.path.join(store, NAME), json.dumps(record).encode())


def put_back(store: str, good: _snapshot.Snapshot, now: _snapshot.Snapshot) -> list[str]:
    """Make the files what ``good`` says; what they held is kept in the unit's folder. Returns the paths put back."""
    paths = _snapshot.changed_paths(good, now)
    held = {path: content for path in paths if (content := _files.content(now.get(path, _snapshot.ABSENT))) is not None}
    kept = {os.path.join(rejected(store), path.strip("/").replace("/", "_")): _files.private(content) for path, content in held.items()}
    _files.swap({**kept, **{path: good.get(path, _snapshot.ABSENT) for path in paths}})
    return paths


def rejected(store: str) -> str:
    """Where that is kept."""
    return os.path.join(store, "rejected")
