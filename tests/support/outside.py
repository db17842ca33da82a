# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People who log in to a hub by another site."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

import requests
from person import Person

HOME = "/hub/home"


def is_in(person: Person) -> bool:
    """Whether the hub knows this browser."""
    answer = person.session.get(f"{person.url}hub/home", timeout=30)
    return answer.status_code == 200 and answer.url.endswith(HOME)


def name_at_the_hub(person: Person) -> str:
    """Whom the hub takes this browser for."""
    return str(account(person)["name"])


def account(person: Person) -> dict:
    """What the hub tells this browser about itself."""
    answer = person.session.get(f"{person.url}hub/api/user", headers=person.hub_headers, timeout=30)
    answer.raise_for_status()
    return answer.json()


def to_provider(person: Person, way: str = "") -> requests.Response:
    """Press the hub's button; returns where the hub sends the browser."""
    return person.session.get(f"{person.url}hub/{way}oauth_login", params={"next": HOME}, allow_redirects=False, timeout=30)


def log_in_at_stand_in(person: Person, chosen: str, way: str = "") -> requests.Response:
    """Log in by the stand-in for GitHub or Google, where the parameters say who comes."""
    place = to_provider(person, way).headers["Location"]
    return person.session.get(place, params={"login": chosen, "login_hint": chosen}, timeout=60)


def send_form(person: Person, page: requests.Response, **filled: str) -> requests.Response:
    """Fill in the form of a page and send it."""
    form = re.search(r"<form[^>]*\baction=\"([^\"]*)\"", page.text)
    assert form, page.text
    hidden = {}
    for field in re.findall(r"<input[^>]*>", page.text):
        named = dict(re.findall(r"(\w+)=\"([^\"]*)\"", field))
        if named.get("type") == "hidden":
            hidden[named["name"]] = html.unescape(named.get("value", ""))
    return person.session.post(urljoin(page.url, html.unescape(form[1])), data={**hidden, **filled}, timeout=60)
