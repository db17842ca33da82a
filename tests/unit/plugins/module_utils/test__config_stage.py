# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check as a program of the hub's own Python, and what is remembered of it."""

from __future__ import annotations

import os
import sys
import tempfile
import venv

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _config_stage, _files, _snapshot

MAIN = """
import glob
print("said while it is loaded")
for fragment in sorted(glob.glob({folder!r} + "/*.py")):
    load_subconfig(fragment)
"""


def text(words):
    return _files.file(words.encode(), 0o600, os.geteuid(), os.getegid())


@pytest.fixture(name="site")
def fixture_site(tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "etc").mkdir()
    return tmp_path / "etc"


def request(site, places=None, **options):
    given = {"path": str(site / "hub.py"), "python": sys.executable}
    given["places"] = {str(site / name): entry for name, entry in (places or {}).items()}
    return _config_stage.Request(**{**given, **options})


@pytest.fixture(name="run")
def fixture_run(site, runner):
    def run(places=None, **options):
        """The problems as sentences without the folder, and the whole report."""
        report = _config_stage.run(request(site, places, **options), runner)
        assert os.listdir(site.parent / "tmp") == []
        return [_config_stage.sentence(problem).replace(f"{site}/", "") for problem in report.problems], report

    return run


def test_nothing_exists_yet(site, run):
    folder = str(site / "config.d")
    places = {"hub.py": text(MAIN.format(folder=folder)), "config.d/10.py": text("c.JupyterHub.prot = 1")}
    assert run(places)[0] == ["config.d/10.py:1: JupyterHub.prot: JupyterHub has no such setting; did you mean port?"]
    assert os.listdir(site) == []


def test_staged_and_hand_placed_together(site, run):
    (site / "config.d").mkdir()
    (site / "hub.py").write_text(MAIN.format(folder=str(site / "config.d")))
    for name in ("10.py", "20.py", "30.py"):
        (site / "config.d" / name).write_text("\nc.JupyterHub.prot = 1\n")
    places = {"config.d/10.py": _snapshot.ABSENT, "config.d/20.py": text("c.JupyterHub.port = 1")}
    problems, report = run(places)
    assert problems == ["config.d/30.py:2: JupyterHub.prot: JupyterHub has no such setting; did you mean port?"]
    assert str(site / "config.d" / "30.py") in report.reads
    assert str(site / "config.d") in report.reads


def test_link_that_will_be_switched(site, run):
    for release, value in (("1", "1"), ("2", "'two'")):
        (site / release).mkdir()
        (site / release / "more.py").write_text(f"c.JupyterHub.port = {value}")
    os.symlink("1", site / "current")
    (site / "hub.py").write_text(f"load_subconfig({str(site / 'current' / 'more.py')!r})")
    assert run()[0] == []
    assert run({"current": _files.link(str(site / "2"))})[0] == ["current/more.py:1: JupyterHub.port: expected an int, not the str 'two'"]


def test_relative_paths_are_found_from_the_working_directory(site, run):
    (site / "hub.py").write_text("load_subconfig('more.py')")
    (site / "work").mkdir()
    (site / "work" / "more.py").write_text("c.JupyterHub.port = 'x'")
    assert "finds no file more.py" in run()[1].warnings[0]["message"]
    assert len(run(working_directory=str(site / "work"))[0]) == 1


def test_everything_that_was_looked_at_is_remembered(site, run):
    (site / "folder").mkdir()
    (site / "data.json").write_text("{}")
    (site / "hub.py").write_text(
        f"import glob, os\nos.chdir({str(site)!r})\nopen('data.json').close()\nglob.glob('folder/*')\n"
        "load_subconfig('not-yet.py')\nopen('/dev/null').close()\nopen('log', 'w').close()\n"
    )
    assert {os.path.relpath(path, site) for path in run()[1].reads} == {"hub.py", "data.json", "folder", "not-yet.py"}


def test_environment_of_the_service(site, run, monkeypatch):
    monkeypatch.setenv("OF_THE_PLAY", "leaked")
    (site / "env").write_text("# secrets\nGIVEN='it is'\n")
    (site / "hub.py").write_text("import os\nassert 'OF_THE_PLAY' not in os.environ\nc.JupyterHub.ip = os.environ['GIVEN']\n")
    assert run()[0] == ["hub.py:3: KeyError: 'GIVEN'"]
    assert run(environment_files=[str(site / "env"), str(site / "missing")])[0] == []


def test_no_module_stays_blocked(site, run):
    (site / "hub.py").write_text("import sys\nassert None not in sys.modules.values()\n")
    assert run()[0] == []


def test_main_file_is_missing(site, run):
    assert "hub.py" in run()[0][0]


def test_python_dies(site, run):
    (site / "hub.py").write_text("import os, sys\nprint('last words', file=sys.stderr, flush=True)\nos._exit(7)\n")
    with pytest.raises(_config_stage.CheckFailed, match=r"(?s)ended with 7 .*last words"):
        run()


def test_waiting_for_ever(site, run, monkeypatch):
    monkeypatch.setattr(_config_stage, "TIMEOUT", 1)
    (site / "hub.py").write_text("import time\ntime.sleep(60)\n")
    with pytest.raises(_config_stage.CheckFailed, match="still being loaded"):
        run()


def test_python_without_a_hub(site, run, tmp_path):
    venv.create(tmp_path / "bare", with_pip=False)
    (site / "hub.py").write_text("")
    problems, _report = run(python=str(tmp_path / "bare" / "bin" / "python"))
    assert problems == [f"{tmp_path}/bare/bin/python: cannot run the hub: No module named 'jupyterhub'"]


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ({}, "hub.py: wrong"),
        ({"line": 3}, "hub.py:3: wrong"),
        ({"line": 3, "section": "A", "trait": "b", "suggestions": ["c"]}, "hub.py:3: A.b: wrong; did you mean c?"),
        ({"trait": "b", "suggestions": ["c", "d"]}, "hub.py: b: wrong; did you mean c or d?"),
    ],
)
def test_sentence(problem, expected):
    empty = {"file": "hub.py", "line": 0, "section": "", "trait": "", "message": "wrong", "suggestions": []}
    assert _config_stage.sentence({**empty, **problem}) == expected


def test_parse_environment():
    given = "A=1\n\n# B=2\n;C=3\nD = 'a b' \nE=\"x=y\"\nF=\nnonsense\nG='\n"
    assert _config_stage.parse_environment(given) == {"A": "1", "D": "a b", "E": "x=y", "F": "", "G": "'"}


def test_version(tmp_path):
    place = tmp_path / "lib" / "python3.13" / "site-packages"
    place.mkdir(parents=True)
    for name in ("jupyterhub_systemdspawner-1.0.2.dist-info", "jupyterhub-6.1.1.dist-info", "jupyterhub"):
        (place / name).mkdir()
    assert _config_stage.version(str(tmp_path), "jupyterhub") == "6.1.1"
    assert _config_stage.version(str(tmp_path), "notebook") is None
    assert _config_stage.version(str(tmp_path / "missing"), "jupyterhub") is None


def remembered(tmp_path, reads=()):
    record = str(tmp_path / "state" / "record.json")
    warning = {"file": "hub.py", "line": 1, "section": "", "trait": "", "message": "careful", "suggestions": []}
    _config_stage.remember(record, "abc", _config_stage.Report(warnings=[warning], reads=list(reads)))
    return record


def test_remembered(tmp_path):
    record = remembered(tmp_path)
    assert _config_stage.passed(record, "abc") == ["hub.py:1: careful"]
    assert _config_stage.passed(record, "other") is None
    assert _config_stage.passed(record + "x", "abc") is None
    assert os.stat(record).st_mode & 0o777 == 0o600
    assert os.stat(tmp_path / "state").st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["", "{", "{}", "[]"])
def test_record_that_is_damaged(tmp_path, damage):
    record = remembered(tmp_path)
    with open(record, "w", encoding="utf-8") as handle:
        handle.write(damage)
    assert _config_stage.passed(record, "abc") is None


def test_what_was_read_has_changed(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("one")
    record = remembered(tmp_path, [str(tmp_path / "folder"), str(tmp_path / "file")])
    assert _config_stage.passed(record, "abc") is not None
    (tmp_path / "file").write_text("other")
    assert _config_stage.passed(record, "abc") is None
    record = remembered(tmp_path, [str(tmp_path / "folder"), str(tmp_path / "file")])
    (tmp_path / "folder" / "new").write_text("")
    assert _config_stage.passed(record, "abc") is None


def test_digest_tells_apart(site):
    (site / "env").write_text("A=1")
    one = request(site, environment_files=[str(site / "env")])
    first = _config_stage.digest(one, {})
    assert _config_stage.digest(one, {}) == first
    others = [
        _config_stage.digest(one, {str(site / "hub.py"): text("x")}),
        _config_stage.digest(request(site, known_classes=["X"], environment_files=[str(site / "env")]), {}),
        _config_stage.digest(request(site, working_directory="/tmp", environment_files=[str(site / "env")]), {}),
        _config_stage.digest(request(site, python="/usr/bin/python3", environment_files=[str(site / "env")]), {}),
    ]
    (site / "env").write_text("A=22")
    others.append(_config_stage.digest(one, {}))
    assert len({first, *others}) == 6
