# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says what a plan for accounts does: a line a name for the diff, an entry a person for the result. Never a hash."""

from __future__ import annotations

import collections
from collections.abc import Iterable

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _account_model as model
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._people import Person


def diff(before: model.Host, after: model.Host, actions: Iterable[model.Action]) -> dict[str, str]:
    """Before and after, for those only whom the plan touches. The steps stand at the end of a line, as a new hash has no other trace."""
    old, new = [], []
    for (kind, name), steps in _steps(actions).items():
        old.append(f"{kind} {name}: {_line(before, kind, name)}\n")
        new.append(f"{kind} {name}: {_line(after, kind, name)} [{', '.join(steps)}]\n")
    return {"before": "".join(old), "after": "".join(new)}


def users(people: Iterable[Person], after: model.Host, actions: Iterable[model.Action]) -> list[dict[str, object]]:
    """Each person's account as it is afterwards, and what was done to it."""
    steps = _steps(actions)
    return [
        {"name": person.name, "state": person.state, "done": steps["account", person.name], **_facts(after.accounts.get(person.name))}
        for person in people
    ]


def _facts(account: model.Account | None) -> dict[str, object]:
    if account is None:
        return {}
    return {
        "uid": account.uid,
        "group": account.group,
        "unix_groups": sorted(account.groups),
        "shell": account.shell,
        "home": account.home,
        "comment": account.comment,
    }


def _steps(actions: Iterable[model.Action]) -> dict[tuple[str, str], list[str]]:
    steps: dict[tuple[str, str], list[str]] = collections.defaultdict(list)
    for action in actions:
        steps["group" if isinstance(action, model.AddGroup) else "account", action.name].append(action.done)
    return steps


def _line(host: model.Host, kind: str, name: str) -> str:
    if kind == "group":
        return f"gid {host.groups[name]}" if name in host.groups else "absent"
    return host.accounts[name].describe() if name in host.accounts else "absent"
