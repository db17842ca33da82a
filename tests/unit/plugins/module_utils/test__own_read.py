# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts with positions: whatever the bytes are, they come back, and what is found is what is there."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_config
from ansible_collections.hubsmith.jupyterhub.plugins.module_utils._own_read import Change, Source, Unsafe

LETTERS = st.text(st.characters(exclude_characters="'\\\r\n\0", exclude_categories=["Cs"]), max_size=8)
NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])


@settings(deadline=None)
@given(st.lists(LETTERS, min_size=1, max_size=6), NEWLINES, st.booleans())
def test_each_text_is_found_where_it_is(texts, newline, bom):
    text = newline.join(f"x = '{one}'; y = 'end'  # {one}" for one in texts)
    source = Source((b"\xef\xbb\xbf" if bom else b"") + text.encode(), "hub.py")
    found = [source.segment(node) for node in ast.walk(source.tree) if isinstance(node, ast.Constant)]
    assert sorted(found) == sorted([*(f"'{one}'" for one in texts), *["'end'"] * len(texts)])


@settings(deadline=None)
@given(st.lists(LETTERS, max_size=6), NEWLINES, st.booleans())
def test_without_changes_the_bytes_are_the_same(texts, newline, bom):
    data = (b"\xef\xbb\xbf" if bom else b"") + newline.join(f"# {one}" for one in texts).encode()
    assert Source(data, "hub.py").changed([]) == data


def test_changes_are_made_where_they_are_told():
    source = Source(b"x = 'b'", "hub.py")
    assert source.changed([Change(5, 6, "\u00e9"), Change(4, 4, "["), Change(7, 7, "]")]) == "x = ['\u00e9']".encode()


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "koi8-r", "shift_jis"])
def test_encodings(encoding):
    text = {"koi8-r": "\u0416", "shift_jis": "\u3042"}.get(encoding, "\u00e9")
    data = f"# vim: fileencoding={encoding}\nx = '{text}', 'y'\n".encode(encoding)
    source = Source(data, "hub.py")
    assert source.segment(source.tree.body[0].value.elts[1]) == "'y'"
    assert source.changed([]) == data


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"x = '\xff'", "cannot be decoded"),
        (b"# coding: no-such-code\n", "cannot be decoded"),
        (b"x = '\0'", "cannot read the file"),
        (b"return", "cannot read the file"),
        (b"x = (", "cannot read the file"),
        (b"x" + b"+x" * 100_000, "cannot read the file"),
        (b"{% if x %}\ny = 1\n{% endif %}", "looks like a template"),
        (b"y = 1\n   # {%- set x = 1 %}\n", "hub.py:2: this looks like a template"),
        ("x = 1".encode("utf-16"), "cannot be decoded"),
    ],
)
def test_what_cannot_be_read_is_refused(data, sentence):
    with pytest.raises(Unsafe) as caught:
        Source(data, "hub.py")
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("hub.py:")


_WORDS = """c . = { } ( ) [ ] , : * 'ada' "bob" set c.Authenticator c.JupyterHub allowed_users admin_users username_map .add .update
c.Authenticator.allowed_users c.Authenticator.username_map x += |= - if for in def lambda import from del class with as await 1 None #"""
WORDS = [*_WORDS.split(), "\n", "\n    ", ":\n    "]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(st.sampled_from(WORDS), max_size=25).map(lambda words: " ".join(words).encode()), st.binary(max_size=60)))
def test_nothing_but_a_refusal_comes_of_any_text(data):
    for act in (
        lambda: _own_config.edit_roster(data, "hub.py", "allowed", ["zoe"], "exact", None),
        lambda: _own_config.edit_map(data, "hub.py", {"zoe": "ada"}, "present", None),
        lambda: _own_config.info(data, "hub.py", None),
    ):
        try:
            act()
        except Unsafe as error:
            assert str(error)
