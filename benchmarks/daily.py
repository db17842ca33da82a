# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hub costs every day: a run with nothing to do, the memory of an idle hub, the time from login to JupyterLab."""

from __future__ import annotations

import tempfile

import machines
from bench import PASSWORD, RUNS, Machine, machine, ratio, seconds, tell
from person import Person


def memory(host: Machine, unit: str) -> float:
    """Proportional set size of all of a unit's processes, in MiB."""
    group = host.shell(f"systemctl show {unit} --property=ControlGroup --value").strip()
    # The first is where systemd keeps its groups on a host with the older hierarchy.
    script = f"cd /sys/fs/cgroup/systemd{group} 2>/dev/null || cd /sys/fs/cgroup{group}; for p in $(cat cgroup.procs); do"
    script += " grep ^Pss: /proc/$p/smaps_rollup; done"
    return sum(int(line.split()[1]) for line in host.shell(script).splitlines()) / 1024


def login(host: Machine, ca: str) -> tuple[float, float]:
    """Seconds of the login itself, and from then to a JupyterLab that answers."""
    with machines.names({"hub.example.test": machines.address(host.name)}):
        ada = Person("https://hub.example.test/", "ada", PASSWORD, ca)
        first = seconds(ada.log_in)
        second = seconds(ada.open_server)
        if "JupyterLab" not in ada.session.get(f"{ada.server}lab", timeout=60).text:
            raise SystemExit("JupyterLab did not come")
        ada.stop_server()
        machines.until(lambda: state(host) != "active")
    return first, second


def state(host: Machine) -> str:
    return host.shell("systemctl is-active jupyter-ada || true").strip()


def main() -> None:
    with machine("daily") as host, tempfile.NamedTemporaryFile() as ca:
        host.play()
        again = tell("a run with nothing to do", [seconds(host.play) for _run in range(RUNS)])
        ratio("a run with nothing to do, in seconds", again, "at most 12")
        tell("memory of the idle hub", [memory(host, "jupyterhub.service")], "MiB")
        tell("memory of the idle proxy", [memory(host, "jupyterhub-proxy.service")], "MiB")
        ca.write(host.shell("cat /etc/jupyterhub/secrets/tls.crt").encode())
        ca.flush()
        times = [login(host, ca.name) for _run in range(RUNS)]
        tell("login", [first for first, second in times])
        tell("from the login to a ready JupyterLab", [second for first, second in times])


if __name__ == "__main__":
    main()
