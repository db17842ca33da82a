# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of 10,000 people, as whole plays and as the module's own process: ours, a template, and a loop of lineinfile.

All three get the list from group_vars, as JSON. The template writes what ours writes; unlike ours it checks none of it. The loop runs
once, over 100 names, and is reckoned up to 10,000 in proportion, which flatters it, as it reads the file anew for each name.
"""

from __future__ import annotations

import json

from bench import RUNS, Entries, Machine, machine, people, ratio, seconds, tasks, tell

MANY = 10_000
LOOPED = 100
# Runs a program and tells its time, the processor's time in it, and the most memory that it had.
METER = """
import json, resource, subprocess, sys, time
start = time.monotonic()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True, text=True)
took, used = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
told = {"took": took, "busy": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}
print(json.dumps({**told, "changed": json.loads(done.stdout)["changed"]}))
"""


class Way:
    """A playbook, and the seconds that it and its task take, by what there is to do."""

    def __init__(self, host: Machine, playbook: str) -> None:
        self.host = host
        self.playbook = f"benchmarks/{playbook}.yml"
        self.name = playbook.rpartition("/")[2]
        self.times: dict[str, list[tuple[float, float]]] = {}

    def play(self, what: str, entries: Entries, **settings: str) -> None:
        self.host.give_group({"people": entries})
        said: list[str] = []
        whole = seconds(lambda: said.append(self.host.play(self.playbook, settings)))
        self.times.setdefault(what, []).append((whole, sum(took for _task, took in tasks(said[0]))))

    def tell(self) -> dict[str, float]:
        for what, times in self.times.items():
            tell(f"{self.name}, {what}, the task", [task for whole, task in times])
        return {what: tell(f"{self.name}, {what}, the play", [whole for whole, task in times]) for what, times in self.times.items()}


def payload(host: Machine, name: str, entries: Entries) -> str:
    """The program that Ansible sends for this list, kept on the machine under a name."""
    host.shell("rm -rf /root/.ansible/tmp")
    Way(host, "access/ours").play("", entries, ANSIBLE_KEEP_REMOTE_FILES="true")
    host.shell(f"mv /root/.ansible/tmp/*/AnsiballZ_access.py /root/{name}.py")
    return f"/root/{name}.py"


def meter(host: Machine, program: str, changed: bool) -> dict[str, float]:
    told = json.loads(host.shell(f"python3 - python3 {program}", METER))
    if told["changed"] is not changed:
        raise SystemExit(f"{program} was to be measured with {changed=}")
    return told


def alone(host: Machine, lists: dict[str, Entries]) -> None:
    """The module's process: nothing to do, and from one list to the other, which differ in one person."""
    programs = [payload(host, name, entries) for name, entries in lists.items()]
    meter(host, programs[0], changed=True)
    idle = [meter(host, programs[0], changed=False) for _run in range(RUNS)]
    changing = [meter(host, programs[run % 2], changed=True) for run in range(1, RUNS + 1)]
    for what, told, goal in (("nothing to do", idle, 1), ("one change", changing, 1.5)):
        took = tell(f"the module's process, {what}", [one["took"] for one in told])
        tell(f"the module's process, {what}, of that the processor", [one["busy"] for one in told])
        ratio(f"the module's process, {what}, in seconds", took, f"under {goal}")
    ratio("its memory, in MiB", tell("its memory", [one["memory"] for one in idle + changing], "MiB"), "under 100")


def main() -> None:
    everybody = people(MANY)
    with machine("access-exact") as host:
        ways = {way.name: way for way in (Way(host, playbook) for playbook in ("access/ours", "access/idiom", "access/loop", "empty"))}
        for way in ("ours", "idiom"):
            ways[way].play("new", everybody)
        for run in range(RUNS):
            ways["empty"].play("nothing", everybody)
            for way in ("ours", "idiom"):
                ways[way].play("unchanged", everybody)
            for way in ("ours", "idiom"):
                ways[way].play("one change", [*everybody[:-1], {"name": f"newcomer{run}"}])
                ways[way].play("back", everybody)
        for what in ("new", "unchanged"):
            ways["loop"].play(what, everybody[:LOOPED])
        middle = {name: way.tell() for name, way in ways.items()}
        nothing = middle["empty"]["nothing"]
        for what in ("new", "unchanged"):
            loop = nothing + (middle["loop"][what] - nothing) * MANY / LOOPED
            ratio(f"loop (of {LOOPED}, for {MANY:,}) / ours, {what}", loop / middle["ours"][what], "none")
        ratio("ours / idiom, unchanged", middle["ours"]["unchanged"] / middle["idiom"]["unchanged"], "none")
        alone(host, {"everybody": everybody, "other": [*everybody[:-1], {"name": "newcomer"}]})


if __name__ == "__main__":
    main()
