# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages for the hub, put together as the role does it."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted((ROOT / "roles/jupyterhub/files").glob("hubsmith_*"))
# What hubsmith_access shares with the modules.
SHARED = [ROOT / "plugins/module_utils/_people.py", ROOT / "plugins/module_utils/_access_file.py"]


def assemble(folder: Path) -> Path:
    """Returns what belongs on Python's path."""
    packages = folder / "packages"
    for package in FOLDERS:
        shutil.copytree(package, packages / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    for source in SHARED:
        shutil.copy(source, packages / "hubsmith_access")
    return packages
