# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""certbot's hook: both files or none, and only a pair that can serve."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _deploy


def make(folder, name):
    folder.mkdir(parents=True)
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    named = ["-days", "9", "-subj", "/", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *named, *files], check=True, capture_output=True)
    return folder


@pytest.fixture(name="pairs", scope="module")
def fixture_pairs(tmp_path_factory):
    """Made once, as it takes time."""
    folder = tmp_path_factory.mktemp("pairs")
    return make(folder / "good", "hub.example.org"), make(folder / "other", "www.example.org")


@pytest.fixture(name="settings")
def fixture_settings(pairs, tmp_path):
    live = tmp_path / "live"
    shutil.copytree(pairs[0], live)
    served = {"certificate": str(tmp_path / "tls.crt"), "key": str(tmp_path / "tls.key")}
    for path in served.values():
        with open(path, "w") as handle:
            handle.write("old")
    return {"lineage": str(live), "names": ["hub.example.org"], "reload": ["proxy.service"], **served}


class Systemctl:
    """Takes down what it is asked; ``answers`` says what fails."""

    def __init__(self, **answers):
        self.asked, self.answers = [], answers

    def __call__(self, command):
        self.asked.append(command[1])
        return self.answers.get(command[1].replace("-", "_"), 0), "no such thing"


def held(settings):
    return [_deploy.read(settings[name]) for name in ("certificate", "key")]


def test_a_good_pair_is_copied_and_served(settings):
    systemctl = Systemctl()
    assert not _deploy.is_deployed(settings)
    said = _deploy.deploy(settings, systemctl)
    assert "is new, for hub.example.org, valid until 20" in said
    assert _deploy.is_deployed(settings)
    assert systemctl.asked == ["is-active", "reload"]
    assert stat.S_IMODE(os.stat(settings["key"]).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(settings["certificate"]).st_mode) == 0o644


def test_a_unit_that_does_not_run_is_left_alone(settings):
    systemctl = Systemctl(is_active=3)
    _deploy.deploy(settings, systemctl)
    assert systemctl.asked == ["is-active"]


def test_a_reload_that_fails_is_told(settings):
    with pytest.raises(_deploy.Refused, match=r"not yet served: proxy.service does not reload \(no such thing\)"):
        _deploy.deploy(settings, Systemctl(reload=1))


@pytest.mark.parametrize(
    ("taken", "reason"),
    [(["privkey.pem"], "does not belong to"), (["privkey.pem", "fullchain.pem"], "is for www.example.org, not for hub.example.org")],
    ids=["another's key", "another's pair"],
)
def test_what_cannot_serve_is_refused_and_nothing_is_touched(settings, pairs, taken, reason):
    for name in taken:
        shutil.copy(pairs[1] / name, settings["lineage"])
    systemctl = Systemctl()
    with pytest.raises(_deploy.Refused, match=reason):
        _deploy.deploy(settings, systemctl)
    assert held(settings) == [b"old", b"old"]
    assert systemctl.asked == []


def test_both_or_none(settings, monkeypatch):
    os.unlink(settings["certificate"])
    os.makedirs(os.path.join(settings["certificate"], "in the way"))
    with pytest.raises(OSError):
        _deploy.deploy(settings, Systemctl())
    assert _deploy.read(settings["key"]) == b"old"


def test_hook_minds_its_own_certificate_only(settings, tmp_path, monkeypatch):
    path = tmp_path / "jupyterhub.json"
    assert _deploy.main(str(path), settings["lineage"]) == 0
    path.write_text(json.dumps(settings))
    assert _deploy.main(str(path), "/etc/letsencrypt/live/other") == 0
    assert held(settings) == [b"old", b"old"]


def test_hook_says_in_the_journal_what_it_did(settings, tmp_path, monkeypatch, pairs, capsys):
    said = []
    monkeypatch.setattr(_deploy.syslog, "syslog", lambda priority, text: said.append((priority, text)))
    path = tmp_path / "jupyterhub.json"
    path.write_text(json.dumps({**settings, "reload": []}))
    assert _deploy.main(str(path), settings["lineage"] + "/") == 0
    shutil.copy(pairs[1] / "privkey.pem", settings["lineage"])
    assert _deploy.main(str(path), settings["lineage"]) == 1
    assert [priority for priority, _text in said] == [_deploy.syslog.LOG_NOTICE, _deploy.syslog.LOG_ERR]
    assert "does not belong to" in said[1][1] and "does not belong to" in capsys.readouterr().err
