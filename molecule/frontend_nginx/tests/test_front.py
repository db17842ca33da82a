# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hub behind a web server serves as it does without one, and says who asked."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import ssl

import machines
import pytest
import requests

testinfra_hosts = ["ansible://jupyterhub"]
pytestmark = pytest.mark.usefixtures("scan")
PASSWORD = "correct horse battery staple"
SLOW = 90_000
LIMIT = 2 * 2**30
VICTIM = "203.0.113.7"
CLAIMS = {
    "X-Forwarded-For": VICTIM,
    "X-Real-IP": VICTIM,
    "Forwarded": f"for={VICTIM};proto=http",
    "X-Forwarded-Proto": "http",
    "X-Scheme": "http",
}


def connect(variables, *protocols):
    """A TLS connection to the hub's name."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(protocols)
    plain = socket.create_connection((machines.address(variables["inventory_hostname"]), 443), timeout=20)
    return context.wrap_socket(plain, server_hostname=variables["jupyterhub_domain"])


def test_browser_logs_in_by_http_2_with_safe_cookies(page, url):
    page.goto(url)
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    page.fill("#username_input", "charles")
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    page.wait_for_url(re.compile(r"/user/charles/lab"), timeout=SLOW)
    page.locator(".jp-LauncherCard").first.wait_for(timeout=SLOW)
    cookies = {(cookie["name"], cookie["path"]): cookie for cookie in page.context.cookies() if cookie["domain"] == "hub.example.test"}
    assert {"jupyterhub-hub-login", "jupyterhub-session-id", "jupyterhub-user-charles"} <= {name for name, _path in cookies}
    for (name, _path), cookie in cookies.items():
        assert cookie["secure"], name
        # JupyterLab itself reads that one.
        assert cookie["httpOnly"] or name == "_xsrf", name
        assert cookie["sameSite"] in ("Lax", "Strict"), name


def test_kernel_over_a_websocket(ada):
    assert ada.start_kernel("python3").text("print(6 * 7)") == "42"


def test_large_upload_arrives(host, ada):
    content = os.urandom(48 * 2**20)
    model = {"type": "file", "format": "base64", "content": base64.b64encode(content).decode()}
    answer = ada.session.put(f"{ada.server}api/contents/large.bin", json=model, headers=ada.server_headers, timeout=120)
    assert answer.ok
    assert host.check_output("sha256sum /home/ada/large.bin").split()[0] == hashlib.sha256(content).hexdigest()
    # The way back is as long.
    download = ada.session.get(f"{ada.server}files/large.bin", timeout=120)
    assert hashlib.sha256(download.content).digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize(("size", "refused"), [(LIMIT, False), (LIMIT + 1, True)])
def test_upload_limit_is_2_gb(variables, front, size, refused):
    """The front refuses more at once. Not more is handed on as it comes: the hub, which has a smaller limit for one request, says so.

    Apache, which puts nothing into a file, either, hands the hub's answer on only when it has got everything.
    """
    head = f"PUT /user/ada/api/contents/x HTTP/1.1\r\nHost: hub.example.test\r\nContent-Length: {size}\r\n\r\n"
    with connect(variables, "http/1.1") as connection:
        connection.sendall(head.encode() + bytes(64 * 1024))
        connection.settimeout(10 if refused else 3)
        try:
            answer = connection.recv(4096).decode()
        except TimeoutError:
            answer = "(waits)"
    assert (" 413 " in answer.splitlines()[0]) == refused, answer
    assert (answer == "(waits)") == (front.name == "apache" and not refused)
    if refused:
        assert f"Server: {front.banner}" in answer


def seen_by_the_hub(host, mark):
    """The address in the hub's own line about a request."""
    pattern = re.compile(rf"GET /hub/login\?mark={mark} \(@([^)]*)\)")

    def found():
        return pattern.search(host.check_output("journalctl --unit jupyterhub --output cat --no-pager --since -1min"))

    machines.until(found, timeout=10)
    return found()[1]


def own_address(variables):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((machines.address(variables["inventory_hostname"]), 443))
        return probe.getsockname()[0]


def test_hub_knows_who_asks_and_believes_nobody_s_own_word(host, variables, url, ca):
    requests.get(f"{url}hub/login?mark=plain", verify=ca, timeout=20).raise_for_status()
    answer = requests.get(f"{url}hub/login?mark=forged", verify=ca, headers=CLAIMS, timeout=20)
    assert seen_by_the_hub(host, "plain") == seen_by_the_hub(host, "forged") == own_address(variables)
    # And not that it is asked without TLS, for which cookies would lack Secure.
    assert "Secure" in answer.headers["Set-Cookie"]
    assert VICTIM not in host.check_output("journalctl --unit jupyterhub --output cat --no-pager --since -1min")


def test_nothing_else_is_reached_from_outside(host):
    for port in (8000, 8001, 8081):
        assert host.socket(f"tcp://127.0.0.1:{port}").is_listening
        assert not host.socket(f"tcp://0.0.0.0:{port}").is_listening
        assert not host.socket(f"tcp://:::{port}").is_listening


def test_http_2_is_offered(variables):
    with connect(variables, "h2", "http/1.1") as connection:
        assert connection.selected_alpn_protocol() == "h2"


def test_port_80_sends_people_on(url):
    answer = requests.get(f"{url.replace('https', 'http')}hub/login?next=%2Fhub%2Fhome", timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{url}hub/login?next=%2Fhub%2Fhome")


def test_headers_of_all_answers(url, ca):
    for path in ("hub/login", "hub/static/css/style.min.css", "hub/no/such/page"):
        headers = requests.get(f"{url}{path}", verify=ca, timeout=10).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin", path
        assert headers["Strict-Transport-Security"] == "max-age=63072000", path
