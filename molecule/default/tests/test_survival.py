# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first promise: nobody is thrown out."""

from __future__ import annotations

import machines
import pytest
from person import unharmed

testinfra_hosts = ["ansible://jupyterhub"]


def pid(host, unit):
    return host.check_output(f"systemctl show {unit} --property=MainPID --value")


def healthy(host):
    code = "import ssl, urllib.request as u; u.urlopen('https://127.0.0.1/hub/health', context=ssl._create_unverified_context())"
    return host.run(f'python3 -c "{code}"').rc == 0


@pytest.fixture(name="play")
def fixture_play(variables):
    return lambda **more: machines.play("default", "--limit", variables["inventory_hostname"], **more)


def test_hub_is_restarted(host, ada):
    before = pid(host, "jupyterhub")
    with unharmed(ada):
        host.check_output("systemctl restart jupyterhub")
        machines.until(lambda: healthy(host))
    assert pid(host, "jupyterhub") != before


def test_hub_is_killed(host, ada):
    before = pid(host, "jupyterhub")
    with unharmed(ada):
        host.check_output("systemctl kill --signal=KILL jupyterhub")
        machines.until(lambda: pid(host, "jupyterhub") not in (before, "0") and healthy(host))


def test_certificate_is_renewed(host, play, ada, tmp_path):
    """The play makes a new one as soon as more days must be left than the old one has."""
    before = host.file("/etc/jupyterhub/secrets/tls.crt").content
    proxy = pid(host, "jupyterhub-proxy")
    with unharmed(ada):
        code, said = play(jupyterhub_parts=["tls", "proxy", "service"], jupyterhub_tls_renew_days=801)
        assert code == 0, said
        after = host.file("/etc/jupyterhub/secrets/tls.crt").content
        assert after != before
        # Who was connected stays; who comes now trusts only the new one and is served it.
        (tmp_path / "new.pem").write_bytes(after)
        ada.session.close()
        ada.session.verify = str(tmp_path / "new.pem")
        assert ada.session.get(f"{ada.url}hub/health", timeout=30).status_code == 200
    assert pid(host, "jupyterhub-proxy") == proxy


def test_play_changes_a_setting(host, play, ada):
    before = pid(host, "jupyterhub")
    with unharmed(ada):
        code, said = play(jupyterhub_parts=["service"], jupyterhub_traits={"JupyterHub": {"shutdown_on_logout": False}})
        assert code == 0, said
    assert "shutdown_on_logout" in host.file("/etc/jupyterhub/jupyterhub_config.py").content_string
    assert pid(host, "jupyterhub") != before
    # And back, so that the other tests find the machine as it was.
    assert play(jupyterhub_parts=["service"])[0] == 0


def test_proxy_dies(host, ada):
    """Connections break with it, but its routes come back and no kernel is lost."""
    kernel_pid = ada.start_kernel("octave").text("disp(getpid())")
    host.check_output("systemctl kill --signal=KILL jupyterhub-proxy")
    machines.until(lambda: healthy(host))
    machines.until(lambda: ada.session.get(f"{ada.server}api/status", timeout=10).status_code == 200, timeout=30)
    assert host.run(f"test -d /proc/{kernel_pid}").rc == 0


def test_server_is_a_unit_of_its_owner_with_limits(host, ada):
    shown = host.check_output("systemctl show jupyter-ada --property=MainPID,UID,MemoryMax,CPUQuotaPerSecUSec,ControlGroup")
    values = dict(line.split("=", 1) for line in shown.splitlines())
    assert values["MemoryMax"] == str(2**30)
    assert values["CPUQuotaPerSecUSec"] == "2s"
    assert "jupyterhub.service" not in values["ControlGroup"]
    assert host.check_output(f"stat -c %U /proc/{values['MainPID']}") == "ada"


def test_memory_limit_holds(host, ada):
    """A kernel that wants more than its server may have is ended; the hub and its neighbours are not."""
    kernel = ada.start_kernel("python3")
    with pytest.raises(TimeoutError):
        kernel.run("b = b'x' * (3 * 2**30)", timeout=8)
    assert healthy(host)
    assert ada.session.get(f"{ada.server}api/status", timeout=30).status_code == 200
