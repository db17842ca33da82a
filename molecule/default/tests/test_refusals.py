# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second promise: nothing is half done. Each refusal names what is wrong and leaves the hub that runs as it is."""

from __future__ import annotations

import machines
import pytest

testinfra_hosts = ["ansible://jupyterhub"]
FRAGMENT = "/etc/jupyterhub/config.d/50-site.py"


@pytest.fixture(name="play")
def fixture_play(variables):
    """Runs the play for the hub itself; what the other parts do is not at stake here, and costs time."""
    limit = ["--limit", variables["inventory_hostname"]]
    return lambda **more: machines.play("default", *limit, **{"jupyterhub_parts": ["service"], **more})


@pytest.fixture(name="state")
def fixture_state(host):
    """What must not change: the hub's process and its files."""

    def state():
        process = host.check_output("systemctl show jupyterhub --property=MainPID --value")
        files = host.check_output("find /etc/jupyterhub -type f -exec sha256sum {} + | sort; readlink /opt/jupyterhub/current")
        return process, files

    return state


@pytest.fixture(name="fragment")
def fixture_fragment(host):
    """Writes a fragment as a site's admin would, by hand."""

    def write(text):
        host.run("mkdir -p /etc/jupyterhub/config.d")
        host.check_output("printf %%s %s > %s", text, FRAGMENT)

    yield write
    host.check_output(f"rm -f {FRAGMENT}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\nc.Spawner.mem_limt = '1G'\n", "50-site.py:2: Spawner.mem_limt"),
        ("c.Spawner.mem_limit = []\n", "50-site.py:1: Spawner.mem_limit"),
        ("c.Spawner.cmd = [\n", "50-site.py:1"),
        ("c.Authenticator.whitelist = {'ada'}\n", "c.Authenticator.whitelist lists people"),
    ],
    ids=["unknown trait", "wrong type", "syntax", "a roster of its own"],
)
def test_broken_fragment_is_refused(play, state, fragment, text, sentence):
    fragment(text)
    before = state()
    code, said = play()
    assert code == 2
    assert sentence in said
    if "mem_limt" in text:
        assert "mem_limit" in said.replace("mem_limt", "")
    assert state() == before


def test_configuration_that_does_not_start_is_rolled_back(host, play, state):
    """It passes every check, as no check runs the hub: there is no such folder for the database."""
    before = state()[1]
    code, said = play(jupyterhub_traits={"JupyterHub": {"db_url": "sqlite:////nonexistent/hub.sqlite"}}, jupyterhub_service_timeout=30)
    assert code == 2
    assert "put back as before" in said
    assert "the previous state serves again" in said
    assert "Failed to connect to db" in said
    assert state()[1] == before
    assert "jupyterhub_config.py" in host.check_output("ls /var/lib/hubsmith-jupyterhub/jupyterhub.service/rejected")
    assert play()[0] == 0
    assert state()[1] == before


def test_full_disk_leaves_everything_as_it_was(host, play, state):
    """The configuration's folder gets a file system of its own, and that is filled up."""
    host.check_output("cp -a /etc/jupyterhub /root/before")
    host.check_output("mount -t tmpfs -o size=256k,mode=755 tmpfs /etc/jupyterhub && cp -a /root/before/. /etc/jupyterhub/")
    try:
        host.run("cat /dev/zero > /etc/jupyterhub/filler")
        before = state()
        code, said = play(jupyterhub_traits={"JupyterHub": {"active_server_limit": 7}})
        assert code == 2
        assert "No space left on device" in said
        assert state() == before
        host.check_output("rm /etc/jupyterhub/filler")
        assert play()[0] == 0
    finally:
        host.check_output("umount -l /etc/jupyterhub")
        host.check_output("rm -r /root/before")
    assert host.run("test -s /etc/jupyterhub/jupyterhub_config.py").rc == 0


def test_two_plays_at_once(host, variables):
    limit = ["--limit", variables["inventory_hostname"]]
    first = machines.start_play("default", *limit)
    machines.until(lambda: host.run("test -e /run/hubsmith-jupyterhub.play").rc == 0, every=0.05)
    code, said = machines.play("default", *limit)
    assert code == 2
    assert "Another play is at work on this host" in said
    assert first.wait(timeout=120) == 0
    assert not host.file("/run/hubsmith-jupyterhub.play").exists


def test_killed_play_does_not_stand_in_the_way(host, variables, play):
    first = machines.start_play("default", "--limit", variables["inventory_hostname"])
    machines.until(lambda: host.run("test -e /run/hubsmith-jupyterhub.play").rc == 0, every=0.05)
    first.kill()
    first.communicate(timeout=30)
    code, said = play()
    assert code == 0, said


def test_second_run_changes_nothing_and_fetches_nothing(host, variables):
    """The machine is cut off from all networks but the controller's own connection, which needs none."""
    host.check_output("ip route save > /root/routes && ip route flush table main")
    try:
        code, said = machines.play("default", "--limit", variables["inventory_hostname"])
    finally:
        host.check_output("ip route restore < /root/routes && rm /root/routes")
    assert code == 0, said
    assert "changed=0" in said
