# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the list of people goes to the host."""

from __future__ import annotations

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.action import access


def test_accounts_stay_on_the_controller():
    entry = {"name": "ada", "password": "$6$x", "uid": 4000, "comment": "Ada", "state": "blocked", "admin": True, "limits": {"cpu": 1}}
    assert access._entry(entry) == {"name": "ada", "state": "blocked", "admin": True, "limits": {"cpu": 1}}


@pytest.mark.parametrize("given", ["ada", None, {"nmae": "ada"}])
def test_mistakes_go_to_the_module_which_tells_of_them(given):
    assert access._entry(given) == given
