# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the measurements share: throwaway machines, our play, and medians."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_file, _people

CHECKOUT = Path(__file__).resolve().parents[1]

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
PASSWORD = "correct horse battery staple"
HASH = "$6$hubsmithtest$Tb1zpVQiUzL4utlzYYB3iiwsKdW6Y5HxuGRTPB03DIZAgRCv0.kvFJtWVKxchzCbHtmqd4w42rY8SLHDXt/fU1"
VARIABLES = {
    "ansible_connection": "community.docker.docker",
    "ansible_python_interpreter": "/usr/bin/python3",
    "jupyterhub_domain": "hub.example.test",
}
ADA: dict[str, object] = {"name": "ada", "password": HASH}
WITHOUT_OCTAVE = {"jupyterhub_parts": ["users", "tls", "proxy", "env", "service"]}


class Machine:
    """A machine under systemd on which nothing is installed yet, unless ``more`` names another image."""

    def __init__(self, name: str, folder: Path, **more: str) -> None:
        self.name = name
        self.inventory = folder / "hosts.json"
        host = {**VARIABLES, "suite": "trixie", "aliases": ["hub.example.test"], **more}
        group = {"hosts": {name: host}, "vars": {"jupyterhub_users": [ADA]}}
        self.inventory.write_text(json.dumps({"jupyterhub": group}), encoding="utf-8")

    def give_group(self, variables: Mapping[str, object]) -> None:
        """What the machine's group has in place of what stands in the inventory itself."""
        file = self.inventory.parent / "group_vars" / "jupyterhub.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(variables), encoding="utf-8")

    def play(self, playbook: str = "playbooks/site.yml", settings: Mapping[str, str] | None = None, **variables: object) -> str:
        """Run a playbook against the machine, with ``settings`` in Ansible's environment; returns what it printed."""
        command = ["ansible-playbook", "--inventory", str(self.inventory), playbook, "--extra-vars", json.dumps(variables)]
        environment = {
            **os.environ,
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_CALLBACKS_ENABLED": "ansible.posix.profile_tasks",
            "MOLECULE_SCENARIO_NAME": self.name,
            **(settings or {}),
        }
        # As people have it: to compile itself anew takes Ansible a second of each play.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        return done.stdout

    def shell(self, script: str, stdin: str = "") -> str:
        """Run a script on the machine, as a person would by hand."""
        command = ["docker", "exec", "--interactive", self.name, "sh", "-ec", script]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout


@contextmanager
def machine(name: str, **more: str) -> Iterator[Machine]:
    """A fresh machine, which is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        made = Machine(f"bench-{name}", Path(folder), **more)
        made.play("molecule/shared/create.yml")
        try:
            yield made
        finally:
            made.play("molecule/shared/destroy.yml")


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    start = time.monotonic()
    action()
    return time.monotonic() - start


def tasks(said: str) -> list[tuple[str, float]]:
    """From what a play printed: its tasks and the seconds that each took, the longest first."""
    return [(name, float(took)) for name, took in re.findall(r"^(.+?) -+ +([\d.]+)s$", said, re.MULTILINE)]


Entries = list[dict[str, object]]


def people(number: int) -> Entries:
    """People who log in elsewhere, with a little of everything; always the same ones for a number."""
    return [
        {"name": f"p{place:06}", "identities": [f"person.{place}@example.org"], "groups": [f"course-{place % 20}"] if place % 3 else []}
        for place in range(number)
    ]


def content(entries: Entries) -> bytes:
    """The access file for these people, as the modules write it."""
    return _access_file.render(_people.parse(entries))


def plainly(entries: Entries) -> str:
    """The line of a plain hub's configuration for the same people."""
    return f"c.Authenticator.allowed_users = {{{', '.join(repr(entry['name']) for entry in entries)}}}\n"


def tell(what: str, values: list[float], unit: str = "s") -> float:
    """Print the median and all values; returns the median."""
    middle = median(values)
    print(f"{what:64} {middle:8.2f} {unit}   ({', '.join(f'{value:.2f}' for value in values)})", flush=True)
    return middle


def ratio(what: str, value: float, limit: str) -> None:
    """Print a ratio, or a number of things, beside the goal that it is held to."""
    print(f"{what:64} {value:8{'d' if isinstance(value, int) else '.2f'}}     (goal: {limit})", flush=True)
