# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that the hub must not believe. Each differs in one thing from what lets the same person in a moment later."""

from __future__ import annotations

import pytest
from identity_provider import RSA_SHA1, SHA1, Keys, new_id
from saml_member import CROSS_SITE, EVIL, Member, refused

DEEP = f"<samlp:Extensions>{'<x>' * 50_000}{'</x>' * 50_000}</samlp:Extensions>"


@pytest.mark.parametrize(
    ("said", "why"),
    {
        "unsigned": ({"sign": False}, "the assertion is not signed; have the provider sign assertions"),
        "SHA-1": ({"method": RSA_SHA1}, "rsa-sha1 as SignatureMethod"),
        "digest by SHA-1": ({"digest": SHA1}, "sha1 as DigestMethod"),
        "expired": ({"since": -900, "until": -90}, "valid until"),
        "not yet valid": ({"since": 90, "until": 900}, "valid only from"),
        "for another hub": ({"audience": "https://other.example.org/hub/saml/metadata"}, "is for https://other.example.org"),
        "for everybody": ({"audience": ""}, "does not say whom it is for"),
        "to be brought elsewhere": ({"recipient": "https://other.example.org/hub/saml/acs"}, "is to be brought to https://other"),
        "from somebody else": ({"issuer": "https://other.example.org/metadata"}, "MissingKey"),
        "markup in the name": ({"name": "ada<!-- -->mallory"}, "markup that no answer needs: '<!-- -->"),
        "an instruction in the name": ({"name": "ada<?x y?>mallory"}, "markup that no answer needs"),
        "no name": ({"name": ""}, "lacks its subject"),
        "a name for this time only": ({"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}, "another name each time"),
    }.values(),
    ids=str,
)
def test_what_is_said(mallory, said, why):
    provider, request = mallory.provider, mallory.begin()
    assertion = provider.assertion(request, **{"name": "mallory", **said})
    refused(mallory, provider.response(request, assertion), why)


def test_another_key(mallory, tmp_path):
    stranger = Keys.make(tmp_path, "stranger")
    refused(mallory, mallory.provider.answer(mallory.begin(), EVIL, key=stranger), "the signature is not the provider's")


def test_only_the_response_is_signed(mallory):
    request = mallory.begin()
    response = mallory.provider.response(request, mallory.provider.assertion(request, EVIL, sign=False), sign=True)
    refused(mallory, response, "the assertion is not signed")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"recipient": "https://other.example.org/hub/saml/acs"}, "was sent to https://other"),
        ({"issuer": "https://other.example.org/metadata"}, "is from https://other"),
        ({"status": "Responder"}, "the provider says: Responder"),
    ],
)
def test_what_is_around_it(mallory, said, why):
    request = mallory.begin()
    refused(mallory, mallory.provider.response(request, mallory.provider.assertion(request, "mallory"), **said), why)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">mallory</saml:NameID>", f">{EVIL}</saml:NameID>"),
        (">others</saml:AttributeValue>", ">operators</saml:AttributeValue>"),
        ("<saml:Audience>", "<saml:Audience>https://other.example.org</saml:Audience><saml:Audience>"),
        ('SessionIndex="session-1"', 'SessionIndex="session-2"'),
    ],
)
def test_changed_after_it_was_signed(mallory, old, new):
    answer = mallory.provider.answer(mallory.begin(), "mallory", groups=["others"])
    assert old in answer
    refused(mallory, answer.replace(old, new), "the signature is not the provider's")


def test_what_is_around_it_changed_after_it_was_signed(mallory):
    provider, request = mallory.provider, mallory.begin()
    answer = provider.response(request, provider.assertion(request, "mallory"), sign=True, id="_before")
    refused(mallory, answer.replace('"_before"', '"_after"').replace("#_before", "#_after"), "the signature is not the provider's")


# -- what a parser should not be shown


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (lambda xml: f'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>{xml}'.replace(">mallory<", ">&e;<"), "<!DOCTYPE"),
        (lambda xml: f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "ada">]>{xml}'.replace(">mallory<", ">&e;<"), "<!DOCTYPE"),
        (lambda xml: xml.replace(">mallory<", "><![CDATA[ada]]>mallory<"), "markup"),
        (lambda xml: f'<?xml version="1.0" encoding="UTF-16"?>{xml}'.encode("utf-16"), "not UTF-8"),
        (lambda xml: xml.replace(">mallory<", ">&e;<"), "not XML"),
        (lambda xml: xml[:-20], "not XML"),
        (lambda xml: xml + " " * 1_000_000, "bytes"),
        (lambda xml: "", "not XML"),
        (
            lambda xml: xml.replace(
                "<samlp:Status>", f"<samlp:Extensions>{'<x>' * 50_000}{'</x>' * 50_000}</samlp:Extensions><samlp:Status>"
            ),
            "",
        ),
        (lambda xml: xml.replace("<saml:Subject>", "<saml:Subject/><saml:Subject>"), "the signature is not the provider's"),
        (lambda xml: xml.replace(' ID="', ' Id="'), ""),
        (lambda xml: xml.replace("samlp:Response", "samlp:ArtifactResponse"), "where a Response is expected"),
    ],
)
def test_not_what_an_answer_looks_like(mallory, form, why):
    refused(mallory, form(mallory.provider.answer(mallory.begin(), "mallory")), why)


# -- a good answer at the wrong time or place


def test_nobody_had_asked(mallory):
    provider = mallory.provider
    mallory.begin()
    refused(mallory, provider.answer(new_id(), "mallory"), "answers nothing that this hub has asked")
    without = provider.answer("", "mallory").replace(' InResponseTo=""', "")
    refused(mallory, without, "answers nothing that this hub has asked")


def test_it_answers_another_question(mallory):
    provider, first, second = mallory.provider, mallory.begin(), mallory.begin()
    refused(mallory, provider.response(second, provider.assertion(first, "mallory")), f"answers {first} instead of {second}")


def test_twice(mallory):
    provider, request, ident = mallory.provider, mallory.begin(), new_id()
    answer = provider.answer(request, "mallory", id=ident)
    assert mallory.brings(answer).url.endswith("/hub/home")
    mallory.browser.session.cookies.clear()
    mallory.begin()
    refused(mallory, answer, "answers nothing that this hub has asked")
    refused(mallory, provider.answer(mallory.begin(), "mallory", id=ident), f"assertion {ident} was used before")


def test_in_another_browser(mallory):
    hub, provider = mallory.hub, mallory.provider
    victim = Member(hub, provider, "victim")
    for known in (False, True):
        if known:
            victim.begin()
        # Mallory logs in, and has the victim's browser finish.
        page = victim.finish(mallory.post(provider.answer(mallory.begin(), "mallory")))
        assert (page.status_code, victim.browser.is_in()) == (403, False)
        assert "begun in another browser" in page.text
    done = mallory.post(provider.answer(mallory.begin(), "mallory"))
    assert mallory.finish(done).url.endswith("/hub/home")
    assert mallory.finish(done).status_code == 400
    assert victim.gets_in()


def test_only_the_pages_for_the_provider_take_forms_of_other_sites(mallory):
    session = mallory.browser.session
    for page in ("saml/acs", "saml/login", "saml/finish", "saml/metadata", "login"):
        answer = session.post(f"{mallory.hub.url}hub/{page}", data={"SAMLResponse": "x"}, headers=CROSS_SITE, timeout=30)
        assert answer.status_code == 403
        assert ("was not accepted" in answer.text) == (page == "saml/acs")
