"""Read MEDLINE records, PubMed's `.nbib`.

The elements are described in https://www.nlm.nih.gov/bsd/mms/medlineelements.html.
"""

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
)

NAME = "nbib"
_TAG = re.compile(r"\ufeff?([A-Z][A-Z0-9]{1,3}) {0,3}- ?(.*)", re.DOTALL)
_START = re.compile(r"\ufeff?PMID ?-")
_NO_TITLE = re.compile(r"\W*not available\W*", re.IGNORECASE)


def split_line(line: str) -> tuple[str, str] | None:
    """The tag and the value of a line; one that is indented goes on with the line above."""
    if line[:1] == " " or (match := _TAG.fullmatch(line)) is None:
        return None
    return match[1], match[2].strip()


_GRAMMAR = Grammar(split_line, start="PMID")


def sniff(document: Document) -> float:
    """Say whether a line names a PubMed id and others have tags: 0 to 1."""
    lines = document.head.splitlines()
    if not any(_START.match(line) for line in lines):
        return 0.0
    return 0.98 if sum(split_line(line) is not None for line in lines) > 1 else 0.5


def count(document: Document) -> int:
    """Count the lines that name a PubMed id."""
    return count_records(document, _GRAMMAR, _START)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper."""
    return read_records(document, _GRAMMAR, to_cell)


def to_cell(tags: Tags) -> dict[str, Any]:
    """The raw values of a record."""
    title = first(tags, "TI", "BTI", "CTI")
    if not title or _NO_TITLE.fullmatch(title):
        title = first(tags, "TT", "BTI", "CTI") or title
    types = [text.lower() for text in every(tags, "PT")]
    pmid = first(tags, "PMID")
    serial = [value.split(" ")[0] for value in tags.get("IS", ())]
    extra = {
        "volume": first(tags, "VI"),
        "issue": first(tags, "IP"),
        "pages": first(tags, "PG"),
        "publisher": first(tags, "PB"),
        "issn": list(dict.fromkeys(serial)),
        "isbn": first(tags, "ISBN"),
    }
    return {
        "id": f"pmid:{pmid}" if pmid.isdigit() else pmid,
        "identifiers": {"pmid": pmid, "pmcid": first(tags, "PMC")},
        "title": title,
        "abstract": first(tags, "AB", "OAB"),
        "authors": [*every(tags, "FAU", "AU"), *({"literal": n} for n in every(tags, "CN"))],
        "year": first(tags, "DP"),
        "date": first(tags, "DP", "DEP"),
        "venue": first(tags, "JT", "TA", "BTI"),
        "doi": _doi(tags),
        "keywords": [*every(tags, "OT"), *_mesh(tags)],
        "language": first(tags, "LA"),
        "kind": next((text for text in types if text in _KINDS), types[0] if types else ""),
        "status": "retracted" if "retracted publication" in types else None,
        "extra": extra.items(),
    }


_KINDS = frozenset({"journal article", "preprint", "book", "dataset", "technical report"})


def _mesh(tags: Tags) -> list[str]:
    """The subject headings without their qualifiers and stars: `Birds` of `Birds/*genetics`."""
    return [text.partition("/")[0].strip("*") for text in every(tags, "MH")]


def _doi(tags: Tags) -> str:
    values = (value for tag in ("LID", "AID") for value in tags.get(tag, ()))
    return next((value.split(" ")[0] for value in values if "[doi]" in value), "")
