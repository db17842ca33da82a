# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures of messages that come in an address: they cover the query as it was sent, letter by letter."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import unquote_plus

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from .saml_shape import SIGNATURES, RefusedError

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}


def check_query(query: str, certificates: list[str]) -> None:
    """The query is signed with the key of one of the certificates, which are in Base64 without a frame."""
    parts: dict[str, str] = {}
    for part in query.split("&"):
        name, _equals, value = part.partition("=")
        if name in parts:
            raise RefusedError(f"the address has {name} twice")
        parts[name] = value
    algorithm = unquote_plus(parts.get("SigAlg", ""))
    if not parts.get("Signature"):
        raise RefusedError("the message in the address is not signed")
    if algorithm not in SIGNATURES:
        raise RefusedError(f"the message in the address is signed with {algorithm}, which is not accepted; SHA-256 and better are")
    covered = "&".join(f"{name}={parts[name]}" for name in ("SAMLRequest", "RelayState", "SigAlg") if name in parts)
    try:
        signature = base64.b64decode(unquote_plus(parts["Signature"]), validate=True)
    except ValueError:
        raise RefusedError("the signature in the address is not Base64") from None
    if not any(_holds(signature, covered.encode(), certificate, algorithm) for certificate in certificates):
        raise RefusedError("the signature in the address is not the provider's")


def _holds(signature: bytes, covered: bytes, certificate: str, algorithm: str) -> bool:
    key = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    digest = _HASHES[algorithm[-3:]]()
    try:
        if isinstance(key, rsa.RSAPublicKey) and "#rsa-" in algorithm:
            key.verify(signature, covered, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and "#ecdsa-" in algorithm:
            key.verify(signature, covered, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True
