# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The right people get in with what a real identity provider says of them, and nothing else that it could say lets anybody in."""

from __future__ import annotations

import base64
import re
from contextlib import contextmanager
from pathlib import Path

import machines
import pytest
import requests
from person import unharmed
from saml_person import SamlPerson, as_if_of

testinfra_hosts = ["ansible://jupyterhub"]
PROVIDER = "auth-saml-provider"


@pytest.fixture(name="person")
def fixture_person(url, ca):
    """Makes people who trust the hub's certificate and the provider's, and nothing else."""
    provider = machines.inside(PROVIDER, "cat /etc/ssl/certs/ssl-cert-snakeoil.pem")
    Path(ca).write_text(f"{Path(ca).read_text()}\n{provider}")
    with machines.names({"hub.example.test": machines.address("auth-saml-trixie"), "idp.example.test": machines.address(PROVIDER)}):
        yield lambda name, password="engine": SamlPerson(url, name, password, ca)


@pytest.fixture(name="ada")
def fixture_ada(person):
    ada = person("a.lovelace")
    assert ada.log_in().status_code == 200
    ada.name = "ada"
    return ada


def who(someone):
    """What the hub knows of somebody by the cookies."""
    answer = someone.session.get(f"{someone.url}hub/api/user", headers=someone.hub_headers, timeout=30)
    return answer.json() if answer.status_code == 200 else {}


def said(host, since="-1min"):
    return host.check_output(f"journalctl --unit jupyterhub --since {since} --no-pager")


# -- who gets in


def test_account_is_that_of_the_access_file_and_a_server_starts(ada):
    assert (who(ada)["name"], who(ada)["admin"]) == ("ada", True)
    assert {"lab", "wheel"} <= set(who(ada)["groups"])
    ada.open_server()
    assert ada.start_kernel().text("import getpass; print(getpass.getuser())") == "ada"


def test_only_members_of_the_group_administer(person):
    charles = person("c.babbage")
    assert charles.log_in().status_code == 200
    assert (who(charles)["name"], who(charles)["admin"]) == ("charles", False)


def test_member_of_an_admitted_group_needs_no_entry(person):
    grace = person("grace")
    assert grace.log_in().status_code == 200
    assert (who(grace)["name"], who(grace)["admin"]) == ("grace", False)


# The second has the right name, but is somebody else: charles has an identity.
@pytest.mark.parametrize("name", ["stranger", "charles"])
def test_others_do_not(person, name):
    other = person(name)
    assert other.log_in().status_code == 403
    assert who(other) == {}


# -- answers that are refused


def refused(host, someone, fields, reason):
    answer = someone.hand_over(fields)
    assert answer.status_code == 403
    assert "was not accepted" in answer.text
    assert re.search(reason, said(host))
    assert who(someone) == {}


def test_answer_for_another_service_of_the_same_provider(host, person):
    ada = person("a.lovelace")
    _where, fields = ada.ask_provider(as_if_of(ada.begin(), "https://other.example.test/"))
    refused(host, ada, fields, "Refused a message of SAML.*other.example.test")


def test_answer_that_is_not_signed(host, person):
    ada = person("a.lovelace")
    _where, fields = ada.ask_provider(as_if_of(ada.begin(), "https://unsigned.example.test/"))
    assert b"SignatureValue" not in base64.b64decode(fields["SAMLResponse"])
    refused(host, ada, fields, "the assertion is not signed")


def test_answer_that_was_used_before(host, person):
    ada, thief = person("a.lovelace"), person("stranger")
    _where, fields = ada.ask_provider(ada.begin())
    assert ada.hand_over(fields).status_code == 200
    refused(host, thief, fields, "it answers nothing that this hub has asked, or has asked so long ago, or again")


def test_answer_in_another_browser(person):
    ada, thief = person("a.lovelace"), person("stranger")
    _where, fields = ada.ask_provider(ada.begin())
    assert thief.hand_over(fields).status_code == 403
    assert who(thief) == {}


# -- the end


def test_logout_of_the_hub_is_one_of_the_provider(ada):
    ada.session.get(f"{ada.url}hub/logout", timeout=30)
    assert who(ada) == {}
    # The provider wants the password again.
    assert 'name="password"' in ada.session.get(ada.begin(), timeout=30).text


def test_logout_at_the_provider_is_one_of_the_hub(ada):
    page = ada.session.get("https://idp.example.test/simplesamlphp/saml2/idp/initSLO.php?RelayState=/simplesamlphp/logout.php", timeout=30)
    assert page.ok
    assert who(ada) == {}


def test_removal_from_the_access_file_ends_it(person, ada):
    charles = person("c.babbage")
    assert charles.log_in().status_code == 200
    assert machines.task("auth_saml", "allowlist", path="/etc/jupyterhub/access.json", names=["charles"], state="absent")["changed"]
    try:
        machines.until(lambda: who(charles) == {}, timeout=10)
        assert person("c.babbage").log_in().status_code == 403
        assert who(ada)["name"] == "ada"
    finally:
        users = [{"name": "charles", "identities": ["c.babbage"]}]
        assert not machines.task("auth_saml", "access", path="/etc/jupyterhub/access.json", users=users).get("failed")


# -- the provider is down, and other things about the machine


@contextmanager
def provider_down():
    machines.inside(PROVIDER, "systemctl stop apache2")
    try:
        yield
    finally:
        machines.inside(PROVIDER, "systemctl start apache2")


def test_hub_goes_on_while_the_provider_is_down(host, ada, person):
    begun = host.check_output("date +%s")
    ada.open_server()
    with provider_down(), unharmed(ada, "python3"):
        other = person("c.babbage")
        # The hub needs nothing of the provider to send people there.
        assert other.begin().startswith("https://idp.example.test/")
        assert "the university" in other.session.get(f"{other.url}hub/login", timeout=30).text
        assert ada.session.get(f"{ada.url}hub/health", timeout=30).status_code == 200
        host.check_output("systemctl restart jupyterhub")
        machines.until(lambda: requests.get(f"{ada.url}hub/health", verify=ada.ca, timeout=5).ok)
    assert "Traceback" not in said(host, f"@{begun}")


def test_key_is_made_on_the_host_and_for_root_only(host):
    key = host.file("/etc/jupyterhub/secrets/saml/hub.key")
    assert (key.user, key.mode) == ("root", 0o600)
    assert host.file("/etc/jupyterhub/secrets/saml").mode == 0o700
    end = host.check_output("openssl x509 -enddate -noout -checkend 283824000 -in /etc/jupyterhub/secrets/saml/hub.crt")
    assert "will not expire" in end


def test_login_in_a_browser(page, artifacts):
    """Chromium sends no cookie of the hub's with what the provider's page posts."""
    page.goto("https://hub.example.test/")
    page.get_by_text("the university").click()
    page.fill("input[name=username]", "a.lovelace")
    page.fill("input[name=password]", "engine")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"https://hub\.example\.test/(user|hub/(spawn|home))"), timeout=90_000)
    page.goto("https://hub.example.test/hub/home")
    page.screenshot(path=artifacts / "saml.png")
    assert "ada" in page.inner_text("body")
    page.goto("https://hub.example.test/hub/logout")
    page.goto("https://hub.example.test/hub/saml/login")
    assert page.locator("input[name=password]").count() == 1
