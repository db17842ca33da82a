# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the check of a configuration with the hub's own Python, and remember what has passed it."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import signal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import (
    _check_load,
    _check_overlay,
    _check_traits,
    _config_check,
    _files,
    _snapshot,
)

PROGRAM: tuple[ModuleType, ...] = (_check_load, _check_overlay, _check_traits, _config_check)
# Seconds that a configuration may take to load.
TIMEOUT = 120

# Runs a command with the given input in the given folder; returns its exit code and what it said.
Runner = Callable[[list[str], str, str], tuple[int, str, str]]


class CheckFailed(Exception):
    """The check itself could not be made."""


@dataclass(frozen=True)
class Request:
    """``places`` holds what will differ from the disk; ``python`` is where the hub's Python is now."""

    path: str
    python: str
    places: _snapshot.Snapshot
    fragments: Sequence[str] = ()
    known_classes: Sequence[str] = ()
    working_directory: str = "/"
    environment_files: Sequence[str] = ()


@dataclass
class Report:
    """``reads`` are the files and folders, outside of the Python environment, that the configuration looked into."""

    problems: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)


def sentence(problem: dict[str, Any]) -> str:
    """FILE:LINE: Section.trait: what is wrong; did you mean X?"""
    place = problem["file"] + (f":{problem['line']}" if problem["line"] else "")
    name = ".".join(part for part in (problem["section"], problem["trait"]) if part)
    hint = f"; did you mean {' or '.join(problem['suggestions'])}?" if problem["suggestions"] else ""
    return ": ".join(part for part in (place, name, problem["message"] + hint) if part)


def run(request: Request, runner: Runner) -> Report:
    """Check the configuration as it will be, in a private folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="hubsmith-") as stage:
        program = _write_program(os.path.join(stage, "hubcheck"))
        given = {
            "path": request.path,
            "stage": stage,
            "overlay": _write_places(stage, request.places),
            "fragments": list(request.fragments),
            "known_classes": list(request.known_classes),
            "working_directory": request.working_directory if os.path.isdir(request.working_directory) else "/",
            "environment": _environment(request),
            "timeout": TIMEOUT,
        }
        # Nothing of the play's own environment may lead Python astray: -E.
        code, said, complaint = runner([request.python, "-E", "-B", "-m", program], json.dumps(given), stage)
    if code == -signal.SIGALRM:
        raise CheckFailed(f"{request.path} was still being loaded after {TIMEOUT} seconds; look for what it waits for")
    try:
        return Report(**json.loads(said))
    except ValueError:
        last = "\n".join(complaint.splitlines()[-10:])
        raise CheckFailed(f"{request.python} ended with {code} while it loaded {request.path}:\n{last}") from None


def _write_program(folder: str) -> str:
    os.mkdir(folder)
    _write(os.path.join(folder, "__init__.py"), b"")
    for module in PROGRAM:
        _write(os.path.join(folder, _name(module) + ".py"), inspect.getsource(module).encode())
    return f"{os.path.basename(folder)}.{_name(_config_check)}"


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _write(path: str, data: bytes) -> None:
    """The stage is a private folder that is removed again: nothing there has to be swapped or synced."""
    with open(path, "wb") as handle:
        handle.write(data)


def _write_places(stage: str, places: _snapshot.Snapshot) -> dict[str, str | None]:
    overlay: dict[str, str | None] = {}
    for number, (path, entry) in enumerate(places.items()):
        data = _files.content(entry)
        if data is not None:
            _fill_in_folder(stage, os.path.dirname(path), overlay)
            overlay[path] = os.path.join(stage, f"{number}-{os.path.basename(path)}")
            _write(overlay[path] or "", data)
        else:
            overlay[path] = entry["target"] if entry["type"] == "link" else None
    return overlay


def _fill_in_folder(stage: str, folder: str, overlay: dict[str, str | None]) -> None:
    if not os.path.isdir(folder) and folder not in overlay:
        overlay[folder] = os.path.join(stage, f"folder-{len(overlay)}")
        os.mkdir(overlay[folder] or "")


def _environment(request: Request) -> dict[str, str]:
    """What systemd would give the hub: little, and what stands in its environment files."""
    folder = os.path.dirname(request.python)
    environment = {"PATH": f"{folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    for path in request.environment_files:
        if os.path.isfile(path):
            environment |= parse_environment(_read(path))
    return environment


def parse_environment(text: str) -> dict[str, str]:
    """The assignments of a systemd environment file."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith(("#", ";")))
    return {name.strip(): _unquoted(value.strip()) for name, value in pairs}


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as handle:
        return handle.read()


# -- what has passed


def digest(request: Request, files: _snapshot.Snapshot) -> str:
    """SHA-256 of all that decides the outcome: the files as they will be, the checker, the environment it runs in."""
    given = {
        "files": files,
        "program": [inspect.getsource(module) for module in PROGRAM],
        "python": [os.path.realpath(request.python), request.python, *(_look(folder) for folder in site_packages(prefix(request.python)))],
        "environment": [_look(path) for path in request.environment_files],
        "known_classes": sorted(request.known_classes),
        "working_directory": request.working_directory,
    }
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def passed(record: str, key: str) -> list[str] | None:
    """The warnings of the last check, if it was of the same and if nothing that it read has changed since; else None."""
    try:
        last = json.loads(_read(record))
        same = last["digest"] == key and all(_look(path) == seen for path, seen in last["reads"].items())
    except (OSError, ValueError, KeyError, TypeError):
        # Without a readable record the check is made again, that is all.
        return None
    return last["warnings"] if same else None


def remember(record: str, key: str, report: Report) -> None:
    """Keep what :func:`passed` needs, for root only."""
    os.makedirs(os.path.dirname(record), mode=0o700, exist_ok=True)
    kept = {"digest": key, "reads": {path: _look(path) for path in report.reads}, "warnings": [sentence(one) for one in report.warnings]}
    _files.write_private(record, json.dumps(kept).encode())


def _look(path: str) -> list[Any]:
    """Enough to see that a file or the list of a folder has changed, without reading it."""
    try:
        info = os.stat(path)
    except OSError:
        return [path]
    return [path, info.st_ino, info.st_size, info.st_mtime_ns]


# -- environments


def prefix(python: str) -> str:
    """The environment that an interpreter belongs to: its own link is not followed, as that leads out of it."""
    return os.path.dirname(os.path.dirname(python))


def site_packages(folder: str) -> list[str]:
    """Where an environment keeps its packages."""
    libraries = os.path.join(folder, "lib")
    names = sorted(name for name in _names(libraries) if name.startswith("python3"))
    places = (os.path.join(libraries, name, kind) for name in names for kind in ("site-packages", "dist-packages"))
    return [place for place in places if os.path.isdir(place)]


def version(folder: str, package: str) -> str | None:
    """The version of a package in an environment, from the name of its metadata folder."""
    for place in site_packages(folder):
        for name in _names(place):
            if name.startswith(f"{package}-") and name.endswith(".dist-info"):
                return name[len(package) + 1 : -len(".dist-info")]
    return None


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
