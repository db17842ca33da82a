# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role documents is what it does: its argument specification and its defaults say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROLES = sorted(path for path in (Path(__file__).parents[3] / "roles").iterdir() if path.is_dir())


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def options(role):
    """All options of all entry points of a role."""
    points = load(role / "meta" / "argument_specs.yml")["argument_specs"].values()
    return {name: option for point in points for name, option in (point.get("options") or {}).items()}


def test_roles_are_found():
    assert "jupyterhub" in [role.name for role in ROLES]


def can_be_specified(option, value):
    """A template that gives something else than text cannot stand in a specification; its description has to say it."""
    return option["type"] in ("str", "path") or not (isinstance(value, str) and "{{" in value)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_specification_equals_defaults(role):
    specified = options(role)
    defaults = load(role / "defaults" / "main.yml")
    assert sorted(specified) == sorted(defaults)
    for name, value in defaults.items():
        if can_be_specified(specified[name], value):
            assert specified[name]["default"] == value, name
        else:
            assert "default" not in specified[name], name
            assert "By default" in str(specified[name]["description"]), name


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_public_names_begin_with_the_role_and_each_is_explained(role):
    for name, option in options(role).items():
        assert name.startswith(f"{role.name}_")
        assert option["description"], name


def test_no_name_belongs_to_two_roles():
    owners = {}
    for role in ROLES:
        for name in options(role):
            owners.setdefault(name, []).append(role.name)
    assert {name: roles for name, roles in owners.items() if len(roles) > 1} == {}
