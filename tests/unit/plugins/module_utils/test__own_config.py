# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each configuration in tests/unit/configs: what is in force, by the real hub, before and after each of its edits."""

from __future__ import annotations

import dataclasses
import difflib
import pathlib

import pytest
import yaml
from jupyterhub.app import JupyterHub

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_config, _people
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_effect import KEYS
from ansible_collections.hubsmith.jupyterhub.tests.unit.configs import evaluated

FOLDER = pathlib.Path(evaluated.__file__).parent
CASES = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yml"))}
EDITS = [pytest.param(name, edit, id=f"{name}-{number}") for name, case in CASES.items() for number, edit in enumerate(case["edits"])]
PATH = "/etc/jupyterhub/jupyterhub_config.py"
NOBODY = {"allowed": [], "admins": [], "blocked": [], "map": {}}
NEWLINES = {"crlf": "\r\n", "cr": "\r"}


def content(case):
    text = case["config"].replace("\n", NEWLINES.get(case.get("newline"), "\n"))
    text = text if case.get("final_newline", True) else text.rstrip("\r\n")
    return (b"\xef\xbb\xbf" if case.get("bom") else b"") + text.encode(case.get("encoding", "utf-8"))


def expected(case):
    return _own_config.Rosters(**NOBODY | case["before"])


def in_force(case, data):
    return evaluated.rosters(data, case.get("class"), case.get("stand_in"))


def carry_out(case, edit, data):
    if "people" in edit:
        return _own_config.edit_people(data, PATH, _people.parse(edit["people"]), edit["state"], case.get("class"))
    state = next(state for state in ("present", "absent", "exact") if state in edit)
    ((roster, asked),) = edit[state].items()
    if roster == "map":
        return _own_config.edit_map(data, PATH, asked, state, case.get("class"))
    return _own_config.edit_roster(data, PATH, roster, asked, state, case.get("class"))


def goal(case, edit, before):
    """What the edit asks for."""
    if "after" in edit:
        return dataclasses.replace(before, **edit["after"])
    state = next(state for state in ("present", "absent", "exact") if state in edit)
    ((roster, asked),) = edit[state].items()
    now = getattr(before, roster)
    if roster == "map":
        kept = {key: name for key, name in now.items() if state == "present" or (state == "absent" and key not in asked)}
        return dataclasses.replace(before, map=dict(sorted((kept | (asked if state != "absent" else {})).items())))
    names = {"present": {*now, *asked}, "absent": {*now} - {*asked}, "exact": {*asked}}[state]
    return dataclasses.replace(before, **{roster: sorted(names)})


def difference(case, before, after):
    """The lines that go and those that come."""
    old, new = (data.decode(case.get("encoding", "utf-8-sig")).replace("\r\n", "\n").replace("\r", "\n") for data in (before, after))
    lines = difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=0)
    return "".join(f"{line}\n" for line in lines if line[:2] not in ("--", "++", "@@") and line not in ("+", "-"))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "before" in case])
def test_what_is_in_force_is_what_the_hub_says(name):
    case = CASES[name]
    if case.get("starts", True):
        assert in_force(case, content(case)) == expected(case)
        assert _own_config.info(content(case), PATH, case.get("class"))["rosters"] == expected(case)
    else:
        with pytest.raises(Exception, match=r".+"):
            in_force(case, content(case))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if {"where", "notes", "unsafe"} & set(case)])
def test_what_is_told(name):
    case = CASES[name]
    told = _own_config.info(content(case), PATH, case.get("class"))
    for roster, line in case.get("where", {}).items():
        assert told["where"][roster] == f"{PATH}:{line}"
    assert case.get("where") != {} or told["where"] == {}
    for note in case.get("notes", []):
        assert note in "\n".join(told["notes"])
    assert len(told["notes"]) == len(case.get("notes", told["notes"]))
    for roster, sentence in case.get("unsafe", {}).items():
        assert sentence in told["unsafe"][roster]
    assert set(told["unsafe"]) == set(case.get("unsafe", {}))


@pytest.mark.parametrize(("name", "edit"), EDITS)
def test_edit(name, edit):
    case = CASES[name]
    data = content(case)
    if "refused" in edit:
        with pytest.raises(_own_config.Unsafe) as caught:
            carry_out(case, edit, data)
        assert edit["refused"] in str(caught.value)
        return
    done = carry_out(case, edit, data)
    assert done.before == expected(case)
    assert done.after == goal(case, edit, expected(case))
    assert in_force(case, done.data) == done.after
    assert difference(case, data, done.data) == edit.get("diff", "")
    assert bool(done.warnings) == (done.data != data)
    for warning in edit.get("warns", []):
        assert warning in "\n".join(done.warnings)
    again = carry_out(case, edit, done.data)
    assert (again.data, again.before, again.warnings) == (done.data, done.after, [])


@pytest.mark.parametrize(("name", "edit"), [one for one in EDITS if "below" in one.values[1]])
def test_new_statement_stands_where_it_belongs(name, edit):
    case = CASES[name]
    lines = carry_out(case, edit, content(case)).data.decode().splitlines()
    new = edit["diff"][1:].splitlines()[0]
    assert lines[lines.index(new) - 1] == edit["below"]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.get("newline")])
def test_line_ends_stay(name):
    case = CASES[name]
    for edit in case["edits"]:
        text = carry_out(case, edit, content(case)).data.decode()
        newline = NEWLINES[case["newline"]]
        assert text.count("\r") == text.count(newline)
        assert text.count("\n") == (text.count(newline) if newline == "\r\n" else 0)


def test_there_are_enough_of_them():
    assert len(CASES) >= 60
    assert all(case["edits"] for case in CASES.values())


@pytest.mark.parametrize("roster", ["allowed", "admins", "blocked"])
def test_file_that_jupyterhub_generates(roster):
    data = JupyterHub().generate_config_file().encode()
    done = _own_config.edit_roster(data, PATH, roster, ["ada"], "present", None)
    key = KEYS[roster]
    default = f"# c.Authenticator.{key} = set()\n".encode()
    assert data.count(default) == 1
    assert done.data == data.replace(default, default + f'c.Authenticator.{key} = {{"ada"}}\n'.encode())
    assert evaluated.rosters(done.data) == done.after
