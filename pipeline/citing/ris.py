"""RIS, the tagged format of EndNote, Zotero, Mendeley and the databases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.citing.details import address_of, details_of, kind_of, status_note
from pipeline.papers import Paper, split_name
from pipeline.papers.plain import one_line

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


def ris_record(paper: Paper, *, theme: str = "", has_abstract: bool = True) -> str:
    """The paper's record, with the name of a theme where one is given; its last line is `ER`."""
    tags = _tags(paper, theme, paper.abstract if has_abstract else "")
    # One line a value, whatever stands in it: `ER  - ` in an abstract ends nothing.
    told = ((tag, one_line(text)) for tag, text in tags if text)
    lines = "".join(f"{tag}  - {line}\r\n" for tag, line in told if line)
    return f"TY  - {_TYPES.get(kind_of(paper) or '', _OTHER)}\r\n{lines}ER  - \r\n"


def _tags(paper: Paper, theme: str, abstract: str) -> Iterator[tuple[str, str]]:
    """Tags and values, those of nothing included."""
    details = details_of(paper)
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
    yield "AB", abstract
    yield "N1", status_note(paper)
    yield "C1", f"theme: {theme}" if theme else ""


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
