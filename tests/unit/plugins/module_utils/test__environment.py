# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases are built whole or not at all, and named by what is in them."""

from __future__ import annotations

import dataclasses
import os
import subprocess

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _environment
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._environment import BuildError, Environment


@pytest.fixture(name="env")
def fixture_env(tmp_path):
    return Environment(path=str(tmp_path / "env"), requirements="six==1.17.0 --hash=sha256:00\n", uv=str(tmp_path / "tools/bin/uv"))


def fake_uv(calls):
    """Stands where uv would: makes what a later step needs and notes what was asked for."""

    def runner(command, cwd, variables):
        calls.append(list(command))
        if command[1] == "venv":
            os.makedirs(os.path.join(command[-1], "bin"), exist_ok=True)
            os.makedirs(os.path.join(command[-1], "lib/python3.13/site-packages"), exist_ok=True)

    return runner


@pytest.mark.parametrize(
    "change",
    [
        {"requirements": "other"},
        {"packages": ["scipy"]},
        {"sources": {"a.py": ""}},
        {"npm_lock": "{}"},
        {"npm_manifest": "{}"},
        {"python": "/bin/sh"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_id_changes_with_what_decides_the_content(env, change):
    assert dataclasses.replace(env, **change).id != env.id


@pytest.mark.parametrize("change", [{"path": "/elsewhere"}, {"uv": "/elsewhere/uv"}, {"index_url": "https://mirror.example/"}])
def test_id_stays_with_what_does_not(env, change):
    assert dataclasses.replace(env, **change).id == env.id


def test_order_of_packages_does_not_matter(env):
    assert dataclasses.replace(env, packages=["a", "b"]).id == dataclasses.replace(env, packages=["b", "a"]).id


def test_build_and_activate(env):
    calls = []
    assert env.active() is None and not env.is_complete()
    _environment.build(env, fake_uv(calls))
    assert env.is_complete() and env.active() is None
    _environment.activate(env)
    assert env.active() == env.id
    assert os.path.realpath(env.current) == os.path.realpath(env.release)
    assert [call[1] for call in calls] == ["venv", "pip"]
    assert "--require-hashes" in calls[1] and "--compile-bytecode" in calls[1]


def test_further_packages_stay_within_the_lock(env):
    calls = []
    _environment.build(dataclasses.replace(env, packages=["scipy"]), fake_uv(calls))
    assert calls[2][-3:] == ["--constraints", calls[1][-1], "scipy"]


def test_sources_lie_in_site_packages(env):
    calls = []
    env = dataclasses.replace(env, sources={"site_things/__init__.py": "ANSWER = 42\n"})
    _environment.build(env, fake_uv(calls))
    place = os.path.join(env.release, "lib/python3.13/site-packages/site_things/__init__.py")
    with open(place, encoding="utf-8") as handle:
        assert handle.read() == "ANSWER = 42\n"
    assert calls[-1][1:] == ["-m", "compileall", "-q", place]


def test_node_is_installed_from_its_lock(env):
    calls = []
    env = dataclasses.replace(env, npm_manifest='{"name": "x"}', npm_lock='{"lockfileVersion": 3}')
    _environment.build(env, fake_uv(calls))
    assert calls[-1][0] == os.path.join(env.release, "bin/npm") and calls[-1][1] == "ci" and "--ignore-scripts" in calls[-1]
    with open(os.path.join(env.release, "node/package-lock.json"), encoding="utf-8") as handle:
        assert handle.read() == '{"lockfileVersion": 3}'


def test_failed_build_leaves_nothing_and_the_old_release_current(env):
    _environment.build(env, fake_uv([]))
    _environment.activate(env)
    newer = dataclasses.replace(env, requirements="newer", uv="/bin/false")
    with pytest.raises(BuildError, match="/bin/false"):
        _environment.build(newer, _environment.runner(run_command))
    assert not os.path.exists(newer.release) and newer.active() == env.id


def test_interrupted_build_is_built_anew(env):
    os.makedirs(os.path.join(env.release, "half"))
    assert not env.is_complete()
    _environment.build(env, fake_uv([]))
    assert env.is_complete() and not os.path.exists(os.path.join(env.release, "half"))


def test_activate_replaces_a_link(env):
    os.makedirs(env.path)
    os.symlink("releases/older", env.current)
    _environment.activate(env)
    assert os.readlink(env.current) == env.target
    assert os.listdir(env.path) == ["current"]


def run_command(command, cwd, environ_update, handle_exceptions):
    """As AnsibleModule.run_command runs it."""
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environ_update}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_command_that_is_missing_is_named(tmp_path):
    with pytest.raises(BuildError, match="/no/such/uv cannot be run"):
        _environment.runner(run_command)(["/no/such/uv"], str(tmp_path), {})


def test_a_command_that_fails_shows_what_it_said(tmp_path):
    with pytest.raises(BuildError, match=r"exit code 3:\nout\nerr"):
        _environment.runner(run_command)(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], str(tmp_path), {})


def test_variables_reach_the_command(tmp_path):
    with pytest.raises(BuildError, match=f"\n{tmp_path} here$"):
        _environment.runner(run_command)(["/bin/sh", "-c", "echo $PWD $GREETING; exit 1"], str(tmp_path), {"GREETING": "here"})
