# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes many lines of passwd, shadow, group or gshadow at once, as the editor that vipw and vigr call.

These two lock the files, keep a copy, put the new one in place and tell the caches. Here is only what a person would type.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TypedDict

MEMBERS = 2  # From here on, group and gshadow have lists of names. The GID of group is among these, and nobody's name.


class Edits(TypedDict, total=False):
    """Names are those that lines begin with."""

    fields: dict[str, dict[str, str]]  # name -> number of a field, from 0 -> its new text
    drop: list[str]  # lines that go, unless they are of a group with members
    leave: list[str]  # who goes from all groups


def edited(text: str, edits: Edits) -> str:
    """The text after these edits; every other line stays as it is to the byte."""
    fields, drop, leave = edits.get("fields", {}), set(edits.get("drop", ())), set(edits.get("leave", ()))
    lines = []
    for line in text.split("\n"):
        words = line.split(":")
        name = words[0]
        if leave and not leave.isdisjoint(",".join(words[MEMBERS:]).split(",")):
            words[MEMBERS:] = [",".join(one for one in names.split(",") if one not in leave) for names in words[MEMBERS:]]
        words = [fields.get(name, {}).get(str(number), word) for number, word in enumerate(words)]
        if name not in drop or (leave and words[-1]):
            lines.append(":".join(words))
    return "\n".join(lines)


def main(path: str) -> None:
    """Edit a file as the edits on standard input say."""
    wanted: Edits = json.load(sys.stdin)
    with open(path, "r+", encoding="utf-8", errors="surrogateescape", newline="") as file:
        before = os.fstat(file.fileno())
        text = edited(file.read(), wanted)
        file.seek(0)
        file.write(text)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
        # The tools go by the second of the last change: a second edit in the same one would be thrown away.
        os.utime(file.fileno(), (before.st_atime, max(time.time(), before.st_mtime + 1)))


if __name__ == "__main__":
    main(sys.argv[1])
