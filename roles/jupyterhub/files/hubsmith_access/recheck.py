# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks again, every so often, about those who are here although the file does not say so."""

from __future__ import annotations

import asyncio
import datetime
import random
import time
from collections.abc import Iterator
from typing import Any

from jupyterhub import orm
from jupyterhub.handlers import BaseHandler
from jupyterhub.utils import utcnow
from sqlalchemy import or_, select

from .reconcile import Standing

# The hub needs its connections for other things, too.
_AT_ONCE = 4
# So often in one round the provider may fail to answer before everybody else is left for the next.
_ENOUGH = 5
# The hub notes activity in steps of this many seconds.
_STEP = 60


class Recheck:
    """What the hub would do at the next request of somebody, it does for those who make none: their servers and kernels need none."""

    def __init__(self, keeper: Any) -> None:
        self.keeper = keeper
        self.authenticator = keeper.authenticator
        self.app = keeper.app
        self.db = keeper.app.db
        self.log = keeper.log

    async def watch(self) -> None:
        # Only then does the hub know which servers run.
        await self.app._start_future
        while seconds := self.authenticator.recheck_seconds:
            try:
                await self._round(seconds)
            except Exception:
                self.log.exception("Those whom a rule of the site lets in cannot be asked about; trying again in %s s", seconds)
            await asyncio.sleep(seconds)

    async def _round(self, seconds: float) -> None:
        if self.authenticator.enable_auth_state:
            names = self._active(seconds)
            # Whoever came last in a round that was given up may be the first of the next.
            random.shuffle(names)
            enough = self.authenticator.silences + _ENOUGH
            queue = iter(names)
            await asyncio.gather(*(self._work(queue, enough) for _worker in range(_AT_ONCE)))

    def _active(self, seconds: float) -> list[str]:
        """Who has a server, or did something since the last round, and is somebody of whom the provider may have news."""
        since = utcnow(with_tz=False) - datetime.timedelta(seconds=2 * seconds + _STEP)
        serving = orm.User._orm_spawners.any(orm.Spawner.server_id.isnot(None))
        active = select(orm.User.name, orm.User.admin).where(
            orm.User.encrypted_auth_state.isnot(None), orm.User.roles.any(), or_(serving, orm.User.last_activity >= since)
        )
        return [user.name for user in self.db.execute(active) if self._is_the_provider_s(user.name, user.admin)]

    def _is_the_provider_s(self, name: str, admin: bool) -> bool:
        if admin and self.authenticator.names_admins_by_itself:
            return True
        return self.keeper.standing(name) is Standing.RULE

    async def _work(self, names: Iterator[str], enough: int) -> None:
        for name in names:
            if self.authenticator.silences >= enough:
                return
            try:
                await self._ask(self.app.users[name])
            except Exception:
                self.log.exception("%s cannot be asked about", name)

    async def _ask(self, user: Any) -> None:
        found = await self.authenticator.refresh_user(user)
        if found:
            user._auth_refreshed = time.monotonic()
        if isinstance(found, dict):
            found.setdefault("auth_state", await user.get_auth_state())
            # As for a request, of which it needs no more than what this object has, too.
            await BaseHandler.auth_to_user(self, found, user)
