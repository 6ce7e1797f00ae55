"""Open text of unknown origin: its encoding, its lines, and what is no text at all."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGICS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive or an office document",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"SQLite format 3": "an SQLite database",
    b"\x93NUMPY": "a NumPy array",
    b"\x80\x04\x95": "a pickle, which is never opened",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\xd0\xcf\x11\xe0": "an old office document",
}
_BLOCK_BYTES = 1 << 20
HEAD_BYTES = 64 * 1024
MAX_LINE_CHARS = 16 * 1024 * 1024
"""No record of a paper is as long: a longer line is skipped without being held in memory."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's bytes are read; `note` is for the import report, "" when all is well."""

    name: str
    note: str = ""


def binary_kind(head: bytes) -> str:
    """Name what a file is when it is no text, else "". `head` is its first bytes."""
    for magic, kind in _MAGICS.items():
        if head.startswith(magic):
            return kind
    if any(head.startswith(bom) for bom, _ in _BOMS):
        return ""
    # A stray NUL or escape occurs in scraped text; one character in fifty does not.
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0c\x1b" for byte in head)
    return "binary data" if controls * 50 > len(head) else ""


def detect_encoding(path: Path) -> Encoding:
    """Give the encoding: by byte-order mark, else UTF-8 where all of it is, else Latin-1."""
    with path.open("rb") as stream:
        head = stream.read(4)
        for bom, name in _BOMS:
            if head.startswith(bom):
                return Encoding(name)
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := stream.read(_BLOCK_BYTES):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return Encoding("latin-1", "not UTF-8; read as Latin-1: check the accented letters")
    return Encoding("utf-8")


def read_lines(path: Path, encoding: Encoding) -> Iterator[tuple[int, str | None]]:
    """Yield `(line number from 1, line without its end)`; None for a line past `MAX_LINE_CHARS`.

    Line ends are `\\n`, `\\r\\n` and a lone `\\r`, as in any text editor.
    """
    with path.open(encoding=encoding.name, errors="replace", newline=None) as stream:
        number, held, too_long = 1, "", False
        while piece := stream.readline(MAX_LINE_CHARS):
            if not piece.endswith("\n") and len(piece) >= MAX_LINE_CHARS:
                held, too_long = "", True
                continue
            yield number, None if too_long else held + piece.rstrip("\n")
            number, held, too_long = number + 1, "", False
        if too_long:
            yield number, None


def read_head(path: Path) -> bytes:
    """Give the first 64 KiB of a file; InputError when it cannot be opened."""
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"{path}: cannot be read ({reason})", hint="check the path and its permissions"
        ) from error


def decode_head(head: bytes) -> str:
    """Give the text of a file's first bytes for looking at; never raises."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return head.decode(name, errors="ignore")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("latin-1")
