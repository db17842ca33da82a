# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why certbot could not renew, told in the journal. Lies on the host, too, and runs there without Ansible, after certbot's unit.

The unit runs certbot with --quiet, which hides what the certificate authority had to say.
"""

from __future__ import annotations

import json
import os
import re
import sys
import syslog

LOG = "/var/log/letsencrypt/letsencrypt.log"
FAILED = re.compile(r"Failed to renew certificate (\S+) with error: (.+)$", re.MULTILINE)
# Debian has one log for all runs of a week, of which each begins with this.
BEGIN = "certbot version: "
DETAIL = re.compile(r"^\s*Domain: +(\S+)\n\s*Type: +(\S+)\n\s*Detail: +(.+)$", re.MULTILINE)


def trouble(log: str, name: str) -> str:
    """A sentence that says why the last run did not renew this certificate; empty when it did not try or did not fail."""
    log = log[log.rfind(BEGIN) + 1 :]
    failed = [error for failing, error in FAILED.findall(log) if failing == name]
    if not failed:
        return ""
    details = dict.fromkeys(f"{domain} ({kind}): {text}" for domain, kind, text in DETAIL.findall(log))
    said = " ".join([failed[-1], *details])
    return f"The certificate {name} could not be renewed, and is served on as it is: {said}"


def main(path: str, result: str) -> None:
    if result == "success":
        return
    with open(path, encoding="utf-8") as handle:
        name = os.path.basename(json.load(handle)["lineage"])
    with open(LOG, encoding="utf-8", errors="replace") as handle:
        said = trouble(handle.read(), name)
    if said:
        syslog.openlog("jupyterhub-tls")
        syslog.syslog(syslog.LOG_ERR, said)


if __name__ == "__main__":
    main(sys.argv[1], os.environ.get("SERVICE_RESULT", ""))
