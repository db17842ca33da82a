# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a signed SAML message has to look like before anything that it says is read.

A signature covers one element, and attacks wrap that element up so that another one is read in its place, or have two parsers read
the same text in two ways. Here a message has nothing that parsers differ about, one thing to read, and signatures nowhere but on it.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
ASSERTION = f"{SAML}Assertion"
ENCRYPTED = f"{SAML}EncryptedAssertion"
RESPONSE = f"{SAMLP}Response"
LOGOUT_REQUEST = f"{SAMLP}LogoutRequest"

LARGEST = 1_000_000
_DECLARATION = re.compile(r"\s*<\?xml\s[^<>]*\?>")
_IDS = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURES = {f"{_MORE}{kind}-sha{size}" for kind in ("rsa", "ecdsa") for size in (256, 384, 512)}
_DIGESTS = {"http://www.w3.org/2001/04/xmlenc#sha256", f"{_MORE}sha384", "http://www.w3.org/2001/04/xmlenc#sha512"}
_CANONICAL = {"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"}
_TRANSFORMS = {"http://www.w3.org/2000/09/xmldsig#enveloped-signature"} | _CANONICAL
_PARTS = {f"{DS}SignedInfo", f"{DS}SignatureValue", f"{DS}KeyInfo"}


class RefusedError(Exception):
    """Why a message is not believed, for the log. The person in front of the browser learns only that it was not."""


def plain_text(message: bytes) -> str:
    """The text of a message, which the parsers that come after cannot understand in different ways."""
    if len(message) > LARGEST:
        raise RefusedError(f"the message has {len(message)} bytes, more than any answer needs")
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("the message is not UTF-8") from None
    # The declaration could name another encoding. No signature covers it.
    text = _DECLARATION.sub("", text, count=1) if _DECLARATION.match(text) else text
    # As "<" stands nowhere else in XML, this finds each document type, entity, comment, CDATA section and processing instruction.
    if found := re.search(r"<[!?].{0,20}", text):
        raise RefusedError(f"the message has markup that no answer needs: {found[0]!r}")
    return text


def parse(text: str, root: str) -> ET.Element:
    """The message as elements, with each ID in it once."""
    try:
        element = ET.fromstring(text)
    except ET.ParseError as error:
        raise RefusedError(f"the message is not XML: {error}") from None
    if element.tag != root:
        raise RefusedError(f"the message is a {_short(element.tag)} where a {_short(root)} is expected")
    ids = [one.attrib[name] for one in element.iter() for name in _IDS if name in one.attrib]
    if len(set(ids)) < len(ids):
        raise RefusedError("the message has an ID twice")
    return element


def is_encrypted(response: ET.Element) -> bool:
    return response.find(ENCRYPTED) is not None


def check_response(response: ET.Element, *, decrypted: bool = False) -> None:
    """There is one assertion, at its own place; an unencrypted one is signed.

    :param decrypted: whether the assertion was encrypted, and stands where it was.
    """
    places = [*response.findall(ASSERTION), *response.findall(f"{ENCRYPTED}/{ASSERTION}")]
    assertions = list(response.iter(ASSERTION))
    if is_encrypted(response) and not decrypted:
        if assertions or len(list(response.iter(ENCRYPTED))) != 1:
            raise RefusedError("the response has further assertions beside an encrypted one")
        check_signatures(response, [response])
        return
    if len(assertions) != 1 or assertions != places:
        raise RefusedError(f"the response has {len(assertions)} assertions, or one that is not at its place, instead of a single one")
    if assertions[0].find(f"{DS}Signature") is None:
        raise RefusedError("the assertion is not signed; have the provider sign assertions, as the metadata of this hub asks")
    check_signatures(response, [response, assertions[0]])


def check_signatures(root: ET.Element, bearers: list[ET.Element]) -> None:
    """Signatures stand on the bearers, at most one on each, and nowhere else; each covers its bearer, by methods that still hold."""
    found = {id(signature): bearer for bearer in bearers for signature in bearer.findall(f"{DS}Signature")}
    signatures = list(root.iter(f"{DS}Signature"))
    if {id(one) for one in signatures} != set(found) or len({id(bearer) for bearer in found.values()}) != len(found):
        raise RefusedError("the message has a signature that is not at its place")
    for signature in signatures:
        _check_signature(signature, found[id(signature)])


def _check_signature(signature: ET.Element, bearer: ET.Element) -> None:
    references = list(signature.iter(f"{DS}Reference"))
    if len(references) != 1 or references[0].get("URI") != f"#{bearer.get('ID')}" or {part.tag for part in signature} - _PARTS:
        raise RefusedError(f"a signature covers something else than the {_short(bearer.tag)} that it stands on")
    for part, allowed in (
        ("SignatureMethod", SIGNATURES),
        ("DigestMethod", _DIGESTS),
        ("CanonicalizationMethod", _CANONICAL),
        ("Transform", _TRANSFORMS),
    ):
        used = {element.get("Algorithm") for element in signature.iter(DS + part)}
        if not used or used - allowed:
            raise RefusedError(f"a signature uses {', '.join(map(str, used))} as {part}, which is not accepted; SHA-256 and better are")


def _short(tag: str) -> str:
    return tag.rpartition("}")[2]
