# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The class that stands in front of the hub's authenticator, whichever that is."""

from __future__ import annotations

import asyncio
import functools
import pwd
import re
from typing import Any

from jupyterhub.utils import maybe_future
from tornado.web import HTTPError
from traitlets import Bool, Enum, Float, Unicode, default

from ._access_file import AccessError
from .keeper import STRANGER, Keeper
from .outside import Answer, Outside
from .policy import LocalName
from .reconcile import Standing

# Whose rules for who may enter, and who administers, are all told by their settings.
_KNOWN = {"hubsmith_access", "hubsmith_login", "jupyterhub", "oauthenticator", "ldapauthenticator"}
_ROSTERS = ("allowed_users", "admin_users", "blocked_users", "username_map", "allow_existing_users")
_FIRST_UID = 1000


class LiveAccess(Outside):
    """Who may use the hub, as whom and with what, is said by the access file, and changes whenever it does.

    The class behind this one still finds out who somebody is. Its rules by which groups or organisations are let in hold for those
    whom the access file does not know; and whoever is let in by none of them any more is treated as if removed from the file.
    """

    path = Unicode("/etc/jupyterhub/access.json", config=True, help="The access file.")
    state_file = Unicode("/run/jupyterhub/access-state.json", config=True, help="Where the hub tells what of it is in force.")
    public_certificate_file = Unicode(
        config=True, help="The certificate that people get to see. The metrics tell how long it lasts; if empty, they do not."
    )
    poll_seconds = Float(0.1, min=0.05, config=True, help="Seconds until the hub looks at it again, beside every login.")
    recheck_seconds = Float(
        300.0,
        min=0.0,
        config=True,
        help="""
        How often the hub asks the provider again about active people whom a rule of the class, such as a group, has let in or made an
        administrator, beside their own requests. This needs enable_auth_state; 0 is never.
        """,
    )
    revoke_servers = Enum(
        ["stop", "finish"],
        "stop",
        config=True,
        help="What becomes of the servers of somebody whose access is taken away: stopped, or left alone until they end by themselves.",
    )
    accept_hub_users = Bool(
        False,
        config=True,
        help="Whether somebody whom an administrator adds in the admin page or by the REST API may enter without being in the file.",
    )
    hub_users_file = Unicode(
        "/var/lib/jupyterhub/access-hub-users.json", config=True, help="Where the hub remembers who came by its admin page or REST API."
    )
    unmapped_is_local = Bool(False, config=True, help="Whether an identity that nobody has counts as the local name.")

    # A class may let everybody in for as long as it has no names of its own, which is always so here.
    _nobody_in_general = default("allow_all")(lambda _self: False)
    _nobody_for_having_been_there = default("allow_existing_users")(lambda _self: False)

    allowed_users: set[str]
    admin_users: set[str]

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if rosters := [name for name in _ROSTERS if getattr(self, name)]:
            what = f"{type(self).__name__} sets {', '.join(rosters)} by itself"
            raise ValueError(f"{what}; only the access file {self.path} says who may log in, so remove that")
        try:
            self._keeper = Keeper(self)
        except AccessError as error:
            for sentence in str(error).splitlines():
                self.log.critical("The hub does not start without its access file: %s", sentence)
            raise SystemExit(1) from None

    # -- what the class behind lets in by itself

    @functools.cached_property
    def admits_by_itself(self) -> bool:
        """Whether somebody may enter whom the file does not know."""
        return self._has_rule(r"allow(?!ed_users$|_existing_users$)", "check_allowed")

    @functools.cached_property
    def names_admins_by_itself(self) -> bool:
        return self._has_rule(r"admin_.*groups", "is_admin")

    def _has_rule(self, named: str, method: str) -> bool:
        # Of several ways to log in, each has rules of its own.
        return any(_has_rule(one, named, method) for one in (self, *getattr(self, "parts", ())))

    # -- logging in

    def normalize_username(self, username: str) -> str:
        if isinstance(username, LocalName):
            return username
        try:
            normal = super().normalize_username(username)
        except KeyError:
            # So PAM's class says, when asked to look names up, that there is no such account.
            return LocalName(username.lower(), "there is no such account")
        return self._keeper.policy.look_up(username, normal)

    async def get_authenticated_user(self, handler: Any, data: Any) -> Any:
        await self._keeper.take()
        model = await super().get_authenticated_user(handler, data)
        return self._let_in(model, handler) if model else None

    async def run_post_auth_hook(self, handler: Any, auth_model: Any) -> Any:
        # The last before the site's own hook, which may well make a home directory for whoever comes.
        if self._is_refused(auth_model["name"]) or await self._is_system_account(auth_model["name"]):
            return None
        return await super().run_post_auth_hook(handler, auth_model)

    async def is_admin(self, handler: Any, authentication: Any) -> bool | None:
        told = await maybe_future(super().is_admin(handler, authentication))
        return self._is_administrator(self.normalize_username(authentication["name"]), told)

    def _is_administrator(self, name: str, told: bool | None) -> bool | None:
        """``told`` is what the class behind says; None leaves it as it is, which is right only where the hub may have its own opinion."""
        if name in self.admin_users:
            return True
        return told if told is not None or self._keeper.standing(name) is Standing.HUB else False

    def _let_in(self, model: dict[str, Any], handler: Any) -> dict[str, Any] | None:
        name = self.normalize_username(model["name"])
        if self._is_refused(name):
            return None
        model["name"] = str(name)
        model["admin"] = self._is_administrator(name, model.get("admin"))
        if self.manage_groups and model.get("groups") is not None:
            model["groups"] = self._keeper.note_groups(str(name), model["groups"])
        self._keeper.logging_in(str(name), handler)
        return model

    def _is_refused(self, name: str) -> bool:
        local = self.normalize_username(name)
        why = getattr(local, "refused", "") or self._keeper.policy.refusal(local, self._keeper.day)
        if why:
            self.log.warning("Refused %r: %s", str(local), why)
        return bool(why)

    async def _is_system_account(self, name: str) -> bool:
        """For those whom the file does not know: for the others, somebody has said that this is a person."""
        if self._keeper.standing(name) is Standing.FILE:
            return False
        number = await asyncio.get_running_loop().run_in_executor(None, _uid, str(name))
        if number is None or number >= _FIRST_UID:
            return False
        self.log.warning("Refused %r: this is the name of a system account, with the number %i", str(name), number)
        return True

    async def refresh_user(self, user: Any, handler: Any = None, **more: Any) -> Any:
        if handler is not None and not hasattr(handler, "_token_authenticated"):
            # JupyterHub 6.1 asks for it, but sets it only where a token came with the request.
            handler._token_authenticated = False
        await self._keeper.take()
        if self._keeper.standing(user.name) is Standing.OUT:
            return False
        answer = await self.ask_again(user, handler, **more)
        if isinstance(answer.found, dict):
            answer = await self._judge(user.name, answer.found)
        if answer.lost:
            self.log.warning("The login of %s does not hold any more: %s", user.name, answer.lost)
            if self._keeper.standing(user.name) is Standing.RULE:
                await self._keeper.lose(user.name, answer.lost)
        return answer.found

    async def _judge(self, name: str, model: dict[str, Any]) -> Answer:
        """What to make of what the class has found out about somebody who is logged in under this name."""
        told = model.get("name", name)
        if told.__class__ is not str or told != name:
            # It was looked up anew, and the identity may have become somebody else's since the login.
            told = self.normalize_username(told)
            if told != name or self._is_refused(told):
                return Answer(False, f"their account leads to {str(told)!r} now")
        if self._keeper.standing(name) is Standing.RULE:
            answer = await self.heed(self._passes(LocalName(name), {"auth_state": None, "admin": None, **model}))
            if answer.found is not True or answer.lost:
                return Answer(False, answer.lost or "no rule of the site lets them in")
        return Answer(self._let_in({**model, "name": LocalName(name)}, None) or False)

    async def _passes(self, name: str, model: dict[str, Any]) -> bool:
        """As at a login."""
        if not await maybe_future(self.check_blocked_users(name, model)):
            return False
        return bool(self.allow_all or await self.check_allowed(name, model))

    # -- users of the hub

    async def add_user(self, user: Any) -> None:
        name, keeper = user.name, self._keeper
        standing = keeper.standing(name)
        if keeper.app is None:
            # The hub starts and goes through its database. Nothing, such as an account, is to be made for those who have left.
            if standing is not Standing.OUT:
                await maybe_future(super().add_user(user))
            return
        invited = standing is Standing.FILE or keeper.is_logging_in(name)
        why = keeper.policy.refusal(name, keeper.day)
        if not (why or invited or self.accept_hub_users):
            why = STRANGER
        if why:
            raise ValueError(f"{name} cannot be added here: {why}; who may use this hub is said by {self.path}")
        await maybe_future(super().add_user(user))
        if not invited:
            keeper.accept_hub_user(name)

    async def delete_user(self, user: Any) -> None:
        name = user.name
        await maybe_future(super().delete_user(user))
        self._keeper.forget(name)

    async def pre_spawn_start(self, user: Any, spawner: Any) -> None:
        await self._keeper.take()
        if why := self._keeper.refusal(user.name):
            raise HTTPError(403, f"{user.name} has no access to this hub: {why}")
        self._keeper.about_to_start(user.name, spawner)
        await maybe_future(super().pre_spawn_start(user, spawner))

    # -- the hub

    def get_handlers(self, app: Any) -> Any:
        self._keeper.start(app)
        return super().get_handlers(app)

    def check_allow_config(self) -> None:
        """Classes look here whether somebody may log in at all; but the hub would make a user of everybody whom it finds at this time."""
        names, admins = self.allowed_users, self.admin_users
        self.allowed_users, self.admin_users = self._keeper.everybody()
        try:
            super().check_allow_config()
        finally:
            self.allowed_users, self.admin_users = names, admins


def _has_rule(authenticator: Any, named: str, method: str) -> bool:
    by_setting = any(getattr(authenticator, name) for name in authenticator.traits(config=True) if re.match(named, name))
    return by_setting or any(method in vars(cls) and cls.__module__.partition(".")[0] not in _KNOWN for cls in type(authenticator).__mro__)


def _uid(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None
