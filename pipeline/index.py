"""Nearest neighbours by cosine similarity: FAISS behind one small protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]

# Similarities are rounded to this before they are compared: a BLAS call may move the last bits of
# two equal products apart, and ties must not hang on that.
_DECIMALS = 6


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
    """`Index` that looks at every vector: FAISS's flat inner product over unit rows."""

    def __init__(self, vectors: FloatRows) -> None:
        import faiss

        self._vectors = vectors
        self._flat = faiss.IndexFlatIP(vectors.shape[1])
        self._flat.add(np.ascontiguousarray(vectors, dtype=np.float32))

    @property
    def n_rows(self) -> int:
        """Rows that can be found."""
        return int(self._flat.ntotal)

    def search(self, queries: FloatRows, k: int) -> tuple[FloatRows, NDArray[np.int64]]:
        """Cosine similarities and row numbers, (n_queries, min(k, n_rows)) each, best first."""
        k = min(k, self.n_rows)
        if k == 0 or len(queries) == 0:
            shape = (len(queries), k)
            return np.empty(shape, np.float32), np.empty(shape, np.int64)
        similarities, rows = self._flat.search(np.ascontiguousarray(queries, np.float32), k)
        similarities = np.round(similarities, _DECIMALS)
        order = np.lexsort((rows, -similarities), axis=1)
        return (
            np.take_along_axis(similarities, order, axis=1),
            np.take_along_axis(rows, order, axis=1),
        )


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
