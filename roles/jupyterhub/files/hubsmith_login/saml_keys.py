# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key pair of this hub as a service provider: what is wrong with it is said before anybody logs in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate


def check_keys(key_file: str, certificate_file: str) -> None:
    """
    :raises ValueError: in a sentence that names the file.
    """
    key = _public(key_file, lambda pem: load_pem_private_key(pem, None).public_key())
    if _public(certificate_file, lambda pem: load_pem_x509_certificate(pem).public_key()) != key:
        raise ValueError(f"the certificate {certificate_file} does not belong to the key {key_file}; make them anew together")


def _public(path: str, read: Callable[[bytes], Any]) -> bytes:
    try:
        key = read(Path(path).read_bytes())
    except OSError as error:
        raise ValueError(f"{path}, of this hub's keys for SAML, cannot be read: {error.strerror}") from None
    except (ValueError, TypeError):
        raise ValueError(f"{path}, of this hub's keys for SAML, is not in PEM, or needs a password") from None
    public: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public
