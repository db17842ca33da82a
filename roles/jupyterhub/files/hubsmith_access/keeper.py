# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the hub at what the access file says: takes what has changed, enforces it, and tells what is in force."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import itertools
import weakref
from collections.abc import Iterable
from typing import Any

from . import certificate, source
from ._access_file import AccessError
from .database import Configured, Database
from .hub_users import HubUsers
from .policy import Policy
from .recheck import Recheck
from .reconcile import Seen, Standing, Step, decide
from .servers import Stopper, limit
from .state import Publisher, Report

# So many names are looked at, and so many users changed, at a time, as nothing else runs in the hub meanwhile.
_BATCH = 200
_STEPS = 20
STRANGER = "the access file does not know this person"


def today() -> datetime.date:
    return datetime.date.today()


class Keeper:
    """Serves one authenticator, whose settings it goes by and whose sets of names it keeps up to date."""

    def __init__(self, authenticator: Any) -> None:
        self.authenticator = authenticator
        self.log = authenticator.log
        self.app: Any = None
        self.day = today()
        self.hub_users = HubUsers(authenticator.hub_users_file, authenticator.accept_hub_users, self.log)
        first = source.look(authenticator.path)
        if first.roster is None:
            raise AccessError(first.error)
        self.policy = Policy(first.roster, authenticator.unmapped_is_local)
        self.report = Report(authenticator.path, first.roster, self.log)
        self._known = first.signature
        self._todo: set[str] = set()
        # Who was turned out while a login under this name was under way, of which something may be left behind.
        self._once_more: set[str] = set()
        # Whom a rule of the site has let in and does no longer, and why.
        self._lost: dict[str, str] = {}
        self._logins: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()

    # -- what others ask

    def standing(self, name: str) -> Standing:
        if self.policy.admits(name, self.day):
            return Standing.FILE
        if self.policy.refusal(name, self.day):
            return Standing.OUT
        if name in self.hub_users.names:
            return Standing.HUB
        return Standing.RULE if self.authenticator.admits_by_itself else Standing.OUT

    def refusal(self, name: str) -> str:
        """Why somebody with this name has nothing to do in the hub; empty if that is not so."""
        if self.standing(name) is not Standing.OUT:
            return ""
        return self.policy.refusal(name, self.day) or STRANGER

    def logging_in(self, name: str, handler: Any) -> None:
        """Somebody was let in under this name, and the hub is about to give them a session."""
        if handler is not None:
            self._logins[name] = handler

    def is_logging_in(self, name: str) -> bool:
        handler = self._logins.get(name)
        return handler is not None and not handler._finished

    async def lose(self, name: str, why: str) -> None:
        """No rule lets this person in any more, which ends an access as much as the file does."""
        self._lost[name] = why
        self._attend_to({name})
        await self.take()

    def accept_hub_user(self, name: str) -> None:
        self.hub_users.add(name)
        self._attend_to({name})

    def forget(self, name: str) -> None:
        """The user was deleted from the hub."""
        self.hub_users.discard({name})
        if self.app:
            self.database.remember(name, None)
            self.app.db.commit()
            self._attend_to({name})

    def note_groups(self, name: str, provided: Iterable[str]) -> list[str]:
        """The groups of somebody who logs in: those that a provider gives, and those of the file."""
        grant = self.policy.grant(name, self.day)
        if grant is None:
            return sorted(provided)
        self.database.remember(name, dataclasses.replace(grant, groups=grant.groups - set(provided)))
        self.app.db.commit()
        return sorted({*provided, *grant.groups})

    def everybody(self) -> tuple[set[str], set[str]]:
        """Whom the file lets in, and who of them administers."""
        return self.policy.allowed(self.day), self.policy.admins(self.day)

    def about_to_start(self, name: str, spawner: Any) -> None:
        if spawner.api_token:
            self.database.mark_server_token(spawner.api_token)
        if self.policy.admits(name, self.day):
            limit(spawner, self.policy.people[name].limits)

    # -- taking what has changed

    def start(self, app: Any) -> None:
        """The hub is about to serve: bring all its users to what the file says, before the first request."""
        self.app = app
        self.database = Database(app.db, self._configured(), self._live_tokens)
        self.stopper = Stopper(app, self.log, self._publish)
        self.publisher = Publisher(self.authenticator.state_file, self.log)
        self._drop_listed_hub_users()
        allowed, admins = self.everybody()
        self.authenticator.allowed_users.update(allowed)
        self.authenticator.admin_users.update(admins)
        self._mirror(self.hub_users.names)
        self._todo = set(self.database.names())
        turned_out: set[str] = set()
        while self._todo:
            turned_out |= self._bring_some()
        self.database.on_change(self._attend_to)
        self._publish()
        certificate.tell(self.authenticator.public_certificate_file, self.log)
        loop = asyncio.get_running_loop()
        self._watcher = loop.create_task(self._watch(turned_out))
        self._rechecker = loop.create_task(Recheck(self).watch())

    async def take(self) -> None:
        """Put in force what has changed since, before anything is decided by it."""
        if self.app and not self._is_current():
            async with self._lock:
                if not self._is_current():
                    await self._take()

    def _is_current(self) -> bool:
        return not self._todo and self.day == today() and not self._may_have_changed()

    def _may_have_changed(self) -> bool:
        return self._known == source.UNKNOWN or source.signature(self.authenticator.path) != self._known

    async def _take(self) -> None:
        if self._may_have_changed():
            found, policy, differing = await asyncio.get_running_loop().run_in_executor(None, self._look)
            self._known = found.signature
            self.report.note_error(found.error, found.sha256)
            if policy:
                self.policy = policy
                self._todo |= differing
                self._drop_listed_hub_users()
                self.log.info("The access file has changed: it has %i people now, %i entries differ", len(policy.people), len(differing))
        if self.day != (now := today()):
            self._todo |= set(self.policy.turned(self.day, now))
            self.day = now
        while self._todo:
            self._bring_some()
            await asyncio.sleep(0)
        self.report.take(self.policy.roster)
        self._publish()

    def _look(self) -> tuple[source.Look, Policy | None, set[str]]:
        """In a thread of its own: as long as it may take, the hub serves meanwhile."""
        found = source.look(self.authenticator.path, self.policy.roster.sha256)
        if found.roster is None:
            return found, None, set()
        policy = Policy(found.roster, self.authenticator.unmapped_is_local)
        return found, policy, policy.differing(self.policy)

    async def _watch(self, turned_out: set[str]) -> None:
        # Only then does the hub know which servers run.
        await self.app._start_future
        for user in list(self.app.users.values()):
            if user.name in turned_out or self.standing(user.name) is Standing.OUT:
                self._stop(user)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self.authenticator.poll_seconds)
            self._wake.clear()
            self._todo |= {name for name in self._once_more if not self.is_logging_in(name)}
            try:
                await self.take()
            except Exception as error:
                if repr(error) != self.report.trouble:
                    self.log.exception("The access file cannot be applied; trying again and again")
                self.report.trouble = repr(error)
                self._publish()

    # -- enforcing it

    def _mirror(self, names: Iterable[str]) -> None:
        """The authenticator's own sets, by which its class decides, too."""
        for name in names:
            allowed = self.standing(name) in (Standing.FILE, Standing.HUB)
            _put(self.authenticator.allowed_users, name, allowed)
            _put(self.authenticator.admin_users, name, self.policy.admits(name, self.day) and name in self.policy.roster.admins)

    def _bring_some(self) -> set[str]:
        """Bring some of those to whom there is something to do to what they shall have; returns who was turned out."""
        names = list(itertools.islice(self._todo, _BATCH))
        self._mirror(names)
        steps = self._steps(names)
        now = dict(itertools.islice(steps.items(), _STEPS))
        if now:
            self.database.carry_out(now, self.authenticator.revoke_servers == "finish")
        done = set(names) - {seen.name for seen in steps.keys() - now.keys()}
        self._todo -= done
        self._once_more -= done
        for seen, step in now.items():
            self._after(seen, step)
        for name in done:
            self._lost.pop(name, None)
        return {seen.name for seen, step in now.items() if step.revoke}

    def _steps(self, names: Iterable[str]) -> dict[Seen, Step]:
        steps: dict[Seen, Step] = {}
        for seen in self.database.look(names):
            grant, standing = self.policy.grant(seen.name, self.day), self.standing(seen.name)
            step = decide(seen, standing, grant, self.authenticator.names_admins_by_itself)
            if seen.name in self._once_more or (seen.name in self._lost and standing is Standing.RULE):
                step = dataclasses.replace(step, revoke=step.revoke or grant is None, end_sessions=True)
            if step.changes(seen):
                steps[seen] = step
        return steps

    def _after(self, seen: Seen, step: Step) -> None:
        if step.revoke:
            why = self.refusal(seen.name) or self._lost.get(seen.name) or STRANGER
            self.log.warning("The access of %s was taken away: %s", seen.name, why)
        elif step.end_sessions:
            self.log.warning("The sessions of %s were ended: an identity was taken away", seen.name)
        if (step.revoke or step.end_sessions) and self.is_logging_in(seen.name):
            self._once_more.add(seen.name)
        if step.admin is not None:
            self.log.info("%s is %s administrator", seen.name, "now an" if step.admin else "no longer an")
        if step.revoke and seen.id in self.app.users:
            self._stop(self.app.users[seen.id])

    def _stop(self, user: Any) -> None:
        if self.authenticator.revoke_servers == "stop":
            self.stopper.stop_all_of(user)

    def _attend_to(self, names: set[str]) -> None:
        self._todo |= names
        self._wake.set()

    def _drop_listed_hub_users(self) -> None:
        """Who is in the file is the file's business from then on."""
        self.hub_users.discard({name for name in self.hub_users.names if self.policy.lists(name)})

    def _live_tokens(self, number: int) -> set[str]:
        if number not in self.app.users:
            return set()
        return {spawner.api_token for spawner in self.app.users[number].spawners.values() if spawner.active}

    def _configured(self) -> Configured:
        found: dict[str, tuple[set[str], set[str]]] = {}

        def entry(name: str) -> tuple[set[str], set[str]]:
            return found.setdefault(str(self.authenticator.normalize_username(name)), (set(), set()))

        for role in self.app.load_roles:
            for name in role.get("users", ()) if role["name"] != "admin" else ():
                entry(name)[0].add(role["name"])
        for group, content in self.app.load_groups.items():
            for name in content.get("users", ()) if isinstance(content, dict) else content:
                entry(name)[1].add(group)
        return found

    # -- telling

    def _publish(self) -> None:
        rest = {"pending": self.stopper.pending, "hub_users": sorted(self.hub_users.names)}
        self.publisher.publish(self.report.applied, {**self.report.content(), **rest})


def _put(names: set[str], name: str, belongs: bool) -> None:
    if belongs:
        names.add(name)
    else:
        names.discard(name)
