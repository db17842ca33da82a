# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in the text a roster can be changed: every way that there is, the most natural one first.

Whether a way does what it should is shown afterwards, by following the changed file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_write
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_effect import KEYS, Effect
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import Change, Source
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_values import Entry, Home, Name

WRITE_OUT = "write the names themselves there, as in {'ada', 'charles'}"
# Such as `# c.Authenticator.allowed_users = set()` in the file that JupyterHub generates.
COMMENTED = r"#+[ \t]*\w+\.(\w+)\.%s\b[ \t]*=(.*)"


class Way(NamedTuple):
    """One way to bring something in. ``line``: where."""

    line: int
    changes: list[Change]


# -- out


def without(source: Source, effect: Effect, roster: str, names: Iterable[str]) -> list[Change]:
    """Take these texts, which are in the roster, out of what is written."""
    live = effect.live[roster]
    displays: dict[ast.expr, set[int]] = {}
    changes: list[Change] = []
    for name in names:
        origin = name.origin if isinstance(name, Name) else None
        if live.bare is not None:
            changes.append(_unwrapped(source, live.bare))
        elif isinstance(origin, Entry):
            displays.setdefault(origin.display, set()).add(origin.number)
        elif isinstance(origin, ast.stmt):
            changes.append(_line(source, origin, name))
        else:
            raise source.refusal(live.line, f"{KEYS[roster]} has {str(name)!r}, which is not written as an entry of a list; {WRITE_OUT}")
    for display, numbers in displays.items():
        changes += _own_write.removal(source, cast(_own_write.Display, display), numbers)
    return changes


def _unwrapped(source: Source, bare: ast.expr) -> Change:
    return Change(*source.span(bare), "" if _in_parentheses(source, bare) else "set()")


def _line(source: Source, statement: ast.stmt, name: str) -> Change:
    if not alone(source, statement):
        raise source.refusal(statement.lineno, f"{name} stands on a line with other statements; give each a line of its own")
    span = source.span(statement)
    start, end = source.line_start(span.start), source.line_end(span.end)
    if end == len(source.text) and not source.text.endswith(("\n", "\r")):
        start = len(source.text[:start].removesuffix(source.newline))
    return Change(start, end, "")


def alone(source: Source, statement: ast.stmt) -> bool:
    """Whether nothing but a comment shares the lines of a statement."""
    span = source.span(statement)
    after = source.after(span.end).strip()
    return not source.before(span.start).strip() and (not after or after.startswith("#"))


# -- other values


def revalued(source: Source, effect: Effect, values: Mapping[str, str]) -> list[Change]:
    """Let keys of the map, which are there, have other values."""
    now = effect.names["map"]
    changes = []
    for key, value in values.items():
        node = _value_node(now[key])
        if node is None:
            raise source.refusal(effect.live["map"].line, f"what {key!r} is mapped to is not written beside it; {WRITE_OUT}")
        changes.append(Change(*source.span(node), quoted(value, _mark(source, [node]))))
    return changes


def _value_node(value: str) -> ast.expr | None:
    origin = value.origin if isinstance(value, Name) else None
    if isinstance(origin, Entry) and isinstance(origin.display, ast.Dict):
        return origin.display.values[origin.number]
    return origin.value if isinstance(origin, ast.Assign) else None


# -- in


def ways_in(source: Source, effect: Effect, roster: str, wanted: Mapping[str, str] | list[str]) -> Iterator[Way]:
    """Every way to bring names, or keys with their values, into a roster."""
    live = effect.live[roster]
    if live.bare is not None:
        yield Way(live.bare.lineno, _wrapped(source, live.bare, _entries(wanted, _mark(source, [live.bare]))))
    # What comes last decides most.
    for home in sorted(set(live.homes), key=lambda home: (home.lineno, home.col_offset), reverse=True):
        changes = _at(source, home, wanted)
        if changes:
            yield Way(home.lineno, changes)
    if not live.slots:
        yield from _new_statement(source, effect, roster, wanted)


def _at(source: Source, home: Home, wanted: Mapping[str, str] | list[str]) -> list[Change]:
    mapping = isinstance(wanted, Mapping)
    if isinstance(home, ast.Dict):
        fits = mapping or not home.keys
        return _own_write.insertion(source, home, _entries(wanted, _mark(source, home.keys), _colon(source, home))) if fits else []
    if isinstance(home, (ast.Set, ast.List, ast.Tuple)):
        return [] if mapping else _own_write.insertion(source, home, _entries(wanted, _mark(source, home.elts)))
    if isinstance(home, ast.Call):
        return _own_write.filled_call(source, home, _entries(wanted, _mark(source, [])))
    if isinstance(home, ast.stmt) and alone(source, home):
        return _more_statements(source, home, wanted)
    return []


def _more_statements(source: Source, home: ast.stmt, wanted: Mapping[str, str] | list[str]) -> list[Change]:
    """Lines like this one."""
    lines = []
    if isinstance(home, ast.Expr) and isinstance(home.value, ast.Call):
        mark = _mark(source, home.value.args)
        lines = [f"{source.segment(home.value.func)}({quoted(name, mark)})" for name in wanted]
    elif isinstance(home, ast.Assign) and isinstance(home.targets[0], ast.Subscript) and isinstance(wanted, Mapping):
        owner, mark = source.segment(home.targets[0].value), _mark(source, [home.targets[0].slice])
        lines = [f"{owner}[{quoted(key, mark)}] = {quoted(value, mark)}" for key, value in wanted.items()]
    return [_lines_at(source, source.line_end(source.span(home).end), lines)]


def _wrapped(source: Source, bare: ast.expr, entries: list[str]) -> list[Change]:
    """One text becomes a set, or in its parentheses a tuple."""
    span, more = source.span(bare), "".join(f", {entry}" for entry in entries)
    if _in_parentheses(source, bare):
        return [Change(span.end, span.end, more)]
    return [Change(span.start, span.start, "{"), Change(span.end, span.end, more + "}")]


def _in_parentheses(source: Source, node: ast.expr) -> bool:
    span = source.span(node)
    return source.text[: span.start].rstrip().endswith("(") and source.text.startswith(")", source.skip(span.end))


# -- a statement where there is none


def _new_statement(source: Source, effect: Effect, roster: str, wanted: Mapping[str, str] | list[str]) -> Iterator[Way]:
    key = KEYS[roster]
    config = next((name for name, value in effect.state.names.items() if value is effect.state.root), "c")
    siblings = [effect.live[other].slots[-1] for other in KEYS if other != roster and effect.live[other].slots]
    siblings = [sibling for sibling in siblings if sibling[0].name in effect.lineage.sections]
    siblings.sort(key=lambda sibling: sibling[2].line, reverse=True)
    section = siblings[0][0].name if siblings else "Authenticator"
    equals = "=" if _tight(source) else " = "
    target = f"{config}.{section}.{key}{equals}"
    statement = target + _own_write.display(source, "{}", _entries(wanted, _mark(source, [])), target)
    for place in _places(source, effect, key, [slot.statement for _section, _key, slot in siblings]):
        change = _lines_at(source, place, [statement])
        yield Way(source.line_of(place), [change])


def _places(source: Source, effect: Effect, key: str, siblings: Iterable[ast.stmt | None]) -> Iterator[int]:
    """Below the statement that is commented out, else below one of the other rosters, else at the end."""
    lines = list(source.lines())
    for number, line in enumerate(lines):
        found = re.match(COMMENTED % key, source.text[slice(*line)])
        if found and found.group(1) in effect.lineage.sections:
            if found.group(2).rstrip().endswith(("{", "[", "(", ",")):
                while number + 1 < len(lines) and source.text.startswith("#", lines[number + 1].start):
                    number += 1
            yield lines[number].end
    for sibling in siblings:
        if sibling is not None and alone(source, sibling):
            yield source.line_end(source.span(sibling).end)
    yield len(source.text)


def _lines_at(source: Source, place: int, lines: list[str]) -> Change:
    """New lines at the start of a line, or after the last, which may have no end."""
    newline = source.newline
    if place == len(source.text) and source.text and not source.text.endswith(("\n", "\r")):
        return Change(place, place, "".join(newline + line for line in lines))
    return Change(place, place, "".join(line + newline for line in lines))


# -- how it is written


def _entries(wanted: Mapping[str, str] | list[str], mark: str, colon: str = ": ") -> list[str]:
    if isinstance(wanted, Mapping):
        return [f"{quoted(key, mark)}{colon}{quoted(value, mark)}" for key, value in wanted.items()]
    return [quoted(name, mark) for name in wanted]


def quoted(text: str, mark: str) -> str:
    return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


def _mark(source: Source, nodes: Sequence[ast.expr | None]) -> str:
    """The quotation mark of the last of these texts, or else that of most texts in the file."""
    last = next(_marks(source, reversed(nodes)), None)
    if last is None:
        marks = list(_marks(source, ast.walk(source.tree)))
        last = "'" if marks.count("'") > marks.count('"') else '"'
    return last


def _marks(source: Source, nodes: Iterable[ast.AST | None]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            start = source.span(node).start
            found = re.match(r"[rRuUbB]*(['\"])(?!\1\1)", source.text[start : start + 5])
            if found:
                yield found.group(1)


def _colon(source: Source, node: ast.Dict) -> str:
    if not node.keys or node.keys[-1] is None:
        return ": "
    between = source.text[source.span(node.keys[-1]).end : source.span(node.values[-1]).start]
    return between if re.fullmatch(r" ?: ?", between) else ": "


def _tight(source: Source) -> bool:
    """Whether the file has assignments without blanks around the sign, and hardly others."""
    return len(re.findall(r"^\w+\.[\w.]+=\S", source.text, re.MULTILINE)) > len(re.findall(r"^\w+\.[\w.]+ = ", source.text, re.MULTILINE))
