# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What monitoring is told of the certificate."""

from __future__ import annotations

import datetime
import logging
import os
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hubsmith_access import certificate, source
from prometheus_client import CollectorRegistry, generate_latest

LOG = logging.getLogger("test")
KEY = ec.generate_private_key(ec.SECP256R1())
NAMES = ["jupyterhub_certificate_days_left", "jupyterhub_certificate_not_after_timestamp_seconds"]


def pem(days):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub")])
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    begin = end - datetime.timedelta(days=100)
    made = x509.CertificateBuilder(name, name, KEY.public_key(), x509.random_serial_number(), begin, end).sign(KEY, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(name="path")
def fixture_path(tmp_path):
    path = tmp_path / "tls.crt"
    path.write_bytes(pem(40) + pem(1000))
    return path


@pytest.fixture(name="registry")
def fixture_registry(path):
    # As the one of every program does, it looks at once at what it is given.
    registry = CollectorRegistry(auto_describe=True)
    certificate.tell(str(path), LOG, registry)
    return registry


def days(registry):
    return registry.get_sample_value(NAMES[0])


def test_the_days_left_of_the_first_certificate_are_told(registry):
    assert days(registry) == pytest.approx(40, abs=0.01)
    assert registry.get_sample_value(NAMES[1]) == pytest.approx(time.time() + 40 * 86400, abs=600)
    said = generate_latest(registry).decode()
    assert all(f"# TYPE {name} gauge" in said for name in NAMES)


def test_an_expired_one_has_fewer_than_none(registry, path):
    path.write_bytes(pem(-2))
    assert days(registry) == pytest.approx(-2, abs=0.01)


def test_without_a_file_nothing_is_told(caplog):
    registry = CollectorRegistry(auto_describe=True)
    certificate.tell("", LOG, registry)
    assert generate_latest(registry) == b""
    assert caplog.text == ""


def settle(path):
    deadline = time.monotonic() + 5
    while source.signature(str(path)) == source.UNKNOWN:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_is_read_when_it_has_changed_and_not_otherwise(registry, path, monkeypatch):
    read = []
    monkeypatch.setattr(certificate, "_not_after", lambda path: read.append(path) or 0.0)
    settle(path)
    for _time in range(3):
        days(registry)
    assert len(read) == 1
    new = path.with_suffix(".new")
    new.write_bytes(pem(90))
    settle(new)
    new.replace(path)
    settle(path)
    for _time in range(3):
        days(registry)
    assert len(read) == 2


def test_a_renewal_is_seen_behind_links(registry, path, tmp_path):
    """As certbot does it, with one more link of the site's."""
    (tmp_path / "live").mkdir()
    for number in (1, 2):
        (tmp_path / f"live/{number}.pem").write_bytes(pem(number))
    (tmp_path / "live/now.pem").symlink_to("1.pem")
    path.unlink()
    path.symlink_to("live/now.pem")
    settle(tmp_path / "live/2.pem")
    assert days(registry) == pytest.approx(1, abs=0.01)
    (tmp_path / "live/next.pem").symlink_to("2.pem")
    (tmp_path / "live/next.pem").replace(tmp_path / "live/now.pem")
    assert days(registry) == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize("broken", ["empty", "rubbish", "half", "missing", "folder", "pipe"])
def test_what_cannot_be_read_costs_nothing_but_the_figures(registry, path, caplog, broken):
    caplog.set_level("INFO")
    good = path.read_bytes()
    path.unlink()
    if broken == "folder":
        path.mkdir()
    elif broken == "pipe":
        os.mkfifo(path)
    elif broken != "missing":
        path.write_bytes({"empty": b"", "rubbish": b"\0\xff", "half": good[:300]}[broken])
    for _time in range(2):
        assert generate_latest(registry) == b""
    assert caplog.text.count(f"cannot be told, as {path} cannot be read: ") == 1
    (path.rmdir if broken == "folder" else lambda: path.unlink(missing_ok=True))()
    path.write_bytes(good)
    assert days(registry) == pytest.approx(40, abs=0.01)
    assert caplog.text.count("can be read again") == 1


def test_two_do_not_keep_the_hub_from_starting(registry, path):
    certificate.tell(str(path), LOG, registry)
    assert days(registry) == pytest.approx(40, abs=0.01)
