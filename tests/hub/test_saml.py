# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People who log in by SAML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from identity_provider import Keys
from running import until
from saml_member import Member

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"


def test_the_hub_describes_itself(saml):
    hub, provider = saml
    answer = Member(hub, provider, "nobody").browser.session.get(f"{hub.url}hub/saml/metadata", timeout=30)
    assert answer.headers["Content-Type"].startswith("application/samlmetadata+xml")
    root = ET.fromstring(answer.text)
    role = root.find(f"{MD}SPSSODescriptor")
    assert root.get("entityID") == f"{hub.url}hub/saml/metadata"
    assert (role.get("AuthnRequestsSigned"), role.get("WantAssertionsSigned")) == ("true", "true")
    assert [one.get("Location") for one in role.findall(f"{MD}AssertionConsumerService")] == [f"{hub.url}hub/saml/acs"]
    assert {one.get("Location") for one in role.findall(f"{MD}SingleLogoutService")} == {f"{hub.url}hub/saml/logout"}
    certificate = Keys(provider.folder, "hub").base64()
    assert {"".join(one.text.split()) for one in role.iter("{http://www.w3.org/2000/09/xmldsig#}X509Certificate")} == {certificate}


def test_the_right_person_is_let_in_under_the_local_name(saml):
    hub, provider = saml
    hub.give({"name": "ada", "identities": ["ada@provider.example.org"]}, {"name": "bob"})
    ada = Member(hub, provider, "Ada@provider.example.org")
    assert ada.gets_in()
    assert hub.model("ada")["admin"] is False
    assert Member(hub, provider, "bob").gets_in()
    # An account of the provider's that happens to be called as somebody here, and one that nobody knows.
    assert not Member(hub, provider, "ada").gets_in()
    assert not Member(hub, provider, "stranger").gets_in()
    assert "User 'stranger' not allowed" in hub.log()


def test_the_page_that_was_asked_for_comes_after_the_login(saml):
    hub, provider = saml
    hub.give({"name": "nina"})
    for asked, reached in {
        "/hub/token?a=b": "hub/token?a=b",
        "https://evil.example.org/hub/home": "hub/spawn",
        "//evil.example.org/hub/home": "hub/spawn",
    }.items():
        nina = Member(hub, provider, "nina")
        answer = nina.post(provider.answer(nina.begin(asked), "nina"), RelayState="https://evil.example.org/")
        session, page = nina.browser.session, f"{hub.url}hub/saml/{answer.headers['Location']}"
        onward = session.get(f"{page}&next=https://evil.example.org/", allow_redirects=False, timeout=30)
        assert (onward.status_code, onward.headers["Location"]) == (302, f"/{reached}")


def test_groups_and_administrators(saml):
    hub, provider = saml
    hub.give({"name": "olga", "groups": ["ours"]}, {"name": "paul", "admin": True})
    olga, guest = Member(hub, provider, "olga"), Member(hub, provider, "guest")
    assert guest.gets_in(groups=["guests", "A & B"])
    assert (set(hub.model("guest")["groups"]), hub.model("guest")["admin"]) == ({"guests", "A & B"}, False)
    assert not guest.gets_in(groups=["others"])
    # Who administers there does not get in by that alone.
    assert not Member(hub, provider, "oscar").gets_in(groups=["operators"])
    assert olga.gets_in(groups=["operators"])
    assert (set(hub.model("olga")["groups"]), hub.model("olga")["admin"]) == ({"operators", "ours"}, True)
    assert olga.gets_in()
    assert (hub.model("olga")["groups"], hub.model("olga")["admin"]) == (["ours"], False)
    assert Member(hub, provider, "paul").gets_in()
    assert hub.model("paul")["admin"] is True


def test_whoever_leaves_the_access_file_is_out(saml):
    hub, provider = saml
    hub.give({"name": "rosa", "identities": ["rosa@provider.example.org"]})
    rosa = Member(hub, provider, "rosa@provider.example.org")
    assert rosa.gets_in()
    assert hub.model("rosa")["roles"] == ["user"]
    hub.give()
    until(lambda: not rosa.browser.is_in())
    assert not rosa.gets_in()
    assert hub.model("rosa")["roles"] == []


def test_other_forms_of_a_good_answer(saml):
    hub, provider = saml
    hub.give({"name": "tina"})
    tina = Member(hub, provider, "tina")
    following, certificate = Keys(provider.folder, "next"), Keys(provider.folder, "hub").certificate
    assert tina.gets_in(key=following)
    for sign in (True, False):
        request = tina.begin()
        assert tina.brings(provider.response(request, provider.assertion(request, "tina"), sign=sign)).url.endswith("/hub/home")
        tina.browser.session.cookies.clear()
        request = tina.begin()
        encrypted = provider.encrypt(provider.assertion(request, "tina"), certificate)
        assert tina.brings(provider.response(request, encrypted, sign=sign)).url.endswith("/hub/home")
        tina.browser.session.cookies.clear()


def test_the_browser_is_known_by_a_cookie_that_no_script_and_no_form_of_another_site_can_use(saml):
    member = Member(*saml, "nobody")
    member.begin()
    (cookie,) = [one for one in member.browser.session.cookies if one.name == "jupyterhub-saml-browser"]
    assert (cookie.get_nonstandard_attr("SameSite"), cookie.has_nonstandard_attr("HttpOnly"), cookie.path) == ("Lax", True, "/hub/")


def test_two_logins_at_once_in_one_browser(saml):
    hub, provider = saml
    hub.give({"name": "uma"})
    uma = Member(hub, provider, "uma")
    # A browser that was here before has what it is known by.
    uma.begin()
    first, second = uma.begin("/hub/home"), uma.begin("/hub/token")
    assert uma.brings(provider.answer(second, "uma")).url.endswith("/hub/token")
    assert uma.brings(provider.answer(first, "uma")).url.endswith("/hub/home")


def test_what_the_hub_s_own_form_is_sent_logs_nobody_in(saml):
    hub, provider = saml
    hub.give({"name": "vera"})
    vera = Member(hub, provider, "vera")
    assert "single sign-on" in vera.browser.session.get(f"{hub.url}hub/login", timeout=30).text
    assert not vera.browser.gets_in()
    assert vera.gets_in()
