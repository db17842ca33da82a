# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub's log, in which nobody from outside can begin a line."""

from __future__ import annotations

import logging

from jupyterhub.log import CoroutineLogFormatter

# The journal breaks a line after 48 KiB and makes an entry of its own of the rest, as if the hub had said it.
LONGEST = 8192


class Lines(CoroutineLogFormatter):  # type: ignore[misc]
    """Cuts what is longer than anybody reads. A line break within a message is followed by blanks, by the class above."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).replace("\0", " ")
        return "\n".join(line if len(line) <= LONGEST else f"{line[:LONGEST]}... ({len(line)} characters)" for line in text.split("\n"))
