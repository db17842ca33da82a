# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody from outside begins a line of the hub's log."""

from __future__ import annotations

import logging

import pytest
from hubsmith_login.lines import LONGEST, Lines

# What the journal takes for one line, in bytes.
JOURNAL = 48 * 1024
FAKE = "[W 2026-11-22 12:00:00.000 JupyterHub log:192] 403 POST /hub/login (@203.0.113.9) 1.00ms"


def lines(name):
    record = logging.LogRecord("JupyterHub", logging.WARNING, "log.py", 1, "Refused %s", (name,), None)
    return Lines(fmt="[%(levelname)1.1s] %(message)s", color=False).format(record).split("\n")


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\n", "\0", "\u2028"])
def test_what_follows_a_break_is_indented(between):
    first, *others = lines(f"a{between}{FAKE}")
    assert first.startswith("[W] Refused a")
    assert all(line.startswith("    ") or not line for line in others)
    assert "\0" not in first


@pytest.mark.parametrize("letter", ["a", "\N{SNOWMAN}", "\N{GRINNING FACE}"])
def test_no_line_is_broken_by_the_journal(letter):
    (line,) = lines(letter * JOURNAL + FAKE)
    assert len(line.encode()) < JOURNAL
    assert FAKE not in line


def test_usual_lines_are_left_alone():
    assert lines("b" * (LONGEST - 20)) == ["[W] Refused " + "b" * (LONGEST - 20)]
