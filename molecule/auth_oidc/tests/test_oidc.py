# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People log in by an OpenID provider: who gets in, as whom, as what, and until when."""

from __future__ import annotations

import json
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import machines
import pytest
from outside import account, is_in, name_at_the_hub, send_form, to_provider
from person import Person, unharmed

testinfra_hosts = ["ansible://jupyterhub"]
SCENARIO = "auth_oidc"
WORLD = "/srv/provider/world.json"
SLOW = 60_000


@pytest.fixture(name="somebody")
def fixture_somebody(url, ca):
    """``somebody("lovelace")`` has tried to log in with this account of the provider's."""

    def come(chosen: str) -> Person:
        person = Person(url, chosen, "", ca)
        form = person.session.get(to_provider(person).headers["Location"], timeout=60)
        person.answer = send_form(person, form, login=chosen, password="any")
        return person

    return come


@pytest.fixture(name="ada")
def fixture_ada(somebody):
    ada = somebody("lovelace")
    assert is_in(ada), ada.answer.text
    ada.name = "ada"
    ada.open_server()
    return ada


@contextmanager
def another_world(provider, **changed):
    """The provider's world with something changed for a while; of its clients it hears only when it starts."""
    before = machines.run(provider, f"cat {WORLD}")
    machines.run(provider, f"cat > {WORLD}", json.dumps(json.loads(before) | changed))
    try:
        yield
    finally:
        machines.run(provider, f"cat > {WORLD}", before)


def people(provider):
    return json.loads(machines.run(provider, f"cat {WORLD}"))["people"]


def is_up(provider):
    return machines.run(provider, "timeout 1 bash -c ': </dev/tcp/127.0.0.1/443' 2>&1 && echo up || true").strip() == "up"


def hub_pid(host):
    return host.check_output("systemctl show jupyterhub --property=MainPID --value")


def test_button_leads_to_the_provider_and_logging_out_ends_both(page, url):
    page.goto(url)
    page.get_by_role("button", name="Sign in with the institute's account").click()
    page.locator("input[name=login]").fill("lovelace", timeout=SLOW)
    page.locator("input[name=password]").fill("any")
    page.get_by_role("button").click()
    page.wait_for_url(f"{url}**", timeout=SLOW)
    page.goto(f"{url}hub/home")
    assert "ada" in page.locator("#login_widget").inner_text()
    page.goto(f"{url}hub/logout")
    page.get_by_role("button", name="Yes, sign me out").click()
    page.get_by_text("Sign-out Success").wait_for(timeout=SLOW)
    # The provider, too, has to be told anew who comes.
    page.goto(f"{url}hub/oauth_login")
    page.locator("input[name=login]").wait_for(timeout=SLOW)


def test_what_is_asked_of_the_provider(url, person):
    asked = parse_qs(urlsplit(to_provider(person("")).headers["Location"]).query)
    assert asked["redirect_uri"] == [f"{url}hub/oauth_callback"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid profile email"]


def test_account_leads_to_its_person(ada, somebody):
    assert account(ada)["name"] == "ada"
    assert not account(ada)["admin"]
    assert account(ada)["groups"] == ["staff"]
    assert name_at_the_hub(somebody("charles.b")) == "charles"


@pytest.mark.parametrize("who", ["ada", "stranger"])
def test_namesake_and_stranger_are_refused(provider, somebody, who):
    with another_world(provider, people={**people(provider), "stranger": ["staff"]}):
        refused = somebody(who)
    assert refused.answer.status_code == 403
    assert not is_in(refused)


def test_groups_admit_and_make_administrators_as_long_as_somebody_is_in_them(provider, somebody, ada):
    grace = somebody("grace")
    assert name_at_the_hub(grace) == "grace"
    assert not account(grace)["admin"]
    hopper = somebody("hopper")
    assert account(hopper)["admin"]
    left = {**people(provider), "grace": [], "hopper": ["numerics"]}
    with unharmed(ada, "python3"), another_world(provider, people=left):
        machines.until(lambda: not is_in(grace), timeout=30)
        machines.until(lambda: not account(hopper)["admin"], timeout=30)
        assert not is_in(somebody("grace"))


def test_account_that_is_no_more_is_out(provider, somebody):
    grace = somebody("grace")
    assert is_in(grace)
    without = {name: groups for name, groups in people(provider).items() if name != "grace"}
    with another_world(provider, people=without):
        machines.until(lambda: not is_in(grace), timeout=30)


def test_provider_down(host, provider, ada, person):
    """A page that says so; the hub is well and starts, and who works goes on."""
    with unharmed(ada, "python3"):
        machines.run(provider, "systemctl stop provider")
        try:
            # A hub that has just started knows nothing of the provider yet.
            host.check_output("systemctl restart jupyterhub")
            visitor = person("")
            machines.until(lambda: visitor.session.get(f"{visitor.url}hub/health", timeout=30).status_code == 200)
            answer = to_provider(visitor)
        finally:
            machines.run(provider, "systemctl start provider")
    assert answer.status_code == 503
    assert "does not work at the moment" in answer.text
    assert "Traceback" not in answer.text
    machines.until(lambda: is_up(provider))


def test_new_secret_costs_one_restart_of_the_hub(host, provider, ada, somebody):
    """As long as the provider has another one, nobody can log in, and nobody who is in notices."""
    before = hub_pid(host)
    with unharmed(ada, "python3"):
        code, said = machines.play(SCENARIO, vault_oidc_client_secret="a new secret")
        assert code == 0, said
    assert hub_pid(host) != before
    assert host.check_output("systemctl show jupyterhub --property=NRestarts --value") == "0"
    assert is_in(ada)
    refused = somebody("charles.b")
    assert refused.answer.status_code == 403
    assert "a new secret" not in refused.answer.text + said
    assert not is_in(refused)
    world = json.loads(machines.run(provider, f"cat {WORLD}"))
    world["clients"][0]["client_secret"] = "a new secret"
    machines.run(provider, f"cat > {WORLD} && systemctl restart provider", json.dumps(world))
    machines.until(lambda: is_up(provider))
    assert is_in(somebody("charles.b"))


def test_removed_from_the_list_is_out(somebody):
    charles = somebody("charles.b")
    assert is_in(charles)
    machines.task(SCENARIO, "access", path="/etc/jupyterhub/access.json", users=[{"name": "charles", "state": "absent"}], wait=True)
    assert not is_in(charles)
    assert not is_in(somebody("charles.b"))
