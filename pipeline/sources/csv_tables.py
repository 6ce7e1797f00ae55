"""Read delimited tables: comma, tab, semicolon or bar; with headings or without."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline.errors import InputError
from pipeline.papers import Paper, Problem, ProblemKind
from pipeline.papers.cells import unguard_cell
from pipeline.sources.column_names import columns_of_fields
from pipeline.sources.delimited import Dialect, Line, TextRow, split_rows
from pipeline.sources.document import Document
from pipeline.sources.encodings import HEAD_BYTES
from pipeline.sources.rows import RowReader, has_text, no_text_error
from pipeline.sources.table_header import (
    MAX_COLUMNS,
    Header,
    find_header,
    find_named_header,
    header_names,
)

NAME = "csv"
_DELIMITERS = ",\t;|"
_SEP = re.compile(r"\ufeff?\s*\"?sep=(?P<mark>[,\t;|])\"?\s*", re.IGNORECASE)
_HEADING_CHARS = 60
_LEAST_ALIKE = 0.9
_FEW_ROWS = 3
_SAMPLE_ROWS = 400
_SAMPLE_CHARS = 1 << 20
_GUARDED = re.compile("'[=+\\-@\t]")


@dataclass(frozen=True)
class Layout:
    """How the first lines of a file split into rows; `start`: the place of the headings."""

    dialect: Dialect
    rows: tuple[TextRow, ...]
    start: int

    @cached_property
    def cells(self) -> list[list[str]]:
        """Those of the rows that could be read, one at least."""
        return [row.cells for row in self.rows if row.cells is not None]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The headings."""
        return header_names(self.cells[self.start])

    @property
    def width(self) -> int:
        """The number of columns, by the headings."""
        return len(self.names)

    @cached_property
    def known(self) -> Mapping[str, Sequence[int]]:
        """The fields of a paper that its headings name."""
        return columns_of_fields(self.names) if self.width <= MAX_COLUMNS else {}

    @cached_property
    def n_damaged(self) -> int:
        """How many rows have quotes that do not match."""
        return sum(bool(row.damage) for row in self.rows)

    @cached_property
    def alike(self) -> bool:
        """Two columns or more, and nearly all rows have as many as the headings."""
        rows = self.cells[self.start :]
        widths = (self.width, len(rows[0])) if rows else ()
        same = sum(len(row) in widths for row in rows)
        return self.width > 1 and same >= _LEAST_ALIKE * len(rows)


def sniff(document: Document) -> float:
    """Say how much the first rows are those of one table, whatever its headings: 0 to 1."""
    head = document.head.lstrip("\ufeff")
    lines = [*enumerate(re.split(r"\r\n|\r|\n", head), 1)]
    layout = _best_layout(lines, is_cut=len(head) > HEAD_BYTES // 4)
    is_named = document.suffix in (".csv", ".tsv")
    if layout is None:
        return 0.0
    if has_text(layout.known):
        return _likeness_by_name(layout, is_named=is_named)
    # Nothing in it may be of use, but `read` says so, where prose would be made of its rows.
    if not layout.alike or head.lstrip().startswith(("@", "{", "[", "<", "%")):
        return 0.0
    plain = all(len(name) <= _HEADING_CHARS for name in layout.cells[layout.start])
    n_rows = len(layout.rows) - layout.start
    if is_named:
        enough = plain or n_rows > 1
    else:
        quoted = f'"{layout.dialect.delimiter}"' in head
        enough = n_rows >= _FEW_ROWS and (plain or quoted)
    return 0.85 if enough else 0.0


def _likeness_by_name(layout: Layout, *, is_named: bool) -> float:
    if layout.width == 1:
        return 0.6 if is_named and layout.start == 0 else 0.0
    if not is_named and layout.start and not layout.alike:
        return 0.0
    return 0.9 if len(layout.known) > 1 else 0.6


def _best_layout(lines: Sequence[Line], *, is_cut: bool) -> Layout | None:
    """The delimiter and the meaning of quotes under which the lines are most like a table."""
    filled = itertools.dropwhile(lambda item: item[1] is not None and not item[1].strip(), lines)
    lines = list(filled)
    marks = _DELIMITERS
    if lines and lines[0][1] and (sep := _SEP.fullmatch(lines[0][1])):
        marks, lines = sep["mark"], lines[1:]
    dialects = [Dialect(mark, is_spaced=_is_spaced(lines, mark)) for mark in marks]
    layouts = [it for dialect in dialects if (it := _layout(lines, dialect, is_cut=is_cut))]
    best = max(layouts, key=_likeness, default=None)
    if best is None or not best.n_damaged:
        return best
    return max(_readings(lines, best, is_cut=is_cut), key=_regularity)


def _is_spaced(lines: Sequence[Line], mark: str) -> bool:
    """Whether there is more often a space before a quote than none."""
    quoted = [line for _, line in lines if line and '"' in line]
    return sum((f'{mark} "' in line) - (f'{mark}"' in line) for line in quoted) > 0


def _readings(lines: Sequence[Line], layout: Layout, *, is_cut: bool) -> Iterator[Layout]:
    """The layout, and those under other meanings of quotes that the text speaks for."""
    yield layout
    dialect = layout.dialect
    if any('\\"' in row.text for row in layout.rows):
        escaped = _layout(lines, replace(dialect, quoting="escaped"), is_cut=is_cut)
        yield from filter(None, [escaped])
    bare = _layout(lines, Dialect(dialect.delimiter, "none"), is_cut=is_cut)
    if bare is not None and layout.n_damaged > 1:
        cells = [cell for row in bare.cells for cell in row if cell.startswith('"')]
        n_quoted = sum(len(cell) > 1 and cell.endswith('"') for cell in cells)
        if 2 * n_quoted < len(cells):
            yield bare


def _layout(lines: Sequence[Line], dialect: Dialect, *, is_cut: bool) -> Layout | None:
    layout = _split(lines, dialect, 0, is_cut=is_cut)
    if layout is None or not layout.n_damaged:
        return layout
    return _split(lines, dialect, layout.width, is_cut=is_cut)


def _split(lines: Sequence[Line], dialect: Dialect, width: int, *, is_cut: bool) -> Layout | None:
    rows = [row for row in split_rows(lines, dialect, width=width) if row.cells is not None]
    if is_cut and len(rows) > _FEW_ROWS:
        rows.pop()  # the last one may go on behind what was read
    if not rows:
        return None
    cells = [row.cells or [] for row in rows]
    header = find_named_header(cells)
    return Layout(dialect, tuple(rows), header.first - 1 if header else _widest(cells))


def _widest(rows: Sequence[Sequence[str]]) -> int:
    """The first row that is as wide as those behind it are as a rule."""
    widths = sorted(map(len, rows))
    usual = widths[len(widths) // 2]
    return next(i for i, row in enumerate(rows) if len(row) >= usual)


def _likeness(layout: Layout) -> tuple[int, bool, int, int, int]:
    """What tells one delimiter from another: the wrong one leaves quotes within cells, and finds
    the headings, which are no prose with as many commas, to be of another width."""
    alike = layout.alike
    width = layout.width if alike else 0
    return len(layout.known), alike, -layout.n_damaged, -layout.start, width


def _regularity(layout: Layout) -> tuple[int, int]:
    """How many rows are whole, and how few are damaged."""
    whole = [row for row in layout.rows if row.cells and len(row.cells) == layout.width]
    return len(whole), -layout.n_damaged


@dataclass(frozen=True)
class Table:
    """What is known of a whole table before its rows are read."""

    dialect: Dialect
    header: Header
    headings: Sequence[str]
    """The cells of the header as they stand; () where the table has none."""
    n_before: int
    """Lines before the first row of data."""


def open_table(document: Document) -> Table:
    """Give the layout and the header of a table by its first rows.

    InputError when no column holds titles or abstracts, or there are more than `MAX_COLUMNS`.
    """
    lines, is_cut = first_lines(document)
    layout = _best_layout(lines, is_cut=is_cut)
    if layout is None:
        raise no_text_error(document.shown, ())
    if layout.width > MAX_COLUMNS:
        raise InputError(
            f"{document.shown}: {layout.width:,} columns; a table of papers has one row a paper",
            hint="exchange its rows and columns, or look at its delimiter",
        )
    header = find_header(layout.cells, document.columns, document.shown)
    return table_of(layout.dialect, header, layout.rows)


def table_of(dialect: Dialect, header: Header, rows: Sequence[TextRow]) -> Table:
    """Give what is known of a table whose first rows these are."""
    if not header.is_written:
        return Table(dialect, header, (), rows[header.first].line - 1)
    row = rows[header.first - 1]
    return Table(dialect, header, row.cells or (), row.last_line)


def first_lines(document: Document) -> tuple[list[Line], bool]:
    """Enough lines to know the table by, and whether there are more."""
    lines: list[Line] = []
    size = 0
    for number, line in document.lines():
        if size > _SAMPLE_CHARS or len(lines) >= _SAMPLE_ROWS:
            return lines, True
        lines.append((number, line))
        size += len(line or "")
    return lines, False


def count(document: Document) -> int:
    """Count rows by the places of their quotes and delimiters, line by line.

    A quote opens a cell at a line's start or behind a delimiter and closes one before a delimiter
    or a line's end. Where one opens a cell while another is open, that one was never closed, and
    the lines since then that have as many cells as there are columns are rows.
    """
    return count_rows(document, open_table(document))


def count_rows(document: Document, table: Table) -> int:
    """Count the rows of a table by other means than `read_rows`."""
    counter = _Counter(table)
    for number, line in table.dialect.tidied(document.lines()):
        if number > table.n_before:
            counter.see(line)
    return counter.total


class _Counter:
    """Counts rows from lines."""

    def __init__(self, table: Table) -> None:
        self._rows, self._since_opened, self._is_open = 0, 0, False
        self._mark, self._width = table.dialect.delimiter, len(table.header.names)
        self._quoting = table.dialect.quoting
        self._headings = [cell.strip() for cell in table.headings]
        self._blank = self._mark + '" \t\xa0\ufeff'

    @property
    def total(self) -> int:
        """The rows seen; lines behind a quote that is open until the end are rows if like rows."""
        return self._rows + self._since_opened

    def see(self, line: str | None) -> None:
        """Count in another line; None is one that was too long."""
        was_open = self._is_open
        if line is None:
            self._rows, self._since_opened, self._is_open = self.total + 1, 0, False
            return
        if was_open:
            if self._since_opened:
                self._since_opened += bool(line.strip(self._blank))
            else:
                self._since_opened = int(self._is_like_a_row(line))
        elif line.strip(self._blank) or line.count('"') % 2:
            self._rows += not self._is_header(line)
        if '"' in line and self._quoting != "none":
            self._follow_quotes(line, was_open=was_open)

    def _follow_quotes(self, line: str, *, was_open: bool) -> None:
        if self._quoting == "escaped":
            line = line.replace("\\\\", "").replace('\\"', "")
        text = line.replace('""', "")
        at = text.find('"')
        while at >= 0:
            before = at == 0 or text[at - 1] == self._mark
            behind = text[at + 1 : at + 2] in ("", self._mark)
            if not self._is_open:
                self._is_open = before
            elif behind:
                self._is_open, self._since_opened, was_open = False, 0, False
            elif before and was_open and (self._since_opened or text.count('"', at) % 2):
                self._rows += max(1, self._since_opened)
                self._since_opened, was_open = 0, False
            at = text.find('"', at + 1)

    def _is_like_a_row(self, line: str) -> bool:
        unquoted = re.sub('"[^"]*"', "", line)
        n = self._width - 1
        return n > 0 and (unquoted.count(self._mark) in (n, n + 1) or line.count(self._mark) == n)

    def _is_header(self, line: str) -> bool:
        if not self._headings or not line.strip('"\ufeff ').startswith(self._headings[0]):
            return False
        return [cell.strip('" \ufeff') for cell in line.split(self._mark)] == self._headings


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each row's paper; `Source.line` is the line on which the row starts.

    InputError when no column is known to hold titles or abstracts.
    """
    yield from read_rows(document, open_table(document))


def read_rows(document: Document, table: Table) -> Iterator[Paper | Problem]:
    """Yield each row's paper of a table whose header is known."""
    header = table.header
    for doubt in filter(None, (header.guessed, header.unread)):
        yield Problem(table.n_before or 1, doubt, ProblemKind.DOUBT)
    reader = RowReader(header.names, header.columns)
    headings = [cell.strip() for cell in table.headings]
    lines = ((number, line) for number, line in document.lines() if number > table.n_before)
    for row in split_rows(lines, table.dialect, width=len(header.names)):
        if not _repeats(headings, row.cells or ()):
            yield from _read_row(row, reader, len(header.names), document)


def _repeats(headings: Sequence[str], cells: Sequence[str]) -> bool:
    """True for the headings of a table that was put behind another one."""
    if not headings or not cells or cells[0].strip() != headings[0]:
        return False
    return [cell.strip() for cell in cells] == headings


def _read_row(
    row: TextRow, reader: RowReader, width: int, document: Document
) -> Iterator[Paper | Problem]:
    cells = row.cells
    if cells and width == 1 and '"' not in row.text:
        cells = [row.text]  # one column: nobody quotes its commas
    if reason := f"{row.damage}; set aside" if cells is None else _misfit(cells, width):
        yield Problem(row.line, reason, raw=row.text)
        return
    cells = [*(cells or ()), *[""] * (width - len(cells or ()))]
    if _GUARDED.search(row.text):
        cells = [unguard_cell(cell) for cell in cells]
    record = reader.paper(cells, document.source(row.line))
    if isinstance(record, Problem):
        yield replace(record, raw=row.text)
        return
    yield record
    if row.damage:
        yield Problem(row.line, row.damage, ProblemKind.DOUBT, raw=row.text)


def _misfit(cells: Sequence[str], width: int) -> str:
    """Why a row is none of this table's, or ""; cells without anything behind the last are."""
    if any(cell.strip() for cell in cells[width:]):
        return f"row has {len(cells)} cells where the header has {width}; set aside"
    if len(cells) == 1 and width >= _FEW_ROWS:
        return f"row has one cell where the header has {width}; set aside"
    return ""
