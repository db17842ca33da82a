# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hub with SAML remembers over a restart, and what it does when something that it needs is broken."""

from __future__ import annotations

import sqlite3

import pytest
from identity_provider import moment, new_id
from saml_member import Member


@pytest.fixture(name="yves", scope="module")
def fixture_yves(make_saml):
    hub, provider = make_saml()
    hub.give({"name": "yves"})
    return Member(hub, provider, "yves")


def restart(member):
    member.hub.stop()
    member.hub.start()


def test_a_restart_forgets_nothing(yves):
    hub, provider, ident = yves.hub, yves.provider, new_id()
    under_way, used = yves.begin(), yves.begin()
    answer = provider.answer(used, "yves", id=ident)
    assert yves.brings(answer).url.endswith("/hub/home")
    restart(yves)
    # Who was at the provider meanwhile comes back as if nothing had been.
    seen = len(hub.log())
    assert yves.brings(answer).status_code == 403
    assert "answers nothing that this hub has asked" in hub.log()[seen:]
    assert yves.brings(provider.answer(under_way, "yves", id=ident)).status_code == 403
    assert f"the assertion {ident} was used before" in hub.log()
    assert yves.brings(provider.answer(under_way, "yves")).url.endswith("/hub/home")
    assert (hub.folder / "saml.sqlite").stat().st_mode & 0o777 == 0o600


def test_without_its_memory_the_hub_lets_nobody_in(yves):
    hub, answer = yves.hub, yves.provider.answer(yves.begin(), "yves")
    with sqlite3.connect(hub.folder / "saml.sqlite") as database:
        database.execute("DROP TABLE used")
    database.close()
    seen = len(hub.log())
    for page in (yves.post(answer), yves.browser.session.get(f"{hub.url}hub/saml/login", timeout=30)):
        assert page.status_code == 503
        assert "cannot log anybody in at the moment" in page.text
    assert "SAML is out of order: no such table: used" in hub.log()[seen:]
    assert "Traceback" not in hub.log()[seen:]
    restart(yves)
    assert yves.gets_in()


def test_metadata_that_has_ended(yves):
    hub, provider = yves.hub, yves.provider
    assert yves.gets_in()
    hub.stop()
    (provider.folder / "metadata.xml").write_text(provider.metadata(ends=moment(-10)))
    hub.start()
    assert yves.browser.is_in()
    page = Member(hub, provider, "yves").browser.session.get(f"{hub.url}hub/saml/login", timeout=30)
    assert page.status_code == 503
    assert "has ended; fetch it anew" in hub.log()


def test_a_wrong_configuration_is_told_in_one_sentence(make_saml):
    hub, _provider = make_saml("c.SamlAuthenticator.metadata_file = __file__\n", start=False)
    hub.start(wait=False)
    assert hub.process.wait(timeout=40) == 1
    hub.process = None
    (told,) = [line for line in hub.log().splitlines() if line.startswith("[C")]
    assert "is not the metadata of an identity provider" in told
    assert "Traceback" not in hub.log()
