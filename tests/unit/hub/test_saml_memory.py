# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hub remembers of logins by SAML, for how long, and how much."""

from __future__ import annotations

import pytest
from hubsmith_login import saml_memory, saml_sessions
from hubsmith_login.saml_memory import LIFETIME, Memory, Pending, Session


@pytest.fixture(name="clock")
def fixture_clock(monkeypatch):
    class Clock:
        now = 1_000_000.0

        def time(self):
            return self.now

        monotonic = time

    clock = Clock()
    monkeypatch.setattr(saml_memory, "time", clock)
    monkeypatch.setattr(saml_sessions, "time", clock)
    return clock


@pytest.fixture(name="path")
def fixture_path(tmp_path):
    return tmp_path / "saml.sqlite"


@pytest.fixture(name="memory")
def fixture_memory(path, clock):
    return Memory(str(path))


def test_a_login_is_used_up_once(memory, path):
    first, second = Pending("first", "browser", "/hub/home"), Pending("second", "browser", "")
    memory.begin(first)
    memory.begin(second)
    assert memory.pending("first") == first
    assert memory.spend("first", "assertion", 2_000_000)
    assert memory.pending("first") is None
    assert not memory.spend("first", "other", 2_000_000)
    # An assertion that was used leaves what it is brought for as it was, also for a hub that has just started.
    assert not Memory(str(path)).spend("second", "assertion", 2_000_000)
    assert Memory(str(path)).pending("second") == second
    assert memory.spend_message("message", 2_000_000)
    assert not memory.spend_message("message", 2_000_000)


def test_nothing_is_remembered_for_ever(memory, clock):
    memory.begin(Pending("first", "browser", ""))
    assert memory.spend("first", "assertion", clock.now + 60)
    memory.begin(Pending("second", "browser", ""))
    clock.now += LIFETIME + 1
    assert memory.pending("second") is None
    memory.begin(Pending("third", "browser", ""))
    assert memory.spend("third", "assertion", clock.now + 60)


def test_who_floods_it_only_makes_it_forget(memory, monkeypatch):
    monkeypatch.setattr(saml_memory, "_MOST", 3)
    for number in range(10):
        memory.begin(Pending(f"request-{number}", "browser", ""))
    assert [number for number in range(10) if memory.pending(f"request-{number}")] == [6, 7, 8, 9]


def test_sessions(memory):
    for browser, user, name, index in (("a", "ada", "A", "1"), ("b", "ada", "A", "2"), ("c", "ada", "A", ""), ("d", "bob", "B", "1")):
        memory.remember(browser, name, Session(user, f"coded {name}", index))
    assert memory.forget_browser("a") == Session("ada", "coded A", "1")
    assert memory.forget_browser("a") is None
    assert memory.forget_name("A", ["1"]) == {"ada"}
    assert memory.forget_name("A", ["1"]) == set()
    assert memory.forget_name("A", []) == {"ada"}
    assert memory.forget_browser("d") == Session("bob", "coded B", "1")


def test_what_was_verified_is_had_once_and_soon(clock):
    finishing = saml_sessions.Finishing()
    finishing.put("one", 1)
    finishing.put("two", 2)
    assert (finishing.take("one"), finishing.take("one")) == (1, None)
    clock.now += 61
    assert finishing.take("two") is None
