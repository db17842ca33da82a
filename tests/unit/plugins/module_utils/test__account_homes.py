# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Homes made from a skeleton, as the one who runs the tests."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_homes as homes

ME, MINE = os.getuid(), os.getgid()


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A skeleton with everything that one may have."""
    path = tmp_path / "skel"
    (path / "bin").mkdir(parents=True)
    (path / "bin").chmod(0o2750)
    (path / "bin" / "start").write_bytes(b"#!/bin/sh\n")
    (path / "bin" / "start").chmod(0o4755)
    (path / "large").write_bytes(os.urandom(homes.SMALL + 7))
    (path / "empty").touch(0o600)
    (path / "course").symlink_to("/srv/course")
    os.utime(path / "empty", (5, 7))
    return path


def tree(path: Path) -> dict[str, tuple[object, ...]]:
    """All that is in a folder, with what a copy must have as well."""
    found = {}
    for one in sorted(path.rglob("*")):
        status = one.lstat()
        content = os.readlink(one) if one.is_symlink() else one.read_bytes() if one.is_file() else None
        when = None if one.is_symlink() else status.st_mtime_ns
        found[str(one.relative_to(path))] = (oct(status.st_mode), content, when, os.listxattr(one, follow_symlinks=False))
    return found


def test_a_home_is_as_the_skeleton(tmp_path: Path, skeleton: Path) -> None:
    stage = homes.stage(str(tmp_path / "new" / "home" / "ada"), homes.read(str(skeleton)), ME, MINE, 0o710)
    assert stage == str(tmp_path / "new" / "home" / ".ada.new")
    (skeleton / "bin" / "start").chmod(0o755)  # what a copy has instead of a program with the rights of its owner
    assert tree(Path(stage)) == tree(skeleton)
    assert stat.S_IMODE(os.stat(stage).st_mode) == 0o710


def test_attributes_and_access_lists_come_along(tmp_path: Path, skeleton: Path) -> None:
    # Owner rw-, user 1 r--, group ---, mask r--, others ---: the group has less than the mode says.
    entries = [(1, 6, 2**32 - 1), (2, 4, 1), (4, 0, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1)]
    acl = b"\2\0\0\0" + b"".join(
        kind.to_bytes(2, "little") + way.to_bytes(2, "little") + who.to_bytes(4, "little") for kind, way, who in entries
    )
    os.setxattr(skeleton / "empty", "system.posix_acl_access", acl)
    os.setxattr(skeleton, "user.origin", b"course")
    stage = homes.stage(str(tmp_path / "ada"), homes.read(str(skeleton)), ME, MINE, 0o700)
    assert os.getxattr(f"{stage}/empty", "system.posix_acl_access") == acl
    assert os.getxattr(stage, "user.origin") == b"course"


def test_a_home_without_a_skeleton_is_empty(tmp_path: Path) -> None:
    stage = homes.stage(str(tmp_path / "ada"), None, ME, MINE, 0o700)
    assert os.listdir(stage) == []


def test_what_an_interrupted_run_has_left_goes(tmp_path: Path, skeleton: Path) -> None:
    read = homes.read(str(skeleton))
    first = homes.stage(str(tmp_path / "ada"), read, ME, MINE, 0o700)
    (Path(first) / "half").touch()
    assert tree(Path(homes.stage(str(tmp_path / "ada"), read, ME, MINE, 0o700))).keys() == tree(skeleton).keys()


def test_no_link_is_followed(tmp_path: Path, skeleton: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / ".ada.new").symlink_to(outside)
    homes.stage(str(tmp_path / "ada"), homes.read(str(skeleton)), ME, MINE, 0o700)
    assert not (tmp_path / ".ada.new").is_symlink()
    homes.remove(str(tmp_path / ".ada.new"))
    (tmp_path / "link").symlink_to(outside)
    homes.remove(str(tmp_path / "link"))
    homes.remove(str(tmp_path / "missing"))
    assert [one.name for one in tmp_path.iterdir() if one.name != "skel"] == ["outside"]


def test_something_odd_in_the_skeleton(skeleton: Path) -> None:
    os.mkfifo(skeleton / "bin" / "pipe")
    with pytest.raises(homes.HomeError, match="bin/pipe is neither a file nor a folder nor a link"):
        homes.read(str(skeleton))


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(homes.HomeError, match=r"the home .*/file/ada could not be made: .*File exists"):
        homes.stage(str(tmp_path / "file" / "ada"), None, ME, MINE, 0o700)
