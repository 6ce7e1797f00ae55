"""Nearest neighbours by cosine similarity: FAISS behind one small protocol."""

from __future__ import annotations

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
        rough, found = self._nearest(queries, self._vectors, n_candidates)
        exact = self._exact_similarities(queries, found)
        order = np.lexsort((found, -exact), axis=1)[:, :k]
        similarities = np.take_along_axis(exact, order, axis=1)
        sure = similarities[:, -1] - rough[:, -1] > _DOUBT
        return (
            similarities.astype(np.float32),
            np.take_along_axis(found, order, axis=1),
            sure | (n_candidates == self.n_rows),
        )

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


@dataclass(frozen=True, slots=True)
class NeighborGraph:
    """Each row's nearest rows: `rows` (n, k) int64 and cosine `distances` (n, k) float32 in
    [0, 2], nearest first; column 0 is the row itself at a distance of exactly 0."""

    rows: NDArray[np.int64]
    distances: FloatRows


def neighbor_graph(vectors: FloatRows, k: int) -> NeighborGraph:
    """The graph of each row's `min(k, n)` nearest rows, itself included.

    The self-distance is set, not computed: 1e-7 of rounding there would become UMAP's nearest
    neighbour and wreck its local scales.
    """
    similarities, rows = ExactIndex(vectors).search(vectors, k)
    distances = np.clip(1.0 - similarities, 0.0, 2.0).astype(np.float32)
    _put_self_first(rows, distances)
    return NeighborGraph(rows, distances)


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
