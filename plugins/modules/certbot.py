#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _certbot and _deploy."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certbot
short_description: Have a certificate by certbot, without asking for one in vain
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Orders a certificate with C(certbot certonly) when there is none for these names from this server, and does not
    ask the server anything otherwise.
  - Copies key and certificate to where they are served from, both or none, after seeing that they belong together and
    are for the names, and has units reload. The deploy hook that the role C(jupyterhub_tls) installs does the same after each renewal.
  - A certificate that somebody else ordered with certbot is used when it serves, and never touched.
attributes:
  check_mode:
    description: Predicts whether a certificate would be ordered. No server is asked.
    support: full
  diff_mode:
    description: Says why one is ordered, and where it goes.
    support: full
options:
  state:
    description: With V(absent), a certificate that was ordered by this module is deleted from certbot's folders, and no longer renewed.
    type: str
    choices: [present, absent]
    default: present
  names:
    description: Names for which it shall be. The first one is its name with certbot. Required with O(state=present).
    type: list
    elements: str
    default: []
  server:
    description: Address of the ACME server's directory. Required with O(state=present).
    type: str
    default: ""
  certificate:
    description: Where the certificate with its chain is copied to. Required with O(state=present).
    type: path
  key:
    description: Where the key is copied to, readable by root only. Required with O(state=present).
    type: path
  arguments:
    description: The options that tell certbot how to prove whose the names are. Other users of the host can see them.
    type: list
    elements: str
    default: []
  key_type:
    description: Kind of the key.
    type: str
    choices: [ecdsa, rsa]
    default: ecdsa
  email:
    description: Address for the account with the server; empty for none.
    type: str
    default: ""
  eab:
    description: External account binding, C(kid) and C(hmac_key). Only an account's registration needs it.
    type: dict
    default: {}
  reload:
    description: Units that are reloaded when the certificate has changed. Those that don't run are left alone.
    type: list
    elements: str
    default: []
  program:
    description: The certbot to use.
    type: path
    default: /usr/bin/certbot
  config_dir:
    description: Where certbot keeps its certificates.
    type: path
    default: /etc/letsencrypt
  wait:
    description: Seconds to wait for another run that writes on this host.
    type: int
    default: 300
requirements:
  - cryptography >= 38 on the target
"""

EXAMPLES = r"""
- name: Have a certificate by a web server's folder
  hubsmith.jupyterhub.certbot:
    names: [hub.example.org]
    server: https://acme-v02.api.letsencrypt.org/directory
    arguments: [--webroot, --webroot-path, /var/www/html]
    certificate: /etc/jupyterhub/secrets/tls.crt
    key: /etc/jupyterhub/secrets/tls.key
    reload: [jupyterhub-proxy.service]
"""

RETURN = r"""
because:
  description: Why a certificate was ordered, or would be; empty when none was.
  returned: with O(state=present)
  type: list
  elements: str
  sample: [there is none]
"""

import contextlib
import os
import tempfile

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _certbot, _deploy, _files, _lock

# certbot itself waits for its lock and for the server.
UNIT = "certbot.service"


def ask(module: AnsibleModule, order: _certbot.Order, again: bool) -> None:
    """Order the certificate; the private options are in a file for no longer than that takes."""
    settings = _certbot.settings(order)
    with tempfile.NamedTemporaryFile("w", dir=module.tmpdir) as private:
        private.write(settings)
        private.flush()
        words = _certbot.command(order, module.params["program"], private.name if settings else "", again)
        code, out, err = module.run_command(words)
    if code:
        kept = " The one that is there is served on." if os.path.exists(order.certificate) else ""
        raise _certbot.Refused(f"There is no new certificate for {', '.join(order.names)}: {_certbot.why(out + err)}{kept}")


def rehearse(module: AnsibleModule, order: _certbot.Order) -> None:
    """Warn when a renewal would fail, as nobody looks on when it comes."""
    words = [module.params["program"], "renew", "--dry-run", "--non-interactive", "--no-random-sleep-on-renew"]
    # Of Let's Encrypt certbot takes the server for tries by itself; every other one is asked only if it is named.
    words += ["--config-dir", order.config_dir, "--cert-name", order.lineage_name, "--server", order.server]
    code, out, err = module.run_command(words)
    if code:
        module.warn(f"The certificate is there, but its renewal would fail (certbot renew --dry-run): {_certbot.why(out + err)}")


def tell_failed_renewal(module: AnsibleModule) -> None:
    if module.run_command(["systemctl", "is-failed", "--quiet", UNIT])[0]:
        return
    words = ["journalctl", "--identifier", "jupyterhub-tls", "--priority", "err", "--lines", "1", "--output", "cat", "--no-pager"]
    said = module.run_command(words)[1].strip()
    module.warn(f"{UNIT} failed when it last ran. {said or f'See: journalctl --unit {UNIT}'}")


def have(module: AnsibleModule, order: _certbot.Order) -> dict[str, object]:
    found = _certbot.look(order)
    because = _certbot.reasons(order, found)
    record = _certbot.record(order, found, bool(because))
    copied = not because and _deploy.is_deployed(record)
    told = [f"order {order.lineage_name} from {order.server}: {'; '.join(because)}\n"] if because else []
    told += [] if copied else [f"copy it to {order.certificate} and {order.key}\n"]
    changed = bool(told) or record != found.record
    if not module.check_mode:
        if because:
            ask(module, order, found.exists)
        if record != found.record:
            _files.swap({_certbot.record_path(order.config_dir): _certbot.entry(record)})
        if not _deploy.is_deployed(record):
            _deploy.deploy(record)
        if because:
            rehearse(module, order)
        else:
            tell_failed_renewal(module)
    return {"changed": changed, "because": because, "diff": {"before": "", "after": "".join(told)}}


def take_away(module: AnsibleModule) -> dict[str, object]:
    given = module.params
    path = _certbot.record_path(given["config_dir"])
    record = _certbot.load_record(given["config_dir"])
    if record and not module.check_mode:
        name = os.path.basename(record["lineage"])
        if record["ordered"] and os.path.lexists(os.path.join(given["config_dir"], "renewal", f"{name}.conf")):
            words = [given["program"], "delete", "--non-interactive", "--config-dir", given["config_dir"], "--cert-name", name]
            code, out, err = module.run_command(words)
            if code:
                raise _certbot.Refused(f"certbot does not delete its certificate {name}: {_certbot.why(out + err)}")
        os.unlink(path)
    return {"changed": bool(record), "diff": {"before": f"{path}\n" if record else "", "after": ""}}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "names": {"type": "list", "elements": "str", "default": []},
            "server": {"type": "str", "default": ""},
            "certificate": {"type": "path"},
            "key": {"type": "path", "no_log": False},
            "arguments": {"type": "list", "elements": "str", "default": []},
            "key_type": {"type": "str", "choices": ["ecdsa", "rsa"], "default": "ecdsa", "no_log": False},
            "email": {"type": "str", "default": ""},
            "eab": {"type": "dict", "default": {}, "no_log": True},
            "reload": {"type": "list", "elements": "str", "default": []},
            "program": {"type": "path", "default": "/usr/bin/certbot"},
            "config_dir": {"type": "path", "default": "/etc/letsencrypt"},
            "wait": {"type": "int", "default": 300},
        },
        required_if=[("state", "present", ("names", "server", "certificate", "key"))],
        supports_check_mode=True,
    )
    given = dict(module.params)
    wait, absent = given.pop("wait"), given.pop("state") == "absent"
    given.pop("program")
    try:
        # Check mode writes nothing, the lock file included.
        with contextlib.nullcontext() if module.check_mode else _lock.held(_lock.PATH, wait):
            result = take_away(module) if absent else have(module, _certbot.Order(**given))
    except (_certbot.Refused, _deploy.Refused, _lock.Busy, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
