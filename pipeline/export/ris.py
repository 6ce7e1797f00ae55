"""Write RIS, the tagged format of EndNote, Zotero, Mendeley and the databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from pipeline.export.details import address_of, details_of, kind_of, status_note
from pipeline.export.entries import Entry
from pipeline.export.text import one_line
from pipeline.papers import Paper, split_name

_TYPES = {
    "article-journal": "JOUR",
    "review": "JOUR",
    "article": "UNPB",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "paper-conference": "CONF",
    "speech": "CONF",
    "chapter": "CHAP",
    "entry": "CHAP",
    "entry-encyclopedia": "ENCYC",
    "book": "BOOK",
    "thesis": "THES",
    "report": "RPRT",
    "dataset": "DATA",
    "software": "COMP",
    "patent": "PAT",
    "webpage": "ELEC",
    "post-weblog": "BLOG",
}
_OTHER = "GEN"
OWN_ID = "paperatlas:"
"""Before an id that is a number alone: readers, ours too, take that for a place in a list."""


def write_ris(entries: Iterable[Entry], file: TextIO) -> int:
    """Write one record a paper; gives how many."""
    n = 0
    for n, entry in enumerate(entries, start=1):  # noqa: B007 - the last one is given back
        file.write(f"TY  - {_TYPES.get(kind_of(entry.paper) or '', _OTHER)}\r\n")
        for tag, text in _tags(entry):
            # One line a value, whatever stands in it: `ER  - ` in an abstract ends nothing.
            if line := one_line(text):
                file.write(f"{tag}  - {line}\r\n")
        file.write("ER  - \r\n\r\n")
    return n


def _tags(entry: Entry) -> Iterator[tuple[str, str]]:
    """Tags and values, those of nothing included."""
    paper, details = entry.paper, details_of(entry.paper)
    yield "ID", f"{OWN_ID}{paper.id}" if paper.id.isdigit() else paper.id
    yield "TI", paper.title
    yield from (("AU", _author(name)) for name in paper.authors)
    if paper.authors_truncated:
        yield "AU", "et al."
    yield "PY", str(paper.year or "")
    yield "DA", _date(paper)
    yield "T2", paper.venue or ""
    yield "VL", details.volume
    yield "IS", details.issue
    yield from _pages(details.pages)
    yield "PB", details.publisher
    yield from (("SN", number) for number in (details.isbn, details.issn))
    yield "DO", paper.doi or ""
    yield from (("AN", name) for name in _catalogue_ids(paper))
    yield "UR", address_of(paper)
    yield "LA", paper.language or ""
    yield from (("KW", word) for word in paper.keywords)
    yield "AB", paper.abstract
    yield "N1", status_note(paper)
    yield "C1", f"theme: {entry.theme.name}" if entry.theme else ""


def _author(name: str) -> str:
    """`Last, First, Suffix`; a name with a comma of its own stays as it is."""
    name = one_line(name)
    family, given, suffix = split_name(name)
    if "," in name:
        return name
    return ", ".join(part for part in (family, given, suffix) if part)


def _date(paper: Paper) -> str:
    """`YYYY/MM/DD/`, as far as it is known; "" for a year alone and for no year."""
    parts = (paper.date or "").split("-")
    if len(parts) < 2 or not parts[0]:
        return ""
    return "/".join([*parts, "", ""][:3]) + "/"


def _pages(pages: str) -> Iterator[tuple[str, str]]:
    first, _, last = re.sub(r"\s*[-–—]+\s*", "-", pages).partition("-")
    yield "SP", first
    yield "EP", last


def _catalogue_ids(paper: Paper) -> list[str]:
    arxiv = [f"arxiv:{paper.arxiv_id}"] if paper.arxiv_id else []
    return [*arxiv, *paper.identifiers]
