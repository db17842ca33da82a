# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing lines of the files of accounts: exactly those that are meant, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_edit
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._account_edit import edited

SHADOW = "root:*:1::::::\nada:!*:2::::::\n# ada\n+::::::::\nadam:$6$x:3::::::\nada\n"
GROUP = "audio:x:29:pulse,ada\nada:x:1001:\nadam:x:1002:ada,bob\nbob:x:1003:ada\nlab:x:1004:bob,adam\n"
GSHADOW = "audio:*:ada:pulse,ada\nada:!::\nadam:!::ada,bob\nbob:!::ada\nlab:!:adam:bob,adam\n"

any_case = settings(deadline=None, database=None)
NAMES = st.sampled_from(["ada", "adam", "bob", "audio", "+", "#ada", ""])


def test_fields() -> None:
    after = edited(SHADOW, {"fields": {"ada": {"1": "$6$new", "7": "1"}, "nobody": {"1": "x"}}})
    assert after == SHADOW.replace("ada:!*:2::::::\n", "ada:$6$new:2:::::1:\n")


def test_lines_that_go() -> None:
    assert edited(SHADOW, {"drop": ["ada"]}) == "root:*:1::::::\n# ada\n+::::::::\nadam:$6$x:3::::::\n"


def test_members_and_their_groups_go_but_no_group_that_others_are_in() -> None:
    edits: _account_edit.Edits = {"drop": ["ada", "bob", "lab"], "leave": ["ada"]}
    assert edited(GROUP, edits) == "audio:x:29:pulse\nadam:x:1002:bob\nlab:x:1004:bob,adam\n"
    assert edited(GSHADOW, edits) == "audio:*::pulse\nadam:!::bob\nlab:!:adam:bob,adam\n"


def test_nobody_leaves_a_group_of_which_the_name_has_the_same_beginning() -> None:
    assert edited("lab:x:1:adam,ada,ada-b,bada\n", {"leave": ["ada"]}) == "lab:x:1:adam,ada-b,bada\n"


@any_case
@given(
    st.lists(st.lists(st.text("ab,:# \t\x85\r", max_size=5) | NAMES, max_size=9).map(":".join)),
    st.dictionaries(NAMES, st.dictionaries(st.sampled_from(["1", "7"]), st.just("new"))),
    st.sets(NAMES),
)
def test_other_lines_stay_to_the_byte(lines: list[str], fields: dict[str, dict[str, str]], drop: set[str]) -> None:
    text = "\n".join(lines)
    kept = [line for line in text.split("\n") if line.split(":")[0] not in drop]
    after = edited(text, {"fields": fields, "drop": sorted(drop)}).split("\n")
    assert len(after) == max(len(kept), 1)
    for old, new in zip(kept, after, strict=False):
        name, *words = old.split(":")
        if name in fields:
            expected = [fields[name].get(str(number), word) for number, word in enumerate(words, start=1)]
            assert new.split(":") == [name, *expected]
        else:
            assert new == old


def test_as_vipw_calls_it(tmp_path: Path) -> None:
    path = tmp_path / "shadow.edit"
    path.write_bytes(b"ada:!*:2::::::\nb\xf6b:*:2::::::\r\ncarl:!*:2::::::\n")
    os.utime(path, (1, 2_000_000_000))
    edits = json.dumps({"fields": {"ada": {"1": "$6$new"}}, "drop": ["carl"]})
    command = [sys.executable, "-PS", "-m", _account_edit.__name__, str(path)]
    subprocess.run(command, input=edits, text=True, check=True, env={"PYTHONPATH": os.pathsep.join(sys.path)})
    assert path.read_bytes() == b"ada:$6$new:2::::::\nb\xf6b:*:2::::::\r\n"
    # A change in the same second, or on a host whose clock went back, is one that vipw sees.
    assert path.stat().st_mtime == 2_000_000_001
