# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters over the list of people."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.hubsmith.jupyterhub.plugins.filter.people import FilterModule

FILTERS = FilterModule().filters()
PEOPLE = [
    {"name": "emmy", "uid": 4000, "expires": "2999-12-31"},
    {"name": "ada", "admin": True, "identities": ["ada@example.org"]},
    {"name": "bob", "admin": True, "state": "blocked"},
    {"name": "dora", "admin": True, "expires": "2020-01-31"},
]


def test_what_is_about_access_stays_on_the_controller() -> None:
    assert FILTERS["accounts"](PEOPLE) == [
        {"name": "emmy", "uid": 4000},
        {"name": "ada"},
        {"name": "bob", "state": "blocked"},
        {"name": "dora"},
    ]


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_wrong_list_is_refused(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match="did you mean name"):
        FILTERS[name]([{"nmae": "ada"}])


def test_what_is_about_the_account_does_not_reach_the_access_file() -> None:
    assert FILTERS["access_entries"](PEOPLE) == [
        {"name": "emmy", "expires": "2999-12-31"},
        {"name": "ada", "admin": True, "identities": ["ada@example.org"]},
        {"name": "bob", "admin": True, "state": "blocked"},
        {"name": "dora", "admin": True, "expires": "2020-01-31"},
    ]
