"""One plain file to be read, wherever its bytes came from: a folder, an archive, standard input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TextIO

from pipeline.papers import Source
from pipeline.sources.encodings import HEAD_BYTES, Encoding, decode_head, detect_encoding

MAX_LINE_CHARS = 16 * 1024 * 1024
"""No record of a paper is as long: a longer line is skipped without being held in memory."""
MAX_RECORD_CHARS = MAX_LINE_CHARS
"""The same for a record of several lines."""
_BLOCK_CHARS = 1 << 20
_COMPRESSED = frozenset({".gz", ".gzip", ".zst", ".zstd"})


@dataclass(frozen=True)
class Document:
    """A file that readers open as often as they need."""

    path: Path
    """Where its bytes lie now, uncompressed."""
    file: str
    """What reports call it, relative to its SOURCE; a file in an archive is `papers.zip/a.ris`."""
    shown: str
    """What messages call it: the path as the user gave it."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The heading of the column that holds a field, where the user said it."""

    @cached_property
    def head_bytes(self) -> bytes:
        """The first 64 KiB."""
        with self.path.open("rb") as stream:
            return stream.read(HEAD_BYTES)

    @cached_property
    def head(self) -> str:
        """The text of the first 64 KiB, without a byte-order mark."""
        return decode_head(self.head_bytes).removeprefix("\ufeff")

    @cached_property
    def encoding(self) -> Encoding:
        """How its bytes are read as text; found by looking at all of it, once."""
        return detect_encoding(self.path)

    @property
    def suffix(self) -> str:
        """The ending of its name, in lower case, below that of a compression: `.csv`."""
        name = PurePosixPath(self.file.lower())
        return PurePosixPath(name.stem).suffix if name.suffix in _COMPRESSED else name.suffix

    def source(self, line: int) -> Source:
        """Where a record was read."""
        return Source(self.file, line)

    def lines(self) -> Iterator[tuple[int, str | None]]:
        r"""Yield `(line number from 1, line without its end)`; None for one past `MAX_LINE_CHARS`.

        Line ends are `\n`, `\r\n` and a lone `\r`, as in any text editor.
        """
        number, held, too_long = 0, "", False
        for block in self.blocks():
            *lines, rest = (held + block).split("\n")
            for line in lines:
                number += 1
                yield number, None if too_long or len(line) > MAX_LINE_CHARS else line
                too_long = False
            held, too_long = rest, too_long or len(rest) > MAX_LINE_CHARS
            if too_long:
                held = ""
        if held or too_long:
            yield number + 1, None if too_long else held

    def blocks(self) -> Iterator[str]:
        r"""Yield the text in pieces of a million characters; all line ends are `\n`."""
        with self._open() as stream:
            first = stream.read(_BLOCK_CHARS).removeprefix("\ufeff")
            if first:
                yield first
            while block := stream.read(_BLOCK_CHARS):
                yield block

    def _open(self) -> TextIO:
        return self.path.open(
            encoding=self.encoding.name, errors=self.encoding.errors, newline=None
        )
