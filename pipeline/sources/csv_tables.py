"""Read delimited tables with a header row: comma, tab, semicolon or bar."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.papers import Paper, Problem, Source
from pipeline.sources.rows import has_text, map_columns, to_paper
from pipeline.sources.text_files import (
    HEAD_BYTES,
    MAX_LINE_CHARS,
    decode_head,
    detect_encoding,
    read_head,
    read_lines,
)

NAME = "csv"
_DELIMITERS = ",\t;|"
_SEP = re.compile(r"\ufeff?\s*\"?sep=(?P<mark>[,\t;|])\"?\s*", re.IGNORECASE)
_HEADING_CHARS = 60
_LEAST_ALIKE = 0.9
_FEW_ROWS = 3


class _Layout(NamedTuple):
    """How a file would be split: its first row is the header."""

    delimiter: str
    header: list[str]
    rows: int
    alike: bool  # two columns or more, and nearly all rows have as many as the header

    @property
    def columns(self) -> dict[str, str]:
        return map_columns(self.header)


def sniff(head: str, path: Path) -> float:
    """Say how much the first rows are those of one table, whatever its headings: 0 to 1."""
    layout = _layout(head)
    if sum(map(len, layout.header)) > 4000:
        return 0.0
    named = path.suffix.lower() in (".csv", ".tsv")
    if has_text(layout.columns):
        if len(layout.header) == 1:
            return 0.6 if named else 0.0
        return 0.9 if len(layout.columns) > 1 else 0.6
    # Nothing in it can be used, but `read` says so, where prose would be made of its rows.
    if not layout.alike or head.lstrip("\ufeff \t\r\n").startswith(("@", "{", "[", "<", "%")):
        return 0.0
    plain = all(len(name) <= _HEADING_CHARS for name in layout.header)
    quoted = f'"{layout.delimiter}"' in head
    if named:
        return 0.85 if plain or layout.rows > 1 else 0.0
    return 0.85 if layout.rows >= _FEW_ROWS and (plain or quoted) else 0.0


def _layout(head: str) -> _Layout:
    """Choose the delimiter under which the first rows are most like a table of papers."""
    text = head.lstrip("\ufeff").replace("\x00", "")
    stream = io.StringIO(text, newline=None)  # not `splitlines`, which breaks at U+2028 too
    lines = list(itertools.dropwhile(lambda line: not line.strip(), stream))
    marks = _DELIMITERS
    if lines and (sep := _SEP.fullmatch(lines[0])):
        marks, lines = sep["mark"], lines[1:]
    layouts = [_split(lines, mark, cut=len(head) > HEAD_BYTES // 4) for mark in marks]
    return max(layouts, key=lambda it: (len(it.columns), it.alike, it.alike and len(it.header)))


def _split(lines: list[str], delimiter: str, *, cut: bool) -> _Layout:
    rows: list[list[str]] = []
    csv.field_size_limit(MAX_LINE_CHARS)
    with suppress(csv.Error):
        for row in csv.reader(lines, delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append(row)
    if cut and len(rows) > _FEW_ROWS:
        rows.pop()  # the last one may go on behind the head
    header = _names(rows[0]) if rows else []
    same = sum(len(row) == len(header) for row in rows)
    alike = len(header) > 1 and same >= _LEAST_ALIKE * len(rows)
    return _Layout(delimiter, header, len(rows), alike)


def _names(row: list[str]) -> list[str]:
    return [" ".join(name.split()) for name in row]


def count(path: Path) -> int:
    """Count rows by the parity of quotes at line ends; behind a quote never closed, lines."""
    blank = _layout(decode_head(read_head(path))).delimiter + '" \t\r\n\ufeff'
    rows, inside, filled, since_opened = 0, False, False, 0
    for _, line in read_lines(path, detect_encoding(path)):
        text = line or ""
        if not rows and not inside and _SEP.fullmatch(text):
            continue
        filled = filled and inside
        if not filled and (line is None or text.strip(blank)):
            rows, filled = rows + 1, True
        since_opened = since_opened + bool(text.strip()) if inside else 0
        inside ^= text.count('"') % 2 == 1
    return max(0, rows - 1 + (since_opened if inside else 0))


def read(path: Path, *, file: str) -> Iterator[Paper | Problem]:
    """Yield each row's paper; `Source.line` is the line on which the row starts.

    InputError when no column is known to hold titles or abstracts.
    """
    delimiter = _layout(decode_head(read_head(path))).delimiter
    # The library's limit of 128 KiB a field is global; ours is that of a line.
    csv.field_size_limit(MAX_LINE_CHARS)
    lines = _Lines(path)
    first = next((line for line in lines if line.strip() and not _SEP.fullmatch(line)), "")
    rows = csv.reader(itertools.chain([first.lstrip("\ufeff")], lines), delimiter=delimiter)
    header = _read_header(rows, path)
    columns = map_columns(header)
    while True:
        start = lines.number + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(start, f"broken row ({error}); set aside")
            continue
        if any(cell.strip() for cell in row):
            yield from _read_row(row, header, columns, Source(file, start))


def _read_header(rows: Iterator[list[str]], path: Path) -> list[str]:
    try:
        header = _names(next((row for row in rows if any(cell.strip() for cell in row)), []))
    except csv.Error as error:
        hint = "look for a quote that is never closed"
        raise InputError(f"{path}: broken header ({error})", hint=hint) from error
    if not has_text(map_columns(header)):
        known = ", ".join(name[:_HEADING_CHARS] for name in header[:12])
        raise InputError(
            f"{path}: no column named title or abstract (columns: {known})",
            hint="rename the columns that hold titles and abstracts",
        )
    return header


def _read_row(
    row: list[str], header: list[str], columns: dict[str, str], source: Source
) -> Iterator[Paper | Problem]:
    extra = [cell for cell in row[len(header) :] if cell.strip()]
    if extra:
        reason = f"row has {len(row)} fields where the header has {len(header)}; set aside"
        yield Problem(source.line, reason)
        return
    yield to_paper(dict(zip(header, row, strict=False)), columns, source)


class _Lines:
    """The lines of a file with their ends, for `csv.reader`; `number` is that of the last one."""

    def __init__(self, path: Path) -> None:
        self.number = 0
        self._lines = read_lines(path, detect_encoding(path))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        return (line or "").replace("\x00", "") + "\n"
