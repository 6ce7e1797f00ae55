"""Where every paper lies, its themes and its place on the map, by steps that know only arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from pipeline import cluster
from pipeline.cluster import UNASSIGNED
from pipeline.diffusion import DiffusionSpace, diffusion_space
from pipeline.embed.lexical import lexical_rows
from pipeline.index import ExactIndex, NeighborGraph, neighbor_graph
from pipeline.membership import Membership, Refit, measure_membership
from pipeline.nearest import NearestPapers, first_of_equals, spread_nearest
from pipeline.papers import PaperTable
from pipeline.reduce import MAP_REPULSION, consensus_graph, map_layout
from pipeline.settings import Settings

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]
Rows = NDArray[np.int64]

# A paper without an abstract lies in the middle of this many of its nearest.
_LAYOUT_VOTERS = 3
# A refit leaves this share of the papers out, and needs as many more neighbours of each.
_LEFT_OUT = 0.2
_SPARE_NEIGHBORS = 2
# Strengths under this may be left without a theme: in three of four refits such a paper is
# elsewhere.
_LOOSE = 0.25
# Of so many papers even two refits tell enough, and each takes long.
_MANY = 20_000
_REFITS_OF_MANY = 2


@dataclass(frozen=True, slots=True)
class Clustering:
    """Nested themes of n papers.

    `labels`: (n_layers, n) int32, finest layer first, 0.. within a layer, -1 where unassigned;
    the same papers are unassigned in every layer. `strengths`: (n_layers, n) float32 in [0, 1]:
    how likely the paper stays in the theme when a fifth of the papers is taken away; 0 where
    unassigned. `stabilities`: (n_layers, n) float32 in [0, 1], how often the pairs of the theme's
    papers stay together then, the same for each of them; nan where unassigned or where nobody
    looked. `calibration_errors`: for each layer the expected calibration error of its strengths.
    `default_layer`: the layer a user sees first.
    """

    labels: Labels
    strengths: FloatRows
    stabilities: FloatRows
    calibration_errors: tuple[float, ...]
    default_layer: int

    @property
    def n_layers(self) -> int:
        """Number of layers, at least one."""
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Chart:
    """Where every paper lies: its themes, its place on the map, (n, 2) float32, and who is near."""

    clustering: Clustering
    layout: FloatRows
    nearest: NearestPapers


@dataclass(frozen=True, slots=True)
class Neighborhoods:
    """Who is near whom, in each view of the papers: what they mean, and the words they share.

    `views`: graphs over the same n papers; `weights`: how much each counts; `sizes`: how many
    neighbours a paper is drawn to, itself included, each size as one look.
    """

    views: tuple[NeighborGraph, ...]
    weights: tuple[float, ...]
    sizes: tuple[int, ...]

    @property
    def n_papers(self) -> int:
        """Papers of every view."""
        return len(self.views[0].rows)

    def graph(self) -> csr_matrix:
        """What all looks agree on: (n, n) symmetric CSR, weights in [0, 1]."""
        return consensus_graph(self.views, self.weights, sizes=self.sizes)

    def among(self, kept: Rows) -> Neighborhoods:
        """Those of the rows `kept` alone."""
        views = tuple(view.among(kept, max(self.sizes)) for view in self.views)
        return replace(self, views=views)


def charted_rows(table: PaperTable, *, title_only: bool) -> Rows:
    """Rows that have an abstract; all of them where none has one, or with `title_only`."""
    if title_only:
        return np.arange(len(table.papers))
    rows = np.array([row for row, paper in enumerate(table.papers) if paper.abstract], np.int64)
    return rows if len(rows) else np.arange(len(table.papers))


def chart_papers(
    vectors: FloatRows,
    texts: Sequence[str],
    settings: Settings,
    *,
    with_layout: bool = True,
    step: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> Chart:
    """Themes and layout of papers that all have an abstract.

    `vectors`: (n, dim) unit rows of the `texts`; `with_layout`: else all lie on one spot; `step`:
    told each step's name as it is made.
    Papers whose vectors are the same lie on one spot and in one theme. The same papers in another
    order give the same themes only where their order is canonical, as the table's is.
    """
    first, like = first_of_equals(vectors)
    distinct = vectors[first]
    with step("compare"):
        lexical = None
        if settings.reduce.lexical_weight:
            lexical = lexical_rows([texts[row] for row in first], seed=settings.seed)
        near = find_neighbors(distinct, lexical, settings)
    # More BLAS threads change the last bits of a sum, and the themes with them.
    with threadpool_limits(1):
        with step("cluster"):
            graph = near.graph()
            found = cluster_papers(near, graph, settings)
        layout = np.zeros((len(distinct), 2), np.float32)
        if with_layout:
            with step("lay out"):
                layout = map_layout(
                    distinct,
                    graph,
                    min_dist=settings.reduce.map_min_dist,
                    repulsion=MAP_REPULSION,
                    seed=settings.seed,
                )
    clustering = replace(
        found,
        labels=found.labels[:, like],
        strengths=found.strengths[:, like],
        stabilities=found.stabilities[:, like],
    )
    nearest = spread_nearest(near.views[0], distinct, like)
    return Chart(clustering, layout[like], nearest)


def find_neighbors(
    vectors: FloatRows, lexical: FloatRows | None, settings: Settings
) -> Neighborhoods:
    """Neighbours of each paper by meaning and, where there are `lexical` rows, by words.

    Both (n, dim) unit rows; a lexical row of zeros, of a text that shares no word, has no
    neighbours in that view.
    """
    sizes = settings.reduce.neighbors
    n_listed = _SPARE_NEIGHBORS * max(sizes)
    meaning = neighbor_graph(vectors, n_listed)
    weight = settings.reduce.lexical_weight
    if lexical is None or weight == 0 or not lexical.any():
        return Neighborhoods((meaning,), (1.0,), sizes)
    worded = np.flatnonzero(lexical.any(axis=1))
    words = neighbor_graph(lexical[worded], n_listed).within(worded, len(lexical))
    return Neighborhoods((meaning, words), (1.0, weight), sizes)


def cluster_papers(near: Neighborhoods, graph: csr_matrix, settings: Settings) -> Clustering:
    """Themes of the papers of `graph`, which is `near.graph()`, with how far to believe them."""
    space = diffusion_space(graph)
    found = _find_themes(near, space, settings)
    refits = _refits(near, space, settings)
    memberships = [
        measure_membership(
            labels,
            found.fits[layer],
            [Refit(rows, found.layer_like(layer, again)) for rows, again in refits],
        )
        for layer, labels in enumerate(found.labels)
    ]
    return _with_loose_papers_out(found, memberships, settings.cluster.max_unassigned)


def spread_themes(clustering: Clustering, rows: Rows, n_papers: int) -> Clustering:
    """The same themes over all papers, those outside `rows` unassigned."""
    shape = (clustering.n_layers, n_papers)
    labels = np.full(shape, UNASSIGNED, dtype=np.int32)
    strengths = np.zeros(shape, dtype=np.float32)
    stabilities = np.full(shape, np.nan, dtype=np.float32)
    labels[:, rows] = clustering.labels
    strengths[:, rows] = clustering.strengths
    stabilities[:, rows] = clustering.stabilities
    return replace(clustering, labels=labels, strengths=strengths, stabilities=stabilities)


def place_beside(layout: FloatRows, rows: Rows, vectors: FloatRows) -> FloatRows:
    """Positions of all papers: those outside `rows` in the middle of their nearest charted ones."""
    positions = np.zeros((len(vectors), 2), dtype=np.float32)
    positions[rows] = layout
    others = np.setdiff1d(np.arange(len(vectors)), rows)
    _, nearest = ExactIndex(vectors[rows]).search(vectors[others], _LAYOUT_VOTERS)
    positions[others] = layout[nearest].mean(axis=1)
    return positions


def _find_themes(
    near: Neighborhoods, space: DiffusionSpace, settings: Settings
) -> cluster.Hierarchy:
    # How far the last listed neighbour is stands for how few papers are around.
    landmarks = cluster.choose_landmarks(
        near.views[0].distances[:, -1], settings.reduce.max_landmarks, seed=settings.seed
    )
    return cluster.find_themes(
        space,
        n_papers=near.n_papers,
        min_theme_size=settings.cluster.min_theme_size,
        layers=settings.cluster.layers,
        landmarks=landmarks,
    )


def _refits(
    near: Neighborhoods, space: DiffusionSpace, settings: Settings
) -> list[tuple[Rows, cluster.Hierarchy]]:
    """The themes found again, each time without another fifth of the papers, and the rows that
    were left in."""
    n = near.n_papers
    n_kept = round((1 - _LEFT_OUT) * n)
    n_refits = settings.cluster.refits if n_kept > 1 else 0
    if n > _MANY:
        n_refits = min(n_refits, _REFITS_OF_MANY)

    def kept_rows(number: int) -> Rows:
        rng = np.random.default_rng([settings.seed, number])
        return np.sort(rng.choice(n, n_kept, replace=False))

    def find_again(kept: Rows, again: Neighborhoods, graph: csr_matrix) -> cluster.Hierarchy:
        start = space.eigenvectors[kept] if n > _MANY else None
        return _find_themes(again, diffusion_space(graph, start=start), settings)

    # Two at a time where their distances are small. UMAP's graphs come before, in this thread.
    with ThreadPoolExecutor(2 if n <= settings.reduce.max_landmarks else 1) as threads:
        waiting = []
        for number in range(n_refits):
            kept = kept_rows(number)
            again = near.among(kept)
            graph = again.graph()
            waiting.append((kept, threads.submit(find_again, kept, again, graph)))
        return [(kept, found.result()) for kept, found in waiting]


def _with_loose_papers_out(
    found: cluster.Hierarchy, memberships: list[Membership], max_unassigned: float
) -> Clustering:
    """The clustering, the loosest papers of the default layer without a theme; those of a dense
    core keep theirs, so that no theme is lost."""
    labels = found.labels.copy()
    strengths = np.stack([membership.strengths for membership in memberships])
    candidates = np.where(found.in_core, np.inf, strengths[found.default_layer])
    loose = cluster.loosest(candidates, max_unassigned, below=_LOOSE)
    stabilities = np.stack(
        [membership.stabilities[own] for membership, own in zip(memberships, labels, strict=True)]
    )
    labels[:, loose] = UNASSIGNED
    strengths[:, loose] = 0.0
    stabilities[:, loose] = np.nan
    return Clustering(
        labels,
        strengths,
        stabilities,
        tuple(membership.calibration_error for membership in memberships),
        found.default_layer,
    )
