"""Write RIS, the tagged format of EndNote, Zotero, Mendeley and the databases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from pipeline.citing.ris import ris_record
from pipeline.export.entries import Entry


def write_ris(entries: Iterable[Entry], file: TextIO) -> int:
    """Write one record a paper; gives how many."""
    n = 0
    for n, entry in enumerate(entries, start=1):  # noqa: B007 - the last one is given back
        theme = entry.theme.name if entry.theme else ""
        file.write(ris_record(entry.paper, theme=theme) + "\r\n")
    return n
