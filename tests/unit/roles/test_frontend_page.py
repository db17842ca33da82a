# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about web servers shows the examples that lie beside it, and these set nothing that no role knows."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("frontend_*.yml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_page_shows_the_example(example):
    page = (ROOT / "docs" / "frontend.md").read_text(encoding="utf-8")
    assert f"```yaml\n{example.read_text(encoding='utf-8')}```\n" in page


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_example_sets_what_roles_know(example):
    known = [name for path in ROOT.glob("roles/*/defaults/main.yml") for name in yaml.safe_load(path.read_text(encoding="utf-8"))]
    assert set(yaml.safe_load(example.read_text(encoding="utf-8"))) <= set(known)


def test_examples_are_found():
    assert len(EXAMPLES) == 3
