# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the file is read again, and what is made of a file that cannot be used."""

from __future__ import annotations

import os
import time

import pytest
from hubsmith_access import source


@pytest.fixture(name="path")
def fixture_path(tmp_path):
    path = tmp_path / "access.json"
    path.write_bytes(b'{"format": 1, "users": [\n{"name": "ada"}\n]}\n')
    path.chmod(0o600)
    return path


def settled(path):
    deadline = time.monotonic() + 5
    while (found := source.signature(str(path))) == source.UNKNOWN:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def test_a_file_that_stays_is_not_read_again(path):
    assert settled(path) == settled(path)


def test_right_after_a_change_nothing_is_certain(path):
    os.utime(path)
    assert source.signature(str(path)) == source.UNKNOWN
    assert source.look(str(path)).signature == source.UNKNOWN


@pytest.mark.parametrize("change", ["content", "same length", "replaced", "mode", "folder's mode", "touched"])
def test_every_change_shows(path, change):
    before = settled(path)
    if change == "content":
        path.write_bytes(path.read_bytes() + b"\n")
    elif change == "same length":
        times = path.stat()
        path.write_bytes(path.read_bytes().replace(b"ada", b"eve"))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif change == "replaced":
        new = path.with_suffix(".new")
        new.write_bytes(path.read_bytes())
        new.replace(path)
    elif change == "mode":
        path.chmod(0o666)
    elif change == "folder's mode":
        path.parent.chmod(0o777)
    else:
        os.utime(path)
    assert settled(path) != before


def test_what_is_known_is_not_parsed_again(path):
    first = source.look(str(path))
    assert first.roster is not None
    again = source.look(str(path), first.sha256)
    assert (again.roster, again.error, again.sha256) == (None, "", first.sha256)


def test_a_file_that_is_not_there_is_looked_for_again(path):
    path.unlink()
    found = source.look(str(path))
    assert (found.signature, found.sha256) == (source.UNKNOWN, "")
    assert "does not exist" in found.error


def test_a_file_that_could_not_be_read_is_read_again(path, monkeypatch):
    def fail(_path):
        raise source.AccessError("the disk is bad")

    settled(path)
    monkeypatch.setattr(source, "read", fail)
    found = source.look(str(path))
    assert (found.signature, found.error) == (source.UNKNOWN, "the disk is bad")


def test_a_content_that_cannot_be_used_is_named_by_its_sum(path):
    path.write_bytes(b"{")
    settled(path)
    found = source.look(str(path))
    assert found.signature != source.UNKNOWN
    assert len(found.sha256) == 64
    assert found.error.startswith(str(path))
