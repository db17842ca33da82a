# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What certbot's log says about a renewal that failed."""

from __future__ import annotations

import json

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _renewal

BEGIN = "2026-06-01 03:00:01,000:DEBUG:certbot._internal.main:certbot version: 4.0.0\n"
CHALLENGE = """2026-06-01 03:00:02,000:DEBUG:certbot._internal.display.obj:Notifying user:
Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
  Domain: hub.example.org
  Type:   unauthorized
  Detail: The key authorization file from the server did not match

Hint: Look.

2026-06-01 03:00:03,000:ERROR:certbot._internal.renewal:Failed to renew certificate hub.example.org with error: Some challenges have failed.
"""
DOWN = (
    "2026-06-01 03:00:03,000:ERROR:certbot._internal.renewal:Failed to renew certificate www.example.org with error: Connection refused\n"
)


@pytest.mark.parametrize(
    ("log", "name", "said"),
    [
        (CHALLENGE, "hub.example.org", "as it is: Some challenges have failed. hub.example.org (unauthorized): The key authorization file"),
        (DOWN, "www.example.org", "The certificate www.example.org could not be renewed, and is served on as it is: Connection refused"),
    ],
)
def test_reason(log, name, said):
    assert said in _renewal.trouble(log, name)


def test_only_the_last_run_is_asked():
    log = f"{BEGIN}{CHALLENGE}{BEGIN}{DOWN}"
    assert _renewal.trouble(log, "hub.example.org") == ""
    assert _renewal.trouble(log, "www.example.org").endswith("as it is: Connection refused")


def test_another_certificate_is_not_ours():
    assert _renewal.trouble(DOWN, "hub.example.org") == ""


@pytest.mark.parametrize(("result", "told"), [("success", 0), ("exit-code", 1)])
def test_only_a_failure_is_told(tmp_path, monkeypatch, result, told):
    said = []
    monkeypatch.setattr(_renewal.syslog, "syslog", lambda priority, text: said.append(text))
    monkeypatch.setattr(_renewal, "LOG", str(tmp_path / "log"))
    (tmp_path / "log").write_text(CHALLENGE)
    (tmp_path / "settings").write_text(json.dumps({"lineage": "/etc/letsencrypt/live/hub.example.org"}))
    _renewal.main(str(tmp_path / "settings"), result)
    assert len(said) == told
