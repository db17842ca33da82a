# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From one kind of certificate to another and back, in one run each, without leftovers and without anybody noticing."""

from __future__ import annotations

import pytest
from person import unharmed

testinfra_hosts = ["ansible://jupyterhub"]
PARTS = ["tls", "proxy"]
PAIR = ("/etc/jupyterhub/secrets/tls.crt", "/etc/jupyterhub/secrets/tls.key")
OURS = "/var/lib /etc/letsencrypt /etc/systemd/system/certbot.service.d /opt/jupyterhub /etc/jupyterhub"


@pytest.fixture(name="change")
def fixture_change(play, served):
    """Changes something; returns the certificate that is served then."""

    def change(**to):
        code, said = play(jupyterhub_parts=PARTS, **to)
        assert code == 0, said
        return served()

    return change


def leftovers(host):
    """What of certbot's is there for the hub."""
    found = host.check_output(
        f"find {OURS} -path '*/hub.example.test*' -o -path '*/renewal-hooks/*/jupyterhub' -o -name certbot.service.d "
        "-o -path /opt/jupyterhub/tls -o -name jupyterhub-acme -o -name jupyterhub.json -o -name certbot-dns.ini 2>/dev/null || true"
    )
    return sorted(found.split())


def listens_on_80(host):
    return any(host.socket(f"tcp://{address}:80").is_listening for address in ("0.0.0.0", "::"))


def test_from_each_kind_to_the_next(host, change, play, certify, ada, renew, proxy_pid):
    """Somebody who is at work all the time keeps every connection, also that by which the 50 ms are polled."""
    certificate, key = (host.file(path).content_string for path in PAIR)
    process = proxy_pid()
    assert len(leftovers(host)) > 5
    with unharmed(ada, "python3"):
        self_signed = change(jupyterhub_tls_mode="self_signed")
        assert self_signed.issuer.rfc4514_string() == "CN=hub.example.test"
        assert leftovers(host) == []

        provided = {"jupyterhub_tls_mode": "provided", "jupyterhub_tls_certificate_content": certificate, "jupyterhub_tls_key_content": key}
        found = change(**provided)
        assert "Pebble" in found.issuer.rfc4514_string()
        code, said = certify(**provided)
        assert code == 0 and "changed=0" in said, said

        standalone = change(jupyterhub_tls_certbot_method="standalone")
        assert standalone.serial_number != found.serial_number
        assert not listens_on_80(host)
        assert renew().rc == 0

        # Back to where it was, and nothing is left to do.
        change()
        assert listens_on_80(host)
        code, said = play(jupyterhub_parts=PARTS)
        assert code == 0 and "changed=0" in said, said
    assert proxy_pid() == process
