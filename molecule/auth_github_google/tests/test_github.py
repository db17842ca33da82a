# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People log in by GitHub, and later by Google: who gets in, as whom, as what, and until when."""

from __future__ import annotations

import json
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import machines
import pytest
from outside import account, is_in, log_in_at_stand_in, name_at_the_hub, to_provider
from person import Person, unharmed

testinfra_hosts = ["ansible://jupyterhub"]
SCENARIO = "auth_github_google"
WORLD = "/srv/provider/world.json"
SLOW = 60_000


@pytest.fixture(name="somebody")
def fixture_somebody(url, ca):
    """``somebody("octocat")`` has tried to log in with this account of the provider's."""

    def come(chosen: str) -> Person:
        person = Person(url, chosen, "", ca)
        person.answer = log_in_at_stand_in(person, chosen)
        return person

    return come


@pytest.fixture(name="ada")
def fixture_ada(somebody):
    ada = somebody("octocat")
    assert is_in(ada)
    ada.name = "ada"
    ada.open_server()
    return ada


@contextmanager
def another_world(provider, service, **changed):
    """The provider's world with something changed for a while."""
    before = machines.run(provider, f"cat {WORLD}")
    world = json.loads(before)
    world[service] |= changed
    machines.run(provider, f"cat > {WORLD}", json.dumps(world))
    try:
        yield
    finally:
        machines.run(provider, f"cat > {WORLD}", before)


def test_button_leads_to_github_and_back(page, url, variables):
    page.goto(url)
    page.get_by_role("button", name="Sign in with GitHub").click()
    page.wait_for_url("https://github.example.test/**")
    page.get_by_role("link", name="octocat").click()
    page.wait_for_url(f"https://{variables['jupyterhub_domain']}/**", timeout=SLOW)
    page.goto(f"{url}hub/home")
    assert "ada" in page.locator("#login_widget").inner_text()


def test_what_is_asked_of_github(url, person):
    asked = parse_qs(urlsplit(to_provider(person("")).headers["Location"]).query)
    assert asked["redirect_uri"] == [f"{url}hub/oauth_callback"]
    assert asked["scope"] == ["read:org"]
    assert asked["code_challenge_method"] == ["S256"]


def test_account_leads_to_its_person_and_the_list_alone_makes_administrators(ada, somebody):
    assert account(ada)["name"] == "ada"
    assert account(ada)["admin"]
    grace = somebody("grace")
    assert name_at_the_hub(grace) == "grace"
    assert not account(grace)["admin"]


@pytest.mark.parametrize("who", ["stranger", "ada"])
def test_stranger_and_namesake_are_refused(somebody, who):
    """The namesake is in the organisation, too, which makes her no more the Ada of the list."""
    refused = somebody(who)
    assert refused.answer.status_code == 403
    assert not is_in(refused)


def test_who_leaves_the_organisation_is_out_and_nobody_else_is(provider, somebody, ada):
    grace = somebody("grace")
    assert is_in(grace)
    with unharmed(ada, "python3"), another_world(provider, "github", organizations={"example-institute": {"octocat": []}}):
        machines.until(lambda: not is_in(grace), timeout=30)
        assert not is_in(somebody("grace"))
    assert is_in(somebody("grace"))


def test_answers_that_are_not_for_this_browser_are_refused(somebody, person):
    """A code without the state of the browser that it was given to, and one that nobody has given."""
    victim = person("")
    place = to_provider(person("")).headers["Location"]
    answer = victim.session.get(place, params={"login": "octocat"}, timeout=30)
    assert answer.status_code == 400
    state = parse_qs(urlsplit(to_provider(victim).headers["Location"]).query)["state"][0]
    invented = victim.session.get(f"{victim.url}hub/oauth_callback", params={"state": state, "code": "invented"}, timeout=30)
    assert invented.status_code == 403
    assert not is_in(victim)


@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"redirect_uri": "https://hub.example.org/elsewhere"}])
def test_client_that_github_does_not_take_is_refused(provider, somebody, wrong):
    """A secret that was changed at GitHub, and a callback address that is not the registered one."""
    known = json.loads(machines.run(provider, f"cat {WORLD}"))["github"]["clients"]
    clients = {ident: {**client, **wrong} for ident, client in known.items()}
    with another_world(provider, "github", clients=clients):
        refused = somebody("octocat")
        assert refused.answer.status_code in (403, 404)
        assert not is_in(refused)
    assert is_in(somebody("octocat"))


def test_logout(somebody):
    octocat = somebody("octocat")
    octocat.session.get(f"{octocat.url}hub/logout", timeout=30)
    assert not is_in(octocat)


def test_github_down(host, provider, ada, person):
    """A page that says so; the hub is well, and who works goes on."""
    visitor = person("")
    place = parse_qs(urlsplit(to_provider(visitor).headers["Location"]).query)
    with unharmed(ada, "python3"):
        machines.run(provider, "systemctl stop provider")
        try:
            back = {"state": place["state"][0], "code": "given"}
            answer = visitor.session.get(f"{visitor.url}hub/oauth_callback", params=back, timeout=60)
        finally:
            machines.run(provider, "systemctl start provider")
        assert answer.status_code == 503
        assert "GitHub" in answer.text
        assert "Traceback" not in answer.text
        assert visitor.session.get(f"{visitor.url}hub/health", timeout=30).status_code == 200


def test_secret_is_nowhere_to_be_read(host, variables):
    secret = variables["vault_github_client_secret"]
    path = "/etc/jupyterhub/secrets/login/github.client_secret"
    assert host.file(path).content_string.strip() == secret
    assert host.file(path).mode == 0o600
    for place in ("/etc/jupyterhub/jupyterhub_config.py", "/var/log"):
        assert host.run("grep -rqF %s %s", secret, place).rc == 1
    assert host.run("journalctl --no-pager | grep -qF %s", secret).rc == 1
    assert host.run("ps -ef | grep -v grep | grep -qF %s", secret).rc == 1


def test_removed_from_the_list_is_out(somebody, ada):
    octocat = somebody("octocat")
    path = "/etc/jupyterhub/access.json"
    machines.task(SCENARIO, "access", path=path, users=[{"name": "ada", "state": "absent"}], wait=True)
    assert not is_in(octocat)
    assert not is_in(ada)
    back = [{"name": "ada", "admin": True, "identities": ["octocat"]}]
    assert machines.task(SCENARIO, "access", path=path, users=back, wait=True)["changed"]


PEOPLE = [
    {"name": "ada", "identities": ["octocat", "ada@example.org"], "admin": True},
    {"name": "charles", "identities": ["charles@example.org"]},
]


def test_z_change_to_google(host, ada, somebody):
    """With the identities of both, whoever is logged in and works notices nothing."""
    with unharmed(ada, "python3"):
        code, said = machines.play(SCENARIO, login_way="google", jupyterhub_users=PEOPLE)
        assert code == 0, said
    assert not host.file("/etc/jupyterhub/secrets/login/github.client_secret").exists
    again = somebody("ada@example.org")
    assert name_at_the_hub(again) == "ada"
    assert name_at_the_hub(somebody("charles@example.org")) == "charles"
    for stranger in ("ada@elsewhere.example", "unverified@example.org", "charles.private@example.org"):
        refused = somebody(stranger)
        assert refused.answer.status_code == 403, stranger
        assert not is_in(refused)


def test_z_google_in_the_browser(page, url, variables):
    page.goto(url)
    page.get_by_role("button", name="Sign in with Google").click()
    page.wait_for_url("https://accounts.example.test/**")
    page.get_by_role("link", name="charles@example.org", exact=True).click()
    page.wait_for_url(f"https://{variables['jupyterhub_domain']}/**", timeout=SLOW)
    page.goto(f"{url}hub/home")
    assert "charles" in page.locator("#login_widget").inner_text()
