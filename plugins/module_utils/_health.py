# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a service by HTTP whether it serves, and whether with the certificate that it should."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

PEM_END = "-----END CERTIFICATE-----"


@dataclass(frozen=True)
class Probe:
    """``statuses`` empty: any answer counts. ``certificate``: a PEM file whose first certificate must be the one served.

    ``name``: of the site that is asked for, where several have the one address.
    """

    url: str
    statuses: Sequence[int] = ()
    certificate: str = ""
    name: str = ""


def leaf(path: str) -> bytes:
    """The first certificate of a PEM file, as DER."""
    with open(path, encoding="ascii", errors="replace") as handle:
        text = handle.read()
    start = text.index("-----BEGIN CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert(text[start : text.index(PEM_END, start) + len(PEM_END)])


def trouble(probe: Probe, timeout: float = 5.0) -> str | None:
    """None when the service answers as it should, else a sentence that says what was found. Takes at most about ``timeout`` seconds."""
    parts = urlsplit(probe.url)
    tls = parts.scheme == "https"
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or (443 if tls else 80), timeout=timeout)
    try:
        connection.connect()
        if tls:
            connection.sock = open_context().wrap_socket(connection.sock, server_hostname=probe.name or parts.hostname)
        if (
            probe.certificate
            and isinstance(connection.sock, ssl.SSLSocket)
            and connection.sock.getpeercert(True) != leaf(probe.certificate)
        ):
            return f"{probe.url} serves another certificate than the one in {probe.certificate}"
        connection.request("GET", parts.path or "/", headers={"Host": probe.name} if probe.name else {})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{probe.url}: {error}"
    finally:
        connection.close()
    if probe.statuses and status not in probe.statuses:
        return f"{probe.url} answers {status}"
    return None


def open_context() -> ssl.SSLContext:
    """Trusts everybody: who answers is told by looking at the certificate itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def wait(probe: Probe, timeout: float, gave_up: Callable[[], str | None] = lambda: None) -> str | None:
    """Ask until the service is healthy (None) or ``timeout`` seconds have passed (the last trouble).

    :param gave_up: asked between the tries; a sentence from it ends the wait at once (the process keeps dying, say).
    """
    deadline = time.monotonic() + timeout
    while True:
        found = trouble(probe)
        if found is None:
            return None
        hopeless = gave_up()
        if hopeless:
            return f"{found}; {hopeless}"
        if time.monotonic() >= deadline:
            return f"{found} (waited {timeout:g} s)"
        time.sleep(0.1)
