# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second play is refused while the first one lives, and only then."""

from __future__ import annotations

import os
import time

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _play_lock
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._play_lock import LONGEST, Play

ADA = Play("laptop", 100, "Sun Nov 22 05:00:00 2026", "ada")
CHARLES = Play("desktop", 100, "Sun Nov 22 05:00:01 2026", "charles")


@pytest.fixture(name="path")
def fixture_path(tmp_path):
    return str(tmp_path / "play")


def test_second_play_is_told_who_is_at_work(path):
    assert _play_lock.take(path, ADA) is None
    assert _play_lock.take(path, CHARLES) == ADA
    assert _play_lock.holder(path) == ADA
    assert "ada on laptop" in str(ADA)


def test_same_play_may_ask_again(path):
    assert _play_lock.take(path, ADA) is None
    assert _play_lock.take(path, ADA) is None


def test_released_for_the_next(path):
    _play_lock.take(path, ADA)
    _play_lock.release(path, ADA)
    assert _play_lock.take(path, CHARLES) is None


def test_nobody_releases_what_is_another_s(path):
    _play_lock.take(path, ADA)
    _play_lock.release(path, CHARLES)
    assert _play_lock.holder(path) == ADA


def test_release_without_a_lock(path):
    _play_lock.release(path, ADA)


def test_dead_play_is_replaced_but_not_the_one_that_came_after_it(path):
    _play_lock.take(path, ADA)
    assert _play_lock.take(path, CHARLES, instead_of=ADA) is None
    babbage = Play("laptop", 200, "later", "babbage")
    assert _play_lock.take(path, babbage, instead_of=ADA) == CHARLES


def test_lock_ends_after_its_time(path):
    _play_lock.take(path, ADA)
    os.utime(path, (time.time() - LONGEST - 1,) * 2)
    assert _play_lock.take(path, CHARLES) is None


def test_unreadable_file_is_no_lock(path):
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("{")
    assert _play_lock.take(path, ADA) is None
