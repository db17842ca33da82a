# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that some units have, and another one shall have: given up and taken with nothing but the reloads in between.

A unit gives a port up as its settings name it no longer. What they were before is in the record of its last good start, so that it can
have the port again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _record, _snapshot

# Who ends or gives up a port needs a moment for it.
PATIENCE = 5.0

RunCommand = Callable[[list[str]], tuple[int, str, str]]


@dataclass(frozen=True)
class Giver:
    """A unit whose files have changed since it last served, so that a reload of it is due; ``store`` is the folder of its record."""

    name: str
    store: str

    @property
    def changed(self) -> bool:
        good = _record.read(self.store)
        return good is not None and good["settings"] != _now(good)

    def reload(self, run: RunCommand) -> None:
        # One that does not run has no port.
        if run(["systemctl", "is-active", "--quiet", self.name])[0] == 0:
            run(["systemctl", "reload", self.name])

    def remember(self) -> None:
        good = _record.read(self.store)
        if good is not None:
            _record.write(self.store, {**good, "settings": _now(good)})

    def put_back(self) -> None:
        good = _record.read(self.store)
        if good is not None:
            _record.put_back(self.store, good["settings"], _now(good))


def _now(good: _record.Record) -> _snapshot.Snapshot:
    return _snapshot.take(good["settings"])


@dataclass(frozen=True)
class Handover:
    """The ``ports`` of ``taker``, some of which the ``givers`` have until now."""

    run: RunCommand
    taker: str
    ports: Sequence[int]
    givers: Sequence[Giver]

    @property
    def names(self) -> list[str]:
        return [giver.name for giver in self.givers]

    def refused(self) -> str | None:
        """Why nothing shall be begun, in a sentence."""
        return self._told("another program has its port; end that, or choose another port", [self.taker, *self.names])

    def take(self) -> str | None:
        """Have the ports given up; a sentence if they are not."""
        for giver in self.givers:
            giver.reload(self.run)
        return self._told(f"its port is not given up by {' or '.join(self.names)}", [self.taker]) if self.givers else None

    def settle(self) -> None:
        for giver in self.givers:
            giver.remember()

    def give_back(self, given: bool) -> str:
        """Undo, whether or not they have given the ports up already; a sentence that says so."""
        for giver in self.givers:
            giver.put_back()
            if given:
                giver.reload(self.run)
        return f" {' and '.join(self.names)} put back as before, too." if self.givers else ""

    def _told(self, what: str, allowed: Iterable[str]) -> str | None:
        deadline = time.monotonic() + PATIENCE
        while others := self._others(allowed):
            if time.monotonic() > deadline:
                return f"{what}: {'; '.join(others)}"
            time.sleep(0.02)
        return None

    def _others(self, allowed: Iterable[str]) -> list[str]:
        """What ``ss`` says of those who listen on the ports and are none of these units."""
        if not self.ports:
            return []
        asked = " or ".join(f"sport = :{port}" for port in self.ports)
        said = self.run(["ss", "--no-header", "--listening", "--tcp", "--numeric", "--processes", "--cgroup", f"( {asked} )"])[1]
        ours = re.compile(rf"/({'|'.join(map(re.escape, allowed))})(/\S*)?\s*$")
        return [" ".join(line.split()) for line in said.splitlines() if not ours.search(line)]
