# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about certificates shows the examples that lie beside it, and they use options that there are."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "tls.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "docs" / "tls").glob("*.yml"))
OPTIONS = yaml.safe_load((ROOT / "roles" / "jupyterhub_tls" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
OPTIONS = OPTIONS["argument_specs"]["main"]["options"]


def test_each_method_has_one():
    said = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in EXAMPLES]
    methods = {one.get("jupyterhub_tls_certbot_method", "proxy") for one in said}
    assert methods == set(OPTIONS["jupyterhub_tls_certbot_method"]["choices"])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_page_shows_it_and_its_options_exist(path):
    text = path.read_text(encoding="utf-8")
    assert f"[tls/{path.name}](tls/{path.name})\n\n```yaml\n{text}```\n" in PAGE
    said = yaml.safe_load(text)
    assert {name for name in said if name.startswith("jupyterhub_tls_")} <= set(OPTIONS)
    for name, value in said.items():
        assert value in OPTIONS.get(name, {}).get("choices", [value])
