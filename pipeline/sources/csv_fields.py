"""Read Embase's CSV with "fields by row": each line has a field's name and then its values.

A record begins with the line of its title; blank lines between records mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.papers import Paper, Problem
from pipeline.papers.cells import unguard_cell
from pipeline.sources.column_names import columns_of_fields, meaning_of
from pipeline.sources.delimited import Dialect, TextRow, split_rows
from pipeline.sources.document import Document
from pipeline.sources.rows import RowReader

NAME = "csv-fields"
_DIALECT = Dialect(",")
_FIRST = re.compile(r'"?TITLE"?,')
_TAG = re.compile(r"[A-Z][A-Z0-9 ()/&.,:'-]*")
# `Journal of Moss (2021) 12:3 (14-30)`, `Moss (2021) 12 Article Number: 7`
_SOURCE = re.compile(
    r"(?P<JOURNAL>.+?) \((?P<YEAR>(?:19|20)\d\d)\)(?: (?P<VOLUME>\w+))?(?::(?P<ISSUE>[\w-]+))?"
    r"(?: \((?P<PAGES>[^()]*)\))?(?:[ .].*)?"
)
_SAMPLE_ROWS = 60
_LEAST_ROWS = 3


def sniff(document: Document) -> float:
    """Say whether lines begin with names of fields, a title's first of all: 0 or 1."""
    head = document.head.lstrip("\ufeff\r\n ")
    if not _FIRST.match(head):
        return 0.0
    lines = re.split(r"\r\n|\r|\n", head)[:_SAMPLE_ROWS]
    # The last one may go on behind what was read.
    tags = [_tag(row) for row in split_rows(enumerate(lines, 1), _DIALECT)][:-1] or [""]
    meanings = {meaning.field for tag in tags if (meaning := meaning_of(tag))}
    is_heading = {"title"} < columns_of_fields(_cells_of(lines[0])).keys()
    is_tagged = all(map(_TAG.fullmatch, tags))
    return float(is_tagged and not is_heading and len(tags) >= _LEAST_ROWS and len(meanings) > 1)


def _cells_of(line: str) -> Sequence[str]:
    return next((row.cells or () for row in split_rows([(1, line)], _DIALECT)), ())


def count(document: Document) -> int:
    """Count the lines that begin with a title's name."""
    return sum(_FIRST.match(line.strip()) is not None for _, line in document.lines() if line)


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each record's paper; `Source.line` is the line of its title."""
    for rows in _records(document):
        yield _paper(rows, document)


def _records(document: Document) -> Iterator[list[TextRow]]:
    """The rows of each record."""
    rows: list[TextRow] = []
    for row in split_rows(document.lines(), _DIALECT):
        if _tag(row) == "TITLE" and rows:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def _tag(row: TextRow) -> str:
    return (row.cells or [""])[0].strip()


def _paper(rows: Sequence[TextRow], document: Document) -> Paper | Problem:
    """The paper of one record, or a problem with its text."""
    line, text = rows[0].line, "\n".join(row.text for row in rows)
    damaged = next((row for row in rows if row.cells is None), None)
    if damaged is not None:
        return Problem(line, f"{damaged.damage}; set aside", raw=text)
    cells = _with_journal(_fields(rows))
    record = RowReader(tuple(cells), columns_of_fields(cells)).paper(
        list(cells.values()), document.source(line)
    )
    return replace(record, raw=text) if isinstance(record, Problem) else record


def _fields(rows: Sequence[TextRow]) -> dict[str, str]:
    """The text of each field; one that has several values, or comes again, is a list."""
    values: dict[str, list[str]] = {}
    for row in rows:
        filled = [unguard_cell(cell).strip() for cell in (row.cells or [])[1:] if cell.strip()]
        values.setdefault(_tag(row), []).extend(filled)
    return {tag: "; ".join(several) for tag, several in values.items()}


def _with_journal(cells: dict[str, str]) -> dict[str, str]:
    """The fields with journal, year, volume and pages as their own where one line tells them."""
    match = _SOURCE.fullmatch(cells.get("SOURCE", ""))
    if match is None:
        return cells
    told = {tag: text for tag, text in match.groupdict().items() if text}
    rest = {tag: text for tag, text in cells.items() if tag != "SOURCE"}
    return {**told, **rest}
