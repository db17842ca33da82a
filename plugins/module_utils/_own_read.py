# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read somebody's own ``jupyterhub_config.py`` as text with positions, and give it back with nothing else changed."""

from __future__ import annotations

import ast
import bisect
import io
import re
import sys
import tokenize
import warnings
from collections.abc import Iterable
from typing import NamedTuple, cast

# What Python takes for the end of a line; str.splitlines knows more of them.
NEWLINE = re.compile(r"\r\n|\r|\n")
# What may stand between two entries of a list beside commas and parentheses.
GAP = re.compile(r"(?:[ \t\f\r\n]|\\(?=[\r\n])|#[^\r\n]*)*")
TEMPLATE = re.compile(r"\{%-?\s*(?:raw|endraw|for|endfor|if|endif|set|block|include)\b.*?%\}|\{\{.*?\}\}", re.DOTALL)
A_TEMPLATE = "this looks like a template, not like what the hub loads"
TEMPLATE_REMEDY = "edit the variables that the template is filled with, or give the path of the file that comes out"


class Unsafe(Exception):
    """The edit was not made; the text names the file and the line, the reason and what to do, one sentence a line."""


class Span(NamedTuple):
    """From one place in the text to another."""

    start: int
    end: int


class Change(NamedTuple):
    """Put ``text`` in the place of what lies between."""

    start: int
    end: int
    text: str


class Source:
    """A configuration file: its text, its syntax tree, and where in the text the nodes are.

    :param whole: whether to look for what parses and cannot be all the same, such as a return outside of a function.
    """

    def __init__(self, data: bytes, path: str, whole: bool = True) -> None:
        self.path = path
        self.bom = data.startswith(b"\xef\xbb\xbf")
        self.encoding, self.text = self._decode(data)
        self._starts = [0, *(found.end() for found in NEWLINE.finditer(self.text))]
        self._ascii = self.text.isascii()
        self.tree = self._parse(whole)

    def refusal(self, line: int, sentence: str) -> Unsafe:
        return Unsafe(f"{self.path}:{line}: {sentence}")

    # -- where things are

    def offset(self, line: int, column: int) -> int:
        """:param column: as in syntax trees: counted in bytes of UTF-8."""
        start = self._starts[line - 1]
        if self._ascii:
            return start + column
        # No character has less than a byte, so this is long enough.
        return start + len(self.text[start : start + column].encode()[:column].decode())

    def span(self, node: ast.expr | ast.stmt) -> Span:
        # What was parsed from text has an end.
        end = self.offset(cast(int, node.end_lineno), cast(int, node.end_col_offset))
        return Span(self.offset(node.lineno, node.col_offset), end)

    def segment(self, node: ast.expr | ast.stmt) -> str:
        return self.text[slice(*self.span(node))]

    def line_of(self, offset: int) -> int:
        return bisect.bisect_right(self._starts, offset)

    def line_start(self, offset: int) -> int:
        return self._starts[bisect.bisect_right(self._starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """The start of the next line, or the end of the text."""
        after = bisect.bisect_right(self._starts, offset)
        return self._starts[after] if after < len(self._starts) else len(self.text)

    def before(self, offset: int) -> str:
        """What stands on the line before the place."""
        return self.text[self.line_start(offset) : offset]

    def after(self, offset: int) -> str:
        """What stands on the line after the place, without the line's end."""
        return self.text[offset : self.line_end(offset)].rstrip("\r\n")

    def skip(self, offset: int) -> int:
        """Past blanks, line ends and comments."""
        found = GAP.match(self.text, offset)
        return found.end() if found else offset

    # -- how the file is written

    @property
    def newline(self) -> str:
        found = NEWLINE.search(self.text)
        return found.group() if found else "\n"

    def lines(self) -> Iterable[Span]:
        for number, start in enumerate(self._starts):
            yield Span(start, self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text))

    # -- giving it back

    def changed(self, changes: Iterable[Change]) -> bytes:
        pieces, done = [], 0
        for change in sorted(changes):
            pieces += [self.text[done : change.start], change.text]
            done = max(done, change.end)
        return self._encode("".join([*pieces, self.text[done:]]))

    def _encode(self, text: str) -> bytes:
        try:
            return (b"\xef\xbb\xbf" if self.bom else b"") + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            letter = text[error.start]
            raise self.refusal(1, f"the file is written in {self.encoding}, which has no {letter!r}; convert it to UTF-8 first") from None

    def _decode(self, data: bytes) -> tuple[str, str]:
        try:
            encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
            encoding = "utf-8" if self.bom else encoding
            text = data[3 if self.bom else 0 :].decode(encoding)
        except (SyntaxError, UnicodeDecodeError) as error:
            raise self.refusal(
                1, f"the file cannot be decoded ({error}); save it as UTF-8, or name its encoding in the first line"
            ) from None
        self.encoding = encoding
        if self._encode(text) != data:
            raise self.refusal(
                1, f"the encoding {encoding} has more than one way to write a text, so nothing is edited; convert the file to UTF-8 first"
            )
        return encoding, text

    def _parse(self, whole: bool) -> ast.Module:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.text)
                if whole:
                    # Runs nothing.
                    compile(tree, self.path, "exec", dont_inherit=True)
        except SyntaxError as error:
            raise self._unreadable(error.lineno or 1, error.msg) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise self._unreadable(1, str(error)) from None
        for line, found in self._comments_with_templates() if whole else ():
            raise self.refusal(line, f"{A_TEMPLATE} ({found}); {TEMPLATE_REMEDY}")
        return tree

    def _unreadable(self, line: int, message: str) -> Unsafe:
        if TEMPLATE.search(self.text):
            return self.refusal(line, f"{A_TEMPLATE} ({message}); {TEMPLATE_REMEDY}")
        python = ".".join(str(number) for number in sys.version_info[:2])
        return self.refusal(line, f"Python {python} cannot read the file ({message}); mend it first")

    def _comments_with_templates(self) -> Iterable[tuple[int, str]]:
        """Comments such as ``# {% endraw %}``: the text around them parses, but is not the hub's own file."""
        for number, start in enumerate(self._starts, start=1):
            line = self.text[start : self._starts[number]] if number < len(self._starts) else self.text[start:]
            found = TEMPLATE.search(line) if line.lstrip().startswith("#") and "{" in line else None
            if found and found.group().startswith("{%"):
                yield number, found.group()
