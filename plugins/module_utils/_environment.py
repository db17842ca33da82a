# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Immutable environments: ``<path>/releases/<id>`` built whole or not at all, ``<path>/current`` pointing at one of them."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

COMPLETE = ".complete"
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class BuildError(Exception):
    """A command of the build failed; the text says which and shows the end of what it printed."""


@dataclass(frozen=True)
class Environment:
    """What an environment shall hold. ``requirements``, ``npm_manifest`` and ``npm_lock`` are texts, not paths.

    ``sources`` are texts too: of Python files that no index has, by their paths below site-packages.
    """

    path: str
    requirements: str
    packages: Sequence[str] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    npm_manifest: str = ""
    npm_lock: str = ""
    python: str = "/usr/bin/python3"
    uv: str = "uv"
    npm: str = ""
    index_url: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """16 hexadecimal digits that change when anything that decides the content changes.

        The interpreter's real path counts, so that a distribution upgrade (3.11 to 3.13) makes a new release
        instead of leaving one whose Python is gone.
        """
        parts: list[object] = [self.requirements, sorted(self.packages), self.npm_manifest, self.npm_lock, os.path.realpath(self.python)]
        parts += [dict(sorted(self.sources.items()))]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    @property
    def release(self) -> str:
        return os.path.join(self.path, "releases", self.id)

    @property
    def current(self) -> str:
        return os.path.join(self.path, "current")

    @property
    def target(self) -> str:
        """What ``current`` points at: relative, so that the whole tree can be moved or mounted elsewhere."""
        return os.path.join("releases", self.id)

    def is_complete(self) -> bool:
        return os.path.exists(os.path.join(self.release, COMPLETE))

    def active(self) -> str | None:
        """The id that ``current`` points at, None when there is no such link."""
        try:
            return os.path.basename(os.readlink(self.current))
        except OSError:
            return None


# AnsibleModule.run_command: a command, with cwd and environ_update, gives exit code, output and errors.
RunCommand = Callable[..., tuple[int, str, str]]
# A command, its folder and its variables; raises BuildError.
Run = Callable[[Sequence[str], str, dict[str, str]], None]


def runner(run_command: RunCommand) -> Run:
    """Run commands by ``run_command``; :class:`BuildError` with the last lines of the output when one fails."""

    def run(command: Sequence[str], cwd: str, variables: dict[str, str]) -> None:
        try:
            code, out, err = run_command(list(command), cwd=cwd, environ_update=variables, handle_exceptions=False)
        except OSError as error:
            raise BuildError(f"{command[0]} cannot be run: {error.strerror}") from error
        if code:
            said = "\n".join((out + err).strip().splitlines()[-15:])
            raise BuildError(f"'{' '.join(command)}' failed with exit code {code}:\n{said}")

    return run


def build(env: Environment, run: Run) -> None:
    """Build the release of ``env``. What an interrupted build left is removed first; a failed one leaves nothing."""
    shutil.rmtree(env.release, ignore_errors=True)
    os.makedirs(env.release, mode=0o755)
    try:
        _fill(env, run)
        # Written last: a release without this mark counts as not built.
        _write(env.release, COMPLETE, "")
    except BaseException:
        shutil.rmtree(env.release, ignore_errors=True)
        raise


def activate(env: Environment) -> None:
    """Point ``current`` at the release in one step."""
    fresh = f"{env.current}.{os.getpid()}"
    os.symlink(env.target, fresh)
    os.replace(fresh, env.current)


def _write(folder: str, name: str, text: str) -> str:
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text)
    return path


def _fill(env: Environment, run: Run) -> None:
    variables = {
        "UV_CACHE_DIR": os.path.join(os.path.dirname(os.path.dirname(env.uv)), "cache"),
        "UV_NO_CONFIG": "true",
        "UV_NO_PROGRESS": "true",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": "true",
        **({"UV_DEFAULT_INDEX": env.index_url} if env.index_url else {}),
        **env.variables,
    }
    python = os.path.join(env.release, "bin", "python")
    run([env.uv, "venv", "--quiet", "--allow-existing", "--python", env.python, env.release], env.path, variables)
    lock = _write(env.release, "requirements.txt", env.requirements)
    # Without byte code every start of a hub or a server compiles it anew, as root's files can't be cached by users.
    install = [env.uv, "pip", "install", "--quiet", "--python", python, "--compile-bytecode"]
    # The lock is complete, so nothing is resolved: what it leaves out on purpose stays out.
    run([*install, "--require-hashes", "--no-deps", "--requirements", lock], env.path, variables)
    if env.packages:
        run([*install, "--constraints", lock, *env.packages], env.path, variables)
    if env.sources:
        _fill_sources(env, python, run, variables)
    if env.npm_lock:
        _fill_node(env, run)
    # uv leaves its lock file behind, writable by everybody.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(env.release, ".lock"))


def _fill_sources(env: Environment, python: str, run: Run, variables: dict[str, str]) -> None:
    (library,) = glob.glob(os.path.join(env.release, "lib", "python3*", "site-packages"))
    for name, text in env.sources.items():
        folder, leaf = os.path.split(os.path.join(library, name))
        os.makedirs(folder, exist_ok=True)
        _write(folder, leaf, text)
    run([python, "-m", "compileall", "-q", *(os.path.join(library, name) for name in env.sources)], env.path, variables)


def _fill_node(env: Environment, run: Run) -> None:
    folder = os.path.join(env.release, "node")
    os.mkdir(folder)
    _write(folder, "package.json", env.npm_manifest)
    _write(folder, "package-lock.json", env.npm_lock)
    binaries = os.path.join(env.release, "bin")
    npm = env.npm or os.path.join(binaries, "npm")
    variables = {
        "PATH": f"{binaries}:{os.environ.get('PATH', os.defpath)}",
        "npm_config_cache": os.path.join(env.release, ".npm"),
        "npm_config_update_notifier": "false",
        # Node carries its own list of authorities; a site's proxy may need the system's.
        **({"NODE_EXTRA_CA_CERTS": CA_BUNDLE} if os.path.exists(CA_BUNDLE) else {}),
        **env.variables,
    }
    run([npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], folder, variables)
    shutil.rmtree(variables["npm_config_cache"], ignore_errors=True)
