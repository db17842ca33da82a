# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classic hand-made layout: all in one place, another port, the site's own certificate, the classic interface."""

from __future__ import annotations

import machines
import pytest

testinfra_hosts = ["ansible://jupyterhub"]
SITE = "/etc/ssl/site"


def test_everything_is_below_one_folder(host):
    for elsewhere in ("/opt/jupyterhub", "/etc/jupyterhub", "/var/lib/jupyterhub"):
        assert not host.file(elsewhere).exists
    assert host.file("/srv/www/jupyterhub/etc/jupyterhub_config.py").is_file
    assert host.file("/srv/www/jupyterhub/var/jupyterhub.sqlite").is_file
    assert host.file("/srv/www/jupyterhub/etc/secrets").mode == 0o700


def test_port(host):
    assert not host.socket("tcp://0.0.0.0:443").is_listening
    assert not host.socket("tcp://:::443").is_listening
    assert host.socket("tcp://:::8888").is_listening


def test_starts_after_the_web_server(host):
    assert "apache2.service" in host.check_output("systemctl show jupyterhub --property=After --value").split()


def test_the_site_s_certificate_is_used_where_it_is(host):
    assert host.file(f"{SITE}/privkey.pem").mode == 0o600
    assert host.file(f"{SITE}/privkey.pem").user == "root"
    assert not host.file("/srv/www/jupyterhub/etc/secrets/tls.key").exists


def test_classic_interface(ada):
    answer = ada.session.get(f"{ada.url}hub/user-redirect/", timeout=30)
    assert answer.url.rstrip("/").endswith("/user/ada/tree")
    assert answer.status_code == 200


def test_octave(ada):
    assert ada.start_kernel("octave").text("disp(6 * 7)") == "42"


def test_admin_is_who_is_named_one(person):
    for name, status in (("ada", 200), ("charles", 403)):
        someone = person(name)
        assert someone.log_in().status_code == 200
        assert someone.session.get(f"{someone.url}hub/admin", timeout=30).status_code == status


def served(host):
    return host.check_output("openssl s_client -connect 127.0.0.1:8888 </dev/null 2>/dev/null | openssl x509 -noout -serial")


@pytest.mark.parametrize(
    ("certificate", "key", "word"),
    [
        ("hub.pem", "elsewhere.key", "does not belong"),
        ("expired.pem", "expired.key", "expired"),
        ("elsewhere.pem", "elsewhere.key", "hub.example.test"),
        ("broken.pem", "hub.key", "broken.pem"),
        ("missing.pem", "hub.key", "missing.pem"),
    ],
    ids=["key of another", "expired", "other domain", "not a certificate", "missing"],
)
def test_certificate_that_cannot_serve_is_refused(host, certificate, key, word):
    before = served(host), host.check_output("systemctl show jupyterhub-proxy --property=MainPID")
    variables = {"jupyterhub_certificate": f"{SITE}/{certificate}", "jupyterhub_certificate_key": f"{SITE}/{key}"}
    code, said = machines.play("srv_www", **variables)
    assert code == 2
    assert "The certificate is refused" in said
    assert word in said
    assert (served(host), host.check_output("systemctl show jupyterhub-proxy --property=MainPID")) == before


def test_too_few_days_left_end_the_play(host):
    code, said = machines.play("srv_www", jupyterhub_tls_fail_days=99)
    assert code == 2
    assert f"The certificate {SITE}/fullchain.pem is valid until" in said
    assert "By jupyterhub_tls_fail_days it must have 99." in said


def shown():
    """What the module tells of the certificate that people get to see."""
    files = {"certificate": f"{SITE}/fullchain.pem", "key": f"{SITE}/privkey.pem"}
    return machines.task("srv_www", "certificate_info", **files, served_by="127.0.0.1:8888", names=["hub.example.test"])["served"]


def test_certificate_replaced_by_the_site_is_taken_with_the_next_play(host):
    """Not even a restart of the proxy: whoever works goes on working."""
    before = host.check_output("systemctl show jupyterhub-proxy --property=MainPID")
    old = served(host)
    found = shown()
    assert (found["same_certificate"], found["same_chain"], found["serial"]) == (True, True, old.removeprefix("serial="))
    host.check_output(f"cp {SITE}/wildcard.pem {SITE}/fullchain.pem && cat {SITE}/wildcard.key > {SITE}/privkey.pem")
    try:
        (problem,) = shown()["problems"]
        assert problem["code"] == "different"
        assert "127.0.0.1:8888 serves another certificate" in problem["text"]
        code, said = machines.play("srv_www", jupyterhub_tls_warn_days=99)
        assert code == 0
        assert f"Warning: The certificate {SITE}/fullchain.pem" in said
        assert served(host) != old
        assert shown()["problems"] == []
    finally:
        host.check_output(f"cp {SITE}/hub.pem {SITE}/fullchain.pem && cat {SITE}/hub.key > {SITE}/privkey.pem")
        assert machines.play("srv_www")[0] == 0
    assert served(host) == old
    assert host.check_output("systemctl show jupyterhub-proxy --property=MainPID") == before
