# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login by one password for many seats, for workshops."""

from __future__ import annotations

from typing import Any

from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from traitlets import Set, Unicode, default

from .settings import refuse_to_start


class SeatsAuthenticator(SharedPasswordAuthenticator):  # type: ignore[misc]
    """Whoever knows the password may sit down on any of the named seats, and on nothing else."""

    seats = Set(Unicode(), config=True, help="The local names that the password is for. The access file has to let them in, too.")
    password = Unicode(config=True, help="What those in the room are told: eight characters or more, all of them ASCII.")

    _password_of_everybody = default("user_password")(lambda self: self.password)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if wrong := self._wrong():
            refuse_to_start(self.log, f"c.SeatsAuthenticator.{wrong}")

    def _wrong(self) -> str:
        if not self.seats:
            return "seats names nobody, so that the password would be good for nothing; list the local names that may log in by it"
        if shouted := sorted(seat for seat in self.seats if seat != seat.lower()):
            return f"seats names {', '.join(shouted)} in upper case letters, but the hub lowercases every login; write them in lower case"
        if not (self.password.isascii() and len(self.password) >= self._USER_PASSWORD_MIN_LENGTH):
            return f"password is not of {self._USER_PASSWORD_MIN_LENGTH} or more ASCII characters; choose one that any keyboard can type"
        if self.admin_password:
            return "admin_password is set, but nobody administers a hub from a seat; remove it"
        return ""

    async def authenticate(self, handler: Any, data: Any) -> dict[str, Any] | None:
        # To compare anything else raises an error.
        if not data["password"].isascii():
            return None
        model: dict[str, Any] | None = await super().authenticate(handler, data)
        if model and model["name"] not in self.seats:
            self.log.warning("Refused the password of the seats for %r, which is no seat", str(model["name"]))
            return None
        return model

    def is_admin(self, handler: Any, authentication: Any) -> bool:
        return False

    def check_allowed(self, username: str, authentication: Any = None) -> bool:
        """A seat may not lead to somebody else by way of an identity, either."""
        return username in self.seats and bool(super().check_allowed(username, authentication))

    def check_allow_config(self) -> None:
        """The class behind misses a password for administrators, who are not to log in by one here."""
        super(SharedPasswordAuthenticator, self).check_allow_config()
