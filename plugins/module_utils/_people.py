# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one list of people: who has an account, who may log in and as whom. Pure: no host, no Ansible.

Everything that needs people (accounts, allowlist, admins) goes through :func:`parse`, so a name that is refused in one
place is refused in all. Nothing that is raised here repeats a password.
"""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

STATES = ("present", "blocked", "absent")

# systemd-sysusers takes no longer names, and what it refuses would be an account that only some tools can handle.
LONGEST_NAME = 31
NAME = re.compile(r"[a-z][a-z0-9_-]*")
_MEMORY = re.compile(r"[1-9][0-9]*[KMGT]?")
_PROCESSORS = re.compile(r"(?!0+(\.0+)?$)[0-9]+(\.[0-9]+)?")

# From Debian's base-passwd and its common daemons. The host's own system accounts are refused by their UID as well;
# this list speaks before a host is asked, and for accounts which a package brings only later.
_SYSTEM_ACCOUNTS = """
    root toor daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody nogroup operator adm
    shutdown halt sudo wheel docker avahi bind colord debian-exim dnsmasq geoclue haproxy jupyterhub jupyterhub-proxy memcache
    messagebus munge mysql nginx ntpsec openldap polkitd postfix postgres rabbitmq redis rtkit saned slurm sshd sssd statd
    tcpdump tss usbmux uuidd
"""
SYSTEM_ACCOUNTS = frozenset(_SYSTEM_ACCOUNTS.split())

# Written out in full, so that a hash which a shell or a copy has cut short is not taken for one.
CRYPT_HASH = re.compile(
    r"\$g?y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}"  # yescrypt, Debian's default
    r"|\$7\$[./A-Za-z0-9]{11,97}\$[./A-Za-z0-9]{43}"  # scrypt
    r"|\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}"  # bcrypt
    r"|\$6\$(rounds=[0-9]+\$)?[^:$\s]{1,16}\$[./A-Za-z0-9]{86}"  # SHA-512
    r"|\$5\$(rounds=[0-9]+\$)?[^:$\s]{1,16}\$[./A-Za-z0-9]{43}"  # SHA-256
)


class PeopleError(ValueError):
    """The list cannot be used; the text says which entry, what was found and what to do, one sentence a line."""


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """One entry. ``None`` means: not asked for, leave it as it is or take the default."""

    name: str
    state: str = "present"
    identities: tuple[str, ...] = ()
    admin: bool = False
    groups: tuple[str, ...] = ()
    expires: datetime.date | None = None
    limits: Mapping[str, object] = dataclasses.field(default_factory=dict)
    uid: int | None = None
    group: str | None = None
    unix_groups: tuple[str, ...] = ()
    shell: str | None = None
    home: str | None = None
    comment: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)


def parse(entries: object, state: str = "present", keys: Collection[str] = ()) -> list[Person]:
    """The people in the order of the list; :class:`PeopleError` names everything that is wrong with it at once.

    :param state: what holds for entries that have no ``state`` of their own.
    :param keys: what an entry may say, if that is not everything.
    """
    if not isinstance(entries, (list, tuple)):
        raise PeopleError(f"the people are given as {_kind(entries)}; write a list of entries such as {{name: ada}}")
    people: list[Person] = []
    wrong: list[str] = []
    for number, entry in enumerate(entries, start=1):
        try:
            people.append(_person(entry, state, keys or READERS))
        except PeopleError as error:
            wrong.append(f"entry {number}{_called(entry)}: {error}")
    wrong += clashes(people)
    if wrong:
        raise PeopleError("\n".join(wrong))
    return people


def allowed(people: Iterable[Person], today: datetime.date) -> list[str]:
    """The local names that may log in on this day: neither blocked nor absent nor expired."""
    return sorted(person.name for person in people if _may_enter(person, today))


def admins(people: Iterable[Person], today: datetime.date) -> list[str]:
    """Those of :func:`allowed` who administer the hub."""
    return sorted(person.name for person in people if person.admin and _may_enter(person, today))


def standing(person: Person, today: datetime.date) -> str:
    """What the person is on this day: ``allowed``, ``blocked``, ``expired`` or ``absent``."""
    if person.state != "present":
        return person.state
    return "expired" if person.expires and today > person.expires else "allowed"


def _may_enter(person: Person, today: datetime.date) -> bool:
    return standing(person, today) == "allowed"


def _person(entry: object, state: str, keys: Collection[str]) -> Person:
    if not isinstance(entry, Mapping):
        raise PeopleError(f"this is {_kind(entry)}; write a mapping such as {{name: ada}}")
    known(entry, keys, "key")
    if "name" not in entry:
        raise PeopleError("it has no name; add the local account's name, e.g. {name: ada}")
    values = {key: READERS[str(key)](str(key), value) for key, value in entry.items()}
    return Person(**{"state": state, **values})


def known(given: Iterable[object], right: Collection[str], what: str) -> None:
    """Refuse the first unknown word, with the nearest right one."""
    for word in given:
        if word not in right:
            near = difflib.get_close_matches(str(word), list(right), n=1)
            remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(right)}"
            raise PeopleError(f"the {what} {word} is unknown; {remedy}")


def name(key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise PeopleError(f"the name is {_kind(value)}; write the local account's name as text, in quotes if it looks like a number")
    if "@" in value:
        raise PeopleError(
            "the name is an e-mail address; choose a local account name and put the address into identities, "
            f"e.g. {{name: {_suggestion(value)}, identities: [{value}]}}"
        )
    if value in SYSTEM_ACCOUNTS or value.startswith("systemd-"):
        raise PeopleError("this is the name of a system account, which never logs in to the hub; choose another name for the person")
    return unix_name("name", value)


def unix_name(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise PeopleError(f"{key} is {_kind(value)}; write a name as text, in quotes if it looks like a number")
    if value != value.lower():
        raise PeopleError(f"{key} has upper case letters ({value}), and the hub lowercases every login; write {value.lower()}")
    if len(value) > LONGEST_NAME:
        raise PeopleError(f"{key} has {len(value)} characters ({value}); shorten it to {LONGEST_NAME}, the most that every tool takes")
    if not NAME.fullmatch(value):
        raise PeopleError(f"{key} is {value!r}; use a-z, 0-9, - and _ only, and begin with a letter")
    return value


def _suggestion(address: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "", address.split("@")[0].split(".")[0].lower()).lstrip("0123456789_-") or "ada"


def _state(key: str, value: object) -> str:
    known([value], STATES, key)
    return str(value)


def _flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise PeopleError(f"{key} is {value!r}; write true or false")
    return value


def _uid(key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**32 - 2:
        raise PeopleError(f"{key} is {value!r}; write a positive whole number, 1000 or above on Debian")
    return int(value)


def _words(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise PeopleError(f"{key} is {_kind(value)}; write a list, e.g. {key}: [one, another]")
    for word in value:
        if not isinstance(word, str) or not word or word != word.strip() or not word.isprintable():
            raise PeopleError(f"{key} contains {word!r}; write text without spaces around it")
    if len(set(value)) < len(value):
        twice = min(word for word in value if value.count(word) > 1)
        raise PeopleError(f"{key} contains {twice} twice; write it once")
    return tuple(map(str, value))


def identities(key: str, value: object) -> tuple[str, ...]:
    # The hub lowercases a login before it looks it up, so any other spelling would never be found.
    return _words(key, [word.lower() if isinstance(word, str) else word for word in value] if isinstance(value, (list, tuple)) else value)


def unix_names(key: str, value: object) -> tuple[str, ...]:
    return tuple(unix_name(key, word) for word in _words(key, value))


def _date(key: str, value: object) -> datetime.date:
    try:
        # Not isinstance: a datetime is a date too, but a moment is not the day that is asked for.
        return datetime.date.fromisoformat(value.isoformat() if isinstance(value, datetime.date) else str(value))
    except ValueError:
        raise PeopleError(f"{key} is {str(value)!r}; write the last day as year-month-day, e.g. 2027-01-31") from None


def _limits(key: str, value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise PeopleError(f"{key} is {_kind(value)}; write a mapping such as {{memory: 4G, cpu: 2}}")
    known(value, ("memory", "cpu"), "limit")
    for limit, amount in value.items():
        pattern = _MEMORY if limit == "memory" else _PROCESSORS
        if isinstance(amount, bool) or not pattern.fullmatch(str(amount)):
            example = "bytes or a number with K, M, G or T, e.g. 4G" if limit == "memory" else "a number of processors above 0, e.g. 1.5"
            raise PeopleError(f"the limit {limit} is {amount!r}; write {example}")
    return {str(limit): amount for limit, amount in value.items()}


def absolute_path(key: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"/[^/:\s,][^:\s,]*", value) or posixpath.normpath(value) != value:
        raise PeopleError(f"{key} is {value!r}; write an absolute path without colons, commas, spaces, '..' or a slash at the end")
    return str(value)


def _comment(key: str, value: object) -> str:
    if not isinstance(value, str) or ":" in value or not value.isprintable():
        raise PeopleError(f"{key} is {value!r}; write one line of text without colons")
    return str(value)


def _password(key: str, value: object) -> str:
    if not isinstance(value, str) or not CRYPT_HASH.fullmatch(value):
        raise PeopleError(
            f"{key} is not a complete crypt hash, and clear text is not taken; make a hash with `mkpasswd` "
            "(package whois) or `openssl passwd -6` and put that in, in single quotes"
        )
    return str(value)


READERS: dict[str, Callable[[str, object], Any]] = {
    "name": name,
    "state": _state,
    "identities": identities,
    "admin": _flag,
    "groups": _words,
    "expires": _date,
    "limits": _limits,
    "uid": _uid,
    "group": unix_name,
    "unix_groups": unix_names,
    "shell": absolute_path,
    "home": absolute_path,
    "comment": _comment,
    "password": _password,
}
# What the access file says of a person.
ACCESS_KEYS = ("name", "state", "identities", "admin", "groups", "expires", "limits")


def clashes(people: Iterable[Person]) -> Iterator[str]:
    """What no entry shows alone: two people with one name, uid or identity, and an identity that is somebody else's name.

    Whoever is absent keeps neither name nor identities from others.
    """
    names: set[str] = set()
    there: set[str] = set()
    uids: dict[int, str] = {}
    owners: dict[str, str] = {}
    for person in people:
        if person.name in names:
            yield f"{person.name} is in the list twice; merge the two entries"
        names.add(person.name)
        if person.uid is not None and uids.setdefault(person.uid, person.name) != person.name:
            yield f"{uids[person.uid]} and {person.name} have the same uid {person.uid}; give one of them another"
        if person.state == "absent":
            continue
        there.add(person.name)
        for identity in person.identities:
            if owners.setdefault(identity, person.name) != person.name:
                yield f"{owners[identity]} and {person.name} have the same identity {identity}; it can log in as one of them only"
    for identity, owner in owners.items():
        if identity in there and identity != owner:
            # Some authenticators look a login up twice, and would lead whoever is this person on to the other account.
            yield f"{owner} has the identity {identity}, which is the local name of another entry; remove one of the two"


def _called(entry: object) -> str:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return f" ({name})" if isinstance(name, str) and name else ""


def _kind(value: object) -> str:
    """What was found, without its content, which may be a secret that slipped into the wrong place."""
    kinds = {type(None): "empty", bool: "true or false", int: "a number", str: "text", dict: "a mapping", list: "a list"}
    found = next((word for kind, word in kinds.items() if isinstance(value, kind)), f"of the type {type(value).__name__}")
    return "empty" if value == "" else found
