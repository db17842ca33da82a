# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold every section and trait of a loaded configuration against the classes that the hub would use.

Part of the program that checks a configuration with the hub's own Python: standard library and, once called, the hub.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable
from typing import Any

# Values of such traits are not repeated in a message.
_PRIVATE = re.compile(r"secret|passw|token|key|cookie", re.IGNORECASE)
# Once these named the allowlist. They still override it, or do nothing at all.
_OUTLAWED = re.compile(r"whitelist|blacklist")
# What traitlets notes, and the methods by which it came about.
_LAZY_WORDS = {"extend": "append() or .extend", "inserts": "insert", "update": "add() or .update"}
_LAZY_FITS: dict[Any, set[str]] = {list: {"extend", "prepend", "inserts"}, set: {"update"}, dict: {"update"}}


class Checker:
    """Collects ``problems`` (the hub would not start, or would not do what is written) and ``warnings``.

    Each is a dictionary with "name" (Section.trait), "message" and "suggestions".
    """

    def __init__(self, config: Any, known_classes: Iterable[str] = ()) -> None:
        self.config = config
        self.problems: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []
        self.trusted = {name for name in known_classes if "." not in name}
        self._import([name for name in known_classes if "." in name])
        self.unsure = False
        self.active = self._active_classes()

    def run(self) -> None:
        for name, value in self.config.items():
            if _is_section(value):
                self._section((name,), value)
            else:
                self._add(self.problems, (name,), "settings have the form c.Section.trait", self._near(name, self._names()))

    def _add(self, where: list[dict[str, Any]], path: tuple[str, ...], message: str, suggestions: Iterable[str] = ()) -> None:
        where.append({"name": ".".join(path), "message": message, "suggestions": list(suggestions)})

    # -- the classes

    def _import(self, names: Iterable[str]) -> None:
        from traitlets.utils.importstring import import_item

        for name in names:
            try:
                import_item(name)
            except Exception as error:
                self._add(self.problems, (name,), f"given as a known class, but it cannot be imported: {error}")

    def _active_classes(self) -> list[type]:
        """The hub's own class and those it is told to use, however they are named."""
        from jupyterhub.app import JupyterHub
        from jupyterhub.traitlets import EntryPointType
        from traitlets import TraitError

        hub = _blank(JupyterHub)
        given = self.config.get("JupyterHub", {})
        active: list[type] = [JupyterHub]
        for name, trait in _traits(JupyterHub).items():
            if isinstance(trait, EntryPointType):
                try:
                    active.append(trait._validate(hub, given.get(name)) if name in given else getattr(hub, name))
                except (TraitError, ImportError):
                    # The trait itself is reported where all values are; here it only matters which class is unknown.
                    self.unsure = True
                    active.append(getattr(hub, name))
        return active

    @functools.cached_property
    def _installed(self) -> dict[str, list[type]]:
        """All that is installed for a hub, used or not. Only asked for when a name is unknown: it takes a second."""
        from jupyterhub.app import JupyterHub

        _blank(JupyterHub)._load_classes()
        return _by_name()

    @functools.cached_property
    def _loaded(self) -> dict[str, list[type]]:
        return _by_name()

    def _names(self) -> list[str]:
        return [*self._installed, *self.trusted]

    def _near(self, name: str, names: Iterable[str]) -> list[str]:
        lower = {other.lower(): other for other in names}
        return [lower[match] for match in difflib.get_close_matches(name.lower(), lower, 3, 0.7)]

    # -- sections

    def _section(self, path: tuple[str, ...], section: Any) -> None:
        name = "JupyterHub" if path[-1] == "JupyterHubApp" else path[-1]
        classes = self._loaded.get(name) or self._installed.get(name)
        if not classes:
            if name not in self.trusted and section:
                message = "no class of the hub or of its plugins has this name; if it is right, list it in known_classes"
                self._add(self.problems, (*path, next(iter(section))), message, self._near(name, self._names()))
            return
        # A section holds for all subclasses, so what only the active class knows may stand in a base class's section.
        candidates = [cls for cls in self.active if issubclass(cls, tuple(classes))]
        if not candidates and section:
            self._idle(path, section, classes)
        for key, value in section.items():
            if _is_section(value):
                self._section((*path, key), value)
            else:
                self._trait((*path, key), [*candidates, *classes], value)

    def _idle(self, path: tuple[str, ...], section: Any, classes: list[type]) -> None:
        for base, option in _kinds().items():
            in_use = [cls.__name__ for cls in self.active if issubclass(cls, base)]
            if issubclass(classes[0], base) and not self.unsure and path[-1] not in self.trusted:
                self._add(self.warnings, (*path, next(iter(section))), f"has no effect: {option} is {in_use[0]}")

    # -- traits

    def _trait(self, path: tuple[str, ...], classes: list[type], value: Any) -> None:
        key = path[-1]
        found = next(((cls, _traits(cls)[key]) for cls in classes if key in _traits(cls)), None)
        renamed = [new for cls in classes for old, new in _renamed(cls).items() if old == key]
        if found and not _OUTLAWED.search(key):
            self._deprecated(path, found[1])
            self._value(path, *found, value)
        elif found:
            message = "an old name; it overrides the new one, even when it is empty, or has no effect"
            likely = renamed[:1] or self._near("allowed_" + key.replace("_whitelist", ""), _traits(found[0]))
            self._add(self.problems, path, message, likely)
        elif renamed:
            self._add(self.problems, path, "an old name, which has no effect any more", renamed[:1])
        else:
            self._unknown(path, classes)

    def _unknown(self, path: tuple[str, ...], classes: list[type]) -> None:
        key = path[-1]
        elsewhere = self._owners(key)
        near = self._near(key, sorted({name for cls in classes for name in _traits(cls)}))
        self._add(self.problems, path, f"{path[-2]} has no such setting", elsewhere or near)

    def _owners(self, key: str) -> list[str]:
        """Where a trait of just this name exists: the class that brought it, of those in use, else of those installed."""
        everything = (cls for classes in self._installed.values() for cls in classes)
        owners = (_owner(cls, key) for cls in [*self.active, *everything] if key in _traits(cls))
        return list(dict.fromkeys(f"{owner}.{key}" for owner in owners))[:1]

    def _deprecated(self, path: tuple[str, ...], trait: Any) -> None:
        words = " ".join((trait.help or "").split())
        if words.lower().startswith("deprecated"):
            self._add(self.warnings, path, words.split(". ", 1)[0])

    def _value(self, path: tuple[str, ...], cls: type, trait: Any, value: Any) -> None:
        from traitlets.config.loader import LazyConfigValue

        blank = _blank(cls)
        if isinstance(value, LazyConfigValue):
            wrong, value = _apply(blank, trait, value)
        else:
            wrong = None
        wrong = wrong or _invalid(blank, trait, value)
        if wrong and _PRIVATE.search(trait.name):
            wrong = f"expected {trait.info()}, found {type(value).__name__} (its value is not shown)"
        if wrong:
            self._add(self.problems, path, wrong, self._plugins(trait, value))

    def _plugins(self, trait: Any, value: Any) -> list[str]:
        """Names like the one given for a class that cannot be imported."""
        if not hasattr(trait, "load_entry_points") or not isinstance(value, str):
            return []
        return [repr(name) for name in self._near(value, trait.load_entry_points())]


def _is_section(value: Any) -> bool:
    from traitlets.config import Config

    return isinstance(value, Config)


def _kinds() -> dict[type, str]:
    from jupyterhub.auth import Authenticator
    from jupyterhub.proxy import Proxy
    from jupyterhub.spawner import Spawner

    return {Authenticator: "authenticator_class", Spawner: "spawner_class", Proxy: "proxy_class"}


def _by_name() -> dict[str, list[type]]:
    """Every configurable class that is imported now, those that the configuration itself defines included."""
    from traitlets.config import Configurable

    names: dict[str, list[type]] = {}
    waiting: list[type] = [Configurable]
    while waiting:
        cls = waiting.pop()
        if cls not in names.setdefault(cls.__name__, []):
            names[cls.__name__].append(cls)
            waiting += cls.__subclasses__()
    return names


@functools.cache
def _traits(cls: Any) -> dict[str, Any]:
    traits: dict[str, Any] = cls.class_traits(config=True)
    return traits


def _owner(cls: type, key: str) -> str:
    return [base.__name__ for base in cls.__mro__ if key in getattr(base, "_traits", {})][-1]


def _renamed(cls: type) -> dict[str, str]:
    """Old names of traits and their new ones, as JupyterHub and oauthenticator list them."""
    lists = [getattr(cls, name, {}) for name in ("_deprecated_aliases", "_deprecated_oauth_aliases")]
    return {old: new[0] for aliases in lists for old, new in aliases.items()}


def _blank(cls: Any) -> Any:
    """An instance that knows its traits but was not initialised: nothing is opened, created or connected."""
    return cls.__new__(cls)


def _apply(blank: Any, trait: Any, lazy: Any) -> tuple[str | None, Any]:
    """What appending to a default gives, or why it would be ignored."""
    try:
        initial = getattr(blank, trait.name)
    except Exception:
        # Some defaults need an initialised object. An empty container of the right kind says enough about the type.
        initial = trait.klass() if getattr(trait, "klass", None) in (list, set, dict) else None
    used = set(lazy.to_dict())
    fits = _LAZY_FITS.get(type(initial), set())
    if used - fits:
        asked = "/".join(sorted(_LAZY_WORDS.get(name, name) for name in used - fits))
        return f"is of type {type(initial).__name__}: .{asked}() has no effect", initial
    try:
        return None, lazy.get_value(initial)
    except Exception as error:
        return f"cannot be added to a {type(initial).__name__}: {error}", initial


def _invalid(blank: Any, trait: Any, value: Any) -> str | None:
    from traitlets import TraitError

    blank._cross_validation_lock = True
    try:
        value = trait._validate(blank, value)
    except Exception as error:
        return re.sub(r"^The '.*?' trait of .*? instance (?=expected|must)", "", str(error)).rstrip(".")
    blank._cross_validation_lock = False
    try:
        trait._cross_validate(blank, value)
    except (TraitError, ValueError) as error:
        return str(error)
    except (Exception, SystemExit):
        # The class's own validator wants an initialised object: not for us to judge.
        pass
    return None
