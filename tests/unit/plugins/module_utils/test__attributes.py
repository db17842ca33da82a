# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mode, owner and group as a module is given them."""

from __future__ import annotations

import grp
import os
import pwd

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _attributes


@pytest.mark.parametrize(("given", "expected"), [("0640", 0o640), ("640", 0o640), (0o640, 0o640)])
def test_modes(given, expected):
    assert _attributes.octal(given) == expected


def test_what_is_no_mode():
    with pytest.raises(_attributes.Unknown, match="mode 'u=rw' is not an octal number, like '0600'"):
        _attributes.octal("u=rw")


def test_owners_by_name_and_by_number():
    assert _attributes.user(pwd.getpwuid(os.geteuid()).pw_name) == os.geteuid()
    assert _attributes.group(grp.getgrgid(os.getegid()).gr_name) == os.getegid()
    assert _attributes.user("4711") == 4711
    assert _attributes.group(None) is None


@pytest.mark.parametrize("number", [_attributes.user, _attributes.group])
def test_whom_this_host_does_not_know(number):
    with pytest.raises(_attributes.Unknown, match="no-such-one does not exist on this host"):
        number("no-such-one")
