# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login by an LDAP directory that may be slow, away, or somebody else's."""

from __future__ import annotations

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ldap3
from ldap3.core import results
from ldap3.core.exceptions import LDAPExceptionError, LDAPSASLPrepError
from ldapauthenticator import LDAPAuthenticator
from ldapauthenticator.ldapauthenticator import TlsStrategy
from tornado.web import HTTPError
from traitlets import Integer, default

from .settings import refuse_to_start

# What a directory says of itself. Anything else is about whoever binds: a locked account looks different on each kind of server.
_OUT_OF_ORDER = {
    results.RESULT_OPERATIONS_ERROR,
    results.RESULT_PROTOCOL_ERROR,
    results.RESULT_TIME_LIMIT_EXCEEDED,
    results.RESULT_STRONGER_AUTH_REQUIRED,
    results.RESULT_REFERRAL,
    results.RESULT_ADMIN_LIMIT_EXCEEDED,
    results.RESULT_CONFIDENTIALITY_REQUIRED,
    results.RESULT_BUSY,
    results.RESULT_UNAVAILABLE,
    results.RESULT_OTHER,
}


class DirectoryError(Exception):
    """The directory does not do its part; nothing follows from that for whoever wants to log in."""


class _Connection(ldap3.Connection):  # type: ignore[misc]
    log: Any

    def search(self, search_base: str, *given: Any, **named: Any) -> bool:
        found = bool(super().search(search_base, *given, **named))
        result = self.result["result"]
        if result in _OUT_OF_ORDER:
            raise DirectoryError(f"a search in {search_base} ends with {self.result['description']}")
        if result == results.RESULT_NO_SUCH_OBJECT:
            self.log.warning("The directory has no %s, or does not show it to %s", search_base, self.user or "anybody")
        return found


class DirectoryAuthenticator(LDAPAuthenticator):  # type: ignore[misc]
    """As :class:`LDAPAuthenticator`, whose settings hold; but the hub goes on while the directory is asked, and waits a bounded time.

    Certificates are verified, against the authorities of the system unless ``tls_kwargs`` has a ``ca_certs_file``. Groups within groups
    count where the directory itself follows them: in Active Directory and Samba with a ``group_search_filter`` of
    ``(member:1.2.840.113556.1.4.1941:={userdn})``; and where it keeps a ``memberOf`` of its own that does, as 389 Directory Server can,
    and OpenLDAP from 2.5 on by its overlay dynlist, with a ``search_filter`` that asks for it.
    """

    patience_seconds = Integer(
        10,
        min=1,
        config=True,
        help="How long the directory may take to be reached, and for each of its answers. A login takes at most three times as long.",
    )
    threads = Integer(8, min=1, config=True, help="How many logins may wait for the directory at the same time.")

    _name_as_looked_up = default("lookup_dn_user_dn_attribute")(lambda self: self.user_attribute)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if wrong := self._wrong():
            refuse_to_start(self.log, f"c.DirectoryAuthenticator.{wrong}")
        try:
            self._tls = ldap3.Tls(**{"validate": ssl.CERT_REQUIRED, **self.tls_kwargs})
        except (LDAPExceptionError, TypeError) as error:
            refuse_to_start(self.log, f"c.DirectoryAuthenticator.tls_kwargs cannot be used: {error}")
        self._executor = ThreadPoolExecutor(self.threads, "directory")

    def _wrong(self) -> str:
        if not self.server_address:
            return "server_address is empty; name the host of the directory"
        if self.lookup_dn:
            missing = [name for name in ("user_search_base", "user_attribute") if not getattr(self, name)]
            return f"{missing[0]} is empty, and lookup_dn needs it to find people" if missing else ""
        if not self.bind_dn_template:
            return "bind_dn_template is empty; give one, or set lookup_dn to have people looked up"
        return ""

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:
        # As the directory, which takes no notice of case, and the access file, which knows lower case only.
        data = {**data, "username": data["username"].lower()}
        ask = super().authenticate
        # It waits for nothing but the directory, and does that without giving way to anybody.
        asked = asyncio.get_running_loop().run_in_executor(self._executor, lambda: asyncio.run(ask(handler, data)))
        try:
            model: dict[str, Any] | None = await asyncio.wait_for(asked, 3 * self.patience_seconds)
        except (DirectoryError, LDAPExceptionError, OSError) as error:
            why = str(error) or f"no answer within {3 * self.patience_seconds} s"
            self.log.error("Nobody can log in by the directory %s:%i: %s", self.server_address, self.server_port, why)
            raise HTTPError(503, "The directory of this site does not answer as it should. Please try again later.") from None
        return model

    def get_connection(self, userdn: str | None, password: str | None) -> ldap3.Connection | None:
        """None if the directory does not take this name with this password."""
        connection = self._connect(userdn, password)
        try:
            connection.bind(read_server_info=False)
        except LDAPSASLPrepError as error:
            self.log.warning("Nobody can have the password that was given for %s: %s", userdn, error)
            return None
        result = connection.result
        if result["result"] == results.RESULT_SUCCESS:
            return connection
        why = f"it says {result['description']} ({result['message']}) to {userdn or 'anybody without an account'}"
        # Who is looked for makes no difference to what the hub's own account may do.
        own = self.lookup_dn and (userdn, password) == (self.lookup_dn_search_user, self.lookup_dn_search_password)
        if own or result["result"] in _OUT_OF_ORDER:
            raise DirectoryError(why)
        self.log.warning("The directory refuses a login: %s", why)
        return None

    def _connect(self, userdn: str | None, password: str | None) -> ldap3.Connection:
        server = ldap3.Server(
            self.server_address,
            port=self.server_port,
            use_ssl=self.tls_strategy is TlsStrategy.on_connect,
            tls=self._tls,
            connect_timeout=self.patience_seconds,
            # Its schema, which takes a request at every login, would have names of attributes refused that only other servers have.
            get_info=ldap3.NONE,
        )
        connection = _Connection(server, user=userdn, password=password, receive_timeout=self.patience_seconds)
        connection.log = self.log
        connection.open(read_server_info=False)
        if self.tls_strategy is TlsStrategy.before_bind:
            connection.start_tls(read_server_info=False)
        return connection
