# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This hub as a service provider of one identity provider: the messages of SAML, written and verified. Knows no hub."""

from __future__ import annotations

import base64
import contextlib
import logging
import shutil
import time
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, class_name, extension_elements_to_elements, saml, samlp
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.ident import code, decode
from saml2.metadata import create_metadata_string
from saml2.xmldsig import SIG_RSA_SHA256

from . import saml_shape
from .saml_checks import Expected, Statement, check_issuer, moment, read_assertion
from .saml_keys import check_keys
from .saml_memory import Session
from .saml_metadata import Provider, read_provider
from .saml_redirect import check_query
from .saml_shape import RefusedError

_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
# For how long a request of the provider's is heard that does not say so itself.
_FRESH = 300.0
# The library logs messages as they came, with all that they say of people. What matters of them is logged by those who ask.
logging.getLogger("saml2").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Settings:
    """``address`` is where this hub's pages for SAML are, with a final slash."""

    metadata_file: str
    entity_id: str
    address: str
    key_file: str
    certificate_file: str
    skew: float
    xmlsec_binary: str


@dataclass(frozen=True)
class Logout:
    """A request of the provider's to end sessions of somebody: those given, or all."""

    id: str
    name: str
    sessions: list[str]
    until: float


class _Keys:
    """The provider's keys, for the library."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def certs(self, issuer: str, _role: str, _use: str) -> list[tuple[None, str]]:
        return [(None, one) for one in self.provider.certificates] if issuer == self.provider.entity_id else []


class Service:
    """
    :raises ValueError: in a sentence, if nobody could log in with these settings.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.provider = read_provider(settings.metadata_file)
        check_keys(settings.key_file, settings.certificate_file)
        self._config = SPConfig().load(self._configuration())
        self._client = Saml2Client(self._config)
        # The library asks it for nothing else than the keys, and always before it verifies.
        self._client.sec.metadata = _Keys(self.provider)

    def _configuration(self) -> dict[str, Any]:
        settings = self.settings
        xmlsec = shutil.which(settings.xmlsec_binary)
        if not xmlsec:
            raise ValueError(f"there is no program {settings.xmlsec_binary}; install the Debian package xmlsec1")
        logout = f"{settings.address}logout"
        keys = {"key_file": settings.key_file, "cert_file": settings.certificate_file}
        return {
            "entityid": settings.entity_id,
            "xmlsec_binary": xmlsec,
            **keys,
            "encryption_keypairs": [keys],
            "service": {
                "sp": {
                    "endpoints": {
                        "assertion_consumer_service": [(self.recipient, BINDING_HTTP_POST)],
                        "single_logout_service": [(logout, BINDING_HTTP_REDIRECT), (logout, BINDING_HTTP_POST)],
                    },
                    "authn_requests_signed": True,
                    "want_assertions_signed": True,
                }
            },
        }

    @property
    def recipient(self) -> str:
        return f"{self.settings.address}acs"

    def metadata(self) -> str:
        text = create_metadata_string(None, config=self._config)
        return text.decode() if isinstance(text, bytes) else str(text)

    # -- messages to the provider

    def login_request(self) -> tuple[str, str]:
        """The ID of a request, and the address that carries it to the provider."""
        if self.provider.ended():
            raise OSError(f"the metadata of the provider, {self.settings.metadata_file}, has ended; fetch it anew")
        ident, request = self._client.create_authn_request(self.provider.login, sign=False)
        return ident, self._address(request, self.provider.login)

    def logout_request(self, session: Session) -> str:
        """The address that ends a session at the provider; empty if it does not offer that."""
        where = self.provider.logout
        if not where:
            return ""
        indexes = [session.session] if session.session else None
        name_id = decode(session.name_id)
        _ident, request = self._client.create_logout_request(
            where, self.provider.entity_id, name_id=name_id, session_indexes=indexes, sign=False
        )
        return self._address(request, where)

    def logout_answer(self, request: Logout, relay_state: str) -> str:
        """The address that tells the provider that its request was carried out; empty if it does not take that."""
        where = self.provider.logout_answer
        if not where:
            return ""
        arguments = self._client.message_args()
        status = samlp.Status(status_code=samlp.StatusCode(value=_SUCCESS))
        answer = samlp.LogoutResponse(status=status, in_response_to=request.id, destination=where, **arguments)
        return self._address(answer, where, relay_state, response=True)

    def _address(self, message: Any, where: str, relay_state: str = "", *, response: bool = False) -> str:
        sent = self._client.apply_binding(
            BINDING_HTTP_REDIRECT, str(message), where, relay_state, response=response, sign=True, sigalg=SIG_RSA_SHA256
        )
        return str(dict(sent["headers"])["Location"])

    @staticmethod
    def code(statement: Statement) -> str:
        """What the provider calls somebody, in a form that can be kept."""
        return str(code(statement.name_id))

    # -- messages from the provider

    @staticmethod
    def unpack(field: str) -> tuple[str, ET.Element]:
        """An answer as it was posted: its text, and what that says, of which nothing is certain yet."""
        text = saml_shape.plain_text(_decode(field))
        return text, saml_shape.parse(text, saml_shape.RESPONSE)

    def verify(self, text: str, response: ET.Element, request: str) -> Statement:
        """What an answer to a request says of somebody. Takes the time of some processes."""
        with _trouble_refused():
            return self._verify(text, response, request)

    def _verify(self, text: str, response: ET.Element, request: str) -> Statement:
        self._check_envelope(response)
        encrypted = saml_shape.is_encrypted(response)
        saml_shape.check_response(response)
        message = samlp.response_from_string(text)
        if message.signature:
            self._check_signature(message, text)
        if message.issuer:
            check_issuer(message, self.provider.entity_id)
        if encrypted:
            text = saml_shape.plain_text(self._decrypt(text))
            saml_shape.check_response(saml_shape.parse(text, saml_shape.RESPONSE), decrypted=True)
            message = samlp.response_from_string(text)
            (assertion,) = extension_elements_to_elements(message.encrypted_assertion[0].extension_elements, [saml])
        else:
            (assertion,) = message.assertion
        self._check_signature(assertion, text)
        return read_assertion(assertion, self._expected(request))

    def _expected(self, request: str) -> Expected:
        return Expected(self.provider.entity_id, self.settings.entity_id, self.recipient, request, time.time(), self.settings.skew)

    def _check_envelope(self, response: ET.Element) -> None:
        status = [code.get("Value", "") for code in response.iter(f"{saml_shape.SAMLP}StatusCode")]
        if status[:1] != [_SUCCESS]:
            message = response.findtext(f".//{saml_shape.SAMLP}StatusMessage") or ""
            raise RefusedError(f"the provider says: {', '.join(part.rpartition(':')[2] for part in status)} {message[:200]!r}")
        if response.get("Destination", self.recipient) != self.recipient:
            raise RefusedError(f"the answer was sent to {response.get('Destination')} instead of {self.recipient}")

    def _check_signature(self, item: Any, text: str) -> None:
        with _trouble_refused("the signature is not the provider's"):
            self._client.sec.check_signature(item, class_name(item), text)

    def _decrypt(self, text: str) -> bytes:
        with _trouble_refused(f"the assertion cannot be decrypted with {self.settings.key_file}"):
            return str(self._client.sec.decrypt(text)).encode()

    def verify_logout(self, field: str, query: str) -> Logout:
        """What the provider asks, as it was posted or, if there is a query, came in the address."""
        with _trouble_refused():
            return self._verify_logout(field, query)

    def _verify_logout(self, field: str, query: str) -> Logout:
        raw = _decode(field)
        if query:
            check_query(query, self.provider.certificates)
            raw = _inflate(raw)
        text = saml_shape.plain_text(raw)
        root = saml_shape.parse(text, saml_shape.LOGOUT_REQUEST)
        request = samlp.logout_request_from_string(text)
        saml_shape.check_signatures(root, [root])
        if not query:
            if not request.signature:
                raise RefusedError("the request to log out is not signed")
            self._check_signature(request, text)
        return self._read_logout(request)

    def _read_logout(self, request: Any) -> Logout:
        check_issuer(request, self.provider.entity_id)
        expected = self._expected("")
        here = f"{self.settings.address}logout"
        if request.destination != here:
            raise RefusedError(f"the request to log out was sent to {request.destination} instead of {here}")
        ends = moment(request.not_on_or_after) if request.not_on_or_after else moment(request.issue_instant) + _FRESH
        if ends + expected.skew <= expected.now or moment(request.issue_instant) - expected.skew > expected.now:
            raise RefusedError(f"the request to log out, of {request.issue_instant}, is not valid now; compare the clocks")
        if not request.name_id:
            raise RefusedError("the request to log out does not say whom")
        sessions = [(index.text or "").strip() for index in request.session_index]
        return Logout(request.id, (request.name_id.text or "").strip(), sessions, ends + expected.skew)


@contextlib.contextmanager
def _trouble_refused(what: str = "the message cannot be read") -> Iterator[None]:
    """The library has many kinds of errors for messages that are not as they should be, some of them with all of the message in them."""
    try:
        yield
    except (RefusedError, OSError):
        raise
    except Exception as error:
        raise RefusedError(f"{what} ({type(error).__name__}: {str(error)[:200]!r})") from None


def _decode(field: str) -> bytes:
    if len(field) > 2 * saml_shape.LARGEST:
        raise RefusedError(f"the message has {len(field)} letters, more than any answer needs")
    try:
        return base64.b64decode("".join(field.split()), validate=True)
    except ValueError:
        raise RefusedError("the message is not Base64") from None


def _inflate(raw: bytes) -> bytes:
    """What was deflated, but no more of it than is read anyway."""
    try:
        return zlib.decompressobj(-15).decompress(raw, saml_shape.LARGEST + 1)
    except zlib.error:
        raise RefusedError("the message in the address is not deflated") from None
