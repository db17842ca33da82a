# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People of the directory."""

from __future__ import annotations

import pytest
from person import Person


@pytest.fixture(name="person")
def fixture_person(url, ca):
    """Makes people, under the directory's names for them."""
    return lambda name, password="engine": Person(url, name, password, ca)


@pytest.fixture(name="who")
def fixture_who():
    """What the hub knows of somebody by the cookies."""

    def who(someone):
        answer = someone.session.get(f"{someone.url}hub/api/user", headers=someone.hub_headers, timeout=30)
        return answer.json() if answer.status_code == 200 else {}

    return who
