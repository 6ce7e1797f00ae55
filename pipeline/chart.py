"""Where every paper lies, its themes and its place on the map, by steps that know only arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster import UNASSIGNED, Clustering
from pipeline.papers import PaperTable
from pipeline.settings import Settings

FloatRows = NDArray[np.float32]

# A paper without an abstract lies in the middle of this many of its nearest.
_LAYOUT_VOTERS = 3


def charted_rows(table: PaperTable) -> NDArray[np.int64]:
    """Rows that have an abstract; all of them where none has one."""
    rows = np.array([row for row, paper in enumerate(table.papers) if paper.abstract], np.int64)
    return rows if len(rows) else np.arange(len(table.papers))


def cluster_vectors(vectors: FloatRows, settings: Settings) -> Clustering:
    """Themes of all papers: of the landmarks by consensus, of the others by their landmarks."""
    from pipeline import cluster, reduce
    from pipeline.index import ExactIndex, neighbor_graph

    landmarks = cluster.choose_landmarks(
        len(vectors), settings.reduce.max_landmarks, seed=settings.seed
    )
    chosen = vectors[landmarks]
    spaces = reduce.theme_spaces(
        chosen,
        neighbor_graph(chosen, max(settings.reduce.run_neighbors)),
        runs=settings.reduce.runs,
        run_neighbors=settings.reduce.run_neighbors,
        dimensions=settings.reduce.dimensions,
        seed=settings.seed,
    )
    clustering = cluster.find_themes(
        cluster.consensus_distances(spaces, chosen),
        n_papers=len(vectors),
        min_theme_size=settings.cluster.min_theme_size,
        max_unassigned=settings.cluster.max_unassigned,
    )
    if len(landmarks) == len(vectors):
        return clustering
    voters = np.flatnonzero(clustering.labels[0] != UNASSIGNED)
    similarities, nearest = ExactIndex(chosen[voters]).search(vectors, cluster.N_VOTERS)
    return cluster.place_by_landmarks(
        clustering,
        landmark_rows=landmarks,
        similarities=similarities,
        nearest=voters[nearest],
        max_unassigned=settings.cluster.max_unassigned,
    )


def lay_out(vectors: FloatRows, settings: Settings) -> FloatRows:
    """Positions of all papers on the map: (n, 2) float32."""
    from pipeline.index import neighbor_graph
    from pipeline.reduce import map_layout

    return map_layout(
        vectors,
        neighbor_graph(vectors, settings.reduce.map_neighbors),
        n_neighbors=settings.reduce.map_neighbors,
        min_dist=settings.reduce.map_min_dist,
        seed=settings.seed,
    )


def spread_themes(clustering: Clustering, rows: NDArray[np.int64], n_papers: int) -> Clustering:
    """The same themes over all papers, those outside `rows` unassigned."""
    shape = (clustering.n_layers, n_papers)
    labels = np.full(shape, -1, dtype=np.int32)
    strengths = np.zeros(shape, dtype=np.float32)
    labels[:, rows] = clustering.labels
    strengths[:, rows] = clustering.strengths
    return replace(clustering, labels=labels, strengths=strengths)


def place_beside(layout: FloatRows, rows: NDArray[np.int64], vectors: FloatRows) -> FloatRows:
    """Positions of all papers: those outside `rows` in the middle of their nearest charted ones."""
    from pipeline.index import ExactIndex

    positions = np.zeros((len(vectors), 2), dtype=np.float32)
    positions[rows] = layout
    others = np.setdiff1d(np.arange(len(vectors)), rows)
    _, nearest = ExactIndex(vectors[rows]).search(vectors[others], _LAYOUT_VOTERS)
    positions[others] = layout[nearest].mean(axis=1)
    return positions
