# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's testssl.sh finds nothing worse than what it calls low."""

from __future__ import annotations

import json
import subprocess

import machines

testinfra_hosts = ["ansible://jupyterhub"]
WORSE_THAN_LOW = {"MEDIUM", "HIGH", "CRITICAL", "FATAL"}
# What is accepted, and why.
ACCEPTED = {
    "cert_chain_of_trust": "the certificate is self-signed here, as no authority would sign one for a name below .test",
    "cert_revocation": "the same: nobody could revoke it",
    "cert_extlifeSpan": "the same: browsers ask 398 days of authorities only",
    "overall_grade": "the same: it is T, for trust, whatever else was found",
    "HSTS": "off for a self-signed certificate, as nobody could get past the browser's warning any more",
}
# All but simulated clients, which are no findings, and what would ask names that are in no DNS.
REPORT = "/tmp/scan.json"
CHECKS = ["--protocols", "--server-defaults", "--fs", "--std", "--headers", "--vulnerable"]


def test_scan(variables, front, artifacts):
    machine = variables["inventory_hostname"]
    where = ["--ip", machines.address(machine), f"{variables['jupyterhub_domain']}:443"]
    how = ["--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--jsonfile", REPORT]
    scanner = f"{front.scenario}-browser"
    machines.inside(scanner, f"rm -f {REPORT}")
    # Its exit code counts findings of all kinds.
    subprocess.run(["docker", "exec", scanner, "testssl", *how, *CHECKS, *where], capture_output=True, check=False, timeout=300)
    said = machines.inside(scanner, f"cat {REPORT}")
    (artifacts / "testssl.json").write_text(said)
    findings = json.loads(said)
    # It really looked.
    assert {"TLS1_2", "TLS1_3", "SSLv3", "heartbleed"} <= {one["id"] for one in findings}
    bad = {one["id"]: one["finding"] for one in findings if one["severity"] in WORSE_THAN_LOW and one["id"].split(" ")[0] not in ACCEPTED}
    assert bad == {}
