# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an expression that is not followed may do to what is tracked: it is looked at, handed on, changed or renamed."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_state import ROSTER_KEYS, Place, Reached, State, forget, spoil
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import Box, Builtin, Lazy, Reason, Section, Unknown

# Built-in functions that keep nothing of what they are given, and change nothing.
_LOOKING = "all any bool dict enumerate frozenset hasattr isinstance len list max min print range repr set sorted str sum tuple type zip"
LOOKING = tuple(_LOOKING.split())
_LOOKING_METHODS = """
    copy count difference get index intersection isdisjoint issubset issuperset items keys symmetric_difference union values
"""
LOOKING_METHODS = frozenset(_LOOKING_METHODS.split())
# With these a program reaches its own names by other ways than naming them.
ANYTHING = frozenset(["exec", "eval", "globals", "locals", "vars", "_getframe", "currentframe", "f_globals", "__globals__"])


class Touch(ast.NodeVisitor):
    """Visit a node, and all that it may change is marked in the state.

    :param kind: the kind of block that the node is in.
    :param hidden: names that are not the file's own here, as they are local.
    :param deferred: whether this runs later, and nobody knows when and how often.
    """

    def __init__(self, state: State, kind: str = "", hidden: frozenset[str] = frozenset(), deferred: bool = False) -> None:
        self.state = state
        self.kind = kind
        self.hidden = hidden
        self.deferred = deferred
        # The same for functions that are defined here, which do not see the names of a class around them.
        self.hidden_inside = hidden
        self.read: list[Box | Lazy] = []

    def visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    # -- expressions

    def look(self, node: ast.expr) -> None:
        """The expression's value is looked at, and neither kept nor changed."""
        reached = self.state.reach(node, self.hidden)
        found = reached.value if isinstance(reached, Place) else reached
        if isinstance(found, (Box, Lazy)):
            self.read.append(found)
            for part in found.inner() if isinstance(found, Box) else ():
                self._lose(part, node)
        elif isinstance(reached, Place):
            self._name_key(reached, node)
        elif reached is None and not isinstance(node, ast.Name):
            self.visit(node)
        if self.deferred:
            self._look_later(node, reached)

    def _look_later(self, node: ast.expr, reached: Reached | None) -> None:
        reason = self._reason(node)
        root = _root(node)
        if root and root not in self.hidden:
            self.state.looked_up.setdefault(root, reason)
        if isinstance(reached, (Place, Box, Lazy)):
            self.state.looked_into.append((reached, reason))

    def _name_key(self, place: Place, node: ast.AST) -> None:
        """Naming a key makes traitlets put an empty value there, which may hide another."""
        if place.value is None and place.key in ROSTER_KEYS:
            self._lose(place, node)

    def visit(self, node: ast.AST) -> None:
        reached = self.state.reach(node, self.hidden) if isinstance(node, ast.expr) else None
        if reached is None:
            super().visit(node)
        elif not isinstance(reached, Place) or isinstance(reached.value, (Box, Lazy)):
            self._lose(reached, node)
        else:
            self._name_key(reached, node)
            if self.deferred:
                reached.section.unsteady.setdefault(reached.key, self._reason(node))

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self.hidden:
            return
        if not isinstance(node.ctx, ast.Load):
            self._rename(node.id, node)
        elif node.id in ANYTHING or isinstance(self.state.names.get(node.id), Builtin):
            self._anything(node, node.id)
        elif self.deferred:
            self.state.captured.setdefault(node.id, self._reason(node))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in ANYTHING:
            self._anything(node, node.attr)
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        joins = False
        if isinstance(node.func, ast.Attribute):
            self._method(node.func)
            joins = isinstance(node.func.value, ast.Constant)
        else:
            self.visit(node.func)
        looks = joins or self.state.is_builtin(node.func, *LOOKING)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if looks:
                self.look(argument)
            else:
                self.visit(argument)

    def _method(self, method: ast.Attribute) -> None:
        reached = self.state.reach(method.value, self.hidden)
        found = reached.value if isinstance(reached, Place) else reached
        if reached is None:
            self.visit_Attribute(method)
        elif isinstance(found, Box) and method.attr in LOOKING_METHODS:
            self.look(method.value)
        elif not isinstance(found, str):
            self._lose(reached, method.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        self._look_at([node.left, *node.comparators])

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self._look_at([node.left, node.right])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        self.look(node.operand)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> None:
        self.look(node.value)

    def visit_Starred(self, node: ast.Starred) -> None:
        self.look(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._look_at([node.value, node.slice])

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.look(node.test)
        self.visit_all([node.body, node.orelse])

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.store(node.target)

    def _look_at(self, nodes: Iterable[ast.expr]) -> None:
        for node in nodes:
            self.look(node)

    # -- what it does to the state

    def store(self, target: ast.expr) -> None:
        """Something that is not known is put there, or it is deleted."""
        if isinstance(target, ast.Name):
            self._rename(target.id, target)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                self.store(part)
        elif isinstance(target, ast.Starred):
            self.store(target.value)
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            self._store_part(target)

    def _store_part(self, target: ast.Attribute | ast.Subscript) -> None:
        reached = self.state.reach(target, self.hidden)
        whole = self.state.reach(target.value, self.hidden)
        if isinstance(reached, Place):
            forget(reached, self._reason(target), lasting=self.deferred)
            self._capture(target)
        elif whole is not None:
            self._lose(whole, target.value)
        else:
            self.visit(target.value)
        if isinstance(target, ast.Subscript):
            self.look(target.slice)

    def _rename(self, name: str, node: ast.AST) -> None:
        if name in self.hidden:
            return
        reason = self._reason(node, name)
        before = self.state.names.get(name)
        if isinstance(before, (Section, Box, Lazy)):
            # The name may still stand for it, and so may be the way to change it.
            spoil(before, reason)
        if self.deferred:
            self.state.captured.setdefault(name, reason)
        self.state.bind(name, Unknown(reason))

    def _lose(self, reached: Reached, node: ast.AST) -> None:
        spoil(reached, self._reason(node), lasting=self.deferred)
        self._capture(node)

    def _capture(self, node: ast.AST) -> None:
        """The name may stand for something else when the function is called."""
        root = _root(node)
        if self.deferred and root and root not in self.hidden:
            self.state.captured.setdefault(root, self._reason(node))

    def _reason(self, node: ast.AST, name: str = "") -> Reason:
        what = name or ast.unparse(node)
        where = f"inside {self.kind}" if self.kind else "in a way that cannot be followed"
        return Reason(getattr(node, "lineno", 1), f"`{what if len(what) < 60 else what[:57] + '...'}` may be changed {where}")

    def _anything(self, node: ast.AST, by: str) -> None:
        text = "load_subconfig loads another file into this one" if by == "load_subconfig" else f"{by} may change anything"
        spoil(self.state.root, Reason(getattr(node, "lineno", 1), text))


def _root(node: ast.AST) -> str | None:
    """The name with which an expression such as ``a.b["c"]`` begins."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
