# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters over the one list of people; each checks the whole list first."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _people


def allowed_names(entries: object) -> list[str]:
    return _people.allowed(_parsed(entries), datetime.date.today())


def admin_names(entries: object) -> list[str]:
    return _people.admins(_parsed(entries), datetime.date.today())


def accounts(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    _parsed(entries)
    return [{key: value for key, value in entry.items() if key in _people.ACCOUNT_KEYS} for entry in entries]


def _parsed(entries: object) -> list[_people.Person]:
    try:
        return _people.parse(entries)
    except _people.PeopleError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"accounts": accounts, "admin_names": admin_names, "allowed_names": allowed_names}
