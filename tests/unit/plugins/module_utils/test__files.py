# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All or nothing, whatever happens in the middle."""

from __future__ import annotations

import os
import resource
import signal
import stat

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _files, _snapshot


def new(text):
    return _files.file(text.encode(), 0o640, os.geteuid(), os.getegid())


def everything(root):
    """Each path below ``root`` with what it holds."""
    found = {}
    for folder, folders, names in os.walk(root):
        found.update(_snapshot.take(os.path.join(folder, name) for name in names))
        found.update({os.path.join(folder, name): "folder" for name in folders})
    return found


@pytest.fixture(name="tree")
def fixture_tree(tmp_path):
    (tmp_path / "config.py").write_text("old")
    (tmp_path / "config.d").mkdir()
    (tmp_path / "config.d" / "10.py").write_text("old ten")
    (tmp_path / "config.d" / "20.py").write_text("old twenty")
    os.symlink("releases/1", tmp_path / "current")
    return tmp_path


@pytest.fixture(name="entries")
def fixture_entries(tree):
    return {
        str(tree / "config.py"): new("new"),
        str(tree / "config.d" / "10.py"): _snapshot.ABSENT,
        str(tree / "current"): _files.link("releases/2"),
        str(tree / "deep" / "er" / "30.py"): new("thirty"),
        str(tree / "config.d" / "20.py"): new("twenty" * 1000),
    }


def test_swap(tree, entries):
    _files.swap(entries)
    assert _snapshot.take(entries) == entries
    assert stat.S_IMODE(os.stat(tree / "config.py").st_mode) == 0o640
    assert sorted(os.listdir(tree)) == ["config.d", "config.py", "current", "deep"]
    assert os.listdir(tree / "config.d") == ["20.py"]


def test_absent_twice(tree):
    _files.swap({str(tree / "missing"): _snapshot.ABSENT})
    assert not os.path.lexists(tree / "missing")


@pytest.mark.parametrize("room", [0, 3, 100])
def test_no_room_while_writing(tree, entries, room):
    """The limit makes the kernel refuse a write half way, as a full disk does, for whoever runs this test."""
    before = everything(tree)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            _files.swap(entries)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert everything(tree) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("moment", [1, 2, 3, 4])
def test_interrupted_between_two_files(tree, entries, monkeypatch, number, moment):
    before = everything(tree)
    replace, calls = os.replace, []

    def interrupted(source, target):
        calls.append(target)
        replace(source, target)
        if len(calls) == moment:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(_files.Interrupted, match=signal.Signals(number).name):
        _files.swap(entries)
    assert everything(tree) == before


def test_a_second_signal_does_not_disturb_the_undoing(tree, entries, monkeypatch):
    before = everything(tree)
    replace, calls = os.replace, []

    def interrupted(source, target):
        calls.append(target)
        replace(source, target)
        if len(calls) > 2:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(_files.Interrupted):
        _files.swap(entries)
    assert len(calls) > 4
    assert everything(tree) == before


def test_signals_are_given_back(entries):
    def own(number, frame):
        raise AssertionError

    before = signal.signal(signal.SIGTERM, own)
    try:
        _files.swap(entries)
        assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)


def test_folder_in_the_way(tree, entries):
    (tree / "folder").mkdir()
    before = everything(tree)
    with pytest.raises(OSError, match="folder"):
        _files.swap({**entries, str(tree / "folder"): new("text")})
    assert everything(tree) == before


def test_file_where_a_folder_is_needed(tree, entries):
    before = everything(tree)
    with pytest.raises(OSError, match=r"config\.py"):
        _files.swap({**entries, str(tree / "config.py" / "x.py"): new("text")})
    assert everything(tree) == before


def test_what_a_killed_run_left_is_cleared(tree, entries):
    for name in (".config.py.hubsmith-new", ".config.py.hubsmith-old"):
        (tree / name).write_text("half")
    _files.swap(entries)
    assert _snapshot.take(entries) == entries
    assert not [name for name in os.listdir(tree) if "hubsmith" in name]


def test_diff_shows_texts_and_what_else_changed():
    old, new = _files.file(b"a\n", 0o600, 0, 0), _files.file(b"b\n", 0o644, 0, 0)
    now = {"/f": old, "/l": _snapshot.ABSENT, "/same": new}
    shown = {one["before_header"]: (one["before"], one["after"]) for one in _files.diff(now, {"/f": new, "/l": _files.link("t")})}
    assert shown == {"/f": ("# mode 0600, owner 0:0\na\n", "# mode 0644, owner 0:0\nb\n"), "/l": ("", "-> t\n")}
