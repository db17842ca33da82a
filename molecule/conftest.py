# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of all scenarios share."""

from __future__ import annotations

import re
import ssl
import subprocess

import machines
import pytest
from cryptography import x509
from person import Person
from playwright.sync_api import sync_playwright
from xdist.scheduler import LoadScopeScheduling

PASSWORD = "correct horse battery staple"
SCANNED = "/tmp/scan.json"
SCAN = ["--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--jsonfile", SCANNED]
# All but simulated clients, which are no findings, and what would ask names that are in no DNS.
SCAN_FOR = ["--protocols", "--server-defaults", "--fs", "--std", "--headers", "--vulnerable"]
# The host in the name of a test; our machines end in the name of their Debian.
MACHINE = re.compile(r"ansible://[a-z0-9-]*?-(bookworm|trixie)\b")


class ByMachine(LoadScopeScheduling):
    """Each machine's tests run in their order in one process, and those of several machines at the same time."""

    def _split_scope(self, nodeid):
        found = MACHINE.search(nodeid)
        return found[0] if found else ""


def pytest_xdist_make_scheduler(config, log):
    return ByMachine(config, log)


@pytest.fixture(name="variables")
def fixture_variables(host):
    """The inventory's variables of the machine."""
    return host.ansible.get_variables()


@pytest.fixture(name="certificate")
def fixture_certificate(variables):
    """Where the machine's certificate is; empty when the hub speaks plain HTTP."""
    return variables.get("jupyterhub_certificate", "/etc/jupyterhub/secrets/tls.crt")


@pytest.fixture(name="provider")
def fixture_provider(variables):
    """The machine that knows the people, of a scenario in which that is not the hub's; else empty."""
    return next(iter(variables["groups"].get("providers", ())), "")


@pytest.fixture(name="url")
def fixture_url(variables, certificate, provider):
    """The hub's public address. Within the test its name is known to this process, and those of the provider are."""
    domain, port = variables["jupyterhub_domain"], variables.get("jupyterhub_port", 443)
    known = machines.addresses(provider) if provider else {}
    with machines.names({**known, domain: machines.address(variables["inventory_hostname"])}):
        yield f"{'https' if certificate else 'http'}://{domain}{'' if port == 443 else f':{port}'}/"


@pytest.fixture(name="ca")
def fixture_ca(host, variables, certificate, provider, tmp_path):
    """A file with all that a client trusts, the ACME server's root or the certificates of machine and provider; empty for plain HTTP."""
    if not certificate:
        return ""
    path = tmp_path / "ca.pem"
    # It is made anew at each start of that server.
    for server in variables["groups"].get("acme", ()):
        path.write_text(machines.inside(server, "curl --silent --fail --insecure https://localhost:15000/roots/0"))
        return str(path)
    path.write_text(
        host.check_output("cat %s %s", certificate, "/usr/local/share/ca-certificates/provider.crt" if provider else "/dev/null")
    )
    return str(path)


@pytest.fixture(name="person")
def fixture_person(url, ca):
    """Makes people: ``person("ada")`` has the right password."""
    return lambda name, password=PASSWORD: Person(url, name, password, ca)


@pytest.fixture(name="ada")
def fixture_ada(person):
    """Ada, logged in, with her server running."""
    ada = person("ada")
    assert ada.log_in().status_code == 200
    ada.open_server()
    return ada


@pytest.fixture(name="served")
def fixture_served(variables):
    """The certificate that is served to who comes now, and asks for the hub's name."""
    place = variables["jupyterhub_domain"], variables.get("jupyterhub_port", 443)

    def served():
        with machines.names({place[0]: machines.address(variables["inventory_hostname"])}):
            return x509.load_pem_x509_certificate(ssl.get_server_certificate(place).encode())

    return served


@pytest.fixture(name="renew")
def fixture_renew(host, variables):
    """Lets the distribution's unit run at a time when a renewal is due, which is always, as certificates here are valid for ten days."""
    settings = f"/etc/letsencrypt/renewal/{variables['jupyterhub_domain']}.conf"

    def renew():
        host.check_output(f"grep -q ^renew_before {settings} || sed -i '1i renew_before_expiry = 30 days' {settings}")
        return host.run("systemctl start certbot.service")

    return renew


@pytest.fixture(name="scan", scope="session")
def fixture_scan(request):
    """Debian's testssl.sh, which takes its time beside the tests that come before its own. Gives its report, once it is there."""
    scenario = request.session.items[0].path.parents[1].name
    scenario = scenario.replace("_", "-")
    scanner, address = f"{scenario}-acme", machines.address(f"{scenario}-trixie")
    machines.inside(scanner, f"rm -f {SCANNED}")
    # Its exit code counts findings of all kinds.
    command = ["docker", "exec", scanner, "timeout", "240", "testssl", *SCAN, *SCAN_FOR, "--ip", address, "hub.example.test:443"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:

        def report():
            process.wait()
            return machines.inside(scanner, f"cat {SCANNED}")

        yield report


@pytest.fixture(name="page")
def fixture_page(request):
    """A fresh page of the scenario's own Chromium, which resolves the machines' names itself.

    The certificate is not verified here, as a person who clicks the warning away; tests/support/person.py verifies it.
    """
    scenario = request.path.parents[1].name
    with sync_playwright() as playwright:
        browser = playwright.chromium.connect_over_cdp(f"http://{machines.address(f'{scenario}-browser')}:9222")
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 860})
        yield context.new_page()
        context.close()


@pytest.fixture(name="artifacts")
def fixture_artifacts(variables):
    """A folder for screenshots of one machine, which outlives the run."""
    folder = machines.CHECKOUT / ".cache" / "artifacts" / variables["inventory_hostname"]
    folder.mkdir(parents=True, exist_ok=True)
    return folder
