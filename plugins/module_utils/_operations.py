# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules do to a file that says who may log in, for each kind of file.

What only a configuration needs is imported when there is one: a host compiles all that a module imports, at each run.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _access_edit
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._edited_file import Operation
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person

if TYPE_CHECKING:
    from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_config import Edit


def roster(name: str, names: Sequence[str], state: str, authenticator_class: str | None) -> Operation:
    """Names into a roster, out of it, or exactly these."""

    def on_config(data: bytes, path: str) -> Edit:
        from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_config

        return _own_config.edit_roster(data, path, name, list(names), state, authenticator_class)

    return Operation(
        on_access=lambda people: _access_edit.edit_roster(people, name, names, state, datetime.date.today()), on_config=on_config
    )


def username_map(given: Mapping[str, str], state: str, authenticator_class: str | None) -> Operation:
    """Identities to people, to nobody, or exactly these."""

    def on_config(data: bytes, path: str) -> Edit:
        from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_config

        return _own_config.edit_map(data, path, dict(given), state, authenticator_class)

    return Operation(on_access=lambda people: _access_edit.edit_map(people, given, state), on_config=on_config)


def people(
    users: Sequence[Person], state: str, allow_empty: bool = False, authenticator_class: str | None = None, wait: bool = False
) -> Operation:
    """These people among the others, or exactly these; with ``wait`` in a file that a running hub reads."""

    def on_config(data: bytes, path: str) -> Edit:
        from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_config

        if wait:
            raise _access_edit.Refused(f"{path} is read by a hub only when it starts; leave out wait, and restart the hub")
        edit = _own_config.edit_people(data, path, list(users), state, authenticator_class)
        if state == "exact" and edit.before.allowed and not edit.after.allowed and not allow_empty:
            raise _access_edit.Refused(_access_edit.empty(len(edit.before.allowed)))
        return edit

    whole = {person.name: person for person in users if person.state != "absent"} if state == "exact" else {}
    return Operation(
        on_access=lambda people: _access_edit.edit_people(people, users, state, allow_empty), on_config=on_config, whole=whole or None
    )
