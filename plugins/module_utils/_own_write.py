# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest change of the text by which entries come into a list, or get out of it, in the way the list is written."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Collection, Sequence
from typing import cast

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import Change, Source, Span

# What is written anew is one entry a line when it would be longer than this in one.
WIDTH = 100
Display = ast.Set | ast.List | ast.Tuple | ast.Dict
EMPTY: dict[type[ast.expr], str] = {ast.Set: "set()", ast.List: "[]", ast.Tuple: "()", ast.Dict: "{}"}


@dataclasses.dataclass
class Item:
    """An entry with its parentheses; ``comma``: the place after its comma."""

    start: int
    end: int
    comma: int | None

    @property
    def stop(self) -> int:
        return self.comma or self.end


class Layout:
    """How a display is written: its entries, and what is on one line."""

    def __init__(self, source: Source, node: Display) -> None:
        self.source = source
        self.node = node
        self.whole = source.span(node)
        self.parts = list(node.values) if isinstance(node, ast.Dict) else list(node.elts)
        self.bare = isinstance(node, ast.Tuple) and not self._in_parentheses()
        self.inner = self.whole if self.bare else Span(self.whole.start + 1, self.whole.end - 1)
        self.items = self._items()

    def _in_parentheses(self) -> bool:
        """Whether the tuple's parentheses are its own, and not those of its first entry."""
        if not self.parts:
            return True
        text, first = self.source.text, self.source.span(self.parts[0])
        opened = _bare_text(text[self.whole.start : first.start]).count("(")
        closed, place = 0, self.source.skip(first.end)
        while place < self.whole.end and text[place] == ")":
            closed, place = closed + 1, self.source.skip(place + 1)
        # The entry's own are closed before its comma.
        return opened > 0 and (opened > closed or place >= self.whole.end)

    def _items(self) -> list[Item]:
        items, place, text = [], self.inner.start, self.source.text
        for part in self.parts:
            start = self.source.skip(place)
            end = self.source.span(part).end
            place = self.source.skip(end)
            while place < self.inner.end and text[place] == ")":
                end = place + 1
                place = self.source.skip(end)
            comma = place + 1 if place < self.inner.end and text[place] == "," else None
            items.append(Item(start, end, comma))
            place = comma or end
        return items

    def rows(self) -> list[list[int]]:
        """The entries (their numbers) that share lines."""
        rows: list[list[int]] = []
        for number, item in enumerate(self.items):
            if number and self.source.line_end(self.items[number - 1].stop) > item.start:
                rows[-1].append(number)
            else:
                rows.append([number])
        return rows

    def starts_line(self, item: Item) -> bool:
        return self.inner.start <= self.source.line_start(item.start) and not self.source.before(item.start).strip()

    def ends_line(self, item: Item) -> bool:
        rest = self.source.after(item.stop).strip()
        return (not rest or rest.startswith("#")) and self.source.line_end(item.stop) <= self.inner.end


# -- removing


def removal(source: Source, node: Display, numbers: Collection[int]) -> list[Change]:
    """Without the entries of these numbers. An entry that has its line to itself goes with the line and its comment."""
    layout = Layout(source, node)
    gone = set(numbers)
    kept = [number for number in range(len(layout.items)) if number not in gone]
    if not kept:
        return _emptied(layout)
    changes = [change for row in layout.rows() if gone.intersection(row) for change in _from_row(layout, row, gone)]
    last = layout.items[kept[0]]
    if isinstance(node, ast.Tuple) and len(kept) == 1 and last.comma is None:
        changes.append(Change(last.end, last.end, ","))
    return _joined(changes)


def _from_row(layout: Layout, row: list[int], gone: set[int]) -> list[Change]:
    items, source = layout.items, layout.source
    first, last = items[row[0]], items[row[-1]]
    kept = [number for number in row if number not in gone]
    if not kept and layout.starts_line(first) and layout.ends_line(last):
        return [Change(source.line_start(first.start), source.line_end(last.stop), "")]
    if not kept:
        return [_whole_row(layout, row, gone)]
    changes = []
    for number in row:
        if number in gone and number < kept[-1]:
            changes.append(Change(items[number].start, items[number + 1].start, ""))
    if kept[-1] != row[-1]:
        # What remains keeps its comma if there was one after the last, or if it is what makes a tuple.
        alone = isinstance(layout.node, ast.Tuple) and len(gone) == len(items) - 1
        before = items[kept[-1]]
        changes.append(Change(before.stop if last.comma or alone else before.end, last.stop, ""))
    return changes


def _whole_row(layout: Layout, row: list[int], gone: set[int]) -> Change:
    """All of a row that a bracket shares: what follows is drawn up to the bracket, unless a comment of its own is between."""
    items, source = layout.items, layout.source
    first, last = items[row[0]], items[row[-1]]
    line_end = last.stop + len(source.after(last.stop))
    following = next((number for number in range(row[-1], len(items)) if number not in gone), None)
    if following is not None:
        if "#" not in _between(layout, line_end, items[following].start, gone):
            return Change(first.start, items[following].start, "")
        return Change(len(source.text[: first.start].rstrip(" \t")), line_end, "")
    preceding = next(number for number in range(row[0], -1, -1) if number not in gone)
    before = items[preceding]
    alone = isinstance(layout.node, ast.Tuple) and len(gone) == len(items) - 1
    if "#" not in _between(layout, before.stop, first.start, gone):
        return Change(before.stop if last.comma or alone else before.end, last.stop, "")
    return Change(first.start, source.skip(last.stop), "")


def _between(layout: Layout, start: int, end: int, gone: set[int]) -> str:
    """The text without the lines that go as a whole."""
    text = ""
    for row in layout.rows():
        first, last = layout.items[row[0]], layout.items[row[-1]]
        if gone.issuperset(row) and start <= first.start and last.stop <= end:
            text += layout.source.text[start : layout.source.line_start(first.start)]
            start = layout.source.line_end(last.stop)
    return text + layout.source.text[start:end]


def _emptied(layout: Layout) -> list[Change]:
    source, node = layout.source, layout.node
    changes = []
    for row in layout.rows():
        first, last = layout.items[row[0]], layout.items[row[-1]]
        if layout.starts_line(first) and layout.ends_line(last):
            changes.append(Change(source.line_start(first.start), source.line_end(last.stop), ""))
        else:
            comment = len(source.after(last.stop)) if layout.ends_line(last) else 0
            changes.append(Change(first.start, last.stop + comment, ""))
    rest, place = "", layout.inner.start
    for change in changes:
        rest, place = rest + source.text[place : change.start], change.end
    if not (rest + source.text[place : layout.inner.end]).strip():
        return [Change(*layout.whole, EMPTY[type(node)])]
    if isinstance(node, ast.Set):
        changes += [Change(layout.whole.start, layout.inner.start, "set("), Change(layout.inner.end, layout.whole.end, ")")]
    elif layout.bare:
        return [Change(*layout.whole, EMPTY[type(node)])]
    return changes


def _joined(changes: Sequence[Change]) -> list[Change]:
    """Without overlaps."""
    joined: list[Change] = []
    for change in sorted(changes):
        if joined and change.start < joined[-1].end and not change.text:
            joined[-1] = Change(joined[-1].start, max(joined[-1].end, change.end), joined[-1].text)
        else:
            joined.append(change)
    return joined


# -- adding


def insertion(source: Source, node: Display, entries: Sequence[str]) -> list[Change]:
    """With these entries after the others."""
    layout = Layout(source, node)
    if not layout.items:
        return _filled(layout, entries)
    last = layout.items[-1]
    if layout.starts_line(last) and len(layout.rows()[-1]) == 1:
        return _more_lines(layout, entries)
    if len(layout.rows()) > 1:
        return _wrapped(layout, entries)
    # The comma of a tuple of one is there for want of a second.
    comma = "," if last.comma and not (isinstance(node, ast.Tuple) and len(layout.items) == 1) else ""
    blank = source.text[layout.items[-2].stop : last.start] if len(layout.items) > 1 else " "
    blank = blank if not blank.strip(" ") else " "
    text = ("" if last.comma else ",") + blank + f",{blank}".join(entries) + comma
    return [Change(last.stop, last.stop, text)]


def _more_lines(layout: Layout, entries: Sequence[str]) -> list[Change]:
    source, last = layout.source, layout.items[-1]
    indent, newline = source.before(last.start), source.newline
    if not layout.ends_line(last):
        lines = f",{newline}{indent}".join(["", *entries]) if not last.comma else "".join(f"{newline}{indent}{entry}," for entry in entries)
        return [Change(last.stop, last.stop, lines)]
    lines = f",{newline}".join(indent + entry for entry in entries) + ("," if last.comma else "")
    changes = [] if last.comma else [Change(last.end, last.end, ",")]
    place = source.line_end(last.stop)
    return [*changes, Change(place, place, lines + newline)]


def _wrapped(layout: Layout, entries: Sequence[str]) -> list[Change]:
    """Several on a line, and several lines: none gets longer than the longest is."""
    source, last = layout.source, layout.items[-1]
    lines = source.text[source.line_start(layout.whole.start) : source.line_end(layout.whole.end)].splitlines()
    width = max(79, *(len(line) for line in lines))
    row = layout.items[layout.rows()[-1][0]]
    indent = leading(source.before(row.start))
    text, column = "" if last.comma else ",", len(source.before(last.stop)) + 1
    for number, entry in enumerate(entries):
        comma = "," if last.comma or number + 1 < len(entries) else ""
        if column + len(entry) + 2 > width:
            text, column = f"{text}{source.newline}{indent}{entry}{comma}", len(indent) + len(entry) + 1
        else:
            text, column = f"{text} {entry}{comma}", column + len(entry) + 2
    return [Change(last.stop, last.stop, text)]


def _filled(layout: Layout, entries: Sequence[str]) -> list[Change]:
    source, node = layout.source, layout.node
    text = source.text[slice(*layout.inner)]
    if not text.strip():
        brackets = "()" if isinstance(node, ast.Tuple) else "[]" if isinstance(node, ast.List) else "{}"
        return [Change(*layout.whole, display(source, brackets, entries, source.before(layout.whole.start)))]
    return _under_comments(source, layout.inner, entries)


def _under_comments(source: Source, inner: Span, entries: Sequence[str]) -> list[Change]:
    """Into brackets with nothing but comments between them."""
    newline = source.newline
    comments = re.findall(r"[\r\n]([ \t]*)#", source.text[slice(*inner)])
    indent = comments[-1] if comments else leading(source.before(inner.end)) + "    "
    lines = "".join(f"{indent}{entry},{newline}" for entry in entries)
    if source.before(inner.end).strip():
        return [Change(inner.end, inner.end, newline + lines)]
    place = source.line_start(inner.end)
    return [Change(place, place, lines)]


def filled_call(source: Source, node: ast.Call, entries: Sequence[str]) -> list[Change]:
    """Into ``set()``, ``list()``, ``tuple()`` or ``dict()``; comments between the parentheses stay."""
    name = cast(ast.Name, node.func).id
    brackets = {"set": "{}", "dict": "{}", "tuple": "()"}.get(name, "[]")
    whole = source.span(node)
    opening = source.text.index("(", source.span(node.func).end) + 1
    inner = Span(opening, whole.end - 1)
    if name in ("frozenset", "sorted"):
        return [Change(*inner, display(source, "[]", entries, ""))]
    if not source.text[slice(*inner)].strip():
        return [Change(*whole, display(source, brackets, entries, source.before(whole.start)))]
    around = [Change(whole.start, inner.start, brackets[0]), Change(inner.end, whole.end, brackets[1])]
    return [*around, *_under_comments(source, inner, entries)]


def display(source: Source, brackets: str, entries: Sequence[str], before: str) -> str:
    """A new one. ``before``: what stands on its line before it."""
    comma = "," if brackets == "()" and len(entries) == 1 else ""
    line = f"{brackets[0]}{', '.join(entries)}{comma}{brackets[1]}"
    if len(before) + len(line) <= WIDTH:
        return line
    indent = leading(before)
    step = "\t" if re.search(r"^\t", source.text, re.MULTILINE) else "    "
    lines = "".join(f"{indent}{step}{entry},{source.newline}" for entry in entries)
    return f"{brackets[0]}{source.newline}{lines}{indent}{brackets[1]}"


def leading(text: str) -> str:
    """The blanks that it begins with."""
    return text[: len(text) - len(text.lstrip())]


def _bare_text(text: str) -> str:
    """Without comments."""
    return re.sub(r"#[^\r\n]*", "", text)
