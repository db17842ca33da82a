# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users' servers: their limits, and their end as soon as that can be when an access is taken away."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping
from typing import Any

_WAIT = 0.1
_AGAIN = 5.0


def limit(spawner: Any, limits: Mapping[str, object]) -> None:
    """Give a server what the file grants: in place of the site's default, and no more, whatever a form or a profile asks for later."""
    for trait, amount in (("mem_limit", _bytes(limits.get("memory"))), ("cpu_limit", _processors(limits.get("cpu")))):
        if amount is not None:
            setattr(spawner, trait, amount)
            spawner.observe(functools.partial(_cap, getattr(spawner, trait)), trait)


def _cap(most: float, change: Any) -> None:
    if change.new is None or change.new > most:
        setattr(change.owner, change.name, most)


def _bytes(amount: object) -> object:
    # The hub takes text only with a unit.
    return int(amount) if isinstance(amount, str) and amount.isdigit() else amount


def _processors(amount: object) -> float | None:
    return None if amount is None else float(str(amount))


class Stopper:
    """Several servers at a time. ``told`` is called whenever ``pending`` has changed."""

    def __init__(self, app: Any, log: Any, told: Callable[[], None]) -> None:
        self.app = app
        self.log = log
        self.told = told
        self._tasks: dict[Any, tuple[str, asyncio.Task[None]]] = {}

    @property
    def pending(self) -> list[str]:
        """Whose servers are still being stopped."""
        return sorted({name for name, _task in self._tasks.values()})

    def stop_all_of(self, user: Any) -> None:
        """All servers of a hub's user, also those that are only just starting."""
        for server_name, spawner in list(user.spawners.items()):
            if spawner.active and spawner not in self._tasks:
                task = asyncio.get_running_loop().create_task(self._stop(user, server_name, spawner))
                self._tasks[spawner] = user.name, task
                task.add_done_callback(functools.partial(self._stopped, spawner))
                self.told()

    def _stopped(self, spawner: Any, _task: object) -> None:
        del self._tasks[spawner]
        self.told()

    async def _stop(self, user: Any, server_name: str, spawner: Any) -> None:
        while user.spawners.get(server_name) is spawner and spawner.active:
            if spawner.pending:
                # The hub cannot stop what is still starting, stopping or being looked for.
                await asyncio.sleep(_WAIT)
                continue
            spawner._stop_pending = True
            self.log.info("Stopping the server %s, as the access of %s was taken away", spawner._log_name, user.name)
            try:
                await self.app.proxy.delete_user(user, server_name)
            except Exception:
                # The process is what matters; the hub looks after the proxy's routes from time to time.
                self.log.exception("The proxy keeps its route to %s for now", spawner._log_name)
            try:
                await user.stop(server_name)
            except Exception:
                self.log.exception("The server %s cannot be stopped; trying again in %s s", spawner._log_name, _AGAIN)
                spawner._stop_pending = False
                await asyncio.sleep(_AGAIN)
