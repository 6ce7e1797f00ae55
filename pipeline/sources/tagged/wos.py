"""Read Web of Science's tagged export (`.ciw`, `savedrecs.txt`): `PT J` to `ER`."""

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
    has_most_tagged,
    page_range,
    read_records,
)

NAME = "wos"
TAGS = frozenset(
    """
    AB AE AF AR AU BA BE BF BN BP BS C1 C3 CA CL CR CT CY D2 DA DE DI DT EA EF EI EM EP ER ED EY FN
    FU FX GA GE GP HC HO HP ID IS J9 JI LA MA NR OA OI P2 PA PC PD PG PI PM PN PR PS PT PU PY RC RI
    RP SC SE SI SN SO SP SU TC TI U1 U2 UR UT VL VR WC WE Z9 Z8 ZB ZR ZS
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_START = re.compile(r"\ufeff?PT(?: |$)")


def split_line(line: str) -> tuple[str, str] | None:
    """The tag and the value of a line; one that is indented goes on with the line above."""
    tag = line[:2]
    if tag not in TAGS:
        if line[:1] != "\ufeff":
            return None
        return split_line(line[1:])
    if len(line) == 2 or line[2] == " ":
        return tag, line[3:].strip()
    return None


_GRAMMAR = Grammar(split_line, start="PT", end="ER", envelope=frozenset({"FN", "VR", "EF"}))


def sniff(document: Document) -> float:
    """Say whether a line begins a record and most of the unindented ones have tags: 0 to 1."""
    return 0.97 if has_most_tagged(document, split_line, _START) else 0.0


def count(document: Document) -> int:
    """Count the lines that begin a record."""
    return count_records(document, _GRAMMAR, _START)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper."""
    return read_records(document, _GRAMMAR, to_cell)


def to_cell(tags: Tags) -> dict[str, Any]:
    """The raw values of a record, by the tags of the format or the headings of the table."""
    extra = {
        "volume": first(tags, "VL"),
        "issue": first(tags, "IS"),
        "pages": page_range(first(tags, "BP"), first(tags, "EP")) or first(tags, "AR"),
        "publisher": first(tags, "PU"),
        "issn": [value for tag in ("SN", "EI") if (value := first(tags, tag))],
        "isbn": first(tags, "BN"),
    }
    wos_id = first(tags, "UT")
    month, year = first(tags, "PD"), first(tags, "PY")
    return {
        "id": wos_id,
        "identifiers": {"wos": wos_id, "pmid": first(tags, "PM")},
        "kind": first(tags, "DT") or first(tags, "PT"),
        "title": " ".join(first(tags, "TI").split()),
        "abstract": first(tags, "AB"),
        "authors": every(tags, "AF", "AU", "BA", "CA", "BE"),
        "year": year,
        "date": f"{month} {year}" if month and year else first(tags, "EA"),
        "venue": " ".join(first(tags, "SO", "SE").split()),
        "doi": first(tags, "DI", "D2"),
        "keywords": " ".join((first(tags, "DE") or first(tags, "ID")).split()),
        "language": first(tags, "LA"),
        "extra": extra.items(),
    }
