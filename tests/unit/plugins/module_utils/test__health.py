# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe tells a healthy service from every other one, over real sockets."""

from __future__ import annotations

import datetime
import http.server
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _health
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._health import Probe


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers 200 below /good, and to those who ask for the site named below /named; 404 elsewhere."""

    def do_GET(self):
        named = self.path == f"/named/{self.headers['Host']}"
        self.send_response(200 if named or self.path.startswith("/good") else 404)
        self.end_headers()

    def log_message(self, *args):
        """Nothing on the terminal."""


def serve(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(name="plain")
def fixture_plain():
    server = serve()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def make_certificate(path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub.example.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + certificate.public_bytes(pem)
    )
    return str(path)


@pytest.fixture(name="tls")
def fixture_tls(tmp_path):
    certificate = make_certificate(tmp_path / "served.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = serve(context)
    yield f"https://127.0.0.1:{server.server_port}/good", certificate
    server.shutdown()


def test_healthy(plain):
    assert _health.trouble(Probe(f"{plain}/good", [200])) is None


def test_wrong_status(plain):
    assert "answers 404" in _health.trouble(Probe(f"{plain}/bad", [200]))


def test_any_status_will_do(plain):
    assert _health.trouble(Probe(f"{plain}/bad")) is None


def test_nobody_listens():
    assert "refused" in _health.trouble(Probe("http://127.0.0.1:9/"))


def test_plain_http_on_a_tls_port(tls):
    url, _unused = tls
    assert _health.trouble(Probe(url.replace("https", "http"), [200])) is not None


def test_the_certificate_that_is_on_disk_is_served(tls):
    url, certificate = tls
    assert _health.trouble(Probe(url, [200], certificate)) is None


def test_another_certificate_is_served(tls, tmp_path):
    url, _unused = tls
    other = make_certificate(tmp_path / "other.pem")
    assert "another certificate" in _health.trouble(Probe(url, [200], other))


def test_one_of_several_sites_is_asked_for_by_its_name(tmp_path):
    """By TLS, where each has its certificate, and by HTTP."""
    first, second = (make_certificate(tmp_path / name) for name in ("first.pem", "second.pem"))
    contexts = {name: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for name in (first, second)}
    for name, context in contexts.items():
        context.load_cert_chain(name)

    def choose(connection, name, _context):
        if name == "second.example.test":
            connection.context = contexts[second]

    contexts[first].sni_callback = choose
    server = serve(contexts[first])
    url = f"https://127.0.0.1:{server.server_port}/named/second.example.test"
    assert _health.trouble(Probe(url, [200], second, "second.example.test")) is None
    assert "another certificate" in _health.trouble(Probe(url, [200], second))
    server.shutdown()


def test_a_file_without_a_certificate(tls, tmp_path):
    url, _unused = tls
    (tmp_path / "empty.pem").write_text("")
    assert _health.trouble(Probe(url, [200], str(tmp_path / "empty.pem"))) is not None


def test_wait_gives_up_in_time():
    start = time.monotonic()
    assert "waited 0.3 s" in _health.wait(Probe("http://127.0.0.1:9/"), 0.3)
    assert time.monotonic() - start < 3


def test_wait_ends_at_once_when_it_is_hopeless():
    start = time.monotonic()
    assert _health.wait(Probe("http://127.0.0.1:9/"), 30, lambda: "it died").endswith("; it died")
    assert time.monotonic() - start < 3
