# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says about an access file what a hub would: takes it after half a second, unless it names somebody whom it does not like."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time

folder = sys.argv[1]
path, state_file = os.path.join(folder, "access.json"), os.path.join(folder, "state.json")
with open("/proc/self/stat", encoding="ascii") as stat:
    started = int(stat.read().rpartition(")")[2].split()[19])
state = {"format": 1, "path": path, "sha256": "", "applied": "then", "people": 0, "error": "", "refused_sha256": "", "error_since": ""}
state |= {"pending": [], "hub_users": [], "pid": os.getpid(), "started": started}

while os.path.exists(path):
    with open(path, "rb") as file:
        data = file.read()
    sha256 = hashlib.sha256(data).hexdigest()
    if b"mallory" in data:
        state |= {"error": "mallory is not welcome", "refused_sha256": sha256, "error_since": "now"}
    elif b"slow" not in data:
        state |= {"sha256": sha256, "error": "", "refused_sha256": "", "error_since": ""}
    with open(state_file + ".new", "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.replace(state_file + ".new", state_file)
    time.sleep(0.5)
