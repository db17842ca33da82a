# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as Python source."""

from __future__ import annotations

DOCUMENTATION = r"""
name: to_python
short_description: Write a value as a Python literal
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Turns a value into Python source that stands for the same value, for use in C(jupyterhub_config.py).
  - The order of lists and dictionaries is kept. Long values are wrapped over lines.
  - What has no literal (a date, an infinite number) is refused.
positional: _input
options:
  _input:
    description: Strings, numbers, booleans, null, and lists and dictionaries of them.
    type: raw
    required: true
"""

EXAMPLES = r"""
# c.Spawner.environment = {'LANG': 'C.UTF-8', 'DEBUG': True}
setting: "c.Spawner.environment = {{ {'LANG': 'C.UTF-8', 'DEBUG': true} | hubsmith.jupyterhub.to_python }}"
"""

RETURN = r"""
_value:
  description: Python source.
  type: str
"""

import math
import pprint
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

from ansible.errors import AnsibleFilterError

WIDTH = 100


def to_python(value: Any) -> str:
    """The source of a literal that is equal to ``value``."""
    return pprint.pformat(_plain(value, "the value"), width=WIDTH, sort_dicts=False)


def _plain(value: Any, where: str) -> Any:
    """The same value made of Python's own types, as templates hand over subclasses that carry more."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, Mapping):
        return {_plain(key, f"a key of {where}"): _plain(item, f"{where}[{key!r}]") for key, item in value.items()}
    if isinstance(value, Set) and value:
        return {_plain(item, f"an item of {where}") for item in value}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        items = [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
        return tuple(items) if isinstance(value, tuple) else items
    raise AnsibleFilterError(
        f"to_python: {where} is {value!r} ({type(value).__name__}), which has no Python literal; give a string or a list"
    )


class FilterModule:
    """Ansible looks for this class."""

    def filters(self) -> dict[str, Callable[..., str]]:
        return {"to_python": to_python}
