# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's testssl.sh finds nothing worse than what it calls low."""

from __future__ import annotations

import json

testinfra_hosts = ["ansible://jupyterhub"]
WORSE_THAN_LOW = {"MEDIUM", "HIGH", "CRITICAL", "FATAL"}
# What is accepted, and why.
ACCEPTED = {
    "cert_chain_of_trust": "the ACME server of the tests is an authority that nobody else knows",
    "cert_revocation": "the same: nobody could revoke what it issues",
    "overall_grade": "the same: it is T, for trust, whatever else was found",
    "cert_expirationStatus": "it issues for ten days, so that renewals are always due",
    "cert_notAfter": "the same, in other words",
}


def test_scan(scan, artifacts):
    said = scan()
    (artifacts / "testssl.json").write_text(said)
    findings = json.loads(said)
    # It really looked.
    assert {"TLS1_2", "TLS1_3", "SSLv3", "heartbleed"} <= {one["id"] for one in findings}
    bad = {one["id"]: one["finding"] for one in findings if one["severity"] in WORSE_THAN_LOW and one["id"].split(" ")[0] not in ACCEPTED}
    assert bad == {}
