# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each page about a way to log in shows the example that lies beside it, and the example lacks nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.hubsmith.jupyterhub.plugins.plugin_utils._login import login
from ansible_collections.hubsmith.jupyterhub.plugins.plugin_utils._ways import WAYS

ROOT = Path(__file__).parents[4]
PAGES = sorted((ROOT / "docs" / "login").glob("*.md"))
SITE = {"public_url": "https://hub.example.org/", "secrets_dir": "/etc/jupyterhub/secrets", "state_dir": "/var/lib/jupyterhub"}


def example(page):
    return (page.parent / "examples" / f"{page.stem}.yml").read_text(encoding="utf-8")


def test_pages_are_found():
    assert {"github", "several"} <= {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_shows_its_example(page):
    assert f"```yaml\n{example(page)}```\n" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_example_lacks_nothing(page):
    said = yaml.safe_load(example(page))
    options = {way: said.get(f"jupyterhub_{way}", {}) for way in WAYS}
    found = login(said["jupyterhub_authenticator"], options, {**SITE, "people": said["jupyterhub_users"]})
    assert found["problems"] == []
    assert [page.stem] == said["jupyterhub_authenticator"] or page.stem == "several"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_says_the_callback_address(page):
    said = yaml.safe_load(example(page))
    several = len(said["jupyterhub_authenticator"]) > 1
    for way in said["jupyterhub_authenticator"]:
        if WAYS[way].callback:
            place = f"hub/{way}/oauth_callback" if several else "hub/oauth_callback"
            assert f"`{SITE['public_url']}{place}`" in page.read_text(encoding="utf-8")


def test_roles_table_links_every_page():
    table = (ROOT / "roles" / "jupyterhub" / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert f"(../../docs/login/{page.name})" in table
