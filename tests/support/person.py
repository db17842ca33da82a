# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who uses a hub over HTTPS and WebSockets, as a browser would, without the browser."""

from __future__ import annotations

import json
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import requests
from websockets.sync.client import ClientConnection, connect


@dataclass
class Person:
    """``url`` is the hub's public address with a final slash, ``ca`` a PEM file with which its certificate is verified ('' for http)."""

    url: str
    name: str
    password: str
    ca: str
    session: requests.Session = field(default_factory=requests.Session)
    connections: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.session.verify = self.ca or True
        self.session.trust_env = False

    @property
    def server(self) -> str:
        return f"{self.url}user/{quote(self.name)}/"

    def _xsrf(self, path: str) -> str:
        return next(cookie.value or "" for cookie in self.session.cookies if cookie.name == "_xsrf" and cookie.path.endswith(path))

    def log_in(self, way: str = "") -> requests.Response:
        """Send the login form, of several the one of this way; the answer after all redirects is 200 on success and 403 on refusal."""
        self.session.get(f"{self.url}hub/login", timeout=30)
        form = {"username": self.name, "password": self.password, "_xsrf": self._xsrf("/hub/")}
        page = f"{self.url}hub/{way}/login" if way else f"{self.url}hub/login"
        return self.session.post(page, data=form, params={"next": f"{urlsplit(self.url).path}hub/home"}, timeout=60)

    def open_server(self, timeout: float = 120) -> None:
        """Start the server, wait until it answers, and be let in by it."""
        self.session.get(f"{self.url}hub/spawn", timeout=60)
        deadline = time.monotonic() + timeout
        while True:
            answer = self.session.get(f"{self.server}api/status", timeout=30)
            if answer.status_code == 200 and "kernels" in answer.text:
                return
            # The page takes the browser through the hub's OAuth and leaves the server's cookie.
            self.session.get(f"{self.server}tree", timeout=30)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.server} answers {answer.status_code}: {answer.text[:200]}")
            time.sleep(0.2)

    def stop_server(self) -> None:
        self.session.delete(f"{self.url}hub/api/users/{quote(self.name)}/server", headers=self.hub_headers, timeout=60)

    @property
    def hub_headers(self) -> dict[str, str]:
        """What the hub's REST API wants of a browser beside its cookies."""
        return self._headers("/hub/")

    @property
    def server_headers(self) -> dict[str, str]:
        """The same for the REST API of this person's server."""
        return self._headers(f"/user/{quote(self.name)}/")

    def without_cookies(self) -> requests.Session:
        """A program of this person's that has no cookies, such as one with a token."""
        program = requests.Session()
        program.verify, program.trust_env = self.session.verify, False
        return program

    def _headers(self, path: str) -> dict[str, str]:
        return {"X-XSRFToken": self._xsrf(path), "Referer": self.url}

    def start_kernel(self, kernel: str = "python3") -> Kernel:
        answer = self.session.post(f"{self.server}api/kernels", json={"name": kernel}, headers=self.server_headers, timeout=60)
        answer.raise_for_status()
        return Kernel(self.open_socket(f"api/kernels/{answer.json()['id']}/channels"))

    def open_socket(self, path: str) -> ClientConnection:
        """A WebSocket to the server, open for as long as this person's connections are."""
        cookies = requests.cookies.get_cookie_header(self.session.cookies, requests.Request("GET", self.server).prepare())
        opened = connect(
            f"{self.server.replace('http', 'ws', 1)}{path}",
            ssl=ssl.create_default_context(cafile=self.ca) if self.ca else None,
            additional_headers={"Cookie": cookies or ""},
            origin=self.url.rstrip("/"),
            max_size=None,
            ping_interval=None,
            open_timeout=60,
        )
        return self.connections.enter_context(opened)


@dataclass
class Kernel:
    """A kernel over one WebSocket, which is never opened anew."""

    socket: ClientConnection

    def run(self, code: str, timeout: float = 60) -> list[dict]:
        """Run code; returns the contents of its outputs in their order: streams, data, errors."""
        ident = uuid.uuid4().hex
        header = {"msg_id": ident, "msg_type": "execute_request", "session": "test", "username": "", "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": True}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}
        self.socket.send(json.dumps(message))
        outputs: list[dict] = []
        deadline = time.monotonic() + timeout
        while True:
            got = json.loads(self.socket.recv(timeout=max(0.1, deadline - time.monotonic())))
            if got["parent_header"].get("msg_id") != ident:
                continue
            if got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
                return outputs
            if got["msg_type"] in ("stream", "display_data", "execute_result", "error"):
                outputs.append(got["content"])

    def text(self, code: str, timeout: float = 60) -> str:
        """Run code; returns what it printed, with the text of results and errors."""
        return "".join(
            out.get("text") or out.get("evalue") or out.get("data", {}).get("text/plain", "") for out in self.run(code, timeout)
        ).strip()


class Watch:
    """Asks an address every 50 ms while the body of its ``with`` runs, and counts what failed.

    Without an ``address`` it is the person's server. ``fresh``: each time by a new connection. ``gap`` is the longest time, in seconds,
    from one good answer to the next.
    """

    def __init__(self, person: Person, path: str = "api/status", address: str = "", fresh: bool = False) -> None:
        self.address = address or person.server + path
        self.session = requests.Session()
        self.session.verify = person.session.verify
        self.session.trust_env = False
        self.session.cookies.update(person.session.cookies)
        if fresh:
            self.session.headers["Connection"] = "close"
        self.asked = 0
        self.failures: list[str] = []
        self.gap = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def _ask(self) -> None:
        good = time.monotonic()
        while not self._stop.wait(0.05):
            self.asked += 1
            if failure := self._failure():
                self.failures.append(failure)
            else:
                self.gap = max(self.gap, time.monotonic() - good)
                good = time.monotonic()

    def _failure(self) -> str:
        try:
            answer = self.session.get(self.address, timeout=10, allow_redirects=False)
        except requests.RequestException as error:
            return repr(error)
        return "" if answer.status_code == 200 else f"{answer.status_code} {answer.text[:80]}"

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=15)


# How a kernel is told to keep 42 under a name, and to show it again.
MEMORY = {"octave": ("x = 40 + 2;", "disp(x)"), "python3": ("x = 40 + 2", "print(x)")}


@contextmanager
def unharmed(person: Person, kernel: str = "octave", outage: float = 0.0) -> Iterator[None]:
    """What happens in the body costs nobody a variable, a connection, or a single request to their server.

    ``outage``: for how many seconds at most who comes anew is refused, where that cannot be helped.
    """
    keep, show = MEMORY[kernel]
    running = person.start_kernel(kernel)
    running.text(keep)
    with Watch(person) as watch:
        time.sleep(0.5)
        yield
        time.sleep(0.5)
    assert running.text(show) == "42"
    assert watch.failures == [] or watch.gap < outage, watch.failures
    assert watch.asked > 10
