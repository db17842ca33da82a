# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a login by SAML, from either side."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
import requests
from identity_provider import ENTITY, LOGOUT, PERSISTENT, RSA_SHA1, SAML, SAMLP, Keys, new_id, read_address
from saml_member import Member


@pytest.fixture(name="accounts", scope="module")
def fixture_accounts(saml):
    saml[0].give({"name": "wanda"}, {"name": "xenia"})
    return saml


@pytest.fixture(name="wanda")
def fixture_wanda(accounts):
    member = Member(*accounts, "wanda")
    assert member.gets_in()
    return member


def ask(member, query):
    """As the provider does through the browser; returns where that leads."""
    return requests.get(f"{member.hub.url}hub/saml/logout?{query}", allow_redirects=False, timeout=30)


def test_a_logout_of_the_hub_goes_on_to_the_provider(wanda):
    session, url = wanda.browser.session, f"{wanda.hub.url}hub/logout"
    onward = session.get(url, allow_redirects=False, timeout=30)
    assert onward.headers["Location"].startswith(f"{LOGOUT}?")
    assert not wanda.browser.is_in()
    request = ET.fromstring(read_address(onward.headers["Location"], wanda.provider.folder / "hub.pem"))
    name = request.find(f"{{{SAML}}}NameID")
    assert (name.text, name.get("Format")) == ("wanda", PERSISTENT)
    assert (request.findtext(f"{{{SAMLP}}}SessionIndex"), request.get("Destination")) == ("session-1", LOGOUT)
    back = session.get(f"{wanda.hub.url}hub/saml/logout?SAMLResponse=whatever", timeout=30)
    assert (back.status_code, back.url) == (200, f"{wanda.hub.url}hub/login")
    # Who has logged out, or never came by the provider, has no business there.
    assert session.get(url, allow_redirects=False, timeout=30).headers["Location"] == "/hub/login"


@pytest.mark.parametrize("posted", [False, True])
@pytest.mark.parametrize("sessions", ["", "<samlp:SessionIndex>session-1</samlp:SessionIndex>"])
def test_a_logout_at_the_provider_ends_the_sessions_here(wanda, posted, sessions):
    hub, provider = wanda.hub, wanda.provider
    other_browser, xenia = Member(hub, provider, "wanda"), Member(hub, provider, "xenia")
    assert other_browser.gets_in()
    assert xenia.gets_in()
    token = wanda.browser.token()
    ident = new_id()
    request = provider.logout_request("wanda", sign=posted, id=ident, sessions=sessions)
    done = wanda.post(request, "logout", "SAMLRequest") if posted else ask(wanda, provider.signed_query(request))
    answer = ET.fromstring(read_address(done.headers["Location"], provider.folder / "hub.pem", "SAMLResponse"))
    assert (answer.get("InResponseTo"), answer.get("Destination")) == (ident, LOGOUT)
    assert ("RelayState=a+b" in done.headers["Location"]) == (not posted)
    assert not wanda.browser.is_in()
    assert not other_browser.browser.is_in()
    assert xenia.browser.is_in()
    # A token that somebody has made for a program is no session.
    assert hub.api("GET", "user", token).json()["name"] == "wanda"
    assert wanda.gets_in()


def test_a_logout_of_another_session_or_person_leaves_this_one(wanda):
    provider = wanda.provider
    for name, sessions in (("wanda", "<samlp:SessionIndex>session-2</samlp:SessionIndex>"), ("stranger", "")):
        assert ask(wanda, provider.signed_query(provider.logout_request(name, sessions=sessions))).status_code == 302
        assert wanda.browser.is_in()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"issuer": "https://other.example.org/metadata"}, f"is from https://other.example.org/metadata instead of {ENTITY}"),
        ({"destination": "https://other.example.org/hub/saml/logout"}, "was sent to https://other"),
        ({"until": -90}, "is not valid now"),
        ({"now": 90}, "is not valid now"),
        ({"name": "<!-- -->wanda"}, "markup"),
    ],
)
def test_requests_that_say_something_wrong(wanda, said, why):
    request = wanda.provider.logout_request(**{"name": "wanda", **said})
    refused(wanda, lambda: ask(wanda, wanda.provider.signed_query(request)), why)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda query: query.partition("&SigAlg")[0], "is not signed"),
        (lambda query: query.replace("RelayState=a", "RelayState=b"), "is not the provider's"),
        (lambda query: f"SAMLRequest=evil&{query}", "SAMLRequest twice"),
        (lambda query: query.replace("Signature=", "Signature=%"), "is not Base64"),
    ],
)
def test_addresses_that_were_changed(wanda, change, why):
    query = wanda.provider.signed_query(wanda.provider.logout_request("wanda"))
    refused(wanda, lambda: ask(wanda, change(query)), why)


def test_requests_of_others(wanda, tmp_path):
    provider, stranger = wanda.provider, Keys.make(tmp_path, "stranger")
    request = provider.logout_request("wanda")
    refused(wanda, lambda: ask(wanda, provider.signed_query(request, stranger)), "is not the provider's")
    refused(wanda, lambda: ask(wanda, provider.signed_query(request, method=RSA_SHA1)), "rsa-sha1, which is not accepted")
    refused(wanda, lambda: wanda.post(request, "logout", "SAMLRequest"), "the request to log out is not signed")
    signed = provider.logout_request("xenia", sign=True)
    refused(wanda, lambda: wanda.post(signed.replace(">xenia<", ">wanda<"), "logout", "SAMLRequest"), "signature is not the provider's")


def test_a_request_is_heard_once(wanda):
    query = wanda.provider.signed_query(wanda.provider.logout_request("wanda"))
    assert ask(wanda, query).status_code == 302
    assert wanda.gets_in()
    refused(wanda, lambda: ask(wanda, query), "was used before")


def refused(member, attempt, why):
    seen = len(member.hub.log())
    answer = attempt()
    assert answer.status_code == 403
    assert "This logout was not accepted" in answer.text
    assert re.search(f"Refused a message of SAML .*{re.escape(why)}", member.hub.log()[seen:]), member.hub.log()[seen:]
    assert member.browser.is_in()
