"""Text as Markdown shows it: what looks like markup in a title stays what it is."""

from __future__ import annotations

import re

from pipeline.export.text import one_line

# CommonMark 0.31, section 2.4, as far as it can mean something inside a line: `snake_case`, `3 * 4`
# and `C#` need no backslash, and read better without.
_SIGNS = re.compile(r"[\\`\[\]<|$]|(?<=\S)\*|\*(?=\S)|(?<![^\W_])_|_(?![^\W_])|~(?=~)|&(?=#?\w+;)")
# What makes a heading, a quotation or a list of a line that begins with it (sections 4 and 5).
_BLOCK = re.compile(r"^(?:([>#]|[-+*](?=\s|$|[-*]))|(\d{1,9})([.)])(?=\s|$))")


def escaped(text: str) -> str:
    """The text on one line, to stand anywhere in a paragraph, a list or a table."""
    line = _SIGNS.sub(lambda sign: "\\" + sign[0], one_line(text))
    return _BLOCK.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", line)
