# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a file."""

from __future__ import annotations

import datetime
import hashlib

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_file, _access_info
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person

TODAY = datetime.date(2026, 11, 22)
PEOPLE = [
    Person("ada", identities=("ada@x.org",), admin=True, groups=("numerics",), expires=TODAY, limits={"memory": "4G"}),
    Person("bob", expires=datetime.date(2026, 11, 21)),
    Person("carl", state="blocked", admin=True, identities=("carl@x.org",)),
]


@pytest.fixture(name="path")
def fixture_path(tmp_path):
    tmp_path.chmod(0o755)
    path = tmp_path / "access.json"
    path.write_bytes(_access_file.render(PEOPLE))
    path.chmod(0o600)
    return path


def test_an_access_file(path):
    told = _access_info.of_access_file(str(path), (), TODAY)
    nothing = {"admin": False, "identities": [], "groups": [], "expires": None, "limits": {}}
    ada = {"admin": True, "identities": ["ada@x.org"], "groups": ["numerics"], "expires": "2026-11-22", "limits": {"memory": "4G"}}
    assert told == {
        "kind": "access_file",
        "valid": True,
        "error": "",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "users": [
            {"name": "ada", "standing": "allowed", **ada},
            {"name": "bob", "standing": "expired", **nothing, "expires": "2026-11-21"},
            {"name": "carl", "standing": "blocked", **nothing, "admin": True, "identities": ["carl@x.org"]},
        ],
        "allowed": ["ada"],
        "admins": ["ada"],
        "blocked": ["carl"],
        "expired": ["bob"],
        "map": {"ada@x.org": "ada", "carl@x.org": "carl"},
        "where": {},
        "notes": [],
        "unsafe": {},
    }


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "does not exist"),
        (lambda path: path.chmod(0o666), "can be written by others"),
        (lambda path: path.write_bytes(path.read_bytes()[:-5]), "is not valid JSON"),
    ],
)
def test_a_file_that_cannot_be_used_is_no_failure(path, spoil, words):
    spoil(path)
    told = _access_info.of_access_file(str(path), (), TODAY)
    assert not told["valid"]
    assert words in told["error"]
    assert told["users"] == told["allowed"] == []
    assert told.keys() == _access_info.of_access_file("/none", (), TODAY).keys()


def test_a_configuration(path):
    config = path.parent / "jupyterhub_config.py"
    config.write_text(
        "c = get_config()  # noqa\n"
        "c.Authenticator.allowed_users = {'ada', 'bob'}\n"
        "c.Authenticator.admin_users = {'ada'}\n"
        "c.Authenticator.blocked_users = {'bob'}\n"
        "c.Authenticator.username_map = {'ada@x.org': 'ada'}\n"
    )
    told = _access_info.of_config(str(config), None)
    assert (told["kind"], told["valid"], told["error"]) == ("configuration", True, "")
    assert [(user["name"], user["standing"], user["admin"], user["identities"]) for user in told["users"]] == [
        ("ada", "allowed", True, ["ada@x.org"]),
        ("bob", "blocked", False, []),
    ]
    assert told["where"]["allowed"] == f"{config}:2"
    assert told["admins"] == ["ada"]
    assert told["map"] == {"ada@x.org": "ada"}
    assert told.keys() == _access_info.of_access_file(str(path), (), TODAY).keys()


def test_a_configuration_that_cannot_be_read_is_no_failure(path):
    config = path.parent / "jupyterhub_config.py"
    told = _access_info.of_config(str(config), None)
    assert (told["valid"], told["error"]) == (False, f"{config} cannot be read: No such file or directory")
    config.write_text("c = (")
    told = _access_info.of_config(str(config), None)
    assert not told["valid"]
    assert f"{config}:1" in told["error"]
