# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts are made, changed, blocked, archived and removed on a whole machine; see tests/integration/targets/local_users."""

from __future__ import annotations

import machines

testinfra_hosts = ["ansible://jupyterhub"]


def test_accounts(variables):
    # With --diff, as ansible-test would: the diffs are compared, too.
    code, said = machines.play("default", "--diff", "--limit", variables["inventory_hostname"], playbook="accounts.yml")
    assert code == 0, said[-3000:]
