"""Write BibTeX."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from pipeline.citing.bibtex import bibtex_entry
from pipeline.export.entries import Entry


def write_bibtex(entries: Iterable[Entry], file: TextIO) -> int:
    """Write one entry a paper; gives how many."""
    n = 0
    for n, entry in enumerate(entries, start=1):  # noqa: B007 - the last one is given back
        theme = entry.theme.name if entry.theme else ""
        file.write(bibtex_entry(entry.paper, entry.key, theme=theme) + "\n")
    return n
