# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Those who came by the hub's admin page or its REST API, on a site that lets them in."""

from __future__ import annotations

import json
import os
from typing import Any

from ._access_file import AccessError, read
from .state import FORMAT, write


class HubUsers:
    """Names, kept over a restart of the hub in a file that nobody but the hub writes."""

    def __init__(self, path: str, accepted: bool, log: Any) -> None:
        self.path = path
        self.log = log
        self.names: set[str] = self._load() if accepted and os.path.lexists(path) else set()

    def _load(self) -> set[str]:
        try:
            content = json.loads(read(self.path))
            names = content["names"] if content["format"] == FORMAT else None
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, AccessError):
                raise
            names = None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise AccessError(f"{self.path} is not as the hub has written it; put it right, or remove it and add its users again")
        return set(names)

    def add(self, name: str) -> None:
        self._save(self.names | {name})
        self.names.add(name)

    def discard(self, names: set[str]) -> None:
        """Take names out of the list, which holds at once, even if the file cannot be written."""
        if self.names & names:
            self.names -= names
            try:
                self._save(self.names)
            except OSError as error:
                self.log.error("%s cannot be written, so that it still names users who have left: %s", self.path, error.strerror)

    def _save(self, names: set[str]) -> None:
        write(self.path, {"names": sorted(names)})
