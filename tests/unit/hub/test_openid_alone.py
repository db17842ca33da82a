# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the class for OpenID providers makes of a provider's description; here without live access before it."""

from __future__ import annotations

import asyncio
import time

import pytest
from hubsmith_access.outside import Silence
from hubsmith_login.openid import OpenIDAuthenticator
from jupyterhub.auth import Authenticator
from kinds import running
from provider import Provider
from tornado.web import HTTPError
from traitlets.config import Config


@pytest.fixture(name="provider")
def fixture_provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(name="make")
def fixture_make(provider):
    def make(**settings):
        known = {"issuer": provider.url, "client_id": "hub", "client_secret": "secret"}
        return OpenIDAuthenticator(config=Config({"OpenIDAuthenticator": {**known, **settings}}))

    return make


def test_it_is_said_what_is_missing(make):
    with pytest.raises(ValueError, match=r"issuer is empty; set it to the provider's address"):
        make(issuer="")


@running
async def test_the_description_says_what_nobody_has_said_by_hand(make, provider):
    one = make(token_url="http://elsewhere/token")
    await one.discover()
    assert (one.authorize_url, one.userdata_url) == (f"{provider.url}/authorize", f"{provider.url}/user")
    assert one.token_url == "http://elsewhere/token"
    assert (one.enable_pkce, one.basic_auth) == (True, False)
    assert (one.scope, one.username_claim, one.login_service) == (["openid", "profile", "email"], "preferred_username", "single sign-on")


@running
async def test_nothing_is_read_where_everything_is_said_by_hand(make, provider):
    places = {name: f"{provider.url}/{name}" for name in ("authorize_url", "token_url", "userdata_url")}
    one = make(issuer="", **places)
    assert await one.discover() == {}
    assert await one.logout_address(None) == ""
    assert one.token_url == places["token_url"]


@pytest.mark.parametrize(
    ("says", "settings", "pkce", "basic"),
    [
        ({}, {}, True, False),
        ({}, {"enable_pkce": False}, False, False),
        ({}, {"basic_auth": True}, True, True),
        ({"code_challenge_methods_supported": ["plain"]}, {}, False, False),
        ({"code_challenge_methods_supported": None}, {}, False, False),
        ({"token_endpoint_auth_methods_supported": None}, {}, True, True),
        ({"token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]}, {}, True, False),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, {}, True, False),
    ],
)
@running
async def test_what_the_provider_can_do_is_used(make, provider, says, settings, pkce, basic):
    provider.document = says
    one = make(**settings)
    await one.discover()
    assert (one.enable_pkce, one.basic_auth) == (pkce, basic)


@running
async def test_the_description_is_read_once_in_an_hour(make, provider, monkeypatch):
    one = make()
    path, clock = "/.well-known/openid-configuration", [1000.0]
    monkeypatch.setattr("hubsmith_login.openid.time.monotonic", lambda: clock[0])
    for later, times in ((0, 1), (3599, 1), (3601, 2)):
        clock[0] = 1000.0 + later
        await one.discover()
        assert provider.asked[path] == times
    provider.failing[path] = 500
    clock[0] += 3601
    for times in (3, 4):
        with pytest.raises(Silence):
            await one.discover()
        assert provider.asked[path] == times


@running
async def test_a_provider_that_takes_its_time_is_not_waited_for_for_ever(make, provider, monkeypatch):
    monkeypatch.setattr(provider, "describe", lambda: time.sleep(1) or {})
    with pytest.raises(Silence):
        await make(http_request_kwargs={"request_timeout": 0.2}).discover()


@running
async def test_those_who_come_together_wait_together(make, provider):
    one = make()
    path = "/.well-known/openid-configuration"
    for status, kind in ((500, Silence), (200, dict)):
        provider.failing[path] = status
        provider.asked.clear()
        found = await asyncio.gather(*(one.discover() for _visitor in range(5)), return_exceptions=True)
        assert {type(answer) for answer in found} == {kind}
        assert provider.asked[path] == 1


@pytest.mark.parametrize("content", [[], 1, None, "x", {"issuer": None}], ids=repr)
@running
async def test_a_description_that_is_none_is_refused(make, provider, monkeypatch, content):
    monkeypatch.setattr(provider, "describe", lambda: content)
    with pytest.raises(Silence):
        await make().discover()


@running
async def test_a_safe_provider_does_not_lead_to_an_unsafe_place(make):
    one = make(issuer="https://safe.example")
    safe = {f"{name}_endpoint": f"https://safe.example/{name}" for name in ("authorization", "token", "userinfo", "end_session")}
    assert one._fault({"issuer": "https://safe.example", **safe}) == ""
    for name in safe:
        assert "is no https address" in one._fault({"issuer": "https://safe.example", **safe, name: "http://safe.example/x"})


@running
async def test_an_identity_token_is_enough_if_it_is_the_provider_s(make, provider):
    provider.document = {"userinfo_endpoint": None}
    one = make(userdata_from_id_token=True)
    for issuer, welcome in ((provider.url, True), ("https://evil.example", False)):
        provider.url, url = issuer, provider.url
        token = provider._issue("amy")
        provider.url = url
        if welcome:
            assert (await one.token_to_user(token))["preferred_username"] == "amy"
        else:
            with pytest.raises(HTTPError, match="another provider"):
                await one.token_to_user(token)


@running
async def test_a_refresh_without_live_access_tells_the_hub_what_it_expects(make, provider):
    one = make()

    class Known:
        name, state = "amy", {}

        async def get_auth_state(self):
            return self.state

    known = Known()
    assert isinstance(one, Authenticator)
    assert await one.refresh_user(known) is True
    one.enable_auth_state = True
    assert await one.refresh_user(known) is False
    token = provider._issue("amy")
    known.state = {"token_response": token, "refresh_token": None}
    assert (await one.refresh_user(known))["name"] == "amy"
    provider.close()
    try:
        assert await one.refresh_user(known) is True
    finally:
        provider.start()
