# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate by certbot: when one has to be asked for, with which words, and what certbot said."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _certificates, _deploy, _files

# With so few days left the timer has failed for weeks: a play asks then, so that it tells why.
LAST_DAYS = 3

# What certbot prints around its reasons.
NOISE = re.compile(
    r"^(Saving debug log|Account registered|(Requesting|Renewing) |Simulating |Processing /|Some challenges have failed|"
    r"Ask for help or search|See the logfile|All (simulated )?renewals failed|The following |\d+ (renew|parse)|[ ]*/etc/letsencrypt/live/|"
    r"An unexpected error occurred:|[- ]*$)"
)


@dataclass(frozen=True)
class Order:
    """What is wanted. ``arguments`` say how certbot proves whose the names are; of ``eab`` nothing may be seen by anybody."""

    names: Sequence[str]
    server: str
    certificate: str
    key: str
    arguments: Sequence[str] = ()
    key_type: str = "ecdsa"
    email: str = ""
    eab: Mapping[str, str] = field(default_factory=dict)
    reload: Sequence[str] = ()
    config_dir: str = "/etc/letsencrypt"

    @property
    def lineage_name(self) -> str:
        return self.names[0].removeprefix("*.")

    @property
    def lineage(self) -> str:
        return os.path.join(self.config_dir, "live", self.lineage_name)

    @property
    def renewal(self) -> str:
        return os.path.join(self.config_dir, "renewal", f"{self.lineage_name}.conf")

    @property
    def terms(self) -> dict[str, Any]:
        """What a certificate was ordered with; with other terms it has to be ordered anew, so that it is renewed by them."""
        return {"names": list(self.names), "server": self.server, "key_type": self.key_type, "arguments": list(self.arguments)}


@dataclass(frozen=True)
class Found:
    """What is on the host. ``record`` is what we wrote when we took the certificate into use; ``server`` is certbot's own note."""

    problems: Sequence[str]
    server: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)
    exists: bool = False


class Refused(Exception):
    """It cannot be done; the text says why, and what to do."""


def record_path(config_dir: str) -> str:
    return os.path.join(config_dir, "jupyterhub.json")


def load_record(config_dir: str) -> dict[str, Any]:
    """What was taken into use; empty when nothing was."""
    data = _deploy.read(record_path(config_dir))
    try:
        found: dict[str, Any] = json.loads(data) if data else {}
    except ValueError:
        # It costs one look at certbot's own notes.
        found = {}
    return found


def look(order: Order) -> Found:
    certificate, key = (_certificates.Text(path, _deploy.read(path)) for path in _deploy.lineage_pair(order.lineage))
    wish = _certificates.Wish(order.names, days=LAST_DAYS)
    noted = re.search(r"^server\s*=\s*(\S+)", (_deploy.read(order.renewal) or b"").decode(), re.MULTILINE)
    return Found(
        problems=[str(problem) for problem in _certificates.problems(certificate, key, wish)],
        server=noted[1] if noted else "",
        record=load_record(order.config_dir),
        exists=os.path.lexists(order.renewal),
    )


def is_ours(order: Order, found: Found) -> bool:
    """Whether this role ordered the certificate that is there, so that it may order another in its place."""
    return not found.exists or (found.record.get("lineage") == order.lineage and bool(found.record.get("ordered")))


def reasons(order: Order, found: Found) -> list[str]:
    """Why one has to be asked for; empty when the one that is there serves.

    :raises Refused: when the one that is there is somebody else's and does not serve.
    """
    if not found.exists:
        return ["there is none"]
    because = list(found.problems)
    if found.server != order.server:
        because.append(f"it was ordered from {found.server or 'an unknown server'}, not from {order.server}")
    if is_ours(order, found):
        return because or _other_terms(order, found.record["ordered"])
    if because:
        raise Refused(
            f"certbot has a certificate {order.lineage_name} on this host, which this role did not order and does not touch, and which "
            f"cannot serve: {'; '.join(because)}. Mend it with certbot itself, or let another name be the first of jupyterhub_tls_domains."
        )
    return []


def _other_terms(order: Order, ordered: Mapping[str, Any]) -> list[str]:
    differing = [term for term, value in order.terms.items() if ordered.get(term) != value]
    return [f"it was ordered with other {' and '.join(differing)}"] if differing else []


def command(order: Order, program: str, settings: str, again: bool) -> list[str]:
    """How certbot is asked. ``settings`` is a private file of options, as others can read what a process was started with."""
    words = [program, "certonly", "--non-interactive", "--agree-tos", "--config-dir", order.config_dir, "--server", order.server]
    words += ["--cert-name", order.lineage_name, "--domains", ",".join(order.names), "--key-type", order.key_type]
    words += ["--email", order.email] if order.email else ["--register-unsafely-without-email"]
    words += ["--config", settings] if settings else []
    words += ["--force-renewal", "--renew-with-new-domains"] if again else []
    # The deploy hook would see what it does not expect yet. (Not every version runs it after an order, but after renewals all do.)
    words.append("--no-directory-hooks")
    return [*words, *order.arguments]


def settings(order: Order) -> str:
    """The private options; empty when there are none."""
    return "".join(f"eab-{name.replace('_', '-')} = {value}\n" for name, value in sorted(order.eab.items()))


def why(output: str) -> str:
    """What certbot gives as its reason, without what it says each time."""
    lines = [line.strip() for line in output.splitlines() if not NOISE.match(line)]
    said = " ".join(dict.fromkeys(lines)) or "certbot gives no reason; see /var/log/letsencrypt/letsencrypt.log"
    return f"{said.rstrip('.')}."


def record(order: Order, found: Found, asked: bool) -> dict[str, Any]:
    """What the deploy hook reads, with what is needed to know the certificate again and to take it away."""
    ordered = order.terms if asked or (found.exists and is_ours(order, found)) else None
    return {
        "lineage": order.lineage,
        "names": list(order.names),
        "certificate": order.certificate,
        "key": order.key,
        "reload": list(order.reload),
        "ordered": ordered,
    }


def entry(noted: Mapping[str, Any]) -> Any:
    """The record as a file."""
    return _files.private((json.dumps(noted, indent=2) + "\n").encode())
