# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub starts with the access file as it is then, or not at all."""

from __future__ import annotations

import machines

testinfra_hosts = ["ansible://jupyterhub"]
FILE = "/etc/jupyterhub/access.json"


def has_started(host):
    return host.run("python3 -c \"import urllib.request as u; u.urlopen('http://127.0.0.1:8081/hub/health')\"").rc == 0


def test_hub_does_not_start_with_a_broken_file(host, ada):
    """systemd tries again and again, and succeeds as soon as the file is mended. The users' servers go on all the time."""
    host.check_output(f"mv {FILE} /root/good")
    try:
        host.check_output(f"echo broken > {FILE} && chmod 600 {FILE} && systemctl restart jupyterhub")
        machines.until(
            lambda: "does not start without its access file" in host.check_output("journalctl --identifier jupyterhub --no-pager")
        )
        assert not has_started(host)
        assert ada.session.get(f"{ada.server}api/status", timeout=30).status_code == 200
    finally:
        host.check_output(f"mv /root/good {FILE}")
    machines.until(lambda: has_started(host))


def test_who_was_removed_while_the_hub_was_down_is_out_when_it_starts(host, ada, person):
    charles = person("charles")
    assert charles.log_in().status_code == 200
    charles.open_server()
    host.check_output("systemctl stop jupyterhub")
    try:
        result = machines.task("access", "allowlist", path=FILE, names=["charles"], state="absent")
        assert result["changed"], result
    finally:
        host.check_output("systemctl start jupyterhub")
    machines.until(lambda: has_started(host))
    machines.until(lambda: host.run("systemctl is-active jupyter-charles").stdout.strip() != "active", timeout=30)
    assert person("charles").log_in().status_code == 403
    assert ada.session.get(f"{ada.server}api/status", timeout=30).status_code == 200
    assert machines.play("access")[0] == 0
