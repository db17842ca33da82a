# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When there is no new certificate, the old one serves on, and the reason is told."""

from __future__ import annotations

import machines
import pytest

testinfra_hosts = ["ansible://certificates"]


@pytest.fixture(name="renewal_fails")
def fixture_renewal_fails(served, told, renew, variables):
    """Lets the distribution's unit try."""

    def fails(reason):
        before = served().serial_number
        assert renew().rc != 0
        assert served().serial_number == before
        assert f"The certificate {variables['jupyterhub_domain']} could not be renewed, and is served on as it is" in told()
        assert reason in told()

    yield fails
    assert renew().rc == 0


@pytest.fixture(name="server_down")
def fixture_server_down(host):
    """The ACME server's name leads nowhere. (If it were stopped, it would forget the accounts, too.)"""
    host.check_output(
        "cp /etc/hosts /root/hosts; (echo 127.0.0.2 acme.example.test; cat /root/hosts) > /root/fresh; cat /root/fresh > /etc/hosts"
    )
    yield
    host.check_output("cat /root/hosts > /etc/hosts")


@pytest.fixture(name="port_taken")
def fixture_port_taken(host, variables):
    """Another program was faster on port 80. When it ends, the proxy takes the port by itself if it is to have it."""
    alone = "alone" in variables["group_names"]
    host.check_output("systemctl stop jupyterhub-proxy")
    host.check_output("systemd-run --unit=faster --working-directory=/srv python3 -m http.server 80")
    machines.until(lambda: host.socket("tcp://0.0.0.0:80").is_listening)
    # The hub is stopped and started with its proxy.
    host.check_output(f"systemctl start {'jupyterhub-proxy' if alone else 'jupyterhub'}")
    machines.until(lambda: host.socket(f"tcp://:::{variables.get('jupyterhub_port', 443)}").is_listening)
    yield
    host.check_output("systemctl stop faster")
    if not alone:
        machines.until(
            lambda: "sends people to https" in host.check_output("journalctl --unit jupyterhub-proxy --lines 3 --output cat"), timeout=20
        )


# The fixture that breaks comes last: it is mended first, and only then is the renewal tried again.
def test_server_is_down(renewal_fails, server_down, certify, requests_made):
    """A play, which finds nothing to do, says it, too, and asks nobody."""
    renewal_fails("Connection refused")
    before = requests_made()
    code, said = certify()
    assert code == 0 and "changed=0" in said, said
    assert "certbot.service failed when it last ran. The certificate" in said and "Connection refused" in said
    # Ten days are fewer than those of which the play warns.
    assert "Warning: The certificate /etc/jupyterhub/secrets/tls.crt is valid until" in said
    assert requests_made() == before


def test_port_is_taken(renewal_fails, port_taken, host, variables):
    if "alone" in variables["group_names"]:
        renewal_fails("Could not bind TCP port 80")
        return
    assert "Nobody is sent from port 80 to https" in host.check_output("journalctl --unit jupyterhub-proxy --lines 20 --output cat")
    renewal_fails("hub.example.test (unauthorized)")


def test_key_of_another_certificate_is_refused(host, served, told, variables):
    before = served().serial_number
    lineage = f"/etc/letsencrypt/live/{variables['jupyterhub_domain']}"
    host.check_output(f"cp -P {lineage}/privkey.pem /root/link && rm {lineage}/privkey.pem && openssl genrsa -out {lineage}/privkey.pem")
    try:
        done = host.run(f"RENEWED_LINEAGE={lineage} /etc/letsencrypt/renewal-hooks/deploy/jupyterhub")
    finally:
        host.check_output(f"cp -P --remove-destination /root/link {lineage}/privkey.pem")
    assert done.rc == 1
    assert "does not belong to" in done.stderr and "does not belong to" in told()
    assert host.run("cmp /etc/jupyterhub/secrets/tls.key %s/privkey.pem", lineage).rc == 0
    assert served().serial_number == before
