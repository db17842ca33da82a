# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate is ordered once, and renewed without anybody noticing."""

from __future__ import annotations

import http.client

import machines
import pytest
from cryptography.x509 import DNSName, SubjectAlternativeName
from person import unharmed

testinfra_hosts = ["ansible://jupyterhub"]
# It goes on beside these.
pytestmark = pytest.mark.usefixtures("scan")
CERTIFICATE = "/etc/jupyterhub/secrets/tls.crt"


def test_first_certificate_is_served(host, ada, served):
    """A client that trusts the ACME server's root only gets to its server."""
    found = served()
    assert "Pebble Intermediate CA" in found.issuer.rfc4514_string()
    assert found.extensions.get_extension_for_class(SubjectAlternativeName).value.get_values_for_type(DNSName) == ["hub.example.test"]
    assert host.file("/etc/jupyterhub/secrets/tls.key").mode == 0o600
    assert host.service("certbot.timer").is_enabled and host.service("certbot.timer").is_running
    assert ada.session.get(f"{ada.url}hub/health", timeout=30).status_code == 200


def test_plain_http_is_sent_to_https(variables):
    connection = http.client.HTTPConnection(machines.address(variables["inventory_hostname"]), 80, timeout=10)
    connection.request("GET", "/hub/login?next=x", headers={"Host": "hub.example.test"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://hub.example.test/hub/login?next=x")


def test_renewal_by_the_distributions_unit(host, ada, served, told, renew, proxy_pid):
    before, process = served().serial_number, proxy_pid()
    with unharmed(ada, "python3"):
        assert renew().rc == 0
        after = served().serial_number
    assert after != before
    assert proxy_pid() == process
    assert f"{CERTIFICATE} is new, for hub.example.test" in told()
    # Nothing of the questions and answers stays.
    assert host.check_output("find /var/lib/jupyterhub-acme -type f") == ""


def test_check_mode_asks_no_server(certify, requests_made, served):
    """Not for other names, either, for which it says that it would order."""
    before = requests_made(), served().serial_number
    code, said = certify("--check", "--diff", jupyterhub_tls_domains=["hub.example.test", "other.example.test"])
    assert code == 0 and "changed=1" in said, said
    assert "order hub.example.test from https://acme.example.test:14000/dir" in said
    assert (requests_made(), served().serial_number) == before


def test_site_authorities_are_trusted_by_users_programs(ada):
    """Python's own library, and one that brings its own list of authorities."""
    kernel = ada.start_kernel("python3")
    address = "https://acme.example.test:14000/dir"
    assert kernel.text(f"import urllib.request; print(urllib.request.urlopen('{address}').status)") == "200"
    assert kernel.text(f"import requests; print(requests.get('{address}').status_code)") == "200"
