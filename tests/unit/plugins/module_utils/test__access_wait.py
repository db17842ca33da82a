# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a hub: here a process that lives, and what it would publish."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import threading
import time

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_wait
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._access_wait import NotApplied

SHA = hashlib.sha256(b"this").hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()


class Hub:
    """Publishes as a hub does, in the name of a process that really runs."""

    def __init__(self, folder, pid):
        self.file = folder / "access.json"
        self.file.write_bytes(b"this")
        self.state_file = folder / "state.json"
        self.pid, self.started = pid, _access_wait._started(pid)

    def says(self, **more):
        state = {"format": 1, "path": str(self.file), "sha256": SHA, "applied": "2026-11-22T08:30:00+00:00", "people": 3, "error": ""}
        state |= {"refused_sha256": "", "error_since": "", "pending": [], "hub_users": [], "pid": self.pid, "started": self.started, **more}
        fresh = self.state_file.with_suffix(".new")
        fresh.write_text(json.dumps(state))
        fresh.replace(self.state_file)

    def later(self, seconds, **more):
        threading.Timer(seconds, self.says, kwargs=more).start()

    def wait(self, timeout=10.0):
        return _access_wait.wait(str(self.state_file), str(self.file), SHA, timeout)

    def told(self):
        return _access_wait.of_hub(str(self.file), str(self.state_file), SHA)


@pytest.fixture(name="process")
def fixture_process():
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


@pytest.fixture(name="hub")
def fixture_hub(tmp_path, process):
    return Hub(tmp_path, process.pid)


def test_what_is_in_force_is_not_waited_for(hub):
    hub.says()
    start = time.monotonic()
    assert hub.wait(timeout=0) is True
    assert time.monotonic() - start < 1


def test_until_it_is_in_force_and_the_last_server_has_stopped(hub):
    hub.says(sha256=OTHER)
    start = time.monotonic()
    hub.later(0.3, pending=["charles"])
    hub.later(0.8)
    assert hub.wait() is True
    assert 0.8 <= time.monotonic() - start < 5


def test_no_hub_is_not_waited_for(hub, process):
    assert hub.wait() is False
    hub.says(sha256=OTHER)
    process.kill()
    process.wait()
    assert hub.wait() is False


def test_a_process_that_got_the_number_later_is_no_hub(hub):
    hub.says(sha256=OTHER, started=hub.started - 1)
    assert hub.wait() is False


def test_a_name_with_brackets_and_spaces_is_no_start_time(tmp_path):
    program = tmp_path / "a) 1 (b"
    os.symlink("/bin/sleep", program)
    with subprocess.Popen([program, "60"]) as process:
        with open("/proc/stat", encoding="ascii") as stat:
            boot = next(int(line.split()[1]) for line in stat if line.startswith("btime"))
        assert abs(boot + _access_wait._started(process.pid) / os.sysconf("SC_CLK_TCK") - time.time()) < 30
        process.kill()


def test_a_refusal_ends_the_waiting_at_once(hub):
    hub.says(sha256=OTHER)
    hub.later(0.2, sha256=OTHER, error=f"{hub.file}: ada is in the list twice", refused_sha256=SHA)
    start = time.monotonic()
    with pytest.raises(NotApplied, match=r"the running hub refuses it: .*ada is in the list twice"):
        hub.wait(30)
    assert time.monotonic() - start < 5


def test_an_old_refusal_of_something_else_does_not(hub):
    hub.says(sha256=OTHER, refused_sha256=OTHER, error="old")
    hub.later(0.3)
    assert hub.wait() is True


def test_a_hub_that_reads_another_file_is_not_waited_for(hub):
    hub.says(path="/etc/other.json")
    with pytest.raises(NotApplied, match=r"the running hub reads /etc/other\.json, not"):
        hub.wait(30)


def test_another_way_to_write_the_path_is_the_same_file(hub, tmp_path):
    os.symlink(tmp_path, tmp_path / "link")
    hub.says(path=str(tmp_path / "link" / "access.json"))
    assert hub.wait(0) is True


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"sha256": OTHER}, f"after 0.2 s the hub still has the content {OTHER[:12]} of 2026-11-22T08:30:00.00:00 in force$"),
        ({"sha256": OTHER, "error": "it is a link", "error_since": "08:31"}, "in force, and says since 08:31: it is a link"),
        ({"pending": ["ada", "bob"]}, "the hub has it in force, but still stops the servers of ada, bob"),
    ],
)
def test_time_is_up(hub, state, words):
    hub.says(**state)
    with pytest.raises(NotApplied, match=words):
        hub.wait(0.2)


def test_a_hub_that_is_restarted_is_waited_for(hub):
    hub.says(sha256=OTHER)
    threading.Timer(0.2, hub.state_file.unlink).start()
    hub.later(0.6)
    assert hub.wait() is True


def test_a_hub_that_ends_meanwhile_is_told(hub, process):
    hub.says(sha256=OTHER)
    threading.Timer(0.1, process.kill).start()
    # As a hub's parent does.
    threading.Timer(0.2, process.wait).start()
    with pytest.raises(NotApplied, match="after 1 s no hub is running any more"):
        hub.wait(1)


def test_what_somebody_else_writes_meanwhile_is_waited_for(hub):
    hub.says(sha256=hashlib.sha256(b"before").hexdigest())
    threading.Timer(0.2, hub.file.write_bytes, [b"other"]).start()
    hub.later(0.5, sha256=OTHER)
    assert hub.wait() is True


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "does not hold what a hub says"),
        ("[]", "does not hold what a hub says"),
        ('{"format": 1}', "does not hold what a hub says"),
        ('{"format": "x"}', "does not hold what a hub says"),
        ('{"format": 2}', "has the format 2, which is not known here; upgrade"),
        ('{"format": 1, "pid": "../self", "started": 1}', "does not hold what a hub says"),
    ],
)
def test_a_state_that_cannot_be_understood(hub, content, words):
    hub.state_file.write_text(content)
    with pytest.raises(NotApplied, match=words):
        hub.wait(0)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)], ids=["pipe", "folder", "link"])
def test_what_is_no_file_does_not_stop_us(hub, make):
    make(hub.state_file)
    with pytest.raises(NotApplied, match=r"state\.json (cannot be read|does not hold)"):
        hub.wait(0)


def test_all_that_a_hub_says(hub):
    hub.says(hub_users=["zoe"])
    assert hub.told() == {
        "running": True,
        "applied": True,
        "path": str(hub.file),
        "sha256": SHA,
        "since": "2026-11-22T08:30:00+00:00",
        "error": "",
        "error_since": "",
        "pending": [],
        "hub_users": ["zoe"],
    }


@pytest.mark.parametrize("more", [{"sha256": OTHER}, {"pending": ["bob"]}, {"path": "/etc/other.json"}])
def test_a_hub_that_has_something_else_in_force(hub, more):
    hub.says(**more)
    assert (hub.told()["running"], hub.told()["applied"]) == (True, False)


def test_nothing_is_said_where_no_hub_runs(hub):
    nobody = {"running": False, "applied": False, "error": ""}
    hub.state_file.unlink(missing_ok=True)
    assert hub.told() == nobody
    hub.says(started=1)
    assert hub.told() == nobody


def test_a_hub_that_cannot_be_understood_has_nothing_in_force(hub):
    hub.state_file.write_text("this")
    assert (hub.told()["running"], hub.told()["applied"]) == (False, False)
    assert "does not hold what a hub says" in hub.told()["error"]
