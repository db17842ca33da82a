# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub's real tables, in memory."""

from __future__ import annotations

import pytest
from hubsmith_access.database import SERVER_TOKENS, Database
from hubsmith_access.policy import Grant
from hubsmith_access.reconcile import Seen, Step
from jupyterhub import orm, roles
from sqlalchemy import select

GRANT = Grant(True, frozenset({"numerics"}), frozenset({"ada@x.org"}))


@pytest.fixture(name="database")
def fixture_database(session):
    return Database(session, {"ada": (["teacher"], ["staff"])}, lambda _number: set())


def add(session, name, *, admin=False, groups=()):
    user = orm.User(name=name, admin=admin)
    session.add(user)
    user.groups = [orm.Group.find(session, group) or orm.Group(name=group) for group in groups]
    session.commit()
    roles.assign_default_roles(session, user)
    session.commit()
    return user


def look(database, name):
    (found,) = database.look([name])
    return found


def test_what_is_there_is_seen(session, database):
    user = add(session, "ada", admin=True, groups=["x", "y"])
    add(session, "bob")
    user.new_api_token()
    database.remember("ada", GRANT)
    seen = database.look(["ada", "bob", "carol"])
    assert seen == [
        Seen(1, "ada", True, frozenset({"user", "admin"}), frozenset("xy"), True, GRANT),
        Seen(2, "bob", False, frozenset({"user"}), frozenset(), False, None),
    ]
    assert database.names() == ["ada", "bob"]


def test_a_second_hub_finds_what_the_first_has_remembered(session, database):
    add(session, "ada")
    database.remember("ada", GRANT)
    session.commit()
    again = Database(session, {}, lambda _number: set())
    assert look(again, "ada").given == GRANT
    again.remember("ada", None)
    assert look(database, "ada").given is None


def test_everything_is_revoked_and_nobody_else_notices(session, database):
    user, other = add(session, "ada", admin=True, groups=["x"]), add(session, "bob", groups=["x"])
    database.remember("ada", GRANT)
    cookies = user.cookie_id, other.cookie_id
    tokens = user.new_api_token(), other.new_api_token()
    client = orm.OAuthClient(identifier="client")
    session.add(orm.OAuthCode(client=client, code="c", user=user, expires_at=2**40, redirect_uri="", session_id=""))
    session.commit()
    database.carry_out({look(database, "ada"): Step(revoke=True)}, spare_servers=False)
    assert look(database, "ada") == Seen(1, "ada", False, frozenset(), frozenset(), False, None)
    assert user.cookie_id != cookies[0]
    assert orm.APIToken.find(session, tokens[0]) is None
    assert session.query(orm.OAuthCode).count() == 0
    assert look(database, "bob") == Seen(2, "bob", False, frozenset({"user"}), frozenset("x"), True, None)
    assert other.cookie_id == cookies[1]
    assert orm.APIToken.find(session, tokens[1])


def test_whoever_returns_has_what_the_configuration_gives_by_name(session, database):
    add(session, "ada")
    database.carry_out({look(database, "ada"): Step(revoke=True)}, spare_servers=False)
    database.carry_out(
        {look(database, "ada"): Step(restore=True, admin=True, join=frozenset({"numerics"}), given=GRANT)}, spare_servers=False
    )
    assert look(database, "ada") == Seen(
        1, "ada", True, frozenset({"user", "admin", "teacher"}), frozenset({"numerics", "staff"}), False, GRANT
    )


def test_a_demotion_takes_the_role_and_nothing_else(session, database):
    user = add(session, "ada", admin=True, groups=["x"])
    cookie, token = user.cookie_id, user.new_api_token()
    database.carry_out({look(database, "ada"): Step(admin=False, given=GRANT)}, spare_servers=False)
    assert look(database, "ada") == Seen(1, "ada", False, frozenset({"user"}), frozenset("x"), True, GRANT)
    assert user.cookie_id == cookie
    assert orm.APIToken.find(session, token)


def test_groups_are_joined_and_left(session, database):
    add(session, "ada", groups=["x", "y"])
    database.carry_out({look(database, "ada"): Step(join=frozenset("xz"), leave=frozenset("y"), given=GRANT)}, spare_servers=False)
    assert look(database, "ada").groups == {"x", "z"}
    assert session.query(orm.Group).filter_by(name="x").count() == 1


@pytest.mark.parametrize("way", ["in memory", "noted"])
def test_sessions_end_but_not_those_of_servers_that_go_on(session, way):
    user = add(session, "ada")
    server, forged, mine = (user.new_api_token(note=note) for note in ("Server at /user/ada/", "Server at /user/ada/", "mine"))
    database = Database(session, {}, lambda _number: {server} if way == "in memory" else set())
    if way == "noted":
        database.mark_server_token(server)
        database.mark_server_token(server)
    database.carry_out({look(database, "ada"): Step(end_sessions=True)}, spare_servers=False)
    assert [bool(orm.APIToken.find(session, token)) for token in (server, forged, mine)] == [True, False, False]
    assert look(database, "ada").roles == {"user"}
    database.carry_out({look(database, "ada"): Step(revoke=True)}, spare_servers=True)
    assert orm.APIToken.find(session, server)
    database.carry_out({look(database, "ada"): Step(revoke=True)}, spare_servers=False)
    assert orm.APIToken.find(session, server) is None
    assert session.execute(select(SERVER_TOKENS)).all() == []


def test_a_token_that_is_gone_is_not_noted(database):
    database.mark_server_token("gone")
    assert database.session.execute(select(SERVER_TOKENS)).all() == []


def test_all_or_nothing(session, database):
    add(session, "ada", admin=True)
    add(session, "bob")
    database.configured = {"bob": (["no such role"], [])}
    steps = {look(database, "ada"): Step(revoke=True), look(database, "bob"): Step(restore=True)}
    with pytest.raises(KeyError):
        database.carry_out(steps, spare_servers=False)
    assert look(database, "ada").admin
    assert not session.dirty


@pytest.mark.parametrize("change", ["admin", "name", "roles", "groups", "new", "by the role"])
def test_what_others_change_is_told(session, database, change):
    user = add(session, "ada")
    told = []
    database.on_change(told.append)
    if change == "admin":
        user.admin = True
    elif change == "name":
        user.name = "eve"
    elif change == "roles":
        user.roles = []
    elif change == "groups":
        user.groups = [orm.Group(name="x")]
    elif change == "new":
        session.add(orm.User(name="eve"))
    else:
        role = orm.Role.find(session, "teacher")
        role.users.append(user)
    session.commit()
    assert set().union(*told) == {"eve" if change in ("new", "name") else "ada"}


def test_what_does_not_matter_is_not_told_and_neither_is_our_own(session, database):
    user = add(session, "ada")
    told = []
    database.on_change(told.append)
    user.last_activity = orm.utcnow()
    user.cookie_id = "another"
    session.commit()
    database.carry_out({look(database, "ada"): Step(revoke=True)}, spare_servers=False)
    assert told == []
