# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mode, owner and group of a file as they are given to a module."""

from __future__ import annotations

import grp
import pwd
from typing import Any


class Unknown(ValueError):
    """What is given means nothing here; the text says what to do."""


def octal(mode: Any) -> int:
    """The permissions, from an octal number in quotes or one that YAML has read."""
    try:
        return mode if isinstance(mode, int) else int(mode, 8)
    except ValueError:
        raise Unknown(f"mode {mode!r} is not an octal number, like '0600'") from None


def user(name: str | None) -> int | None:
    """The number of an account, which may be given by name or number."""
    return _number(name, pwd.getpwnam)


def group(name: str | None) -> int | None:
    """The number of a group, which may be given by name or number."""
    return _number(name, grp.getgrnam)


def _number(name: str | None, database: Any) -> int | None:
    if name is None or name.isdigit():
        return None if name is None else int(name)
    try:
        return int(database(name)[2])
    except KeyError:
        raise Unknown(f"{name} does not exist on this host; create it first or give another owner or group") from None
