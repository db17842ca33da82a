# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a TLS server shows to those who connect, beside the certificate that it should show."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _certificates, _health
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._certificates import Problem, Text

# Without it, nothing here is called.
with contextlib.suppress(ImportError):
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

TIMEOUT = 10.0
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:/\[\]]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True)
class Address:
    """Where to connect to, and for which name to ask there; an empty one asks for none."""

    host: str
    port: int
    name: str = ""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Shown:
    """What the server shows: its certificate and those that follow it, in DER form."""

    chain: Sequence[bytes]
    tls_version: str


def address(given: str, name: str = "", names: Sequence[str] = ()) -> Address:
    """From ``host:port``. Where no name is given, the first of ``names`` for which one can ask is asked for, or else the host.

    :raises ValueError: in a sentence.
    """
    found = _ADDRESS.fullmatch(given)
    if not found or not 0 < int(found["port"]) < 65536:
        raise ValueError(f"{given!r} is no address of a server; give it as host:port, such as 127.0.0.1:443 or [::1]:443")
    host = found["six"] or found["host"]
    askable = [one for one in (*names, host) if "*" not in one and not _certificates.is_address(one)]
    return Address(host, int(found["port"]), name or next(iter(askable), ""))


def look(certificate: Text, where: Address, timeout: float = TIMEOUT) -> dict[str, Any]:
    """What is served there, and what is wrong with that beside the file; empty without the library."""
    if not _certificates.LIBRARY:
        return {}
    known = {"address": str(where), "server_name": where.name}
    try:
        return {**known, **compare(certificate, where, connect(where, timeout))}
    except Problem as problem:
        return {**known, "problems": [problem.as_dict()]}


def connect(where: Address, timeout: float = TIMEOUT) -> Shown:
    """Shake hands. Nothing is verified: a certificate that nobody trusts is to be told of as well."""
    try:
        plain = socket.create_connection((where.host, where.port), timeout)
    except OSError as error:
        text = f"{where} cannot be reached ({_why(error)}); start what serves there, or name the address that it listens on"
        raise Problem("unreachable", text) from error
    with plain:
        try:
            with _health.open_context().wrap_socket(plain, server_hostname=where.name or None) as secure:
                return Shown(_chain(secure), secure.version() or "")
        except (OSError, ValueError) as error:
            name = f" for {where.name}" if where.name else ""
            text = f"{where} answers, but shows no certificate{name} ({_why(error)}); have it serve TLS 1.2 or later there"
            raise Problem("no_tls", text) from error


def compare(certificate: Text, where: Address, shown: Shown) -> dict[str, Any]:
    """What is shown, beside what the file holds."""
    try:
        held = _certificates.load_chain(certificate)
    except Problem:
        # Whoever looks at the file itself is told of that.
        held = []
    leaf = _load(where, shown.chain[0])
    chain = [one.public_bytes(Encoding.DER) for one in held]
    same, same_chain = chain[:1] == [*shown.chain[:1]], chain == [*shown.chain]
    found = []
    if held and not same:
        text = f"{where} serves another certificate ({_named(leaf)}) than {certificate.label} holds ({_named(held[0])})"
        found.append(Problem("different", f"{text}; reload what serves it, or name the file that it uses"))
    elif held and not same_chain:
        text = f"{where} serves the certificate in {certificate.label}, but not the chain that follows it there"
        found.append(Problem("chain", f"{text}; reload what serves it, and have it send the whole file"))
    return {
        "tls_version": shown.tls_version,
        "same_certificate": same,
        "same_chain": same_chain,
        **_certificates.told(leaf),
        "problems": [problem.as_dict() for problem in found],
    }


def _named(certificate: x509.Certificate) -> str:
    return f"serial {_certificates.serial(certificate)}, valid until {_certificates.period(certificate)[1]:%Y-%m-%d %H:%M} UTC"


def _load(where: Address, der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise Problem("certificate_unreadable", f"{where} shows a certificate that cannot be read ({error}); replace it") from error


def _chain(secure: ssl.SSLSocket) -> Sequence[bytes]:
    if hasattr(secure, "get_unverified_chain"):
        found: list[bytes] = secure.get_unverified_chain()
        return found
    # Before Python 3.13 it is there, too, but one object further in.
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in secure._sslobj.get_unverified_chain()]  # type: ignore[attr-defined]


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    return getattr(error, "strerror", None) or str(error)
