# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classes of oauthenticator that ask a provider which really answers: whom they let in, and whether they still do."""

from __future__ import annotations

import pytest
from kinds import BOB, Modern, running
from oauthenticator.azuread import AzureAdOAuthenticator
from oauthenticator.github import GitHubOAuthenticator
from oauthenticator.google import GoogleOAuthenticator
from provider import Provider, Refusal, value
from tornado.web import HTTPError

pytestmark = pytest.mark.usefixtures("accounts")


@pytest.fixture(name="provider")
def fixture_provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(name="settings")
def fixture_settings(provider):
    def make(section, **more):
        addresses = {"authorize_url": f"{provider.url}/authorize", "token_url": f"{provider.url}/token"}
        client = {"client_id": "hub", "client_secret": "secret", "oauth_callback_url": "http://hub/cb", "enable_pkce": False}
        return {section: {**addresses, **client, **more}, "Authenticator": {"enable_auth_state": True}}

    return make


class Known:
    """A user of the hub, with what the hub keeps about their login."""

    def __init__(self, model):
        self.name, self.state = model["name"], model["auth_state"]

    async def get_auth_state(self):
        return self.state

    async def save_auth_state(self, state):
        self.state = state


class Coming:
    """A request with which a browser comes back from the provider."""

    _finished = True

    def __init__(self, code):
        self.get_argument = lambda _name: code


async def come(one, provider, name):
    code = value(provider.authorize(name, {"redirect_uri": "http://hub/cb", "state": ""}), "code")
    return await one.authenticator.get_authenticated_user(Coming(code), None)


@running
async def test_github_is_asked_about_its_own_names(site, provider, settings):
    provider.organisations["octocat"] = {"us"}
    config = settings(
        "GitHubOAuthenticator", github_api=provider.url, allowed_organizations={"us"}, username_claim=lambda told: f"gh-{told['login']}"
    )
    async with site(GitHubOAuthenticator, BOB, **config) as one:
        octocat = Known(await come(one, provider, "octocat"))
        assert octocat.name == "gh-octocat"
        assert await come(one, provider, "gh-octocat") is None
        row = one.add(octocat.name)
        members = "/orgs/us/members/octocat"
        for status in (0, 500, 429):
            provider.failing = {members: status}
            assert await one.authenticator.refresh_user(octocat)
            with pytest.raises(HTTPError, match="Logging in by GitHub does not work at the moment") as caught:
                await come(one, provider, "octocat")
            assert caught.value.status_code == 503
        assert row.roles
        provider.failing = {}
        assert (await one.authenticator.refresh_user(octocat))["name"] == "gh-octocat"
        provider.organisations.clear()
        assert await one.authenticator.refresh_user(octocat) is False
        assert row.roles == []


@running
async def test_google_s_hosted_domain_is_looked_at_again(site, provider, settings):
    provider.domains["gina"] = "x.org"
    config = settings("GoogleOAuthenticator", userdata_url=f"{provider.url}/user", hosted_domain=["x.org"], allow_all=True)
    async with site(GoogleOAuthenticator, BOB, **config) as one:
        assert await come(one, provider, "stranger") is None
        gina = Known(await come(one, provider, "gina"))
        row = one.add(gina.name)
        assert (await one.authenticator.refresh_user(gina))["name"] == "gina"
        # Without a refresh token the end of the access token says nothing about her.
        provider.expire("gina")
        assert await one.authenticator.refresh_user(gina) is False
        assert row.roles
        gina = Known(await come(one, provider, "gina"))
        provider.domains.clear()
        assert await one.authenticator.refresh_user(gina) is False
        assert row.roles == []


@running
async def test_an_identity_token_is_not_taken_for_news(site, provider, settings):
    provider.groups["amy"] = ["staff"]
    staff = {"auth_state_groups_key": "user.groups", "allowed_groups": {"staff"}, "manage_groups": True}
    config = settings("AzureAdOAuthenticator", username_claim="preferred_username", **staff)
    async with site(AzureAdOAuthenticator, BOB, **config) as one:
        plain = Known(await come(one, provider, "amy"))
        provider.renews = True
        amy = Known(await come(one, provider, "amy"))
        row = one.add("amy")
        provider.groups["amy"] = []
        # What was said at the login is all that there is.
        assert (await one.authenticator.refresh_user(plain))["groups"] == ["staff"]
        provider.failing = {"/token": 500}
        assert await one.authenticator.refresh_user(amy) is True
        assert row.roles
        provider.failing = {}
        assert await one.authenticator.refresh_user(amy) is False
        assert row.roles == []


@pytest.mark.parametrize(
    ("status", "word", "stays"),
    [
        (400, "invalid_grant", False),
        # So GitHub says it, with a status that says the opposite.
        (200, "bad_refresh_token", False),
        (400, "invalid_request", True),
        (401, "invalid_client", True),
        (200, "unauthorized_client", True),
        (403, "access_denied", True),
    ],
)
@running
async def test_only_a_refresh_token_that_is_refused_is_a_no(site, provider, settings, monkeypatch, status, word, stays):
    provider.renews = True
    config = settings("GitHubOAuthenticator", github_api=provider.url, allow_all=True)
    async with site(GitHubOAuthenticator, BOB, **config) as one:
        octocat = Known(await come(one, provider, "octocat"))
        row = one.add("octocat")

        def refuse(_token):
            raise Refusal(status, word)

        monkeypatch.setattr(provider, "_renew", refuse)
        provider.expire("octocat")
        assert await one.authenticator.refresh_user(octocat) is stays
        assert bool(row.roles) is stays


@running
async def test_an_answer_that_makes_no_sense_is_not_shown(site, provider, settings, monkeypatch, caplog):
    config = settings("GitHubOAuthenticator", github_api=provider.url, allow_all=True)
    async with site(GitHubOAuthenticator, BOB, **config) as one:
        for content in ({"id_token": "of somebody"}, "of somebody", []):
            monkeypatch.setattr(provider, "_issue", lambda _user, told=content: told)
            with pytest.raises(HTTPError) as caught:
                await come(one, provider, "octocat")
            assert caught.value.status_code == 503
        assert "of somebody" not in str(caught.value) + caplog.text


@pytest.mark.parametrize(("failure", "status"), [(HTTPError(500, "the disk is full"), 500), (HTTPError(403, "not you"), 403)])
@running
async def test_what_other_classes_say_is_said(site, failure, status):
    class Own(Modern):
        async def authenticate(self, handler, data):
            raise failure

    async with site(Own, BOB) as one:
        with pytest.raises(HTTPError, match=failure.log_message) as caught:
            await one.log_in("bob")
        assert caught.value.status_code == status


@running
async def test_an_account_without_a_name_is_nobody(site, provider, settings):
    config = settings("GitHubOAuthenticator", github_api=provider.url, username_claim="nickname", allow_all=True)
    async with site(GitHubOAuthenticator, BOB, **config) as one:
        for claim in ("nickname", "groups", "verified_email"):
            one.authenticator.username_claim = claim
            with pytest.raises(HTTPError, match="GitHub does not say what the name of your account is") as caught:
                await come(one, provider, "octocat")
            assert caught.value.status_code == 403
