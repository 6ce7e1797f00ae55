"""Read delimited tables with a header row: comma, tab, semicolon or bar."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from pipeline.papers import Paper, Problem, Source
from pipeline.sources.rows import has_text, map_columns, to_paper
from pipeline.sources.text_files import MAX_LINE_CHARS, detect_encoding, read_lines

NAME = "csv"
_DELIMITERS = ",\t;|"


def sniff(head: str, path: Path) -> float:
    """Say whether the first row is a header that names a title or an abstract: 0 to 1."""
    first = next((line for line in head.lstrip("\ufeff").splitlines() if line.strip()), "")
    if len(first) > 4000:
        return 0.0
    header = _split_header(first, _delimiter(first))
    columns = map_columns(header)
    if not has_text(columns):
        return 0.0
    if len(header) == 1:
        return 0.6 if path.suffix.lower() in (".csv", ".tsv") else 0.0
    return 0.9 if len(columns) > 1 else 0.6


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=lambda mark: len(map_columns(_split_header(header, mark))))


def _split_header(line: str, delimiter: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]


def count(path: Path) -> int:
    """Count rows by the parity of quotes at line ends; behind a quote never closed, lines."""
    rows, inside, since_opened = 0, False, 0
    for _, line in read_lines(path, detect_encoding(path)):
        text = line or ""
        if not inside and line is not None and not text.strip():
            continue
        rows += not inside
        since_opened = since_opened + bool(text.strip()) if inside else 0
        inside ^= text.count('"') % 2 == 1
    return max(0, rows - 1 + (since_opened if inside else 0))


def read(path: Path, *, file: str) -> Iterator[Paper | Problem]:
    """Yield each row's paper; `Source.line` is the line on which the row starts."""
    # The library's limit of 128 KiB a field is global; ours is that of a line.
    csv.field_size_limit(MAX_LINE_CHARS)
    lines = _Lines(path)
    header_line = next((line for line in lines if line.strip()), "")
    delimiter = _delimiter(header_line)
    header = _split_header(header_line.lstrip("\ufeff"), delimiter)
    columns = map_columns(header)
    rows = csv.reader(lines, delimiter=delimiter)
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
