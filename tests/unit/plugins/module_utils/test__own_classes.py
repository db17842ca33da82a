# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of authenticator classes, beside those that are installed."""

from __future__ import annotations

import ast
import importlib
import sys
import types
from importlib.metadata import entry_points

import pytest
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from traitlets.config import Configurable

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_classes
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import Imported, OwnClass

PROVIDERS = "auth0 azuread bitbucket cilogon generic github gitlab globus google mediawiki oauth2 openshift"
MODULES = ["jupyterhub.auth", "jupyterhub.authenticators.shared", "ldapauthenticator"]
MODULES += [f"oauthenticator.{name}" for name in PROVIDERS.split()]


@pytest.fixture(autouse=True)
def fixture_mediawiki(monkeypatch):
    """Its library is an extra of oauthenticator; the class can be defined without."""
    monkeypatch.setitem(sys.modules, "mwoauth", types.SimpleNamespace(ConsumerToken=None, Handshaker=None))
    monkeypatch.setitem(sys.modules, "mwoauth.tokens", types.SimpleNamespace(RequestToken=None))


def sections(cls):
    return tuple(base.__name__ for base in cls.__mro__ if issubclass(base, Configurable))


@pytest.mark.parametrize("point", sorted(entry_points(group="jupyterhub.authenticators")), ids=lambda point: point.name)
def test_entry_points(point):
    lineage = _own_classes.lineage(point.name.upper())
    assert lineage.sections == sections(point.load())
    assert lineage.complete


@pytest.mark.parametrize("module", MODULES)
def test_all_classes_of_the_packages(module):
    loaded = importlib.import_module(module)
    found = [one for one in vars(loaded).values() if isinstance(one, type) and issubclass(one, Authenticator)]
    assert found
    for one in found:
        for value in (f"{module}.{one.__name__}", Imported(f"{module}.{one.__name__}")):
            assert _own_classes.lineage(value).sections == sections(one)
        respelled = "normalize_username" in vars(one) and one.__name__ not in ("Authenticator", "PAMAuthenticator")
        assert _own_classes.lineage(f"{module}.{one.__name__}").maps != respelled


def test_the_table_has_no_others():
    found = {one.__name__ for module in MODULES for one in vars(importlib.import_module(module)).values() if isinstance(one, type)}
    assert set(_own_classes.BASES) <= found
    assert set(_own_classes.ENTRY_POINTS) == {point.name for point in entry_points(group="jupyterhub.authenticators")}


def test_application():
    assert sections(JupyterHub) == _own_classes.APPLICATION


def test_a_class_of_the_file():
    definition = ast.parse("class Mine(A, B):\n    def normalize_username(self, name):\n        return name").body[0]
    bases = (Imported("jupyterhub.auth.LocalAuthenticator"), Imported("oauthenticator.generic.GenericOAuthenticator"))
    lineage = _own_classes.lineage(OwnClass("Mine", bases, definition))
    assert lineage.sections == (
        "Mine",
        "LocalAuthenticator",
        "GenericOAuthenticator",
        "OAuthenticator",
        "Authenticator",
        "LoggingConfigurable",
        "Configurable",
    )
    assert (lineage.complete, lineage.plain) == (True, False)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("nativeauthenticator.NativeAuthenticator", "NativeAuthenticator"),
        (Imported("site.github.GitHubOAuthenticator"), "GitHubOAuthenticator"),
        ("native", "Authenticator"),
        (None, "Authenticator"),
        (3, "Authenticator"),
    ],
)
def test_unknown_classes_are_not_guessed(value, name):
    lineage = _own_classes.lineage(value)
    assert (lineage.name, lineage.complete) == (name, False)
    assert "Authenticator" in lineage.sections
