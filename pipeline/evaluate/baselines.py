"""What two usual methods make of the same vectors, to hold the themes against."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

FloatRows = NDArray[np.float32]
Groups = NDArray[np.int64]

_KMEANS_STARTS = 3
# As BERTopic has them unless told otherwise (0.17): UMAP's neighbours and dimensions, HDBSCAN's
# least size of a group.
_N_NEIGHBORS = 15
_DIMENSIONS = 5
_MIN_GROUP_SIZE = 10


@dataclass(frozen=True, slots=True)
class Grouped:
    """Groups of n papers by another method: (n,) from 0, all papers in one.

    `left_over`: the share of papers that the method left out and that were then placed in the
    group of the nearest centre. `missing`: why there are no groups; they are then all -1.
    """

    groups: Groups
    left_over: float = 0.0
    missing: str = ""


def kmeans_groups(vectors: FloatRows, n_groups: int, *, seed: int) -> Grouped:
    """k-means on the unit rows, k-means++ starts, the best of 3 by its own measure."""
    from sklearn.cluster import KMeans

    if n_groups < 1:
        return _nothing(vectors, "there are no themes to take the number from")
    with warnings.catch_warnings(), threadpool_limits(1):
        # Fewer distinct papers than groups: it then makes fewer groups.
        warnings.simplefilter("ignore")
        model = KMeans(n_groups, n_init=_KMEANS_STARTS, random_state=seed).fit(vectors)
    return Grouped(model.labels_.astype(np.int64))


def umap_hdbscan_groups(vectors: FloatRows, *, seed: int) -> Grouped:
    """One run of UMAP (15 neighbours, 5 dimensions) and HDBSCAN (groups of 10 or more); papers that
    it leaves out join the group of the nearest centre of the unit rows."""
    import hdbscan

    from pipeline.index import neighbor_graph
    from pipeline.reduce import consensus_graph, map_layout

    if len(vectors) < 2 * _MIN_GROUP_SIZE:
        return _nothing(vectors, f"it needs {2 * _MIN_GROUP_SIZE} papers")
    with threadpool_limits(1):
        near = neighbor_graph(vectors, _N_NEIGHBORS)
        graph = consensus_graph([near], [1.0], sizes=[_N_NEIGHBORS])
        space = map_layout(vectors, graph, dimensions=_DIMENSIONS, min_dist=0.0, seed=seed)
        found = hdbscan.HDBSCAN(min_cluster_size=_MIN_GROUP_SIZE).fit(space).labels_
    groups = np.asarray(found, dtype=np.int64)
    if groups.max() < 0:
        return _nothing(vectors, "it found no group")
    return Grouped(place_by_centre(vectors, groups), float((groups < 0).mean()))


def place_by_centre(vectors: FloatRows, groups: Groups) -> Groups:
    """The groups with every paper of none in the one whose centre it is nearest to, by cosine."""
    centres = np.stack(
        [vectors[groups == group].mean(axis=0) for group in range(int(groups.max()) + 1)]
    )
    lengths = np.linalg.norm(centres, axis=1, keepdims=True)
    nearest = (vectors @ (centres / np.maximum(lengths, 1e-9)).T).argmax(axis=1)
    return np.where(groups >= 0, groups, nearest).astype(np.int64)


def _nothing(vectors: FloatRows, reason: str) -> Grouped:
    return Grouped(np.full(len(vectors), -1, dtype=np.int64), missing=reason)
