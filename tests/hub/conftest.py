# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hubs for the tests. One serves many tests, each of which has people of its own."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hub_package import assemble
from identity_provider import IdentityProvider, Keys
from provider import Provider
from running import Hub
from saml_member import CONFIG, EVIL, Member

# Some classes are looked at without a hub.
_folder = tempfile.TemporaryDirectory()
sys.path.append(str(assemble(Path(_folder.name))))


@pytest.fixture(scope="session")
def make_hub(tmp_path_factory):
    """Makes hubs that do not outlive the run."""
    made = []

    def make(*people, extra="", variables=None, start=True):
        hub = Hub(tmp_path_factory.mktemp("hub"), extra, variables or {})
        made.append(hub)
        hub.write(*people)
        if start:
            hub.start()
        return hub

    yield make
    with ThreadPoolExecutor() as pool:
        list(pool.map(Hub.close, made))


@pytest.fixture(scope="session")
def hub(make_hub):
    """A hub with nothing special about it, and nobody in its file."""
    return make_hub()


@pytest.fixture(scope="session")
def make_saml(make_hub, tmp_path_factory):
    """Makes hubs with an identity provider, which is about to take another key and says so beforehand."""

    def make(extra="", **given):
        provider = IdentityProvider(tmp_path_factory.mktemp("provider"))
        Keys.make(provider.folder, "hub")
        further = Keys.make(provider.folder, "next")
        (provider.folder / "metadata.xml").write_text(provider.metadata(further))
        hub = make_hub(extra=CONFIG.format(folder=str(provider.folder)) + extra, **given)
        provider.hub = hub.url
        return hub, provider

    return make


@pytest.fixture(scope="session")
def saml(make_saml):
    """One for all tests that leave it as it is."""
    return make_saml()


@pytest.fixture(name="provider", scope="module")
def fixture_provider():
    """A provider of outside accounts."""
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(name="mallory_and_others", scope="module")
def fixture_mallory_and_others(saml):
    saml[0].give({"name": "mallory"}, {"name": "victim"}, {"name": EVIL, "admin": True})
    return saml


@pytest.fixture(name="mallory")
def fixture_mallory(mallory_and_others):
    """Somebody with an account of the provider's and here, who wants to be taken for an administrator."""
    return Member(*mallory_and_others, "mallory")
