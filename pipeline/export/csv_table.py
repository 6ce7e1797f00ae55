"""Write CSV for spreadsheets: no cell is run as a formula, and all of them read back."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import Any, TextIO

from pipeline.export.entries import Entry
from pipeline.export.rows import LISTS, column_names, row_of
from pipeline.papers import guard_cell, split_authors


def write_csv(entries: Iterable[Entry], file: TextIO) -> int:
    """Write a header and a row a paper (RFC 4180); gives how many. The entries are gone through
    twice: what columns there are is known at the end only."""
    names, extra = column_names(entries)
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([guard_cell(name) for name in names])
    n = 0
    for n, entry in enumerate(entries, start=1):  # noqa: B007 - the last one is given back
        row = row_of(entry, extra)
        writer.writerow([_cell(name, row.get(name)) for name in names])
    return n


def _cell(name: str, value: Any) -> str:  # noqa: ANN401 - any value of a row
    if value is None:
        return ""
    if name in LISTS:
        return guard_cell(_listed(name, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    # A number that is less than 0 is no formula.
    return guard_cell(value) if isinstance(value, str) else str(value)


def _listed(name: str, parts: list[str]) -> str:
    """`A; B`, `A, of B;`; as JSON where that would be read as another list: an institute with `and`
    in its name, a keyword with a semicolon."""
    told = "; ".join(parts)
    if name == "authors":
        names = [part for part in parts if part != "et al."]
        is_clear = list(split_authors(told)[0]) == names
    else:
        # In brackets before an institute catalogues say whose it is, which readers take off.
        marks = ";|[(" if name == "affiliations" else ";|"
        is_clear = not any(mark in part for part in parts for mark in marks)
        told += ";" * (len(parts) == 1 and "," in told)  # else its commas would part it
    is_clear = is_clear and not told.startswith("[")  # an author named `[]` would be a list
    return told if is_clear else json.dumps(parts, ensure_ascii=False)
