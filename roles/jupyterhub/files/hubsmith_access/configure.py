# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts live access in front of the authenticator that a configuration names."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

from jupyterhub.auth import Authenticator, PAMAuthenticator
from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue
from traitlets.utils.importstring import import_item

from .authenticator import LiveAccess

_ROSTERS = {"allowed_users", "admin_users", "blocked_users", "username_map", "whitelist", "admin_whitelist"}


def live(c: Any) -> None:
    """Have the access file say who may use the hub. Called when everything else in the configuration is said.

    :raises ValueError: in sentences, if the configuration itself lists people, or names no authenticator that there is.
    """
    path = c.get("LiveAccess", {}).get("path", LiveAccess.path.default_value)
    wrong = [_sentence(setting, path) for setting in _settings(c) if _says_who(setting)]
    if wrong:
        raise ValueError("\n".join(wrong))
    hub = c.get("JupyterHub", {})
    given = hub.get("authenticator_class", PAMAuthenticator)
    c.JupyterHub.authenticator_class = in_front_of(_class(PAMAuthenticator if isinstance(given, LazyConfigValue) else given))


@functools.cache
def in_front_of(cls: type) -> type:
    """The class, with live access; as it is, if it has that already."""
    if issubclass(cls, LiveAccess):
        return cls
    made = types.new_class(f"Live{cls.__name__}", (LiveAccess, cls))
    made.__module__, made.__doc__ = "hubsmith_access", cls.__doc__
    return made


def _class(given: Any) -> type:
    """As the hub takes it: a name under which it was installed, one that can be imported, or the class itself."""
    what = f"c.JupyterHub.authenticator_class is {given!r}"
    if isinstance(given, str):
        installed = {point.name.lower(): point for point in entry_points(group="jupyterhub.authenticators")}
        try:
            found = installed[given.lower()].load() if given.lower() in installed else import_item(given)
        except (ImportError, AttributeError, ValueError) as error:
            names = ", ".join(sorted(installed))
            raise ValueError(f"{what}, which cannot be imported ({error}); install it, or use one of these: {names}") from None
    else:
        found = given
    if not (isinstance(found, type) and issubclass(found, Authenticator)):
        raise ValueError(f"{what}, which is not an authenticator; name a class that is derived from jupyterhub.auth.Authenticator")
    return found


_Setting = tuple[tuple[str, ...], Any]


def _settings(section: Config, path: tuple[str, ...] = ()) -> Iterator[_Setting]:
    for key, value in list(section.items()):
        if isinstance(value, Config):
            yield from _settings(value, (*path, key))
        # To mention a setting that has no value makes one of these, which says nothing until something is added.
        elif not (isinstance(value, LazyConfigValue) and not value.to_dict()):
            yield (*path, key), value


def _says_who(setting: _Setting) -> bool:
    path, value = setting
    return path[-1] in _ROSTERS or (path[-1] == "allow_existing_users" and bool(value))


def _sentence(setting: _Setting, path: str) -> str:
    name = "c." + ".".join(setting[0])
    if setting[0][-1] == "allow_existing_users":
        remedy = "remove it, and set c.LiveAccess.accept_hub_users = True to add users in the hub itself"
        return f"{name} would let everybody in who was there once; {remedy}"
    return f"{name} lists people, and only the access file {path} says who they are; move them there and remove this line"
