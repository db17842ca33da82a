# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts with homes, as whole plays: a loop of ansible.builtin.user, the best of Ansible's own modules, and ours.

All three get the list from group_vars, as JSON. The loop runs once, over 100 people, and is reckoned up to 1,000 in proportion,
which flatters it, as it takes the longer for each account the more there are. With BENCH_FULL=1 it runs over 1,000.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack

from bench import RUNS, Machine, machine, ratio, seconds, tell

MANY = 1000
LOOPED = MANY if os.environ.get("BENCH_FULL") else 100
MORE = 10000


class Batch:
    """People whom nobody else has made."""

    def __init__(self, host: Machine, letter: str, first: int, size: int) -> None:
        self.host = host
        self.people = [
            {"name": f"{letter}{first + number}", "uid": first + number, "comment": f"Person {number}"} for number in range(size)
        ]

    def play(self, way: str, **variables: object) -> float:
        self.host.give_group({"people": self.people})
        return seconds(lambda: self.host.play(f"benchmarks/accounts/{way}.yml", **variables))


def ours(host: Machine) -> Batch:
    return Batch(host, "o", 25000, MANY)


def measure(host: Machine, note: Callable[[str, float], None], looped: bool) -> None:
    note("a play that does nothing", seconds(lambda: host.play("benchmarks/empty.yml")))
    if looped:
        loop = Batch(host, "l", 10000, LOOPED)
        note("loop, new", loop.play("loop"))
        note("loop, unchanged", loop.play("loop"))
    for way, batch in (("idiom", Batch(host, "i", 20000, MANY)), ("ours", ours(host))):
        note(f"{way}, new", batch.play(way))
        note(f"{way}, unchanged", batch.play(way))
    for state in ("blocked", "present"):
        note(f"ours, {state} again", ours(host).play("ours", people_state=state))
    more = Batch(host, "m", 30000, MORE)
    note("ours, 10,000 new", more.play("ours"))
    note("ours, 10,000 unchanged", more.play("ours"))


def reckoned(loop: float, nothing: float) -> float:
    """What the loop takes for 1,000."""
    return nothing + (loop - nothing) * MANY / LOOPED


def main() -> None:
    times: dict[str, list[float]] = {}

    def note(what: str, took: float) -> None:
        times.setdefault(what, []).append(took)

    with ExitStack() as machines:
        hosts = []
        # Nothing is removed before the end: an ext4 without a journal, as virtual machines have it, passes for minutes over each file
        # that was removed whenever it makes one, which takes several times as long as to make it.
        for run in range(RUNS):
            hosts.append(machines.enter_context(machine(f"accounts-{run}")))
            measure(hosts[run], note, looped=run == 0)
        for host in hosts:
            note("ours, 1,000 of 11,000 removed", ours(host).play("ours", people_state="absent"))
    middle = {what: tell(what, values) for what, values in times.items()}
    for what, goal in (("new", "at least 100"), ("unchanged", "at least 150")):
        loop = reckoned(middle[f"loop, {what}"], middle["a play that does nothing"])
        ratio(f"loop (of {LOOPED}, for 1,000) / ours, {what}", loop / middle[f"ours, {what}"], goal)
    ratio("ours / idiom, unchanged", middle["ours, unchanged"] / middle["idiom, unchanged"], "at most 1")
    ratio("10,000 new, in seconds", middle["ours, 10,000 new"], "at most 8")


if __name__ == "__main__":
    main()
