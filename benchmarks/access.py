# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody new, until they are logged in, while a probe asks the hub and somebody else's server every 50 ms.

First in a hub that runs beside this, with few and with many people: by a write of the file, by the module ``access``, and in a plain hub,
which has the names in its configuration and is restarted. Then on a machine with 1,000 people, by the playbook add_people.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import machines
from bench import (
    ADA,
    HASH,
    PASSWORD,
    RUNS,
    WITHOUT_OCTAVE,
    Entries,
    Machine,
    content,
    machine,
    people,
    plainly,
    ratio,
    seconds,
    tasks,
    tell,
)
from person import Person, Watch
from running import Hub, until

FEW, SOME, MANY = 10, 1000, 10_000
MODULE = [sys.executable, "-m", "ansible_collections.hubsmith.jupyterhub.plugins.modules.access"]
URL = "https://hub.example.test/"
Change = Callable[[Hub, Entries], None]


class Probes:
    """Of the hub and of somebody's server, one pair for each run."""

    def __init__(self, worker: Person, path: str) -> None:
        self.worker = worker
        self.path = path
        self.hub: list[Watch] = []
        self.server: list[Watch] = []

    @contextmanager
    def watch(self) -> Iterator[None]:
        self.hub.append(Watch(self.worker, address=f"{self.worker.url}hub/health"))
        self.server.append(Watch(self.worker, self.path))
        with self.hub[-1], self.server[-1]:
            time.sleep(0.5)
            yield
            time.sleep(0.5)

    def tell(self, what: str, goal: str = "0") -> None:
        for whose, watches in (("the hub", self.hub), ("somebody's server", self.server)):
            asked, failed = sum(watch.asked for watch in watches), sum(len(watch.failures) for watch in watches)
            ratio(f"{what}: failed of {asked} requests to {whose}", failed, goal)
        tell(f"{what}: longest time between two answers of the hub", [watch.gap for watch in self.hub])


def enter(person: Person) -> None:
    if person.log_in().status_code != 200:
        raise SystemExit(f"{person.name} does not get in")


# -- in a hub that runs beside this


def write(hub: Hub, everybody: Entries) -> None:
    hub.write_bytes(content(everybody))
    until(lambda: hub.state()["sha256"] == hub.sha256(), 60)


def module(hub: Hub, everybody: Entries) -> None:
    arguments = {"path": str(hub.path), "state_file": str(hub.folder / "state.json"), "users": everybody, "state": "exact", "wait": True}
    done = subprocess.run(MODULE, input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), capture_output=True, text=True, check=False)
    if done.returncode or not json.loads(done.stdout)["applied"]:
        raise SystemExit(done.stdout + done.stderr)


def restart(hub: Hub, everybody: Entries) -> None:
    hub.extra = plainly(everybody)
    hub.stop()
    hub.start(timeout=600)


def add(what: str, hub: Hub, worker: Person, everybody: Entries, change: Change) -> tuple[float, Probes]:
    """Somebody new for each run; returns the median until they could log in."""
    probes = Probes(worker, "")
    forced, entered = [], []
    for run in range(RUNS):
        newcomer = hub.person(f"{change.__name__}-{run}")
        everybody.append({"name": newcomer.name})
        with probes.watch():
            start = time.monotonic()
            change(hub, everybody)
            forced.append(time.monotonic() - start)
            enter(newcomer)
            entered.append(time.monotonic() - start)
    tell(f"{what}: until in force", forced)
    return tell(f"{what}: until logged in", entered), probes


@contextmanager
def working(hub: Hub) -> Iterator[Person]:
    """Somebody who works in the hub, while it runs."""
    try:
        hub.start(timeout=600)
        worker = hub.person("worker")
        enter(worker)
        worker.start()
        yield worker
    finally:
        hub.close()


def beside(folder: Path, number: int) -> None:
    everybody = [*people(number - 1), {"name": "worker"}]
    # How often this one looks is the default, and not what the tests have.
    hub = Hub(folder / f"live-{number}", 'del c.LiveAccess["poll_seconds"]\n')
    hub.write_bytes(content(everybody))
    with working(hub) as worker:
        for change in (write, module):
            what = f"{number:,} people, by {change.__name__}"
            took, probes = add(what, hub, worker, everybody, change)
            ratio(f"{what}, in seconds", took, "under 2")
            probes.tell(what)
    plain = Hub(folder / f"plain-{number}", plainly(everybody), last="")
    with working(plain) as worker:
        what = f"{number:,} people, a plain hub restarted"
        _took, probes = add(what, plain, worker, everybody, restart)
        probes.tell(what, "none")


# -- on a machine


def add_people(host: Machine, ca: str) -> None:
    ada = Person(URL, "ada", PASSWORD, ca)
    enter(ada)
    ada.open_server()
    probes = Probes(ada, "api/status")
    nothing, played, entered, said = [], [], [], ""
    for run in range(RUNS):
        nothing.append(seconds(lambda: host.play("benchmarks/empty.yml")))
        newcomer = Person(URL, f"newcomer{run}", PASSWORD, ca)
        with probes.watch():
            start = time.monotonic()
            said = host.play("playbooks/add_people.yml", people=[{"name": newcomer.name, "password": HASH}])
            played.append(time.monotonic() - start)
            enter(newcomer)
            entered.append(time.monotonic() - start)
    what = f"one person among {SOME:,}"
    tell("a play that does nothing", nothing)
    tell(f"{what}: the play add_people", played)
    took = tell(f"{what}: until logged in", entered)
    ratio(f"{what}, in seconds", took, "at most 2")
    probes.tell(what)
    print("Where the time goes, in the last of these:")
    parts = tasks(said)
    parts += [("before the first task and after the last", played[-1] - sum(spent for _task, spent in parts))]
    for name, spent in [*parts, ("the login", entered[-1] - played[-1])]:
        print(f"    {spent:7.2f} s  {name}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number in (FEW, MANY):
            beside(Path(folder), number)
    everybody = [ADA, *people(SOME - 1)]
    with machine("access") as host, tempfile.NamedTemporaryFile() as ca:
        host.give_group({"jupyterhub_users": everybody})
        host.play(**WITHOUT_OCTAVE)
        ca.write(host.shell("cat /etc/jupyterhub/secrets/tls.crt").encode())
        ca.flush()
        with machines.names({"hub.example.test": machines.address(host.name)}):
            add_people(host, ca.name)


if __name__ == "__main__":
    main()
