# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""certbot's deploy hook: hand a renewed certificate to what serves it. Lies on the host, too, and runs there without Ansible.

RENEWED_LINEAGE=/etc/letsencrypt/live/hub.example.org python3 -m ..._deploy /etc/letsencrypt/jupyterhub.json
"""

from __future__ import annotations

import json
import os
import sys
import syslog
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _certificates, _command, _files

# Exit code and what was said, of a command.
Run = Callable[[Sequence[str]], tuple[int, str]]


class Refused(Exception):
    """The certificate is not served; the text says why."""


def run(command: Sequence[str]) -> tuple[int, str]:
    code, out, err = _command.run(command)
    return code, f"{out}{err}".strip()


def read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except FileNotFoundError:
        return None


def lineage_pair(lineage: str) -> tuple[str, str]:
    """Where certbot keeps the newest certificate with its chain, and its key."""
    return os.path.join(lineage, "fullchain.pem"), os.path.join(lineage, "privkey.pem")


def is_deployed(settings: Mapping[str, Any]) -> bool:
    return [read(path) for path in lineage_pair(settings["lineage"])] == [read(settings["certificate"]), read(settings["key"])]


def deploy(settings: Mapping[str, Any], command: Run = run) -> str:
    """Copy key and certificate, both or none, and have them served; returns a sentence that says what was done.

    :param settings: ``lineage`` (certbot's folder), ``names``, ``certificate`` and ``key`` (the copies), ``reload`` (units).
    :raises Refused: when they cannot serve (nothing is changed then), or when a unit does not take them.
    """
    certificate, key = (_certificates.Text(path, read(path)) for path in lineage_pair(settings["lineage"]))
    problems = _certificates.problems(certificate, key, _certificates.Wish(settings["names"]))
    if problems:
        raise Refused(f"The certificate is refused, and the one before is served on: {'; '.join(map(str, problems))}")
    entries = {settings["key"]: _files.private(key.data or b""), settings["certificate"]: _public(certificate.data or b"")}
    _files.swap(entries)
    refused = [said for unit in settings["reload"] if (said := _reload(unit, command))]
    if refused:
        raise Refused(f"{settings['certificate']} is new, but not yet served: {'; '.join(refused)}")
    until = _certificates.describe(certificate)["not_after"]
    return f"{settings['certificate']} is new, for {', '.join(settings['names'])}, valid until {until}"


def _public(data: bytes) -> Any:
    return _files.file(data, 0o644, os.geteuid(), os.getegid())


def _reload(unit: str, command: Run) -> str:
    """What keeps a unit from serving the new certificate. One that does not run reads it when it starts."""
    if command(["systemctl", "is-active", "--quiet", unit])[0]:
        return ""
    code, said = command(["systemctl", "reload", unit])
    return f"{unit} does not reload ({said})" if code else ""


def main(path: str, renewed: str) -> int:
    settings = json.loads(read(path) or b"{}")
    # certbot runs the hook for all certificates of the host, and for one that is not in use yet.
    if os.path.normpath(renewed) != settings.get("lineage"):
        return 0
    # certbot's unit tells little of what a hook says; the journal is asked by this name.
    syslog.openlog("jupyterhub-tls")
    try:
        said = deploy(settings)
    except (Refused, OSError) as error:
        syslog.syslog(syslog.LOG_ERR, str(error))
        sys.stderr.write(f"{error}\n")
        return 1
    syslog.syslog(syslog.LOG_NOTICE, said)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], os.environ.get("RENEWED_LINEAGE", "")))
