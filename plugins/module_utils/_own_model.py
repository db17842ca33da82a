# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow the statements of a configuration file, one after the other, without running any of them."""

from __future__ import annotations

import ast
import operator
from typing import Any, cast

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_eval import (
    IN_PLACE,
    OPERATIONS,
    Evaluator,
    doubt,
    homes_of,
    run,
    written,
)
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_opaque import Opaque, imported_as
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import Source
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_state import SECTION_METHODS, State, spoil
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import (
    Box,
    Imported,
    Lazy,
    OwnClass,
    Reason,
    Section,
    Slot,
    Stops,
    Unknown,
    is_section_name,
    raw,
)


def follow(source: Source) -> State:
    """What the file leaves behind.

    :raises Stops: the hub does not get to its end.
    """
    state = State()
    for statement in source.tree.body:
        try:
            _Follower(state, statement).follow()
        except RecursionError:
            raise Stops(Reason(statement.lineno, "this statement is too deeply nested to be followed")) from None
    state.finish()
    return state


class _Follower:
    def __init__(self, state: State, statement: ast.stmt) -> None:
        self.state = state
        self.statement = statement
        self.value = Evaluator(state, statement)

    def follow(self) -> None:
        statement = self.statement
        if isinstance(statement, ast.Assign):
            self._assign(statement.targets, statement.value)
        elif isinstance(statement, ast.AnnAssign):
            Opaque(self.state).visit(statement.annotation)
            if statement.value is not None:
                self._assign([statement.target], statement.value)
        elif isinstance(statement, ast.AugAssign):
            self._change(statement)
        elif isinstance(statement, ast.Delete):
            for target in statement.targets:
                self._delete(target)
        elif isinstance(statement, ast.Expr):
            self.value(statement.value)
        elif isinstance(statement, (ast.Import, ast.ImportFrom)) and not any(alias.name == "*" for alias in statement.names):
            self._import(statement)
        elif isinstance(statement, ast.ClassDef):
            self._define(statement)
        elif isinstance(statement, ast.Raise):
            raise Stops(Reason(statement.lineno, "the hub would stop here, as the statement raises an exception"))
        else:
            Opaque(self.state).visit(statement)

    # -- assignments

    def _assign(self, targets: list[ast.expr], node: ast.expr) -> None:
        for target in targets:
            if isinstance(target, (ast.Tuple, ast.List)) and _pairs(target, node):
                parts = cast("ast.Tuple | ast.List", node).elts
                values = [self.value(part) for part in parts]
                for part, value, part_node in zip(target.elts, values, parts, strict=True):
                    self._put(part, value, part_node)
                return
        value = self.value(node)
        for target in targets:
            self._put(target, value, node)

    def _put(self, target: ast.expr, value: object, node: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self.state.bind(target.id, value)
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            self._put_part(target, value, node)
        else:
            self._lose(value, target)
            Opaque(self.state).store(target)

    def _put_part(self, target: ast.Attribute | ast.Subscript, value: object, node: ast.expr | None) -> None:
        whole = self.value(target.value)
        key: object = target.attr if isinstance(target, ast.Attribute) else self.value(target.slice)
        if isinstance(whole, Section) and isinstance(key, str):
            self._put_key(whole, key, value, node)
        elif isinstance(target, ast.Subscript) and isinstance(whole, (Box, Lazy)) and isinstance(key, str):
            self._put_item(whole, key, value)
        else:
            self._lose(whole, target)
            self._lose(value, target)

    def _put_key(self, section: Section, key: str, value: object, node: ast.expr | None) -> None:
        if not is_section_name(key):
            self.state.put(section, key, Slot(value, self.statement.lineno, node, self.statement))
        elif isinstance(value, Section):
            section.sections[key] = value
        elif isinstance(value, Unknown):
            spoil(section.section(key), value.reason)
        else:
            raise Stops(Reason(self.statement.lineno, f"the hub would stop here, as c.{key} is a section and cannot be given a value"))

    def _put_item(self, whole: Box | Lazy, key: str, value: object) -> None:
        reason = doubt(value, False)
        if reason:
            spoil(whole, reason)
        if whole.spoiled:
            self._lose(value, self.statement)
            return
        targets = self.statement.targets if isinstance(self.statement, ast.Assign) else []
        alone = self.statement if len(targets) == 1 and isinstance(targets[0], ast.Subscript) else None
        run(self.statement, operator.setitem, raw(whole), written(key, alone), written(value, alone))
        whole.homes += [alone] if alone else []

    def _lose(self, value: object, node: ast.expr | ast.stmt) -> None:
        if isinstance(value, (Section, Box, Lazy)):
            spoil(value, Reason(node.lineno, f"`{ast.unparse(node)[:60]}` cannot be followed"))

    # -- the other statements

    def _change(self, statement: ast.AugAssign) -> None:
        """``|=`` and the like: what stands for a changeable container changes that, so all who share it see it."""
        if type(statement.op) not in IN_PLACE:
            Opaque(self.state).visit(statement)
            return
        target: Any = statement.target
        before = self.value(target)
        value = self.value(statement.value)
        if isinstance(before, Box) and not isinstance(before.value, (tuple, frozenset)):
            reason = doubt(before, True) or doubt(value, True)
            if reason:
                spoil(before, reason)
            else:
                run(statement, IN_PLACE[type(statement.op)], before.value, raw(value))
                before.homes += homes_of(value) if isinstance(statement.op, (ast.BitOr, ast.Add)) else []
            self._put(target, before, None)
        elif isinstance(before, (Box, Lazy, str, int, float)):
            made = self.value.make(statement, OPERATIONS[type(statement.op)], before, value, homes=homes_of(before, value))
            self._put(target, made, None)
        else:
            Opaque(self.state).visit(statement)

    def _delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.state.names.pop(target.id, None)
            return
        if not isinstance(target, (ast.Attribute, ast.Subscript)):
            Opaque(self.state).store(target)
            return
        whole = self.value(target.value)
        key: object = target.attr if isinstance(target, ast.Attribute) else self.value(target.slice)
        if isinstance(whole, Section) and isinstance(key, str) and key not in SECTION_METHODS:
            run(target, (whole.sections if is_section_name(key) else whole.slots).pop, key)
        elif isinstance(whole, (Box, Lazy)) and isinstance(key, (str, int)) and not whole.spoiled:
            run(target, operator.delitem, raw(whole), key)
        else:
            self._lose(whole, target)

    def _import(self, statement: ast.Import | ast.ImportFrom) -> None:
        for alias in statement.names:
            if isinstance(statement, ast.ImportFrom):
                dotted = f"{'.' * statement.level}{statement.module or ''}.{alias.name}"
            else:
                dotted = alias.name if alias.asname else alias.name.split(".")[0]
            self.state.bind(imported_as(alias), Imported(dotted, statement.lineno))

    def _define(self, statement: ast.ClassDef) -> None:
        bases = tuple(self.value(base) for base in statement.bases)
        Opaque(self.state).visit(statement)
        if not statement.decorator_list:
            self.state.bind(statement.name, OwnClass(statement.name, bases, statement))


def _pairs(target: ast.Tuple | ast.List, node: ast.expr) -> bool:
    parts = [*target.elts, *node.elts] if isinstance(node, (ast.Tuple, ast.List)) else []
    return len(parts) == 2 * len(target.elts) and not any(isinstance(part, (ast.Starred, ast.Tuple, ast.List)) for part in target.elts)
