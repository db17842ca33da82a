# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host's tools are told. That they do it is shown on whole machines, by the integration test."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_model as m
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_tools as tools

HASH = "$6$hash"


class Host:
    """Writes down which tools are called, and answers for them."""

    def __init__(self, status: int = 0, complaint: str = "") -> None:
        self.answer = (status, "", complaint)
        self.calls: list[tuple[list[str], Any, dict[str, str]]] = []

    def run(self, command: tuple[str, ...], data: str, environment: dict[str, str], _longest: float | None) -> tuple[int, str, str]:
        self.calls.append((list(command), data, environment))
        return self.answer

    def settings(self) -> tools.Settings:
        return tools.Settings(None, 0o700, "/nowhere", run=self.run)


def test_one_edit_takes_all_that_is_in_shadow_and_no_hash_is_an_argument() -> None:
    host = Host()
    locked = [m.Block("ada"), m.LockPassword("ada", f"!{HASH}")]
    let_in = [m.UnlockPassword("bob", HASH), m.Unblock("bob"), m.SetPassword("carl", HASH)]
    tools.carry_out([*locked, *let_in], host.settings())
    [(command, data, environment)] = host.calls
    assert command == ["vipw", "--shadow", "--quiet"]
    fields = json.loads(data)["fields"]
    assert fields["ada"] == {"1": f"!{HASH}", "7": "1"}
    assert fields["bob"] == {"1": HASH, "7": ""}
    assert fields["carl"] == {"1": HASH, "2": fields["carl"]["2"]}
    assert int(fields["carl"]["2"]) > 20000
    assert HASH not in repr((command, environment))
    assert shlex.split(environment["VISUAL"])[-2:] == ["-m", tools._account_edit.__name__]


def test_what_sysusers_reads() -> None:
    account = m.Account("ada", 1001, "ada", frozenset({"lab", "audio"}), "/bin/sh", "/srv/100%", 'Ada "A" \\ %u')
    assert list(tools._lines(m.AddAccount("ada", account, 1005))) == [
        "g ada 1005",
        'u ada 1001:ada "Ada \\"A\\" \\\\ %%u" "/srv/100%%" "/bin/sh"',
        "m ada audio",
        "m ada lab",
    ]
    assert list(tools._lines(m.AddGroup("lab", 1004))) == ["g lab 1004"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (1, "systemd-sysusers failed: no space; what was done before stays"),
        (5, "another program keeps the files of accounts locked"),
        (124, "another program keeps the files of accounts locked"),
    ],
)
def test_a_tool_that_fails(status: int, words: str) -> None:
    with pytest.raises(tools.ToolFailed, match=words):
        tools._sysusers(["g lab 1004"], Host(status, "no space\n").settings())


def test_a_tool_that_is_not_there() -> None:
    def run(*_call: object) -> tuple[int, str, str]:
        raise FileNotFoundError

    with pytest.raises(tools.ToolFailed, match="systemd-sysusers failed: it is not on this host; install the package"):
        tools._sysusers(["g lab 1004"], tools.Settings(None, 0o700, "/nowhere", run=run))


def test_no_tool_is_called_for_nothing() -> None:
    host = Host()
    tools._sysusers([], host.settings())
    tools._edit("vipw", {"fields": {}, "drop": []}, host.settings())
    assert not host.calls


def test_no_home_has_its_name_before_all_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Only root may read who is there, and the groups are given by their numbers here.
    monkeypatch.setattr(tools._account_files, "read_accounts", lambda: ({}, {}))
    homes = [m.MakeHome(f"p{number}", str(tmp_path / f"p{number}"), os.getuid(), str(os.getgid())) for number in range(50)]
    (tmp_path / "file").touch()
    impossible = m.MakeHome("ada", str(tmp_path / "file" / "ada"), os.getuid(), str(os.getgid()))
    with pytest.raises(tools._account_homes.HomeError, match="file/ada could not be made"):
        tools.carry_out([*homes[:25], impossible, *homes[25:]], Host().settings())
    assert not [name for name in os.listdir(tmp_path) if name.startswith("p")]
    (tmp_path / "file").unlink()
    tools.carry_out(homes, Host().settings())
    assert set(os.listdir(tmp_path)) == {home.name for home in homes}
