"""Lines of text that fit: cut with a mark, wrapped, padded, by the width that a terminal shows."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

from rich.cells import cell_len, chop_cells, set_cell_size

__all__ = ["bold", "cell_len", "fit", "fit_list", "pad", "page_width", "plain", "wrap"]

PLAIN_WIDTH = 100
"""Paragraphs wrap here off a terminal, and at most here on one: longer lines read badly."""
_LEAST_WIDTH = 24


def page_width() -> int | None:
    """Columns of the terminal or of `COLUMNS`; None where lines may be as long as they are."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return max(_LEAST_WIDTH, shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns)
    return None


def plain(text: str) -> str:
    """Text from a file as one line that cannot steer a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def bold(text: str) -> str:
    """`text` in bold where that is seen and wanted."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\x1b[1m{text}\x1b[0m" if wanted and sys.stdout.isatty() else text


def fit(text: str, width: int | None) -> str:
    """`text` in at most `width` columns, cut at a word and with "…" where it is longer."""
    if width is None or cell_len(text) <= width:
        return text
    cut = set_cell_size(text, max(0, width - 1))
    at_word = cut.rsplit(" ", 1)[0] if text[len(cut) : len(cut) + 1] != " " else cut
    # A word that takes half of the line is cut itself.
    kept = at_word if cell_len(at_word) > width // 2 else cut
    return kept.rstrip(" ,;:") + "…"


def fit_list(parts: Sequence[str], width: int | None) -> str:
    """As many of `parts` as fit into `width` columns, with commas, and "…" for the others."""
    shown = ", ".join(parts)
    for kept in range(len(parts) - 1, -1, -1):
        if width is None or cell_len(shown) <= width:
            return shown
        shown = ", ".join([*parts[:kept], "…"])
    return "…" if parts else ""


def pad(text: str, width: int) -> str:
    """`text` with spaces up to `width` columns."""
    return text + " " * max(0, width - cell_len(text))


def wrap(text: str, width: int | None, *, first: str = "", indent: str = "") -> list[str]:
    """Lines of at most `width` columns, the first after `first`, the others after `indent`.

    A word that is longer than a line is broken where it reaches the end.
    """
    width = min(width or PLAIN_WIDTH, PLAIN_WIDTH)
    room = max(1, width - cell_len(indent))
    lines, empty = [], first
    line = first
    for word in text.split():
        for piece in chop_cells(word, room):
            if line != empty and cell_len(line) + 1 + cell_len(piece) > width:
                lines.append(line)
                line = empty = indent
            line += piece if line == empty else f" {piece}"
    return [*lines, line]
