# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When certbot is asked, with which words, and what is made of its answer. (certbot itself is asked in the scenario `tls_certbot`.)"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _certbot as c

SERVER = "https://acme.example.org/directory"
ORDER = c.Order(
    names=["hub.example.org", "hub"],
    server=SERVER,
    certificate="/tls.crt",
    key="/tls.key",
    arguments=["--standalone"],
    reload=["p.service"],
)
OURS = {"lineage": ORDER.lineage, "ordered": ORDER.terms}
GOOD = c.Found([], SERVER, OURS, True)


def test_none_is_asked_for_when_one_serves():
    assert c.reasons(ORDER, GOOD) == []


def test_the_first_is_asked_for():
    assert c.reasons(ORDER, c.Found(["missing"])) == ["there is none"]


@pytest.mark.parametrize(
    ("found", "order", "reason"),
    [
        (replace(GOOD, problems=["it expires"]), ORDER, "it expires"),
        (replace(GOOD, server="https://staging"), ORDER, f"it was ordered from https://staging, not from {SERVER}"),
        (replace(GOOD, server=""), ORDER, f"it was ordered from an unknown server, not from {SERVER}"),
        (GOOD, replace(ORDER, names=["hub.example.org"]), "it was ordered with other names"),
        (GOOD, replace(ORDER, arguments=["--nginx"], key_type="rsa"), "it was ordered with other key_type and arguments"),
    ],
)
def test_another_is_asked_for(found, order, reason):
    assert c.reasons(order, found) == [reason]


def test_what_does_not_make_another_certificate_costs_no_order():
    assert c.reasons(replace(ORDER, email="a@example.org", eab={"kid": "k"}, reload=[], certificate="/other"), GOOD) == []


def test_somebody_elses_certificate_is_used_when_it_serves():
    found = replace(GOOD, record={})
    assert c.reasons(ORDER, found) == []
    assert c.record(ORDER, found, asked=False)["ordered"] is None


@pytest.mark.parametrize("problem", [{"problems": ["/fullchain.pem is for www.example.org"]}, {"server": "https://other"}])
@pytest.mark.parametrize("record", [{}, {**OURS, "ordered": None}, {**OURS, "lineage": "/etc/letsencrypt/live/other"}])
def test_somebody_elses_certificate_is_not_touched(problem, record):
    found = replace(GOOD, record=record, **problem)
    with pytest.raises(c.Refused, match=r"has a certificate hub\.example\.org .*Mend it with certbot"):
        c.reasons(ORDER, found)


def test_a_record_of_an_earlier_one_does_not_make_it_ours():
    """Ours was deleted by hand, and is ordered again."""
    assert c.reasons(ORDER, replace(GOOD, exists=False)) == ["there is none"]


def test_record_tells_the_hook_and_the_next_run():
    noted = c.record(ORDER, c.Found(["missing"]), asked=True)
    assert noted["ordered"] == ORDER.terms
    assert (noted["names"], noted["certificate"], noted["key"], noted["reload"]) == (ORDER.names, "/tls.crt", "/tls.key", ["p.service"])
    assert c.record(ORDER, replace(GOOD, record=noted), asked=False) == noted


def test_secrets_are_no_argument():
    order = replace(ORDER, eab={"kid": "the-kid", "hmac_key": "c2VjcmV0"})
    words = c.command(order, "certbot", "/private", again=False)
    assert "c2VjcmV0" not in " ".join(words) and "the-kid" not in " ".join(words)
    assert words[words.index("--config") + 1] == "/private"
    assert c.settings(order) == "eab-hmac-key = c2VjcmV0\neab-kid = the-kid\n"
    assert c.settings(ORDER) == "" and "--config" not in c.command(ORDER, "certbot", "", again=False)


def test_words():
    words = c.command(ORDER, "certbot", "", again=False)
    assert words[:4] == ["certbot", "certonly", "--non-interactive", "--agree-tos"]
    assert words[words.index("--domains") + 1] == "hub.example.org,hub"
    assert words[words.index("--cert-name") + 1] == "hub.example.org"
    assert "--register-unsafely-without-email" in words and "--email" not in words and "--force-renewal" not in words
    assert words[-1] == "--standalone"
    words = c.command(replace(ORDER, email="a@example.org"), "certbot", "", again=True)
    assert words[words.index("--email") + 1] == "a@example.org"
    assert {"--force-renewal", "--renew-with-new-domains"} <= set(words)


def test_wildcard_is_named_as_certbot_does():
    assert replace(ORDER, names=["*.example.org"]).lineage == "/etc/letsencrypt/live/example.org"


SAID = """Saving debug log to /var/log/letsencrypt/letsencrypt.log
Account registered.
Requesting a certificate for hub.example.org

Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
  Domain: hub.example.org
  Type:   connection
  Detail: 192.0.2.1: Connection refused

Hint: The Certificate Authority failed to download the temporary challenge files created by Certbot.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile for more details.
"""


def test_its_reason_is_told_without_the_rest():
    said = c.why(SAID)
    assert said.startswith("Certbot failed to authenticate some domains")
    assert "Domain: hub.example.org Type:   connection Detail: 192.0.2.1: Connection refused" in said
    assert said.endswith(".") and not said.endswith("..")
    assert "debug log" not in said and "Ask for help" not in said


def test_no_reason_names_the_log():
    assert "/var/log/letsencrypt/letsencrypt.log" in c.why("Saving debug log to /x\n- - - -\n")


@pytest.mark.parametrize("text", [None, "", "{"])
def test_no_record(tmp_path, text):
    if text is not None:
        (tmp_path / "jupyterhub.json").write_text(text)
    assert c.load_record(str(tmp_path)) == {}


def test_look_reads_what_certbot_noted(tmp_path):
    order = replace(ORDER, config_dir=str(tmp_path))
    assert not c.look(order).exists
    (tmp_path / "renewal").mkdir()
    (tmp_path / "renewal" / "hub.example.org.conf").write_text(f"version = 4.0.0\n[renewalparams]\nserver = {SERVER}\n")
    (tmp_path / "jupyterhub.json").write_text(json.dumps(OURS))
    found = c.look(order)
    assert (found.exists, found.server, found.record) == (True, SERVER, OURS)
    assert "does not exist" in found.problems[0]
