"""Cells of a table that a spreadsheet would run, made harmless and read back."""

from __future__ import annotations

import re

# What a spreadsheet takes for the beginning of a formula, behind white space too (OWASP, "CSV
# Injection"); the apostrophe before it says that a text follows. One that stands there by itself
# gets another one, so that taking one off gives back what was written.
_GUARDED = re.compile(r"'*[=+\-@\t\r]")
_GUARD = re.compile(r"'+[=+\-@\t\r]")


def guard_cell(text: str) -> str:
    """The cell of a text, which no spreadsheet takes for a formula."""
    return f"'{text}" if _GUARDED.match(text) else text


def unguard_cell(cell: str) -> str:
    """The text of a cell that `guard_cell` made, or that another exporter made in this way."""
    return cell[1:] if _GUARD.match(cell) else cell
