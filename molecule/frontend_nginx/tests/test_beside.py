# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server's other site notices nothing of the hub's."""

from __future__ import annotations

import machines
import pytest
from person import Watch

testinfra_hosts = ["ansible://jupyterhub"]
pytestmark = pytest.mark.usefixtures("scan")


def test_other_site_s_files_are_the_same(host, front, files):
    before = host.file("/srv/www/before").content_string.splitlines()
    ours = tuple(f" ./{path}" for path in front.ours)
    now = files().splitlines()
    assert [line for line in now if not line.endswith(ours)] == before
    assert len(now) == len(before) + len(ours)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", ["www.example.test", "nobody.example.test"])
def test_other_site_answers_by_its_name_and_by_those_that_nobody_has(other_page, name, scheme):
    assert other_page(name, scheme).text == "The other site"


@pytest.fixture(name="other_watch")
def fixture_other_watch(person, other_page):
    """Asks the other site all the time."""
    ada = person("ada")
    ada.session.verify = False
    return Watch(ada, address=f"{ada.url.replace('hub.', 'www.')}")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("wrong", ["line", "port"])
def test_site_that_cannot_be_served_is_refused(front, play, process, files, variables, other_watch, wrong):
    """A line that is none of the server's language, or a port that another program has."""
    before = files(), process()
    more = {"jupyterhub_frontend_directives": front.wrong} if wrong == "line" else {"jupyterhub_frontend_port": 8001}
    with machines.names({"www.example.test": machines.address(variables["inventory_hostname"])}), other_watch as watch:
        code, said = play(playbook="../shared/frontend/alone.yml", **more)
    assert code == 2, said
    if wrong == "line":
        assert "refuses its configuration with the hub's site in it" in said
        assert front.wrong.split()[0] in said
    else:
        assert "another program has its port" in said
        assert ":8001" in said
    assert (files(), process()) == before
    assert watch.failures == []
    assert watch.asked > 10
