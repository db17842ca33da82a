# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start of a hub that may let in few or many: with the people in the access file, beside a plain hub with the same names.

Both are the same JupyterHub behind the same proxy, on this machine; the plain one has the names in ``allowed_users``. A start ends
with the first good answer to ``/hub/health`` through the proxy. With BENCH_LONG=1 the plain hub is started with 100,000 as well, once.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench import RUNS, content, people, plainly, ratio, seconds, tell
from running import Hub

FEW, MANY, MOST = 10, 10_000, 100_000
LONGEST = 1800


def starts(number: int, plain: bool) -> tuple[float, float]:
    """Seconds of the first start, with an empty database, and of the next."""
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(Path(folder) / "hub", last="") if plain else Hub(Path(folder) / "hub")
        try:
            hub.write_bytes(content(people(1)))
            # What is done once on a machine is over then: the proxy runs, and the code is compiled.
            hub.start()
            hub.stop()
            (hub.folder / "jupyterhub.sqlite").unlink()
            if plain:
                hub.extra = plainly(people(number))
            else:
                hub.write_bytes(content(people(number)))
            first = seconds(lambda: hub.start(timeout=LONGEST))
            hub.stop()
            return first, seconds(lambda: hub.start(timeout=LONGEST))
        finally:
            hub.close()


def measure(what: str, number: int, plain: bool, runs: int = RUNS) -> tuple[float, float]:
    times = [starts(number, plain) for _run in range(runs)]
    first = tell(f"{what}, {number:,} people, first start", [first for first, again in times])
    return first, tell(f"{what}, {number:,} people, next start", [again for first, again in times])


def main() -> None:
    few = measure("ours", FEW, plain=False)
    more = {number: measure("ours", number, plain=False) for number in (MANY, MOST)}
    measure("plain hub", FEW, plain=True)
    measure("plain hub", MANY, plain=True)
    if os.environ.get("BENCH_LONG"):
        measure("plain hub", MOST, plain=True, runs=1)
    for number, times in more.items():
        for what, took, least in zip(("first", "next"), times, few, strict=True):
            ratio(f"ours, {what} start with {number:,} / with {FEW}", took / least, "at most 1.3")


if __name__ == "__main__":
    main()
