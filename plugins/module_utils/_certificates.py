# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell whether a certificate and a key can serve a host, and if not, why."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    # On a host where nothing is installed yet the library is missing; the caller tells that.
    LIBRARY = True
except ImportError:
    LIBRARY = False

PEM_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """What a file (or a variable) holds, and how to name it to people. ``data`` is None when it does not exist."""

    label: str
    data: bytes | None


@dataclass(frozen=True)
class Wish:
    """``names`` must be covered (``exact``: and no others be there), for ``days`` more days from ``now``."""

    names: Sequence[str] = ()
    exact: bool = False
    days: int = 0
    now: datetime | None = None


class Problem(Exception):
    """``code`` is for programs, the text is a sentence for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "text": str(self)}


def problems(certificate: Text, key: Text, wish: Wish) -> list[Problem]:
    """Everything that keeps the pair from serving; empty when nothing does."""
    found: list[Problem] = [_missing(text) for text in (certificate, key) if text.data is None]
    if not LIBRARY or found:
        return found
    try:
        chain = load_chain(certificate)
    except Problem as problem:
        return [problem]
    found += filter(None, [_validity(certificate, chain[0], wish), _coverage(certificate, chain[0], wish)])
    try:
        _check_pair(certificate, chain, key)
    except Problem as problem:
        found.append(problem)
    return found


def describe(certificate: Text, now: datetime | None = None) -> dict[str, Any]:
    """What the first certificate says; empty when there is none that can be read."""
    if not LIBRARY or certificate.data is None:
        return {}
    try:
        return told(load_chain(certificate)[0], now)
    except Problem:
        return {}


def told(leaf: x509.Certificate, now: datetime | None = None) -> dict[str, Any]:
    """What a certificate says."""
    not_before, not_after = period(leaf)
    return {
        "names": names_of(leaf),
        "subject": leaf.subject.rfc4514_string(),
        "issuer": leaf.issuer.rfc4514_string(),
        "self_signed": leaf.issuer == leaf.subject,
        "not_before": not_before.isoformat(),
        "not_after": not_after.isoformat(),
        # Whole ones, rounded down: less than none when it has expired.
        "days_left": (not_after - (now or datetime.now(UTC))).days,
        "serial": serial(leaf),
        "sha256": leaf.fingerprint(hashes.SHA256()).hex(),
    }


def load_chain(certificate: Text) -> list[x509.Certificate]:
    """All certificates of a PEM text, the host's own first."""
    # One by one: the function that loads them all came with cryptography 39, Debian 12 has 38.
    blocks = PEM_CERTIFICATE.findall(certificate.data or b"")
    try:
        chain = [x509.load_pem_x509_certificate(block) for block in blocks]
    except ValueError as error:
        raise Problem("certificate_unreadable", f"{certificate.label} is damaged ({error}); copy it there again") from error
    if not chain:
        text = f"{certificate.label} holds no certificate in PEM form; give the host's own, followed by its chain"
        raise Problem("certificate_unreadable", text)
    return chain


def names_of(certificate: x509.Certificate) -> list[str]:
    """The names and addresses that it is for. The common name does not count; no browser looks at it."""
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = [str(address) for address in alternative.get_values_for_type(x509.IPAddress)]
    return [*alternative.get_values_for_type(x509.DNSName), *addresses]


def serial(certificate: x509.Certificate) -> str:
    """Its number, as OpenSSL writes it."""
    number = f"{certificate.serial_number:X}"
    return number.zfill(len(number) + len(number) % 2)


def normal(name: str) -> str:
    """The form in which names are compared; of an address the one that Python's ipaddress gives it."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.rstrip(".").lower()


def covers(held: str, wanted: str) -> bool:
    """Whether a name in a certificate is good for ``wanted``. ``*`` stands for exactly one label, the leftmost (RFC 6125)."""
    held, wanted = normal(held), normal(wanted)
    if held == wanted:
        return True
    _label, _dot, parent = wanted.partition(".")
    return not is_address(wanted) and "." in parent and held == f"*.{parent}"


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _missing(text: Text) -> Problem:
    return Problem("missing", f"{text.label} does not exist; put the file there or name the one that is meant")


def period(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """From when and until when it is valid, in UTC."""
    # The names with _utc came with cryptography 42; the older ones are in UTC too, but don't say so.
    if hasattr(certificate, "not_valid_after_utc"):
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return certificate.not_valid_before.replace(tzinfo=UTC), certificate.not_valid_after.replace(tzinfo=UTC)


def _validity(certificate: Text, leaf: x509.Certificate, wish: Wish) -> Problem | None:
    now = wish.now or datetime.now(UTC)
    not_before, not_after = period(leaf)
    if now > not_after:
        return Problem("expired", f"{certificate.label} expired on {not_after:%Y-%m-%d %H:%M} UTC; renew it")
    if now < not_before:
        text = f"{certificate.label} is not valid before {not_before:%Y-%m-%d %H:%M} UTC; look at the host's clock, or wait"
        return Problem("not_yet_valid", text)
    if now + timedelta(days=wish.days) > not_after:
        text = f"{certificate.label} expires on {not_after:%Y-%m-%d %H:%M} UTC, in less than {wish.days} days; renew it"
        return Problem("expires_soon", text)
    return None


def _coverage(certificate: Text, leaf: x509.Certificate, wish: Wish) -> Problem | None:
    held = names_of(leaf)
    lacking = [name for name in wish.names if not any(covers(one, name) for one in held)]
    if lacking:
        what = f"is for {', '.join(held)}" if held else "names no host (it has no subjectAltName)"
        return Problem("names", f"{certificate.label} {what}, not for {', '.join(lacking)}; get one with that name, or correct the domain")
    surplus = _normals(held) - _normals(wish.names) if wish.exact else set()
    if surplus:
        return Problem("names", f"{certificate.label} is for {', '.join(sorted(surplus))} as well")
    return None


def _normals(names: Iterable[str]) -> set[str]:
    return {normal(name) for name in names}


def _check_pair(certificate: Text, chain: Sequence[x509.Certificate], key: Text) -> None:
    public = _spki(_load_key(key).public_key())
    places = [number for number, one in enumerate(chain, 1) if _spki(one.public_key()) == public]
    if not places:
        held = ", ".join(names_of(chain[0])) or chain[0].subject.rfc4514_string()
        text = f"{key.label} does not belong to {certificate.label} (a certificate for {held}); give the key that belongs to it"
        raise Problem("mismatch", text)
    if places[0] != 1:
        text = f"in {certificate.label} the host's own certificate is number {places[0]}; it must come first, followed by its chain"
        raise Problem("order", text)


def _load_key(key: Text) -> Any:
    try:
        return serialization.load_pem_private_key(key.data or b"", password=None)
    except TypeError as error:
        text = f"{key.label} is encrypted; store it without a passphrase (openssl pkey -in ... -out ...), readable by root only"
        raise Problem("encrypted", text) from error
    except Exception as error:
        # Which exception depends on the version of cryptography and on what is wrong.
        text = f"{key.label} cannot be read as a private key in PEM form; give the key of the certificate"
        raise Problem("key_unreadable", text) from error


def _spki(public_key: Any) -> bytes:
    spki: bytes = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return spki
