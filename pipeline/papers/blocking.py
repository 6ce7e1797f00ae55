"""Find the few pairs of records that are worth judging, without looking at all pairs.

Two records meet when they share an identifier, a title, a title without subtitle, or enough rare
word triples. Time grows linearly, and memory by some 50 bytes a record: what is more lies in files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.papers.fingerprints import Hashes, take_fingerprints
from pipeline.papers.names import telling_words
from pipeline.papers.partitions import Partitions
from pipeline.papers.record import Paper

Rows = NDArray[np.int64]

_MAX_HOLDERS = 12
_MIN_SHARED = 3
_AUTHORS_ASKED = 3
_RECORDS_A_PART = 100_000
_HELD = np.dtype([("hash", np.uint64), ("row", np.uint32)])


class Blocks:
    """The records by what they may share. `first_copies`: (n,) int64, the first of the records
    that say exactly the same as each one: copies need no judging, however many there are."""

    def __init__(
        self, records: Sequence[Paper], folder: Path, *, records_a_part: int = _RECORDS_A_PART
    ) -> None:
        """Read all records once; in `folder` lie files where there are more records than
        `records_a_part`."""
        self._records, self._folder = records, folder
        self._n_parts = 1 + len(records) // (records_a_part + 1)
        self._keys = self._partitions("keys", _HELD)
        self._triples = self._partitions("triples", _HELD)
        contents = np.zeros((len(records), 2), np.uint64)
        read = 0
        for found in take_fingerprints(records):
            contents[read : read + len(found.contents)] = found.contents
            read += len(found.contents)
            self._keys.add(_held(found.keys, found.key_rows), found.keys)
            self._triples.add(_held(found.triples, found.triple_rows), found.triples)
        self.first_copies = _first_equal(contents)

    def candidate_pairs(self, apart: Sequence[int] = ()) -> tuple[Rows, Rows]:
        """Give pairs of rows (i, j), i < j, sorted, that may be one paper; once.

        Of copies only the first is in a pair, but those `apart`, which are taken for no copies.
        """
        own = np.arange(len(self._records))
        is_first = self.first_copies == own
        is_first[np.array(apart, dtype=np.int64)] = True
        codes = np.unique(
            np.concatenate([*self._pairs_by_keys(is_first), *self._pairs_by_wording(is_first)])
        )
        n = np.uint64(max(1, len(self._records)))
        return (codes // n).astype(np.int64), (codes % n).astype(np.int64)

    def _partitions(self, name: str, dtype: np.dtype[np.void] | np.dtype[np.uint64]) -> Partitions:
        return Partitions(self._folder, name, self._n_parts, dtype)

    def _codes(self, rows: Rows, others: Rows) -> Hashes:
        return rows.astype(np.uint64) * np.uint64(len(self._records)) + others.astype(np.uint64)

    def _pairs_by_keys(self, is_first: NDArray[np.bool_]) -> Iterator[Hashes]:
        """All pairs of small blocks; of a large one ("Editorial") each with the next dozen, and
        with those that share a word of their first authors' names."""
        for part in self._keys.parts():
            held, starts, sizes = _sorted_blocks(part, is_first)
            yield from self._pairs_of_small(held, starts, sizes)
            for start, size in _large(starts, sizes):
                rows = held[start : start + size]
                yield from self._pairs_of_large(rows)
                for named in self._by_names(rows):
                    yield from self._pairs_of_large(np.array(named, dtype=np.int64))

    def _pairs_by_wording(self, is_first: NDArray[np.bool_]) -> Iterator[Hashes]:
        """Pairs that share at least three of the sampled rare triples; of a triple that many
        hold, each holder meets the next one: many copies of one text still meet."""
        met = self._partitions("met", np.dtype(np.uint64))
        for part in self._triples.parts():
            held, starts, sizes = _sorted_blocks(part, is_first)
            for codes in self._pairs_of_small(held, starts, sizes):
                _add_mixed(met, codes)
            for start, size in _large(starts, sizes):
                rows = held[start : start + size]
                _add_mixed(met, self._codes(rows[:-1], rows[1:]))
        for part in met.parts():
            codes, counts = np.unique(part, return_counts=True)
            yield codes[counts >= _MIN_SHARED]

    def _pairs_of_small(self, held: Rows, starts: Rows, sizes: Rows) -> Iterator[Hashes]:
        for size in range(2, _MAX_HOLDERS + 1):
            first = starts[sizes == size]
            for i in range(size):
                for j in range(i + 1, size):
                    yield self._codes(held[first + i], held[first + j])

    def _pairs_of_large(self, rows: Rows) -> Iterator[Hashes]:
        for step in range(1, _MAX_HOLDERS + 1):
            yield self._codes(rows[:-step], rows[step:])

    def _by_names(self, rows: Iterable[int]) -> Iterable[list[int]]:
        named: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            authors = self._records[int(row)].authors[:_AUTHORS_ASKED]
            for word in {word for name in authors for word in telling_words(name)}:
                named[word].append(int(row))
        return named.values()


def _held(hashes: Hashes, rows: Rows) -> NDArray[np.void]:
    held = np.empty(len(hashes), _HELD)
    held["hash"], held["row"] = hashes, rows
    return held


def _sorted_blocks(part: NDArray[np.void], is_first: NDArray[np.bool_]) -> tuple[Rows, Rows, Rows]:
    """The rows in the order of their hashes, and where the rows of each hash start and how many
    there are."""
    part = part[is_first[part["row"]]]
    order = np.lexsort((part["row"], part["hash"]))
    hashes, rows = part["hash"][order], part["row"][order].astype(np.int64)
    changes = np.flatnonzero(hashes[1:] != hashes[:-1]) + 1
    starts = np.concatenate([np.zeros(min(1, len(hashes)), np.int64), changes])
    return rows, starts, np.diff(np.append(starts, len(hashes)))


def _large(starts: Rows, sizes: Rows) -> Iterator[tuple[int, int]]:
    large = sizes > _MAX_HOLDERS
    return zip(starts[large].tolist(), sizes[large].tolist(), strict=True)


def _add_mixed(met: Partitions, codes: Hashes) -> None:
    met.add(codes, codes * np.uint64(0x9E3779B97F4A7C15))


def _first_equal(contents: Hashes) -> Rows:
    """Of each of (n, 2) rows, the number of the first that is equal."""
    order = np.lexsort((contents[:, 1], contents[:, 0]))  # stable: equal rows stay in their order
    ordered = contents[order]
    new = np.ones(len(order), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    first = np.empty(len(order), np.int64)
    first[order] = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
    return first
