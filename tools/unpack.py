# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""unpack.py WHEEL PATH: takes the collections that roles and tests need out of the wheel of Ansible, instead of those there."""

from __future__ import annotations

import pathlib
import shutil
import sys
import zipfile

COLLECTIONS = (
    "ansible.posix",
    "community.crypto",
    "community.docker",
    "community.library_inventory_filtering_v1",  # community.docker's own need
)


def unpack(wheel: str, path: pathlib.Path) -> None:
    """Write the collections below path; one that the wheel does not have is an error."""
    with zipfile.ZipFile(wheel) as archive:
        for collection in COLLECTIONS:
            folder = f"ansible_collections/{collection.replace('.', '/')}/"
            members = [name for name in archive.namelist() if name.startswith(folder)]
            if not members:
                sys.exit(f"{wheel} has no collection {collection}.")
            shutil.rmtree(path / folder, ignore_errors=True)
            archive.extractall(path, members)


if __name__ == "__main__":
    unpack(sys.argv[1], pathlib.Path(sys.argv[2]))
