"""Rows of delimited text, also where its quotes do not match.

A quoted cell may go on over lines. Where a quote is never closed, that would be the rest of the
file: so as soon as a quote stands where none may, or the text ends, the lines behind the opening
one are looked at again, and the first that is a whole row by itself begins the next row.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.sources.document import MAX_LINE_CHARS, MAX_RECORD_CHARS

Line = tuple[int, str | None]
_DOUBLED = re.compile(r'(?:[^"]++|"")*+')
_ESCAPED = re.compile(r'(?:[^"\\]++|\\.?|"")*+', re.DOTALL)
_ROWS_IN_A_CELL = 20
"""As many whole rows one after the other are rows, and no text between quotes."""
_MARKS_OF_A_ROW = 5


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are parted, and what quotes mean: `quoting` is `doubled` where a quote in a quoted
    cell is written twice, `escaped` where it has a backslash before it, `none` where quotes are
    characters like others; `is_spaced`: there is a space between delimiters and quotes."""

    delimiter: str
    quoting: str = "doubled"
    is_spaced: bool = False

    def tidied(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines without NULs, and without space between delimiters and quotes."""
        mark = re.escape(self.delimiter)
        space = re.compile(rf'(?<={mark}) +(?=")|(?<=") +(?={mark})|^ +(?=")|(?<=") +$')
        for number, line in lines:
            text = line.replace("\x00", "") if line else line
            yield number, space.sub("", text) if self.is_spaced and text else text


class TextRow(NamedTuple):
    """One row: its first line, its cells (None where they could not be told), its text, and what
    was wrong with it, "" for nothing."""

    line: int
    cells: list[str] | None
    text: str
    damage: str = ""

    @property
    def last_line(self) -> int:
        """The line on which it ends."""
        return self.line + self.text.count("\n")


def split_rows(lines: Iterable[Line], dialect: Dialect, *, width: int = 0) -> Iterator[TextRow]:
    """Yield the rows that are not blank. `width` is the number of columns, by which rows are known
    again behind damage; 0 where it is not known yet."""
    yield from _Splitter(lines, dialect, width).rows()


@dataclass(slots=True)
class _Draft:
    """The lines of a row as they are gathered; of a row that is too long only the first ones."""

    number: int
    parts: list[str]
    is_damaged: bool = False
    is_cut: bool = False
    is_long: bool = False
    """More than `MAX_RECORD_CHARS`; what comes behind is not kept."""
    restart: int = 0
    """The first of its lines that is a row by itself, 0 for none."""
    n_rows: int = 0
    """How many such lines there are one behind the other at its end."""
    size: int = 0
    skipped: int = 0

    @property
    def text(self) -> str:
        """All its lines."""
        return "\n".join(self.parts)

    def add(self, line: str, *, is_row: bool) -> None:
        """Take in another line; `is_row`: it would be a row by itself."""
        self.size += len(line) + 1
        self.is_long = self.is_long or self.size > MAX_RECORD_CHARS
        if self.is_long and not self.restart and len(self.parts) > 1:
            self.skipped += 1
            self.parts[-1] = line
        else:
            self.parts.append(line)
        if is_row:
            self.n_rows += 1
            self.restart = self.restart or len(self.parts) - 1
        elif line.strip():
            self.n_rows = 0

    def give_back(self) -> list[Line]:
        """Drop the lines from `restart` on, and give them."""
        first = self.number + self.skipped + self.restart
        lines: list[Line] = [*enumerate(self.parts[self.restart :], first)]
        del self.parts[self.restart :]
        self.is_cut, self.is_long = False, self.skipped > 0
        return lines


class _Splitter:
    """Reads rows from lines, some of which it takes back."""

    def __init__(self, lines: Iterable[Line], dialect: Dialect, width: int) -> None:
        self._lines = dialect.tidied(lines)
        self._ahead: deque[Line] = deque()
        self._mark, self._quoted = dialect.delimiter, dialect.quoting != "none"
        self._inner = _ESCAPED if dialect.quoting == "escaped" else _DOUBLED
        self._is_plain_csv = dialect.quoting == "doubled"
        self._width = width
        # The library's limit of 128 KiB a field is global; ours is that of a line.
        csv.field_size_limit(MAX_LINE_CHARS)

    def rows(self) -> Iterator[TextRow]:
        blank = self._mark + '" \t\ufeff\xa0'
        while (item := self._next()) is not None:
            number, line = item
            if line is None:
                yield TextRow(number, None, "", "line too long for a record")
            elif not line.strip(blank) and line.count('"') % 2 == 0:
                continue
            elif '"' not in line or not self._quoted:
                yield TextRow(number, line.split(self._mark), line)
            elif self._is_plain_csv and (cells := self._strict(line)) is not None:
                yield TextRow(number, cells, line)
            else:
                yield self._gather(number, line)

    def _next(self) -> Line | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _gather(self, number: int, line: str) -> TextRow:
        """A row that goes on over lines or is damaged; lines that are others' are given back."""
        draft = _Draft(number, [line])
        is_open, draft.is_damaged = self._scan(line, is_open=False)
        while is_open and not (draft.is_damaged and not self._width):
            item = self._next()
            if item is None or item[1] is None:
                self._ahead.extendleft([item] if item else [])
                draft.is_damaged = draft.is_cut = True
                break
            is_open, is_broken = self._scan(item[1], is_open=True)
            draft.add(item[1], is_row=self._is_row(item[1]))
            if is_broken and not draft.restart and self._opens_row(item[1]):
                draft.restart = len(draft.parts) - 1
            draft.is_damaged = draft.is_damaged or is_broken
            if draft.n_rows >= _ROWS_IN_A_CELL or (draft.restart and (is_broken or draft.is_long)):
                draft.is_damaged = True
                break
        return self._ended(draft)

    def _ended(self, draft: _Draft) -> TextRow:
        """The row of a draft's lines, or of those before which another row begins, if they make
        none together."""
        cells = None if draft.is_damaged or draft.is_long else self._split(draft.text)
        if draft.is_damaged and not self._width and len(draft.parts) > 1:
            draft.restart = 1
        if draft.restart and (cells is None or not self._fits(cells)):
            self._ahead.extendleft(reversed(draft.give_back()))
            return self._mended(draft)
        if cells is not None:
            return TextRow(draft.number, cells, draft.text)
        return self._mended(draft)

    def _mended(self, draft: _Draft) -> TextRow:
        """A row whose quotes do not match, read in the way in which it has the right cells."""
        if draft.is_long:
            return TextRow(draft.number, None, draft.text, "record too long")
        text, damage = draft.text, "quotes do not match"
        cells = self._split(text)
        if draft.is_cut and 1 < len(cells) <= self._width:
            return TextRow(draft.number, cells, text, "the text ends in a quotation; it may be cut")
        readings = [cells]
        if "\n" not in text:
            readings.append([_stripped(cell) for cell in text.split(self._mark)])
        for cells in readings:
            if self._fits(cells):
                return TextRow(draft.number, cells, text, f"{damage}; check the record")
        return TextRow(draft.number, None if self._width else readings[-1], text, damage)

    def _is_row(self, line: str) -> bool:
        """True for a line with as many cells as there are columns, its quotes matching, unless the
        delimiters alone are proof enough."""
        n_marks = line.count(self._mark)
        if self._width < 2 or n_marks < self._width - 1:
            return False
        if n_marks == self._width - 1 and (self._mark == "\t" or n_marks >= _MARKS_OF_A_ROW):
            return True
        is_open, damaged = self._scan(line, is_open=False)
        return not is_open and not damaged and self._fits(self._split(line))

    def _opens_row(self, line: str) -> bool:
        """True for the first line of a row whose last cell goes on below."""
        is_open, damaged = self._scan(line, is_open=False)
        return (
            self._width > 0
            and is_open
            and not damaged
            and 1 < len(self._split(line)) <= self._width
        )

    def _fits(self, cells: Sequence[str]) -> bool:
        n = len(cells)
        return n == self._width or (n > self._width > 1 and not any(cells[self._width :]))

    def _strict(self, text: str) -> list[str] | None:
        """The cells of a text whose quotes match, by the standard library, which is quick."""
        try:
            return next(csv.reader([text], delimiter=self._mark, strict=True), None)
        except csv.Error:
            return None

    def _scan(self, line: str, *, is_open: bool) -> tuple[bool, bool]:
        """Whether a quoted cell is open behind a line, and whether some quote stood where none
        may; `is_open`: one was open before it."""
        at, end, damaged = 0, len(line), False
        while at <= end:
            if not is_open:
                if line[at : at + 1] == '"':
                    at, is_open = at + 1, True
                    continue
                at = line.find(self._mark, at) + 1
                if not at:
                    break
                continue
            at = _end_of(self._inner, line, at)
            if at >= end:
                break
            at += 1
            if at == end or line[at] == self._mark:
                at, is_open = at + 1, False
            else:
                damaged = True
        return is_open, damaged

    def _split(self, text: str) -> list[str]:
        """The cells of a row; a quote that stands where none may is a character."""
        if self._is_plain_csv and (strict := self._strict(text)) is not None:
            return strict
        cells, at, end = [], 0, len(text)
        while at <= end:
            if text[at : at + 1] != '"':
                stop = text.find(self._mark, at)
                stop = end if stop < 0 else stop
                cells.append(text[at:stop])
            else:
                start = at = at + 1
                while True:
                    at = _end_of(self._inner, text, at)
                    if at >= end or text[at + 1 : at + 2] in ("", self._mark):
                        break
                    at += 1
                cells.append(self._unescaped(text[start:at]))
                stop = at + 1
            at = stop + 1
        return cells

    def _unescaped(self, cell: str) -> str:
        if not self._is_plain_csv:
            cell = cell.replace('\\"', '"')
        return cell.replace('""', '"')


def _end_of(inner: re.Pattern[str], text: str, at: int) -> int:
    match = inner.match(text, at)
    return match.end() if match else at


def _stripped(cell: str) -> str:
    return cell.strip().removeprefix('"').removesuffix('"')
