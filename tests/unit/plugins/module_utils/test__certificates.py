# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a certificate and its key."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _certificates as c

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PEM = serialization.Encoding.PEM
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def key_pem(key=KEY, encryption=None):
    how = encryption or serialization.NoEncryption()
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, how)


def certificate_pem(*names, key=KEY, begin=NOW - timedelta(days=10), end=NOW + timedelta(days=90), issuer="hub"):
    def named(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder(named(issuer), named("hub"), key.public_key(), x509.random_serial_number(), begin, end)
    if names:
        held = [x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(held), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(PEM)


def look(certificate, key=None, **wish):
    key = key_pem() if key is None else key
    wish = c.Wish(**{"names": ["hub.example.org"], "now": NOW, **wish})
    return {problem.code: str(problem) for problem in c.problems(c.Text("/tls.crt", certificate), c.Text("/tls.key", key), wish)}


GOOD = certificate_pem("hub.example.org")


def test_a_good_pair_has_no_problem():
    assert look(GOOD) == {}


def test_missing_files_are_named_even_without_the_library(monkeypatch):
    monkeypatch.setattr(c, "LIBRARY", False)
    found = c.problems(c.Text("/tls.crt", None), c.Text("/tls.key", None), c.Wish())
    assert [problem.code for problem in found] == ["missing", "missing"]
    assert str(found[1]).startswith("/tls.key does not exist; ")
    assert c.describe(c.Text("/tls.crt", GOOD)) == {}


@pytest.mark.parametrize(
    ("code", "certificate", "key"),
    [
        ("certificate_unreadable", b"", key_pem()),
        ("certificate_unreadable", b"rubbish", key_pem()),
        ("certificate_unreadable", GOOD.replace(b"MII", b"@@@", 1), key_pem()),
        ("key_unreadable", GOOD, b"rubbish"),
        ("key_unreadable", GOOD, GOOD),
        ("encrypted", GOOD, key_pem(encryption=serialization.BestAvailableEncryption(b"secret"))),
        ("mismatch", GOOD, key_pem(OTHER)),
        ("order", certificate_pem("ca.example.org", "hub.example.org", key=OTHER) + GOOD, key_pem()),
    ],
)
def test_what_cannot_serve_is_refused_with_a_sentence(code, certificate, key):
    found = look(certificate, key)
    assert list(found) == [code]
    assert "/tls." in found[code]
    assert "secret" not in found[code]


@pytest.mark.parametrize(
    ("code", "begin", "end", "days"),
    [
        ("expired", -20, -1, 0),
        ("not_yet_valid", 1, 20, 0),
        ("expires_soon", -20, 29, 30),
        (None, -20, 31, 30),
    ],
)
def test_validity(code, begin, end, days):
    certificate = certificate_pem("hub.example.org", begin=NOW + timedelta(days=begin), end=NOW + timedelta(days=end))
    assert list(look(certificate, days=days)) == ([code] if code else [])


def test_the_wrong_names_are_told_with_those_that_it_has():
    found = look(certificate_pem("a.example.org", "10.0.0.1"))
    assert "is for a.example.org, 10.0.0.1, not for hub.example.org; " in found["names"]
    assert "it has no subjectAltName" in look(certificate_pem())["names"]


def test_exactly_these_names():
    certificate = certificate_pem("hub.example.org", "old.example.org")
    assert look(certificate) == {}
    assert look(certificate, exact=True)["names"] == "/tls.crt is for old.example.org as well"
    assert look(certificate, exact=True, names=["OLD.example.org.", "hub.example.org"]) == {}


def test_several_problems_are_told_together():
    certificate = certificate_pem("a.example.org", end=NOW - timedelta(days=1))
    assert sorted(look(certificate, key_pem(OTHER))) == ["expired", "mismatch", "names"]


@pytest.mark.parametrize(
    ("held", "wanted", "good"),
    [
        ("hub.example.org", "HUB.Example.org.", True),
        ("*.example.org", "hub.example.org", True),
        ("*.example.org", "example.org", False),
        ("*.example.org", "a.hub.example.org", False),
        ("*.example.org", "*.example.org", True),
        ("hub.example.org", "*.example.org", False),
        ("*.org", "example.org", False),
        ("*", "localhost", False),
        ("h*.example.org", "hub.example.org", False),
        ("*.0.0.1", "10.0.0.1", False),
        ("::1", "0:0:0:0:0:0:0:1", True),
        ("10.0.0.1", "10.0.0.2", False),
    ],
)
def test_covers(held, wanted, good):
    assert c.covers(held, wanted) is good


def test_describe():
    held = certificate_pem("hub.example.org", "::1".replace("::", "0::"), issuer="CA")
    told = c.describe(c.Text("/tls.crt", held), NOW + timedelta(hours=1))
    assert told["names"] == ["hub.example.org", "::1"]
    assert (told["subject"], told["issuer"], told["self_signed"]) == ("CN=hub", "CN=CA", False)
    assert told["not_after"] == "2026-08-30T00:00:00+00:00"
    assert (told["days_left"], len(told["serial"]) % 2) == (89, 0)
    assert c.describe(c.Text("/tls.crt", b"rubbish")) == {}
