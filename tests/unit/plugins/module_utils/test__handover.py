# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports go from one unit to another, and back when that does not serve. (With real servers: the scenarios `frontend_nginx`, `_apache`.)"""

from __future__ import annotations

import re

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _guard, _handover, _record

PROXY, FRONT = "proxy.service", "front.service"


class Host:
    """Units that take up at a reload which ports their file names; ``ss`` tells who has which. The one that reads ``bad`` ends."""

    def __init__(self, folder):
        self.files = {name: folder / name for name in (PROXY, FRONT)}
        self.ports = {PROXY: {"443"}, FRONT: {"80"}, "other.service": set()}
        self.log = []

    def __call__(self, command):
        if command[0] == "ss":
            asked = re.findall(r":(\d+)", command[-1])
            lines = [f"LISTEN *:{port} cgroup:/system.slice/{name}" for name, has in self.ports.items() for port in has if port in asked]
            return 0, "\n".join(lines), ""
        if command[0] == "systemctl" and command[1] == "reload":
            return self.reload(command[2])
        return 0, "ActiveState=active", ""

    def reload(self, name):
        text = self.files[name].read_text() if self.files[name].exists() else "80"
        taken = {port for other, has in self.ports.items() if other != name for port in has}
        self.log.append((name, text))
        if text == "bad" or taken & set(text.split()):
            return 1, "", "it has ended"
        self.ports[name] = set(text.split())
        return 0, "", ""


@pytest.fixture(name="host")
def fixture_host(tmp_path, monkeypatch):
    monkeypatch.setattr(_handover, "PATIENCE", 0.0)
    host = Host(tmp_path)
    host.files[PROXY].write_text("443")
    proxy = unit(host, PROXY, restart_on=["/nowhere"])
    _record.write(proxy.store, _guard.files_now(proxy))
    return host


def unit(host, name, **more):
    more = {"restart_on": [], **more}
    return _guard.Unit(name=name, settings=[str(host.files[name])], state_dir=str(host.files[name].parent / "state"), **more)


def move(host, proxy, front):
    """What the plays do: the files are written, and then the one call that serves the front."""
    host.files[PROXY].write_text(proxy)
    host.files[FRONT].write_text(front)
    taker = unit(host, FRONT, ports=[443, 80], takes_ports_from=[PROXY])
    good = _guard.last_good(taker)
    state = {"ActiveState": "active", "UnitFileState": "enabled"}
    _guard.carry_out(host, taker, _guard.plan(taker, _guard.files_now(taker), good, state), _guard.files_now(taker), good)
    return taker


def test_ports_are_given_up_before_they_are_taken_and_never_again(host):
    taker = move(host, "8000", "80 443")
    assert host.log == [(PROXY, "8000"), (FRONT, "80 443")]
    assert taker.givers == []
    assert _guard.last_good(unit(host, PROXY))["settings"] == _guard.files_now(unit(host, PROXY))["settings"]


def test_both_are_as_before_when_the_taker_does_not_serve(host):
    with pytest.raises(_guard.Failed, match=r"(?s)it has ended.*put back as before.*serves again.* proxy\.service put back as before, too"):
        move(host, "8000", "bad")
    assert host.ports == {PROXY: {"443"}, FRONT: {"80"}, "other.service": set()}
    assert host.files[PROXY].read_text() == "443"
    assert not host.files[FRONT].exists()


def test_a_giver_that_keeps_the_port(host):
    with pytest.raises(_guard.Failed, match=r"its port is not given up by proxy\.service: LISTEN \*:443"):
        move(host, "443 8001", "80 443")
    assert (FRONT, "80 443") not in host.log
    assert host.files[PROXY].read_text() == "443"


def test_nothing_is_reloaded_while_another_program_has_a_port(host):
    host.ports["other.service"] = {"443"}
    host.ports[PROXY] = set()
    with pytest.raises(_guard.Failed, match=r"left as it was: another program has its port.*LISTEN \*:443 .*other\.service"):
        move(host, "8000", "80 443")
    assert host.log == []
    assert not host.files[FRONT].exists()
    assert host.files[PROXY].read_text() == "443"


def test_only_a_unit_whose_settings_have_changed_gives_up_ports(host):
    host.ports[PROXY] = {"8001"}
    host.files[PROXY].write_text("443")
    move(host, "443", "80 443")
    assert host.log == [(FRONT, "80 443")]
