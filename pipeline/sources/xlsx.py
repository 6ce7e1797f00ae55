"""Read workbooks of Excel (.xlsx): every sheet that has a table of papers."""

from __future__ import annotations

import datetime
import itertools
import re
import struct
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import ParseError

from pipeline.errors import InputError
from pipeline.papers import Paper, Problem, ProblemKind
from pipeline.papers.cells import unguard_cell
from pipeline.sources.document import Document
from pipeline.sources.rows import RowReader
from pipeline.sources.sheet_xml import count_rows
from pipeline.sources.table_header import Header, find_header
from pipeline.sources.unpacking import FLOOR_BYTES, MAX_RATIO

NAME = "xlsx"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SAMPLE_ROWS = 200
_SHEET_COLUMN = "sheet"
_MAX_BLANK_ROWS = 20_000
"""A sheet that was formatted to its end has a million rows; so many blank ones end it."""
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#NULL!", "#DIV/0!", "#NUM!"})
_CONTROL = re.compile(r"_x00(?:0[0-9A-Fa-f]|1[0-9A-Fa-f])_")
# What openpyxl 3.1 lets through when a workbook is not what it expects.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, ParseError, KeyError, ValueError, TypeError,
    IndexError, AttributeError, OverflowError, AssertionError, EOFError, OSError, RuntimeError,
)  # fmt: skip
# What else lies in zip archives of this kind, by the name or the content of a member.
_OTHER_KINDS = {
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "opendocument.spreadsheet": "an OpenDocument spreadsheet (.ods)",
    "opendocument.text": "an OpenDocument text (.odt)",
    "epub": "an e-book",
}
_ENCRYPTED = "an encrypted workbook"
# What OLE containers are, by the names of the streams in them.
_OLD_KINDS = {
    "EncryptedPackage": _ENCRYPTED,
    "WordDocument": "a document of the old Word format (.doc)",
    "PowerPoint Document": "a presentation of the old format (.ppt)",
    "Workbook": "a workbook of the old Excel format (.xls)",
    "Book": "a workbook of the old Excel format (.xls)",
}
_OLE_BYTES = 64 << 20
_SAVE_AS = "save it as .xlsx or CSV"


@dataclass(frozen=True)
class _Sheet:
    """A sheet with a table of papers; `first_row`: the number of its first row of data."""

    title: str
    table: Any
    header: Header
    headings: tuple[str, ...]
    first_row: int

    @property
    def member(self) -> str:
        """Its name inside the zip archive."""
        return str(self.table._worksheet_path).lstrip("/")


def sniff(document: Document) -> float:
    """Say whether the file is an office document, of whatever kind: 0 or 1; `read` tells them
    apart."""
    return 1.0 if document.head_bytes.startswith((_ZIP, _OLE)) else 0.0


def count(document: Document) -> int:
    """Count the rows below the headings that hold something, in the sheets' XML itself."""
    with _opened(document) as book:
        sheets, _ = _tables(book, document)
    with zipfile.ZipFile(document.path) as archive:
        return sum(
            count_rows(archive, sheet.member, sheet.first_row, has_header=bool(sheet.headings))
            for sheet in sheets
        )


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield each row's paper, sheet by sheet; `Source.line` is the row.

    InputError when it is no workbook, damaged, or has no sheet with titles or abstracts.
    """
    with _opened(document) as book:
        sheets, others = _tables(book, document)
        for title in others:
            reason = f"sheet {title!r} has no titles or abstracts; not read"
            yield Problem(1, reason, ProblemKind.NOTE)
        if len(sheets) == 1:
            yield from _read_sheet(sheets[0], document)
            return
        n_papers: Counter[str] = Counter()
        for sheet in sheets:
            for record in _read_sheet(sheet, document):
                n_papers[sheet.title] += isinstance(record, Paper)
                yield _labelled(record, sheet.title)
        told = ", ".join(f"{sheet.title!r} ({n_papers[sheet.title]:,})" for sheet in sheets)
        yield Problem(1, f"papers read from {len(sheets)} sheets: {told}", ProblemKind.NOTE)


def _labelled(record: Paper | Problem, sheet: str) -> Paper | Problem:
    """The record of one sheet among several: a paper keeps its name in the column `sheet`."""
    if isinstance(record, Problem):
        return replace(record, reason=f"sheet {sheet!r}: {record.reason}")
    extra = {_SHEET_COLUMN: sheet, **dict(record.extra)}
    return replace(record, extra=tuple(sorted(extra.items())))


def _read_sheet(sheet: _Sheet, document: Document) -> Iterator[Paper | Problem]:
    header = sheet.header
    for doubt in filter(None, (header.guessed, header.unread)):
        yield Problem(max(1, sheet.first_row - 1), doubt, ProblemKind.DOUBT)
    reader, width = RowReader(header.names, header.columns), len(header.names)
    number = sheet.first_row - 1
    try:
        for number, cells in _rows(sheet.table):
            if number < sheet.first_row or tuple(cells) == sheet.headings:
                continue
            padded = cells[:width] + [""] * (width - len(cells))
            record = reader.paper(padded, document.source(number))
            if isinstance(record, Problem):
                record = replace(record, raw="\t".join(cells))
            yield record
    except _DAMAGE as error:
        yield Problem(number + 1, f"sheet damaged from here on ({_said(error)})")


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401  openpyxl has no types
    """The rows of a sheet that are not blank, by number; cells are texts."""
    sheet.reset_dimensions()  # many programs write a wrong one, which openpyxl believes
    n_blank = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_text_of(value) if value is not None else "" for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            n_blank = 0
            yield number, cells
        elif (n_blank := n_blank + 1) > _MAX_BLANK_ROWS:
            return


def _text_of(value: object) -> str:
    """A cell's value as a text: 2021.0 is `2021`, a date is ISO 8601, an error nothing."""
    if isinstance(value, str):
        if value in _ERRORS:
            return ""
        return unguard_cell(_CONTROL.sub(" ", value) if "_x00" in value else value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)


def _tables(book: Any, document: Document) -> tuple[list[_Sheet], list[str]]:  # noqa: ANN401
    """The sheets with papers in them, and the titles of the others that are not blank.

    Where the headings of one say so, columns of the others are not guessed.
    """
    found: list[_Sheet] = []
    refused: list[InputError] = []
    titles: list[str] = []
    for table in book.worksheets:
        try:
            sample = list(itertools.islice(_rows(table), _SAMPLE_ROWS))
        except _DAMAGE as error:
            refused.append(_damaged(document, error))
            continue
        if not sample:
            continue
        titles.append(table.title)
        try:
            found.append(_sheet(table, sample, document))
        except InputError as error:
            refused.append(error)
    certain = [sheet for sheet in found if not sheet.header.guessed] or found
    if not certain:
        raise refused[0] if refused else InputError(f"{document.shown}: no rows in any sheet")
    read = {sheet.title for sheet in certain}
    return certain, [title for title in titles if title not in read]


def _sheet(table: Any, sample: Sequence[tuple[int, list[str]]], document: Document) -> _Sheet:  # noqa: ANN401
    header = find_header([cells for _, cells in sample], document.columns, document.shown)
    if not header.is_written:
        return _Sheet(table.title, table, header, (), sample[header.first][0])
    number, headings = sample[header.first - 1]
    return _Sheet(table.title, table, header, tuple(headings), number + 1)


@contextmanager
def _opened(document: Document) -> Iterator[Any]:
    """The workbook; InputError for what is none, and for one that unpacks to too much."""
    _refuse_others(document)
    import openpyxl

    # Of styles and validations, which are no matter here.
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    if not openpyxl.DEFUSEDXML:
        raise InputError(
            f"{document.shown}: workbooks are read with defusedxml only",
            hint="install defusedxml, and unset OPENPYXL_DEFUSEDXML",
        )
    with document.path.open("rb") as file:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except _DAMAGE as error:
            raise _damaged(document, error) from error
        try:
            yield book
        finally:
            book.close()


def _damaged(document: Document, error: Exception) -> InputError:
    hint = "open and save it in a spreadsheet program, or export it again"
    return InputError(f"{document.shown}: damaged workbook ({_said(error)})", hint=hint)


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__


def _refuse_others(document: Document) -> None:
    if document.head_bytes.startswith(_OLE):
        kind, hint = _old_kind(document)
        raise InputError(f"{document.shown}: {kind}", hint=hint)
    try:
        with zipfile.ZipFile(document.path) as archive:
            members = archive.infolist()
            kind = _other_kind(archive)
    except _DAMAGE as error:
        raise _damaged(document, error) from error
    if kind:
        raise InputError(f"{document.shown}: {kind}, not a workbook (.xlsx)", hint=_SAVE_AS)
    # A member never gives more than it states: zipfile stops there.
    most = max(FLOOR_BYTES, MAX_RATIO * document.path.stat().st_size)
    if sum(member.file_size for member in members) > most:
        raise InputError(
            f"{document.shown}: unpacks to more than {MAX_RATIO} times its size; not read",
            hint="if you trust it, save it as CSV in a spreadsheet program",
        )


def _other_kind(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "mimetype" in names:
        with archive.open("mimetype") as member:
            mark = member.read(200).decode("ascii", "replace")
        kinds = (kind for word, kind in _OTHER_KINDS.items() if word in mark)
        return next(kinds, "an office document")
    if kind := next((kind for name, kind in _OTHER_KINDS.items() if name in names), ""):
        return kind
    return "" if any(name.startswith("xl/") for name in names) else "an office document"


def _old_kind(document: Document) -> tuple[str, str]:
    """What an OLE container is by its directory, whose names are UTF-16, and what to do."""
    with document.path.open("rb") as file:
        content = file.read(_OLE_BYTES)
    names = (name for name in _OLD_KINDS if name.encode("utf-16-le") in content)
    kind = _OLD_KINDS.get(next(names, ""), "")
    if kind == _ENCRYPTED:
        return kind, "save it without a password"
    return kind or "an old office document, not a workbook (.xlsx)", _SAVE_AS
