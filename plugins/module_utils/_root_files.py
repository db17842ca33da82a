# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several files with given texts, some with a secret that is drawn here and never shown."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _attributes, _files, _snapshot


def bring_about(given: list[dict[str, Any]], check_mode: bool) -> dict[str, Any]:
    """Write what differs, all of it or nothing; in check mode only tell. Gives the module's result.

    :param given: for each file ``path``, ``content``, ``mode`` (octal digits) and ``secret`` (bool).
    :raises Unknown: of :mod:`_attributes`, for a mode that is no octal number.
    """
    goal = _wanted(given)
    now = _snapshot.take(goal)
    changes = {path: entry for path, entry in goal.items() if now.get(path) != entry}
    fresh = {one["path"] for one in given if one["secret"]} & changes.keys()
    if changes and not check_mode:
        for path in fresh:
            _files.make_private(os.path.dirname(path))
        _files.swap(changes)
    return {"changed": bool(changes), "written": sorted(changes), "diff": _diff(now, changes, fresh)}


def _wanted(given: Iterable[dict[str, Any]]) -> _snapshot.Snapshot:
    """What each file shall be. A secret that is there is left out, and stays as it is."""
    entries = {}
    for one in given:
        text = one["content"]
        if one["secret"]:
            if os.path.exists(one["path"]) and os.path.getsize(one["path"]):
                continue
            text = text.replace("{secret}", secrets.token_hex(32))
        entries[one["path"]] = _files.file(text.encode(), _attributes.octal(one["mode"]), os.geteuid(), os.getegid())
    return entries


def _diff(now: _snapshot.Snapshot, changes: _snapshot.Snapshot, fresh: set[str]) -> list[dict[str, str]]:
    hidden = {path: _files.private(b"(a new secret)\n") for path in fresh}
    return _files.diff({**now, **dict.fromkeys(fresh, _snapshot.ABSENT)}, {**changes, **hidden})
