# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a configuration puts in force according to the real traitlets and JupyterHub, which run it."""

from __future__ import annotations

import functools
import logging
import pathlib
import tempfile
import warnings
from unittest import mock

from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.traitlets import EntryPointType
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_config import Rosters

# The same all the time, and most of the time it takes.
entry_points = functools.cache(EntryPointType.load_entry_points)
logging.getLogger("traitlets").setLevel(logging.CRITICAL)


def rosters(data: bytes, authenticator_class: str | None = None, stand_in: str | None = None) -> Rosters:
    """As the hub does it at its start.

    :param stand_in: the name of a class that is not installed, and is made up here.
    """
    config = loaded(data)
    if authenticator_class and "authenticator_class" not in config.JupyterHub:
        config.JupyterHub.authenticator_class = authenticator_class
    if stand_in:
        config.JupyterHub.authenticator_class = type(stand_in, (Authenticator,), {})
    with warnings.catch_warnings(), mock.patch.object(EntryPointType, "load_entry_points", entry_points):
        warnings.simplefilter("ignore")
        app = JupyterHub()
        app.log.setLevel(logging.CRITICAL + 1)
        app.update_config(config)
        authenticator = app.authenticator_class(parent=app)
    # From here on as in JupyterHub.init_users.
    admins = authenticator.admin_users or app.admin_users
    return Rosters(
        allowed=sorted({authenticator.normalize_username(name) for name in authenticator.allowed_users}),
        admins=sorted({authenticator.normalize_username(name) for name in admins}),
        blocked=sorted(authenticator.blocked_users),
        map=dict(sorted(authenticator.username_map.items())),
    )


def loaded(data: bytes) -> Config:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "jupyterhub_config.py")
        path.write_bytes(data)
        return PyFileConfigLoader(str(path)).load_config()
