# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hub is configured with for the ways to log in that a site has chosen."""

from __future__ import annotations

DOCUMENTATION = r"""
name: login
short_description: The configuration for the ways to log in
version_added: 0.1.0
author: hubsmith contributors (@hubsmith)
description:
  - Turns what P(hubsmith.jupyterhub.jupyterhub#role) takes about logging in into traits, secrets and what has to be installed.
positional: _input
options:
  _input:
    description: Names of the ways, or classes of a site's own, in the order of the login page.
    type: list
    elements: str
    required: true
  options:
    description: By the name of each way its dictionary of options.
    type: dict
    required: true
  public_url:
    description: The address under which people reach the hub, with a slash at its end.
    type: str
    required: true
  secrets_dir:
    description: The folder of the secrets on the host.
    type: str
    required: true
  state_dir:
    description: The folder in which the hub keeps what it has to remember.
    type: str
    required: true
  people:
    description: The people, as in O(hubsmith.jupyterhub.jupyterhub#role:main:jupyterhub_users).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
# {'authenticator_class': 'oauthenticator.github.GitHubOAuthenticator', 'traits': {'GitHubOAuthenticator': {'client_id': 'an-id', ...
setting: "{{ ['github'] | hubsmith.jupyterhub.login(ways, 'https://hub.example.org/', '/etc/jupyterhub/secrets', '/var/lib/jupyterhub') }}"
vars:
  ways: {github: {client_id: an-id, client_secret_file: /etc/keys/github}}
"""

RETURN = r"""
_value:
  description:
    - C(problems) is a list of sentences. If it is not empty, the rest says nothing.
    - C(authenticator_class) and C(traits), by section, are for the configuration.
    - C(secrets) are texts by the names of the files that hold them, in a folder C(login) of O(secrets_dir); C(from_files) are, by
      section, the traits that a file holds; C(watched) are further files with a change of which the
      hub is restarted.
    - C(requirements) names sets of locked requirements.
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.plugin_utils import _login


def login(
    ways: Sequence[str],
    options: Mapping[str, Any],
    public_url: str,
    secrets_dir: str,
    state_dir: str,
    people: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    site = {"public_url": public_url, "secrets_dir": secrets_dir, "state_dir": state_dir, "people": people}
    return _login.login(ways, options, site)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"login": login}
