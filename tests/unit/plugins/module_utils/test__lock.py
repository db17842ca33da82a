# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writer at a time, and no stale lock after a death."""

from __future__ import annotations

import os
import signal
import time

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _lock


@pytest.fixture(name="holder")
def fixture_holder(tmp_path):
    """The process id of another holder."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        with _lock.held(str(tmp_path / "lock")):
            os.write(tell, b"held")
            time.sleep(60)
        os._exit(0)
    assert os.read(told, 4) == b"held"
    yield pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_second_writer_is_refused_with_a_sentence(tmp_path, holder):
    start = time.monotonic()
    with pytest.raises(_lock.Busy, match="held by another run"), _lock.held(str(tmp_path / "lock"), wait=0.3):
        pytest.fail("two holders")
    assert 0.3 <= time.monotonic() - start < 5


def test_lock_of_a_killed_holder_is_free(tmp_path, holder):
    os.kill(holder, signal.SIGKILL)
    os.waitid(os.P_PID, holder, os.WEXITED | os.WNOWAIT)
    with _lock.held(str(tmp_path / "lock"), wait=5):
        pass


def test_released_at_the_end_and_after_an_error(tmp_path):
    path = str(tmp_path / "folder" / "lock")
    with pytest.raises(KeyError), _lock.held(path):
        raise KeyError
    with _lock.held(path, wait=0):
        pass


def test_a_lock_that_cannot_be_opened_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "folder").write_text("")
    words = r"lock cannot be opened \(File exists\); run this task as root"
    with pytest.raises(_lock.Busy, match=words), _lock.held(str(tmp_path / "folder" / "lock")):
        pytest.fail("held")
