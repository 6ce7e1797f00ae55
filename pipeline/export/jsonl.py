"""Write JSON Lines: one object a paper, each with all columns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from pipeline.export.entries import Entry
from pipeline.export.rows import column_names, row_of


def write_jsonl(entries: Iterable[Entry], file: TextIO) -> int:
    """Write an object a line, its keys in one order; gives how many."""
    names, extra = column_names(entries)
    n = 0
    for n, entry in enumerate(entries, start=1):  # noqa: B007 - the last one is given back
        row = row_of(entry, extra)
        # What no field of ours is read from is left out where a paper lacks it.
        told = {name: row.get(name) for name in names if name in row}
        file.write(json.dumps(told, ensure_ascii=False) + "\n")
    return n
