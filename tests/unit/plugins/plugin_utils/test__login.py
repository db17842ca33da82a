# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hub is configured with for each way to log in, and what is refused before anything changes."""

from __future__ import annotations

import pytest
from traitlets.utils.importstring import import_item

from ansible_collections.hubsmith.jupyterhub.plugins.plugin_utils._login import login
from ansible_collections.hubsmith.jupyterhub.plugins.plugin_utils._ways import WAYS

CLIENT = {"client_id": "an id", "client_secret": "hush"}
ENOUGH = {
    "pam": {},
    "github": CLIENT,
    "google": CLIENT,
    "gitlab": CLIENT,
    "azuread": {**CLIENT, "tenant_id": "a tenant"},
    "globus": {**CLIENT, "identity_provider": "example.org"},
    "cilogon": {**CLIENT, "identity_providers": {"https://idp.example.org/shibboleth": {}}},
    "oidc": {**CLIENT, "issuer": "https://login.example.org"},
    "ldap": {"server": "ldap.example.org", "bind_dn_template": ["uid={username},ou=people,dc=example,dc=org"]},
    "saml": {"metadata": "<EntityDescriptor/>"},
    "shared_password": {"password": "correct horse", "seats": ["seat1"]},
}
PEOPLE = ({"name": "seat1"}, {"name": "ada", "admin": True})


def made(*ways, people=PEOPLE, **changed):
    site = {
        "public_url": "https://hub.example.org/",
        "secrets_dir": "/etc/jupyterhub/secrets",
        "state_dir": "/var/lib/jupyterhub",
        "people": people,
    }
    return login(ways, {name: ENOUGH[name] | changed.get(name, {}) for name in ENOUGH}, site)


def lacking(way, option):
    """What is said where an option is not given."""
    return made(way, **{way: {option: None}})["problems"]


# -- each way


def test_every_way_is_tried():
    assert sorted(ENOUGH) == sorted(WAYS)


@pytest.mark.parametrize("way", ENOUGH)
def test_the_least_that_is_needed_is_enough(way):
    result = made(way)
    assert result["problems"] == []
    assert result["authenticator_class"] == WAYS[way].cls


@pytest.mark.parametrize("way", [name for name in ENOUGH if not WAYS[name].cls.startswith("hubsmith_login")])
def test_every_trait_is_one_of_the_class(way):
    every = {"groups": ["a"], "admin_groups": ["b"], "organizations": ["c"], "url": "https://x.example", "hosted_domains": ["example.org"]}
    result = made(way, **{way: every})
    traits = import_item(WAYS[way].cls).class_traits(config=True)
    for name, value in result["traits"][WAYS[way].section].items():
        # A wrong type raises.
        traits[name]._validate(import_item(WAYS[way].cls)(), value)


@pytest.mark.parametrize("way", [name for name in ENOUGH if WAYS[name].required])
def test_what_it_cannot_do_without_is_asked_for(way):
    for option in WAYS[way].required:
        (problem,) = lacking(way, option)
        assert problem.startswith(f"jupyterhub_{way} lacks {option}")


# -- particular ways


def test_github_asks_for_memberships_only_if_they_matter():
    alone = made("github")["traits"]["GitHubOAuthenticator"]
    assert "scope" not in alone and "allowed_organizations" not in alone
    limited = made("github", github={"organizations": ["lab"], "teams": ["lab:numerics"]})["traits"]["GitHubOAuthenticator"]
    assert limited["scope"] == ["read:org"]
    assert limited["allowed_organizations"] == ["lab", "lab:numerics"]


def test_an_address_of_google_is_the_identity_as_a_whole():
    assert made("google", google={"hosted_domains": ["lab.example"]})["traits"]["GoogleOAuthenticator"]["strip_domain"] is False


def test_microsofts_name_to_show_is_no_identity():
    assert made("azuread")["traits"]["AzureAdOAuthenticator"]["username_claim"] == "preferred_username"


@pytest.mark.parametrize(("way", "key"), [("oidc", "oauth_user.groups"), ("azuread", "user.groups")])
def test_groups_of_the_provider_become_groups_of_the_hub(way, key):
    traits = made(way, **{way: {"groups_claim": "groups", "groups": ["staff"], "admin_groups": ["root"]}})["traits"][WAYS[way].section]
    assert traits["manage_groups"] is True
    assert traits["auth_state_groups_key"] == key
    assert (traits["allowed_groups"], traits["admin_groups"]) == (["staff"], ["root"])


def test_a_directory_is_asked_over_tls_unless_it_is_said_otherwise():
    assert made("ldap")["traits"]["DirectoryAuthenticator"]["tls_strategy"] == "before_bind"
    assert made("ldap", ldap={"tls": "none"})["traits"]["DirectoryAuthenticator"]["tls_strategy"] == "insecure"


def test_a_directory_can_be_searched():
    search = {"base": "ou=people", "bind_dn": "cn=reader", "bind_password": "hush"}
    result = made("ldap", ldap={"bind_dn_template": [], "search": search})
    assert result["problems"] == []
    assert result["traits"]["DirectoryAuthenticator"]["user_search_base"] == "ou=people"
    assert result["secrets"] == {"ldap.search.bind_password": "hush\n"}
    assert list(result["from_files"]["DirectoryAuthenticator"]) == ["lookup_dn_search_password"]


# -- secrets


@pytest.mark.parametrize("way", [name for name in ENOUGH if WAYS[name].secrets])
def test_a_secret_is_nowhere_but_in_its_file(way):
    result = made(way)
    for secret in ("hush", "correct horse"):
        assert secret not in str({**result, "secrets": None})


def test_a_secret_goes_to_a_file_that_the_trait_is_read_from():
    result = made("github")
    assert result["secrets"] == {"github.client_secret": "hush\n"}
    assert result["from_files"] == {"GitHubOAuthenticator": {"client_secret": "/etc/jupyterhub/secrets/login/github.client_secret"}}


def test_a_file_that_somebody_else_manages_is_read_and_watched():
    result = made("github", github={"client_secret": None, "client_secret_file": "/run/keys/github"})
    assert result["problems"] == [] and result["secrets"] == {}
    assert result["from_files"] == {"GitHubOAuthenticator": {"client_secret": "/run/keys/github"}}
    assert result["watched"] == ["/run/keys/github"]


def test_metadata_is_a_path_to_the_class():
    result = made("saml")
    assert result["secrets"] == {"saml.metadata": "<EntityDescriptor/>\n"}
    assert result["traits"]["SamlAuthenticator"]["metadata_file"] == "/etc/jupyterhub/secrets/login/saml.metadata"


def test_the_hubs_own_pair_of_keys_is_kept_apart_from_the_secrets_that_are_given():
    result = made("saml")
    pair = ["/etc/jupyterhub/secrets/saml/hub.key", "/etc/jupyterhub/secrets/saml/hub.crt"]
    traits = result["traits"]["SamlAuthenticator"]
    assert [traits["key_file"], traits["certificate_file"]] == pair
    assert result["watched"] == pair


def test_the_hub_knows_its_address_and_what_it_has_to_remember():
    traits = made("saml")["traits"]["SamlAuthenticator"]
    assert traits["public_url"] == "https://hub.example.org/"
    assert traits["memory_file"] == "/var/lib/jupyterhub/saml.sqlite"


# -- addresses, several ways


def test_the_provider_sends_people_back_to_the_one_way():
    assert made("github")["traits"]["GitHubOAuthenticator"]["oauth_callback_url"] == "https://hub.example.org/hub/oauth_callback"


def test_several_ways_have_an_address_each():
    result = made("google", "pam")
    assert result["authenticator_class"] == "hubsmith_login.several.SeveralWays"
    assert list(result["traits"]["SeveralWays"]["ways"].items()) == [("google", WAYS["google"].cls), ("pam", WAYS["pam"].cls)]
    assert result["traits"]["GoogleOAuthenticator"]["oauth_callback_url"] == "https://hub.example.org/hub/google/oauth_callback"


def test_a_class_of_the_sites_own_is_taken_as_it_is():
    assert made("site.login.CampusAuthenticator")["authenticator_class"] == "site.login.CampusAuthenticator"
    several = made("pam", "site.login.CampusAuthenticator")["traits"]["SeveralWays"]["ways"]
    assert several["campus"] == "site.login.CampusAuthenticator"


# -- what is refused


def said(*ways, **changed):
    return "\n".join(made(*ways, **changed)["problems"])


def test_a_slip_is_told_from_a_class():
    assert said("gihub") == "jupyterhub_authenticator names gihub, which is no way to log in; did you mean github?"


def test_nothing_and_twice_the_same_are_refused():
    assert "jupyterhub_authenticator is empty" in said()
    assert "names pam more than once" in said("pam", "pam")


def test_a_value_and_a_file_contradict_each_other():
    assert "has both client_secret and client_secret_file" in said("github", github={"client_secret_file": "/run/keys/github"})


def test_a_directory_is_asked_in_one_manner():
    assert "both bind_dn_template and search" in said("ldap", ldap={"search": {"base": "ou=people"}})
    assert "neither bind_dn_template nor search" in said("ldap", ldap={"bind_dn_template": []})
    assert "lacks base" in said("ldap", ldap={"bind_dn_template": [], "search": {"attribute": "uid"}})


def test_a_seat_is_somebody_on_the_list_and_no_administrator():
    assert "has seat2, who is not in jupyterhub_users" in said("shared_password", shared_password={"seats": ["seat1", "seat2"]})
    assert "has ada, who is an administrator" in said("shared_password", shared_password={"seats": ["ada"]})
    assert said("shared_password", people=[]) == ""


def test_a_short_password_for_all_is_refused_without_being_told():
    problem = said("shared_password", shared_password={"password": "tulips"})
    assert "shorter than 8" in problem and "tulips" not in problem
