#!/usr/bin/python
# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin shell over _certificates."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_info
short_description: Tell whether a certificate and its key can serve a host, and why not
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Looks at a certificate and its private key together, in one step - whether they can be read and belong together,
    for which names they are and for how long.
  - With O(served_by), tells as well whether the server that should use it does.
  - Nothing is changed, and no part of the key is returned.
attributes:
  check_mode:
    description: Nothing is changed at all.
    support: full
  diff_mode:
    description: There are no differences to show.
    support: none
options:
  certificate:
    description: File with the host's certificate followed by its chain, in PEM form.
    type: path
    required: true
  key:
    description: File with the private key, in PEM form.
    type: path
    required: true
  certificate_content:
    description: Looked at in place of the file O(certificate), for example before it is written there.
    type: str
  key_content:
    description: Looked at in place of the file O(key).
    type: str
  names:
    description: Names and addresses that the certificate must be good for. In it, C(*) stands for one label.
    type: list
    elements: str
    default: []
  exact:
    description: Whether it may be for O(names) only.
    type: bool
    default: false
  days:
    description: For how many more days it must be valid.
    type: int
    default: 0
  served_by:
    description:
      - Address C(host:port) of a server, which is connected to from the target and asked for its certificate.
      - Nothing that it shows has to be trusted, and it is waited for at most 10 seconds.
    type: str
  server_name:
    description:
      - Name that the server at O(served_by) is asked for, which may have other certificates for others.
      - By default, the first of O(names) that is neither an address nor has a C(*), or else the host in O(served_by).
    type: str
requirements:
  - cryptography >= 38 on the target
"""

EXAMPLES = r"""
- name: Look at the site's certificate
  hubsmith.jupyterhub.certificate_info:
    certificate: /etc/ssl/certs/hub.pem
    key: /etc/ssl/private/hub.key
    names:
      - hub.example.org
  register: pair

- name: Refuse it when it cannot serve
  ansible.builtin.assert:
    that: pair.problems | length == 0
    fail_msg: "{{ pair.problems | map(attribute='text') | join('; ') }}"

- name: Look at what people get to see of it
  hubsmith.jupyterhub.certificate_info:
    certificate: /etc/ssl/certs/hub.pem
    key: /etc/ssl/private/hub.key
    served_by: 127.0.0.1:443
    server_name: hub.example.org
  register: pair

- name: Refuse a server that has not taken the last renewal
  ansible.builtin.assert:
    that: pair.served.problems | length == 0
    fail_msg: "{{ pair.served.problems | map(attribute='text') | join('; ') }}"
"""

RETURN = r"""
library:
  description: Whether C(cryptography) was found. Without it, it is only told whether the files exist.
  returned: always
  type: bool
  sample: true
problems:
  description: What keeps the pair from serving; empty when nothing does.
  returned: always
  type: list
  elements: dict
  contains:
    code:
      description: >-
        One of V(missing), V(certificate_unreadable), V(key_unreadable), V(encrypted), V(mismatch), V(order), V(expired),
        V(not_yet_valid), V(expires_soon), V(names).
      type: str
    text:
      description: A sentence that names what was looked at, what was found and what to do.
      type: str
  sample: []
found:
  description: What the certificate says; empty when there is none that can be read.
  returned: always
  type: dict
  contains:
    names:
      description: The names and addresses that it is for.
      type: list
      elements: str
    subject:
      description: Its subject.
      type: str
    issuer:
      description: Who issued it.
      type: str
    self_signed:
      description: Whether subject and issuer are the same.
      type: bool
    not_before:
      description: From when it is valid.
      type: str
    not_after:
      description: Until when it is valid.
      type: str
    days_left:
      description: For how many whole days it is still valid; negative when it has expired.
      type: int
    serial:
      description: Its serial number, as OpenSSL writes it.
      type: str
    sha256:
      description: Its fingerprint.
      type: str
served:
  description: >-
    What the server shows. There is what RV(found) has, of the certificate served, and the following; but when nothing is shown,
    only RV(served.address), RV(served.server_name) and RV(served.problems). Empty without C(cryptography).
  returned: when O(served_by) is given
  type: dict
  contains:
    address:
      description: Where it was looked.
      type: str
    server_name:
      description: The name that was asked for; empty when none was.
      type: str
    tls_version:
      description: What was agreed upon.
      type: str
      sample: TLSv1.3
    same_certificate:
      description: Whether it is the certificate that is on disk, or in O(certificate_content).
      type: bool
    same_chain:
      description: Whether the certificates that follow it are those that follow there, too.
      type: bool
    problems:
      description: >-
        What is wrong with it, as in RV(problems); its codes are V(unreachable), V(no_tls), V(certificate_unreadable), V(different)
        and V(chain).
      type: list
      elements: dict
in_place:
  description: Whether the files hold exactly O(certificate_content) and O(key_content), and only the owner can read the key.
  returned: when O(certificate_content) is given
  type: bool
  sample: true
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _certificates, _served


def read(module: AnsibleModule, path: str) -> bytes | None:
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        module.fail_json(msg=f"{path} cannot be read: {error.strerror}; name a file that root can read")


def text(module: AnsibleModule, option: str) -> _certificates.Text:
    path, content = module.params[option], module.params[f"{option}_content"]
    if content is not None:
        return _certificates.Text(f"the given content of {path}", content.encode())
    return _certificates.Text(path, read(module, path))


def where(module: AnsibleModule) -> _served.Address:
    given = module.params
    try:
        return _served.address(given["served_by"], given["server_name"] or "", given["names"])
    except ValueError as error:
        module.fail_json(msg=f"served_by: {error}")


def is_private(path: str) -> bool:
    return not os.stat(path).st_mode & 0o077


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "certificate": {"type": "path", "required": True},
            "key": {"type": "path", "required": True, "no_log": False},
            "certificate_content": {"type": "str"},
            "key_content": {"type": "str", "no_log": True},
            "names": {"type": "list", "elements": "str", "default": []},
            "exact": {"type": "bool", "default": False},
            "days": {"type": "int", "default": 0},
            "served_by": {"type": "str"},
            "server_name": {"type": "str"},
        },
        required_together=[("certificate_content", "key_content")],
        required_by={"server_name": "served_by"},
        supports_check_mode=True,
    )
    given = module.params
    certificate, key = text(module, "certificate"), text(module, "key")
    wish = _certificates.Wish(given["names"], given["exact"], given["days"])
    answer = {
        "library": _certificates.LIBRARY,
        "problems": [problem.as_dict() for problem in _certificates.problems(certificate, key, wish)],
        "found": _certificates.describe(certificate),
    }
    if given["certificate_content"] is not None:
        same = read(module, given["certificate"]) == certificate.data and read(module, given["key"]) == key.data
        answer["in_place"] = same and is_private(given["key"])
    if given["served_by"] is not None:
        answer["served"] = _served.look(certificate, where(module))
    module.exit_json(changed=False, **answer)


if __name__ == "__main__":
    main()
