# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a hub behind a web server share, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass

import machines
import pytest
import requests

OTHER = "www.example.test"


@dataclass
class Front:
    """The web server: its ``folder`` and ``unit``, a ``wrong`` line for its configuration, and how it calls itself in answers."""

    name: str
    folder: str
    unit: str
    wrong: str
    banner: str

    @property
    def scenario(self):
        return f"frontend_{self.name}"

    @property
    def ours(self):
        """The files that the hub brings."""
        own = ["snippets/jupyterhub.conf"] if self.name == "nginx" else ["jupyterhub.conf", "conf-enabled/jupyterhub.conf"]
        return ["sites-enabled/zz-jupyterhub.conf", *own]


FRONTS = {
    "nginx": Front("nginx", "/etc/nginx", "nginx", "no_such_directive on;", "nginx"),
    "apache": Front("apache", "/etc/apache2", "apache2", "NoSuchDirective on", "Apache"),
}


@pytest.fixture(name="front")
def fixture_front(variables):
    return FRONTS[variables["jupyterhub_frontend_server"]]


@pytest.fixture(name="play")
def fixture_play(front):
    """Runs a playbook again; what it said has no line breaks."""

    def play(**more):
        code, said = machines.play(front.scenario, **more)
        return code, " ".join(said.split())

    return play


@pytest.fixture(name="process")
def fixture_process(host, front):
    """The main processes of the web server and of the proxy."""
    return lambda: host.check_output("systemctl show %s jupyterhub-proxy --property=MainPID --value", front.unit).split()


@pytest.fixture(name="files")
def fixture_files(host, front):
    """All files of the web server's with what they hold, as they were counted before the hub came."""
    count = f"cd {front.folder} && find . -type f -exec sha256sum {{}} + -o -type l -printf '%p -> %l\\n' | sort"
    return lambda: host.check_output("sh -c %s", count)


@pytest.fixture(name="other_page")
def fixture_other_page(variables):
    """Asks the other site for its page, by whatever name."""

    def ask(name=OTHER, scheme="https"):
        with machines.names({name: machines.address(variables["inventory_hostname"])}):
            return requests.get(f"{scheme}://{name}/", verify=False, timeout=10, allow_redirects=False)

    return ask
