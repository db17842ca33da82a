# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines of a scenario as the tests on the controller see them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]


def address(container: str) -> str:
    """The address of a container in the network of its scenario."""
    return _network(container)["IPAddress"]


def addresses(container: str) -> dict[str, str]:
    """All the names by which the other machines reach a container, with its address."""
    found = _network(container)
    return dict.fromkeys(found["Aliases"] or (), found["IPAddress"])


def _network(container: str) -> dict[str, Any]:
    out = subprocess.run(["docker", "inspect", container], capture_output=True, text=True, check=True, timeout=30).stdout
    return next(iter(json.loads(out)[0]["NetworkSettings"]["Networks"].values()))


def run(container: str, script: str, stdin: str = "") -> str:
    """Run a script on a machine that is not the one under test; returns what it printed."""
    command = ["docker", "exec", "--interactive", container, "sh", "-ec", script]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True, timeout=60).stdout


def inside(container: str, command: str) -> str:
    """What a shell command prints on a machine that has no hub, which is where the tests themselves look."""
    done = subprocess.run(["docker", "exec", container, "sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{command} on {container}: {done.stderr}")
    return done.stdout


@contextmanager
def names(known: dict[str, str]) -> Iterator[None]:
    """Let this process resolve the machines' names, as its DNS does not know them."""

    outer = socket.getaddrinfo

    def lookup(host, *rest, **options):
        return outer(known.get(host, host), *rest, **options)

    socket.getaddrinfo = lookup
    try:
        yield
    finally:
        socket.getaddrinfo = outer


def play(scenario: str, *arguments: str, playbook: str = "converge.yml", timeout: float = 600, **variables: object) -> tuple[int, str]:
    """Run a scenario's playbook again as its user would; returns the exit code and everything it printed."""
    process = start_play(scenario, *arguments, playbook=playbook, **variables)
    out = process.communicate(timeout=timeout)[0]
    return process.returncode, out


def task(scenario: str, module: str, **arguments: object) -> dict[str, Any]:
    """Run one task on the only machine of a scenario, as somebody would by hand; returns its result, and what Ansible ``said``."""
    given = ["--inventory", "inventory/", "jupyterhub", "--module-name", f"hubsmith.jupyterhub.{module}", "--args", json.dumps(arguments)]
    done = subprocess.run(
        ["ansible", *given],
        cwd=CHECKOUT / "molecule" / scenario,
        env=_settings("json"),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    result = json.loads(done.stdout[done.stdout.index("=> {") + 3 : done.stdout.rindex("}") + 1])
    return {"failed": done.returncode != 0, "said": done.stdout + done.stderr, **result}


def start_play(scenario: str, *arguments: str, playbook: str = "converge.yml", **variables: object) -> subprocess.Popen:
    command = ["ansible-playbook", "--inventory", "inventory/", playbook, "--extra-vars", json.dumps(variables), *arguments]
    folder = CHECKOUT / "molecule" / scenario
    return subprocess.Popen(command, cwd=folder, env=_settings("yaml"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _settings(result_format: str) -> dict[str, str]:
    """The environment in which Ansible says what these tests can read, whatever the settings around them are."""
    return {
        **os.environ,
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": result_format,
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_FORCE_COLOR": "false",
    }


def until(condition: Callable[[], object], timeout: float = 60, every: float = 0.2) -> float:
    """Wait until the condition holds; returns the seconds that took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > timeout:
            raise TimeoutError(f"{condition} does not hold after {timeout} s")
        time.sleep(every)
    return time.monotonic() - start
