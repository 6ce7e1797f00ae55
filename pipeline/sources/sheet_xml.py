"""Count the rows of a workbook's sheet in its XML, apart from the library that reads them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator

_BLOCK_BYTES = 1 << 20
_MAX_TOKEN_BYTES = 16 << 20
_STRINGS = "xl/sharedStrings.xml"
# The beginnings of rows, cells, values and shared strings; empty cells, which are written in one
# tag, are not looked at: a sheet that is formatted to its end has millions. No part of a pattern
# gives back what it took, so that the time is that of the length, whatever is in the file.
_TOKEN = re.compile(
    rb"<(?:\w++:)?(?:(?P<row>row|si)\b(?P<row_has>[^>]*+)>|c\b(?P<cell_has>[^>/]*+)>"
    rb"|[vt](?:\s[^>/]*+)?>(?P<text>[^<]*+))"
)
_NUMBER = re.compile(rb'\br="(\d{1,9})"')
_TYPE = re.compile(rb'\bt="(\w+)"')
_BLANK = re.compile(rb"(?:\s|&#(?:10|13|9|32|160|xA|xD|xa|xd);|\xc2\xa0|_x000[ADad]_)*+")
_DAMAGE = (
    KeyError, ValueError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError,
)  # fmt: skip

Value = tuple[bytes, bytes]


def count_rows(archive: zipfile.ZipFile, member: str, first: int, *, has_header: bool) -> int:
    """Count the rows of a sheet from number `first` on that hold something; with `has_header`
    those that repeat the row before it are not counted. What is behind damage is not either."""
    blanks = frozenset(
        str(number - 1).encode() for number, texts in _groups(archive, _STRINGS) if not texts
    )
    header: list[Value] = []
    total = 0
    for number, values in _groups(archive, member):
        filled = [value for value in values if not (value[0] == b"s" and value[1] in blanks)]
        if filled and number < first:
            header = filled if has_header else []
        elif filled and filled != header:
            total += 1
    return total


def _groups(archive: zipfile.ZipFile, member: str) -> Iterator[tuple[int, list[Value]]]:
    """The rows of a sheet, or the shared strings, each by its number, from 1, with the (type, text)
    of its values that are neither blank nor errors."""
    number, kind = 0, b""
    values: list[Value] = []
    for token in _tokens(archive, member):
        if token["row"]:
            if number:
                yield number, values
            stated = _NUMBER.search(token["row_has"])
            number, values = int(stated[1]) if stated else number + 1, []
        elif (text := token["text"]) is not None:
            if kind != b"e" and not _BLANK.fullmatch(text):
                values.append((kind, text.strip()))
        else:
            typed = _TYPE.search(token["cell_has"])
            kind = typed[1] if typed else b""
    if number:
        yield number, values


def _tokens(archive: zipfile.ZipFile, member: str) -> Iterator[re.Match[bytes]]:
    """What matches in a member of the archive, some million bytes in memory at a time."""
    rest = b""
    try:
        with archive.open(member) as stream:
            while block := stream.read(_BLOCK_BYTES):
                text = rest + block
                end = text.rfind(b"<")
                yield from _TOKEN.finditer(text, 0, max(end, 0))
                rest = text[end:] if end >= 0 else text
                rest = rest if len(rest) <= _MAX_TOKEN_BYTES else b""
    except _DAMAGE:
        return
