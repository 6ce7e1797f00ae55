"""The graph of each row's nearest rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from pipeline.index.exact import ExactIndex
from pipeline.index.protocol import FloatRows, RowNumbers

# A graph of more rows than this compares each with some lists alone. Measured on 79,343 abstracts:
# see docs/performance.md.
_MOST_COMPARED = 20_000
_LISTS_PER_ROOT = 4
_LIST_DIMENSIONS = 192
_TRAINED_PER_LIST = 40
_PROBED_SHARE = 0.05
_SPARE_LISTED = 4
_SEARCHED_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class NeighborGraph:
    """Each row's nearest rows: `rows` (n, k) int64 and cosine `distances` (n, k) float32 in
    [0, 2], nearest first; column 0 is the row itself at a distance of exactly 0. Where fewer
    neighbours are known, the rest of a row is -1, at the distance of the last one."""

    rows: RowNumbers
    distances: FloatRows

    def among(self, kept: RowNumbers, k: int) -> NeighborGraph:
        """The graph of the rows `kept` alone, ascending, with their own numbers 0..: the first `k`
        of each row's neighbours that are among them."""
        number = np.full(len(self.rows) + 1, -1, np.int64)  # the last one is that of -1
        number[kept] = np.arange(len(kept))
        rows = number[self.rows[kept]]
        order = np.argsort(rows < 0, axis=1, kind="stable")[:, :k]
        rows = np.take_along_axis(rows, order, axis=1)
        distances = np.take_along_axis(self.distances[kept], order, axis=1)
        return NeighborGraph(rows, _padded(rows, distances))

    def within(self, places: RowNumbers, n: int) -> NeighborGraph:
        """The same graph where its rows are `places`, ascending, of `n` rows, of which the others
        have no neighbours."""
        rows = np.full((n, self.rows.shape[1]), -1, np.int64)
        distances = np.zeros(rows.shape, np.float32)
        rows[:, 0] = np.arange(n)
        rows[places] = np.where(self.rows < 0, -1, places[self.rows])
        distances[places] = self.distances
        return NeighborGraph(rows, distances)


def neighbor_graph(vectors: FloatRows, k: int, *, is_exact: bool = False) -> NeighborGraph:
    """The graph of each row's `min(k, n)` nearest rows, itself included.

    Up to 20,000 rows, and wherever it `is_exact`, every row is compared with every other; beyond,
    with those of the lists nearest to it (FAISS's inverted file over principal components, trained
    with a fixed seed), whose best are then compared exactly.

    The self-distance is set, not computed: 1e-7 of rounding there would become UMAP's nearest
    neighbour and wreck its local scales.
    """
    k = min(k, len(vectors))
    if is_exact or len(vectors) <= _MOST_COMPARED:
        similarities, rows = ExactIndex(vectors).search(vectors, k)
    else:
        similarities, rows = _search_lists(np.ascontiguousarray(vectors, np.float32), k)
    distances = np.clip(1.0 - similarities, 0.0, 2.0).astype(np.float32)
    _put_self_first(rows, distances)
    return NeighborGraph(rows, _padded(rows, distances))


def _search_lists(vectors: FloatRows, k: int) -> tuple[FloatRows, RowNumbers]:
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


def _padded(rows: RowNumbers, distances: FloatRows) -> FloatRows:
    """The distances, (n, k), those of missing neighbours set to that of the row's last one."""
    last = np.where(rows < 0, 0.0, distances).max(axis=1, keepdims=True)
    padded: FloatRows = np.where(rows < 0, last, distances).astype(np.float32)
    return padded


def _put_self_first(rows: RowNumbers, distances: FloatRows) -> None:
    """Move each row's own number to column 0, at distance 0, keeping the order of the others."""
    for i in np.flatnonzero(rows[:, 0] != np.arange(len(rows))):
        at = np.flatnonzero(rows[i] == i)
        # Among many equal vectors a row may be missing from its own list: the last one goes.
        end = int(at[0]) if len(at) else rows.shape[1] - 1
        rows[i, 1 : end + 1] = rows[i, :end].copy()
        distances[i, 1 : end + 1] = distances[i, :end].copy()
        rows[i, 0] = i
    distances[:, 0] = 0.0
