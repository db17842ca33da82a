# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of servers, and how they are stopped."""

from __future__ import annotations

import asyncio
import logging
import types

import pytest
from hubsmith_access import servers
from jupyterhub.spawner import LocalProcessSpawner, Spawner


@pytest.mark.parametrize(
    ("limits", "memory", "processors"),
    [
        ({}, 2**30, 1.0),
        ({"memory": "4G"}, 4 * 2**30, 1.0),
        ({"memory": 4096}, 4096, 1.0),
        ({"memory": "4096"}, 4096, 1.0),
        ({"cpu": 2}, 2**30, 2.0),
        ({"cpu": "1.5", "memory": "512M"}, 512 * 2**20, 1.5),
    ],
)
def test_limits_take_the_place_of_the_site_s(limits, memory, processors):
    spawner = Spawner(mem_limit="1G", cpu_limit=1)
    servers.limit(spawner, limits)
    assert (spawner.mem_limit, spawner.cpu_limit) == (memory, processors)


def test_nothing_that_is_chosen_later_goes_beyond():
    spawner = LocalProcessSpawner()
    servers.limit(spawner, {"memory": "4G", "cpu": 2})
    spawner.mem_limit, spawner.cpu_limit = "16G", 8
    assert (spawner.mem_limit, spawner.cpu_limit) == (4 * 2**30, 2)
    spawner.mem_limit = spawner.cpu_limit = None
    assert (spawner.mem_limit, spawner.cpu_limit) == (4 * 2**30, 2)
    spawner.mem_limit, spawner.cpu_limit = "1G", 0.5
    assert (spawner.mem_limit, spawner.cpu_limit) == (2**30, 0.5)


class FakeServer:
    """As much of a spawner as the hub's own bookkeeping shows."""

    def __init__(self, pending=None, fails=0):
        self.pending, self.fails, self.active, self._log_name = pending, fails, True, "ada"
        self._stop_pending = False


class FakeUser:
    def __init__(self, **spawners):
        self.name, self.spawners, self.stopped = "ada", spawners, []

    async def stop(self, name):
        spawner = self.spawners[name]
        await asyncio.sleep(0)
        if spawner.fails:
            spawner.fails -= 1
            raise RuntimeError("it does not want to")
        spawner.active = False
        self.stopped.append(name)
        del self.spawners[name]


@pytest.fixture(name="proxy")
def fixture_proxy():
    async def delete_user(_user, name):
        proxy.gone.append(name)
        if proxy.fails:
            raise OSError("no proxy")

    proxy = types.SimpleNamespace(gone=[], fails=False, delete_user=delete_user)
    return proxy


def stop(user, proxy, meanwhile=lambda: None):
    told = []

    async def run():
        stopper = servers.Stopper(types.SimpleNamespace(proxy=proxy), logging.getLogger("test"), lambda: told.append(stopper.pending))
        stopper.stop_all_of(user)
        stopper.stop_all_of(user)
        await asyncio.sleep(0.02)
        meanwhile()
        async with asyncio.timeout(5):
            while stopper.pending:
                await asyncio.sleep(0.01)

    asyncio.run(run())
    return told


def test_all_servers_are_stopped_once(proxy):
    user = FakeUser(one=FakeServer(), two=FakeServer())
    told = stop(user, proxy)
    assert sorted(user.stopped) == sorted(proxy.gone) == ["one", "two"]
    assert told[0] == ["ada"]
    assert told[-1] == []


@pytest.mark.parametrize("pending", ["spawn", "stop", "check"])
def test_a_server_that_is_busy_is_stopped_as_soon_as_it_can_be(proxy, pending):
    spawner = FakeServer(pending=pending)
    user = FakeUser(one=spawner)

    def meanwhile():
        assert user.stopped == []
        spawner.pending = None

    stop(user, proxy, meanwhile)
    assert user.stopped == ["one"]


def test_a_server_that_has_ended_meanwhile_is_left_alone(proxy):
    spawner = FakeServer(pending="spawn")
    user = FakeUser(one=spawner)

    def meanwhile():
        spawner.pending, spawner.active = None, False

    stop(user, proxy, meanwhile)
    assert user.stopped == proxy.gone == []


def test_neither_a_proxy_nor_a_spawner_that_fails_lets_a_server_live(proxy, monkeypatch, caplog):
    monkeypatch.setattr(servers, "_AGAIN", 0.01)
    proxy.fails = True
    user = FakeUser(one=FakeServer(fails=2))
    stop(user, proxy)
    assert user.stopped == ["one"]
    assert "cannot be stopped" in caplog.text
