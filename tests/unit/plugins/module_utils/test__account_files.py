# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading passwd, shadow, group and the mounts."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_files
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._account_model import Account

PASSWD = (
    "ada:x:1001:1001:Ada Lovelace,,,:/home/ada:/bin/bash\nbob:x:1002:77::/home/bob:/bin/sh\ncarl:x:1003:77::/:/bin/sh\n"
    "# remark\n+::::::\nbroken\n"
)
SHADOW = "ada:$6$hash:20000:0:99999:7::1:\ncarl:!*:20000::::::\nleft:$6$hash:20000::::::\n"
GROUP = "ada:x:1001:ada\nnumerics:x:1005:ada,bob\nfull:x:1006:ada\n"


def test_accounts_with_their_shadow_and_groups() -> None:
    groups, members = _account_files.parse_groups(GROUP)
    accounts = _account_files.parse_accounts(PASSWD, SHADOW, groups, members)
    assert accounts.pop("carl").unfinished
    assert groups == {"ada": 1001, "numerics": 1005, "full": 1006}
    assert accounts == {
        "ada": Account(
            "ada", 1001, "ada", frozenset({"numerics", "full"}), "/bin/bash", "/home/ada", "Ada Lovelace,,,", "$6$hash", "1", "0:99999:7:"
        ),
        "bob": Account("bob", 1002, "77", frozenset({"numerics"}), "/bin/sh", "/home/bob", "", "x", ""),
    }


def test_mounts_with_spaces() -> None:
    line = r"36 35 98:0 / /home/ada/my\040data rw,noatime master:1 - ext3 /dev/root rw"
    assert list(_account_files.parse_mounts(line)) == ["/home/ada/my data"]


def test_processes_of_this_host() -> None:
    assert any(f"(process {os.getpid()})" in process for process in _account_files._running()[os.getuid()])


def test_ids_of_this_host_and_of_what_lies_in_the_folder_of_homes(tmp_path: Path) -> None:
    (tmp_path / "left").mkdir()
    assert {0, 65534, os.getuid()} <= _account_files._taken(str(tmp_path))
    assert _account_files._taken(str(tmp_path / "missing")) <= _account_files._taken(str(tmp_path))


def test_owners_of_what_is_there(tmp_path: Path) -> None:
    assert dict(_account_files._owners([str(tmp_path), str(tmp_path / "missing")])) == {str(tmp_path): os.getuid()}


def test_names_known_to_the_host() -> None:
    assert _account_files._elsewhere(["root", "hubsmith-nobody"]) == {"root"}
    assert _account_files._asked(pwd.getpwuid, 0) == "root"
    assert _account_files._asked(pwd.getpwnam, "hubsmith-nobody") is None


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("group: files\npasswd:         files systemd # remark\n", ["files", "systemd"]),
        ("passwd: compat [NOTFOUND=return UNAVAIL=continue] sss\n", ["compat", "sss"]),
        ("# passwd: sss\n", []),
    ],
)
def test_services_that_know_names(text: str, services: list[str]) -> None:
    assert _account_files.parse_services(text) == services


def test_numbers_of_both_kinds_of_files() -> None:
    text = "#UID_MIN 1\nUID_MIN\t\t 1000\nPASS_MAX_DAYS 99999\nUMASK 022\nINACTIVE=30\n# INACTIVE=5\nPASS_MIN_DAYS -1\n"
    assert _account_files._numbers(text) == {"UID_MIN": 1000, "PASS_MAX_DAYS": 99999, "UMASK": 22, "INACTIVE": 30}


def test_lines_that_are_no_accounts() -> None:
    assert list(_account_files.odd_lines(PASSWD, 7)) == [4, 6]
    assert list(_account_files.odd_lines("a:x:1:\n\n#b:x:2:\n", 4)) == [2, 3]
    assert list(_account_files.odd_lines("", 4)) == []
