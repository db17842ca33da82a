# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that this hub writes, and the one that it publishes its state in."""

from __future__ import annotations

import datetime
import json
import os
import tempfile
import time
from typing import Any

from jupyterhub.metrics import metrics_prefix
from prometheus_client import Gauge

from .roster import Roster

FORMAT = 1

PEOPLE = Gauge("access_people", "People in the access file that is in force", namespace=metrics_prefix)
APPLIED = Gauge("access_applied_timestamp_seconds", "When the access file that is in force was applied", namespace=metrics_prefix)
ERROR = Gauge("access_error", "Whether the access file as it is now cannot be used (0 or 1)", namespace=metrics_prefix)
PENDING = Gauge("access_pending", "People whose servers are still being stopped", namespace=metrics_prefix)


class Report:
    """What is told about the access file: what of it is in force since when, and what is wrong with it."""

    def __init__(self, path: str, roster: Roster, log: Any) -> None:
        self.path = path
        self.log = log
        self.in_force, self.applied = roster, time.time()
        self.trouble = ""
        self._error = self._refused = ""
        self._error_since: float | None = None

    def take(self, roster: Roster) -> None:
        """What this says is in force now, everywhere."""
        if self.in_force is not roster:
            self.in_force, self.applied = roster, time.time()
        self.trouble = ""

    def note_error(self, error: str, sha256: str) -> None:
        """Why the file as it is now cannot be used; empty if it can."""
        if error == self._error:
            return
        if error:
            self.log.error("The access file cannot be used, what it said before stays in force: %s", "; ".join(error.splitlines()))
        else:
            self.log.info("The access file can be used again")
        self._error, self._refused = error, sha256 if error else ""
        self._error_since = time.time() if error else None

    def content(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "sha256": self.in_force.sha256,
            "applied": _moment(self.applied),
            "people": len(self.in_force.people),
            "error": self._error or (self.trouble and f"The hub could not apply the file: {self.trouble}"),
            "refused_sha256": self._refused,
            "error_since": _moment(self._error_since),
        }


def _moment(seconds: float | None) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="seconds") if seconds is not None else ""


class Publisher:
    """Tells modules and monitoring what is in force. Nothing in the hub depends on whether that works."""

    def __init__(self, path: str, log: Any) -> None:
        self.path = path
        self.log = log
        self._process = process()
        self._last: dict[str, Any] = {}
        self._failed = False

    def publish(self, applied: float, content: dict[str, Any]) -> None:
        PEOPLE.set(content["people"])
        APPLIED.set(applied)
        ERROR.set(bool(content["error"]))
        PENDING.set(len(content["pending"]))
        if content == self._last:
            return
        try:
            write(self.path, {**content, **self._process})
        except OSError as error:
            if not self._failed:
                self.log.error("The state of the access file cannot be published in %s: %s", self.path, error.strerror)
            self._failed = True
        else:
            self._last, self._failed = content, False


def write(path: str, content: dict[str, Any]) -> None:
    """Replace a file, readable for its owner only, in one go."""
    handle, new = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".access-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"format": FORMAT, **content}, file)
            file.write("\n")
            file.flush()
            os.fsync(handle)
        os.replace(new, path)
    except BaseException:
        os.unlink(new)
        raise


def process() -> dict[str, int]:
    """By which a reader tells whether the hub that wrote this still runs, though its number may be somebody else's by then."""
    with open("/proc/self/stat", "rb") as file:
        # The second field is a name in brackets, which may itself contain brackets and blanks.
        fields = file.read().rpartition(b")")[2].split()
    return {"pid": os.getpid(), "started": int(fields[19])}
