# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings with which a hub had better not run."""

from __future__ import annotations

from typing import Any, NoReturn


def refuse_to_start(log: Any, sentence: str) -> NoReturn:
    """One line in the log says more than a traceback."""
    log.critical("The hub does not start: %s", sentence)
    raise SystemExit(1)
