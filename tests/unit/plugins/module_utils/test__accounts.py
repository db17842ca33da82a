# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for accounts: what it does, what it refuses, and that it always leads to what is wanted."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_model as m
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_report
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._accounts import Refused, Rules, busy, plan, predict
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person

HASH, OTHER = "$6$hash", "$6$other"
RULES = Rules()


def account(name: str = "ada", uid: int = 1001, **rest: object) -> m.Account:
    facts = {"group": name, "groups": frozenset(), "shell": "/bin/bash", "home": f"/home/{name}", **rest}
    return m.Account(name, uid, **facts)  # type: ignore[arg-type]


def host(*accounts: m.Account, **rest: object) -> m.Host:
    facts = {
        "groups": {"audio": 29, **{one.group: one.uid for one in accounts}},
        "homes": {one.home: one.uid for one in accounts},
        **rest,
    }
    return m.Host({one.name: one for one in accounts}, **facts)  # type: ignore[arg-type]


def refusal(found: m.Host, person: Person, rules: Rules = RULES) -> str:
    return refusal_of_all(found, [person], rules)


def refusal_of_all(found: m.Host, people: list[Person], rules: Rules = RULES) -> str:
    with pytest.raises(Refused) as caught:
        plan(found, people, rules)
    return str(caught.value)


def test_a_new_account() -> None:
    rules = Rules(home="/srv", shell="/bin/sh", unix_groups=("hub",))
    made = account(groups=frozenset({"hub", "audio"}), shell="/bin/zsh", home="/srv/ada", comment="Ada")
    person = Person("ada", shell="/bin/zsh", comment="Ada", unix_groups=("audio",), password=HASH)
    assert plan(host(account("bob", 1000)), [person], rules) == [
        m.AddGroup("hub", 1002),
        m.AddAccount("ada", made, own_group=1001),
        m.SetPassword("ada", HASH),
        m.MakeHome("ada", "/srv/ada", 1001, "ada"),
    ]


def test_like_steps_stand_together_so_that_a_tool_can_take_many() -> None:
    kinds = [type(action) for action in plan(host(), [Person("ada", password=HASH), Person("bob", password=HASH)], RULES)]
    assert kinds == [m.AddAccount, m.AddAccount, m.SetPassword, m.SetPassword, m.MakeHome, m.MakeHome]


def test_a_group_that_others_join_is_not_made_twice() -> None:
    people = [Person("ada"), Person("bob", unix_groups=("ada",))]
    assert [(type(action), action.name) for action in plan(host(), people, RULES)][:3] == [
        (m.AddGroup, "ada"),
        (m.AddAccount, "ada"),
        (m.AddAccount, "bob"),
    ]
    added = plan(host(), people, RULES)[1]
    assert isinstance(added, m.AddAccount)
    assert added.own_group is None


def test_the_own_group_gets_another_number_where_that_of_the_account_is_taken() -> None:
    found = host(groups={"x": 1005, "y": 1010})
    added = plan(found, [Person("ada", uid=1005)], RULES)[0]
    assert isinstance(added, m.AddAccount)
    assert (added.account.uid, added.own_group) == (1005, 1011)
    assert predict(found, [added]).groups["ada"] == 1011


def test_the_only_comment_that_is_made_apart_from_the_account() -> None:
    added, change, *_rest = plan(host(), [Person("ada", comment="-")], RULES)
    assert isinstance(added, m.AddAccount)
    assert added.account.comment == ""
    assert change == m.Change("ada", comment="-")


def test_the_age_of_passwords() -> None:
    found = host(account("bob", 1001), account("carl", 1002, password="!"), account("dora", 1003, ageing="::7:"), ageing="0:365:7:30")
    added, finished, _home = plan(found, [Person("ada"), Person("bob"), Person("carl"), Person("dora")], RULES)
    assert isinstance(added, m.AddAccount)
    assert added.account.ageing == "0:365:7:30"
    assert finished == m.FinishAccount("bob", "0:365:7:30")


def test_what_was_not_asked_for_stays() -> None:
    found = account(group="audio", groups=frozenset({"x"}), shell="/bin/zsh", home="/data/ada", comment="C", password=HASH, expires="99999")
    assert plan(host(found), [Person("ada")], Rules(shell="/bin/sh", home="/srv", group="hub")) == []


def test_what_was_asked_for_changes() -> None:
    found = host(account(groups=frozenset({"x"}), password=HASH), groups={"audio": 29, "ada": 1001, "x": 1002})
    person = Person("ada", shell="/bin/sh", comment="", group="audio", unix_groups=("x", "y", "audio"), password=OTHER)
    assert plan(found, [person], RULES) == [
        m.AddGroup("y", 1003),
        m.Change("ada", shell="/bin/sh", group="audio", join=frozenset({"y"})),
        m.SetPassword("ada", OTHER),
    ]


def test_a_missing_home_is_made_unless_there_is_none_by_intention() -> None:
    assert plan(host(account(), homes={}), [Person("ada")], RULES) == [m.MakeHome("ada", "/home/ada", 1001, "ada")]
    assert plan(host(account(home="/nonexistent"), homes={}), [Person("ada")], RULES) == []


def test_block_and_unblock() -> None:
    block = plan(host(account(password=HASH)), [Person("ada", "blocked")], RULES)
    assert block == [m.Block("ada"), m.LockPassword("ada", f"!{HASH}")]
    blocked = predict(host(account(password=HASH)), block)
    assert plan(blocked, [Person("ada", "blocked")], RULES) == []
    assert plan(blocked, [Person("ada")], RULES) == [m.UnlockPassword("ada", HASH), m.Unblock("ada")]
    assert plan(blocked, [Person("ada", password=OTHER)], RULES) == [m.SetPassword("ada", OTHER), m.Unblock("ada")]


@pytest.mark.parametrize("password", ["!", "", "*"])
def test_unblocking_never_opens_an_account_without_a_password(password: str) -> None:
    found = host(account(password=password))
    after = predict(found, plan(found, [Person("ada", "blocked")], RULES))
    again = predict(after, plan(after, [Person("ada")], RULES)).accounts["ada"]
    assert not again.password.strip("!*")
    assert not again.blocked


def test_there_is_nothing_to_unlock_without_a_hash() -> None:
    assert plan(host(account(expires=m.BLOCKED)), [Person("ada")], RULES) == [m.Unblock("ada")]


def test_a_lock_that_is_not_ours_stays() -> None:
    assert plan(host(account(password=f"!{HASH}")), [Person("ada")], RULES) == []


def test_there_is_nothing_to_block_or_remove_without_an_account() -> None:
    assert plan(host(), [Person("ada", "blocked"), Person("bob", "absent", group="new")], RULES) == []


@pytest.mark.parametrize(
    ("remove", "actions"),
    [
        ("keep", [m.RemoveAccount("ada")]),
        ("archive", [m.Block("ada"), m.ArchiveHome("ada", "/home/ada"), m.RemoveHome("ada", "/home/ada"), m.RemoveAccount("ada")]),
        ("delete", [m.Block("ada"), m.RemoveHome("ada", "/home/ada"), m.RemoveAccount("ada")]),
    ],
)
def test_removal(remove: str, actions: list[m.Action]) -> None:
    assert plan(host(account()), [Person("ada", "absent")], Rules(remove=remove)) == actions


def test_removal_after_an_interruption() -> None:
    without_home = host(account(expires=m.BLOCKED), homes={})
    assert plan(without_home, [Person("ada", "absent")], Rules(remove="delete")) == [m.RemoveAccount("ada")]


def test_who_comes_back_gets_the_uid_of_the_home_and_nobody_else_does() -> None:
    found = host(account("zoe", 1006), homes={"/home/ada": 1007})
    made = [action.account for action in plan(found, [Person("bob"), Person("ada")], RULES) if isinstance(action, m.AddAccount)]
    assert [(one.name, one.uid) for one in made] == [("bob", 1008), ("ada", 1007)]


def test_only_one_person_gets_the_uid_of_homes_that_one_person_has_left() -> None:
    found = host(homes={"/home/ada": 1007, "/srv/ada": 1007})
    people = [Person("ada"), Person("bob", home="/srv/ada")]
    assert "bob: the home /srv/ada is there already and belongs to uid 1007, not to uid 1008" in refusal_of_all(found, people)


def test_ids_below_are_used_when_those_above_are_gone_and_then_it_ends() -> None:
    found = dataclasses.replace(host(account("zoe", 1003)), last_uid=1003)
    people = [Person("a"), Person("b"), Person("c", uid=1001)]
    assert [action.account.uid for action in plan(found, people, RULES) if isinstance(action, m.AddAccount)] == [1000, 1002, 1001]
    with pytest.raises(Refused, match="all ids from 1000 to 1003 are in use"):
        plan(found, [*people, Person("d")], RULES)


def test_a_group_that_is_there_becomes_the_own_one_if_it_is_not_the_systems() -> None:
    added = plan(host(groups={"ada": 1004}), [Person("ada")], RULES)[0]
    assert isinstance(added, m.AddAccount)
    assert (added.own_group, added.account.group, added.account.uid) == (None, "ada", 1005)
    assert "ada would get the rights of the system group ada" in refusal(host(groups={"ada": 27}), Person("ada"))
    assert plan(host(groups={"ada": 27, "x": 1000}), [Person("ada", group="x")], RULES)


@pytest.mark.parametrize(
    ("found", "person", "words"),
    [
        (host(account(uid=999)), Person("ada", "blocked"), "ada is a system account of this host (uid 999)"),
        (host(account(uid=65534)), Person("ada"), "ada is a system account"),
        (host(elsewhere=frozenset({"ada"})), Person("ada"), "directory service"),
        (host(leftovers=frozenset({"ada"})), Person("ada"), "ada has no account, but a line in /etc/shadow"),
        (host(account(password="x")), Person("ada", "blocked"), "ada has no line in /etc/shadow; make it with `pwconv`"),
        (host(), Person("ada", uid=33), "uid 33, which is in the range of system accounts; choose 1000"),
        (host(account("bob", 1001)), Person("ada", uid=1001), "uid 1001, which belongs to bob"),
        (host(account("bob", home="/home/ada")), Person("ada"), "the home /home/ada is bob's"),
        (host(account("bob", 1001), homes={"/home/ada": 1001}), Person("ada"), "belongs to bob, not to uid 1002"),
        (host(homes={"/home/ada": 0}), Person("ada"), "belongs to root, not to uid 1000"),
        (host(homes={"/home/ada": 1003}), Person("ada", uid=1004), "belongs to uid 1003, not to uid 1004"),
        (host(account()), Person("ada", uid=1002), "ada has uid 1001, not 1002"),
        (host(account()), Person("ada", home="/srv/ada"), "usermod --move-home --home /srv/ada ada"),
    ],
)
def test_refusals(found: m.Host, person: Person, words: str) -> None:
    assert words in refusal(found, person)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (host(account(), homes={"/home/ada": 0}), "the home /home/ada belongs to root"),
        (host(account(), account("bob", home="/home/ada"), homes={"/home/ada": 1001}), "is the home of bob as well"),
        (host(account("bob", home="/home/ada/b"), account()), "or holds it"),
        (host(account(), mounts=("/", "/home", "/home/ada/nfs")), "/home/ada/nfs is a mount in the home"),
    ],
)
def test_homes_that_are_not_deleted(found: m.Host, words: str) -> None:
    for remove in ("archive", "delete"):
        assert words in refusal(found, Person("ada", "absent"), Rules(remove=remove))
    assert plan(found, [Person("ada", "absent")], RULES) == [m.RemoveAccount("ada")]


def test_ten_thousand_people_leave_at_once() -> None:
    leavers = [f"p{number}" for number in range(10000)]
    found = host(*(account(name, 1000 + number) for number, name in enumerate(leavers)), mounts=("/", "/home"))
    assert len(plan(found, [Person(name, "absent") for name in leavers], Rules(remove="delete"))) == 30000


def test_neighbours_with_a_similar_home_are_no_obstacle() -> None:
    found = host(account(), account("adam", 1002), mounts=("/home/adam",))
    assert plan(found, [Person("ada", "absent")], Rules(remove="delete"))


def test_two_new_people_cannot_share_a_home() -> None:
    with pytest.raises(Refused, match="bob: the home /srv/x is ada's"):
        plan(host(), [Person("ada", home="/srv/x"), Person("bob", home="/srv/x")], RULES)


def test_all_refusals_are_told_at_once() -> None:
    with pytest.raises(Refused) as caught:
        plan(host(account(uid=3)), [Person("ada"), Person("bob", uid=5), Person("carl")], RULES)
    assert len(str(caught.value).splitlines()) == 2


def test_running_processes() -> None:
    found = host(account(), running={1001: ("a", "b", "c", "d", "e"), 7: ("x",)})
    assert busy(found, [Person("ada"), Person("bob", "absent")]) == []
    assert "still runs a, b, c and 2 more; stop" in busy(found, [Person("ada", "absent")])[0]


def test_the_report_shows_steps_but_no_hash() -> None:
    found = host(account(password=HASH), account("bob", 1002))
    people = [Person("ada", password=OTHER, unix_groups=("new",)), Person("bob"), Person("carl", "absent")]
    actions = plan(found, people, RULES)
    diff = _account_report.diff(found, predict(found, actions), actions)
    assert diff["before"].splitlines() == [
        "group new: absent",
        "account ada: present, uid 1001, group ada, shell /bin/bash, home /home/ada, password set",
    ]
    assert diff["after"].splitlines() == [
        "group new: gid 1003 [group created]",
        "account ada: present, uid 1001, group ada, groups new, shell /bin/bash, home /home/ada, password set [changed, password set]",
    ]
    users = _account_report.users(people, predict(found, actions), actions)
    assert [(user["name"], user["done"], user.get("uid")) for user in users] == [
        ("ada", ["changed", "password set"], 1001),
        ("bob", [], 1002),
        ("carl", [], None),
    ]
    assert OTHER not in repr((diff, users, actions, predict(found, actions)))


# Any host, any list, any place of interruption.

# No time limit and no folder of examples: a loaded machine and a read-only checkout are no failures.
any_case = settings(deadline=None, database=None)
NAMES = ("ada", "bob", "carl", "dora")
PASSWORDS = st.sampled_from([m.NO_PASSWORD, "!", "*", "", HASH, f"!{HASH}"])
AGES = st.sampled_from(["", "0:365:7:30"])
GROUPS = st.sampled_from([None, "audio", "hub", "lab"])
MEMBERSHIPS = st.lists(st.sampled_from(["audio", "hub", "lab"]), unique=True, max_size=3)


@st.composite
def hosts(draw: st.DrawFn) -> m.Host:
    accounts = [
        account(
            name,
            1000 + number,
            group=draw(st.sampled_from([name, "audio"])),
            groups=frozenset(draw(st.sampled_from([(), ("lab",)]))),
            password=draw(PASSWORDS),
            expires=draw(st.sampled_from(["", m.BLOCKED, "99999"])),
            ageing=draw(AGES),
        )
        for number, name in enumerate(NAMES)
        if draw(st.booleans())
    ]
    homes = {one.home: one.uid for one in accounts if draw(st.booleans())}
    left = {f"/home/{name}": 1500 for name in NAMES[:1] if name not in {one.name for one in accounts} and draw(st.booleans())}
    return host(
        *accounts, groups={"audio": 29, "lab": 1900, **{one.name: one.uid for one in accounts}}, homes=homes | left, ageing=draw(AGES)
    )


@st.composite
def people(draw: st.DrawFn) -> list[Person]:
    return [
        Person(
            name,
            draw(st.sampled_from(["present", "present", "blocked", "absent"])),
            group=draw(GROUPS),
            unix_groups=tuple(draw(MEMBERSHIPS)),
            shell=draw(st.sampled_from([None, "/bin/sh"])),
            comment=draw(st.sampled_from([None, "", "text"])),
            password=draw(st.sampled_from([None, HASH, OTHER])),
        )
        for name in draw(st.permutations(NAMES))
        if draw(st.booleans())
    ]


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    removal = draw(st.sampled_from(["keep", "archive", "delete"]))
    return Rules(group=draw(GROUPS), unix_groups=tuple(draw(MEMBERSHIPS)), remove=removal)


def check_wanted(before: m.Host, after: m.Host, person: Person, rules: Rules) -> None:
    old, new = before.accounts.get(person.name), after.accounts.get(person.name)
    if person.state == "absent":
        assert new is None
        assert old is None or rules.remove == "keep" or old.home not in after.homes
    elif person.state == "blocked":
        assert (new is None) == (old is None)
        assert new is None or (new.blocked and new.password.startswith("!"))
    else:
        assert new is not None
        assert not new.blocked
        assert not (new.unfinished and after.ageing)
        assert after.homes[new.home] == new.uid
        assert {*person.unix_groups, *rules.unix_groups} <= {new.group, *new.groups}
        assert {new.group, *new.groups} <= set(after.groups)
        assert new.group == person.group or person.group is None
        assert new.shell == person.shell or person.shell is None
        assert new.comment == person.comment or person.comment is None
        assert new.password == person.password or person.password is None


@any_case
@given(hosts(), people(), rules())
def test_a_plan_leads_to_what_is_wanted_and_touches_nobody_else(before: m.Host, people: list[Person], rules: Rules) -> None:
    after = predict(before, plan(before, people, rules))
    assert plan(after, people, rules) == []
    for person in people:
        check_wanted(before, after, person, rules)
    for name in set(before.accounts) - {person.name for person in people}:
        assert after.accounts[name] == before.accounts[name]
    assert len({one.uid for one in after.accounts.values()}) == len(after.accounts)


@any_case
@given(hosts(), people(), rules(), st.data())
def test_whatever_is_left_by_an_interruption_is_finished_by_the_next_run(
    before: m.Host, people: list[Person], rules: Rules, data: st.DataObject
) -> None:
    actions = plan(before, people, rules)
    interrupted = predict(before, actions[: data.draw(st.integers(0, len(actions)))])
    after = predict(interrupted, plan(interrupted, people, rules))
    assert plan(after, people, rules) == []
    for person in people:
        check_wanted(before, after, person, rules)
        # A lock that was ours is not left behind as somebody else's.
        if person.state == "present" and (old := before.accounts.get(person.name)) and old.blocked and not person.password:
            assert after.accounts[person.name].password in (old.password.lstrip("!") or m.NO_PASSWORD, old.password)
            assert not after.accounts[person.name].password.startswith("!$")
