# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code that is not followed: what may change a roster makes it unknown, what provably does not leaves it known."""

from __future__ import annotations

import pathlib

import pytest
import yaml

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_config
from ansible_collections.hubsmith.jupyterhub.tests.unit.configs import evaluated

BEFORE = """\
group = {"ada"}
other = set()
groups = {"a": group}
c.Authenticator.allowed_users = group
"""

CODE = pathlib.Path(evaluated.__file__).with_name("code")
CHANGING, HARMLESS = (yaml.safe_load((CODE / name).read_text()) for name in ("changing.yml", "harmless.yml"))


def of(code):
    return (BEFORE + code).encode()


@pytest.mark.parametrize("code", CHANGING.values(), ids=CHANGING)
def test_what_may_change_a_roster_is_refused(code):
    assert evaluated.rosters(of(code)) != evaluated.rosters(of(""))
    with pytest.raises(_own_config.Unsafe) as caught:
        _own_config.edit_roster(of(code), "hub.py", "allowed", ["zoe"], "present", None)
    assert str(caught.value).startswith("hub.py:")


@pytest.mark.parametrize("code", HARMLESS.values(), ids=HARMLESS)
def test_what_does_not_is_edited(code):
    edit = _own_config.edit_roster(of(code), "hub.py", "allowed", ["zoe"], "present", None)
    assert edit.before == evaluated.rosters(of(code))
    assert edit.after == evaluated.rosters(edit.data)
    assert edit.data == of(code).replace(b'group = {"ada"}', b'group = {"ada", "zoe"}')


@pytest.mark.parametrize("look", ["if hasattr({}, 'x'):\n    pass\n", "for one in [{}]:\n    pass\n"])
def test_a_look_may_hide_what_was_added(look):
    """traitlets puts an empty value where one looks, and loses what was added to the one below."""
    added = "c.Authenticator.whitelist.add('eve')\n"
    assert evaluated.rosters(of(added)).allowed == ["eve"]
    looked = added + look.format("c.PAMAuthenticator.whitelist")
    assert evaluated.rosters(of(looked)).allowed == ["ada"]
    with pytest.raises(_own_config.Unsafe, match=r"hub\.py:6: .*`c\.PAMAuthenticator\.whitelist` may be changed inside"):
        _own_config.edit_roster(of(looked), "hub.py", "allowed", ["zoe"], "present", None)


@pytest.mark.parametrize(
    "code", ["def fill(name: group.add('eve')):\n    pass\n", "def fill() -> group.add('eve'):\n    pass\n", "name: group.add('eve')\n"]
)
def test_annotations_may_be_evaluated(code):
    """They are not by the traitlets that is installed here, as it has them put off, but by others."""
    with pytest.raises(_own_config.Unsafe, match="`group` may be changed"):
        _own_config.edit_roster(of(code), "hub.py", "allowed", ["zoe"], "present", None)
