# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit is restarted with cause only. (What follows a restart is tested with systemd itself, in the scenario `default`.)"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _guard, _record
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._guard import Unit

RUNS = {"ActiveState": "active", "UnitFileState": "enabled"}


@pytest.fixture(name="unit")
def fixture_unit(tmp_path):
    for name in ("unit", "config", "cert", "listen"):
        (tmp_path / name).write_text(name)
    return Unit(
        name="x.service",
        restart_on=[str(tmp_path / "unit"), str(tmp_path / "config")],
        reload_on=[str(tmp_path / "cert")],
        settings=[str(tmp_path / "listen")],
        state_dir=str(tmp_path / "state"),
    )


@pytest.fixture(name="good")
def fixture_good(unit):
    _record.write(unit.store, _guard.files_now(unit))
    return _guard.last_good(unit)


def plan(unit, good, **state):
    return _guard.plan(unit, _guard.files_now(unit), good, {**RUNS, **state})


def test_nothing_has_changed(unit, good):
    assert plan(unit, good) == _guard.Plan("none")
    assert not plan(unit, good).changed


def test_restart_names_the_cause(unit, good, tmp_path):
    (tmp_path / "config").write_text("other")
    assert plan(unit, good) == _guard.Plan("restart", [str(tmp_path / "config")])


def test_reload_is_enough_for_a_certificate(unit, good, tmp_path):
    (tmp_path / "cert").write_text("other")
    assert plan(unit, good) == _guard.Plan("reload", [str(tmp_path / "cert")])


def test_reload_is_enough_for_settings(unit, good, tmp_path):
    (tmp_path / "listen").write_text("other")
    assert plan(unit, good) == _guard.Plan("reload", [str(tmp_path / "listen")])


class Systemd:
    """Takes commands as systemd does; a reload with the settings ``bad`` fails."""

    def __init__(self, settings):
        self.settings = settings
        self.verbs = []

    def __call__(self, command):
        verb = command[1] if command[0] == "systemctl" else "journal"
        if verb in ("reload", "restart"):
            self.verbs.append((verb, self.settings.read_text()))
            return (1, "", "no") if self.settings.read_text() == "bad" else (0, "", "")
        return 0, "ActiveState=active", ""


def test_settings_that_do_not_serve_are_put_back_by_a_reload(unit, good, tmp_path):
    settings = tmp_path / "listen"
    settings.write_text("bad")
    systemd = Systemd(settings)
    with pytest.raises(_guard.Failed, match=r"put back as before .* the previous state serves again"):
        _guard.carry_out(systemd, unit, plan(unit, good), _guard.files_now(unit), good)
    assert systemd.verbs == [("reload", "bad"), ("reload", "listen")]
    assert (tmp_path / "state/x.service/rejected").is_dir()


def test_a_failed_reload_for_a_certificate_puts_nothing_back(unit, good, tmp_path):
    (tmp_path / "cert").write_text("other")
    with pytest.raises(_guard.Failed, match="keeps what it served before"):
        _guard.carry_out(lambda command: (1, "", "no"), unit, plan(unit, good), _guard.files_now(unit), good)
    assert (tmp_path / "cert").read_text() == "other"


def test_restart_includes_a_reload(unit, good, tmp_path):
    (tmp_path / "cert").write_text("other")
    (tmp_path / "config").write_text("other")
    assert plan(unit, good).action == "restart"


@pytest.mark.parametrize("state", ["inactive", "failed", "activating"])
def test_what_does_not_run_is_started(unit, good, state):
    assert plan(unit, good, ActiveState=state).action == "start"


def test_a_reloading_unit_runs(unit, good):
    assert plan(unit, good, ActiveState="reloading").action == "none"


def test_enable_alone_is_a_change_without_a_restart(unit, good):
    todo = plan(unit, good, UnitFileState="disabled")
    assert (todo.action, todo.enable, todo.changed) == ("none", True, True)


def test_first_time(unit):
    assert _guard.last_good(unit) is None
    assert plan(unit, None).action == "restart"


def test_unit_without_files_for_a_restart_is_never_restarted(tmp_path):
    (tmp_path / "site").write_text("x")
    unit = Unit(name="x.service", restart_on=[], reload_on=[str(tmp_path / "site")], state_dir=str(tmp_path / "state"))
    assert plan(unit, None).action == "reload"
    assert plan(unit, None, ActiveState="inactive").action == "start"


def test_record_of_an_earlier_version_costs_a_reload(unit, good):
    with open(os.path.join(unit.store, _record.NAME), encoding="utf-8") as handle:
        record = json.load(handle)
    del record["settings"]
    with open(os.path.join(unit.store, _record.NAME), "w", encoding="utf-8") as handle:
        json.dump(record, handle)
    assert plan(unit, _guard.last_good(unit)).action == "reload"


def test_broken_record_costs_a_restart(unit, good):
    with open(os.path.join(unit.store, _record.NAME), "w", encoding="utf-8") as handle:
        handle.write("{")
    assert _guard.last_good(unit) is None


def test_record_is_private_and_holds_no_key(unit, good, tmp_path):
    (tmp_path / "cert").write_text("SECRET KEY")
    _record.write(unit.store, _guard.files_now(unit))
    assert stat.S_IMODE(os.stat(os.path.join(unit.store, _record.NAME)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(unit.state_dir).st_mode) == 0o700
    kept = json.dumps(_guard.last_good(unit)["reload"])
    assert "U0VDUkVU" not in kept and "SECRET" not in kept


def test_certificate_behind_a_link_is_seen_to_change(unit, tmp_path):
    (tmp_path / "cert").rename(tmp_path / "real")
    (tmp_path / "cert").symlink_to("real")
    _record.write(unit.store, _guard.files_now(unit))
    (tmp_path / "real").write_text("renewed")
    assert plan(unit, _guard.last_good(unit)) == _guard.Plan("reload", [str(tmp_path / "cert")])


@pytest.fixture(name="pair")
def fixture_pair(unit, tmp_path, monkeypatch):
    """A unit that serves a certificate with its key, and what its probe answers."""
    answers = [None]
    monkeypatch.setattr(_guard._health, "trouble", lambda probe: answers[-1])
    (tmp_path / "key").write_text("key")
    pair = replace(unit, reload_on=[str(tmp_path / "cert"), str(tmp_path / "key")], probe=_guard._health.Probe("", certificate="x"))
    _record.write(pair.store, _guard.files_now(pair))
    return pair, answers


def test_a_pair_that_somebody_else_reloaded_needs_nothing(pair, tmp_path):
    unit, answers = pair
    for name in ("cert", "key"):
        (tmp_path / name).write_text("renewed")
    todo = plan(unit, _guard.last_good(unit))
    assert todo.action == "reload"
    assert _guard.taken_over(unit, todo)
    answers.append("another certificate is served")
    assert not _guard.taken_over(unit, todo)


def test_a_chain_that_changed_is_always_reloaded(pair, tmp_path):
    unit, _answers = pair
    (tmp_path / "cert").write_text("with another chain")
    assert not _guard.taken_over(unit, plan(unit, _guard.last_good(unit)))


def test_what_was_taken_over_is_kept_in_mind(pair, tmp_path):
    unit, _answers = pair
    (tmp_path / "cert").write_text("renewed")
    now = _guard.files_now(unit)
    _guard.carry_out(lambda command: (0, "", ""), unit, _guard.Plan("none"), now, _guard.last_good(unit))
    assert _guard.last_good(unit) == now
