# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running hub says about the access file, and waiting until it has taken it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import dataclass, fields
from typing import Any

FORMAT = 1
STATE_FILE = "/run/jupyterhub/access-state.json"
POLL_SECONDS = 0.05
NO_HUB = "no hub is running; the file is in force from its next start"


class NotApplied(Exception):
    """The running hub does not have the file in force, for the reason that the text gives."""


@dataclass(frozen=True)
class Published:
    """What a running hub says. ``sha256`` is in force since ``applied``; ``pending`` are those whose servers are still being stopped."""

    path: str
    sha256: str
    applied: str = ""
    people: int = 0
    error: str = ""
    refused_sha256: str = ""
    error_since: str = ""
    pending: tuple[str, ...] = ()
    hub_users: tuple[str, ...] = ()


def published(state_file: str) -> Published | None:
    """What the hub says, None when none is running; :class:`NotApplied` when it cannot be understood."""
    try:
        # Not blocking, as it lies in a folder of the hub's user, who could have put a pipe there.
        handle = os.open(state_file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            content = json.loads(file.read())
        if content["format"] > FORMAT:
            raise NotApplied(f"{state_file} has the format {content['format']}, which is not known here; upgrade the collection")
        if content["started"] != _started(content["pid"]):
            return None
        told: dict[str, Any] = {field.name: content[field.name] for field in fields(Published) if field.name in content}
        for name in ("pending", "hub_users"):
            told[name] = tuple(told.get(name, ()))
        return Published(**told)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotApplied(f"{state_file} cannot be read ({error.strerror}); run this task as root (become: true)") from None
    except (ValueError, KeyError, TypeError) as error:
        raise NotApplied(f"{state_file} does not hold what a hub says ({error}); see the hub's log") from None


def applied(hub: Published, path: str, sha256: str) -> bool:
    """Whether this content is in force, to the last server that has to stop."""
    return _same(hub.path, path) and hub.sha256 == sha256 and not hub.pending


def of_hub(path: str, state_file: str, sha256: str) -> dict[str, Any]:
    """What a running hub says about this file."""
    try:
        hub = published(state_file)
    except NotApplied as error:
        return {"running": False, "applied": False, "error": str(error)}
    if hub is None:
        return {"running": False, "applied": False, "error": ""}
    return {
        "running": True,
        "applied": bool(sha256) and applied(hub, path, sha256),
        "path": hub.path,
        "sha256": hub.sha256,
        "since": hub.applied,
        "error": hub.error,
        "error_since": hub.error_since,
        "pending": list(hub.pending),
        "hub_users": list(hub.hub_users),
    }


def wait(state_file: str, path: str, sha256: str, timeout: float) -> bool:
    """Until the running hub has this content in force. False when no hub is running, :class:`NotApplied` when it does not.

    When somebody else changes the file meanwhile, it is that content which is waited for.
    """
    deadline = time.monotonic() + timeout
    hub = published(state_file)
    if hub is None:
        return False
    while hub is None or not applied(hub, path, sha256):
        if hub:
            _give_up(hub, path, sha256)
        if time.monotonic() >= deadline:
            raise NotApplied(f"after {timeout:g} s {_reason(hub, sha256)}")
        time.sleep(POLL_SECONDS)
        sha256 = _content(path) or sha256
        hub = published(state_file)
    return True


def outcome(state_file: str, path: str, sha256: str, timeout: float, check_mode: bool) -> dict[str, Any]:
    """What a module returns of :func:`wait`, or in check mode of how it is now: ``applied``, and without a hub a ``message``."""
    if check_mode:
        hub = of_hub(path, state_file, sha256)
        return {"applied": hub["applied"], **({} if hub["running"] else {"message": hub["error"] or NO_HUB})}
    applied_now = wait(state_file, path, sha256, timeout)
    return {"applied": applied_now, **({} if applied_now else {"message": NO_HUB})}


def _give_up(hub: Published, path: str, sha256: str) -> None:
    if not _same(hub.path, path):
        raise NotApplied(f"the running hub reads {hub.path}, not {path}; give the path that it reads")
    if hub.refused_sha256 == sha256:
        raise NotApplied(f"the running hub refuses it: {hub.error}")


def _reason(hub: Published | None, sha256: str) -> str:
    if hub is None:
        return "no hub is running any more; see its log"
    if hub.sha256 == sha256:
        return f"the hub has it in force, but still stops the servers of {', '.join(hub.pending)}"
    told = f", and says since {hub.error_since}: {hub.error}" if hub.error else ""
    return f"the hub still has the content {hub.sha256[:12]} of {hub.applied} in force{told}"


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _content(path: str) -> str:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
    return ""


def _started(pid: int) -> int | None:
    """When the process was started, in the kernel's ticks; None if there is none."""
    try:
        with open(f"/proc/{pid:d}/stat", encoding="utf-8", errors="replace") as file:
            # The second field is the program's name in brackets, which may hold anything.
            return int(file.read().rpartition(")")[2].split()[19])
    except (FileNotFoundError, ProcessLookupError):
        return None
