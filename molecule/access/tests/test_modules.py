# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module predicts, does, and finds nothing left to do; see tests/integration/targets."""

from __future__ import annotations

import machines

testinfra_hosts = ["ansible://jupyterhub"]


def test_modules(variables):
    # With --diff, as ansible-test would: the diffs are compared, too.
    code, said = machines.play("access", "--diff", "--limit", variables["inventory_hostname"], playbook="modules.yml")
    assert code == 0, said[-3000:]
