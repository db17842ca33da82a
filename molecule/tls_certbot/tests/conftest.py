# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of certificates by certbot share."""

from __future__ import annotations

import machines
import pytest

ACME = "tls-certbot-acme"


@pytest.fixture(name="play")
def fixture_play(variables):
    """Runs a playbook again on this machine; what it said has no line breaks."""

    def play(*arguments, **more):
        code, said = machines.play("tls_certbot", "--limit", variables["inventory_hostname"], *arguments, **more)
        return code, " ".join(said.split())

    return play


@pytest.fixture(name="certify")
def fixture_certify(play):
    """Runs what is about the certificate only."""
    return lambda *arguments, **more: play(*arguments, playbook="certificate.yml", **more)


@pytest.fixture(name="requests_made")
def fixture_requests_made(host):
    """How many requests the machine has made to ACME servers."""
    return lambda: int(host.check_output("cat /var/log/letsencrypt/*.log* | grep --count -E 'Sending (GET|HEAD|POST) request'"))


@pytest.fixture(name="told")
def fixture_told(host):
    """What the hook and the renewals say in the journal, from now on. (After a cursor, Debian 12's journalctl may leave out one line.)"""

    def said():
        return host.check_output("journalctl --sync; journalctl --identifier jupyterhub-tls --output cat --quiet")

    before = len(said())
    return lambda: said()[before:]


@pytest.fixture(name="proxy_pid")
def fixture_proxy_pid(host):
    return lambda: host.check_output("systemctl show jupyterhub-proxy --property=MainPID --value")
