# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins on their way, and the end of the hub's sessions."""

from __future__ import annotations

import time
from typing import Any

from jupyterhub.utils import new_token

_SECONDS = 60.0


class Finishing:
    """What was verified, until the browser comes for it, which it does at once. Each can be had one time."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Any]] = {}

    def put(self, code: str, what: Any) -> None:
        now = time.monotonic()
        self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > now}
        self._kept[code] = (now + _SECONDS, what)

    def take(self, code: str) -> Any:
        until, what = self._kept.pop(code, (0.0, None))
        return what if until > time.monotonic() else None


def end_sessions(database: Any, user: Any) -> None:
    """End the sessions of all browsers, and those at servers and services that came of them. Tokens that somebody made stay."""
    orm_user = user.orm_user
    orm_user.cookie_id = new_token()
    for one in [*orm_user.oauth_codes, *(token for token in orm_user.api_tokens if token.session_id)]:
        database.delete(one)
    database.commit()
