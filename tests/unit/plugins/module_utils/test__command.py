# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands are run, told of, and killed when they take too long."""

from __future__ import annotations

import time

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _command


def test_it_reads_what_it_is_given_and_says_what_it_says() -> None:
    said = _command.run(["sh", "-c", 'cat; echo "$WORD" >&2; exit 3'], "given\n", {"WORD": "told"})
    assert said == (3, "given\n", "told\n")


def test_with_nothing_given_there_is_nothing_to_read() -> None:
    assert _command.run(["cat"]) == (0, "", "")


def test_bytes_that_are_no_text_are_kept() -> None:
    _code, said, _complaint = _command.run(["printf", r"\303\050"])
    assert said.encode(errors="surrogateescape") == b"\xc3("


def test_what_takes_too_long_is_killed() -> None:
    start = time.monotonic()
    assert _command.run(["sleep", "60"], longest=0.2) == (_command.TOOK_TOO_LONG, "", "sleep took longer than 0.2 seconds")
    assert time.monotonic() - start < 30


def test_one_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        _command.run(["no-such-command"])
