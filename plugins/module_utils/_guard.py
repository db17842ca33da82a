# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start, reload or restart a systemd unit only with cause; ask whether it serves; else put its last good files back.

The cause is found by comparing the files with those of the last start that passed its probe, not by handlers: a play
that was interrupted between writing a file and restarting is finished by the next one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _handover, _health, _record, _snapshot

MOST_RESTARTS = 3


class Failed(Exception):
    """The unit does not serve; the text tells what was done about it."""


@dataclass(frozen=True)
class Unit:
    """``restart_on``, ``settings`` and ``reload_on`` are files, links or folders (then: the files in them). ``timeout`` is in seconds.

    The first two are put back when the unit does not serve with them; after ``settings`` a reload is enough. Nobody but the unit
    may have ``ports``, unless it is one of those units that it ``takes_ports_from``.
    """

    name: str
    restart_on: Sequence[str]
    reload_on: Sequence[str] = ()
    settings: Sequence[str] = ()
    ports: Sequence[int] = ()
    takes_ports_from: Sequence[str] = ()
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
    def givers(self) -> list[_handover.Giver]:
        """Those whose reload is due, by which they may give up ports."""
        known = [_handover.Giver(name, os.path.join(self.state_dir, name)) for name in self.takes_ports_from]
        return [giver for giver in known if giver.changed]

    def before(self, good: _record.Record | None) -> _record.Record:
        """What is gone back to. Of a unit that is only ever reloaded, a web server say, our files are gone then."""
        return good or {"restart": {}, "settings": {}, "reload": {}}


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


def last_good(unit: Unit) -> _record.Record | None:
    """The files when it last served; None before that."""
    return _record.read(unit.store)


def files_now(unit: Unit) -> _record.Record:
    # Of what is only reloaded (certificates and keys) nothing but a digest is kept: there must be no second copy of a key.
    # Links are followed, as certificates often lie behind one.
    digests = {path: {"digest": _snapshot.digest(_snapshot.take([os.path.realpath(path)]))} for path in unit.reload_on}
    return {"restart": _snapshot.take(unit.restart_on), "settings": _snapshot.take(unit.settings), "reload": digests}


def plan(unit: Unit, now: _record.Record, good: _record.Record | None, state: dict[str, str]) -> Plan:
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


def carry_out(run: RunCommand, unit: Unit, todo: Plan, now: _record.Record, good: _record.Record | None) -> None:
    """Do what the plan says; :class:`Failed` when the unit does not serve after it."""
    if todo.action != "none" or show(run, unit.name).get("NeedDaemonReload") == "yes":
        systemctl(run, "daemon-reload")
    if todo.enable:
        code, _out, err = systemctl(run, "enable", unit.name)
        if code:
            raise Failed(f"{unit.name} cannot be enabled: {err.strip()}")
    if todo.action == "none":
        if good is not None and good != now:
            _record.write(unit.store, now)
        return
    ports = _handover.Handover(run, unit.name, unit.ports, unit.givers)
    trouble = ports.refused()
    if trouble:
        raise Failed(f"{unit.name} is left as it was: {trouble}.{_put_back(unit, now, good)}.{ports.give_back(given=False)}")
    trouble = ports.take() or _switch(run, unit, todo.action)
    if trouble is None:
        _record.write(unit.store, now)
        ports.settle()
        return
    said = journal(run, unit)
    if todo.action == "reload" and unit.before(good)["settings"] == now["settings"] and not ports.givers:
        raise Failed(f"{unit.name} keeps what it served before, as the reload failed: {trouble}\n{said}")
    outcome = f"{_fall_back(run, unit, todo.action, now, good)}{ports.give_back(given=True)}"
    raise Failed(f"{unit.name} does not serve: {trouble}.{outcome} The last lines of the failed {todo.action}:\n{said}")


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


def _fall_back(run: RunCommand, unit: Unit, action: str, now: _record.Record, good: _record.Record | None) -> str:
    if good is None and unit.restart_on:
        return " There is no earlier state to go back to."
    told = _put_back(unit, now, good)
    systemctl(run, "daemon-reload")
    if action == "start" and not unit.restart_on:
        systemctl(run, "stop", unit.name)
        return f"{told}, and it is stopped again."
    # Where it is asked belongs to the settings that failed.
    moved = unit.before(good)["settings"] != now["settings"]
    trouble = _switch(run, replace(unit, probe=None) if moved else unit, "reload" if action == "reload" else "restart")
    return f"{told}, {f'but the previous state does not serve either: {trouble}' if trouble else 'and the previous state serves again'}."


def _put_back(unit: Unit, now: _record.Record, good: _record.Record | None) -> str:
    """Have the files as they were, and say so."""
    before = unit.before(good)
    paths = _record.put_back(unit.store, {**before["restart"], **before["settings"]}, {**now["restart"], **now["settings"]})
    if not paths:
        return " No file differed"
    return f" {', '.join(paths)} put back as before (what failed is kept in {_record.rejected(unit.store)})"
