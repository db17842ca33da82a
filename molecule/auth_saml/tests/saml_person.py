# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who goes from the hub to the identity provider and back, form by form."""

from __future__ import annotations

import base64
import html
import re
import zlib
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests
from person import Person

FIELD = re.compile(r'<input[^>]*\bname="([^"]*)"[^>]*\bvalue="([^"]*)"')
ACTION = re.compile(r'<form[^>]*\baction="([^"]*)"')
ANSWER = "/hub/saml/acs"


@dataclass
class SamlPerson(Person):
    """``name`` is what the provider calls this person."""

    def begin(self) -> str:
        """The address to which the hub sends the browser: the provider's, with the request."""
        answer = self.session.get(f"{self.url}hub/saml/login", params={"next": "/hub/home"}, allow_redirects=False, timeout=30)
        assert answer.status_code == 302, answer.text[:500]
        return answer.headers["Location"]

    def ask_provider(self, address: str) -> tuple[str, dict[str, str]]:
        """Log in there; what it has the browser post, and where."""
        page = self.session.get(address, timeout=30)
        if "SAMLResponse" not in page.text:
            form = dict(FIELD.findall(page.text)) | {"username": self.name, "password": self.password}
            page = self.session.post(page.url, data={name: html.unescape(value) for name, value in form.items()}, timeout=30)
        assert "SAMLResponse" in page.text, page.text[:2000]
        fields = {name: html.unescape(value) for name, value in FIELD.findall(page.text) if name in ("SAMLResponse", "RelayState")}
        return urljoin(page.url, html.unescape(ACTION.findall(page.text)[0])), fields

    def hand_over(self, fields: dict[str, str], **options: object) -> requests.Response:
        return self.session.post(f"{self.url[:-1]}{ANSWER}", data=fields, timeout=60, **options)

    def log_in(self) -> requests.Response:
        where, fields = self.ask_provider(self.begin())
        assert urlsplit(where).path == ANSWER
        return self.hand_over(fields)


def request_of(address: str) -> str:
    """The request in an address, as text."""
    return zlib.decompress(base64.b64decode(parse_qs(urlsplit(address).query)["SAMLRequest"][0]), -15).decode()


def as_if_of(address: str, service: str) -> str:
    """The same request, with the same ID, as another service would have made it: without the hub's signature."""
    text = re.sub(r"(<(?:\w+:)?Issuer[^>]*>)[^<]*", rf"\g<1>{service}", request_of(address))
    deflater = zlib.compressobj(wbits=-15)
    packed = base64.b64encode(deflater.compress(text.encode()) + deflater.flush()).decode()
    return f"{address.partition('?')[0]}?{urlencode({'SAMLRequest': packed})}"
