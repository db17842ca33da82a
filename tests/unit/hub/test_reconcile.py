# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to change for one user, as a table and over any history."""

from __future__ import annotations

import dataclasses

import pytest
from hubsmith_access.policy import Grant
from hubsmith_access.reconcile import Seen, Standing, Step, decide
from hypothesis import given
from hypothesis import strategies as st


def grant(*, admin=False, groups=(), ways=("ada",)):
    return Grant(admin, frozenset(groups), frozenset(ways))


def seen(*, admin=False, roles=("user",), groups=(), tokens=False, given=None):
    return Seen(1, "ada", admin, frozenset(roles), frozenset(groups), tokens, given)


@pytest.mark.parametrize(
    ("found", "step"),
    [
        (seen(), Step(restore=True, given=grant())),
        (seen(given=grant()), Step(given=grant())),
        (seen(roles=(), given=grant()), Step(restore=True, given=grant())),
        (seen(admin=True, given=grant(admin=True)), Step(admin=False, given=grant())),
        (seen(admin=True, given=grant()), Step(admin=False, given=grant())),
        (seen(groups=["x"], given=grant(groups=["x"])), Step(leave=frozenset("x"), given=grant())),
        (seen(groups=["x"], given=grant()), Step(given=grant())),
        (seen(given=grant(ways=["ada", "b"])), Step(end_sessions=True, given=grant())),
        (seen(given=grant(ways=[])), Step(given=grant())),
    ],
)
def test_somebody_of_the_file(found, step):
    assert decide(found, Standing.FILE, grant(), False) == step


def test_what_the_file_gives_is_given_and_remembered():
    wanted = grant(admin=True, groups=["x", "y"])
    step = decide(seen(groups=["x", "z"], given=grant()), Standing.FILE, wanted, False)
    assert step == Step(admin=True, join=frozenset("y"), given=grant(admin=True, groups=["y"]))


@pytest.mark.parametrize(("given", "admin"), [(grant(admin=True), False), (grant(), None)])
def test_an_administrator_by_the_class_stays_one_unless_it_was_the_file(given, admin):
    assert decide(seen(admin=True, given=given), Standing.FILE, grant(), True).admin is admin


@pytest.mark.parametrize(
    "found", [seen(), seen(roles=(), admin=True), seen(roles=(), groups="x"), seen(roles=(), tokens=True), seen(roles=(), given=grant())]
)
def test_somebody_who_has_nothing_to_do_here_loses_everything(found):
    assert decide(found, Standing.OUT, None, False) == Step(revoke=True)


def test_somebody_who_has_lost_everything_is_left_alone():
    found = seen(roles=())
    assert not decide(found, Standing.OUT, None, False).changes(found)


def test_somebody_whom_another_rule_may_let_in_is_left_alone():
    found = seen(groups="x", tokens=True)
    assert not decide(found, Standing.RULE, None, False).changes(found)


def test_leaving_the_file_revokes_whatever_another_rule_says():
    assert decide(seen(given=grant()), Standing.RULE, None, False).revoke


@pytest.mark.parametrize(("by_class", "admin"), [(False, False), (True, None)])
def test_only_the_class_makes_administrators_of_those_whom_the_file_does_not_know(by_class, admin):
    assert decide(seen(admin=True), Standing.RULE, None, by_class).admin is admin


def test_users_of_the_hub_keep_what_the_hub_gives_them():
    found = seen(admin=True, groups="x")
    assert not decide(found, Standing.HUB, None, False).changes(found)
    assert decide(seen(roles=()), Standing.HUB, None, False) == Step(restore=True)


def test_users_of_the_hub_lose_what_the_file_gave():
    found = seen(admin=True, groups="xy", given=grant(admin=True, groups="x"))
    assert decide(found, Standing.HUB, None, False) == Step(admin=False, leave=frozenset("x"))


def apply(found, step):
    """What carrying a step out makes of a user."""
    if step.revoke:
        return dataclasses.replace(found, admin=False, roles=frozenset(), groups=frozenset(), has_tokens=False, given=None)
    return dataclasses.replace(
        found,
        admin=found.admin if step.admin is None else step.admin,
        roles=found.roles | {"user"} if step.restore else found.roles,
        groups=(found.groups | step.join) - step.leave,
        given=step.given,
    )


GROUPS = st.frozensets(st.sampled_from("vwxyz"))
GRANTS = st.none() | st.builds(Grant, st.booleans(), GROUPS, st.frozensets(st.sampled_from(["a", "b"]), min_size=1))
EVENTS = st.lists(
    st.tuples(st.just("file"), GRANTS) | st.tuples(st.just("groups"), GROUPS) | st.tuples(st.just("admin"), st.booleans()), max_size=12
)


@given(EVENTS)
def test_after_any_history_the_file_holds_and_what_came_otherwise_stays(events):
    found, current, elsewhere = seen(roles=()), None, frozenset()
    for what, value in events:
        if what == "file":
            current = value
        elif what == "groups":
            # Somebody else changes the groups: what is there beyond the file's own is from elsewhere.
            found = dataclasses.replace(found, groups=value)
            elsewhere = value - (found.given.groups if found.given else frozenset())
        else:
            found = dataclasses.replace(found, admin=value)
        standing = Standing.FILE if current else Standing.OUT
        found = apply(found, decide(found, standing, current, False))
        # To do it twice is to do it once.
        assert not decide(found, standing, current, False).changes(found)
        if current:
            assert found.admin is current.admin
            assert found.roles
            elsewhere &= found.groups
            assert current.groups <= found.groups <= current.groups | elsewhere
            assert elsewhere <= found.groups
        else:
            assert (found.admin, found.roles, found.groups, found.has_tokens, found.given) == (False, frozenset(), frozenset(), False, None)
            elsewhere = frozenset()
