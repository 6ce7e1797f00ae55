"""Read RefWorks' tagged format, which RefWorks, ProQuest and CNKI write: `RT Journal Article`."""

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
    web_address,
)

NAME = "refworks"
_TAGS = frozenset(
    """
    RT SR ID A1 T1 JF JO YR FD VO IS SP OP K1 AB NO A2 T2 ED PB PP A3 A4 A5 T3 SN AV AD AN LA CL SF
    OT LK DO CN DB DS IP RD ST U1 U2 U3 U4 U5 U6 U7 U8 U9 U10 U11 U12 U13 U14 U15 UL SL LL CR WT A6
    WV WP
    """.split()  # noqa: SIM905  one word a line would hide the list
)
_START = re.compile(r"\ufeff?RT(?: |$)")


def split_line(line: str) -> tuple[str, str] | None:
    """The tag and the value of a line; one without a tag goes on with the line above."""
    tag, _, value = line.removeprefix("\ufeff").partition(" ")
    return (tag, value.strip()) if tag in _TAGS else None


_GRAMMAR = Grammar(split_line, start="RT")


def sniff(document: Document) -> float:
    """Say whether a line begins a record and most of them have tags: 0 to 1."""
    return 0.96 if has_most_tagged(document, split_line, _START) else 0.0


def count(document: Document) -> int:
    """Count the lines that begin a record."""
    return count_records(document, _GRAMMAR, _START)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper."""
    return read_records(document, _GRAMMAR, to_cell)


def to_cell(tags: Tags) -> dict[str, Any]:
    """The raw values of a record."""
    extra = {
        "volume": first(tags, "VO"),
        "issue": first(tags, "IS"),
        "pages": page_range(first(tags, "SP"), first(tags, "OP")),
        "publisher": first(tags, "PB"),
        "issn": first(tags, "SN"),
    }
    keywords = [word for value in every(tags, "K1") for word in re.split(r"[;；]", value)]
    return {
        "kind": first(tags, "RT"),
        "title": first(tags, "T1"),
        "abstract": "\n".join(tags.get("AB", ())),
        "authors": [name for value in every(tags, "A1") for name in re.split(r"[;；]", value)],
        "year": first(tags, "YR"),
        "date": first(tags, "FD", "YR"),
        "venue": first(tags, "JF", "JO", "T2"),
        "doi": first(tags, "DO"),
        "url": web_address(tags, "UL", "LK"),
        "keywords": keywords,
        "language": first(tags, "LA"),
        "extra": extra.items(),
    }
