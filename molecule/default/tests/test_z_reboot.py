# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a reboot everything comes up by itself. (The name sorts it behind the other tests.)"""

from __future__ import annotations

import subprocess

import machines
from person import Person

testinfra_hosts = ["ansible://jupyterhub"]


def test_reboot(host, variables, person):
    machine = variables["inventory_hostname"]
    subprocess.run(["docker", "restart", "--time", "20", machine], check=True, capture_output=True, timeout=90)
    # The container may come back with another address.
    with machines.names({variables["jupyterhub_domain"]: machines.address(machine)}):

        def answers() -> bool:
            try:
                ada: Person = person("ada")
                return ada.session.get(f"{ada.url}hub/health", timeout=5).status_code == 200
            except OSError:
                return False

        machines.until(answers, timeout=90)
        ada = person("ada")
        assert ada.log_in().status_code == 200
        ada.open_server()
        assert ada.start_kernel("octave").text("disp(6 * 7)") == "42"
    assert host.check_output("systemctl --failed --no-legend --plain | grep jupyter | cat") == ""
