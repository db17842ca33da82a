# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metadata of the identity provider: what is wrong with it is said in one sentence, before anything depends on it."""

from __future__ import annotations

import base64
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from cryptography import x509

from . import saml_checks
from .saml_shape import DS, RefusedError

_MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


@dataclass(frozen=True)
class Provider:
    """``logout`` and ``logout_answer`` are empty if the provider has no such service. ``until``: when the metadata ends, if it says so."""

    entity_id: str
    login: str
    logout: str
    logout_answer: str
    certificates: list[str]
    until: float | None

    def ended(self) -> bool:
        return self.until is not None and self.until < time.time()


def read_provider(path: str) -> Provider:
    """
    :raises ValueError: in a sentence that names the file.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ValueError(f"the metadata of the provider, {path}, cannot be read: {error.strerror}") from None
    try:
        return _read(content)
    except (ET.ParseError, RefusedError, ValueError) as error:
        raise ValueError(f"{path} is not the metadata of an identity provider: {error}; fetch it from the provider anew") from None


def _read(content: bytes) -> Provider:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("it has a document type, which metadata does not need")
    root = ET.fromstring(content)
    providers = [entity for entity in root.iter(f"{_MD}EntityDescriptor") if entity.find(f"{_MD}IDPSSODescriptor") is not None]
    if len(providers) != 1:
        raise ValueError(f"it has {len(providers)} identity providers, and one is needed")
    entity = providers[0]
    role = entity.find(f"{_MD}IDPSSODescriptor")
    if role is None or not entity.get("entityID"):
        raise ValueError("its identity provider has no entityID")
    login, _answer = _service(role, "SingleSignOnService")
    if not login:
        raise ValueError("it has no SingleSignOnService with the binding HTTP-Redirect")
    ends = [saml_checks.moment(one.attrib["validUntil"]) for one in (root, entity, role) if "validUntil" in one.attrib]
    certificates = _certificates(role)
    return Provider(entity.attrib["entityID"], login, *_service(role, "SingleLogoutService"), certificates, min(ends, default=None))


def _service(role: ET.Element, kind: str) -> tuple[str, str]:
    """Where a service is, and where it takes answers."""
    for service in role.findall(_MD + kind):
        location = service.get("Location", "")
        if service.get("Binding") == _REDIRECT and location.startswith(("https://", "http://")):
            return location, service.get("ResponseLocation", location)
    return "", ""


def _certificates(role: ET.Element) -> list[str]:
    """All keys that sign: there are two while one is about to follow the other."""
    found = [
        "".join((certificate.text or "").split())
        for key in role.findall(f"{_MD}KeyDescriptor")
        if key.get("use", "signing") == "signing"
        for certificate in key.iter(f"{DS}X509Certificate")
    ]
    for certificate in found:
        try:
            x509.load_der_x509_certificate(base64.b64decode(certificate, validate=True))
        except ValueError:
            raise ValueError("one of its certificates cannot be read") from None
    if not found:
        raise ValueError("it has no certificate of a key that signs")
    return found
