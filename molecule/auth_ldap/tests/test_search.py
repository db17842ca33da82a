# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same hub goes over to a search by an account of its own, and admits a group."""

from __future__ import annotations

import machines
import pytest

testinfra_hosts = ["ansible://jupyterhub"]
SECRET = "only the reader knows"
EXAMPLE = machines.CHECKOUT / "docs/login/examples/ldap_search.yml"
# Only members of a group within the group, which OpenLDAP follows by its overlay dynlist.
NESTED = {"DirectoryAuthenticator": {"search_filter": "(&(uid={username})(memberOf=cn=campus,ou=groups,dc=example,dc=test))"}}


def converge(**variables):
    code, said = machines.play("auth_ldap", "--extra-vars", f"@{EXAMPLE}", "--diff", **variables)
    assert code == 0, said
    assert SECRET not in said
    return said


@pytest.fixture(scope="module", name="searched")
def fixture_searched():
    return converge()


@pytest.mark.parametrize(
    ("name", "account", "admin"),
    [
        ("a.lovelace", "ada", True),
        # On the list, but outside of the group.
        ("c.babbage", "charles", False),
        # In the group, but not on the list.
        ("grace", "grace", False),
    ],
)
def test_right_people_get_in(searched, person, who, name, account, admin):
    someone = person(name)
    assert someone.log_in().status_code == 200
    assert (who(someone)["name"], who(someone)["admin"]) == (account, admin)


@pytest.mark.parametrize("name", ["stranger", "charles", "a.*", "a.lovelace)(uid=*"])
def test_others_do_not(searched, person, who, name):
    other = person(name)
    assert other.log_in().status_code == 403
    assert who(other) == {}


def test_password_of_the_account_is_nowhere_but_in_its_file(searched, host):
    found = host.run(f"grep -rl '{SECRET}' /etc /opt/jupyterhub /var/lib /run --exclude-dir=journal").stdout.split()
    assert found == ["/etc/jupyterhub/secrets/login/ldap.search.bind_password"]
    assert host.file(found[0]).mode == 0o600
    assert SECRET not in host.check_output("journalctl --no-pager --lines 20000")
    process = f"/proc/{host.check_output('systemctl show jupyterhub --property=MainPID --value')}"
    shown = host.check_output(f"cat {process}/cmdline {process}/environ | tr '\\0' ' '")
    assert "jupyterhub" in shown
    assert SECRET not in shown


def test_only_members_of_a_group_within_the_group(searched, host, person):
    assert "changed=0" in converge()
    converge(jupyterhub_traits=NESTED)
    assert person("a.lovelace").log_in().status_code == 200
    assert person("c.babbage").log_in().status_code == 403
