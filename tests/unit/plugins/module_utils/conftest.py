# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several tests need."""

from __future__ import annotations

import subprocess

import pytest


@pytest.fixture
def runner():
    """Runs a command as the modules let Ansible do it."""

    def run(command, given, folder):
        done = subprocess.run(command, input=given, cwd=folder, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return run
