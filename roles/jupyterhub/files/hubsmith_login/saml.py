# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login by SAML 2.0, with one identity provider.

Built on pysaml2 with the program xmlsec1 of Debian: both are looked after, and a hole in what reads the XML is closed by Debian's
security updates, while python3-saml was last released in 2023 and has its libraries inside wheels that have to match each other.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.utils import url_path_join
from traitlets import Float, Set, TraitError, Unicode, default, validate

from .saml_checks import Statement, name_of
from .saml_handlers import handlers
from .saml_memory import Memory
from .saml_metadata import read_provider
from .saml_service import Service, Settings
from .saml_sessions import Finishing


@dataclasses.dataclass(frozen=True)
class Person:
    """Somebody whom the provider has vouched for, under its name for them."""

    name: str
    groups: list[str]
    statement: Statement


class SamlAuthenticator(Authenticator):  # type: ignore[misc]
    """Who somebody is, is said by an identity provider in a signed assertion."""

    login_service = Unicode("single sign-on", config=True, help="What the provider is called on the button of the login page.")
    metadata_file = Unicode(config=True, help="The metadata of the identity provider: a file with the one EntityDescriptor.")
    public_url = Unicode(config=True, help="The address of this hub with its base_url, as browsers see it: https://hub.example.org/")
    place = Unicode("hub/saml/", config=True, help="Where below public_url the pages of this login are.")
    entity_id = Unicode(config=True, help="By what name the provider knows this hub. By default the address of its metadata.")
    key_file = Unicode(config=True, help="The private key of this hub as a service provider, in PEM.")
    certificate_file = Unicode(config=True, help="The certificate to that key, in PEM.")
    username_attribute = Unicode(config=True, help="The attribute with the name of the person. By default the NameID is.")
    groups_attribute = Unicode(config=True, help="The attribute with the groups of the person.")
    allowed_groups = Set(Unicode(), config=True, help="Groups of the provider whose members may enter, beside those who may anyway.")
    admin_groups = Set(Unicode(), config=True, help="Groups of the provider whose members are administrators, if they may enter.")
    clock_skew_seconds = Float(60.0, min=0, config=True, help="By how much the clocks of hub and provider may differ.")
    memory_file = Unicode("/var/lib/jupyterhub/saml.sqlite", config=True, help="Where it is remembered which answers were used up.")
    xmlsec_binary = Unicode("xmlsec1", config=True, help="The program that verifies signatures, of the Debian package xmlsec1.")

    @default("entity_id")  # type: ignore[untyped-decorator]
    def _entity_id(self) -> str:
        return f"{self.public_url.rstrip('/')}/{self.place}metadata"

    @validate("metadata_file")  # type: ignore[untyped-decorator]
    def _has_provider(self, proposal: Any) -> Any:
        try:
            read_provider(proposal.value)
        except ValueError as error:
            raise TraitError(str(error)) from None
        return proposal.value

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
            self.service = Service(self._settings())
            self.memory = Memory(self.memory_file)
        except (TraitError, ValueError, OSError, sqlite3.Error) as error:
            self.log.critical("The hub does not start with SAML as it is configured: %s", error)
            raise SystemExit(1) from None
        self.finishing = Finishing()

    def _settings(self) -> Settings:
        names = ("metadata_file", "public_url", "key_file", "certificate_file")
        if missing := [name for name in names if not getattr(self, name)]:
            raise ValueError(f"set {', '.join(f'c.SamlAuthenticator.{name}' for name in missing)}")
        if not self.groups_attribute and (self.allowed_groups or self.admin_groups):
            raise ValueError("c.SamlAuthenticator.allowed_groups and admin_groups need groups_attribute, which says where groups are")
        return Settings(
            metadata_file=self.metadata_file,
            entity_id=self.entity_id,
            address=f"{self.public_url.rstrip('/')}/{self.place}",
            key_file=self.key_file,
            certificate_file=self.certificate_file,
            skew=self.clock_skew_seconds,
            xmlsec_binary=self.xmlsec_binary,
        )

    # -- what the hub asks

    def login_url(self, base_url: str) -> str:
        url: str = url_path_join(base_url, "saml/login")
        return url

    def get_handlers(self, app: Any) -> Any:
        return handlers(self)

    async def authenticate(self, handler: Any, data: Any) -> dict[str, Any] | None:
        """``data`` has a person from a verified answer; from the hub's own form, which anybody may send, it never has."""
        person = data.get("person") if isinstance(data, dict) else None
        if not isinstance(person, Person):
            return None
        state = {"name": person.name, "groups": person.groups, "attributes": person.statement.attributes}
        model = {"name": person.name, "auth_state": state}
        return {**model, "groups": person.groups} if self.manage_groups else model

    def check_allowed(self, username: str, authentication: Any = None) -> bool:
        return bool(super().check_allowed(username, authentication) or _groups(authentication) & self.allowed_groups)

    def is_admin(self, handler: Any, authentication: Any) -> bool:
        return bool(super().is_admin(handler, authentication) or _groups(authentication) & self.admin_groups)

    # -- what the handlers ask

    def person(self, statement: Statement) -> Person:
        groups = statement.attributes.get(self.groups_attribute, []) if self.groups_attribute else []
        return Person(name_of(statement, self.username_attribute), sorted(set(groups) - {""}), statement)


def _groups(authentication: Any) -> set[str]:
    state = (authentication or {}).get("auth_state") or {}
    return set(state.get("groups") or ())
