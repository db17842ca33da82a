# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the hub's configuration to what is wanted: compare, check, swap."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _config_stage, _files, _snapshot

EARLIER_SECRETS = 2
UNTOUCHED = "nothing was changed; the running hub was not touched"


class Refused(Exception):
    """What is wanted cannot be, for the reason that the text gives."""


@dataclass(frozen=True)
class Wanted:
    """The options of the module. ``content`` None: the main file stays; a fragment that is None: it goes; a secret: it is drawn here."""

    path: str
    python: str
    content: str | None = None
    fragments_dir: str | None = None
    fragments: Mapping[str, str | None] = field(default_factory=dict)
    secrets_dir: str | None = None
    secrets: Mapping[str, str | None] = field(default_factory=dict)
    renewed: Sequence[str] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    singleuser_prefix: str | None = None
    known_classes: Sequence[str] = ()
    working_directory: str = "/"
    environment_files: Sequence[str] = ()
    mode: int = 0o600
    uid: int | None = None
    gid: int | None = None
    backup: bool = False
    state_dir: str = "/var/lib/hubsmith-jupyterhub"


@dataclass
class Outcome:
    """What was done, or in check mode would be."""

    changed: bool
    digest: str
    checked: bool = False
    diff: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    backup_file: str | None = None


def bring_about(wanted: Wanted, check_mode: bool, runner: _config_stage.Runner) -> Outcome:
    """Check what is wanted and swap it in; in check mode only tell.

    :param runner: runs the hub's own Python.
    """
    hidden = _secrets(wanted)
    goal = _goal(wanted) | hidden
    now = {path: _state(path) for path in goal}
    after = {path: _settled(entry, now[path]) for path, entry in goal.items()}
    changes = {path: entry for path, entry in after.items() if entry != now[path]}
    request = _request(wanted, changes)
    told = {path: entry for path, entry in after.items() if path not in hidden}
    outcome = Outcome(changed=bool(changes), digest=_digest(wanted, request, told), diff=_diff(now, changes, hidden))
    _check(wanted, request, outcome, check_mode, runner)
    if changes and not check_mode:
        outcome.backup_file = _swap(wanted, now, changes)
    return outcome


# -- what is wanted


def _goal(wanted: Wanted) -> _snapshot.Snapshot:
    """Every path that is managed, and what it shall hold."""
    if not wanted.path.endswith(".py"):
        raise Refused(f"{wanted.path} does not end in .py; JupyterHub would not load it")
    goal = {} if wanted.content is None else {wanted.path: _text(wanted, wanted.content)}
    for name, text in wanted.fragments.items():
        goal[_fragment(wanted, name)] = _snapshot.ABSENT if text is None else _text(wanted, text)
    return goal | {path: _files.link(target) for path, target in wanted.links.items()}


def _secrets(wanted: Wanted) -> _snapshot.Snapshot:
    """The files of the folder of secrets, which are all ours: those that are not wanted go."""
    folder = wanted.secrets_dir
    if not folder:
        if wanted.secrets:
            raise Refused("secrets have no place; give secrets_dir")
        return {}
    if wrong := [name for name in wanted.secrets if "/" in name or name.startswith(".")]:
        raise Refused(f"{wrong[0]!r} cannot name a secret; give a plain file name")
    # A name with a dot is one under which something is being written.
    there = [name for name in os.listdir(folder) if not name.startswith(".")] if os.path.isdir(folder) else []
    goal = {os.path.join(folder, name): _snapshot.ABSENT for name in there}
    for name, text in wanted.secrets.items():
        path = os.path.join(folder, name)
        goal[path] = _files.private((_drawn(path, name in wanted.renewed) if text is None else text).encode())
    return goal


def _drawn(path: str, renewed: bool) -> str:
    """A secret that nobody has to know: the one that is there, or a new one, below which stay those that things may be locked with."""
    earlier = _snapshot.take([path])[path]
    lines = (_files.content(earlier) or b"" if earlier["type"] == "file" else b"").decode().splitlines(True)
    return "".join(lines) if lines and not renewed else "".join([secrets.token_hex(32) + "\n", *lines[:EARLIER_SECRETS]])


def _diff(now: _snapshot.Snapshot, changes: _snapshot.Snapshot, hidden: _snapshot.Snapshot) -> list[dict[str, str]]:
    """What differs, but of the secrets only that they do."""

    def veiled(state: _snapshot.Snapshot, words: bytes) -> _snapshot.Snapshot:
        return {path: _files.private(words) if path in hidden and entry["type"] == "file" else entry for path, entry in state.items()}

    return _files.diff(veiled(now, b"(a secret)\n"), veiled(changes, b"(another secret)\n"))


def _text(wanted: Wanted, text: str) -> _snapshot.Entry:
    return _files.file(text.encode(), wanted.mode, -1 if wanted.uid is None else wanted.uid, -1 if wanted.gid is None else wanted.gid)


def _fragment(wanted: Wanted, name: str) -> str:
    if not wanted.fragments_dir:
        raise Refused(f"the fragment {name} has no place; give fragments_dir")
    if not name or "/" in name or name.startswith("."):
        raise Refused(f"{name!r} cannot name a fragment; give a plain file name, like 10-limits.py")
    return os.path.join(wanted.fragments_dir, name if name.endswith(".py") else f"{name}.py")


def _state(path: str) -> _snapshot.Entry:
    if os.path.isdir(path) and not os.path.islink(path):
        raise Refused(f"{path} is a folder; move it away and run again")
    return _snapshot.take([path])[path]


def _settled(entry: _snapshot.Entry, now: _snapshot.Entry) -> _snapshot.Entry:
    """An owner that was not asked for stays as it is."""
    if entry["type"] != "file":
        return entry
    owner = {"uid": now.get("uid", os.geteuid()), "gid": now.get("gid", os.getegid())}
    return entry | {key: value for key, value in owner.items() if entry[key] == -1}


# -- the check


def _request(wanted: Wanted, changes: _snapshot.Snapshot) -> _config_stage.Request:
    python = wanted.python
    places = dict(changes)
    for path, target in wanted.links.items():
        target = os.path.join(os.path.dirname(path), target)
        if path in places:
            places[path] = _files.link(target)
        if python.startswith(path + "/"):
            # The Python of the release that will be current.
            python = target + python[len(path) :]
    return _config_stage.Request(
        path=wanted.path,
        python=python,
        places=places,
        fragments=[os.path.join(wanted.fragments_dir or "", name) for name in _fragment_names(wanted, changes)],
        known_classes=wanted.known_classes,
        working_directory=wanted.working_directory,
        environment_files=wanted.environment_files,
    )


def _fragment_names(wanted: Wanted, changes: _snapshot.Snapshot) -> list[str]:
    """The fragments that there will be, whoever placed them."""
    if not wanted.fragments_dir:
        return []
    names = set(os.listdir(wanted.fragments_dir)) if os.path.isdir(wanted.fragments_dir) else set()
    for path, entry in changes.items():
        if os.path.dirname(path) == wanted.fragments_dir:
            (names.discard if entry == _snapshot.ABSENT else names.add)(os.path.basename(path))
    return sorted(name for name in names if name.endswith(".py") and not name.startswith("."))


def _digest(wanted: Wanted, request: _config_stage.Request, after: _snapshot.Snapshot) -> str:
    paths = [wanted.path, *request.fragments]
    return _config_stage.digest(request, _snapshot.take(paths) | after)


def _check(wanted: Wanted, request: _config_stage.Request, outcome: Outcome, check_mode: bool, runner: _config_stage.Runner) -> None:
    if not os.path.exists(request.python):
        missing = f"{request.python} does not exist"
        if not check_mode:
            raise Refused(f"{missing}, so the configuration cannot be checked; install the hub first")
        outcome.warnings.append(f"{missing} yet, so the configuration was not checked")
        return
    _compare_versions(wanted, request, outcome, check_mode)
    record = os.path.join(wanted.state_dir, f"config-{hashlib.sha256(wanted.path.encode()).hexdigest()[:12]}.json")
    warnings = _config_stage.passed(record, outcome.digest)
    if warnings is None:
        report = _config_stage.run(request, runner)
        if report.problems:
            raise Refused("\n".join(_config_stage.sentence(problem) for problem in report.problems))
        warnings = [_config_stage.sentence(warning) for warning in report.warnings]
        if not check_mode:
            _config_stage.remember(record, outcome.digest, report)
    outcome.checked = True
    outcome.warnings += warnings


def _compare_versions(wanted: Wanted, request: _config_stage.Request, outcome: Outcome, check_mode: bool) -> None:
    folder = wanted.singleuser_prefix
    if not folder:
        return
    if not os.path.isdir(folder):
        if not check_mode:
            raise Refused(f"{folder}, the users' environment, does not exist; install it first")
        outcome.warnings.append(f"{folder} does not exist yet, so its JupyterHub was not compared to the hub's")
        return
    hub = _config_stage.version(_config_stage.prefix(request.python), "jupyterhub")
    user = _config_stage.version(folder, "jupyterhub")
    if hub is None:
        outcome.warnings.append(f"found no JupyterHub in {_config_stage.prefix(request.python)}, so {folder} was not compared to it")
    elif hub != user:
        found = f"has JupyterHub {user}" if user else "has no JupyterHub"
        raise Refused(f"the hub is JupyterHub {hub}, but the users' environment {folder} {found}; to mend it, run: {_mend(folder, hub)}")


def _mend(folder: str, version: str) -> str:
    python = os.path.join(folder, "bin", "python")
    tool = f"{python} -m pip install" if _config_stage.version(folder, "pip") else f"uv pip install --python {python}"
    return f"{tool} jupyterhub=={version}"


# -- the swap


def _swap(wanted: Wanted, now: _snapshot.Snapshot, changes: _snapshot.Snapshot) -> str | None:
    for path, entry in changes.items():
        target = os.path.join(os.path.dirname(path), entry.get("target", ""))
        if entry["type"] == "link" and not os.path.exists(target):
            raise Refused(f"{path} shall point to {target}, which does not exist")
    backups = {}
    if wanted.backup:
        stamp = time.strftime("%Y-%m-%d@%H:%M:%S~")
        kept = [path for path in changes if now[path]["type"] == "file" and os.path.dirname(path) != wanted.secrets_dir]
        backups = {f"{path}.{stamp}": now[path] for path in kept}
    try:
        if wanted.secrets and wanted.secrets_dir:
            _files.make_private(wanted.secrets_dir)
        _files.swap(backups | changes)
    except OSError as error:
        raise Refused(f"the files could not be written: {error}") from error
    return next((path for path in backups if path.startswith(wanted.path + ".")), None)
