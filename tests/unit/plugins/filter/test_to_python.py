# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filter writes, Python reads as the same value."""

from __future__ import annotations

import ast
import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.hubsmith.jupyterhub.plugins.filter.to_python import to_python
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _files

VALUES = [
    None,
    True,
    False,
    0,
    -7,
    10**30,
    1.5,
    1e300,
    "",
    'it\'s "quoted"\n\ttab \\ back ☃ \udc80',
    [],
    {},
    [3, 1, 2],
    {"b": 1, "a": [True, None, {"deep": "er"}]},
    {1: "one", "1": "text"},
    (1, "two"),
    {"x"},
    ["word " * 60] * 3,
    {f"key {number}": ["value"] * 30 for number in range(9)},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_round_trip(value):
    read = ast.literal_eval(to_python(value))
    assert read == value
    assert type(read) is type(value)


def test_order_is_kept():
    assert to_python({"b": [2, 1], "a": 0}) == "{'b': [2, 1], 'a': 0}"


def test_long_values_are_wrapped():
    lines = to_python({"services": [{"name": "cull", "command": ["python", "-m", "jupyterhub_idle_culler"]}] * 3}).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (datetime.date(2027, 1, 31), "the value"),
        ([1, {"until": datetime.date(2027, 1, 31)}], "the value[1]['until']"),
        ({"limit": float("inf")}, "the value['limit']"),
        ({"limit": float("nan")}, "the value['limit']"),
        (set(), "the value"),
        (b"bytes", "the value"),
    ],
)
def test_without_literal(value, named):
    with pytest.raises(AnsibleFilterError) as refused:
        to_python(value)
    assert f"{named} is " in str(refused.value)
    assert "no Python literal" in str(refused.value)


def test_values_from_templates(tmp_path):
    """Ansible hands over its own subclasses and lazy containers, whose representation must not leak."""
    (tmp_path / "values.yml").write_text("who: ada\ndata: {names: ['{{ who }}', bob], open: true, many: 3, none: null}\n")
    collections = Path(_files.__file__).absolute().parents[5]
    command = [sys.executable, "-m", "ansible.cli.adhoc", "localhost", "--extra-vars", "@values.yml", "--module-name", "debug"]
    done = subprocess.run(
        [*command, "--args", "msg={{ data | hubsmith.jupyterhub.to_python }}"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "{'names': ['ada', 'bob'], 'open': True, 'many': 3, 'none': None}" in done.stdout
