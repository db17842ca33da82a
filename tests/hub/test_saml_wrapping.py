# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers with a good signature that is not on what would be read (XML signature wrapping)."""

from __future__ import annotations

import re

import pytest
from identity_provider import SAML, IdentityProvider
from saml_member import EVIL, refused

_SIGNATURE = re.compile(r"<ds:Signature .*?</ds:Signature>", re.DOTALL)


def parts(provider: IdentityProvider, request: str) -> tuple[str, str, str, str]:
    """A good assertion, without its signature, that signature, and an assertion of mallory's own."""
    good = provider.assertion(request, "mallory")
    match = _SIGNATURE.search(good)
    assert match
    return good, _SIGNATURE.sub("", good), match[0], provider.assertion(request, EVIL, sign=False)


def within(element: str, what: str, *, first: bool = False) -> str:
    """What, as the first or the last child of an element."""
    place = element.index(">") + 1 if first else element.rindex("</")
    return element[:place] + what + element[place:]


def before_it(provider, request):
    good, _bare, _signature, evil = parts(provider, request)
    return provider.response(request, evil + good)


def after_it(provider, request):
    good, _bare, _signature, evil = parts(provider, request)
    return provider.response(request, good + evil)


def around_it(provider, request):
    good, _bare, _signature, evil = parts(provider, request)
    return provider.response(request, within(evil, good))


def with_its_signature(provider, request):
    _good, bare, signature, evil = parts(provider, request)
    return provider.response(request, within(evil, signature, first=True) + bare)


def in_the_signature(provider, request):
    _good, bare, signature, evil = parts(provider, request)
    return provider.response(request, within(evil, within(signature, bare), first=True))


def in_an_object(provider, request):
    _good, bare, signature, evil = parts(provider, request)
    wrapped = within(signature, f"<ds:Object>{bare}</ds:Object>")
    return provider.response(request, within(evil, wrapped, first=True))


def in_extensions(provider, request):
    good, _bare, _signature, evil = parts(provider, request)
    hidden = f"<samlp:Extensions>{good}</samlp:Extensions>"
    return provider.response(request, evil).replace("<samlp:Status>", f"{hidden}<samlp:Status>")


def in_its_advice(provider, request):
    good, _bare, _signature, evil = parts(provider, request)
    return provider.response(request, within(evil, f"<saml:Advice>{good}</saml:Advice>"))


def under_the_same_id(provider, request):
    good, _bare, _signature, evil = parts(provider, request)
    ident = re.search(r' ID="(\w+)"', good)[1]
    return provider.response(request, re.sub(r' ID="\w+"', f' ID="{ident}"', evil, count=1) + good)


def in_another_name_space(provider, request):
    good, _bare, _signature, evil = parts(provider, request)
    return provider.response(request, evil + good.replace(SAML, "urn:other"))


def around_a_signed_response(provider, request):
    signed = provider.response(request, provider.assertion(request, "mallory"), sign=True)
    return within(provider.response(request, provider.assertion(request, EVIL, sign=False)), signed)


def in_the_signature_of_the_response(provider, request):
    signed = provider.response(request, provider.assertion(request, "mallory"), sign=True)
    signature = _SIGNATURE.search(signed)[0]
    bare = _SIGNATURE.sub("", signed, count=1)
    outer = provider.response(request, provider.assertion(request, EVIL, sign=False))
    return outer.replace("<samlp:Status>", within(signature, f"<ds:Object>{bare}</ds:Object>") + "<samlp:Status>", 1)


def beside_an_encrypted_one(provider, request):
    good, _bare, _signature, evil = parts(provider, request)
    return provider.response(request, provider.encrypt(good, provider.folder / "hub.pem") + evil)


def encrypted_unsigned(provider, request):
    evil = provider.assertion(request, EVIL, sign=False)
    return provider.response(request, provider.encrypt(evil, provider.folder / "hub.pem"))


def encrypted_and_wrapped(provider, request):
    good, _bare, _signature, evil = parts(provider, request)
    return provider.response(request, provider.encrypt(within(evil, good), provider.folder / "hub.pem"))


@pytest.mark.parametrize(
    "wrap",
    [
        before_it,
        after_it,
        around_it,
        with_its_signature,
        in_the_signature,
        in_an_object,
        in_extensions,
        in_its_advice,
        under_the_same_id,
        in_another_name_space,
        around_a_signed_response,
        in_the_signature_of_the_response,
        beside_an_encrypted_one,
        encrypted_unsigned,
        encrypted_and_wrapped,
    ],
)
def test_wrapped(mallory, wrap):
    refused(mallory, wrap(mallory.provider, mallory.begin()), "")
