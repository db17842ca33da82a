# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The package for the hub, put together as the role does it."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    *sorted((ROOT / "roles/jupyterhub/files/hubsmith_access").glob("*.py")),
    ROOT / "plugins/module_utils/_people.py",
    ROOT / "plugins/module_utils/_access_file.py",
]


def assemble(folder: Path) -> Path:
    """Returns what belongs on Python's path."""
    package = folder / "packages" / "hubsmith_access"
    package.mkdir(parents=True)
    for source in SOURCES:
        shutil.copy(source, package)
    return package.parent
