"""Read JSON Lines: one object a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.papers import Paper, Problem
from pipeline.sources.document import Document
from pipeline.sources.encodings import HEAD_BYTES
from pipeline.sources.json_levels import level_of, outline, vendor_in
from pipeline.sources.json_objects import broken, parse, to_paper, with_raw

NAME = "jsonl"
_LINES_LOOKED_AT = 5
_SPACE = "\ufeff\x1e \t\r\n"
"""White space, and what some put before a line: a byte-order mark, a record separator."""


def sniff(document: Document) -> float:
    """Say whether the first lines are records of their own: 0 to 1. Broken ones are met later."""
    head = document.head
    if not head.lstrip(_SPACE).startswith("{"):
        return 0.0
    lines = [line for line in re.split(r"\r\n?|\n", head) if line.strip(_SPACE)]
    if len(lines) == 1 and len(document.head_bytes) == HEAD_BYTES:  # it goes on past the head
        documents = outline(head)
        return _likeness_of_level(documents, document, unknown=0.4) if len(documents) == 1 else 0.0
    parsed = [_parsed(line) for line in lines[:_LINES_LOOKED_AT]]
    objects = [row for row in parsed if isinstance(row, dict) and row]
    return _likeness_of_level(objects, document) if objects else 0.0


def _likeness_of_level(
    documents: Sequence[object], document: Document, *, unknown: float = 0.6
) -> float:
    """How likely it is that each of the values is a record: they may be pages of records."""
    level = level_of(documents, document.columns)
    if level is None:
        return unknown
    return 0.0 if level else 0.95


def describe(document: Document) -> str:
    """Give `openalex jsonl` where the first records are all of that catalogue, else `jsonl`."""
    vendor = vendor_in(document, ())
    return f"{vendor} {NAME}" if vendor else NAME


def count(document: Document) -> int:
    """Count lines that are not blank."""
    lines = document.lines()
    return sum(1 for _, line in lines if line is None or line.strip(_SPACE))


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each line's paper; a broken line is one problem and no more."""
    named = dict(document.columns)
    for number, line in document.lines():
        if line is None:
            yield Problem(number, "line too long for a record; set aside")
        elif text := line.strip(_SPACE):
            try:
                record = parse(text)
            except (ValueError, RecursionError) as error:
                yield broken(error, number, text)
            else:
                paper = to_paper(record, document.source(number), named=named)
                yield paper if type(paper) is Paper else with_raw(paper, text)


def _parsed(line: str) -> object:
    try:
        return parse(line.strip(_SPACE))
    except (ValueError, RecursionError):
        return None
