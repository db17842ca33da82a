# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with an identity provider's metadata or with the settings, is told in a sentence; what is right is read."""

from __future__ import annotations

import pytest
from hubsmith_access import LiveAccess
from hubsmith_login.saml import SamlAuthenticator
from hubsmith_login.saml_metadata import read_provider
from identity_provider import ENTITY, LOGIN, LOGOUT, IdentityProvider, Keys, moment
from traitlets import TraitError
from traitlets.config import Config

MD = 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'


@pytest.fixture(name="provider", scope="module")
def fixture_provider(tmp_path_factory):
    provider = IdentityProvider(tmp_path_factory.mktemp("provider"))
    Keys.make(provider.folder, "hub")
    return provider


@pytest.fixture(name="settings")
def fixture_settings(provider, tmp_path):
    (tmp_path / "metadata.xml").write_text(provider.metadata())
    return {
        "metadata_file": str(tmp_path / "metadata.xml"),
        "public_url": "https://hub.example.org/at/",
        "key_file": str(provider.folder / "hub.key"),
        "certificate_file": str(provider.folder / "hub.pem"),
        "memory_file": str(tmp_path / "saml.sqlite"),
        "groups_attribute": "groups",
    }


def make(settings):
    # Nothing is signed or verified here.
    settings = {"xmlsec_binary": "true", **settings}
    return SamlAuthenticator(config=Config(SamlAuthenticator=settings))


def test_the_metadata_is_read(provider, tmp_path):
    path, ends = tmp_path / "metadata.xml", moment(60)
    following = Keys.make(tmp_path, "following")
    both = provider.metadata(following, ends=ends).replace(' use="signing"', "", 1)
    path.write_text(f'<?xml version="1.0"?><!-- of the provider --><md:EntitiesDescriptor {MD}>{both}</md:EntitiesDescriptor>')
    found = read_provider(str(path))
    assert (found.entity_id, found.login, found.logout, found.logout_answer) == (ENTITY, LOGIN, LOGOUT, LOGOUT)
    assert found.certificates == [provider.keys.base64(), following.base64()]
    assert not found.ended()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text[:-9], "unclosed token"),
        (lambda text: "", "no element found"),
        (lambda text: f"<!DOCTYPE a>{text}", "it has a document type"),
        (lambda text: text.replace("IDPSSODescriptor", "SPSSODescriptor"), "it has 0 identity providers, and one is needed"),
        (
            lambda text: f"<md:EntitiesDescriptor {MD}>{text}{text}</md:EntitiesDescriptor>",
            "it has 2 identity providers, and one is needed",
        ),
        (lambda text: text.replace("HTTP-Redirect", "HTTP-POST"), "no SingleSignOnService with the binding HTTP-Redirect"),
        (lambda text: text.replace(LOGIN, "javascript:alert(1)"), "no SingleSignOnService with the binding HTTP-Redirect"),
        (lambda text: text.replace('use="signing"', 'use="encryption"'), "no certificate of a key that signs"),
        (lambda text: text.replace("Certificate>MI", "Certificate>"), "one of its certificates cannot be read"),
        (lambda text: text.replace("entityID", "id"), "no entityID"),
        (lambda text: text.replace("<md:IDPSSODescriptor", '<md:IDPSSODescriptor validUntil="soon"'), "is not a time"),
    ],
)
def test_what_is_wrong_with_the_metadata(provider, settings, tmp_path, change, why):
    path = tmp_path / "metadata.xml"
    path.write_text(change(provider.metadata()))
    with pytest.raises(ValueError, match=f"{path} is not the metadata of an identity provider: .*{why}.*; fetch it from the provider anew"):
        read_provider(str(path))
    blank = SamlAuthenticator.__new__(SamlAuthenticator)
    with pytest.raises(TraitError, match=why):
        blank.metadata_file = str(path)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"metadata_file": ""}, "set c.SamlAuthenticator.metadata_file"),
        ({"metadata_file": "/nonexistent.xml"}, "/nonexistent.xml, cannot be read: No such file or directory"),
        ({"public_url": "", "key_file": ""}, "set c.SamlAuthenticator.public_url, c.SamlAuthenticator.key_file"),
        ({"key_file": "/nonexistent.key"}, "/nonexistent.key, of this hub's keys for SAML, cannot be read: No such file"),
        ({"key_file": "/dev/null"}, "/dev/null, of this hub's keys for SAML, is not in PEM"),
        ({"certificate_file": "/dev/null"}, "/dev/null, of this hub's keys for SAML, is not in PEM"),
        ({"certificate_file": "provider.pem"}, "hub.key; make them anew together"),
        ({"groups_attribute": "", "admin_groups": {"operators"}}, "need groups_attribute"),
        ({"xmlsec_binary": "xmlsec7"}, "there is no program xmlsec7; install the Debian package xmlsec1"),
        ({"memory_file": "/nonexistent/saml.sqlite"}, "No such file or directory: '/nonexistent/saml.sqlite'"),
    ],
)
def test_a_hub_does_not_start_with_wrong_settings(provider, settings, changes, why, caplog, monkeypatch):
    monkeypatch.chdir(provider.folder)
    with pytest.raises(SystemExit):
        make({**settings, **changes})
    assert why in caplog.text


def test_where_the_pages_are(settings):
    assert make(settings).entity_id == "https://hub.example.org/at/hub/saml/metadata"
    assert make({**settings, "place": "hub/corp/saml/"}).service.recipient == "https://hub.example.org/at/hub/corp/saml/acs"


def test_no_setting_is_also_one_of_live_access():
    assert not set(SamlAuthenticator.class_own_traits()) & set(LiveAccess.class_own_traits())
