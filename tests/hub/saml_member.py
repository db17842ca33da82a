# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody with a browser and an account of the tests' identity provider."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any

import requests
from identity_provider import LOGIN, IdentityProvider, read_address
from running import Hub, Visitor

CONFIG = """
c.JupyterHub.authenticator_class = "hubsmith_login.saml.SamlAuthenticator"
c.SamlAuthenticator.metadata_file = {folder!r} + "/metadata.xml"
c.SamlAuthenticator.public_url = c.JupyterHub.bind_url
c.SamlAuthenticator.key_file = {folder!r} + "/hub.key"
c.SamlAuthenticator.certificate_file = {folder!r} + "/hub.pem"
c.SamlAuthenticator.memory_file = "saml.sqlite"
c.SamlAuthenticator.groups_attribute = "groups"
c.SamlAuthenticator.allowed_groups = {{"guests"}}
c.SamlAuthenticator.admin_groups = {{"operators"}}
c.Authenticator.manage_groups = True
"""
# Whom the wicked want to be taken for.
EVIL = "ada"
# What a browser says of a form that a page of another site has sent by itself.
CROSS_SITE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site", "Origin": "https://provider.example.org"}


@dataclass
class Member:
    """``name`` is what the provider calls them."""

    hub: Hub
    provider: IdentityProvider
    name: str
    browser: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.hub.person(self.name)

    def begin(self, next_url: str = "/hub/home") -> str:
        """Go to the provider; returns the ID of the hub's request there."""
        address = f"{self.hub.url}hub/saml/login"
        sent = self.browser.session.get(address, params={"next": next_url}, allow_redirects=False, timeout=30)
        assert sent.status_code == 302, sent.text
        assert sent.headers["Location"].startswith(f"{LOGIN}?"), sent.headers
        request = ET.fromstring(read_address(sent.headers["Location"], self.provider.folder / "hub.pem"))
        assert request.get("AssertionConsumerServiceURL") == f"{self.hub.url}hub/saml/acs"
        assert request.get("Destination") == LOGIN
        return request.attrib["ID"]

    def post(self, message: str | bytes, page: str = "acs", kind: str = "SAMLResponse", **form: str) -> requests.Response:
        """As the provider's page does, without cookies."""
        raw = message.encode() if isinstance(message, str) else message
        content = {kind: base64.b64encode(raw).decode(), **form}
        return requests.post(f"{self.hub.url}hub/saml/{page}", data=content, headers=CROSS_SITE, allow_redirects=False, timeout=30)

    def finish(self, answer: requests.Response) -> requests.Response:
        """Where the answer to the form leads, in this browser."""
        if answer.status_code != 303:
            return answer
        return self.browser.session.get(f"{self.hub.url}hub/saml/{answer.headers['Location']}", headers=CROSS_SITE, timeout=30)

    def brings(self, message: str | bytes) -> requests.Response:
        return self.finish(self.post(message))

    def gets_in(self, **said: Any) -> bool:
        """Whether an answer as the provider gives it lets this person in."""
        self.browser.session.cookies.clear()
        page = self.brings(self.provider.answer(self.begin(), self.name, **said))
        assert page.status_code in (200, 403), page.text
        return page.status_code == 200 and page.url.endswith("/hub/home") and self.browser.is_in()


def refused(member: Member, message: str | bytes, why: str) -> None:
    """The answer is refused, for the reason that is meant, and one without the fault is not."""
    seen = len(member.hub.log())
    page = member.brings(message)
    assert page.status_code == 403, (page.status_code, page.url)
    assert "was not accepted" in page.text
    assert not member.browser.is_in()
    told = member.hub.log()[seen:]
    assert re.search(f"Refused a message of SAML from .*: .*{why}", told), told
    assert "Traceback" not in told
    assert member.gets_in()
    member.browser.session.cookies.clear()
