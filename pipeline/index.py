"""Nearest neighbours by cosine similarity: FAISS behind one small protocol."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]

# FAISS sums in float32, in an order that changes with the number of queries and threads. What it
# finds is therefore summed again in float64 and rounded to this: then only true ties are ties.
_DECIMALS = 6
# Two float32 sums of 1,000 products and the rounding stay within this of each other.
_DOUBT = 3e-6
# Rows that FAISS is asked for beyond k, so that the k-th place is rarely in doubt.
_SPARE = 16
_CHUNK_BYTES = 64 << 20
# A graph of more rows than this compares each with some lists alone. Measured on 79,343 abstracts:
# see docs/performance.md.
_MOST_COMPARED = 20_000
_LISTS_PER_ROOT = 4
_LIST_DIMENSIONS = 192
_TRAINED_PER_LIST = 40
_PROBED_SHARE = 0.05
_SPARE_LISTED = 4
_SEARCHED_AT_ONCE = 4096


class Index(Protocol):
    """Finds the rows most similar to a query."""

    @property
    def n_rows(self) -> int:
        """Rows that can be found."""

    def search(self, queries: FloatRows, k: int) -> tuple[FloatRows, NDArray[np.int64]]:
        """Cosine similarities and row numbers, (n_queries, min(k, n_rows)) each, best first.

        Rows of equal similarity come in ascending order of their number.
        """


class ExactIndex:
    """`Index` that looks at every vector: FAISS's brute-force inner product over unit rows."""

    def __init__(self, vectors: FloatRows) -> None:
        import faiss

        self._nearest: Any = partial(faiss.knn, metric=faiss.METRIC_INNER_PRODUCT)
        # As they are, often mapped from disk: a FAISS index would copy them, which takes longer
        # than a query.
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)

    @property
    def n_rows(self) -> int:
        """Rows that can be found."""
        return len(self._vectors)

    def search(self, queries: FloatRows, k: int) -> tuple[FloatRows, NDArray[np.int64]]:
        """Cosine similarities and row numbers, (n_queries, min(k, n_rows)) each, best first."""
        k = min(k, self.n_rows)
        similarities = np.empty((len(queries), k), np.float32)
        rows = np.empty((len(queries), k), np.int64)
        unsure = np.arange(len(queries) if k else 0)
        n_candidates = min(k + _SPARE, self.n_rows)
        while len(unsure):
            best = self._best_among(queries[unsure], k, n_candidates)
            similarities[unsure], rows[unsure], sure = best
            unsure = unsure[~sure]
            n_candidates = min(4 * n_candidates, self.n_rows)
        return similarities, rows

    def _best_among(
        self, queries: FloatRows, k: int, n_candidates: int
    ) -> tuple[FloatRows, NDArray[np.int64], NDArray[np.bool_]]:
        """The k best of FAISS's first `n_candidates`, and whether no other row can be among them:
        similarities and rows, (n_queries, k), and sure, (n_queries,)."""
        queries = np.ascontiguousarray(queries, np.float32)
        rough: FloatRows
        found: NDArray[np.int64]
        with _one_thread_for_one(queries):
            rough, found = self._nearest(queries, self._vectors, n_candidates)
        similarities, rows = self.best_of(queries, found, k)
        sure = similarities[:, -1] - rough[:, -1] > _DOUBT
        return similarities, rows, sure | (n_candidates == self.n_rows)

    def best_of(
        self, queries: FloatRows, candidates: NDArray[np.int64], k: int
    ) -> tuple[FloatRows, NDArray[np.int64]]:
        """The k best of each query's candidate rows, (n_queries, n_candidates), compared exactly:
        similarities and rows, (n_queries, k). A candidate of -1 is none, and comes last."""
        exact = np.where(candidates < 0, -np.inf, self._exact_similarities(queries, candidates))
        order = np.lexsort((candidates, -exact), axis=1)[:, :k]
        similarities: FloatRows = np.take_along_axis(exact, order, axis=1).astype(np.float32)
        return similarities, np.take_along_axis(candidates, order, axis=1)

    def _exact_similarities(
        self, queries: FloatRows, candidates: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Similarity of each query to its candidates, (n_queries, n_candidates), rounded."""
        exact = np.empty(candidates.shape)
        step = max(1, _CHUNK_BYTES // (8 * candidates.shape[1] * queries.shape[1]))
        for start in range(0, len(queries), step):
            part = slice(start, start + step)
            found = self._vectors[candidates[part]].astype(np.float64)
            exact[part] = np.einsum("qd,qkd->qk", queries[part].astype(np.float64), found)
        return np.round(exact, _DECIMALS)


@contextmanager
def _one_thread_for_one(queries: FloatRows) -> Iterator[None]:
    """One OpenMP thread for a single query: 5 ms over 79,343 rows, where two that share busy cores
    wait 35 ms for each other. The number is the calling thread's own: no other one is slowed."""
    import faiss

    n_threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if len(queries) == 1 else n_threads)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(n_threads)


@dataclass(frozen=True, slots=True)
class NeighborGraph:
    """Each row's nearest rows: `rows` (n, k) int64 and cosine `distances` (n, k) float32 in
    [0, 2], nearest first; column 0 is the row itself at a distance of exactly 0. Where fewer
    neighbours are known, the rest of a row is -1, at the distance of the last one."""

    rows: NDArray[np.int64]
    distances: FloatRows

    def among(self, kept: NDArray[np.int64], k: int) -> NeighborGraph:
        """The graph of the rows `kept` alone, ascending, with their own numbers 0..: the first `k`
        of each row's neighbours that are among them."""
        number = np.full(len(self.rows) + 1, -1, np.int64)  # the last one is that of -1
        number[kept] = np.arange(len(kept))
        rows = number[self.rows[kept]]
        order = np.argsort(rows < 0, axis=1, kind="stable")[:, :k]
        rows = np.take_along_axis(rows, order, axis=1)
        distances = np.take_along_axis(self.distances[kept], order, axis=1)
        return NeighborGraph(rows, _padded(rows, distances))

    def within(self, places: NDArray[np.int64], n: int) -> NeighborGraph:
        """The same graph where its rows are `places`, ascending, of `n` rows, of which the others
        have no neighbours."""
        rows = np.full((n, self.rows.shape[1]), -1, np.int64)
        distances = np.zeros(rows.shape, np.float32)
        rows[:, 0] = np.arange(n)
        rows[places] = np.where(self.rows < 0, -1, places[self.rows])
        distances[places] = self.distances
        return NeighborGraph(rows, distances)


def neighbor_graph(vectors: FloatRows, k: int) -> NeighborGraph:
    """The graph of each row's `min(k, n)` nearest rows, itself included.

    Up to 20,000 rows every row is compared with every other; beyond, with those of the lists
    nearest to it (FAISS's inverted file over principal components, trained with a fixed seed),
    whose best are then compared exactly.

    The self-distance is set, not computed: 1e-7 of rounding there would become UMAP's nearest
    neighbour and wreck its local scales.
    """
    k = min(k, len(vectors))
    if len(vectors) <= _MOST_COMPARED:
        similarities, rows = ExactIndex(vectors).search(vectors, k)
    else:
        similarities, rows = _search_lists(np.ascontiguousarray(vectors, np.float32), k)
    distances = np.clip(1.0 - similarities, 0.0, 2.0).astype(np.float32)
    _put_self_first(rows, distances)
    return NeighborGraph(rows, _padded(rows, distances))


def _search_lists(vectors: FloatRows, k: int) -> tuple[FloatRows, NDArray[np.int64]]:
    """Similarities and rows, (n, k) each, of most of each row's nearest rows, best first."""
    import faiss

    n, dim = vectors.shape
    n_lists = int(_LISTS_PER_ROOT * np.sqrt(n))
    rotation = f"PCA{_LIST_DIMENSIONS}," if dim > _LIST_DIMENSIONS else ""
    # By distance: principal components are centred, which changes inner products.
    lists = faiss.index_factory(dim, f"{rotation}IVF{n_lists},Flat", faiss.METRIC_L2)
    inverted = faiss.extract_index_ivf(lists)
    inverted.nprobe = max(1, round(_PROBED_SHARE * n_lists))
    inverted.cp.min_points_per_centroid = 1  # fewer than 39 are warned of on standard error
    sample = np.random.default_rng(0).choice(n, min(n, _TRAINED_PER_LIST * n_lists), replace=False)
    lists.train(vectors[np.sort(sample)])
    lists.add(vectors)
    exact = ExactIndex(vectors)
    similarities = np.empty((n, k), np.float32)
    rows = np.empty((n, k), np.int64)

    def search(start: int) -> None:
        part = slice(start, min(start + _SEARCHED_AT_ONCE, n))
        _, found = lists.search(vectors[part], k + _SPARE_LISTED)
        similarities[part], rows[part] = exact.best_of(vectors[part], found, k)

    # FAISS's search and NumPy's sums take turns on the processor: two parts at a time fill it.
    with ThreadPoolExecutor(2) as threads:
        for _ in threads.map(search, range(0, n, _SEARCHED_AT_ONCE)):
            pass
    return similarities, rows


def _padded(rows: NDArray[np.int64], distances: FloatRows) -> FloatRows:
    """The distances, (n, k), those of missing neighbours set to that of the row's last one."""
    last = np.where(rows < 0, 0.0, distances).max(axis=1, keepdims=True)
    padded: FloatRows = np.where(rows < 0, last, distances).astype(np.float32)
    return padded


def _put_self_first(rows: NDArray[np.int64], distances: FloatRows) -> None:
    """Move each row's own number to column 0, at distance 0, keeping the order of the others."""
    for i in np.flatnonzero(rows[:, 0] != np.arange(len(rows))):
        at = np.flatnonzero(rows[i] == i)
        # Among many equal vectors a row may be missing from its own list: the last one goes.
        end = int(at[0]) if len(at) else rows.shape[1] - 1
        rows[i, 1 : end + 1] = rows[i, :end].copy()
        distances[i, 1 : end + 1] = distances[i, :end].copy()
        rows[i, 0] = i
    distances[:, 0] = 0.0
