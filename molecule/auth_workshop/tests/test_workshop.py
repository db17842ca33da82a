# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub, local accounts and the workshop's password on one login page, and nobody gets by one what is another's."""

from __future__ import annotations

import re

import machines
import pytest
from outside import account, is_in, log_in_at_stand_in, name_at_the_hub
from person import Person, unharmed

testinfra_hosts = ["ansible://jupyterhub"]
SCENARIO = "auth_workshop"
OWN = "correct horse battery staple"
BOARD = "the word on the board"
SLOW = 60_000


@pytest.fixture(name="by")
def fixture_by(url, ca):
    """``by("pam", "ada", "…")`` has sent a form of the login page; by GitHub, there is nothing to fill in."""

    def come(way: str, name: str, password: str = "") -> Person:
        person = Person(url, name, password, ca)
        person.answer = log_in_at_stand_in(person, name, f"{way}/") if way == "github" else person.log_in(way)
        return person

    return come


@pytest.fixture(name="login_page")
def fixture_login_page(page, url):
    page.goto(f"{url}hub/login")
    return page


def fill(page, way, name, password):
    form = page.locator(f"#login-{way}")
    form.locator("input[name=username]").fill(name)
    form.locator("input[name=password]").fill(password)
    form.locator("input[type=submit]").click()


def is_welcomed(page, url, name):
    page.wait_for_url(re.compile(f"^{url}(hub/spawn|hub/home|user/)"), timeout=SLOW)
    page.goto(f"{url}hub/home")
    return name in page.locator("#login_widget").inner_text()


def test_page_shows_the_ways_in_their_order(login_page):
    shown = login_page.locator("form[id^=login-], a[id^=login-]").evaluate_all("all => all.map(one => one.id)")
    assert shown == ["login-github", "login-pam", "login-shared_password"]


def test_seat_in_the_browser(login_page, url):
    fill(login_page, "shared_password", "seat1", BOARD)
    assert is_welcomed(login_page, url, "seat1")


def test_local_account_in_the_browser(login_page, url):
    fill(login_page, "pam", "charles", OWN)
    assert is_welcomed(login_page, url, "charles")


def test_github_in_the_browser(login_page, url):
    login_page.locator("#login-github").click()
    login_page.get_by_role("link", name="octocat").click(timeout=SLOW)
    assert is_welcomed(login_page, url, "ada")


def test_wrong_password_in_the_browser(login_page, url):
    fill(login_page, "pam", "charles", "wrong")
    login_page.get_by_text("Invalid username or password").wait_for(timeout=SLOW)
    assert "/hub/login" in login_page.goto(f"{url}hub/home").url


@pytest.mark.parametrize(
    ("way", "name", "password"),
    [
        ("shared_password", "seat1", "wrong"),
        ("shared_password", "charles", BOARD),
        ("shared_password", "ada", BOARD),
        ("shared_password", "root", BOARD),
        ("shared_password", "seat3", BOARD),
        ("shared_password", "charles", OWN),
        ("pam", "seat1", BOARD),
        ("pam", "charles", BOARD),
        ("pam", "root", OWN),
        ("pam", "github:octocat", OWN),
        ("github", "ada", ""),
        ("github", "charles", ""),
        ("github", "seat1", ""),
    ],
)
def test_refused(by, way, name, password):
    """Wrong passwords, the right ones of another way, and namesakes."""
    refused = by(way, name, password)
    assert refused.answer.status_code == 403
    assert not is_in(refused)


def test_one_person_by_two_ways(by):
    assert name_at_the_hub(by("github", "octocat")) == "ada"
    ada = by("pam", "ada", OWN)
    assert name_at_the_hub(ada) == "ada"
    assert account(ada)["admin"]
    assert not account(by("shared_password", "seat2", BOARD))["admin"]


def test_logout(by):
    seat = by("shared_password", "seat2", BOARD)
    assert is_in(seat)
    seat.session.get(f"{seat.url}hub/logout", timeout=30)
    assert not is_in(seat)


def test_passwords_are_nowhere_to_be_read(host, by):
    by("pam", "charles", "mistyped: tr0ub4dor")
    for secret in (BOARD, OWN, "tr0ub4dor"):
        assert host.run("journalctl --no-pager | grep -qF %s", secret).rc == 1
        assert host.run("grep -rqF %s /var/log /etc/jupyterhub/jupyterhub_config.py", secret).rc == 1
    assert host.file("/etc/jupyterhub/secrets/login/shared_password.password").mode == 0o600


def test_github_down(provider, by, person):
    """The others get in."""
    machines.run(provider, "systemctl stop provider")
    try:
        assert is_in(by("pam", "charles", OWN))
        assert is_in(by("shared_password", "seat2", BOARD))
    finally:
        machines.run(provider, "systemctl start provider")


def test_z_new_word_on_the_board(by):
    """Whoever sits there and works notices nothing, and the old word opens nothing any more."""
    seat = by("shared_password", "seat1", BOARD)
    assert is_in(seat)
    seat.open_server()
    with unharmed(seat, "python3"):
        code, said = machines.play(SCENARIO, vault_workshop_password="another word on it")
        assert code == 0, said
    assert "another word on it" not in said
    assert is_in(seat)
    assert not is_in(by("shared_password", "seat2", BOARD))
    assert is_in(by("shared_password", "seat2", "another word on it"))


def test_z_seat_that_is_taken_away(by):
    seat = by("shared_password", "seat1", "another word on it")
    assert is_in(seat)
    machines.task(SCENARIO, "access", path="/etc/jupyterhub/access.json", users=[{"name": "seat1", "state": "absent"}], wait=True)
    assert not is_in(seat)
