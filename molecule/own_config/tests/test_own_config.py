# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration of somebody's own was edited where it is: the right people get in, and the rest of it stays as it was."""

from __future__ import annotations

import difflib

import machines
import pytest

testinfra_hosts = ["ansible://jupyterhub"]
FILE = "/srv/hub/jupyterhub_config.py"
ORIGINAL = machines.CHECKOUT / "molecule/own_config/files/jupyterhub_config.txt"


@pytest.fixture(name="hub", autouse=True)
def fixture_hub(person):
    def answers():
        ada = person("ada")
        try:
            return ada.session.get(f"{ada.url}hub/health", timeout=5).status_code == 200
        except OSError:
            return False

    machines.until(answers)


def who(someone):
    """The account as which somebody works; nothing for those who do not get in."""
    if someone.log_in().status_code != 200:
        return ""
    return someone.session.get(f"{someone.url}hub/api/user", headers=someone.hub_headers, timeout=30).json()["name"]


@pytest.mark.parametrize(
    ("login", "account"),
    [("ada", "ada"), ("grace", "grace"), ("outside", "emmy"), ("mallory", "grace"), ("charles", "")],
)
def test_the_right_people_get_in(person, login, account):
    """mallory is still among the names that had no effect before, and is somebody else's identity now."""
    assert who(person(login)) == account


def test_administrators(person):
    for login, status in (("ada", 200), ("outside", 200), ("grace", 403)):
        someone = person(login)
        assert someone.log_in().status_code == 200
        assert someone.session.get(f"{someone.url}hub/admin", timeout=30).status_code == status


def test_all_other_lines_are_as_they_were(host):
    before, after = ORIGINAL.read_text(encoding="utf-8").splitlines(), host.file(FILE).content_string.splitlines()
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert all("'" in line for line in changed), changed
    assert [line for line in changed if line[0] == "-"] == [
        "-     'charles',  # until the end of the term",
        "- c.Authenticator.admin_users = {'ada'}",
        "- c.Authenticator.username_map = {'outside': 'emmy'}",
    ]
    assert host.file(FILE).mode == 0o640


def test_the_old_one_is_kept_beside_it(host):
    kept = host.check_output(f"ls {FILE}.*").split()
    assert any(host.file(path).content_string == ORIGINAL.read_text(encoding="utf-8") for path in kept)


def test_what_is_in_force_is_told_with_its_place():
    told = machines.task("own_config", "access_info", path=FILE)
    assert told["allowed"] == ["ada", "emmy", "grace"]
    assert told["admins"] == ["ada", "emmy"]
    assert told["map"] == {"mallory": "grace", "outside": "emmy"}
    assert told["where"]["allowed"].startswith(f"{FILE}:15")
    assert any("allowed_users" in note and "whitelist" in note for note in told["notes"])


def test_what_cannot_be_edited_safely_is_refused(host):
    """Names that come from a file are somebody else's to change; the sentence says where and what to do."""
    host.check_output("cp -a %s /srv/hub/loop.py", FILE)
    host.check_output(
        "printf %%s %s >> /srv/hub/loop.py", "for line in open('/srv/hub/users'):\n    c.Authenticator.whitelist.add(line.strip())\n"
    )
    before = host.file("/srv/hub/loop.py").content_string
    result = machines.task("own_config", "allowlist", path="/srv/hub/loop.py", names=["charles"])
    assert result["failed"]
    place = before.splitlines().index("    c.Authenticator.whitelist.add(line.strip())") + 1
    assert f"/srv/hub/loop.py:{place}: " in result["msg"]
    assert host.file("/srv/hub/loop.py").content_string == before


def test_removal_tells_that_it_does_not_revoke(host):
    host.check_output("cp -a %s /srv/hub/copy.py", FILE)
    result = machines.task("own_config", "allowlist", path="/srv/hub/copy.py", names=["grace"], state="absent")
    assert result["changed"]
    assert "restart it to let the change take effect" in result["said"]
    assert "tokens" in result["said"]
