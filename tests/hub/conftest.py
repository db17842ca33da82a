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
from running import Hub

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
