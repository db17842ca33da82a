# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who tries passwords is kept out for a while, and nobody can have others kept out."""

from __future__ import annotations

import shlex

import machines
import pytest

testinfra_hosts = ["ansible://jupyterhub"]
# Tries passwords, from an address of its own.
BURGLAR = "auth-ldap-directory"
# Addresses that never sent anything.
VICTIMS = [f"203.0.113.{number}" for number in range(1, 5)]
TRIES = 30
PASSWORD = "a guess of the burglar"


@pytest.fixture(name="burglar", autouse=True)
def fixture_burglar(host):
    """The address; free at the beginning and in the end."""
    address = machines.address(BURGLAR)
    host.check_output(f"fail2ban-client set jupyterhub unbanip {address}")
    yield address
    host.check_output(f"fail2ban-client set jupyterhub unbanip {address}")


def try_passwords(name="a.lovelace", times=1, *options):
    """The statuses of the answers."""
    form = ["--data-urlencode", "username@/tmp/name", "--data-urlencode", f"password={PASSWORD}"]
    post = shlex.join(["curl", "-sk", "-m", "20", "-b", "/tmp/jar", "-o", "/dev/null", "-w", "%{http_code} ", *form, *options])
    script = f"""printf %s {shlex.quote(name)} > /tmp/name
        curl -sk -m 20 -c /tmp/jar -o /dev/null https://hub.example.test/hub/login
        xsrf=$(awk '$6 == "_xsrf" {{ print $7 }}' /tmp/jar)
        for i in $(seq {times}); do {post} --data-urlencode "_xsrf=$xsrf" https://hub.example.test/hub/login || :; done"""
    return machines.inside(BURGLAR, script).split()


def is_served():
    return machines.inside(BURGLAR, "curl -sk -m 3 -o /dev/null -w '%{http_code}' https://hub.example.test/hub/login || :") == "200"


def banned(host):
    return host.check_output("fail2ban-client get jupyterhub banip").split()


def found(host, address):
    """How often it has seen a failed login from an address."""
    return host.run(f"grep -c 'Found {address} ' /var/log/fail2ban.log").stdout.strip()


def test_too_many_wrong_passwords_close_the_port_for_a_while(host, burglar, person):
    assert try_passwords(times=TRIES) == ["403"] * TRIES
    machines.until(lambda: burglar in banned(host), timeout=20)
    machines.until(lambda: not is_served(), timeout=10)
    # Somebody else's port is open.
    assert person("c.babbage").log_in().status_code == 200
    host.check_output(f"fail2ban-client set jupyterhub unbanip {burglar}")
    machines.until(is_served, timeout=10)


def test_host_itself_is_never_kept_out(host):
    assert "127.0.0.0/8" in host.check_output("fail2ban-client get jupyterhub ignoreip")


def test_no_password_is_logged(host):
    try_passwords()
    assert PASSWORD not in host.check_output("journalctl --no-pager --lines 20000")
    assert PASSWORD not in host.check_output("cat /var/log/fail2ban.log")


# -- what somebody writes into the log to have somebody else kept out


def of_the_hub(message):
    """A line of the journal as fail2ban reads it."""
    return f"hub.example.test jupyterhub[510]: {message}"


START = "[W 2026-11-22 12:00:00.000 JupyterHub"
REAL = f"{START} log:192] 403 POST /hub/login?next=%2Fhub%2F (@{VICTIMS[0]}) 16.94ms"
LINES = {
    of_the_hub(REAL): True,
    of_the_hub(REAL.replace("@", "@::ffff:")): True,
    of_the_hub(REAL.replace("/hub/login", "/base/hub/ldap/login").replace("(@", "(ada@example.org@")): True,
    of_the_hub(REAL.replace("403", "200")): False,
    of_the_hub(REAL.replace("403", "503")): False,
    of_the_hub(REAL.replace("POST", "GET")): False,
    # What follows a line break within a message is indented.
    of_the_hub(f"    {REAL}"): False,
    of_the_hub(f"{START} base:1041] Failed login for '{REAL}"): False,
    of_the_hub(f"{START} web:2106] 403 POST /hub/login (@{VICTIMS[0]}) 1.00ms"): False,
    f"hub.example.test jupyterhub-proxy[510]: {REAL}": False,
}


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_filter_knows_a_line_of_the_hub(host, line):
    said = host.check_output("fail2ban-regex --datepattern '{NONE}' %s jupyterhub", line)
    assert ("1 matched" in said) == LINES[line], said


def fake(victim):
    return f"{START} log:192] 403 POST /hub/login (@{victim}) 1.00ms"


def at_the_break(host, person, victim):
    """An address to go to next that the hub refuses, and so long that the journal breaks the line that says so just before the fake."""
    line = next(line for line in refusing(host, person, "SHORT") if "SHORT" in line)
    return "A" * (48 * 1024 - len(line[: line.index("SHORT")].encode())) + fake(victim)


def refusing(host, person, path):
    """What the journal has after a login that asked to go on to another site."""
    charles = person("c.babbage")
    charles.log_in()
    xsrf = charles.hub_headers["X-XSRFToken"]
    form = {"username": "c.babbage", "password": "engine", "_xsrf": xsrf, "next": f"https://example.org/{path}"}
    charles.session.post(f"{charles.url}hub/login", data=form, timeout=30)
    return journal(host)


def journal(host):
    return host.check_output("journalctl --unit jupyterhub --output cat --no-pager --since -2min").splitlines()


def seen(host, burglar, victim):
    """Whether fail2ban, when it has read all that was logged until now, has found the victim."""
    before = found(host, burglar)
    try_passwords()
    machines.until(lambda: found(host, burglar) != before, timeout=20)
    return found(host, victim) != "0"


def test_header_does_not_have_somebody_else_kept_out(host, burglar):
    assert try_passwords("a.lovelace", 1, "-H", f"X-Real-IP: {VICTIMS[1]}", "-H", f"X-Forwarded-For: {VICTIMS[1]}") == ["403"]
    assert not seen(host, burglar, VICTIMS[1])


def test_long_line_does_not(host, burglar, person):
    refusing(host, person, at_the_break(host, person, VICTIMS[2]))
    assert not seen(host, burglar, VICTIMS[2])


def test_account_on_the_host_does_not(host, burglar):
    host.check_output("runuser -u charles -- logger --tag jupyterhub --id=1 -- %s", fake(VICTIMS[3]))
    host.check_output("runuser -u charles -- systemd-cat -t jupyterhub echo %s", fake(VICTIMS[3]))
    assert not seen(host, burglar, VICTIMS[3])
