# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What code that is not followed (loops, branches, functions, computed values) may do to what is tracked.

A container or section that is only looked at stays known; whatever is handed on or changed does not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_touch import Touch

KINDS: dict[type[ast.AST], str] = {
    ast.For: "a loop",
    ast.While: "a loop",
    ast.If: "an if",
    ast.Try: "a try",
    ast.TryStar: "a try",
    ast.With: "a with block",
    ast.Match: "a match",
    ast.FunctionDef: "a function",
    ast.AsyncFunctionDef: "a function",
    ast.Lambda: "a function",
    ast.ClassDef: "a class",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
}
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Opaque(Touch):
    """Visit a node, and all that it may change is marked in the state."""

    # -- scopes of their own

    def _comprehension(self, node: Comprehension) -> None:
        targets = _stored(generator.target for generator in node.generators)
        inside = self._inside(node, self.hidden_inside | targets, self.deferred)
        for generator in node.generators:
            inside._look_at([generator.iter, *generator.ifs])
        inside.visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _function(self, node: Function) -> None:
        given = [part for part in ast.walk(node.args) if isinstance(part, ast.arg)]
        self.visit_all([*node.args.defaults, *node.args.kw_defaults, *(part.annotation for part in given)])
        if not isinstance(node, ast.Lambda):
            self.visit_all([*node.decorator_list, node.returns])
            self._rename(node.name, node)
        declared = {name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names}
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else [*node.body]
        self._inside(node, (self.hidden_inside | {part.arg for part in given} | _stored(body)) - declared, True).visit_all(body)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.visit_all([*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)])
        self._rename(node.name, node)
        inside = self._inside(node, self.hidden_inside | _stored(node.body), True)
        inside.hidden_inside = self.hidden_inside
        inside.visit_all(node.body)

    def _inside(self, node: ast.AST, hidden: frozenset[str], deferred: bool) -> Opaque:
        inside = Opaque(self.state, KINDS[type(node)], hidden, deferred)
        inside.read = self.read
        return inside

    # -- statements

    def generic_visit(self, node: ast.AST) -> None:
        outer = self.kind
        if isinstance(node, ast.stmt) and not self.deferred:
            self.kind = KINDS.get(type(node), self.kind)
        if isinstance(node, (ast.If, ast.While)):
            self.look(node.test)
            self.visit_all([*node.body, *node.orelse])
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self.look(node.iter)
            self.store(node.target)
            self.visit_all([*node.body, *node.orelse])
        else:
            super().generic_visit(node)
        self.kind = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.store(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.store(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.look(node.value)
        reached = self.state.reach(node.target, self.hidden)
        if reached is not None:
            self._lose(reached, node.target)
        self.store(node.target)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.store(target)

    def visit_withitem(self, node: ast.withitem) -> None:
        self.visit(node.context_expr)
        if node.optional_vars:
            self.store(node.optional_vars)

    def visit_ExceptHandler(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self._rename(node.name, node)
        self.generic_visit(node)

    visit_MatchAs = visit_MatchStar = visit_ExceptHandler

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self._rename(node.rest, node)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self._anything(node, "import *")
            else:
                self._rename(imported_as(alias), node)

    visit_ImportFrom = visit_Import


def imported_as(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]


def _stored(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names that are bound here, without those of functions and classes within."""
    names = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(imported_as(node))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            names.add(node.name or "")
        if not isinstance(node, SCOPES):
            waiting += ast.iter_child_nodes(node)
    return frozenset(names)
