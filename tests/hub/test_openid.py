# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in by a provider that is known by its address alone; one hub, started while there was no provider."""

from __future__ import annotations

import pytest
import requests
from member import CRYPT, OPENID, Member
from provider import Provider, changed, value
from running import until

LATER = "Logging in by our university does not work at the moment. Please try again later."


@pytest.fixture(name="provider", scope="module")
def fixture_provider():
    provider = Provider()
    provider.groups |= {"guest": ["guests"], "chief": ["chiefs", "guests"], "worker": ["guests"], "stranger": ["others"]}
    provider.close()
    yield provider
    provider.close()


@pytest.fixture(name="openid", scope="module")
def fixture_openid(make_hub, provider):
    """Its first logins: without a provider, and with one that takes itself for another."""
    hub = make_hub({"name": "ada", "identities": ["x-ada"]}, extra=OPENID.format(provider=provider.url), variables=CRYPT)
    refused(hub, Member(hub, "guest", "guest").log_in())
    provider.start()
    for document, why in (
        ({"issuer": f"{provider.url}/"}, "both must be the same, letter by letter"),
        ({"token_endpoint": None}, "it has no token_endpoint"),
        ({"userinfo_endpoint": None}, "userdata_from_id_token"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "no https address"),
    ):
        provider.document = document
        refused(hub, Member(hub, "guest", "guest").log_in())
        assert why in hub.log()
    provider.document = {}
    provider.failing = {"/.well-known/openid-configuration": 404}
    refused(hub, Member(hub, "guest", "guest").log_in())
    provider.failing = {}
    return hub


@pytest.fixture(autouse=True)
def fixture_healthy(openid, provider):
    """Whatever the provider does, the hub serves, and no programmer is asked for help in its log."""
    yield
    provider.failing, provider.document, provider.secret = {}, {}, "secret"
    assert requests.get(f"{openid.url}hub/health", timeout=10).status_code == 200
    assert "Traceback" not in openid.log()
    assert "Uncaught exception" not in openid.log()


def refused(hub, answer, status=503, sentence=LATER):
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html")
    assert sentence in answer.text
    assert "Traceback" not in hub.log()


def test_those_of_the_file_and_of_the_group_get_in_and_nobody_else(openid, provider):
    assert Member(openid, "guest", "guest").gets_in()
    assert Member(openid, "x-ada", "ada").gets_in()
    assert openid.model("ada")["name"] == "ada"
    for name in ("stranger", "ada", "root", "nobody-knows"):
        assert Member(openid, name, name).log_in().status_code == 403
    # The description is read once, however many log in.
    assert provider.asked["/.well-known/openid-configuration"] == 6


def test_only_the_group_makes_administrators(openid):
    for name, admin in (("chief", True), ("guest", False)):
        assert Member(openid, name, name).gets_in()
        assert openid.model(name)["admin"] is admin
    assert sorted(openid.model("chief")["groups"]) == ["chiefs", "guests"]


def test_a_code_is_worth_nothing_in_another_browser(openid, provider):
    mine, theirs = Member(openid, "guest", "guest"), Member(openid, "chief", "chief")
    stolen = value(theirs.callback(), "code")
    # What the provider said about their login is sent in the place of what it said about mine.
    answer = mine.visit(changed(mine.callback(), code=stolen))
    refused(openid, answer, 403, "our university refuses this login.")
    assert "invalid_grant" in openid.log()
    assert not mine.visitor.is_in()
    # With a provider that does not offer that protection, it is not asked for.
    assert "code_challenge" in provider._codes[value(mine.callback(), "code")][1]


@pytest.mark.parametrize("wrong", ["another state", "no cookie", "no code"])
def test_a_login_that_this_browser_has_not_begun_comes_to_nothing(openid, wrong):
    member = Member(openid, "guest", "guest")
    address = member.callback()
    if wrong == "no cookie":
        member.visitor.session.cookies.clear()
    elif wrong == "no code":
        address = changed(address, code="")
    else:
        address = changed(address, state=value(Member(openid, "chief", "chief").callback(), "state"))
    assert member.visit(address).status_code == 400
    assert not member.visitor.is_in()


def test_an_answer_of_another_provider_is_refused(openid, provider):
    member = Member(openid, "guest", "guest")
    refused(openid, member.visit(changed(member.callback(), iss="https://evil.example")), 403, "another provider")
    assert member.visit(changed(member.callback(), iss=provider.url)).status_code == 200


def test_what_the_provider_refuses_is_refused_here(openid, provider):
    member = Member(openid, "guest", "guest")
    answer = member.visit(changed(member.callback(), error="access_denied", error_description="not <b>you</b>"))
    refused(openid, answer, 400, "not &lt;b&gt;you&lt;/b&gt;")
    provider.secret = "another one"
    refused(openid, member.log_in(), 403, "our university refuses this login. If it does so again, tell the hub&#39;s administrator.")
    assert "invalid_client" in openid.log()
    assert "another one" not in openid.log()
    assert not member.visitor.is_in()


@pytest.mark.parametrize("path", ["/token", "/user"])
@pytest.mark.parametrize("how", [0, 500, 503, 429])
def test_a_provider_that_is_down_is_told_from_one_that_refuses(openid, provider, path, how):
    provider.failing = {path: how}
    member = Member(openid, "guest", "guest")
    refused(openid, member.log_in())
    assert f"{provider.url}{path} does not answer as it should" in openid.log()
    provider.failing = {}
    assert member.gets_in()


def test_a_provider_that_is_gone_leaves_those_alone_who_are_here(openid, provider):
    worker, late = Member(openid, "worker", "worker"), Member(openid, "chief", "chief")
    assert worker.gets_in()
    address = late.callback()
    provider.close()
    try:
        refused(openid, late.visit(address))
        assert worker.visitor.is_in()
        # Which asks the provider about them first.
        worker.visitor.start()
    finally:
        provider.start()
    assert late.gets_in()


def test_logging_out_ends_the_session_with_the_provider_too(openid, provider):
    guest = Member(openid, "guest", "guest")
    assert guest.gets_in()
    answer = guest.visitor.session.get(f"{openid.url}hub/logout?next=https://evil.example&redirect=//evil.example", timeout=30)
    assert answer.url.startswith(f"{provider.url}/logout?client_id=hub&id_token_hint=ey")
    assert "evil" not in answer.url
    assert not guest.visitor.is_in()


def test_a_hub_that_comes_back_goes_on_without_its_provider(openid, provider):
    guest, late = Member(openid, "guest", "guest"), Member(openid, "chief", "chief")
    assert guest.gets_in()
    address = late.callback()
    openid.stop()
    provider.close()
    openid.start()
    try:
        assert guest.visitor.is_in()
        refused(openid, late.visit(address))
        answer = guest.visitor.session.get(f"{openid.url}hub/logout", timeout=30)
        assert answer.url.endswith("/hub/login")
    finally:
        provider.start()
    # One that knows less than before: no such protection, no place to log out, and secrets by another way.
    provider.document = dict.fromkeys(("code_challenge_methods_supported", "end_session_endpoint", "token_endpoint_auth_methods_supported"))
    assert "code_challenge" not in provider._codes[value(late.callback(), "code")][1]
    assert until(late.gets_in)
    assert late.visitor.session.get(f"{openid.url}hub/logout", timeout=30).url.endswith("/hub/login")
