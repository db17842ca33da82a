# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server shows, beside the file that it should use. The servers are real ones."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _served
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._certificates import Text

PEM = serialization.Encoding.PEM
KEY = ec.generate_private_key(ec.SECP256R1())
KEY_PEM = KEY.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def named(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def certificate(name="hub.example.org", serial=0xABC, days=40, issuer="Some CA"):
    now = datetime.now(UTC)
    # Half a day more, so that no test depends on the second.
    end = now + timedelta(days=days, hours=12)
    builder = x509.CertificateBuilder(named(issuer), named(name), KEY.public_key(), serial, now - timedelta(days=99), end)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(PEM)


LEAF = certificate()
MIDDLE = certificate("Some CA", 7, issuer="Root CA")
GOOD = LEAF + MIDDLE


@contextlib.contextmanager
def listening(handle):
    """A server on a free port of this machine, which does with each connection what it is told."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    connection = listener.accept()[0]
                    with connection, contextlib.suppress(OSError):
                        handle(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        # Closing alone would leave the thread in accept().
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def secured(folder, chain):
    (folder / "tls.pem").write_bytes(KEY_PEM + chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    return context


@pytest.fixture(name="serve")
def fixture_serve(tmp_path):
    """Makes TLS servers. ``others`` are chains for those who ask for another name."""

    def handler(chain, version, others):
        context = secured(tmp_path, chain)
        context.maximum_version = version
        contexts = {name: secured(tmp_path, other) for name, other in others.items()}
        asked = []

        def choose(connection, name, _context):
            asked.append(name)
            connection.context = contexts.get(name, context)

        context.sni_callback = choose

        def handle(connection):
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(1)

        return handle, asked

    with contextlib.ExitStack() as stack:

        def serve(chain=GOOD, version=ssl.TLSVersion.MAXIMUM_SUPPORTED, others=None):
            handle, asked = handler(chain, version, others or {})
            return stack.enter_context(listening(handle)), asked

        yield serve


def look(held, where, name="hub.example.org", timeout=10.0):
    return _served.look(Text("/tls.crt", held), _served.address(where, name), timeout)


def problem(found):
    (one,) = found["problems"]
    return one["code"], one["text"]


def test_what_is_served_is_what_is_on_disk(serve):
    where, asked = serve()
    found = look(GOOD, where)
    assert (found["address"], found["server_name"], asked) == (where, "hub.example.org", ["hub.example.org"])
    assert (found["same_certificate"], found["same_chain"], found["problems"]) == (True, True, [])
    assert (found["names"], found["issuer"], found["serial"], found["days_left"]) == (["hub.example.org"], "CN=Some CA", "0ABC", 40)
    assert found["tls_version"] == "TLSv1.3"


def test_the_version_that_the_server_agrees_to_is_told(serve):
    where, _asked = serve(version=ssl.TLSVersion.TLSv1_2)
    assert look(GOOD, where)["tls_version"] == "TLSv1.2"


def test_a_renewal_that_nobody_has_told_the_server_of_is_found(serve):
    where, _asked = serve(certificate(serial=0x1234, days=-3) + MIDDLE)
    found = look(GOOD, where)
    assert (found["same_certificate"], found["same_chain"], found["serial"], found["days_left"]) == (False, False, "1234", -3)
    code, text = problem(found)
    assert code == "different"
    assert text.startswith(f"{where} serves another certificate (serial 1234, valid until 20")
    assert "than /tls.crt holds (serial 0ABC, valid until 20" in text
    assert text.endswith("; reload what serves it, or name the file that it uses")


@pytest.mark.parametrize("sent", [LEAF, LEAF + certificate("Other CA", 8)])
def test_a_chain_that_is_not_sent_is_found(serve, sent):
    where, _asked = serve(sent)
    found = look(GOOD, where)
    assert (found["same_certificate"], found["same_chain"]) == (True, False)
    code, text = problem(found)
    assert code == "chain"
    assert "but not the chain that follows it there; " in text


def test_another_name_leads_to_another_certificate(serve):
    where, _asked = serve(certificate("default.example.org", 1), others={"hub.example.org": GOOD})
    assert look(GOOD, where)["problems"] == []
    assert look(GOOD, where, "www.example.org")["names"] == ["default.example.org"]


@pytest.mark.parametrize("held", [None, b"rubbish"])
def test_without_a_good_file_it_is_told_all_the_same(serve, held):
    where, _asked = serve()
    found = look(held, where)
    assert (found["same_certificate"], found["serial"], found["problems"]) == (False, "0ABC", [])


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
    found = look(GOOD, where)
    assert sorted(found) == ["address", "problems", "server_name"]
    code, text = problem(found)
    assert (code, text.startswith(f"{where} cannot be reached (Connection refused); start what serves there")) == ("unreachable", True)


def answers_plainly(connection):
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize("handle", [answers_plainly, socket.socket.close, lambda connection: connection.recv(10**6) and connection.recv(1)])
def test_what_listens_there_does_not_speak_tls(handle):
    with listening(handle) as where:
        code, text = problem(look(GOOD, where, timeout=0.5))
    assert code == "no_tls"
    assert text.startswith(f"{where} answers, but shows no certificate for hub.example.org (")


def test_a_name_that_nobody_can_ask_for_is_refused_with_a_sentence(serve):
    where, _asked = serve()
    code, text = problem(look(GOOD, where, ".example.org"))
    assert (code, "for .example.org (" in text) == ("no_tls", True)


def test_nothing_is_told_without_the_library(monkeypatch):
    monkeypatch.setattr(_served._certificates, "LIBRARY", False)
    assert look(GOOD, "127.0.0.1:1") == {}


@pytest.mark.parametrize(
    ("given", "name", "names", "shown", "asked"),
    [
        ("127.0.0.1:443", "", ["hub.example.org"], "127.0.0.1:443", "hub.example.org"),
        ("127.0.0.1:443", "", ["*.example.org", "10.0.0.1", "a.example.org"], "127.0.0.1:443", "a.example.org"),
        ("127.0.0.1:443", "b.example.org", ["a.example.org"], "127.0.0.1:443", "b.example.org"),
        ("hub.example.org:8443", "", [], "hub.example.org:8443", "hub.example.org"),
        ("[::1]:443", "", [], "[::1]:443", ""),
    ],
)
def test_addresses(given, name, names, shown, asked):
    found = _served.address(given, name, names)
    assert (str(found), found.name) == (shown, asked)


@pytest.mark.parametrize(
    "given", ["", "hub", "hub:", ":443", "hub:0", "hub:65536", "::1:443", "[::1]", "https://hub:443", "hub:443/", "hub :443"]
)
def test_what_is_no_address_is_refused_with_a_sentence(given):
    with pytest.raises(ValueError, match="give it as host:port, such as"):
        _served.address(given)
