# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the package for the hub importable, with the two files that it shares with the modules."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import types
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "hub"))

from hub_package import assemble

_folder = tempfile.TemporaryDirectory()
sys.path.insert(0, str(assemble(Path(_folder.name))))


@pytest.fixture(name="access_file")
def fixture_access_file(tmp_path):
    """Writes entries into an access file, and returns its path."""
    from hubsmith_access import _access_file, _people

    path = tmp_path / "access.json"

    def write(*entries):
        path.write_bytes(_access_file.render(_people.parse(list(entries))))
        path.chmod(0o600)
        return path

    return write


@pytest.fixture(name="accounts")
def fixture_accounts(monkeypatch):
    """PAM lets everybody in, and all names are accounts of this machine but one, which is a system account."""
    import pamela
    from hubsmith_access import authenticator
    from jupyterhub.auth import PAMAuthenticator

    monkeypatch.setattr(pamela, "authenticate", lambda *_, **__: None)
    monkeypatch.setattr(pamela, "check_account", lambda *_, **__: None)
    monkeypatch.setattr(authenticator, "_uid", {"daemonic": 123}.get)
    monkeypatch.setattr(PAMAuthenticator, "system_user_exists", lambda *_: True)


@pytest.fixture(name="session")
def fixture_session():
    """The hub's own tables, in memory, with what every hub has in them."""
    from jupyterhub import orm, roles

    session = orm.new_session_factory("sqlite:///:memory:")()
    for role in roles.get_default_roles():
        roles.create_role(session, role)
    roles.create_role(session, {"name": "teacher", "scopes": ["list:users"]})
    session.add(orm.OAuthClient(identifier="jupyterhub"))
    session.commit()
    yield session
    session.close()
    session.get_bind().dispose()


class Handler:
    """As much of a request as a login needs; it is under way until it is finished."""

    _finished = False
    request = types.SimpleNamespace(remote_ip="::1")


class Site:
    """An authenticator with live access, and as much of a hub around it as it asks for."""

    def __init__(self, cls, session, folder, config):
        from hubsmith_access.configure import in_front_of
        from traitlets.config import Config

        settings = {"path": folder / "access.json", "state_file": folder / "state.json", "hub_users_file": folder / "users.json"}
        given = Config({"LiveAccess": {name: str(value) for name, value in settings.items()}})
        given.merge(Config(config))
        self.authenticator = in_front_of(cls)(config=given)
        self.session = session
        self.load_roles, self.load_groups = [], {}
        self.state_file = settings["state_file"]

    async def __aenter__(self):
        ready = asyncio.get_running_loop().create_future()
        ready.set_result(None)
        known = {"db": self.session, "load_roles": self.load_roles, "load_groups": self.load_groups}
        self.app = types.SimpleNamespace(users={}, proxy=None, _start_future=ready, **known)
        self.handlers = self.authenticator.get_handlers(self.app)
        return self

    async def __aexit__(self, *_):
        for task in (self.authenticator._keeper._watcher, self.authenticator._keeper._rechecker):
            task.cancel()

    async def log_in(self, name, **data):
        """As the hub does it; None for whoever is not let in."""
        self.handler = Handler()
        return await self.authenticator.get_authenticated_user(self.handler, {"username": name, "password": "secret", **data})

    async def lets_in(self, *names):
        found = [await self.log_in(name) for name in names]
        return [model["name"] if model else None for model in found]

    def given(self, name):
        """What the file has given to a user, as it is remembered."""
        (seen,) = self.authenticator._keeper.database.look([name])
        return seen.given

    def add(self, name, **values):
        """A user who is in the database already."""
        from jupyterhub import orm, roles

        user = orm.User(name=name, **values)
        self.session.add(user)
        self.session.commit()
        roles.assign_default_roles(self.session, user)
        return user


@pytest.fixture(name="site")
def fixture_site(session, tmp_path, access_file):
    """Makes a site of an authenticator's class and what its access file says."""

    def make(cls, *entries, **config):
        access_file(*entries)
        return Site(cls, session, tmp_path, config)

    return make
