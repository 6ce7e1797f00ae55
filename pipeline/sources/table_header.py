"""Which row of a table holds its headings, and which of its columns what a paper is made of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.papers import normalise_doi
from pipeline.sources.column_content import guess_columns, long_columns
from pipeline.sources.column_names import columns_of_fields, meaning_of, squash
from pipeline.sources.rows import has_text, named_columns, no_text_error

_HEADER_ROWS = 30
"""Catalogues put a query, a date or a notice before the headings, in a few rows."""
MAX_COLUMNS = 16_384
"""As many as a spreadsheet holds; a table of papers has a hundred."""
MAX_HEADING_CHARS = 100
_EXPORT_FIELDS = 5
"""A table with as many known headings is a catalogue's, and would name its abstracts."""
_YEAR = re.compile(r"(?:19|20)\d\d(?:\.0)?")
_URL = re.compile(r"https?://\S+")
_NUMBER = re.compile(r"[\d.,]+")
_LEAST_LIKE_WIDTH = 0.7

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Header:
    """The headings of a table, and where its fields are.

    `first`: the place of the first row of data among the rows that were looked at; `is_written`:
    the row before it holds the headings, else there are none; `columns`: of each field the numbers
    of its columns, best first; `guessed`: which of them were found by content, in words, or "";
    `unread`: which long texts no field is read from where there are no abstracts, in words, or "".
    """

    first: int
    is_written: bool
    names: tuple[str, ...]
    columns: Mapping[str, Sequence[int]]
    guessed: str = ""
    unread: str = ""


def find_named_header(rows: Sequence[Row], named: Mapping[str, str] | None = None) -> Header | None:
    """Give the row of headings by their words, or by those that the user `named`; else None.

    It names a title or an abstract and something else; the first row of all may name only that.
    """
    wanted = {squash(heading) for heading in (named or {}).values()}
    best, most = None, (0, 0)
    for number, row in enumerate(rows[:_HEADER_ROWS]):
        if len(row) > MAX_COLUMNS or max(map(len, row), default=0) > 4 * MAX_HEADING_CHARS:
            continue
        names = header_names(row)
        columns = columns_of_fields(names)
        hits = len({squash(name) for name in names} & wanted)
        enough = len(columns) > 1 or (number == 0 and len(names) < 4)
        if not hits and not (has_text(columns) and enough):
            continue
        if (hits, len(columns)) > most:
            best, most = Header(number + 1, True, names, columns), (hits, len(columns))
    return best


def find_header(rows: Sequence[Row], named: Mapping[str, str], shown: str) -> Header:
    """Give the header of a table of which `rows` are the first; blank rows are not among them.

    InputError when there is neither title nor abstract, or no column that the user `named`.
    """
    header = find_named_header(rows, named) or _unknown_header(rows)
    return completed(header, rows[header.first :], named, shown)


def completed(header: Header, rows: Sequence[Row], named: Mapping[str, str], shown: str) -> Header:
    """Give the header with the columns that the user `named`, before those known by their headings,
    and those that can be guessed by `rows` of data, after them; InputError as of `find_header`."""
    columns = dict(header.columns)
    for field, number in named_columns(header.names, named, shown).items():
        others = ((other, [n for n in columns[other] if n != number]) for other in columns)
        columns = {other: numbers for other, numbers in others if numbers}
        columns[field] = [number]
    is_named = has_text(named) and has_text(columns)
    is_export = has_text(columns) and len(columns) >= _EXPORT_FIELDS
    guessed: dict[str, int] = {}
    if not ({"title", "abstract"} <= columns.keys() or is_named or is_export):
        guessed = guess_columns(rows, header.names, columns)
    columns |= {field: [number] for field, number in guessed.items()}
    if not has_text(columns):
        raise no_text_error(shown, header.names)
    unread = "" if "abstract" in columns else _told_of_unread(rows, header.names, columns)
    return replace(header, columns=columns, guessed=_told(guessed, header.names), unread=unread)


def _told(guessed: Mapping[str, int], names: Sequence[str]) -> str:
    pairs = ", ".join(f"{field} = {names[number]!r}" for field, number in sorted(guessed.items()))
    return f"columns guessed by their content: {pairs}" if pairs else ""


def _told_of_unread(
    rows: Sequence[Row], names: Sequence[str], columns: Mapping[str, Sequence[int]]
) -> str:
    """That a column of long texts is not read, and how to have it read; "" where there is none."""
    taken = {number for numbers in columns.values() for number in numbers}
    taken |= {number for number, name in enumerate(names) if meaning_of(name)}
    found = [names[number] for number in long_columns(rows, names, taken)]
    if not found:
        return ""
    listed = ", ".join(map(repr, found[:4]))
    return (
        f"no column of abstracts, and long texts are not read from {listed}; if they are "
        f"abstracts: --set columns.abstract={found[0]!r}"
    )


def header_names(row: Row) -> tuple[str, ...]:
    """The headings in a row of cells; that of a column without one is its number: `column 3`."""
    names = [" ".join(cell.split()) for cell in row]
    while names and not names[-1]:
        names.pop()
    return tuple(name or f"column {number}" for number, name in enumerate(names, 1))


def _unknown_header(rows: Sequence[Row]) -> Header:
    """The first row as wide as most, which holds headings unless it looks like a paper's."""
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    least = _LEAST_LIKE_WIDTH * width
    number = next((i for i, row in enumerate(rows[:_HEADER_ROWS]) if _n_cells(row) > least), 0)
    row = rows[number]
    if not any(map(_is_data, row)):
        names = header_names(row)
        return Header(number + 1, True, names, columns_of_fields(names))
    width = max(width, len(row))
    return Header(number, False, tuple(f"column {i}" for i in range(1, width + 1)), {})


def _n_cells(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_data(cell: str) -> bool:
    """True for what no heading is: a number, a year, an address, a DOI, a long text."""
    text = cell.strip()
    if len(text) > MAX_HEADING_CHARS or _YEAR.fullmatch(text) or _URL.match(text):
        return True
    return _NUMBER.fullmatch(text) is not None or normalise_doi(text) is not None
