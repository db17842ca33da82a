# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down: the published state, and the users of the hub itself."""

from __future__ import annotations

import json
import logging
import os
import stat

import pytest
from hubsmith_access import state
from hubsmith_access._access_file import AccessError
from hubsmith_access.hub_users import HubUsers
from prometheus_client import REGISTRY

LOG = logging.getLogger("test")
CONTENT = {"people": 3, "error": "", "pending": ["ada"], "hub_users": []}


def test_the_state_is_published_whole_and_privately(tmp_path):
    path = tmp_path / "state.json"
    publisher = state.Publisher(str(path), LOG)
    publisher.publish(12.5, CONTENT)
    published = json.loads(path.read_text())
    with open("/proc/self/stat", encoding="utf-8") as file:
        started = file.read().rsplit(")", 1)[1].split()[19]
    assert published == {"format": 1, **CONTENT, "pid": os.getpid(), "started": int(started)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["state.json"]


def test_what_has_not_changed_is_not_written_again(tmp_path):
    path = tmp_path / "state.json"
    publisher = state.Publisher(str(path), LOG)
    publisher.publish(1, CONTENT)
    before = path.stat().st_ino
    publisher.publish(1, dict(CONTENT))
    assert path.stat().st_ino == before


@pytest.mark.parametrize(("error", "value"), [("", 0.0), ("broken", 1.0)])
def test_monitoring_is_told(tmp_path, error, value):
    state.Publisher(str(tmp_path / "state.json"), LOG).publish(12.5, {**CONTENT, "error": error})
    names = ["people", "applied_timestamp_seconds", "error", "pending"]
    assert [REGISTRY.get_sample_value(f"jupyterhub_access_{name}") for name in names] == [3.0, 12.5, value, 1.0]


def test_a_state_that_cannot_be_published_is_said_once_and_caught_up_with(tmp_path, caplog):
    folder = tmp_path / "run"
    publisher = state.Publisher(str(folder / "state.json"), LOG)
    publisher.publish(1, CONTENT)
    publisher.publish(1, CONTENT)
    assert caplog.text.count("cannot be published") == 1
    folder.mkdir()
    publisher.publish(1, CONTENT)
    assert (folder / "state.json").exists()


def test_what_is_written_is_on_the_disk_before_it_takes_the_old_one_s_place(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(os, "fsync", lambda _handle: done.append("on the disk"))
    monkeypatch.setattr(os, "replace", lambda *_: done.append("in place"))
    state.write(str(tmp_path / "state.json"), {})
    assert done == ["on the disk", "in place"]


def test_nothing_is_left_behind_where_a_file_cannot_be_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(OSError):
        state.write(str(tmp_path / "there"), {})
    assert os.listdir(tmp_path) == ["there"]


def hub_users(tmp_path, *, accepted=True):
    return HubUsers(str(tmp_path / "users.json"), accepted, LOG)


def test_users_of_the_hub_are_remembered(tmp_path):
    users = hub_users(tmp_path)
    users.add("zoe")
    users.add("yan")
    users.discard({"yan", "nobody"})
    assert hub_users(tmp_path).names == {"zoe"}
    assert stat.S_IMODE((tmp_path / "users.json").stat().st_mode) == 0o600


def test_users_of_the_hub_are_nobody_where_the_site_does_not_accept_them(tmp_path):
    hub_users(tmp_path).add("zoe")
    assert hub_users(tmp_path, accepted=False).names == set()


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 2, "names": []}', '{"format": 1, "names": [1]}', '{"format": 1}', "null"])
def test_a_list_of_users_that_the_hub_has_not_written_is_refused(tmp_path, content):
    path = tmp_path / "users.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(AccessError, match="as the hub has written it"):
        hub_users(tmp_path)


def test_a_list_of_users_that_others_can_write_is_refused(tmp_path):
    hub_users(tmp_path).add("zoe")
    (tmp_path / "users.json").chmod(0o666)
    with pytest.raises(AccessError, match="can be written by others"):
        hub_users(tmp_path)


def full(*_given):
    raise OSError(28, "No space left on device")


def test_a_user_who_cannot_be_remembered_is_not_added(tmp_path, monkeypatch, caplog):
    users = hub_users(tmp_path)
    users.add("zoe")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError):
        users.add("yan")
    assert users.names == {"zoe"}
    users.discard({"zoe"})
    assert users.names == set()
    assert "No space left" in caplog.text
