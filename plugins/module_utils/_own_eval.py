# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an expression in a configuration file stands for, as far as it is made of texts, containers and the configuration.

Nothing of the file runs: only the operations that are listed here are done, on values that were read from the file.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_opaque import Opaque
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_state import SECTION_METHODS, State, spoil
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import (
    Box,
    Entry,
    Home,
    Imported,
    Lazy,
    Name,
    Reason,
    Section,
    Slot,
    Stops,
    Unknown,
    is_section_name,
    raw,
)

OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.Sub: operator.sub,
    ast.Add: operator.add,
}
IN_PLACE: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.BitOr: operator.ior,
    ast.BitAnd: operator.iand,
    ast.BitXor: operator.ixor,
    ast.Sub: operator.isub,
    ast.Add: operator.iadd,
}
CONTAINERS: Mapping[str, Callable[..., Any]] = {kind.__name__: kind for kind in (set, frozenset, list, tuple, dict, sorted)}
# Methods that give something new, and those that change what they belong to.
_MAKING = """
    copy difference intersection symmetric_difference union keys values
    casefold join lower lstrip removeprefix removesuffix replace rstrip split splitlines strip upper
"""
_CHANGING = """
    add append clear difference_update discard extend insert intersection_update pop prepend remove reverse setdefault sort
    symmetric_difference_update update
"""
MAKING, CHANGING = frozenset(_MAKING.split()), frozenset(_CHANGING.split())
TAKING_AWAY = frozenset(["difference", "difference_update", "intersection", "intersection_update"])
# These keep what is put between the parentheses, itself and not its parts.
KEEPING = frozenset(["add", "append", "insert", "setdefault"])


class Evaluator:
    """``statement`` is the one that the expressions belong to, if it does nothing but one call or one assignment."""

    def __init__(self, state: State, statement: ast.stmt | None = None) -> None:
        self.state = state
        self.statement = statement

    def __call__(self, node: ast.expr) -> object:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        return method(node) if method else self.unknown(node)

    def unknown(self, node: ast.expr) -> Unknown:
        opaque = Opaque(self.state)
        opaque.visit(node)
        return Unknown(Reason(node.lineno, _why(node, self.state)), tuple(opaque.read))

    def make(self, node: ast.AST, operation: Callable[..., Any], *operands: object, homes: Iterable[Home] = ()) -> object:
        """The result of an operation as the hub would see it.

        :param homes: what is written there comes into the result.
        """
        reason = next(filter(None, (doubt(operand, True) for operand in operands)), None)
        if reason:
            return Unknown(reason, tuple(operand for operand in operands if isinstance(operand, (Box, Lazy))))
        result = run(node, operation, *(raw(operand) for operand in operands))
        return result if isinstance(result, (str, int, float, type(None))) else Box(result, list(homes))

    # -- one method for each kind of expression that is followed

    def _constant(self, node: ast.Constant) -> object:
        return node.value

    def _name(self, node: ast.Name) -> object:
        return self.state.names[node.id] if node.id in self.state.names else self.unknown(node)

    def _attribute(self, node: ast.Attribute) -> object:
        whole = self(node.value)
        if isinstance(whole, Section) and node.attr not in SECTION_METHODS:
            return self._key(whole, node.attr, node)
        if isinstance(whole, Imported):
            return Imported(f"{whole.dotted}.{node.attr}", whole.line)
        return self.unknown(node)

    def _subscript(self, node: ast.Subscript) -> object:
        whole, key = self(node.value), self(node.slice)
        if isinstance(whole, Section) and isinstance(key, str):
            return self._key(whole, key, node)
        if isinstance(whole, Box) and isinstance(key, (str, int)) and not whole.spoiled:
            return run(node, operator.getitem, whole.value, key)
        return self.unknown(node)

    def _key(self, section: Section, key: str, node: ast.expr) -> object:
        if is_section_name(key):
            return section.section(key)
        if key.startswith("_"):
            return self.unknown(node)
        if key not in section.slots:
            section.slots[key] = Slot(Lazy(), node.lineno)
        return section.slots[key].value

    def _set(self, node: ast.Set | ast.List | ast.Tuple) -> object:
        parts: list[Any] = []
        spoiled: Reason | None = None
        for index, element in enumerate(node.elts):
            starred = isinstance(element, ast.Starred)
            value = self(element.value if isinstance(element, ast.Starred) else element)
            spoiled = spoiled or doubt(value, starred)
            if not starred:
                parts.append(written(value, Entry(node, index)))
            elif not doubt(value, starred):
                parts += run(node, list, raw(value))
        kinds: dict[type[ast.expr], Callable[..., Any]] = {ast.Set: set, ast.List: list, ast.Tuple: tuple}
        return Box(run(node, kinds[type(node)], parts), [node], spoiled)

    _list = _tuple = _set

    def _dict(self, node: ast.Dict) -> object:
        parts: dict[Any, Any] = {}
        spoiled: Reason | None = None
        for index, (key_node, value_node) in enumerate(zip(node.keys, node.values, strict=True)):
            key = self(key_node) if key_node else None
            value = self(value_node)
            spoiled = spoiled or doubt(key, False) or doubt(value, key_node is None)
            entry = Entry(node, index)
            if key_node is not None:
                run(node, operator.setitem, parts, written(key, entry), written(value, entry))
            elif not doubt(value, True):
                run(node, parts.update, raw(value))
        return Box(parts, [node], spoiled)

    def _binop(self, node: ast.BinOp) -> object:
        if type(node.op) not in OPERATIONS:
            return self.unknown(node)
        left, right = self(node.left), self(node.right)
        if not _followed(left) or not _followed(right):
            return self.unknown(node)
        homes = homes_of(left) if isinstance(node.op, ast.Sub) else homes_of(left, right)
        return self.make(node, OPERATIONS[type(node.op)], left, right, homes=homes)

    def _call(self, node: ast.Call) -> object:
        if self.state.is_get_config(node):
            return self.state.root
        plain = not any(isinstance(argument, ast.Starred) for argument in node.args) and all(keyword.arg for keyword in node.keywords)
        if plain and self.state.is_builtin(node.func, *CONTAINERS):
            return self._container(node)
        if plain and isinstance(node.func, ast.Attribute) and node.func.attr in MAKING | CHANGING and not node.keywords:
            owner = self(node.func.value)
            if isinstance(owner, (Box, Lazy, str)):
                return self._method(node, owner, node.func.attr)
        return self.unknown(node)

    def _container(self, node: ast.Call) -> object:
        kind = CONTAINERS[cast(ast.Name, node.func).id]
        operands = [self(argument) for argument in node.args]
        keywords = {str(keyword.arg): self(keyword.value) for keyword in node.keywords}
        known = all(isinstance(value, str) for value in keywords.values()) and (kind is dict or not keywords)
        if not known or not all(_followed(operand) for operand in operands):
            return self.unknown(node)
        homes: list[Home] = [home for operand in operands for home in homes_of(operand)] if operands or keywords else [node]
        return self.make(node, lambda *values: kind(*values, **keywords), *operands, homes=homes)

    # -- methods

    def _method(self, node: ast.Call, owner: Box | Lazy | str, name: str) -> object:
        operands = [self(argument) for argument in node.args]
        method = run(node, getattr, raw(owner), name)
        if name in MAKING or isinstance(owner, str):
            given = operands if name not in TAKING_AWAY else []
            made = self.make(node, lambda it, *values: method(*values), owner, *operands, homes=homes_of(owner, *given))
            if isinstance(made, Box) and isinstance(owner, Box) and name in ("keys", "values"):
                made.of = owner
            return made
        reason = next(filter(None, (doubt(value, True) for value in [owner, *operands])), None)
        if reason:
            spoil(owner, reason)
            return Unknown(reason)
        if name not in KEEPING:
            owner.homes += homes_of(*operands) if name not in TAKING_AWAY else []
            return run(node, method, *(raw(operand) for operand in operands))
        alone = self.statement if isinstance(self.statement, ast.Expr) and self.statement.value is node else None
        owner.homes += [alone] if alone and name in ("add", "append") else []
        return run(node, method, *(written(operand, alone) for operand in operands))


def run(node: ast.AST, operation: Callable[..., Any], *operands: Any) -> Any:
    """Do it, and what Python raises then it would raise in the hub."""
    try:
        return operation(*operands)
    except Exception as error:
        raise Stops(Reason(getattr(node, "lineno", 1), f"the hub would stop here with {type(error).__name__} ({error})")) from None


def written(value: object, origin: Entry | ast.stmt | None) -> object:
    return Name(value, origin) if isinstance(value, str) else value


def homes_of(*values: object) -> list[Home]:
    return [home for value in values if isinstance(value, (Box, Lazy)) for home in value.homes]


def _followed(value: object) -> bool:
    return isinstance(value, (Box, Lazy, Unknown, str, int, float, type(None)))


def doubt(value: object, inside: bool) -> Reason | None:
    """Why the container that this comes into is not known. ``inside``: its parts come there, and not itself."""
    if isinstance(value, Unknown):
        return value.reason
    if isinstance(value, Imported):
        return Reason(value.line, f"{value.dotted} comes from another module")
    if inside and isinstance(value, Box) and value.of:
        return value.spoiled or value.of.spoiled
    return value.spoiled if inside and isinstance(value, (Box, Lazy)) else None


def _why(node: ast.expr, state: State) -> str:
    """What to say of a value that is not known."""
    kinds = {type(part) for part in ast.walk(node)}
    words = {part.id if isinstance(part, ast.Name) else part.attr for part in ast.walk(node) if isinstance(part, (ast.Name, ast.Attribute))}
    imported = {value.dotted for word in words for value in [state.names.get(word)] if isinstance(value, Imported)}
    if words & {"environ", "getenv", "environb"} or imported & {"os.environ", "os.getenv"}:
        return "the value comes from the environment"
    if words & {"open", "read_text", "readlines", "load", "safe_load"}:
        return "the value comes from a file"
    if kinds & {ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp}:
        return "the value is computed by a comprehension"
    if ast.IfExp in kinds:
        return "the value depends on a condition"
    if isinstance(node, ast.Call):
        return f"the value is computed by {ast.unparse(node.func)}()"
    return f"the value of `{ast.unparse(node)[:60]}` is not known"
