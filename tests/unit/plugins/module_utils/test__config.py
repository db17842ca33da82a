# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is wanted to what is there, with a real JupyterHub to judge it."""

from __future__ import annotations

import os
import resource
import sys

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _config, _files, _snapshot

MAIN = """
from pathlib import Path
c.JupyterHub.spawner_class = "systemd"
for fragment in sorted(Path({folder!r}).glob("*.py")):
    load_subconfig(str(fragment))
"""


class Site:
    """A folder like /etc/jupyterhub, and short words for what is done to it."""

    def __init__(self, root, runner):
        self.root, self.runner = root, runner
        self.path, self.folder, self.state = (str(root / name) for name in ("etc/hub.py", "etc/config.d", "state"))
        self.main = MAIN.format(folder=self.folder)

    def apply(self, check_mode=False, **options):
        given = {"path": self.path, "content": self.main, "fragments_dir": self.folder, "python": sys.executable, "state_dir": self.state}
        return _config.bring_about(_config.Wanted(**{**given, **options}), check_mode, self.runner)

    def write(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(text)
        return path

    def holds(self, name):
        with open(os.path.join(self.root, name), encoding="utf-8") as handle:
            return handle.read()

    def everything(self):
        paths = [os.path.join(folder, name) for folder, _folders, names in os.walk(self.root) for name in names]
        return {path: (entry, os.lstat(path).st_mtime_ns) for path, entry in _snapshot.take(paths).items()}


@pytest.fixture(name="site")
def fixture_site(tmp_path, runner):
    return Site(tmp_path, runner)


def environment(site, name, version, *packages):
    """A users' environment, as far as versions are looked up in it."""
    folder = site.root / name / "lib" / "python3.13" / "site-packages"
    folder.mkdir(parents=True)
    for package in (*((f"jupyterhub-{version}",) if version else ()), *packages):
        (folder / f"{package}.dist-info").mkdir()
    return str(site.root / name)


def test_four_beats(site):
    fragments = {"10-limits": "c.Spawner.mem_limit = '1G'\n"}
    planned = site.apply(check_mode=True, fragments=fragments)
    assert (planned.changed, planned.checked, site.everything()) == (True, True, {})
    done = site.apply(fragments=fragments)
    assert (done.changed, done.diff, done.digest) == (True, planned.diff, planned.digest)
    assert [diff["after"] for diff in done.diff] == [site.main, fragments["10-limits"]]
    assert site.holds("etc/config.d/10-limits.py") == fragments["10-limits"]
    assert os.stat(site.path).st_mode & 0o777 == 0o600
    before = site.everything()
    for check_mode in (True, False):
        again = site.apply(check_mode=check_mode, fragments=fragments)
        assert (again.changed, again.checked, again.diff, again.digest) == (False, True, [], done.digest)
    assert site.everything() == before


def test_refused_and_untouched(site):
    site.apply()
    before = site.everything()
    for check_mode in (True, False):
        with pytest.raises(_config.Refused) as refused:
            site.apply(check_mode=check_mode, content=site.main + "c.JupyterHub.prot = 1\n", fragments={"10": "c.SystemdSpawner.x = 1"})
        assert str(refused.value).splitlines() == [
            f"{site.folder}/10.py:1: SystemdSpawner.x: SystemdSpawner has no such setting",
            f"{site.path}:6: JupyterHub.prot: JupyterHub has no such setting; did you mean port?",
        ]
    assert site.everything() == before


def test_broken_by_hand(site):
    """Nothing that is managed differs, yet the hub would not start."""
    site.apply()
    site.write("etc/config.d/hand.py", "c.JupyterHub.port = 'x'\n")
    with pytest.raises(_config.Refused, match=r"hand\.py:1: JupyterHub\.port: expected an int"):
        site.apply()
    site.write("etc/config.d/hand.py", "c.JupyterHub.port = 8000\n")
    assert site.apply().changed is False


def test_unchanged_is_not_checked_again(site):
    """Only a note of the last check makes this pass: the Python that is given could not check anything."""
    python = site.write("hub/bin/python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    os.chmod(python, 0o755)
    site.apply(python=python)
    site.write("hub/bin/python", "#!/bin/sh\nexit 1\n")
    assert site.apply(python=python).checked is True
    (site.root / "hub" / "lib" / "python3.13" / "site-packages").mkdir(parents=True)
    with pytest.raises(_config._config_stage.CheckFailed):
        site.apply(python=python)


def test_warnings_are_repeated(site):
    fragments = {"10": "c.SystemdSpawner.isolate_tmp = True"}
    content = f"load_subconfig({site.folder + '/10.py'!r})"
    first = site.apply(content=content, fragments=fragments)
    assert first.warnings == [f"{site.folder}/10.py:1: SystemdSpawner.isolate_tmp: has no effect: spawner_class is LocalProcessSpawner"]
    assert site.apply(content=content, fragments=fragments).warnings == first.warnings


def test_bare_host(site):
    missing = str(site.root / "opt" / "bin" / "python")
    planned = site.apply(check_mode=True, python=missing)
    assert (planned.changed, planned.checked) == (True, False)
    assert planned.warnings == [f"{missing} does not exist yet, so the configuration was not checked"]
    with pytest.raises(_config.Refused, match="install the hub first"):
        site.apply(python=missing)
    assert site.everything() == {}


def test_fragment_is_removed_others_stay(site):
    site.write("etc/config.d/hand.py", "")
    site.apply(fragments={"10": "", "20": ""})
    removed = site.apply(content=None, fragments={"10.py": None, "20": "c.JupyterHub.port = 1\n"}, backup=True)
    assert (removed.changed, removed.backup_file) == (True, None)
    names = sorted(os.listdir(site.folder))
    assert [name for name in names if "~" not in name] == ["20.py", "hand.py"]
    assert len([name for name in names if name.endswith("~")]) == 2
    assert site.holds("etc/hub.py") == site.main


def test_attributes(site):
    site.apply()
    os.chmod(site.path, 0o644)
    loose = site.apply(check_mode=True)
    assert loose.diff[0]["before"].startswith("# mode 0644, owner ")
    assert loose.diff[0]["after"].startswith("# mode 0600, owner ")
    assert site.apply().changed is True
    assert os.stat(site.path).st_mode & 0o777 == 0o600


def test_owner():
    """An owner that is asked for wins, else a file keeps the one it has."""
    now = _files.file(b"", 0o644, 11, 12)
    assert _config._settled(_files.file(b"x", 0o600, -1, 7), now) == _files.file(b"x", 0o600, 11, 7)
    assert _config._settled(_files.file(b"x", 0o600, -1, -1), _snapshot.ABSENT) == _files.file(b"x", 0o600, os.geteuid(), os.getegid())


def test_backup(site):
    site.apply()
    outcome = site.apply(content=site.main + "# more\n", backup=True)
    assert outcome.backup_file.startswith(site.path + ".20")
    assert site.holds(outcome.backup_file) == site.main
    assert site.holds("etc/hub.py") == site.main + "# more\n"


def release(site, number, script):
    python = site.write(f"opt/releases/{number}/bin/python", script)
    os.chmod(python, 0o755)


def test_release_is_switched_with_the_configuration(site):
    """The Python that checks is the one that the link will lead to."""
    release(site, 1, "#!/bin/sh\nexit 1\n")
    release(site, 2, f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    current = str(site.root / "opt" / "current")
    os.symlink("releases/1", current)
    options = {"python": f"{current}/bin/python", "links": {current: "releases/2"}}
    assert site.apply(check_mode=True, **options).diff[1]["before"] == "-> releases/1\n"
    site.apply(**options)
    assert os.readlink(current) == "releases/2"
    assert site.apply(**options).changed is False
    with pytest.raises(_config.Refused, match=r"releases/3, which does not exist|releases/3/bin/python does not exist"):
        site.apply(python=sys.executable, links={current: "releases/3"})
    assert os.readlink(current) == "releases/2"


@pytest.mark.parametrize("pip", [True, False])
def test_versions_differ(site, pip):
    hub = environment(site, "hub", "6.1.1")
    site.write("hub/bin/python", "")
    users = environment(site, "users", "5.4.0", *(["pip-26.0"] if pip else []))
    command = (
        f"{users}/bin/python -m pip install jupyterhub==6.1.1" if pip else f"uv pip install --python {users}/bin/python jupyterhub==6.1.1"
    )
    with pytest.raises(_config.Refused) as refused:
        site.apply(python=f"{hub}/bin/python", singleuser_prefix=users)
    assert str(refused.value) == (
        f"the hub is JupyterHub 6.1.1, but the users' environment {users} has JupyterHub 5.4.0; to mend it, run: {command}"
    )


def test_versions_unknown(site):
    hub = environment(site, "hub", "6.1.1")
    site.write("hub/bin/python", "")
    with pytest.raises(_config.Refused, match="has no JupyterHub"):
        site.apply(python=f"{hub}/bin/python", singleuser_prefix=environment(site, "users", None))
    with pytest.raises(_config.Refused, match="does not exist; install it first"):
        site.apply(singleuser_prefix=str(site.root / "missing"))
    assert "not compared" in site.apply(check_mode=True, singleuser_prefix=str(site.root / "missing")).warnings[0]


def test_versions_match(site):
    assert site.apply(singleuser_prefix=sys.prefix).checked is True


def test_disk_is_full(site):
    site.apply(fragments={"10": ""})
    before = {path: entry for path, entry in site.everything().items() if not path.startswith(site.state)}
    fragments = {"10": "# changed\n", "20": "# long\n" * 100_000}
    site.apply(check_mode=True, fragments=fragments)
    # The check may use the disk; the note of it and the small files fit, the long one does not.
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    swap = _files.swap

    def on_a_full_disk(entries):
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limit[1]))
        try:
            swap(entries)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_files, "swap", on_a_full_disk)
        with pytest.raises(_config.Refused, match="could not be written"):
            site.apply(fragments=fragments)
    assert {path: entry for path, entry in site.everything().items() if not path.startswith(site.state)} == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"path": "/etc/jupyterhub/config.yml"}, "does not end in .py"),
        ({"fragments_dir": None, "fragments": {"10": ""}}, "give fragments_dir"),
        ({"fragments": {"../10": ""}}, "'../10' cannot name a fragment"),
        ({"fragments": {".10": ""}}, "'.10' cannot name a fragment"),
        ({"fragments": {"": ""}}, "'' cannot name a fragment"),
    ],
)
def test_bad_options(site, options, sentence):
    with pytest.raises(_config.Refused) as refused:
        site.apply(**options)
    assert sentence in str(refused.value)
    assert site.everything() == {}


def test_folder_in_the_way_of_a_link(site):
    os.makedirs(site.root / "current")
    with pytest.raises(_config.Refused, match="is a folder"):
        site.apply(links={str(site.root / "current"): "x"})


# -- secrets


def secretive(site):
    """A configuration that reads a secret, and the options to go with it."""
    folder = str(site.root / "etc" / "secrets" / "login")
    main = f"from pathlib import Path\nc.GitHubOAuthenticator.client_secret = Path({folder + '/github'!r}).read_text().strip()\n"
    return {"content": main, "secrets_dir": folder, "known_classes": ["GitHubOAuthenticator"]}


def test_the_check_sees_a_secret_before_it_is_there(site):
    given = secretive(site)
    planned = site.apply(check_mode=True, **given, secrets={"github": "hush"})
    assert (planned.changed, planned.checked, site.everything()) == (True, True, {})
    with pytest.raises(_config.Refused, match="No such file"):
        site.apply(**given)


def test_a_secret_is_private_and_never_shown(site):
    given = secretive(site)
    done = site.apply(**given, secrets={"github": "hush"})
    folder = given["secrets_dir"]
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert os.stat(f"{folder}/github").st_mode & 0o777 == 0o600
    assert site.holds("etc/secrets/login/github") == "hush"
    again = site.apply(**given, secrets={"github": "hush"}, backup=True)
    assert (again.changed, again.diff, again.digest) == (False, [], done.digest)
    other = site.apply(**given, secrets={"github": "psst"}, backup=True)
    assert other.changed and site.holds("etc/secrets/login/github") == "psst"
    assert "hush" not in str(done) + str(other) and "psst" not in str(other)
    # Otherwise whoever reads a log could try guesses against it.
    assert other.digest == done.digest
    assert os.listdir(folder) == ["github"]


def test_a_secret_that_is_not_needed_any_more_goes(site):
    given = secretive(site)
    site.apply(**given, secrets={"github": "hush", "google": "hush"})
    done = site.apply(**given, secrets={"github": "hush"})
    assert done.changed and os.listdir(given["secrets_dir"]) == ["github"]
    assert "hush" not in str(done.diff)
    done = site.apply(secrets_dir=given["secrets_dir"])
    assert done.changed and os.listdir(given["secrets_dir"]) == []


def test_a_refused_configuration_leaves_the_secrets_as_they_were(site):
    given = secretive(site)
    site.apply(**given, secrets={"github": "hush"})
    with pytest.raises(_config.Refused):
        site.apply(**{**given, "content": "c.JupyterHub.ports = 1\n"}, secrets={"github": "psst"})
    assert site.holds("etc/secrets/login/github") == "hush"


@pytest.mark.parametrize("name", ["../github", ".github"])
def test_a_secret_has_a_plain_name(site, name):
    with pytest.raises(_config.Refused, match="cannot name a secret"):
        site.apply(secrets_dir=str(site.root), secrets={name: "hush"})


def test_secrets_need_a_place(site):
    with pytest.raises(_config.Refused, match="secrets have no place; give secrets_dir"):
        site.apply(secrets={"github": "hush"})


def test_a_secret_that_nobody_has_to_know_is_drawn_once(site):
    folder = str(site.root / "secrets")
    assert site.apply(secrets_dir=folder, secrets={"keys": None}).changed
    drawn = site.holds("secrets/keys")
    assert len(drawn) == 65
    again = site.apply(secrets_dir=folder, secrets={"keys": None})
    assert not again.changed and site.holds("secrets/keys") == drawn


def test_a_secret_that_is_drawn_anew_stands_before_two_earlier_ones(site):
    folder, drawn = str(site.root / "secrets"), []
    for _turn in range(4):
        done = site.apply(secrets_dir=folder, secrets={"keys": None}, renewed=["keys"])
        drawn.insert(0, site.holds("secrets/keys").splitlines()[0])
        assert site.holds("secrets/keys").splitlines() == drawn[:3]
        assert done.changed and drawn[0] not in str(done)
    assert len(set(drawn)) == 4
