# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is edited as a whole or not at all, by one at a time."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import resource
import stat

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import (
    _access_edit,
    _access_file,
    _edited_file,
    _files,
    _lock,
    _operations,
)
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person

TEXT = b'{"format": 1, "users": [\n{"name": "ada", "admin": true},\n{"name": "bob"}\n]}\n'


@pytest.fixture(name="path")
def fixture_path(tmp_path, monkeypatch):
    monkeypatch.setattr(_lock, "PATH", str(tmp_path / "lock" / "lock"))
    folder = tmp_path / "etc"
    folder.mkdir()
    # Others must not be able to write it, whatever umask the tests run with.
    folder.chmod(0o755)
    path = folder / "access.json"
    path.write_bytes(TEXT)
    path.chmod(0o640)
    return path


def add(path, *names, check_mode=False, **options):
    return _edited_file.change(_edited_file.Place(str(path), **options), _operations.roster("allowed", names, "present", None), check_mode)


def exactly(path, *people, check_mode=False, allow_empty=False, **options):
    operation = _operations.people(people, "exact", allow_empty)
    return _edited_file.change(_edited_file.Place(str(path), **options), operation, check_mode)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_file_is_made_with_its_folder(path):
    new = path.parent / "deep" / "access.json"
    outcome = add(new, "ada")
    assert new.read_bytes() == b'{"format": 1, "users": [\n{"name": "ada"}\n]}\n'
    assert mode(new) == 0o600
    assert mode(new.parent) == 0o755
    assert outcome.result() == {
        "changed": True,
        "diff": [{"before_header": str(new), "after_header": str(new), "before": "", "after": '{"name": "ada"}\n'}],
    }


def test_only_what_is_asked_for_changes(path):
    outcome = add(path, "carl")
    assert path.read_bytes() == TEXT.replace(b'"bob"}', b'"bob"},\n{"name": "carl"}')
    assert mode(path) == 0o640
    assert outcome.rosters["allowed"] == ["ada", "bob", "carl"]
    assert outcome.sha256 == _access_file.parse(path.read_bytes(), str(path)).sha256
    assert os.listdir(path.parent) == ["access.json"]


def state(path):
    """By which every write is seen."""
    info = os.stat(path)
    return info.st_ino, info.st_ctime_ns, info.st_mode


def test_nothing_to_do(path):
    before = state(path)
    outcome = add(path, "bob", backup=True)
    assert outcome.result() == {"changed": False, "diff": []}
    assert outcome.rosters["allowed"] == ["ada", "bob"]
    assert state(path) == before


def test_another_layout_is_no_change(path):
    spread = json.dumps(json.loads(TEXT), indent=2).encode()
    path.write_bytes(spread)
    assert not add(path, "bob").diff
    assert not exactly(path, Person("ada", admin=True), Person("bob")).diff
    assert path.read_bytes() == spread


def test_a_check_tells_the_same_and_writes_nothing(path):
    before = state(path)
    checked = add(path, "carl", check_mode=True, mode=0o600)
    assert state(path) == before
    assert os.listdir(path.parent) == ["access.json"]
    assert not os.path.exists(_lock.PATH)
    applied = add(path, "carl", mode=0o600)
    assert checked == applied
    assert path.read_bytes() == checked.data


def test_backup(path):
    outcome = add(path, "carl", backup=True)
    assert outcome.backup_file.startswith(f"{path}.{os.getpid()}.")
    assert outcome.result()["backup_file"] == outcome.backup_file
    with open(outcome.backup_file, "rb") as file:
        assert file.read() == TEXT
    assert mode(outcome.backup_file) == 0o640


def test_no_backup_of_nothing(path):
    path.unlink()
    assert add(path, "carl", backup=True).backup_file is None


def test_permissions_alone_are_a_change(path):
    outcome = add(path, "ada", mode=0o600)
    assert mode(path) == 0o600
    assert outcome.diff[0]["before"].startswith("# mode 0640")
    assert outcome.diff[0]["after"].startswith("# mode 0600")
    assert not add(path, "ada", mode=0o600).diff


def test_a_label_stays(path, monkeypatch):
    # In place of the one that only an administrator with SELinux can set.
    monkeypatch.setattr(_files, "LABEL", "user.label")
    os.setxattr(path, "user.label", b"etc_t")
    add(path, "carl")
    assert os.getxattr(path, "user.label") == b"etc_t"


@pytest.fixture(name="untouched")
def fixture_untouched(path):
    """Asserts that what is refused leaves the file as it was, to the byte and the second."""

    @contextlib.contextmanager
    def check(words):
        before = (path.read_bytes(), os.lstat(path).st_mtime_ns, mode(path), sorted(os.listdir(path.parent)))
        with pytest.raises(_edited_file.REFUSALS, match=words):
            yield
        assert (path.read_bytes(), os.lstat(path).st_mtime_ns, mode(path), sorted(os.listdir(path.parent))) == before

    return check


def test_others_must_not_write_it(path, untouched):
    with untouched("with the mode 0664 others could write .*access.json, and the hub would refuse it"):
        add(path, "carl", mode=0o664)
    path.chmod(0o666)
    with untouched("can be written by others"):
        add(path, "carl", mode=0o600)


def test_no_link(path, untouched):
    os.symlink(path, path.parent / "link.json")
    with untouched("link.json is a symbolic link"):
        add(path.parent / "link.json", "carl")


@pytest.mark.parametrize("broken", [TEXT[:-4], b"", TEXT.replace(b"admin", b"amdin"), TEXT.replace(b"bob", b"root")])
def test_a_broken_file_is_not_edited(path, untouched, broken):
    path.write_bytes(broken)
    with untouched(f"^{path}"):
        add(path, "carl")
    for nobody in ((), (Person("bob", state="absent"),)):
        with untouched(f"^{path}"):
            exactly(path, *nobody)


def test_a_broken_file_is_replaced_by_a_whole_list(path):
    path.write_bytes(TEXT[:-4])
    outcome = exactly(path, Person("carl"), backup=True)
    assert outcome.warnings[0].startswith(f"what was there could not be used, and was replaced by the whole list: {path} is not valid JSON")
    assert list(_access_file.parse(path.read_bytes(), str(path)).people) == ["carl"]
    with open(outcome.backup_file, "rb") as file:
        assert file.read() == TEXT[:-4]


def test_a_later_format_is_never_replaced(path, untouched):
    path.write_bytes(b'{"format": 2}')
    with untouched("is too new"):
        exactly(path, Person("carl"))


def test_an_empty_list_is_refused_unless_meant(path, untouched):
    with untouched("all 2 people would lose their access"):
        exactly(path)
    assert exactly(path, allow_empty=True).warnings[0] == "nobody in the file may log in any more"
    assert path.read_bytes() == _access_file.render([])


def test_a_full_disk_leaves_the_old_file(path, untouched):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with untouched("access.json cannot be written: File too large; it was left as it was"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
        try:
            exactly(path, *(Person(f"user{number}") for number in range(1000)), backup=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_some(path, number):
    for step in range(5):
        add(path, f"user{number}-{step}")
        operation = _operations.username_map({f"{number}.{step}@x.org": f"user{number}-{step}"}, "present", None)
        _edited_file.change(_edited_file.Place(str(path)), operation, False)


def test_eight_writers_at_once_lose_nothing(path):
    # Forked, so that they share the lock of this test.
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_some, args=(path, number)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    people = _access_file.parse(path.read_bytes(), str(path)).people
    expected = {f"user{number}-{step}": (f"{number}.{step}@x.org",) for number in range(8) for step in range(5)}
    assert {name: person.identities for name, person in people.items()} == {"ada": (), "bob": (), **expected}


def test_another_run_is_waited_for_and_named(path, untouched, monkeypatch):
    monkeypatch.setattr(_edited_file, "PATIENCE", 0.2)
    with _lock.held(_lock.PATH), untouched("held by another run"):
        add(path, "carl")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.json", b"c = get_config()", True),
        ("a.py", b"{}", False),
        ("a.py", None, False),
        ("a.json", None, True),
        ("a.conf", None, True),
        ("a.conf", b"\xef\xbb\xbf \r\n{", True),
        ("a.conf", b"# {\nc = get_config()", False),
        ("a.conf", b"", False),
    ],
)
def test_what_kind_of_file_it_is(tmp_path, name, content, expected):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert _edited_file.is_access_file(str(path)) is expected


def test_options_of_a_module(path):
    given = {"path": str(path), "mode": "0640", "owner": "0", "group": "root", "backup": True}
    assert _edited_file.place(given) == _edited_file.Place(str(path), 0o640, 0, 0, True)
    given |= {"mode": None, "owner": None, "group": None, "backup": False}
    assert _edited_file.place(given) == _edited_file.Place(str(path))


def test_what_each_person_is(path):
    outcome = add(path, "carl")
    assert outcome.standings() == [{"name": name, "standing": "allowed"} for name in ("ada", "bob", "carl")]


# -- somebody's own configuration

CONFIG = """\
# Ours, by hand.
c = get_config()  #noqa
c.JupyterHub.authenticator_class = 'pam'
c.Authenticator.allowed_users = {'ada', 'bob'}   # the group
c.Authenticator.admin_users = {'ada'}
"""


@pytest.fixture(name="config")
def fixture_config(path):
    config = path.parent / "jupyterhub_config.py"
    config.write_text(CONFIG)
    config.chmod(0o644)
    return config


def test_a_configuration_is_edited(config):
    outcome = add(config, "carl", backup=True)
    assert outcome.rosters["allowed"] == ["ada", "bob", "carl"]
    assert outcome.people is None
    assert config.read_bytes() == outcome.data
    assert outcome.diff[0]["before"] == CONFIG
    assert outcome.diff[0]["after"] == config.read_text()
    assert mode(config) == 0o644
    assert not add(config, "carl").diff


def test_a_link_to_a_configuration_stays_one(config):
    link = config.parent / "link.py"
    link.symlink_to(config)
    add(link, "carl")
    assert link.is_symlink()
    assert "carl" in config.read_text()


def test_a_configuration_is_not_invented(config, untouched):
    with untouched("none.py is not there as a file; name the configuration"):
        add(config.parent / "none.py", "carl")


def test_the_whole_list_in_a_configuration(config):
    outcome = exactly(config, Person("carl", admin=True), Person("ada", state="blocked"))
    assert outcome.rosters == {"allowed": ["carl"], "admins": ["carl"], "blocked": ["ada"], "map": {}}
    assert outcome.standings() == [{"name": "ada", "standing": "blocked"}, {"name": "carl", "standing": "allowed"}]


def test_nobody_waits_for_a_configuration(config, untouched):
    with untouched("is read by a hub only when it starts; leave out wait, and restart the hub"):
        _edited_file.change(_edited_file.Place(str(config)), _operations.people([Person("carl")], "present", wait=True), False)


def test_nobody_is_left_in_a_configuration_only_if_that_is_meant(config):
    with pytest.raises(_access_edit.Refused, match="all 2 people would lose their access"):
        exactly(config)
    assert config.read_text() == CONFIG
    exactly(config, allow_empty=True)
    assert config.read_text() != CONFIG
