# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on the host, and what nobody but root can read."""

from __future__ import annotations

import pytest

testinfra_hosts = ["ansible://jupyterhub"]
UNITS = ["jupyterhub.service", "jupyterhub-proxy.service"]


@pytest.mark.parametrize("unit", UNITS)
def test_runs_and_starts_at_boot(host, unit):
    assert host.service(unit).is_running
    assert host.service(unit).is_enabled
    assert host.file(f"/etc/systemd/system/{unit}").mode == 0o644


def test_proxy_is_sandboxed(host):
    """systemd rates exposure from 0 to 10; --threshold takes tenths."""
    host.check_output("systemd-analyze security jupyterhub-proxy.service --threshold=30 --no-pager")


def test_proxy_is_nobody_in_particular(host):
    pid = host.check_output("systemctl show jupyterhub-proxy --property=MainPID --value")
    assert host.check_output(f"stat -c %u /proc/{pid}") != "0"


@pytest.mark.parametrize("port", [8001, 8081])
def test_only_the_public_port_is_public(host, port):
    assert host.socket(f"tcp://127.0.0.1:{port}").is_listening
    assert not host.socket(f"tcp://0.0.0.0:{port}").is_listening
    assert not host.socket(f"tcp://:::{port}").is_listening


def test_proxy_api_wants_its_token(host):
    ask = "import urllib.request as u; u.urlopen('http://127.0.0.1:8001/api/routes')"
    assert "403" in host.run(f'python3 -c "{ask}"').stderr


def test_secrets_are_private(host):
    assert host.file("/etc/jupyterhub/secrets").mode == 0o700
    found = host.check_output("find /etc/jupyterhub/secrets -type f").split()
    assert {"proxy.env", "cookie_secret", "tls.key"} <= {path.rsplit("/", 1)[1] for path in found}
    readable = host.check_output("find /etc/jupyterhub/secrets -type f -perm /077 -not -name '*.crt'")
    assert readable == ""


def test_secrets_are_nowhere_else(host):
    token = host.file("/etc/jupyterhub/secrets/proxy.env").content_string.partition("=")[2].strip().strip('"')
    assert len(token) >= 32
    journal = host.check_output("journalctl --no-pager")
    arguments = host.check_output("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    config = host.file("/etc/jupyterhub/jupyterhub_config.py").content_string
    assert token not in journal + arguments + config
    # sudo and su would show a password's hash that was passed as an argument.
    assert "$6$hubsmithtest" not in journal + arguments


def test_log_is_in_the_journal_under_its_name(host):
    assert "JupyterHub is now running" in host.check_output("journalctl --identifier jupyterhub --no-pager")


def test_users_cannot_change_what_they_run(host):
    assert host.check_output("find -L /opt/jupyterhub/current /opt/jupyterhub/user/current -perm /022 -not -type l | head -3") == ""
    assert host.check_output("find /opt/jupyterhub -not -user root | head -3") == ""


def test_byte_code_is_compiled(host):
    """Otherwise each server of each user compiles JupyterLab anew, for ever."""
    assert host.check_output("find /opt/jupyterhub/user/current/ -name 'serverapp.cpython-*.pyc' | wc -l") != "0"


def test_answers_have_the_recommended_headers(person):
    ada = person("ada")
    headers = ada.session.get(f"{ada.url}hub/login", timeout=30).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    # Nobody could get past the browser's warning about a self-signed certificate.
    assert "Strict-Transport-Security" not in headers
