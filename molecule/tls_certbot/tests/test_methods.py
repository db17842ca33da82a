# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way to prove whose the names are, beside web servers that lose nothing."""

from __future__ import annotations

import urllib.request
from contextlib import contextmanager

import machines
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import DNSName, SubjectAlternativeName

testinfra_hosts = ["ansible://alone"]
STRICT = {"jupyterhub_tls_certbot_server": "https://acme.example.test:14001/dir"}
MAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


@pytest.fixture(name="issued")
def fixture_issued(certify, served, proxy_pid):
    """Has a certificate by a method, and its renewal rehearsed; returns the one that is served then."""

    def issued(method, **more):
        before, process = served().serial_number, proxy_pid()
        code, said = certify(jupyterhub_tls_certbot_method=method, **more)
        assert code == 0, said
        assert "its renewal would fail" not in said
        assert served().serial_number != before
        assert proxy_pid() == process
        return served()

    return issued


@contextmanager
def site(host, unit, folder, address):
    """A web server on port 80 of which nothing changes, with the page that Debian brings."""
    count = f"find {folder} -type f -exec sha256sum {{}} + | sort"
    host.check_output("systemctl start %s", unit)
    before, process = host.check_output(count), host.check_output("systemctl show %s --property=MainPID --value", unit)
    try:
        yield
        assert host.check_output(count) == before
        assert host.check_output("systemctl show %s --property=MainPID --value", unit) == process
        assert urllib.request.urlopen(f"http://{address}/", timeout=10).status == 200
    finally:
        host.check_output("systemctl stop %s", unit)


def names(certificate):
    return certificate.extensions.get_extension_for_class(SubjectAlternativeName).value.get_values_for_type(DNSName)


def test_standalone(host, served, renew, told):
    """As it was set up: certbot has port 80 only for as long as it needs."""
    found = served()
    assert names(found) == ["old.example.test"]
    assert "Pebble Intermediate CA" in found.issuer.rfc4514_string()
    assert renew().rc == 0
    assert served().serial_number != found.serial_number
    assert "/etc/jupyterhub/secrets/tls.crt is new, for old.example.test" in told()
    assert not host.socket("tcp://:::80").is_listening and not host.socket("tcp://0.0.0.0:80").is_listening


def test_webroot_and_nginx(host, issued, variables):
    with site(host, "nginx", "/etc/nginx", machines.address(variables["inventory_hostname"])):
        issued("webroot", jupyterhub_tls_certbot_webroot="/var/www/html")
        found = issued("nginx", jupyterhub_tls_domains=["old.example.test", "second.example.test"])
    assert sorted(names(found)) == ["old.example.test", "second.example.test"]


def test_apache(host, issued, variables):
    with site(host, "apache2", "/etc/apache2", machines.address(variables["inventory_hostname"])):
        issued("apache")


def test_server_that_wants_to_know_the_account(host, certify, served):
    """The account is bound by a key that nobody sees; with another one there is none."""
    host.check_output("rm -rf /etc/letsencrypt/accounts/acme.example.test:14001")
    before = served().serial_number
    code, said = certify(**STRICT, jupyterhub_tls_certbot_eab={"kid": "kid-1", "hmac_key": MAC_KEY[::-1]})
    assert code == 2
    assert "There is no new certificate for old.example.test" in said and "external account binding" in said
    assert MAC_KEY[::-1] not in said
    assert served().serial_number == before


def test_name_server(host, issued, renew, served, variables):
    """All names below the host's, which nothing else proves."""
    credentials = (
        f"dns_rfc2136_server = {machines.address(variables['groups']['acme'][0])}\n"
        "dns_rfc2136_name = hub-key.\n"
        "dns_rfc2136_secret = c2VjcmV0IG9mIHRoZSBuYW1lIHNlcnZlcg==\n"
        "dns_rfc2136_algorithm = HMAC-SHA512\n"
    )
    found = issued(
        "dns",
        **STRICT,
        jupyterhub_tls_certbot_eab={"kid": "kid-1", "hmac_key": MAC_KEY},
        jupyterhub_tls_domains=["old.example.test", "*.old.example.test"],
        jupyterhub_tls_certbot_key_type="rsa",
        jupyterhub_tls_certbot_dns={"plugin": "rfc2136", "credentials": credentials},
        # Certbot waits a minute by itself for name servers that are told by others.
        jupyterhub_tls_certbot_options=["--dns-rfc2136-propagation-seconds", "1"],
    )
    assert sorted(names(found)) == ["*.old.example.test", "old.example.test"]
    assert isinstance(found.public_key(), rsa.RSAPublicKey)
    assert host.file("/etc/jupyterhub/secrets/certbot-dns.ini").mode == 0o600
    assert host.run("grep -rF %s /var/log/letsencrypt /etc/letsencrypt", MAC_KEY).rc == 1
    assert renew().rc == 0
    assert served().serial_number != found.serial_number


def test_name_that_leads_elsewhere(certify, served):
    before = served().serial_number
    code, said = certify(jupyterhub_tls_domains=["old.example.test", "nowhere.example.test"])
    assert code == 2
    assert "There is no new certificate for old.example.test, nowhere.example.test" in said
    assert "Domain: nowhere.example.test" in said and "The one that is there is served on." in said
    assert served().serial_number == before


@pytest.mark.parametrize(
    ("wrong", "sentences"),
    [
        (
            {
                "jupyterhub_tls_domains": ["*.example.test", "192.0.2.1"],
                "jupyterhub_tls_certbot_method": "proxy",
                "jupyterhub_proxy_redirect_port": 0,
                "jupyterhub_tls_certbot_eab": {"kid": "only"},
                "jupyterhub_tls_certbot_staging": True,
            },
            [
                "orders certificates for names only",
                'A name with * needs jupyterhub_tls_certbot_method "dns"',
                'jupyterhub_tls_certbot_eab needs "kid" and "hmac_key"',
                "name two servers",
                "Set jupyterhub_proxy_redirect_port to 80",
            ],
        ),
        (
            {
                "jupyterhub_tls_certbot_method": "proxy",
                "jupyterhub_parts": ["tls", "proxy", "frontend"],
            },
            ['jupyterhub_tls_certbot_method "proxy" is for a hub that nothing stands before'],
        ),
        (
            {"jupyterhub_tls_certbot_method": "dns", "jupyterhub_tls_certbot_dns": {"credentials": "x"}},
            ['jupyterhub_tls_certbot_method "dns" needs jupyterhub_tls_certbot_dns with "plugin"'],
        ),
    ],
    ids=["all kinds", "proxy behind a web server", "dns"],
)
def test_what_certbot_could_not_do_is_refused_at_once(certify, requests_made, wrong, sentences):
    before = requests_made()
    code, said = certify(**wrong)
    assert code == 2
    for sentence in sentences:
        assert sentence in said.replace('\\"', '"')
    assert requests_made() == before
