"""Records in canonical order, however many: few stay in memory, many lie in a temporary folder."""

from __future__ import annotations

import json
import sys
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import fields
from heapq import merge
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, overload

from pipeline.papers.merge import canonical_order
from pipeline.papers.record import Paper, Source

MOST_IN_MEMORY = 96 * 1024 * 1024
"""Bytes of records that are held before they are written: of some 30,000 with abstracts."""
_MOST_RUNS = 64
_FIELDS = tuple(f.name for f in fields(Paper))
_TUPLES = tuple(
    _FIELDS.index(name)
    for name in ("authors", "affiliations", "identifiers", "keywords", "aliases")
)
_SOURCES, _EXTRA = _FIELDS.index("sources"), _FIELDS.index("extra")
_SAME_AS = tuple(
    (_FIELDS.index(raw), _FIELDS.index(clean))
    for raw, clean in (("raw_title", "title"), ("raw_abstract", "abstract"))
)


class RecordStore:
    """Takes records as readers yield them and gives them back in canonical order.

        with RecordStore() as store:
            for paper in read(...):
                store.append(paper)
            reports = count_duplicates(store.in_order(), reports)

    Beyond `most_in_memory` bytes they are written, sorted, to a temporary folder, as lines of JSON;
    `in_order` merges these runs. It goes with the `with` statement, and so does what `in_order`
    gave. The system's folder for temporary files must hold them twice: 3 KB a record or so.
    """

    def __init__(self, *, most_in_memory: int = MOST_IN_MEMORY) -> None:
        """Nothing is written before that many bytes are held."""
        self._most_in_memory = most_in_memory
        self._held: list[Paper] = []
        self._n_bytes = 0
        self._runs: list[Path] = []
        self._numbers = count()
        self._stack = ExitStack()
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        """Give the store."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the temporary folder, if there is one."""
        self._stack.close()

    def append(self, paper: Paper) -> None:
        """Add a record. OSError where the folder for temporary files cannot take it."""
        self._held.append(paper)
        self._n_bytes += _size_of(paper)
        if self._n_bytes > self._most_in_memory:
            self._spill()

    def in_order(self) -> Sequence[Paper]:
        """Give all records in canonical order, decoded when asked for where they were written."""
        if not self._runs:
            return sorted(self._held, key=canonical_order)
        self._spill()
        while len(self._runs) > _MOST_RUNS:  # no process may open thousands of files
            runs, self._runs = self._runs[:_MOST_RUNS], self._runs[_MOST_RUNS:]
            self._runs.append(self._write(_merged(runs)))
            for run in runs:
                run.unlink()
        records = WrittenRecords(self._write(_merged(self._runs)))
        self._stack.callback(records.close)
        for run in self._runs:
            run.unlink()
        return records

    def _spill(self) -> None:
        """Write what is held as a sorted run."""
        if not self._held:
            return
        ordered = sorted(self._held, key=canonical_order)
        self._runs.append(self._write(map(_encode, ordered)))
        self._held.clear()
        self._n_bytes = 0

    def _write(self, lines: Iterable[bytes]) -> Path:
        if self._folder is None:
            folder = tempfile.TemporaryDirectory(prefix="paperatlas-")
            self._folder = Path(self._stack.enter_context(folder))
        path = self._folder / f"records-{next(self._numbers):05}.jsonl"
        with path.open("wb") as file:
            file.writelines(lines)
        return path


class WrittenRecords(Sequence[Paper]):
    """Records in a file, one a line, each decoded when it is asked for."""

    def __init__(self, path: Path) -> None:
        """Read the file once, to know where its lines are."""
        self._path = path
        self._file = path.open("rb", buffering=0)
        self._starts = array("q", [0])
        with path.open("rb") as file:
            for line in file:
                self._starts.append(self._starts[-1] + len(line))

    def close(self) -> None:
        """Close the file: nothing can be read any more."""
        self._file.close()

    def __len__(self) -> int:
        """Give the number of records."""
        return len(self._starts) - 1

    @overload
    def __getitem__(self, row: int) -> Paper: ...
    @overload
    def __getitem__(self, row: slice) -> list[Paper]: ...

    def __getitem__(self, row: int | slice) -> Paper | list[Paper]:
        """Give the record of a row, or those of several."""
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        at = range(len(self))[row]
        self._file.seek(self._starts[at])
        return _decode(self._file.read(self._starts[at + 1] - self._starts[at]))

    def __iter__(self) -> Iterator[Paper]:
        """Give all records, read one after the other."""
        with self._path.open("rb") as file:
            yield from map(_decode, file)


def _merged(runs: Sequence[Path]) -> Iterator[bytes]:
    """The lines of sorted runs, sorted."""
    with ExitStack() as stack:
        files = [stack.enter_context(run.open("rb")) for run in runs]
        yield from merge(*files, key=lambda line: canonical_order(_decode(line)))


def _size_of(paper: Paper) -> int:
    """About how many bytes a record takes: its texts, and as much again for the rest."""
    texts = {id(text): text for text in (paper.title, paper.abstract, paper.raw_title,
                                         paper.raw_abstract)}  # fmt: skip
    lists = (*paper.authors, *paper.affiliations, *paper.keywords)
    return 1500 + sum(map(sys.getsizeof, texts.values())) + sum(map(sys.getsizeof, lists))


def _encode(paper: Paper) -> bytes:
    values: list[Any] = [getattr(paper, name) for name in _FIELDS]
    values[_SOURCES] = [(source.file, source.line) for source in paper.sources]
    for raw, clean in _SAME_AS:
        if values[raw] == values[clean]:
            values[raw] = None
    return json.dumps(values, separators=(",", ":")).encode("ascii") + b"\n"


def _decode(line: bytes) -> Paper:
    values: list[Any] = json.loads(line)
    for raw, clean in _SAME_AS:
        if values[raw] is None:
            values[raw] = values[clean]
    for at in _TUPLES:
        values[at] = tuple(values[at])
    values[_SOURCES] = tuple(Source(file, line) for file, line in values[_SOURCES])
    values[_EXTRA] = tuple((column, text) for column, text in values[_EXTRA])
    return Paper(*values)
