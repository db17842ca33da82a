# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to log in that the collection knows by name: which class does it, and which traits its options stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Options = Mapping[str, Any]
Traits = dict[str, Any]


def section(cls: str) -> str:
    """The part of the configuration that is for a class."""
    return cls.rpartition(".")[2]


@dataclass(frozen=True)
class Way:
    """``names`` are the traits that options stand for as they are; ``more`` works out others; ``fixed`` holds where no option says more."""

    cls: str
    names: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    more: Callable[[Options], Traits] = lambda options: {}
    # An option with a dot is one of a dictionary; secrets can also be given as files of the host's, with _file behind the name.
    required: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    # Texts that are no secrets but, like them, are kept in a file, whose path the trait is.
    files: Mapping[str, str] = field(default_factory=dict)
    # What follows from where the hub is and where it keeps things; of these, the traits whose files a change of restarts the hub.
    placed: Callable[[Mapping[str, str]], Traits] = lambda site: {}
    watched: tuple[str, ...] = ()
    # Whether people are sent to another site, which sends them back to an address of the hub's.
    callback: bool = False
    # The set of locked requirements that it needs beside the hub's own.
    requirements: str = ""

    @property
    def section(self) -> str:
        return section(self.cls)

    def traits(self, options: Options) -> Traits:
        """What is said; the rest is left to the class."""
        said = {trait: options[option] for option, trait in self.names.items() if option in options} | self.more(options)
        return dict(self.fixed) | {trait: value for trait, value in said.items() if value not in (None, "", [], {})}


def of_client(cls: str, names: Mapping[str, str], required: tuple[str, ...] = (), **more: Any) -> Way:
    """Of a provider where the hub is registered as a client."""
    return Way(
        cls,
        {"client_id": "client_id", **names},
        required=("client_id", "client_secret", *required),
        secrets={"client_secret": "client_secret"},
        callback=True,
        **more,
    )


def groups_in(claim: str | None, prefix: str, options: Options) -> Traits:
    """Groups that the provider tells, from which the hub's own are made."""
    if not claim:
        return {}
    key = {"auth_state_groups_key": f"{prefix}.{claim}"}
    return {"manage_groups": True, **key, "allowed_groups": options.get("groups"), "admin_groups": options.get("admin_groups")}


def _github(options: Options) -> Traits:
    limits = [*options.get("organizations", ()), *options.get("teams", ())]
    # Without the scope, GitHub tells of a membership only if the member has made it public.
    return {"allowed_organizations": limits, "scope": ["read:org"] if limits else []}


def _gitlab(options: Options) -> Traits:
    return {"scope": ["read_user", "read_api"] if options.get("groups") else ["read_user"]}


def _azuread(options: Options) -> Traits:
    return groups_in("groups" if options.get("groups") or options.get("admin_groups") else None, "user", options)


def _cilogon(options: Options) -> Traits:
    claims = {entity: (given or {}).get("username_claim", "email") for entity, given in options["identity_providers"].items()}
    return {"idps": {entity: {"username_derivation": {"username_claim": claim}} for entity, claim in claims.items()}}


def _oidc(options: Options) -> Traits:
    return groups_in(options.get("groups_claim"), "oauth_user", options)


def _ldap(options: Options) -> Traits:
    search = options.get("search") or {}
    certificates = options.get("ca_certificate")
    return {
        "tls_strategy": {"none": "insecure"}.get(options.get("tls", ""), options.get("tls")),
        "tls_kwargs": {"ca_certs_file": certificates} if certificates else {},
        "lookup_dn": bool(search) or None,
        "user_search_base": search.get("base"),
        "user_attribute": search.get("attribute", "uid") if search else None,
        "lookup_dn_search_user": search.get("bind_dn"),
    }


def _saml(options: Options) -> Traits:
    return {"manage_groups": True if options.get("groups_attribute") else None}


def _saml_placed(site: Mapping[str, str]) -> Traits:
    pair = f"{site['secrets_dir']}/saml/hub"
    memory = f"{site['state_dir']}/saml.sqlite"
    return {"public_url": site["public_url"], "key_file": f"{pair}.key", "certificate_file": f"{pair}.crt", "memory_file": memory}


WAYS = {
    # A PAM session would be the hub's own: a limit in it would hold for the hub, and with systemd's module it would leave its unit.
    "pam": Way("jupyterhub.auth.PAMAuthenticator", {"groups": "allowed_groups"}, fixed={"service": "jupyterhub", "open_sessions": False}),
    "github": of_client("oauthenticator.github.GitHubOAuthenticator", {"url": "github_url"}, more=_github),
    # A name is told apart from the same name in another domain only by the whole address.
    "google": of_client(
        "oauthenticator.google.GoogleOAuthenticator",
        {"hosted_domains": "hosted_domain"},
        # Without a refresh token everybody had to log in again every hour.
        fixed={"strip_domain": False, "extra_authorize_params": {"access_type": "offline", "prompt": "consent"}},
    ),
    "gitlab": of_client(
        "oauthenticator.gitlab.GitLabOAuthenticator", {"url": "gitlab_url", "groups": "allowed_gitlab_groups"}, more=_gitlab
    ),
    "azuread": of_client(
        "oauthenticator.azuread.AzureAdOAuthenticator",
        {"tenant_id": "tenant_id", "username_claim": "username_claim"},
        ("tenant_id",),
        # By itself the class takes the name that is shown, which people can choose and share.
        fixed={"scope": ["openid", "profile", "email", "offline_access"], "username_claim": "preferred_username"},
        more=_azuread,
    ),
    # Without it, whoever has the same name at another institution would be the same person, as the class cuts off what comes after the @.
    "globus": of_client(
        "oauthenticator.globus.GlobusOAuthenticator",
        {"identity_provider": "identity_provider", "groups": "allowed_globus_groups"},
        ("identity_provider",),
    ),
    "cilogon": of_client("oauthenticator.cilogon.CILogonOAuthenticator", {}, ("identity_providers",), more=_cilogon),
    "oidc": of_client(
        "hubsmith_login.openid.OpenIDAuthenticator",
        {"issuer": "issuer", "name": "login_service", "scopes": "scope", "username_claim": "username_claim"},
        ("issuer",),
        fixed={"login_service": "single sign-on", "scope": ["openid", "profile", "email"], "username_claim": "preferred_username"},
        more=_oidc,
    ),
    "ldap": Way(
        "hubsmith_login.directory.DirectoryAuthenticator",
        {
            "server": "server_address",
            "port": "server_port",
            "bind_dn_template": "bind_dn_template",
            "groups": "allowed_groups",
            "group_attributes": "group_attributes",
        },
        fixed={"tls_strategy": "before_bind"},
        more=_ldap,
        required=("server",),
        secrets={"search.bind_password": "lookup_dn_search_password"},
        requirements="ldap",
    ),
    "saml": Way(
        "hubsmith_login.saml.SamlAuthenticator",
        {
            "entity_id": "entity_id",
            "name": "login_service",
            "username_attribute": "username_attribute",
            "groups_attribute": "groups_attribute",
            "groups": "allowed_groups",
            "admin_groups": "admin_groups",
        },
        fixed={"login_service": "single sign-on"},
        more=_saml,
        placed=_saml_placed,
        watched=("key_file", "certificate_file"),
        required=("metadata",),
        files={"metadata": "metadata_file"},
        requirements="saml",
    ),
    "shared_password": Way(
        "hubsmith_login.seats.SeatsAuthenticator",
        {"seats": "seats"},
        required=("password", "seats"),
        secrets={"password": "password"},
    ),
}
