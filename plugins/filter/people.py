# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters over the one list of people; each checks the whole list first."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _people


def accounts(entries: object) -> list[dict[str, object]]:
    return _parts(entries, _people.ACCOUNT_KEYS)


def access_entries(entries: object) -> list[dict[str, object]]:
    return _parts(entries, _people.ACCESS_KEYS)


def _parts(entries: Any, keys: Collection[str]) -> list[dict[str, object]]:
    try:
        _people.parse(entries)
    except _people.PeopleError as error:
        raise AnsibleFilterError(str(error)) from error
    return [{key: value for key, value in entry.items() if key in keys} for entry in entries]


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"access_entries": access_entries, "accounts": accounts}
