# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be remembered over a restart of the hub: who is on the way to the provider, what was used up, and who came from there."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass

_TABLES = """
CREATE TABLE IF NOT EXISTS pending (request TEXT PRIMARY KEY, browser TEXT NOT NULL, next TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS used (id TEXT PRIMARY KEY, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    browser TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, name_id TEXT NOT NULL, session TEXT NOT NULL, until REAL NOT NULL
);
"""
# How long somebody may take at the provider, and how many may be on the way before the first of them are forgotten.
LIFETIME = 1200.0
_MOST = 10_000
# Sessions of the hub end by themselves before.
_LONGEST_SESSION = 60 * 86400.0


@dataclass(frozen=True)
class Pending:
    """A login that was begun. ``browser`` is the digest of what only that browser knows."""

    request: str
    browser: str
    next: str


@dataclass(frozen=True)
class Session:
    """A login that succeeded, as the provider calls it: ``name_id`` is coded, ``session`` its index, if it gave one."""

    user: str
    name_id: str
    session: str


class Memory:
    """A small database that nobody but the hub reads.

    :raises OSError, sqlite3.Error: if it cannot be used; what asks it then has to refuse.
    """

    def __init__(self, path: str) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._database = sqlite3.connect(path, timeout=5)
        # What was said to be used up must be so after a power failure, too.
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(_TABLES)

    def begin(self, pending: Pending) -> None:
        now = time.time()
        with self._database as database:
            for table in ("pending", "used", "sessions"):
                database.execute(f"DELETE FROM {table} WHERE until < ?", (now,))
            database.execute("DELETE FROM pending WHERE rowid <= (SELECT max(rowid) FROM pending) - ?", (_MOST,))
            database.execute("INSERT INTO pending VALUES (?, ?, ?, ?)", (pending.request, pending.browser, pending.next, now + LIFETIME))

    def pending(self, request: str) -> Pending | None:
        query = "SELECT request, browser, next FROM pending WHERE request = ? AND until >= ?"
        row = self._database.execute(query, (request, time.time())).fetchone()
        return Pending(*row) if row else None

    def spend(self, request: str, assertion: str, until: float) -> bool:
        """Use up both at once; False if one of them was already."""
        with self._database as database:
            known = database.execute("SELECT 1 FROM used WHERE id = ?", (assertion,)).fetchone()
            if known or not database.execute("DELETE FROM pending WHERE request = ?", (request,)).rowcount:
                return False
            database.execute("INSERT INTO used VALUES (?, ?)", (assertion, until))
        return True

    def spend_message(self, message: str, until: float) -> bool:
        """Use up a message that nothing was asked for, as a request of the provider; False if it was already."""
        with self._database as database:
            return database.execute("INSERT OR IGNORE INTO used VALUES (?, ?)", (message, until)).rowcount == 1

    # -- who came from the provider

    def remember(self, browser: str, name: str, session: Session) -> None:
        row = (browser, session.user, name, session.name_id, session.session, time.time() + _LONGEST_SESSION)
        with self._database as database:
            database.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)

    def forget_browser(self, browser: str) -> Session | None:
        """What this browser's login was, for the last time."""
        with self._database as database:
            row = database.execute("DELETE FROM sessions WHERE browser = ? RETURNING user, name_id, session", (browser,)).fetchone()
        return Session(*row) if row else None

    def forget_name(self, name: str, indexes: list[str]) -> set[str]:
        """The users who came under a name of the provider, in the given sessions or in any, for the last time."""
        chosen = f" AND session IN ({', '.join('?' * len(indexes))}, '')" if indexes else ""
        with self._database as database:
            rows = database.execute(f"DELETE FROM sessions WHERE name = ?{chosen} RETURNING user", (name, *indexes)).fetchall()
        return {row[0] for row in rows}
