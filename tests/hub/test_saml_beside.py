# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login by SAML as one of several ways."""

from __future__ import annotations

from identity_provider import LOGOUT
from saml_member import Member

CONFIG = """
c.JupyterHub.authenticator_class = "hubsmith_login.several.SeveralWays"
c.SeveralWays.ways = {
    "saml": "hubsmith_login.saml.SamlAuthenticator",
    "shared_password": "hubsmith_login.seats.SeatsAuthenticator",
}
c.SeatsAuthenticator.seats = {"seat"}
c.SeatsAuthenticator.password = "correct horse, battery, staple"
"""


def test_beside_another_way(make_saml):
    hub, provider = make_saml(CONFIG)
    hub.give({"name": "ada", "identities": ["saml:ada@provider.example.org"]}, {"name": "seat"})
    ada = Member(hub, provider, "ada@provider.example.org")
    assert ada.gets_in()
    assert hub.model("ada")["admin"] is False
    # A seat is nobody's name at the provider.
    assert not Member(hub, provider, "seat").gets_in()
    # Nor has a guest of the provider a name that could be a local one.
    assert not Member(hub, provider, "guest").gets_in(groups=["guests"])
    onward = ada.browser.session.get(f"{hub.url}hub/logout", allow_redirects=False, timeout=30)
    onward = ada.browser.session.get(f"{hub.url.rstrip('/')}{onward.headers['Location']}", allow_redirects=False, timeout=30)
    assert onward.headers["Location"].startswith(f"{LOGOUT}?")
    assert not ada.browser.is_in()
    assert ada.gets_in()
