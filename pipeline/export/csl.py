"""Write CSL-JSON, as Zotero, pandoc and citeproc read it (citationstyles.org, schema 1.0.2)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from pipeline.citing.details import (
    address_of,
    details_of,
    kind_of,
    listed_keywords,
    status_note,
)
from pipeline.export.entries import Entry
from pipeline.papers import Paper, split_name
from pipeline.papers.plain import one_line

_OTHER = "document"


def write_csl_json(entries: Iterable[Entry], file: TextIO) -> int:
    """Write one list, an item a line; gives how many."""
    n, mark = 0, "[\n"
    for n, entry in enumerate(entries, start=1):  # noqa: B007 - the last one is given back
        file.write(mark + json.dumps(_item(entry), ensure_ascii=False))
        mark = ",\n"
    file.write("\n]\n" if n else "[]\n")
    return n


def _item(entry: Entry) -> dict[str, Any]:
    paper, details = entry.paper, details_of(entry.paper)
    item = {
        "id": one_line(paper.id),
        "type": kind_of(paper) or _OTHER,
        "citation-key": entry.key,
        "title": one_line(paper.title),
        "author": _authors(paper),
        "issued": _issued(paper),
        "container-title": one_line(paper.venue or ""),
        "volume": details.volume,
        "issue": details.issue,
        "page": details.pages,
        "publisher": details.publisher,
        "ISSN": details.issn,
        "ISBN": details.isbn,
        "DOI": one_line(paper.doi or ""),
        "URL": address_of(paper),
        "number": f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else "",
        **_catalogues(paper),
        "language": paper.language or "",
        "keyword": listed_keywords(paper),
        "abstract": one_line(paper.abstract),
        "status": paper.status or "",
        "note": status_note(paper),
        "custom": _custom(entry),
    }
    return {name: value for name, value in item.items() if value}


def _authors(paper: Paper) -> list[dict[str, str]]:
    names = [_author(one_line(name)) for name in paper.authors]
    return [*names, {"literal": "et al."}] if paper.authors_truncated else names


def _author(name: str) -> dict[str, str]:
    family, given, suffix = split_name(name)
    if not given or "," in name:  # a comma that stayed parts no names
        return {"literal": name}
    parts = {"family": family, "given": given, "suffix": suffix}
    return {part: text for part, text in parts.items() if text}


def _issued(paper: Paper) -> dict[str, list[list[int]]] | None:
    """The date as far as it is known; the year alone where the date has none."""
    parts = (paper.date or "").split("-")
    if parts[0]:
        return {"date-parts": [[int(part) for part in parts]]}
    return {"date-parts": [[paper.year]]} if paper.year else None


def _catalogues(paper: Paper) -> dict[str, str]:
    """The two ids that CSL has names for."""
    known = {"pmid": "PMID", "pmcid": "PMCID"}
    parts = (identifier.partition(":") for identifier in paper.identifiers)
    return {known[scheme]: value for scheme, _, value in parts if scheme in known}


def _custom(entry: Entry) -> dict[str, Any]:
    """What CSL has no variable for, or none that says what it is; our reader takes it from here."""
    paper = entry.paper
    custom = {
        "theme": one_line(entry.theme.name) if entry.theme else "",
        "identifiers": [one_line(identifier) for identifier in paper.identifiers],
        "arxiv_id": one_line(paper.arxiv_id or ""),
        "category": one_line(paper.category or ""),
    }
    return {name: value for name, value in custom.items() if value}
