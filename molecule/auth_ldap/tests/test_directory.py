# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the directory knows by their password, and the access file by the directory's name, gets in."""

from __future__ import annotations

from contextlib import contextmanager

import machines
import pytest
from person import unharmed

testinfra_hosts = ["ansible://jupyterhub"]
DIRECTORY = "auth-ldap-directory"
ACCESS = "/etc/jupyterhub/access.json"


@pytest.fixture(name="ada")
def fixture_ada(person):
    ada = person("a.lovelace")
    assert ada.log_in().status_code == 200
    ada.name = "ada"
    return ada


def test_account_is_that_of_the_access_file_and_a_server_starts(ada, who):
    assert (who(ada)["name"], who(ada)["admin"]) == ("ada", True)
    ada.open_server()
    assert ada.start_kernel().text("import getpass; print(getpass.getuser())") == "ada"


def test_only_administrators_administer(person, who):
    charles = person("c.babbage")
    assert charles.log_in().status_code == 200
    assert (who(charles)["name"], who(charles)["admin"]) == ("charles", False)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("a.lovelace", "wrong"),
        # An empty password is a login as nobody to a directory, which it grants.
        ("a.lovelace", ""),
        ("nobody.there", "engine"),
        ("stranger", "engine"),
        # The right name, but somebody else's: charles has an identity.
        ("charles", "engine"),
        ("a.lovelace,ou=people", "engine"),
        ("*", "engine"),
        ("a.lovelace)(uid=*", "engine"),
    ],
)
def test_others_do_not_get_in(person, who, name, password):
    other = person(name, password)
    assert other.log_in().status_code == 403
    assert who(other) == {}


def test_removal_from_the_access_file_ends_it(person, ada, who):
    charles = person("c.babbage")
    assert charles.log_in().status_code == 200
    assert machines.task("auth_ldap", "allowlist", path=ACCESS, names=["charles"], state="absent")["changed"]
    try:
        machines.until(lambda: who(charles) == {}, timeout=10)
        assert person("c.babbage").log_in().status_code == 403
        assert who(ada)["name"] == "ada"
    finally:
        users = [{"name": "charles", "identities": ["c.babbage"]}]
        assert not machines.task("auth_ldap", "access", path=ACCESS, users=users).get("failed")


@contextmanager
def directory_is(begin, end):
    machines.inside(DIRECTORY, begin)
    try:
        yield
    finally:
        machines.inside(DIRECTORY, end)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        pytest.param("systemctl stop slapd", "systemctl start slapd", id="down"),
        pytest.param(
            "cd /etc/ldap/tls && cp stranger.pem server.pem && systemctl restart slapd",
            "cd /etc/ldap/tls && cp good.pem server.pem && systemctl restart slapd",
            id="somebody else",
        ),
    ],
)
def test_directory_that_cannot_be_asked_is_told_and_harms_nobody(host, ada, person, begin, end):
    begun = host.check_output("date +%s")
    ada.open_server()
    with directory_is(begin, end), unharmed(ada, "python3"):
        answer = person("c.babbage").log_in()
        assert answer.status_code == 503
        assert "The directory of this site does not answer as it should. Please try again later." in answer.text
        assert ada.session.get(f"{ada.url}hub/health", timeout=30).status_code == 200
    said = host.check_output(f"journalctl --unit jupyterhub --since @{begun} --no-pager")
    assert "Nobody can log in by the directory directory.example.test" in said
    assert "Traceback" not in said
    assert person("c.babbage").log_in().status_code == 200
