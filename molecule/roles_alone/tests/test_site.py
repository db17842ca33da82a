# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy and the hub in a site that does the rest itself."""

from __future__ import annotations

import machines
from person import Watch

testinfra_hosts = ["ansible://jupyterhub"]
DIST_INFO = "/srv/site/env/lib/python3*/site-packages/jupyterhub-*.dist-info"


def hub_pid(host):
    return host.check_output("systemctl show jupyterhub --property=MainPID --value")


def test_only_what_was_asked_for(host):
    assert not host.file("/opt/jupyterhub/user").exists
    assert not host.file("/opt/jupyterhub/octave").exists
    assert not host.package("octave").is_installed
    assert not host.file("/etc/jupyterhub/secrets/tls.key").exists
    assert host.file("/etc/motd").content_string == "A role of the site itself.\n"


def test_variables_do_not_collide(host):
    before = host.file("/srv/site/before").content_string
    assert before.startswith("not.the.hub 1 ")
    assert host.file("/srv/site/after").content_string == before


def test_stranger_is_refused(person):
    assert person("ada", "wrong").log_in().status_code == 403


def test_local_server_outlives_the_hub(host, ada):
    """The servers are the hub's children here, and yet neither a restart nor a crash of the hub ends them."""
    kernel = ada.start_kernel("python3")
    kernel.text("x = 42")
    with Watch(ada) as watch:
        for command in ("systemctl restart jupyterhub", "systemctl kill --kill-whom=main --signal=KILL jupyterhub"):
            before = hub_pid(host)
            host.check_output(command)
            machines.until(lambda before=before: hub_pid(host) not in (before, "0"))
            machines.until(lambda: ada.session.get(f"{ada.url}hub/health", timeout=10).status_code == 200)
    assert kernel.text("print(x)") == "42"
    assert watch.failures == []
    # The hub that was started anew knows the server, and can end it.
    ada.stop_server()
    machines.until(lambda: ada.session.get(f"{ada.server}api/status", timeout=10).status_code != 200)


def test_other_version_in_the_users_environment_is_refused(host):
    """Hub and single-user server of different versions part ways in odd manners, so the play says it at once."""
    before = hub_pid(host)
    real = host.check_output(f"ls -d {DIST_INFO}")
    other = real.replace("jupyterhub-6.1.1", "jupyterhub-5.2.0")
    host.check_output(f"mv {real} {other} && sed -i 's/^Version: .*/Version: 5.2.0/' {other}/METADATA")
    try:
        code, said = machines.play("roles_alone")
    finally:
        host.check_output(f"mv {other} {real} && sed -i 's/^Version: .*/Version: 6.1.1/' {real}/METADATA")
    assert code == 2
    assert "5.2.0" in said
    assert "6.1.1" in said
    assert "/srv/site/env" in said
    assert hub_pid(host) == before


def test_environment_without_a_server_is_refused(host):
    before = hub_pid(host)
    code, said = machines.play("roles_alone", jupyterhub_singleuser_prefix="/srv/site", jupyterhub_parts=["env", "service"])
    assert code == 2
    assert "/srv/site has no bin/jupyterhub-singleuser" in said
    assert hub_pid(host) == before
