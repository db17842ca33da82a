# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When there is no new certificate, the old one serves on, and the reason is told."""

from __future__ import annotations

import machines
import pytest

testinfra_hosts = ["ansible://jupyterhub"]
LINEAGE = "/etc/letsencrypt/live/hub.example.test"


@pytest.fixture(name="renewal_fails")
def fixture_renewal_fails(play, served, told, renew):
    """Lets the distribution's unit try, and after it a play that only looks."""

    def fails(reason):
        before = served().serial_number
        assert renew().rc != 0
        assert served().serial_number == before
        assert "The certificate hub.example.test could not be renewed, and is served on as it is" in told()
        assert reason in told()
        code, said = play(jupyterhub_parts=["tls"])
        assert code == 0, said
        said = " ".join(said.split())
        assert "certbot.service failed when it last ran" in said
        assert served().serial_number == before

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
def fixture_port_taken(host):
    """Another program was faster on port 80. When it ends, the proxy takes the port by itself."""
    host.check_output("systemctl stop jupyterhub-proxy")
    host.check_output("systemd-run --unit=faster --working-directory=/srv python3 -m http.server 80")
    machines.until(lambda: host.socket("tcp://0.0.0.0:80").is_listening)
    host.check_output("systemctl start jupyterhub-proxy jupyterhub")
    machines.until(lambda: host.run("python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 443))'").rc == 0)
    yield
    host.check_output("systemctl stop faster")
    machines.until(
        lambda: "sends people to https" in host.check_output("journalctl --unit jupyterhub-proxy --lines 3 --output cat"), timeout=20
    )


# The fixture that breaks comes last: it is mended first, and only then is the renewal tried again.
def test_server_is_down(renewal_fails, server_down):
    renewal_fails("Connection refused")


def test_port_is_taken(renewal_fails, port_taken, host):
    assert "Nobody is sent from port 80 to https" in host.check_output("journalctl --unit jupyterhub-proxy --lines 20 --output cat")
    renewal_fails("hub.example.test (unauthorized)")


def test_name_that_leads_elsewhere(play, served, host):
    before = served().serial_number
    code, said = play(jupyterhub_parts=["tls"], jupyterhub_tls_domains=["hub.example.test", "nowhere.example.test"])
    said = " ".join(said.split())
    assert code == 2
    assert "There is no new certificate for hub.example.test, nowhere.example.test" in said
    assert "Domain: nowhere.example.test" in said and "The one that is there is served on." in said
    assert served().serial_number == before


def test_key_of_another_certificate_is_refused(host, served, told):
    before = served().serial_number
    host.check_output(f"cp -P {LINEAGE}/privkey.pem /root/link && rm {LINEAGE}/privkey.pem && openssl genrsa -out {LINEAGE}/privkey.pem")
    try:
        done = host.run(f"RENEWED_LINEAGE={LINEAGE} /etc/letsencrypt/renewal-hooks/deploy/jupyterhub")
    finally:
        host.check_output(f"cp -P --remove-destination /root/link {LINEAGE}/privkey.pem")
    assert done.rc == 1
    assert "does not belong to" in done.stderr and "does not belong to" in told()
    assert host.run("cmp /etc/jupyterhub/secrets/tls.key %s/privkey.pem", LINEAGE).rc == 0
    assert served().serial_number == before


def test_what_certbot_could_not_do_is_refused_at_once(play, requests_made):
    before = requests_made()
    wrong = {"jupyterhub_tls_domains": ["*.example.test", "192.0.2.1"], "jupyterhub_tls_certbot_eab": {"kid": "only"}}
    wrong |= {"jupyterhub_tls_certbot_staging": True, "jupyterhub_proxy_redirect_port": 0}
    code, said = play(jupyterhub_parts=["tls"], **wrong)
    said = " ".join(said.split())
    assert code == 2
    for sentence in (
        "orders certificates for names only",
        'A name with * needs jupyterhub_tls_certbot_method "dns"',
        'jupyterhub_tls_certbot_eab needs "kid" and "hmac_key"',
        "name two servers",
        "Set jupyterhub_proxy_redirect_port to 80",
    ):
        assert sentence in said.replace('\\"', '"')
    assert requests_made() == before
