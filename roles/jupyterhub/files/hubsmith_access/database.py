# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub's own database: look at its users, and carry out what was decided for them.

The hub has one session for everything. So whatever is changed here is committed before anything else gets to run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from jupyterhub import orm, roles
from jupyterhub.utils import new_token
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text, Unicode, delete, event, inspect, select

from .policy import Grant
from .reconcile import Seen, Step

_TABLES = MetaData()
# What the file has given to whom, so that it can be taken away by a hub that was not running when the file changed.
GIVEN = Table("hubsmith_access_given", _TABLES, Column("name", Unicode(255), primary_key=True), Column("given", Text, nullable=False))
# The tokens of the users' servers. By their notes they could not be told from those that users make for themselves.
SERVER_TOKENS = Table(
    "hubsmith_access_server_tokens",
    _TABLES,
    Column("id", Integer, ForeignKey(orm.APIToken.__table__.c.id, ondelete="CASCADE"), primary_key=True),
)

Configured = Mapping[str, tuple[Collection[str], Collection[str]]]


class Database:
    """Users are called by their names.

    :param configured: the roles and the groups that the hub's configuration gives by name, to be given back to whoever returns.
    :param live_tokens: the tokens, in clear text, of those servers that the user with a number is running.
    """

    def __init__(self, session: Any, configured: Configured, live_tokens: Callable[[int], set[str]]) -> None:
        self.session = session
        self.configured = configured
        self.live_tokens = live_tokens
        self._busy = False
        _TABLES.create_all(session.connection())
        session.commit()

    # -- looking

    def names(self) -> list[str]:
        return list(self.session.scalars(select(orm.User.name)))

    def look(self, names: Iterable[str]) -> list[Seen]:
        """Those of the names that are users. By few queries, whatever their number, which should be some hundreds at most."""
        find = self.session.execute
        users = find(select(orm.User.id, orm.User.name, orm.User.admin).where(orm.User.name.in_(list(names)))).all()
        ids, known = [user.id for user in users], [user.name for user in users]
        map_of_roles, map_of_groups = orm.Base.metadata.tables["user_role_map"], orm.user_group_map
        roles_of = _collect(find(select(map_of_roles.c.user_id, orm.Role.name).join(orm.Role).where(map_of_roles.c.user_id.in_(ids))))
        groups_of = _collect(find(select(map_of_groups.c.user_id, orm.Group.name).join(orm.Group).where(map_of_groups.c.user_id.in_(ids))))
        tokens = set(self.session.scalars(select(orm.APIToken.user_id).where(orm.APIToken.user_id.in_(ids))))
        given = {row.name: _grant(row.given) for row in find(select(GIVEN).where(GIVEN.c.name.in_(known)))}
        return [
            Seen(
                user.id,
                user.name,
                bool(user.admin),
                frozenset(roles_of.get(user.id, ())),
                frozenset(groups_of.get(user.id, ())),
                user.id in tokens,
                given.get(user.name),
            )
            for user in users
        ]

    # -- changing

    def carry_out(self, steps: Mapping[Seen, Step], spare_servers: bool) -> None:
        """All the steps, or none if one fails.

        :param spare_servers: whether the servers of those whose access is revoked go on.
        """
        self._busy = True
        try:
            with self.session.no_autoflush:
                self._carry_out(steps, spare_servers)
            self.session.commit()
        except BaseException:
            self.session.rollback()
            raise
        finally:
            self._busy = False

    def _carry_out(self, steps: Mapping[Seen, Step], spare_servers: bool) -> None:
        find = self.session.scalars
        users = {user.id: user for user in find(select(orm.User).where(orm.User.id.in_([seen.id for seen in steps])))}
        known_roles = {role.name: role for role in find(select(orm.Role))}
        groups = self._groups({name for seen, step in steps.items() for name in step.join | self._configured(seen, step)[1]})
        for seen, step in steps.items():
            user = users[seen.id]
            if step.given != seen.given:
                self.remember(seen.name, step.given)
            if step.revoke:
                user.admin, user.roles, user.groups = False, [], []
            if step.admin is not None:
                user.admin = step.admin
                change = roles.grant_role if step.admin else roles.strip_role
                change(self.session, user, known_roles["admin"], commit=False)
            roles_again, groups_again = self._configured(seen, step)
            for name in roles_again:
                roles.grant_role(self.session, user, known_roles[name], commit=False)
            join = (step.join | groups_again) - {group.name for group in user.groups}
            if join or step.leave:
                user.groups = [group for group in user.groups if group.name not in step.leave] + [groups[name] for name in join]
            if step.revoke or step.end_sessions:
                self._end_sessions(user, spare_servers or not step.revoke)

    def _configured(self, seen: Seen, step: Step) -> tuple[frozenset[str], frozenset[str]]:
        """The roles and the groups that somebody who returns has whatever the file says."""
        if not step.restore:
            return frozenset(), frozenset()
        roles_of, groups_of = self.configured.get(seen.name, ((), ()))
        return frozenset({"user", *roles_of}), frozenset(groups_of)

    def _groups(self, names: Collection[str]) -> dict[str, Any]:
        found = {group.name: group for group in self.session.scalars(select(orm.Group).where(orm.Group.name.in_(list(names))))}
        for name in set(names) - found.keys():
            found[name] = orm.Group(name=name)
            self.session.add(found[name])
        return found

    def _end_sessions(self, user: Any, spare_servers: bool) -> None:
        user.cookie_id = new_token()
        tokens = {token.id: token for token in user.api_tokens}
        if spare_servers:
            live = [orm.APIToken.find(self.session, token) for token in self.live_tokens(user.id) if token]
            known = self.session.scalars(select(SERVER_TOKENS.c.id).where(SERVER_TOKENS.c.id.in_(list(tokens))))
            for number in {*known, *(token.id for token in live if token)}:
                tokens.pop(number, None)
        for one in [*user.oauth_codes, *tokens.values()]:
            self.session.delete(one)

    def remember(self, name: str, given: Grant | None) -> None:
        """Note what the file has given. The caller commits."""
        self.session.execute(delete(GIVEN).where(GIVEN.c.name == name))
        if given is not None:
            text = json.dumps({"admin": given.admin, "groups": sorted(given.groups), "ways": sorted(given.ways)})
            self.session.execute(GIVEN.insert().values(name=name, given=text))

    def mark_server_token(self, token: str) -> None:
        found = orm.APIToken.find(self.session, token)
        if found is not None:
            self.session.execute(delete(SERVER_TOKENS).where(SERVER_TOKENS.c.id == found.id))
            self.session.execute(SERVER_TOKENS.insert().values(id=found.id))
            self.session.commit()

    # -- what others change

    def on_change(self, tell: Callable[[set[str]], None]) -> None:
        """Have ``tell`` called with the names of users whom something else in the hub has made or given other rights."""

        def flushed(session: Any, _context: object) -> None:
            if not self._busy:
                names = {one.name for one in {*session.new, *session.dirty} if isinstance(one, orm.User) and _has_other_rights(one)}
                if names:
                    tell(names)

        event.listen(self.session, "after_flush", flushed)


def _has_other_rights(user: Any) -> bool:
    attributes = inspect(user).attrs
    return any(attributes[name].history.has_changes() for name in ("name", "admin", "roles", "groups"))


def _collect(pairs: Iterable[Any]) -> dict[int, list[str]]:
    collected: dict[int, list[str]] = {}
    for number, name in pairs:
        collected.setdefault(number, []).append(name)
    return collected


def _grant(text: str) -> Grant:
    given = json.loads(text)
    return Grant(bool(given["admin"]), frozenset(given["groups"]), frozenset(given["ways"]))
