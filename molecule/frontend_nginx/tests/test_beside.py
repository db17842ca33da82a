# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub's site comes, changes and goes, and the web server's other site notices nothing."""

from __future__ import annotations

import warnings

import machines
import pytest
from person import Watch, unharmed

testinfra_hosts = ["ansible://jupyterhub"]
PAGE = "The other site"
DIRECT = 8443


@pytest.fixture(name="process")
def fixture_process(host, front):
    return lambda: host.check_output(f"systemctl show {front.unit} --property=MainPID --value")


@pytest.fixture(name="files")
def fixture_files(host, front):
    """All files of the web server's with what they hold, as they were counted before the hub came."""
    count = f"cd {front.folder} && find . -type f -exec sha256sum {{}} + -o -type l -printf '%p -> %l\\n' | sort"
    return lambda: host.check_output("sh -c %s", count)


def test_other_site_s_files_are_the_same(host, front, files):
    before = host.file("/srv/www/before").content_string.splitlines()
    ours = tuple(f" ./{path}" for path in front.ours)
    now = files().splitlines()
    assert [line for line in now if not line.endswith(ours)] == before
    assert len(now) == len(before) + len(ours)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", ["www.example.test", "nobody.example.test"])
def test_other_site_answers_by_its_name_and_by_those_that_nobody_has(other_page, name, scheme):
    assert other_page(name, scheme).text == PAGE


@pytest.fixture(name="other_watch")
def fixture_other_watch(person, other_page):
    """Asks the other site all the time."""
    ada = person("ada")
    ada.session.verify = False
    return Watch(ada, address=f"{ada.url.replace('hub.', 'www.')}")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("wrong", ["line", "port"])
def test_site_that_cannot_be_served_is_refused(host, front, play, process, files, variables, other_watch, wrong):
    """A line that is none of the server's language, or a port that another program has."""
    before = files(), process()
    more = {"jupyterhub_frontend_directives": front.wrong} if wrong == "line" else {"jupyterhub_frontend_port": 8001}
    with machines.names({"www.example.test": machines.address(variables["inventory_hostname"])}), other_watch as watch:
        code, said = play(jupyterhub_parts=["frontend", "service"], **more)
    assert code == 2, said
    said = " ".join(said.split())
    if wrong == "line":
        assert "refuses its configuration with the hub's site in it" in said
        assert front.wrong.split()[0] in said
    else:
        assert "another program has its port" in said
        assert ":8001" in said
    assert (files(), process()) == before
    assert watch.failures == []
    assert watch.asked > 10


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_certificate_is_renewed(host, variables, play, process, ada):
    """By a reload: the process is the same, and whoever is connected stays so."""
    serial = "openssl s_client -connect 127.0.0.1:443 -servername hub.example.test </dev/null 2>/dev/null | openssl x509 -noout -serial"
    before = process(), host.check_output(serial)
    kernel_by_the_old_one = ada.start_kernel("python3")
    kernel_by_the_old_one.text("y = 6 * 7")
    # Whoever comes anew while it happens may get either certificate.
    ada.session.verify = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with unharmed(ada, "python3"):
            code, said = play(jupyterhub_parts=["tls", "frontend", "service"], jupyterhub_tls_renew_days=801)
            assert code == 0, said
    assert kernel_by_the_old_one.text("print(y)") == "42"
    assert process() == before[0]
    assert host.check_output(serial) != before[1]
    assert host.check_output(serial).endswith(host.check_output("openssl x509 -noout -serial -in /etc/jupyterhub/secrets/tls.crt"))


def test_second_run_changes_nothing(play):
    code, said = play()
    assert code == 0, said
    assert "changed=0" in said


def test_hub_leaves_the_web_server_and_comes_back(host, front, play, process, files, variables, ada, other_page):
    """In one run each, and no kernel ends."""
    before = process(), files()
    kernel = ada.start_kernel("python3").text("import os; print(os.getpid())")
    code, said = play(jupyterhub_parts=["tls", "proxy", "service"], jupyterhub_port=DIRECT)
    assert code == 0, said
    assert files() == host.file("/srv/www/before").content_string.rstrip("\n")
    assert other_page("hub.example.test").text == PAGE
    assert host.socket(f"tcp://:::{DIRECT}").is_listening
    assert not host.socket("tcp://127.0.0.1:8000").is_listening
    health = "https://hub.example.test:%s/hub/health"
    ask = "import ssl, urllib.request as u; u.urlopen('%s', context=ssl._create_unverified_context())"
    host.check_output("python3 -c %s", ask % (health % DIRECT))
    assert play()[0] == 0
    assert (process(), files()) == before
    host.check_output("python3 -c %s", ask % (health % 443))
    assert not host.socket(f"tcp://:::{DIRECT}").is_listening
    assert host.run(f"test -d /proc/{kernel}").rc == 0
