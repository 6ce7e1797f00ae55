"""Read the Cochrane Library's text export: `Record #1 of 20`, then `TI: ...`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.papers import Paper, Problem
from pipeline.sources.document import Document
from pipeline.sources.tagged.cutting import (
    Grammar,
    Tags,
    count_records,
    every,
    first,
    read_records,
    web_address,
)

NAME = "cochrane"
_BEGIN = "Record #"
_TAG = re.compile(r"([A-Z]{2,3}):(?:\s(.*)|)", re.DOTALL)
_START = re.compile(r"\ufeff?Record #\d+ of \d+\s*$")


def split_line(line: str) -> tuple[str, str] | None:
    """The tag and the value of a line; `Record #1 of 20` is a tag of its own."""
    if _START.match(line):
        return _BEGIN, ""
    match = _TAG.fullmatch(line)
    return (match[1], (match[2] or "").strip()) if match else None


_GRAMMAR = Grammar(split_line, start=_BEGIN)


def sniff(document: Document) -> float:
    """Say whether a line begins a record: 0 to 1."""
    return 0.97 if any(_START.match(line) for line in document.head.splitlines()[:50]) else 0.0


def count(document: Document) -> int:
    """Count the lines that begin a record."""
    return count_records(document, _GRAMMAR, _START)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper."""
    return read_records(document, _GRAMMAR, to_cell)


def to_cell(tags: Tags) -> dict[str, Any]:
    """The raw values of a record."""
    extra = {
        "volume": first(tags, "VL"),
        "issue": first(tags, "NO"),
        "pages": first(tags, "PG"),
        "publisher": first(tags, "PB"),
        "issn": first(tags, "SN"),
    }
    pmid = re.search(r"PUBMED (\d+)", first(tags, "PM", "XR"), re.IGNORECASE)
    return {
        "id": first(tags, "ID"),
        "kind": first(tags, "PT"),
        "title": first(tags, "TI"),
        "abstract": "\n".join(tags.get("AB", ())),
        "authors": every(tags, "AU"),
        "year": first(tags, "YR"),
        "venue": first(tags, "SO"),
        "doi": first(tags, "DOI"),
        "url": web_address(tags, "US"),
        "identifiers": {"pmid": pmid[1]} if pmid else None,
        "keywords": every(tags, "KY"),
        "language": first(tags, "LA"),
        "extra": extra.items(),
    }
