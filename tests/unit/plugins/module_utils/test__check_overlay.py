# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process with an overlay sees the future, whichever way it looks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _check_overlay

LOOK = """
import glob, importlib, json, os, pathlib, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
folder, places = sys.argv[2], json.loads(sys.argv[3])
importlib.import_module("_check_overlay").Overlay(places).install()
walked = {top: sorted(folders + names) for top, folders, names in os.walk(folder)}
with os.scandir(folder) as entries:
    scanned = sorted((entry.name, entry.path, entry.is_file(), entry.is_dir(), entry.stat().st_size) for entry in entries)
new, gone = f"{folder}/20.py", f"{folder}/30.py"
print(json.dumps({
    "glob": sorted(glob.glob(f"{folder}/*.py")),
    "recursive": sorted(glob.glob(f"{folder}/**/*.py", recursive=True)),
    "pathlib": sorted(map(str, pathlib.Path(folder).glob("*.py"))),
    "rglob": sorted(map(str, pathlib.Path(folder).rglob("*.py"))),
    "iterdir": sorted(map(str, pathlib.Path(folder).iterdir())),
    "listdir": sorted(os.listdir(folder)),
    "bytes": sorted(map(os.fsdecode, os.listdir(os.fsencode(folder)))),
    "walk": walked.get(folder),
    "scandir": scanned,
    "exists": [os.path.exists(new), pathlib.Path(new).is_file(), os.path.lexists(new), os.access(new, os.R_OK)],
    "gone": [os.path.exists(gone), pathlib.Path(gone).exists(), os.path.lexists(gone), os.access(gone, os.R_OK)],
    "read": [open(new).read(), pathlib.Path(new).read_text(), os.read(os.open(new, os.O_RDONLY), 9).decode()],
    "relative": (os.chdir(folder), open("20.py").read(), sorted(os.listdir()))[1:],
}))
"""


def look(folder, places):
    command = [sys.executable, "-c", LOOK, _check_overlay.__file__, str(folder), json.dumps(places)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def expected(folder, names):
    files = [os.path.join(folder, name) for name in names if name.endswith(".py")]
    everything = [os.path.join(folder, name) for name in names]
    return {
        "glob": files,
        "recursive": files,
        "pathlib": files,
        "rglob": files,
        "iterdir": everything,
        "listdir": names,
        "bytes": names,
        "walk": names,
        "exists": [True] * 4,
        "gone": [False] * 4,
        "read": ["new"] * 3,
        "relative": ["new", names],
    }


@pytest.fixture(name="stage")
def fixture_stage(tmp_path):
    (tmp_path / "stage").mkdir()
    (tmp_path / "stage" / "one").write_text("new")
    return tmp_path / "stage"


def test_files_added_replaced_and_removed(tmp_path, stage):
    folder = str(tmp_path / "config.d")
    os.mkdir(folder)
    for name in ("10.py", "20.py", "30.py", "notes"):
        (tmp_path / "config.d" / name).write_text("the old one")
    staged = str(stage / "one")
    seen = look(folder, {f"{folder}/20.py": staged, f"{folder}/30.py": None, f"{folder}/40.py": staged})
    scanned = seen.pop("scandir")
    assert seen == expected(folder, ["10.py", "20.py", "40.py", "notes"])
    assert scanned[:2] == [["10.py", f"{folder}/10.py", True, False, 11], ["20.py", f"{folder}/20.py", True, False, 3]]
    assert sorted(os.listdir(folder)) == ["10.py", "20.py", "30.py", "notes"]


def test_folder_that_does_not_exist_yet(tmp_path, stage):
    folder, empty = str(tmp_path / "config.d"), stage / "empty"
    empty.mkdir()
    # The working directory cannot be a folder that is not there.
    os.mkdir(folder)
    seen = look(folder, {folder: str(empty), f"{folder}/20.py": str(stage / "one")})
    seen.pop("scandir")
    assert seen == expected(folder, ["20.py"])


def test_link_that_will_be_switched(tmp_path):
    for release in ("1", "2"):
        (tmp_path / release).mkdir()
        (tmp_path / release / "version").write_text(release)
    os.symlink("1", tmp_path / "current")
    overlay = _check_overlay.Overlay({str(tmp_path / "current"): str(tmp_path / "2")})
    assert overlay.actual(f"{tmp_path}/current/version") == f"{tmp_path}/2/version"
    assert overlay.actual(f"{tmp_path}/currently") == f"{tmp_path}/currently"
    assert overlay.actual(3) == 3
