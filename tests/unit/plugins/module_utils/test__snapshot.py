# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was taken can be put back to the letter, and nothing that is replaced is lost."""

from __future__ import annotations

import json
import os
import stat

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _record, _snapshot


@pytest.fixture(name="tree")
def fixture_tree(tmp_path):
    root = tmp_path / "etc"
    (root / "config.d").mkdir(parents=True)
    (root / "config.py").write_bytes(b"c.A = 1\r\n\xff")
    (root / "config.d" / "10.py").write_text("ten")
    os.symlink("releases/1", root / "current")
    return root


def paths(tree):
    return [str(tree / "config.py"), str(tree / "config.d"), str(tree / "current"), str(tree / "missing")]


def test_untouched_files_do_not_differ(tree):
    before = _snapshot.take(paths(tree))
    os.utime(tree / "config.py", (1, 1))
    assert _snapshot.changed_paths(before, _snapshot.take(paths(tree))) == []


def test_survives_json(tree):
    before = _snapshot.take(paths(tree))
    assert json.loads(json.dumps(before)) == before


def spoil_content(tree):
    (tree / "config.py").write_text("broken")
    return "config.py"


def spoil_mode(tree):
    os.chmod(tree / "config.py", 0o600)
    return "config.py"


def spoil_link(tree):
    os.unlink(tree / "current")
    os.symlink("releases/2", tree / "current")
    return "current"


def spoil_new(tree):
    (tree / "config.d" / "20.py").write_text("new")
    return "config.d/20.py"


def spoil_gone(tree):
    os.unlink(tree / "config.d" / "10.py")
    return "config.d/10.py"


def spoil_appeared(tree):
    (tree / "missing").write_text("here now")
    return "missing"


@pytest.mark.parametrize("spoil", [spoil_content, spoil_mode, spoil_link, spoil_new, spoil_gone, spoil_appeared])
def test_each_change_is_seen_and_undone(tree, tmp_path, spoil):
    os.chmod(tree / "config.py", 0o640)
    before = _snapshot.take(paths(tree))
    name = spoil(tree)
    now = _snapshot.take(paths(tree))
    assert _snapshot.changed_paths(before, now) == [str(tree / name)]
    assert _snapshot.digest(before) != _snapshot.digest(now)
    assert _record.put_back(str(tmp_path), before, now) == [str(tree / name)]
    assert _snapshot.changed_paths(before, _snapshot.take(paths(tree))) == []


def test_what_is_replaced_is_kept_for_its_owner_only(tree, tmp_path):
    before = _snapshot.take(paths(tree))
    spoil_content(tree)
    spoil_new(tree)
    _record.put_back(str(tmp_path), before, _snapshot.take(paths(tree)))
    kept = {path.name: path for path in (tmp_path / "rejected").iterdir()}
    assert sorted(path.read_text() for path in kept.values()) == ["broken", "new"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.values()} == {0o600}
    assert all("config" in name and "/" not in name for name in kept)
