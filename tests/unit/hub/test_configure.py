# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the last lines of a configuration make of it."""

from __future__ import annotations

import pytest
from hubsmith_access import LiveAccess, live
from hubsmith_access.configure import in_front_of
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator, DummyAuthenticator, PAMAuthenticator
from ldapauthenticator import LDAPAuthenticator
from oauthenticator.generic import GenericOAuthenticator
from traitlets.config import Config


class Own(Authenticator):
    """A site's own class."""


def active(c):
    live(c)
    return c.JupyterHub.authenticator_class


@pytest.mark.parametrize(
    ("given", "behind"),
    [
        ("pam", PAMAuthenticator),
        ("Dummy", DummyAuthenticator),
        ("jupyterhub.auth.DummyAuthenticator", DummyAuthenticator),
        ("ldapauthenticator.LDAPAuthenticator", LDAPAuthenticator),
        ("generic-oauth", GenericOAuthenticator),
        (Own, Own),
    ],
    ids=str,
)
def test_any_authenticator_is_wrapped(given, behind):
    c = Config()
    c.JupyterHub.authenticator_class = given
    found = active(c)
    assert found.__bases__ == (LiveAccess, behind)
    assert (found.__module__, found.__name__) == ("hubsmith_access", f"Live{behind.__name__}")
    assert found.login_url is behind.login_url
    # The hub takes it.
    assert JupyterHub.authenticator_class.validate(JupyterHub(), found) is found


def test_every_installed_authenticator_is_wrapped():
    points = JupyterHub.authenticator_class.load_entry_points()
    # It cannot be imported without a package that the hub's environment does not have either.
    del points["mediawiki"]
    for name, point in points.items():
        c = Config()
        c.JupyterHub.authenticator_class = name
        assert issubclass(active(c), point.load())


@pytest.mark.parametrize("touched", [False, True])
def test_pam_is_what_the_hub_uses_unless_told_otherwise(touched):
    c = Config()
    if touched:
        assert c.JupyterHub.authenticator_class is not None
    assert issubclass(active(c), PAMAuthenticator)


def test_nothing_is_wrapped_twice():
    c = Config()
    once = active(c)
    assert active(c) is once
    assert in_front_of(PAMAuthenticator) is once


def test_sections_of_all_classes_count(tmp_path, access_file):
    c = Config()
    c.LiveAccess.path = str(access_file())
    c.LiveAccess.revoke_servers = "finish"
    c.Authenticator.auth_refresh_age = 7
    c.PAMAuthenticator.service = "jupyterhub"
    c.LivePAMAuthenticator.encoding = "latin1"
    found = active(c)(config=c)
    assert (found.revoke_servers, found.auth_refresh_age, found.service, found.encoding) == ("finish", 7, "jupyterhub", "latin1")


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("Authenticator", "allowed_users", {"ada"}),
        ("PAMAuthenticator", "admin_users", {"ada"}),
        ("GitHubOAuthenticator", "username_map", {"a": "b"}),
        ("Authenticator", "blocked_users", set()),
        ("LocalAuthenticator", "whitelist", set()),
        ("Authenticator", "admin_whitelist", {"ada"}),
        ("JupyterHub", "admin_users", {"ada"}),
    ],
)
def test_people_in_the_configuration_are_refused(section, name, value):
    c = Config()
    c.LiveAccess.path = "/the/access.json"
    c[section][name] = value
    with pytest.raises(ValueError, match=rf"^c\.{section}\.{name} lists people.*/the/access\.json"):
        live(c)


def test_people_are_found_however_they_are_put():
    c = Config()
    c.JupyterHub.PAMAuthenticator.allowed_users = {"ada"}
    c.Authenticator.admin_users.add("ada")
    with pytest.raises(ValueError) as refusal:
        live(c)
    assert str(refusal.value).splitlines()[0].startswith("c.JupyterHub.PAMAuthenticator.allowed_users lists people")
    assert str(refusal.value).splitlines()[1].startswith("c.Authenticator.admin_users lists people")


def test_a_setting_that_is_only_mentioned_says_nothing():
    c = Config()
    assert c.Authenticator.allowed_users is not None
    live(c)


@pytest.mark.parametrize(("value", "refused"), [(True, True), (False, False)])
def test_nobody_enters_for_having_been_there(value, refused):
    c = Config()
    c.Authenticator.allow_existing_users = value
    if refused:
        with pytest.raises(ValueError, match=r"c\.LiveAccess\.accept_hub_users"):
            live(c)
    else:
        live(c)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("pamm", "'pamm', which cannot be imported .* use one of these: .*pam"),
        ("no.such.Class", "'no.such.Class', which cannot be imported"),
        ("jupyterhub.auth.NoSuch", "which cannot be imported"),
        ("jupyterhub.spawner.Spawner", "is not an authenticator"),
        (42, "42, which is not an authenticator"),
    ],
)
def test_what_is_no_authenticator_is_named(given, sentence):
    c = Config()
    c.JupyterHub.authenticator_class = given
    with pytest.raises(ValueError, match=rf"c\.JupyterHub\.authenticator_class is .*{sentence}"):
        live(c)
