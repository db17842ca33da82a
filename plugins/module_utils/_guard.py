# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start, reload or restart a systemd unit only with cause; ask whether it serves; else put its last good files back.

The cause is found by comparing the files with those of the last start that passed its probe, not by handlers: a play
that was interrupted between writing a file and restarting is finished by the next one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _files, _health, _snapshot

MOST_RESTARTS = 3


class Failed(Exception):
    """The unit does not serve; the text tells what was done about it."""


@dataclass(frozen=True)
class Unit:
    """``restart_on``, ``settings`` and ``reload_on`` are files, links or folders (then: the files in them). ``timeout`` is in seconds.

    The first two are put back when the unit does not serve with them; after ``settings`` a reload is enough.
    """

    name: str
    restart_on: Sequence[str]
    reload_on: Sequence[str] = ()
    settings: Sequence[str] = ()
    probe: _health.Probe | None = None
    timeout: float = 60.0
    enabled: bool = True
    state_dir: str = "/var/lib/hubsmith-jupyterhub"
    log_lines: int = 20

    @property
    def strongest(self) -> str:
        """What is done when it is not known what is the matter: a unit without files that make a restart necessary is never restarted."""
        return "restart" if self.restart_on else "reload"

    @property
    def store(self) -> str:
        return os.path.join(self.state_dir, self.name)

    @property
    def record(self) -> str:
        return os.path.join(self.store, "last-good.json")


@dataclass
class Plan:
    """What has to be done: ``action`` is none, start, reload or restart; ``because`` names the files that differ."""

    action: str
    because: list[str] = field(default_factory=list)
    enable: bool = False

    @property
    def changed(self) -> bool:
        return self.action != "none" or self.enable


# AnsibleModule.run_command: a command gives exit code, output and errors.
RunCommand = Callable[[list[str]], tuple[int, str, str]]


def booted() -> bool:
    """Whether systemd runs this host; in a container image that is only being built it does not."""
    return os.path.isdir("/run/systemd/system")


def systemctl(run: RunCommand, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors."""
    return run(["systemctl", *arguments])


def show(run: RunCommand, name: str) -> dict[str, str]:
    """The unit's state as systemd tells it."""
    out = systemctl(run, "show", name, "--property=ActiveState,UnitFileState,NeedDaemonReload,NRestarts")[1]
    return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)


def journal(run: RunCommand, unit: Unit) -> str:
    """The last lines of the unit's journal."""
    return run(["journalctl", "--unit", unit.name, "--lines", str(unit.log_lines), "--no-pager", "--output", "cat"])[1].rstrip()


def last_good(unit: Unit) -> dict[str, _snapshot.Snapshot] | None:
    """The files when it last served: {"restart": snapshot, "settings": snapshot, "reload": snapshot of digests}; None before that."""
    try:
        with open(unit.record, encoding="utf-8") as handle:
            # Of a record that an earlier version wrote settings are not known.
            found: dict[str, _snapshot.Snapshot] = {"settings": {}, **json.load(handle)}
            return found
    except (FileNotFoundError, ValueError):
        # A record that cannot be read costs one restart, which throws nobody out.
        return None


def files_now(unit: Unit) -> dict[str, _snapshot.Snapshot]:
    # Of what is only reloaded (certificates and keys) nothing but a digest is kept: there must be no second copy of a key.
    # Links are followed, as certificates often lie behind one.
    digests = {path: {"digest": _snapshot.digest(_snapshot.take([os.path.realpath(path)]))} for path in unit.reload_on}
    return {"restart": _snapshot.take(unit.restart_on), "settings": _snapshot.take(unit.settings), "reload": digests}


def plan(unit: Unit, now: dict[str, _snapshot.Snapshot], good: dict[str, _snapshot.Snapshot] | None, state: dict[str, str]) -> Plan:
    """Pure: from the files now, the last good ones and the unit's state to what has to be done."""
    enable = unit.enabled and state.get("UnitFileState") != "enabled"
    if state.get("ActiveState") not in ("active", "reloading"):
        return Plan("start", [f"{unit.name} is not running"], enable)
    if good is None:
        return Plan(unit.strongest, ["its last good files are not known"], enable)
    because = _snapshot.changed_paths(good["restart"], now["restart"])
    if because:
        return Plan("restart", because, enable)
    because = _snapshot.changed_paths(good["settings"], now["settings"]) + _snapshot.changed_paths(good["reload"], now["reload"])
    return Plan("reload" if because else "none", because, enable)


def carry_out(
    run: RunCommand, unit: Unit, todo: Plan, now: dict[str, _snapshot.Snapshot], good: dict[str, _snapshot.Snapshot] | None
) -> None:
    """Do what the plan says; :class:`Failed` when the unit does not serve after it."""
    if todo.action != "none" or show(run, unit.name).get("NeedDaemonReload") == "yes":
        systemctl(run, "daemon-reload")
    if todo.enable:
        code, _out, err = systemctl(run, "enable", unit.name)
        if code:
            raise Failed(f"{unit.name} cannot be enabled: {err.strip()}")
    if todo.action == "none":
        if good is not None and good != now:
            _remember(unit, now)
        return
    trouble = _switch(run, unit, todo.action)
    if trouble is None:
        _remember(unit, now)
    elif todo.action == "reload" and (good is None or good["settings"] == now["settings"]):
        raise Failed(f"{unit.name} keeps what it served before, as the reload failed: {trouble}\n{journal(run, unit)}")
    else:
        verb = "reload" if todo.action == "reload" else "restart"
        raise Failed(f"{unit.name} does not serve: {trouble}.\n{_fall_back(run, unit, verb, now, good)}")


def _switch(run: RunCommand, unit: Unit, verb: str) -> str | None:
    systemctl(run, "reset-failed", unit.name)
    code, _out, err = systemctl(run, verb, unit.name)
    if code:
        return err.strip() or f"systemctl {verb} exited with {code}"
    return check(run, unit)


def second_look(run: RunCommand, unit: Unit, patience: float) -> Plan:
    """For a unit with nothing to do: what has to be done if it does not serve as it should after all."""
    trouble = check(run, unit, patience)
    if trouble is None:
        return Plan("none")
    # A certificate that somebody else replaced needs no more than a reload.
    other = unit.probe and unit.probe.certificate and _health.trouble(replace(unit.probe, certificate="")) is None
    return Plan("reload" if other else unit.strongest, [trouble])


def taken_over(unit: Unit, todo: Plan) -> bool:
    """Whether somebody reloaded the unit already, as certbot's hook does, so that nothing is left to do.

    Only when key and certificate both have changed: of a chain alone nobody can see by the certificate whether it is served.
    """
    certain = todo.action == "reload" and sorted(todo.because) == sorted(unit.reload_on)
    return bool(certain and unit.probe and unit.probe.certificate and _health.trouble(unit.probe) is None)


def check(run: RunCommand, unit: Unit, timeout: float | None = None) -> str | None:
    """Wait until the unit serves; None, or a sentence that says what is wrong."""
    state = show(run, unit.name)
    if unit.probe is None:
        return None if state.get("ActiveState") == "active" else f"its state is {state.get('ActiveState', 'unknown')}"
    restarts = int(state.get("NRestarts") or 0)
    return _health.wait(unit.probe, unit.timeout if timeout is None else timeout, lambda: _hopeless(run, unit, restarts))


def _hopeless(run: RunCommand, unit: Unit, restarts: int) -> str | None:
    state = show(run, unit.name)
    if state.get("ActiveState") == "failed":
        return "the process has ended"
    if int(state.get("NRestarts") or 0) - restarts >= MOST_RESTARTS:
        return "the process keeps ending and being started again"
    return None


def _fall_back(
    run: RunCommand, unit: Unit, verb: str, now: dict[str, _snapshot.Snapshot], good: dict[str, _snapshot.Snapshot] | None
) -> str:
    said = journal(run, unit)
    if good is None:
        return f"There is no earlier state to go back to. Its last lines:\n{said}"
    rejected = os.path.join(unit.store, "rejected")
    paths = put_back({**good["restart"], **good["settings"]}, {**now["restart"], **now["settings"]}, rejected)
    systemctl(run, "daemon-reload")
    trouble = _switch(run, unit, verb)
    where = f"{', '.join(paths)} put back as before (what failed is kept in {rejected})" if paths else "No file differed"
    outcome = "and the previous state serves again" if trouble is None else f"but the previous state does not serve either: {trouble}"
    return f"{where}, {outcome}. The last lines of the failed start:\n{said}"


def put_back(good: _snapshot.Snapshot, now: _snapshot.Snapshot, rejected: str) -> list[str]:
    """Make the files what ``good`` says; what they held is kept in the folder ``rejected``. Returns the paths put back."""
    paths = _snapshot.changed_paths(good, now)
    held = {path: content for path in paths if (content := _files.content(now.get(path, _snapshot.ABSENT))) is not None}
    kept = {os.path.join(rejected, path.strip("/").replace("/", "_")): _files.private(content) for path, content in held.items()}
    _files.swap({**kept, **{path: good.get(path, _snapshot.ABSENT) for path in paths}})
    return paths


def _remember(unit: Unit, now: dict[str, _snapshot.Snapshot]) -> None:
    os.makedirs(unit.state_dir, mode=0o700, exist_ok=True)
    _files.write_private(unit.record, json.dumps(now).encode())
