# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are written where they differ; a secret is drawn once and shown nowhere."""

from __future__ import annotations

import stat

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._root_files import bring_about


@pytest.fixture(name="unit")
def fixture_unit(tmp_path):
    return {"path": str(tmp_path / "units/example.service"), "content": "[Unit]\n", "mode": "0644", "secret": False}


@pytest.fixture(name="token")
def fixture_token(tmp_path):
    return {"path": str(tmp_path / "etc/secrets/token"), "content": "TOKEN={secret}\n", "mode": "0600", "secret": True}


def text(one):
    with open(one["path"], encoding="utf-8") as handle:
        return handle.read()


def test_writes_what_differs_once(unit, token):
    assert bring_about([unit, token], check_mode=False)["written"] == sorted([unit["path"], token["path"]])
    assert text(unit) == "[Unit]\n"
    again = bring_about([unit, token], check_mode=False)
    assert (again["changed"], again["written"], again["diff"]) == (False, [], [])


def test_secret_is_drawn_once_and_is_private(tmp_path, token):
    bring_about([token], check_mode=False)
    drawn = text(token)
    assert len(drawn) == len("TOKEN=\n") + 64
    assert stat.S_IMODE((tmp_path / "etc/secrets/token").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "etc/secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "etc").stat().st_mode) & 0o055
    bring_about([{**token, "content": "OTHER={secret}\n"}], check_mode=False)
    assert text(token) == drawn


def test_two_secrets_differ(tmp_path, token):
    other = {**token, "path": str(tmp_path / "other")}
    bring_about([token, other], check_mode=False)
    assert text(token) != text(other)


def test_empty_secret_is_made_anew(tmp_path, token):
    (tmp_path / "etc/secrets").mkdir(parents=True)
    (tmp_path / "etc/secrets/token").touch()
    assert bring_about([token], check_mode=False)["changed"]
    assert len(text(token)) > 64


def test_secret_is_not_shown(token):
    for check_mode in (True, False):
        (shown,) = bring_about([token], check_mode)["diff"]
        assert (shown["before"], shown["after"]) == ("", "(a new secret)\n")


def test_check_mode_writes_nothing(tmp_path, unit, token):
    assert bring_about([unit, token], check_mode=True)["changed"]
    assert list(tmp_path.iterdir()) == []


def test_a_mode_that_is_no_number(unit):
    with pytest.raises(ValueError, match="rw-r--r--"):
        bring_about([{**unit, "mode": "rw-r--r--"}], check_mode=False)
