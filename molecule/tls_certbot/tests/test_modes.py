# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From one kind of certificate to another and back, in one run, without leftovers and without anybody noticing."""

from __future__ import annotations

from person import unharmed

testinfra_hosts = ["ansible://jupyterhub"]
PARTS = ["tls", "proxy", "service"]
OURS = "/var/lib /etc/letsencrypt /etc/systemd/system/certbot.service.d /opt/jupyterhub /etc/jupyterhub"


def leftovers(host):
    """What of certbot's is there for the hub."""
    found = host.check_output(
        f"find {OURS} -path '*/hub.example.test*' -o -path '*/renewal-hooks/*/jupyterhub' -o -name certbot.service.d "
        "-o -path /opt/jupyterhub/tls -o -name jupyterhub-acme -o -name jupyterhub.json -o -name certbot-dns.ini 2>/dev/null || true"
    )
    return sorted(found.split())


def issuer(served):
    return served().issuer.rfc4514_string()


def test_to_self_signed_and_back(host, play, ada, served):
    there = leftovers(host)
    assert len(there) > 5
    with unharmed(ada, "python3"):
        code, said = play(jupyterhub_parts=PARTS, jupyterhub_tls_mode="self_signed")
        assert code == 0, said
        assert issuer(served) == "CN=hub.example.test"
    assert leftovers(host) == []
    # Who comes now has to trust that one, too.
    with open(ada.ca, "a", encoding="ascii") as trusted:
        trusted.write(host.file("/etc/jupyterhub/secrets/tls.crt").content_string)
    code, said = play(jupyterhub_parts=PARTS, jupyterhub_tls_mode="self_signed")
    assert code == 0 and "changed=0" in said, said
    with unharmed(ada, "python3"):
        code, said = play(jupyterhub_parts=PARTS)
        assert code == 0, said
        assert "Pebble" in issuer(served)
    code, said = play(jupyterhub_parts=PARTS)
    assert code == 0 and "changed=0" in said, said


def test_to_provided_and_back(host, play, ada, served):
    pair = {
        "jupyterhub_tls_certificate_content": host.file("/etc/jupyterhub/secrets/tls.crt").content_string,
        "jupyterhub_tls_key_content": host.file("/etc/jupyterhub/secrets/tls.key").content_string,
    }
    serial = served().serial_number
    with unharmed(ada, "python3"):
        code, said = play(jupyterhub_parts=PARTS, jupyterhub_tls_mode="provided", **pair)
        assert code == 0, said
    assert leftovers(host) == []
    assert served().serial_number == serial
    with unharmed(ada, "python3"):
        assert play(jupyterhub_parts=PARTS)[0] == 0
    assert served().serial_number != serial


def test_to_standalone_and_back(host, play, served, renew):
    """Port 80 is certbot's own then, only while it needs it, and the proxy gives it up."""
    serial = served().serial_number
    code, said = play(jupyterhub_parts=PARTS, jupyterhub_tls_certbot_method="standalone")
    assert code == 0, said
    assert served().serial_number != serial
    assert not host.socket("tcp://:::80").is_listening and not host.socket("tcp://0.0.0.0:80").is_listening
    serial = served().serial_number
    assert renew().rc == 0
    assert served().serial_number != serial
    assert play(jupyterhub_parts=PARTS)[0] == 0
