# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sections of the configuration an authenticator class reads, and how it spells the names it is given."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Sequence

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_eval import CHANGING
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import Imported, OwnClass

# From the most particular section, which wins, to the most general.
ROOTS = ("Authenticator", "LoggingConfigurable", "Configurable")
APPLICATION = ("JupyterHub", "Application", "SingletonConfigurable", "LoggingConfigurable", "Configurable")
BASES: dict[str, tuple[str, ...]] = {
    "LocalAuthenticator": ("Authenticator",),
    "PAMAuthenticator": ("LocalAuthenticator",),
    "DummyAuthenticator": ("Authenticator",),
    "NullAuthenticator": ("Authenticator",),
    "SharedPasswordAuthenticator": ("Authenticator",),
    "LDAPAuthenticator": ("Authenticator",),
    "OAuthenticator": ("Authenticator",),
}
# Entry point (with "local-" before it: the class with "Local" before it), and the class.
PROVIDERS = {
    "auth0": "Auth0OAuthenticator",
    "azuread": "AzureAdOAuthenticator",
    "bitbucket": "BitbucketOAuthenticator",
    "cilogon": "CILogonOAuthenticator",
    "generic-oauth": "GenericOAuthenticator",
    "github": "GitHubOAuthenticator",
    "gitlab": "GitLabOAuthenticator",
    "globus": "GlobusOAuthenticator",
    "google": "GoogleOAuthenticator",
    "openshift": "OpenShiftOAuthenticator",
}
ENTRY_POINTS = {
    "default": "PAMAuthenticator",
    "pam": "PAMAuthenticator",
    "dummy": "DummyAuthenticator",
    "null": "NullAuthenticator",
    "shared-password": "SharedPasswordAuthenticator",
    "ldap": "LDAPAuthenticator",
    "ldapauthenticator": "LDAPAuthenticator",
    "mediawiki": "MWOAuthenticator",
}
for _entry_point, _provider in PROVIDERS.items():
    ENTRY_POINTS |= {_entry_point: _provider, f"local-{_entry_point}": f"Local{_provider}"}
    BASES |= {_provider: ("OAuthenticator",), f"Local{_provider}": ("LocalAuthenticator", _provider)}
BASES["MWOAuthenticator"] = ("OAuthenticator",)
# Where these classes come from; a class of the same name from elsewhere may have other bases.
PACKAGES = ("jupyterhub", "oauthenticator", "ldapauthenticator")
# These take a login as it is spelled, and do not look at username_map.
VERBATIM = frozenset(["MWOAuthenticator"])


@dataclasses.dataclass(frozen=True)
class Lineage:
    """The sections that count for a class, the winning one first.

    ``complete``: no other section counts. ``plain``: names are spelled as the hub does by itself.
    """

    sections: tuple[str, ...]
    complete: bool = True
    plain: bool = True
    own: tuple[OwnClass, ...] = ()

    @property
    def name(self) -> str:
        return self.sections[0]

    @property
    def maps(self) -> bool:
        return not VERBATIM & set(self.sections)


UNKNOWN = Lineage(ROOTS, complete=False)


def lineage(value: object) -> Lineage:
    """:param value: as in ``c.JupyterHub.authenticator_class``: an entry point, a dotted name or a class."""
    if isinstance(value, OwnClass):
        return _own(value)
    if isinstance(value, Imported):
        return _dotted(value.dotted)
    if not isinstance(value, str):
        return UNKNOWN
    if value.lower() in ENTRY_POINTS:
        return Lineage(_sections(ENTRY_POINTS[value.lower()]))
    return _dotted(value) if "." in value else UNKNOWN


def _dotted(dotted: str) -> Lineage:
    package, name = dotted.split(".")[0], dotted.rpartition(".")[2]
    if package in PACKAGES and (name in BASES or name == "Authenticator"):
        return Lineage(_sections(name))
    return Lineage((name, *ROOTS), complete=False)


def _sections(name: str) -> tuple[str, ...]:
    if name == "Authenticator":
        return ROOTS
    return (name, *_merged([_sections(base) for base in BASES[name]], BASES[name]))


def _own(own: OwnClass) -> Lineage:
    bases = [lineage(base) for base in own.bases if not isinstance(base, str)]
    sections = (own.name, *_merged([base.sections for base in bases], [base.name for base in bases]))
    respelled = any(isinstance(part, ast.FunctionDef) and part.name == "normalize_username" for part in own.node.body)
    return Lineage(
        sections if "Authenticator" in sections else (own.name, *ROOTS),
        complete=bool(bases) and all(base.complete for base in bases),
        plain=not respelled and all(base.plain for base in bases),
        own=(own, *(further for base in bases for further in base.own)),
    )


def _merged(lines: Iterable[Sequence[str]], bases: Sequence[str]) -> tuple[str, ...]:
    """Python's method resolution order of several bases."""
    waiting = [list(line) for line in [*lines, bases]]
    order: list[str] = []
    while waiting := [line for line in waiting if line]:
        for line in waiting:
            if not any(line[0] in other[1:] for other in waiting):
                break
        else:
            line = waiting[0]
        first = line[0]
        order.append(first)
        waiting = [[name for name in other if name != first] for other in waiting]
    return tuple(order)


def redefined(node: ast.ClassDef, key: str) -> int | None:
    """The line where a class sets the trait itself, for all of its instances or in one of its methods."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and isinstance(part.func.value, ast.Attribute):
            named = part.func.value.attr == key and part.func.attr in CHANGING
        elif isinstance(part, ast.Attribute):
            named = part.attr == key and not isinstance(part.ctx, ast.Load)
        elif isinstance(part, ast.Name):
            named = part.id == key and not isinstance(part.ctx, ast.Load)
        else:
            named = isinstance(part, ast.Constant) and part.value == key
        if named and isinstance(part, ast.expr):
            return part.lineno
    return None
