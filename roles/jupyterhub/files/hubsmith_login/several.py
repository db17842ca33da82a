# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several ways to log in, on one page."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from hubsmith_access.outside import Outside
from jupyterhub import handlers
from jupyterhub.auth import Authenticator, PAMAuthenticator
from jupyterhub.handlers.login import LoginHandler, LogoutHandler
from jupyterhub.traitlets import EntryPointType
from jupyterhub.utils import maybe_future
from traitlets import Dict, Unicode, default

from .login_page import page
from .seats import SeatsAuthenticator
from .settings import refuse_to_start
from .way import COOKIE, Way

# Those whose names are the names of local people, and what may go by such a name.
_PLAIN = {"pam": PAMAuthenticator, "shared_password": SeatsAuthenticator}
# How whoever logs in is called, and where, is kept with what the provider says of them.
_CAME = "hubsmith_login"
_Model = dict[str, Any]


def _if_any_does(trait: str) -> Any:
    return default(trait)(lambda self: any(getattr(part, trait) for part in self.parts))


class SeveralWays(Authenticator):  # type: ignore[misc]
    """The ways share one page and one set of people; each decides by its own settings who somebody is.

    Everything passes through this class, and so through what stands in front of it. (jupyterhub-multiauthenticator 0.4.0 goes round
    whatever stands in front, and passes on neither refreshes nor administrators, groups or logouts.)

    By which way somebody came is kept in their auth state, which lasts as long as the tokens that a refresh needs; without auth state
    no way has anything to refresh, so the hub's memory does, and the browser keeps a signed cookie for the logout.
    """

    ways = Dict(
        key_trait=Unicode(),
        value_trait=EntryPointType(klass=Authenticator, entry_point_group="jupyterhub.authenticators"),
        config=True,
        help="""
        The ways to log in, in the order of the login page: names and the classes behind them. The names of whoever comes by pam or
        shared_password are local ones; those of all others get the way in front (github:octocat) and are to be looked up as that.
        """,
    )
    titles = Dict(
        key_trait=Unicode(), value_trait=Unicode(), config=True, help="What the forms and the buttons of the ways are called on the page."
    )

    _keeps_state = _if_any_does("enable_auth_state")
    _manages_groups = _if_any_does("manage_groups")
    _refreshes_before_servers = _if_any_does("refresh_pre_spawn")
    _as_the_most_careful = default("auth_refresh_age")(
        lambda self: min((part.auth_refresh_age for part in self.parts if part.auth_refresh_age), default=0)
    )
    enable_auth_state: bool
    manage_groups: bool

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if wrong := self._wrong():
            refuse_to_start(self.log, f"c.SeveralWays.ways {wrong}")
        self._ways = {name: Way(name, cls, self, plain=name in _PLAIN) for name, cls in self.ways.items()}
        self._came_by: dict[str, str] = {}
        if any(part.manage_roles for part in self.parts):
            refuse_to_start(self.log, "manage_roles is set for one of c.SeveralWays.ways, but roles are no way's business; remove that")

    def _wrong(self) -> str:
        taken = {path.strip("/").partition("/")[0] for path, *_more in handlers.default_handlers} | {"api", "static", "logo"}
        for name, cls in self.ways.items():
            if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
                return f"has the name {name!r}; use a-z, 0-9, - and _ only, and begin with a letter"
            if name in taken:
                return f"has the name {name}, but the hub has pages of its own below that; choose another"
            if name in _PLAIN and not issubclass(cls, _PLAIN[name]):
                return f"has {cls.__name__} for {name}, whose names would be taken for local ones; choose another name for this way"
            if list(self.ways.values()).count(cls) > 1:
                return f"has {cls.__name__} twice, with the same settings; derive a class from it for each, which has settings of its own"
        return "" if self.ways else "is empty; name the ways to log in"

    # -- what others ask of the whole

    @property
    def parts(self) -> list[Any]:
        """The authenticators behind, whose rules hold beside each other."""
        return [way.part for way in self.choices]

    @property
    def choices(self) -> list[Way]:
        return list(self._ways.values())

    @property
    def chosen(self) -> str:
        """Whose form it is that comes without a way, as from a program that knows only the hub's own page."""
        return next((way.name for way in self.choices if way.is_form), "")

    def get_custom_html(self, base_url: str) -> str:
        return page(base_url)

    def get_handlers(self, app: Any) -> list[tuple[Any, ...]]:
        pages = [page for way in self.choices for page in way.handlers(app)]
        return [("/login", LoginHandler), ("/logout", _LogoutHandler), *pages]

    def check_allow_config(self) -> None:
        super().check_allow_config()
        for part in self.parts:
            part.check_allow_config()

    # -- logging in

    def _way_of_page(self, page: Any) -> Way | None:
        way: Way | None = getattr(page, "way", None)
        return way or self._ways.get(self.chosen)

    async def get_authenticated_user(self, handler: Any, data: Any) -> Any:
        way = self._way_of_page(handler)
        with way.part.told_plainly() if way and isinstance(way.part, Outside) else contextlib.nullcontext():
            return await super().get_authenticated_user(handler, data)

    async def authenticate(self, handler: Any, data: Any = None) -> _Model | None:
        way = self._way_of_page(handler)
        if way is None:
            return None
        found = await maybe_future(way.part.authenticate(handler, data))
        return self._as_the_hub_s(way, found) if found else None

    def _as_the_hub_s(self, way: Way, found: Any) -> _Model | None:
        model: _Model = dict(found) if isinstance(found, dict) else {"name": found}
        name = way.part.normalize_username(model["name"])
        if way.plain and ":" in name:
            # It would be taken for that of somebody who comes by another way.
            self.log.warning("Refused %r, who came by %s: no local name has a colon", name, way.name)
            return None
        model["name"] = way.outside_name(name)
        model["auth_state"] = {**(model.get("auth_state") or {}), _CAME: {"way": way.name, "name": name}}
        if self.manage_groups:
            # Whoever comes by a way that knows no groups leaves those behind that another way has given.
            model.setdefault("groups", [])
        return model

    def _as_the_part_s(self, username: str, model: _Model | None) -> tuple[Way | None, _Model]:
        """The way by which somebody came, if that is known, and the model with the name as it is known there."""
        came = ((model or {}).get("auth_state") or {}).get(_CAME, {})
        way = self._ways.get(came.get("way", ""))
        # A local name may well have been looked up.
        return way, {**(model or {}), "name": came["name"] if way and not way.plain else username}

    async def check_blocked_users(self, username: str, authentication: _Model | None = None) -> bool:
        way, model = self._as_the_part_s(username, authentication)
        passes = not way or await maybe_future(way.part.check_blocked_users(model["name"], model))
        return bool(passes and super().check_blocked_users(username, authentication))

    async def check_allowed(self, username: str, authentication: _Model | None = None) -> bool:
        way, model = self._as_the_part_s(username, authentication)
        # Asked in any case, as it may turn down people of the access file, too, by an error.
        passes = bool(way and await maybe_future(way.part.check_allowed(model["name"], model)))
        return passes if way and way.plain else passes or bool(super().check_allowed(username, authentication))

    async def is_admin(self, handler: Any, authentication: _Model) -> bool | None:
        way, model = self._as_the_part_s(authentication["name"], authentication)
        told: bool | None = await maybe_future(way.part.is_admin(handler, model) if way else super().is_admin(handler, model))
        return told

    async def run_post_auth_hook(self, handler: Any, auth_model: _Model) -> Any:
        way, _same = self._as_the_part_s(auth_model["name"], auth_model)
        if way:
            self._came_by[str(auth_model["name"])] = way.name
            if not way.part.enable_auth_state:
                auth_model["auth_state"] = {_CAME: auth_model["auth_state"][_CAME]}
            if way.part.post_auth_hook:
                return await way.part.run_post_auth_hook(handler, auth_model)
        return await super().run_post_auth_hook(handler, auth_model)

    # -- users of the hub

    async def way_of(self, user: Any) -> Way | None:
        """By which way somebody came last; None if they never came, or by one that is no more."""
        state = await user.get_auth_state() if self.enable_auth_state else None
        came = ((state or {}).get(_CAME) or {}).get("way") or self._came_by.get(user.name, "")
        return self._ways.get(came)

    async def refresh_user(self, user: Any, handler: Any = None, **more: Any) -> Any:
        way = await self.way_of(user)
        if way is None:
            return not self.enable_auth_state
        told = await maybe_future(way.part.refresh_user(user, handler, **more))
        return (self._as_the_hub_s(way, told) or False) if isinstance(told, dict) else told

    async def add_user(self, user: Any) -> None:
        await maybe_future(super().add_user(user))
        await self._tell("add_user", user)

    async def delete_user(self, user: Any) -> None:
        await self._tell("delete_user", user)
        await maybe_future(super().delete_user(user))
        self._came_by.pop(user.name, None)

    async def pre_spawn_start(self, user: Any, spawner: Any) -> None:
        await self._tell("pre_spawn_start", user, spawner)

    async def post_spawn_stop(self, user: Any, spawner: Any) -> None:
        await self._tell("post_spawn_stop", user, spawner)

    async def _tell(self, what: str, user: Any, *more: Any) -> None:
        if way := await self.way_of(user):
            await maybe_future(getattr(way.part, what)(user, *more))


class _LogoutHandler(LogoutHandler):  # type: ignore[misc]
    """Leads on to what the way has to do at a logout."""

    async def get(self) -> None:
        several = self.authenticator
        name = (self.get_secure_cookie(COOKIE) or b"").decode()
        self.clear_cookie(COOKIE, path=self.hub.base_url)
        way = next((way for way in several.choices if way.name == name and way.leaves), None)
        # Another way may have been used since, elsewhere, and what the logout needs is gone then.
        if way and self.current_user and await several.way_of(self.current_user) in (None, way):
            self.redirect(way.logout_url(self.hub.base_url))
        else:
            await super().get()
