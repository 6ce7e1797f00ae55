"""Read EndNote's tagged export (`.enw`), which Google Scholar, ACM and others write too."""

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

NAME = "enw"
_TAG = re.compile(r"\ufeff?(%[0-9A-Z@!#$&()*+^>~?<=\[\]])(?:\s(.*)|)", re.DOTALL)
_START = re.compile(r"\ufeff?%0(?:\s|$)")


def split_line(line: str) -> tuple[str, str] | None:
    """The tag and the value of a line."""
    match = _TAG.fullmatch(line)
    return (match[1], (match[2] or "").strip()) if match else None


def _split_untyped(line: str) -> tuple[str, str] | None:
    """The same in a file that leaves `%0` out: a blank line ends a record."""
    return split_line(line) if line.strip() else ("", "")


_GRAMMAR = Grammar(split_line, start="%0")
# "" is the tag of a blank line.
_UNTYPED = Grammar(_split_untyped, start="none", end="")


def sniff(document: Document) -> float:
    """Say whether the first line has a tag of this kind: 0 to 1."""
    lines = [line for line in document.head.splitlines() if line.strip()]
    tagged = sum(split_line(line) is not None for line in lines)
    if not lines or split_line(lines[0]) is None or tagged < 2:
        return 0.0
    return 0.97 if tagged * 3 > len(lines) else 0.3


def count(document: Document) -> int:
    """Count the lines that begin a record: `%0`, or the first behind a blank where none is."""
    if _is_typed(document):
        return count_records(document, _GRAMMAR, _START)
    records, blank = 0, True
    for _, line in document.lines():
        if line is not None and line.startswith("%"):
            records += blank
            blank = False
        elif line is not None and not line.strip():
            blank = True
    return records


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper."""
    return read_records(document, _GRAMMAR if _is_typed(document) else _UNTYPED, to_cell)


def _is_typed(document: Document) -> bool:
    return any(_START.match(line) for line in document.head.splitlines())


def to_cell(tags: Tags) -> dict[str, Any]:
    """The raw values of a record."""
    number = first(tags, "%@")
    extra = {
        "volume": first(tags, "%V"),
        "issue": first(tags, "%N"),
        "pages": first(tags, "%P"),
        "publisher": first(tags, "%I"),
        "isbn" if len(re.sub(r"\D", "", number)) > 8 else "issn": number,
    }
    return {
        "kind": first(tags, "%0"),
        "title": first(tags, "%T", "%Q", "%!"),
        "abstract": "\n".join(tags.get("%X", ())),
        "authors": every(tags, "%A", "%E"),
        "year": first(tags, "%D"),
        "date": first(tags, "%8", "%D"),
        "venue": first(tags, "%J", "%B", "%S"),
        "doi": first(tags, "%R"),
        "url": web_address(tags, "%U"),
        "keywords": every(tags, "%K"),
        "language": first(tags, "%G"),
        "extra": extra.items(),
    }
