# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of certificates by certbot share."""

from __future__ import annotations

import ssl

import machines
import pytest
from cryptography import x509

ACME = "tls-certbot-acme"
RENEWAL = "/etc/letsencrypt/renewal/hub.example.test.conf"


@pytest.fixture(name="ca")
def fixture_ca(tmp_path):
    """The root of what the ACME server issues, which is made anew at each of its starts."""
    path = tmp_path / "root.pem"
    path.write_text(machines.inside(ACME, "curl --silent --fail --insecure https://localhost:15000/roots/0"))
    return str(path)


@pytest.fixture(name="play")
def fixture_play():
    return lambda *arguments, **more: machines.play("tls_certbot", *arguments, **more)


@pytest.fixture(name="requests_made")
def fixture_requests_made():
    """How many requests the ACME server has had."""
    return lambda: int(machines.inside(ACME, "journalctl --unit pebble --output cat | grep --count -E ' (GET|HEAD|POST) /'"))


@pytest.fixture(name="served")
def fixture_served(variables):
    """The certificate that is served to who comes now."""
    address = machines.address(variables["inventory_hostname"])
    return lambda: x509.load_pem_x509_certificate(ssl.get_server_certificate((address, 443)).encode())


@pytest.fixture(name="told")
def fixture_told(host):
    """What the hook and the renewals say in the journal, from now on."""
    cursor = host.check_output("journalctl --lines 0 --show-cursor --quiet").split("cursor: ")[1]
    return lambda: host.check_output("journalctl --identifier jupyterhub-tls --output cat --quiet --after-cursor %s", cursor)


@pytest.fixture(name="renew")
def fixture_renew(host):
    """Lets the distribution's unit run at a time when a renewal is due, which is always, as certificates here are valid for ten days."""

    def renew():
        host.check_output(f"grep -q ^renew_before {RENEWAL} || sed -i '1i renew_before_expiry = 30 days' {RENEWAL}")
        return host.run("systemctl start certbot.service")

    return renew
