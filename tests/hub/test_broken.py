# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An access file that cannot be used does no harm, and is not kept a secret."""

from __future__ import annotations

import hashlib
import os

import pytest
from running import until

GOOD = b'{"format": 1, "users": [{"name": "ada"}]}'


def damage(hub, how):
    """Returns whether the content itself is at fault."""
    texts = {
        "broken": GOOD.replace(b"]", b""),
        "truncated": GOOD[:-10],
        "empty": b"",
        "too new": GOOD.replace(b"1", b"2"),
        "two of one name": GOOD.replace(b"}]", b'}, {"name": "ada"}]'),
        "an invalid name": GOOD.replace(b"ada", b"ADA"),
        "a system account": GOOD.replace(b"ada", b"root"),
    }
    if how in texts:
        hub.write_bytes(texts[how])
    elif how == "missing":
        hub.path.unlink()
    elif how == "a link":
        elsewhere = hub.path.with_name("elsewhere.json")
        hub.path.rename(elsewhere)
        hub.path.symlink_to(elsewhere)
    elif how == "writable":
        hub.path.chmod(0o666)
    elif how == "somebody else's":
        os.chown(hub.path, 12345, 12345)
    else:
        hub.folder.chmod(0o777)
    return how in texts


@pytest.fixture(name="ada", scope="module")
def fixture_ada(hub):
    hub.give({"name": "ada"})
    ada = hub.person("ada")
    assert ada.gets_in()
    return ada


@pytest.mark.parametrize(
    "how",
    [
        "broken",
        "truncated",
        "empty",
        "too new",
        "two of one name",
        "an invalid name",
        "a system account",
        "missing",
        "a link",
        "writable",
        "somebody else's",
        "in a folder that others can write to",
    ],
)
def test_what_was_said_last_stays_in_force(hub, ada, how):
    before = hub.state()
    lines = hub.log().count("stays in force")
    content_is_at_fault = damage(hub, how)
    until(lambda: hub.state()["error"], what=f"nothing noticed: {hub.state()}")
    told = hub.state()
    assert str(hub.folder) in told["error"]
    assert (told["sha256"], told["people"], told["applied"]) == (before["sha256"], before["people"], before["applied"])
    assert told["refused_sha256"] == (hashlib.sha256(hub.path.read_bytes()).hexdigest() if content_is_at_fault else "")
    assert told["error_since"] >= before["applied"]
    assert hub.metric("jupyterhub_access_error") == 1
    assert ada.is_in()
    assert hub.person("ada").gets_in()
    assert not hub.person("root").gets_in()
    assert hub.log().count("stays in force") == lines + 1
    hub.folder.chmod(0o755)
    hub.give({"name": "ada"}, {"name": "bob"})
    until(lambda: not hub.state()["error"])
    told = hub.state()
    assert (told["refused_sha256"], told["error_since"]) == ("", "")
    assert hub.metric("jupyterhub_access_error") == 0
    assert hub.person("bob").gets_in()
    hub.give({"name": "ada"})


def test_a_hub_does_not_start_without_a_file_that_it_can_use(make_hub):
    hub = make_hub({"name": "ada"}, start=False)
    damage(hub, "truncated")
    hub.start(wait=False)
    assert hub.process.wait(timeout=30) != 0
    hub.process = None
    log = hub.log()
    assert f"The hub does not start without its access file: {hub.path}" in log
    assert "Traceback" not in log


def test_a_hub_does_not_start_with_people_in_its_configuration(make_hub):
    hub = make_hub({"name": "ada"}, extra='c.Authenticator.allowed_users = {"eve"}', start=False)
    hub.start(wait=False)
    assert hub.process.wait(timeout=30) != 0
    hub.process = None
    assert f"c.Authenticator.allowed_users lists people, and only the access file {hub.path} says who they are" in hub.log()
