# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the ways that a site has chosen to what its hub is configured with."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.plugin_utils._ways import WAYS, Way, section

SEVERAL = "hubsmith_login.several.SeveralWays"
SHORTEST_PASSWORD = 8


def login(ways: Sequence[str], options: Mapping[str, Any], site: Mapping[str, Any]) -> dict[str, Any]:
    """Work out the configuration.

    :param ways: names of :data:`WAYS`, or classes of a site's own.
    :param options: a dictionary for each way.
    :param site: ``public_url`` with a slash at its end, ``secrets_dir``, ``state_dir``, and ``people`` as the site lists them.
    :return: ``authenticator_class``;
        ``traits`` by section;
        ``secrets``, texts by the names of the files that they go to;
        ``from_files``, by section the traits that are read from a file, with its path;
        ``watched``, files with a change of which the hub is restarted, beside those of ``secrets``;
        ``requirements``, names of sets of locked requirements;
        ``problems``, a sentence for each thing that is wrong, in which case nothing else counts.
    """
    problems = list(_problems(ways, options, site["people"]))
    result: dict[str, Any] = {"problems": problems, "requirements": [], "secrets": {}, "from_files": {}, "traits": {}, "watched": []}
    if problems:
        return result
    for name in ways:
        if name in WAYS:
            _add(result, name, options[name], site, several=len(ways) > 1)
    classes = {name if name in WAYS else _label(name): WAYS[name].cls if name in WAYS else name for name in ways}
    if len(ways) == 1:
        result["authenticator_class"] = next(iter(classes.values()))
    else:
        result["authenticator_class"] = SEVERAL
        result["traits"][section(SEVERAL)] = {"ways": classes}
    return result


def _add(result: dict[str, Any], name: str, options: Mapping[str, Any], site: Mapping[str, Any], several: bool) -> None:
    way = WAYS[name]
    traits = result["traits"][way.section] = way.placed(site) | way.traits(options)
    result["watched"] += [traits[trait] for trait in way.watched]
    path = f"{name}/" if several else ""
    if way.callback:
        traits["oauth_callback_url"] = f"{site['public_url']}hub/{path}oauth_callback"
    for option, trait in (*way.secrets.items(), *way.files.items()):
        value, file = _value(options, option), _value(options, f"{option}_file")
        if value:
            result["secrets"][f"{name}.{option}"] = f"{value}\n"
            file = f"{site['secrets_dir']}/login/{name}.{option}"
        elif file:
            result["watched"].append(file)
        if file and option in way.files:
            traits[trait] = file
        elif file:
            result["from_files"].setdefault(way.section, {})[trait] = file
    if way.requirements:
        result["requirements"].append(way.requirements)


def _value(options: Mapping[str, Any], option: str) -> Any:
    outer, _dot, inner = option.rpartition(".")
    return (options.get(outer) or {} if outer else options).get(inner)


def _label(cls: str) -> str:
    """What stands in addresses and before names for a site's own class."""
    return section(cls).lower().removesuffix("authenticator") or cls.lower()


# -- what is wrong


def _problems(ways: Sequence[str], options: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not ways:
        yield f"jupyterhub_authenticator is empty; name one of {', '.join(WAYS)}, or an authenticator class"
    for name in ways:
        if ways.count(name) > 1:
            yield f"jupyterhub_authenticator names {name} more than once; leave one of them"
        elif name in WAYS:
            yield from _lacking(name, WAYS[name], options[name])
        elif near := difflib.get_close_matches(name, WAYS, 1, 0.75):
            yield f"jupyterhub_authenticator names {name}, which is no way to log in; did you mean {near[0]}?"
    if "ldap" in ways:
        yield from _of_ldap(options["ldap"])
    if "shared_password" in ways:
        yield from _of_seats(options["shared_password"], people)


def _lacking(name: str, way: Way, options: Mapping[str, Any]) -> Iterator[str]:
    kept = (*way.secrets, *way.files)
    for option in way.required:
        if not (_value(options, option) or (option in kept and _value(options, f"{option}_file"))):
            or_file = f" (or {option}_file, a file on the host)" if option in kept else ""
            yield f"jupyterhub_{name} lacks {option}{or_file}, without which nobody can log in by {name}"
    for option in kept:
        if _value(options, option) and _value(options, f"{option}_file"):
            yield f"jupyterhub_{name} has both {option} and {option}_file; leave one of them"


def _of_ldap(options: Mapping[str, Any]) -> Iterator[str]:
    search = options.get("search") or {}
    if bool(search) == bool(options.get("bind_dn_template")):
        found = "both bind_dn_template and search" if search else "neither bind_dn_template nor search"
        yield f"jupyterhub_ldap has {found}; say by one of them how the entry of somebody who logs in is found"
    if search and not search.get("base"):
        yield "jupyterhub_ldap.search lacks base, the entry below which people are looked for"


def _of_seats(options: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if 0 < len(str(options.get("password") or "")) < SHORTEST_PASSWORD:
        yield f"jupyterhub_shared_password.password is shorter than {SHORTEST_PASSWORD} characters; choose a longer one"
    listed = {person.get("name"): person for person in people}
    for seat in options.get("seats") or () if listed else ():
        seated = f"jupyterhub_shared_password.seats has {seat}, who is"
        if seat not in listed:
            yield f"{seated} not in jupyterhub_users; add an entry there, by which the seat gets its account"
        elif listed[seat].get("admin"):
            yield f"{seated} an administrator in jupyterhub_users; whoever knows the password would be one, too"
