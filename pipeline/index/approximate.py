"""The index that looks at a part of the rows, and compares its finalists exactly."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.errors import DamagedAtlasError
from pipeline.index.exact import ExactIndex
from pipeline.index.kinds import Kind
from pipeline.index.protocol import FloatRows, RowNumbers
from pipeline.index.threads import faiss_threads, one_thread

CALIBRATED_K = 10
"""Neighbours that an effort is measured for."""
FEWEST_ROWS = 1000
"""Fewer rows are compared one by one: that takes less than 0.1 ms."""
# So few rows of a filter are compared one by one: 0.3 ms for a shortlist's 0.2 to 5.
_FEW_AMONG = 10_000
# A shortlist of more than this share of the rows saves nothing.
_LARGEST_SHARE = 0.25
_ADDED_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Effort:
    """How far a search for ten neighbours goes: the kind's `breadth`, and `n_reranked`, the number
    of rows that are compared exactly."""

    breadth: int
    n_reranked: int


def make_faiss_index(kind: Kind, vectors: FloatRows) -> Any:  # noqa: ANN401 - faiss has no types
    """A FAISS index of `vectors`, at least `FEWEST_ROWS`: the same bytes from the same vectors,
    for which one thread builds it."""
    import faiss

    n_rows, dim = vectors.shape
    index = faiss.index_factory(dim, kind.factory(n_rows, dim), faiss.METRIC_L2)
    kind.prepare(index)
    with one_thread():
        index.train(_training_rows(vectors))
        for part in _blocks(vectors):
            index.add(part)
    return index


class ApproximateIndex:
    """`Index` that compares some rows exactly: those that FAISS finds nearest by short codes."""

    def __init__(self, faiss_index: Any, vectors: FloatRows, kind: Kind, effort: Effort) -> None:  # noqa: ANN401
        self._faiss_index = faiss_index
        self._exact = ExactIndex(vectors)
        self._kind = kind
        self._effort = effort

    @property
    def n_rows(self) -> int:
        """Rows that can be found."""
        return self._exact.n_rows

    def search(
        self, queries: FloatRows, k: int, *, among: RowNumbers | None = None
    ) -> tuple[FloatRows, RowNumbers]:
        """Similarities and rows as `Index.search` says: of the nearest rows that were found.

        Raises DamagedAtlasError where the index holds rows that are not there.
        """
        n_rows = self.n_rows if among is None else len(among)
        k = min(k, n_rows)
        n_listed = max(k, math.ceil(self._effort.n_reranked * max(1.0, k / CALIBRATED_K)))
        is_small = among is not None and n_rows <= _FEW_AMONG
        if not k or is_small or n_listed > _LARGEST_SHARE * n_rows or not len(queries):
            return self._exact.search(queries, k, among=among)
        queries = np.ascontiguousarray(queries, np.float32)
        listed = self.shortlist(queries, n_listed, k=k, among=among)
        similarities, rows = self._exact.best_of(queries, listed, k)
        # A walk over links that ends early, or lists with too few rows of the filter.
        short = np.flatnonzero(rows[:, -1] < 0)
        if len(short):
            similarities[short], rows[short] = self._exact.search(queries[short], k, among=among)
        return similarities, rows

    def shortlist(
        self, queries: FloatRows, n: int, *, k: int, among: RowNumbers | None = None
    ) -> RowNumbers:
        """The rows whose codes are nearest to each query, (n_queries, n), best first, -1 where
        fewer are found. `k`: how many of the nearest should be among them."""
        share = 1.0 if among is None else len(among) / self.n_rows
        # The ten nearest rows of a tenth are as far away as the hundred nearest of all. On 60,000
        # abstracts the root of that factor would be enough breadth, .996 found for .99 without a
        # filter; rows that lie more evenly need more.
        breadth = max(
            self._effort.breadth * (max(1.0, k / CALIBRATED_K) / share) ** 0.75,
            self._kind.least_breadth(n, share),
        )
        selector = None if among is None else _selector(among, self.n_rows)
        parameters = self._kind.parameters(breadth, selector)
        found = np.empty((len(queries), n), np.int64)

        def search(row: int) -> None:
            # One at a time: matrix products over many would round otherwise than over one.
            with faiss_threads(1):
                _, found[row] = self._faiss_index.search(
                    queries[row : row + 1], n, params=parameters
                )

        _for_each(search, len(queries))
        if found.max(initial=-1) >= self.n_rows:
            raise DamagedAtlasError(
                "the index holds rows that the atlas does not have", hint="build the atlas again"
            )
        return found


def _for_each(search: Any, n_queries: int) -> None:  # noqa: ANN401 - a function of a number
    """Call `search` with each number, on as many threads as FAISS would take for the batch."""
    import faiss

    n_threads = min(n_queries, faiss.omp_get_max_threads())
    if n_threads == 1:
        for row in range(n_queries):
            search(row)
        return
    with ThreadPoolExecutor(n_threads) as threads:
        for _ in threads.map(search, range(n_queries)):
            pass


def _selector(among: RowNumbers, n_rows: int) -> Any:  # noqa: ANN401
    import faiss

    wanted = np.zeros(n_rows, bool)
    wanted[among] = True
    return faiss.IDSelectorBitmap(np.packbits(wanted, bitorder="little"))


def _training_rows(vectors: FloatRows) -> FloatRows:
    """A seeded sample, ascending, of as many rows as the largest number of lists needs."""
    n = min(len(vectors), max(1 << 16, 160 * math.isqrt(len(vectors))))
    rows = np.random.default_rng(0).choice(len(vectors), n, replace=False)
    return np.ascontiguousarray(vectors[np.sort(rows)], np.float32)


def _blocks(vectors: FloatRows) -> Iterator[FloatRows]:
    """All rows, some at a time: a rotation makes a copy of what it is given."""
    for start in range(0, len(vectors), _ADDED_AT_ONCE):
        yield np.ascontiguousarray(vectors[start : start + _ADDED_AT_ONCE], np.float32)
