# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a configuration without starting the hub: a program for the hub's own Python.

It reads a request from standard input and writes a report to standard output, both JSON. It makes no file, opens no
database and never initialises the application. It is sent to the host as source, with its neighbours.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from typing import Any

from . import _check_load, _check_overlay, _check_traits

Problem = dict[str, Any]


def check(path: str, known_classes: list[str], fragments: list[str]) -> tuple[list[Problem], list[Problem], list[str]]:
    """Load the configuration at ``path`` and hold it against the hub's classes.

    Returns the problems, the warnings, and the files that it would load if they were there.

    :param fragments: files that are expected to be loaded by it.
    """
    trace = _check_load.Trace()
    try:
        config = _check_load.load(path, trace)
    except (Exception, SystemExit) as error:
        file, line = trace.blame(error)
        return [_problem(file or path, line, "", _check_load.describe(error))], [], []
    checker = _check_traits.Checker(config, known_classes)
    checker.run()
    warnings = [_located(found, trace, path) for found in checker.warnings]
    for name, (file, line) in trace.missing:
        warnings.append(_problem(file, line, "", f"load_subconfig finds no file {name}; the hub passes over it in silence"))
    for name in fragments:
        if name not in trace.files:
            warnings.append(_problem(name, 0, "", f"is not loaded by {path}"))
    problems = [_located(found, trace, path) for found in checker.problems]
    return _sorted(problems), _sorted(warnings), [os.path.abspath(name) for name, _place in trace.missing]


def _problem(file: str, line: int, name: str, message: str, suggestions: list[str] | None = None) -> Problem:
    section, _dot, trait = name.rpartition(".")
    return {"file": file, "line": line, "section": section, "trait": trait, "message": message, "suggestions": suggestions or []}


def _located(found: dict[str, Any], trace: _check_load.Trace, path: str) -> Problem:
    file, line = trace.origins.get(found["name"], (path, 0))
    return _problem(file, line, found["name"], found["message"], found["suggestions"])


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem["file"], problem["line"]))


class Reads:
    """Which files and folders outside of the Python environment are read from now on."""

    def __init__(self, ignored: list[str]) -> None:
        self.paths: set[str] = set()
        self._ignored = tuple(os.path.abspath(path) + "/" for path in (*ignored, sys.prefix, sys.base_prefix))
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("open", "os.listdir", "os.scandir") or not isinstance(arguments[0], (str, bytes)):
            return
        if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR):
            return
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if not (path + "/").startswith(self._ignored):
            self.paths.add(path)

    def lasting(self) -> list[str]:
        """Those worth another look: files, folders, and what was not there but may come."""
        return sorted(path for path in list(self.paths) if _lasts(path))


def _lasts(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return True
    return (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and not path.startswith(("/proc/", "/sys/"))


def _import_hub() -> None:
    # An optional part of jsonschema, of no use here, which takes half of the time to import.
    slow = "rfc3987_syntax"
    sys.modules[slow] = None  # type: ignore[assignment]
    import jupyterhub.app  # noqa: F401

    del sys.modules[slow]


def main() -> None:
    # The configuration may print; only the report shall reach standard output.
    report_to = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request: dict[str, Any] = json.load(sys.stdin)
    report: dict[str, Any]
    signal.alarm(request["timeout"])
    # The environment comes this way because a command line can be seen by everybody.
    os.environ.clear()
    os.environ.update(request["environment"])
    # A hub started by its script finds modules beside that script, not beside this program.
    sys.path[:] = [os.path.dirname(sys.executable), *(path for path in sys.path[1:] if path != request["stage"])]
    os.chdir(request["working_directory"])
    try:
        _import_hub()
    except ImportError as error:
        report = {"problems": [_problem(sys.executable, 0, "", f"cannot run the hub: {error}")]}
    else:
        _check_overlay.Overlay(request["overlay"]).install()
        reads = Reads([request["stage"]])
        problems, warnings, missing = check(request["path"], request["known_classes"], request["fragments"])
        report = {"problems": problems, "warnings": warnings, "reads": reads.lasting() + missing}
    with report_to:
        json.dump(report, report_to)


if __name__ == "__main__":
    main()
