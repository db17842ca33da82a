# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries into and out of lists that are written in all sorts of ways."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_write
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import Source

GAPS = st.sampled_from(["", " ", "\n", "\n    ", "  # note\n", "\n# note\n  ", " \\\n "])
TEXTS = ["'a'", '"b"', "('c')", "'d' 'd'", "( # note\n'e')", "'f'\n'f'", "r'g'", "((('h')))", '"""i"""']


@st.composite
def written(draw):
    """A display, each of its entries once, and gaps of all kinds."""
    parts = draw(st.lists(st.sampled_from(TEXTS), unique=True, min_size=1, max_size=5))
    opening, closing = draw(st.sampled_from(["{}", "[]", "()"]))
    text = opening + draw(GAPS)
    for number, part in enumerate(parts):
        last = number + 1 == len(parts)
        comma = "," if not last or draw(st.booleans()) or (opening == "(" and len(parts) == 1) else ""
        text += part + draw(GAPS) + comma + draw(GAPS)
    return f"before = 1  # note\nx = {text}{closing}  # note\nafter = 2  # note\n", [ast.literal_eval(f"({part})") for part in parts]


def parsed(data):
    return ast.parse(data.decode())


def entries(data):
    """The texts of the display, in their order."""
    node = parsed(data).body[1].value
    if isinstance(node, ast.Call):
        assert (node.func.id, node.args) == ("set", [])
        return []
    assert isinstance(node, (ast.Set, ast.List, ast.Tuple))
    return [element.value for element in node.elts]


def after(text, make):
    source = Source(text.encode(), "hub.py")
    return source.changed(make(source, source.tree.body[1].value))


@settings(max_examples=500, deadline=None)
@given(written(), st.data())
def test_out_are_those_and_no_others(case, data):
    text, there = case
    gone = data.draw(st.sets(st.sampled_from(range(len(there))), min_size=1))
    new = after(text, lambda source, node: _own_write.removal(source, node, gone))
    assert entries(new) == [one for number, one in enumerate(there) if number not in gone]
    assert new.decode().startswith("before = 1  # note\nx = ")
    assert new.decode().endswith("  # note\nafter = 2  # note\n")
    assert type(parsed(new).body[1].value) in (type(parsed(text.encode()).body[1].value), ast.Call)


@settings(max_examples=500, deadline=None)
@given(written(), st.lists(st.sampled_from(["x", "y", "z"]), unique=True, min_size=1))
def test_in_are_those_after_the_others(case, names):
    text, there = case
    new = after(text, lambda source, node: _own_write.insertion(source, node, [f"'{name}'" for name in names]))
    assert entries(new) == [*there, *names]
    # Nothing goes but commas that are no longer needed.
    assert re.sub(r"[\s,]|'[xyz]'", "", new.decode()) == re.sub(r"[\s,]", "", text)


@settings(max_examples=300, deadline=None)
@given(written(), st.lists(st.sampled_from(["x", "y", "z"]), unique=True, min_size=1))
def test_in_and_out_again_gives_the_same(case, names):
    text, there = case
    more = after(text, lambda source, node: _own_write.insertion(source, node, [f"'{name}'" for name in names]))
    numbers = range(len(there), len(there) + len(names))
    back = after(more.decode(), lambda source, node: _own_write.removal(source, node, numbers))
    assert re.sub(r"[\s,]", "", back.decode()) == re.sub(r"[\s,]", "", text)


@pytest.mark.parametrize(
    ("text", "gone", "expected"),
    [
        ("{'a', 'b', 'c'}", {1}, "{'a', 'c'}"),
        ("{ 'a', 'b' }", {1}, "{ 'a' }"),
        ("{ 'a', 'b' }", {0}, "{ 'b' }"),
        ("{'a', 'b',}", {1}, "{'a',}"),
        ("('a', 'b')", {1}, "('a',)"),
        ("('a', 'b',)", {1}, "('a',)"),
        ("('a', 'b', 'c')", {0, 1}, "('c',)"),
        ("('a', 'b', 'c')", {0, 2}, "('b',)"),
        ("('a'), 'b'", {0}, "'b',"),
        ("('a'), ('b')", {1}, "('a'),"),
        ("(('a'), ('b'))", {1}, "(('a'),)"),
        ("['a']", {0}, "[]"),
        ("{'a', 'a', 'b'}", {0, 1}, "{'b'}"),
        ("{'a',  # A\n 'b',\n}", {0}, "{'b',\n}"),
        ("{'a',  # A\n # B\n 'b',\n}", {0}, "{\n # B\n 'b',\n}"),
        ("{\n 'a',\n 'b'}", {1}, "{\n 'a'}"),
        ("{\n 'a',  # A\n 'b'}", {1}, "{\n 'a',  # A\n }"),
        ("{\n # A\n 'a',\n}", {0}, "set(\n # A\n)"),
        ("(\n # A\n 'a',\n)", {0}, "(\n # A\n)"),
        ("[\n 'a', 'b',\n 'c', 'd',\n]", {1, 2}, "[\n 'a',\n 'd',\n]"),
        ("[\n 'a', 'b',\n 'c', 'd',\n]", {0, 1}, "[\n 'c', 'd',\n]"),
        ("{'a': 1, 'b': 2}", {0}, "{'b': 2}"),
        ("{'a': 1, **{}, 'b': 2}", {1}, "{'a': 1, 'b': 2}"),
        ("{'a': 1}", {0}, "{}"),
    ],
)
def test_out(text, gone, expected):
    new = after(f"\nx = {text}\n".replace("\n", "pass\n", 1), lambda source, node: _own_write.removal(source, node, gone))
    assert new.decode() == f"pass\nx = {expected}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{'a'}", "{'a', 'x', 'y'}"),
        ("{'a','b'}", "{'a','b','x','y'}"),
        ("{'a', 'b', }", "{'a', 'b', 'x', 'y', }"),
        ("('a',)", "('a', 'x', 'y')"),
        ("('a'),", "('a'), 'x', 'y'"),
        ("[]", "['x', 'y']"),
        ("()", "('x', 'y')"),
        ("[\n    # nobody\n]", "[\n    # nobody\n    'x',\n    'y',\n]"),
        ("[  # nobody\n]", "[  # nobody\n    'x',\n    'y',\n]"),
        ("[ # nobody\n  ]", "[ # nobody\n      'x',\n      'y',\n  ]"),
        ("{\n  'a',  # A\n  # gone: 'b'\n}", "{\n  'a',  # A\n  'x',\n  'y',\n  # gone: 'b'\n}"),
        ("{\n  'a'  # A\n}", "{\n  'a',  # A\n  'x',\n  'y'\n}"),
        ("{'a',\n 'b'}", "{'a',\n 'b',\n 'x',\n 'y'}"),
        ("{'a',\n 'b',}", "{'a',\n 'b',\n 'x',\n 'y',}"),
        ("{\n 'a', 'b',\n 'c', 'd'\n}", "{\n 'a', 'b',\n 'c', 'd', 'x', 'y'\n}"),
    ],
)
def test_in(text, expected):
    new = after(f"pass\nx = {text}\n", lambda source, node: _own_write.insertion(source, node, ["'x'", "'y'"]))
    assert new.decode() == f"pass\nx = {expected}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("set()", "{'x'}"),
        ("set( )", "{'x'}"),
        ("frozenset()", "frozenset(['x'])"),
        ("list()", "['x']"),
        ("tuple()", "('x',)"),
        ("dict()", "{'x'}"),
        ("set(\n  # A\n)", "{\n  # A\n  'x',\n}"),
        ("tuple(\n# A\n)", "(\n# A\n'x',\n)"),
    ],
)
def test_in_a_call(text, expected):
    new = after(f"pass\nx = {text}\n", lambda source, node: _own_write.filled_call(source, node, ["'x'"]))
    assert new.decode() == f"pass\nx = {expected}\n"
