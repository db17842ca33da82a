# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""seed_pip.py PIP: gives ansible-test the pip that it wants.

It fetches pip's installer from a host of its own. Where only PyPI answers, that pip's wheel does the same.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import types

from ansible_test._internal.python_requirements import get_venv_packages

INSTALLER = '''"""Installs pip from its own wheel."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).with_name("{wheel}")))
from pip._internal.cli.main import main

sys.exit(main(["install", "--upgrade", *[option for option in sys.argv[1:] if option not in ("--no-setuptools", "--no-wheel")]]))
'''


def seed(pip: str) -> None:
    """Put the installer where ansible-test looks first, unless there is one."""
    version = get_venv_packages(types.SimpleNamespace(version="{}.{}".format(*sys.version_info)))["pip"]
    cache = pathlib.Path.home() / ".ansible/test/cache"
    installer = cache / f"get_pip_{version.replace('.', '_')}.py"
    if installer.exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    subprocess.run([pip, "download", "--no-deps", "--only-binary=:all:", f"--dest={cache}", f"pip=={version}"], check=True)
    installer.write_text(INSTALLER.format(wheel=f"pip-{version}-py3-none-any.whl"), encoding="utf-8")


if __name__ == "__main__":
    seed(sys.argv[1])
