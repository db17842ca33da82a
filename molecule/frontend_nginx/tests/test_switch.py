# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates are renewed and the hub comes and goes, and whoever is connected stays so."""

from __future__ import annotations

import machines
import pytest
from person import Person, Watch, unharmed

testinfra_hosts = ["ansible://jupyterhub"]
pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
PASSWORD = "correct horse battery staple"
# Nobody but proxy and web server has that port.
PORT = 8888
# Both reload in that time.
OUTAGE = 1.0


@pytest.fixture(name="ada_at")
def fixture_ada_at(host):
    """Ada at another address, with a server that was started there."""

    def ada_at(url, ca):
        ada = Person(url, "ada", PASSWORD, ca)
        assert ada.log_in().status_code == 200
        ada.stop_server()
        machines.until(lambda: host.run("systemctl is-active jupyter-ada").rc)
        ada.open_server()
        return ada

    return ada_at


def test_renewal_by_the_distributions_unit(process, ada, renew, served):
    """By a reload: the process is the same, and whoever is connected stays so."""
    before = process(), served().serial_number
    kernel_by_the_old_one = ada.start_kernel("python3")
    kernel_by_the_old_one.text("y = 6 * 7")
    with unharmed(ada, "python3"):
        assert renew().rc == 0
        machines.until(lambda: served().serial_number != before[1], timeout=10)
    assert kernel_by_the_old_one.text("print(y)") == "42"
    assert process() == before[0]


@pytest.fixture(name="moved_to")
def fixture_moved_to(play, process):
    """Runs the play for the other side, with people connected."""

    def move(ada, *parts):
        before = process()
        # Who comes anew each time, beside those who stay.
        fresh = Watch(ada, fresh=True)
        with unharmed(ada, "python3", outage=OUTAGE), fresh:
            code, said = play(jupyterhub_parts=[*parts, "service"], jupyterhub_port=PORT)
            assert code == 0, said
        print(f"new connections: {fresh.gap:.2f} s without an answer, {len(fresh.failures)} of {fresh.asked} failed: {fresh.failures}")
        assert fresh.gap < OUTAGE
        assert process() == before

    return move


def test_hub_leaves_the_web_server_and_comes_back(host, play, files, ca, url, other_page, ada_at, moved_to):
    """In one run each, and neither a kernel ends nor a connection."""
    code, said = play(jupyterhub_parts=["frontend", "service"], jupyterhub_port=PORT)
    assert code == 0, said
    before = files()
    ada = ada_at(f"{url[:-1]}:{PORT}/", ca)
    moved_to(ada, "proxy")
    assert files() == host.file("/srv/www/before").content_string.rstrip("\n")
    assert other_page("hub.example.test").text == "The other site"
    assert not host.socket("tcp://127.0.0.1:8000").is_listening
    moved_to(ada, "proxy", "frontend")
    assert files() == before
    assert host.socket("tcp://127.0.0.1:8000").is_listening


def test_hub_at_a_path_of_a_site_that_is_there(host, variables, play, ada_at, tmp_path):
    """Which includes its places, and has a certificate of its own."""
    site = {"jupyterhub_domain": "path.example.test", "jupyterhub_base_url": "/jupyter/", "jupyterhub_frontend_site": False}
    code, said = play(jupyterhub_parts=["proxy", "frontend", "service"], **site)
    assert code == 0, said
    ca = tmp_path / "site.pem"
    ca.write_text(host.file("/srv/www/tls.crt").content_string)
    with machines.names({"path.example.test": machines.address(variables["inventory_hostname"])}):
        ada = ada_at("https://path.example.test/jupyter/", str(ca))
        assert ada.start_kernel("python3").text("print(6 * 7)") == "42"
