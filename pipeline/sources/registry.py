"""The formats that can be read. A new one is three functions in a module and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.papers import Paper, Problem
from pipeline.sources import csv_tables, jsonl, parquet, scraped
from pipeline.sources.text_files import binary_kind, decode_head, read_head

_LEAST_LIKENESS = 0.04


class Read(Protocol):
    """Yields a file's records in their order, each a `Paper`, or a `Problem` if unusable."""

    def __call__(self, path: Path, *, file: str) -> Iterator[Paper | Problem]:
        """Read `path`; `file` is what each record's source calls it."""
        ...


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """One format: `sniff(head, path)` in [0, 1] by content, `count(path)`, `read(path, file=...)`.

    `count` finds the number of records by other means than `read`, so that a record which the
    parser loses is noticed.
    """

    name: str
    sniff: Callable[[str, Path], float]
    count: Callable[[Path], int]
    read: Read


FORMATS: tuple[SourceFormat, ...] = (
    SourceFormat(parquet.NAME, parquet.sniff, parquet.count, parquet.read),
    SourceFormat(jsonl.NAME, jsonl.sniff, jsonl.count, jsonl.read),
    SourceFormat(csv_tables.NAME, csv_tables.sniff, csv_tables.count, csv_tables.read),
    SourceFormat(scraped.NAME, scraped.sniff, scraped.count, scraped.read),
)


def detect_format(path: Path) -> tuple[SourceFormat | None, str]:
    """Give the format of a file by its content, or None and why there is none.

    InputError when the file cannot be opened.
    """
    head = read_head(path)
    if not head.strip():
        return None, "empty file" if not head else "nothing but white space"
    if head.startswith(b"PAR1"):
        return FORMATS[0], ""
    if kind := binary_kind(head):
        return None, f"not text but {kind}"
    text = decode_head(head)
    scores = [(fmt.sniff(text, path), -rank, fmt) for rank, fmt in enumerate(FORMATS)]
    score, _, best = max(scores, key=lambda scored: scored[:2])
    if score < _LEAST_LIKENESS:
        known = ", ".join(fmt.name for fmt in FORMATS)
        return None, f"no known format (known: {known})"
    return best, ""
