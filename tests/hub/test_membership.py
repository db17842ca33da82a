# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of people who are here by a group of the provider when they leave it, or when the provider cannot say."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from member import CRYPT, OPENID, Member
from provider import Provider
from running import lives, until

# One hub asks when somebody comes, at intervals for which its own setting is too coarse; the other asks by itself.
AT_REQUESTS = """
import traitlets
from hubsmith_login.openid import OpenIDAuthenticator

class Impatient(OpenIDAuthenticator):
    auth_refresh_age = traitlets.Float(0.1)

c.JupyterHub.authenticator_class = Impatient
c.LiveAccess.recheck_seconds = 0
"""
BY_ITSELF = """
c.Authenticator.auth_refresh_age = 0
c.LiveAccess.recheck_seconds = 0.3
"""
WAYS = {"at requests": AT_REQUESTS, "by itself": BY_ITSELF}


@pytest.fixture(name="provider", scope="module")
def fixture_provider():
    provider = Provider()
    provider.renews = True
    provider.groups["other"] = ["guests"]
    yield provider
    provider.close()


@pytest.fixture(name="way", scope="module", params=WAYS)
def fixture_way(request):
    return request.param


@pytest.fixture(name="site", scope="module")
def fixture_site(make_hub, provider, way):
    return make_hub({"name": "ada", "identities": ["x-ada"]}, extra=OPENID.format(provider=provider.url) + WAYS[way], variables=CRYPT)


@pytest.fixture(name="other", scope="module")
def fixture_other(site):
    """Somebody who works here all the time, also by the group."""
    return Working(site, "other")


@pytest.fixture(autouse=True)
def fixture_undisturbed(site, provider, other):
    yield
    provider.failing, provider.secret = {}, "secret"
    assert other.is_untouched()
    # Of tokens that hold only once, none was used twice.
    assert provider.stolen == []
    assert "Uncaught exception" not in site.log()
    assert "cannot be " not in site.log()


class Working:
    """Somebody with a session and a token, and a server unless they need none."""

    def __init__(self, hub, outside, local="", server=True):
        self.hub, self.outside, self.name = hub, outside, local or outside
        member = Member(hub, outside, self.name)
        self.visitor, self.gets_in = member.visitor, member.gets_in
        assert self.gets_in()
        self.token = self.visitor.token()
        if server:
            self.visitor.start()
        self.process = self.visitor.pid()

    def is_untouched(self):
        serves = self.visitor.pid() == self.process and lives(self.process) if self.process else True
        return serves and self.may() and self.visitor.is_in()

    def may(self):
        answer = self.hub.api("GET", "user", self.token)
        assert answer.status_code in (200, 403), answer.text
        return answer.status_code == 200

    def is_out(self):
        return not self.visitor.is_in() and not self.may() and not (self.process and lives(self.process))


@pytest.fixture(name="asked")
def fixture_asked(site, provider, way):
    """Waits until the hub has asked about somebody, or tried to, twice."""

    def wait(person):
        before = provider.asked[person.outside]

        def ask():
            if way == "at requests":
                person.visitor.is_in()
            return provider.asked[person.outside] > before + 1

        until(ask)

    return wait


def test_who_leaves_the_group_loses_everything(site, provider, way):
    provider.groups["leaver"] = ["guests"]
    leaver = Working(site, "leaver")
    assert leaver.is_untouched()
    provider.groups["leaver"] = ["others"]
    # Nobody need do anything for it, where the hub asks by itself.
    until(lambda: not (lives(leaver.process) if way == "by itself" else leaver.visitor.is_in()))
    until(leaver.is_out)
    assert "no rule of the site lets them in" in site.log()
    assert site.model("leaver")["roles"] == []
    assert not leaver.gets_in()
    provider.groups["leaver"] = ["guests"]
    assert leaver.gets_in()
    assert site.model("leaver")["roles"] == ["user"]


def test_a_token_is_enough_to_be_asked_about(site, provider):
    provider.groups["program"] = ["guests"]
    program = Working(site, "program", server=False)
    provider.groups["program"] = []
    until(lambda: not program.may())
    assert program.is_out()


def test_who_loses_the_administrators_group_is_demoted(site, provider):
    provider.groups |= {"chief": ["chiefs", "guests"], "x-ada": ["chiefs"]}
    for person in (Working(site, "chief", server=False), Working(site, "x-ada", "ada", server=False)):
        assert site.model(person.name)["admin"]
        provider.groups[person.outside].remove("chiefs")
        until(lambda one=person: one.visitor.is_in() and not site.model(one.name)["admin"])
        assert site.model(person.name)["roles"] == ["user"]
        assert person.is_untouched()
    assert site.model("chief")["groups"] == ["guests"]
    # The file lets her in, whatever her groups.
    assert site.model("ada")["groups"] == []


def test_a_provider_that_cannot_say_throws_nobody_out(site, provider, asked):
    provider.groups["stayer"] = ["guests"]
    stayer = Working(site, "stayer")
    for down in (
        {"/user": 0, "/token": 0},
        {"/user": 500},
        {"/user": 429},
        {"/user": 401, "/token": 0},
        {"/user": 401, "/token": 503},
        # That is what it says to a hub whose secret is wrong.
        {"/user": 401, "/token": 401},
    ):
        provider.failing = down
        # Whatever it would say: it does not.
        provider.groups["stayer"] = []
        asked(stayer)
        provider.groups["stayer"] = ["guests"]
        assert stayer.is_untouched(), down
    provider.failing = {}
    asked(stayer)
    assert stayer.is_untouched()


def test_a_wrong_secret_of_the_hub_throws_nobody_out(site, provider, asked):
    provider.groups["worker"] = ["guests"]
    worker = Working(site, "worker", server=False)
    for secret in ("a new one", "secret"):
        provider.secret = secret
        provider.expire("worker")
        asked(worker)
        assert worker.is_untouched()


def test_a_login_that_the_provider_ends_is_ended_here_too(site, provider, asked):
    provider.groups["ended"] = ["guests"]
    ended = Working(site, "ended")
    provider.barred.add("ended")
    asked(ended)
    # As long as the access token holds, nothing else is needed.
    assert ended.is_untouched()
    provider.expire("ended")
    until(ended.is_out)
    assert "the provider renews their login no more" in site.log()


def test_a_renewed_login_is_kept_whatever_happens_next(site, provider, asked):
    provider.groups["lucky"] = ["guests"]
    lucky = Working(site, "lucky", server=False)
    provider.failing = {"/user": 401}
    asked(lucky)
    provider.failing = {}
    asked(lucky)
    assert lucky.is_untouched()
    # Pages ask for many things at a time.
    provider.expire("lucky")
    time.sleep(0.15)
    with ThreadPoolExecutor() as pool:
        assert all(pool.map(lambda _number: lucky.may(), range(8)))
    assert lucky.is_untouched()
