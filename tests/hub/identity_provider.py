# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An identity provider of SAML, which says what the test wants it to say, and signs with xmlsec1 as the usual ones do."""

from __future__ import annotations

import base64
import datetime
import subprocess
import uuid
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, urlparse
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ENTITY = "https://provider.example.org/metadata"
LOGIN = "https://provider.example.org/login"
LOGOUT = "https://provider.example.org/logout"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"

_SIGNATURE = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>\
<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="{method}"/>\
<ds:Reference URI="#{id}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>\
<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="{digest}"/>\
<ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"""
_ASSERTION = """<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}" Version="2.0" IssueInstant="{now}">\
<saml:Issuer>{issuer}</saml:Issuer>{signature}<saml:Subject><saml:NameID Format="{format}">{name}</saml:NameID>\
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData \
InResponseTo="{request}" NotOnOrAfter="{until}" Recipient="{recipient}"/></saml:SubjectConfirmation></saml:Subject>\
<saml:Conditions NotBefore="{since}" NotOnOrAfter="{until}">{audience}</saml:Conditions>\
<saml:AuthnStatement AuthnInstant="{now}" SessionIndex="{session}"><saml:AuthnContext><saml:AuthnContextClassRef>\
urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>{attributes}\
</saml:Assertion>"""
_RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="{id}" Version="2.0" IssueInstant="{now}" \
Destination="{recipient}" InResponseTo="{request}"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{issuer}\
</saml:Issuer>{signature}<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status>{content}\
</samlp:Response>"""
_LOGOUT = """<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" \
ID="{id}" Version="2.0" IssueInstant="{now}" Destination="{destination}" NotOnOrAfter="{until}"><saml:Issuer>{issuer}</saml:Issuer>\
{signature}<saml:NameID Format="{format}">{name}</saml:NameID>{sessions}</samlp:LogoutRequest>"""
_METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}"{ends}>\
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}<md:SingleLogoutService \
Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{logout}"/><md:SingleSignOnService \
Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{login}"/></md:IDPSSODescriptor></md:EntityDescriptor>"""
_KEY = """<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>\
<ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"""
_ENCRYPTION = """<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">\
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\
<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData>\
<xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData>\
</xenc:EncryptedData>"""


def new_id() -> str:
    return f"_{uuid.uuid4().hex}"


def moment(seconds: float = 0) -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fill(template: str, values: dict[str, object]) -> str:
    """With numbers of seconds from now as moments."""
    return template.format(**{name: moment(value) if isinstance(value, int) else value for name, value in values.items()})


@dataclass(frozen=True)
class Keys:
    """A key pair in a folder, made on the spot."""

    folder: Path
    name: str

    @classmethod
    def make(cls, folder: Path, name: str) -> Keys:
        key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        # Long over: what counts is the key, and providers leave such certificates in their metadata for ever.
        dated = builder.not_valid_before(start).not_valid_after(start + datetime.timedelta(days=1))
        made = cls(folder, name)
        pem = serialization.Encoding.PEM
        form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        made.key.write_bytes(key.private_bytes(pem, form, plain))
        made.certificate.write_bytes(dated.sign(key, hashes.SHA256()).public_bytes(pem))
        return made

    @property
    def key(self) -> Path:
        return self.folder / f"{self.name}.key"

    @property
    def certificate(self) -> Path:
        return self.folder / f"{self.name}.pem"

    def base64(self) -> str:
        return "".join(self.certificate.read_text().splitlines()[1:-1])

    def private(self) -> rsa.RSAPrivateKey:
        key = serialization.load_pem_private_key(self.key.read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key


@dataclass
class IdentityProvider:
    """``hub`` is the hub's address with a final slash."""

    folder: Path
    hub: str = ""
    keys: Keys = field(init=False)

    def __post_init__(self) -> None:
        self.keys = Keys.make(self.folder, "provider")

    def metadata(self, *further: Keys, ends: str = "") -> str:
        keys = "".join(_KEY.format(one.base64()) for one in (self.keys, *further))
        return _METADATA.format(entity=ENTITY, keys=keys, login=LOGIN, logout=LOGOUT, ends=f' validUntil="{ends}"' if ends else "")

    # -- what it says

    def assertion(self, request: str, name: str, *, key: Keys | None = None, sign: bool = True, **said: object) -> str:
        """``said`` replaces what it would say of itself; ``name`` is XML."""
        ident = str(said.get("id", new_id()))
        method, digest = said.get("method", RSA_SHA256), said.get("digest", SHA256)
        audience = said.get("audience", f"{self.hub}hub/saml/metadata")
        groups = "".join(f"<saml:AttributeValue>{escape(str(one))}</saml:AttributeValue>" for one in said.get("groups", ()))  # type: ignore[attr-defined]
        attributes = f'<saml:AttributeStatement><saml:Attribute Name="groups">{groups}</saml:Attribute></saml:AttributeStatement>'
        values = {
            "now": moment(),
            "issuer": ENTITY,
            "format": PERSISTENT,
            "since": -30,
            "until": 300,
            "recipient": f"{self.hub}hub/saml/acs",
            "session": "session-1",
            **said,
            "id": ident,
            "name": name,
            "request": request,
            "audience": f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
            if audience
            else "",
            "attributes": attributes if groups else "",
            "signature": _SIGNATURE.format(id=ident, method=method, digest=digest) if sign else "",
        }
        text = _fill(_ASSERTION, values)
        return self.sign(text, f"{SAML}:Assertion", key) if sign else text

    def response(self, request: str, content: str, *, sign: bool = False, **said: object) -> str:
        ident = str(said.get("id", new_id()))
        values = {"now": moment(), "issuer": ENTITY, "recipient": f"{self.hub}hub/saml/acs", "status": "Success", **said}
        signature = _SIGNATURE.format(id=ident, method=RSA_SHA256, digest=SHA256) if sign else ""
        text = _RESPONSE.format(**{**values, "id": ident, "request": request, "content": content, "signature": signature})
        return self.sign(text, f"{SAMLP}:Response") if sign else text

    def answer(self, request: str, name: str, **said: object) -> str:
        """A response around an assertion, as it should be but for what is said."""
        return self.response(request, self.assertion(request, name, **said))  # type: ignore[arg-type]

    def logout_request(self, name: str, *, sign: bool = False, **said: object) -> str:
        ident = str(said.get("id", new_id()))
        values = {
            "now": moment(),
            "issuer": ENTITY,
            "format": PERSISTENT,
            "until": 300,
            "destination": f"{self.hub}hub/saml/logout",
            "sessions": "",
            **said,
            "id": ident,
            "name": name,
            "signature": _SIGNATURE.format(id=ident, method=RSA_SHA256, digest=SHA256) if sign else "",
        }
        text = _fill(_LOGOUT, values)
        return self.sign(text, f"{SAMLP}:LogoutRequest") if sign else text

    # -- how it says it

    def sign(self, text: str, element: str, key: Keys | None = None) -> str:
        key = key or self.keys
        return self._xmlsec(text, "--sign", "--privkey-pem", str(key.key), "--id-attr:ID", element)

    def encrypt(self, assertion: str, certificate: Path) -> str:
        data = self.folder / "data.xml"
        data.write_text(assertion)
        options = ("--encrypt", "--pubkey-cert-pem", str(certificate), "--session-key", "aes-256", "--xml-data", str(data))
        return f'<saml:EncryptedAssertion xmlns:saml="{SAML}">{self._xmlsec(_ENCRYPTION, *options)}</saml:EncryptedAssertion>'

    def _xmlsec(self, text: str, *options: str) -> str:
        source, result = self.folder / "source.xml", self.folder / "result.xml"
        source.write_text(text)
        done = subprocess.run(
            ["xmlsec1", *options, "--output", str(result), str(source)], capture_output=True, text=True, timeout=20, check=False
        )
        assert done.returncode == 0, done.stderr
        return result.read_text().removeprefix('<?xml version="1.0"?>').strip()

    def signed_query(self, message: str, key: Keys | None = None, method: str = RSA_SHA256) -> str:
        """A request as it stands in an address, signed there."""
        deflated = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = base64.b64encode(deflated.compress(message.encode()) + deflated.flush()).decode()
        query = f"SAMLRequest={quote(packed, safe='')}&RelayState=a%20b&SigAlg={quote(method, safe='')}"
        signature = (
            (key or self.keys).private().sign(query.encode(), padding.PKCS1v15(), hashes.SHA1() if method == RSA_SHA1 else hashes.SHA256())
        )
        return f"{query}&Signature={quote(base64.b64encode(signature).decode(), safe='')}"


def read_address(address: str, certificate: Path, kind: str = "SAMLRequest") -> str:
    """The message that the hub sends by an address, after a look at its signature."""
    query = urlparse(address).query
    covered, _found, signature = query.partition("&Signature=")
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    values = parse_qs(f"{covered}&Signature={signature}")
    assert values["SigAlg"] == [RSA_SHA256]
    key.verify(base64.b64decode(values["Signature"][0]), covered.encode(), padding.PKCS1v15(), hashes.SHA256())
    return zlib.decompress(base64.b64decode(values[kind][0]), -15).decode()
