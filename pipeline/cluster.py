"""Themes: nested groups of papers that several UMAP spaces agree on, and how firmly each belongs.

What the runs agree on is the mean of their scaled distances (evidence accumulation, Fred and Jain
2005, with distances in place of co-memberships). HDBSCAN (Campello, Moulavi, Sander 2013; leaf
selection) finds the dense cores in it; average linkage over the cores gives one tree, and each
layer of themes is one cut of that tree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]

UNASSIGNED = -1

# The default layer aims at 4.5 n^(1/3) themes (25 for 169 papers, 65 for 3,000, 194 for 80,000),
# but no more than one for six papers; neighbouring layers differ by a factor of three.
_DEFAULT_SCALE = 4.5
_PAPERS_PER_DEFAULT_THEME = 6
_LAYER_RATIO = 3.0
_FEWEST_THEMES = 4
_FINE_RATIO = 1.5
# (A cut at the widest gap of the tree near the aim was tried: the gaps are so alike that another
# seed moved it from 22 to 29 themes.)
# Weight of the vectors' own distances beside the mean of the spaces'. On labelled abstracts (ARI
# of broad areas, of fine topics at 25 themes, and of those in the finest layer): .141, .602, .457
# at 0; .144, .627, .470 at 0.25; .154, .604, .479 at 0.5.
_DIRECT_WEIGHT = 0.25
# Distances between members and to the nearest other theme are nearly equal below this strength.
_WEAK = 0.2
# A landmark's vote counts by similarity; this many nearest landmarks vote.
N_VOTERS = 15


@dataclass(frozen=True, slots=True)
class Clustering:
    """Nested themes of n papers.

    `labels`: (n_layers, n) int32, finest layer first, 0.. within a layer, -1 where unassigned;
    the same papers are unassigned in every layer. `strengths`: (n_layers, n) float32 in [0, 1],
    0 where unassigned and for papers nearer to another theme. `default_layer`: the layer a user
    sees first.
    """

    labels: Labels
    strengths: FloatRows
    default_layer: int

    @property
    def n_layers(self) -> int:
        """Number of layers, at least one."""
        return len(self.labels)


def consensus_distances(spaces: Iterable[FloatRows], vectors: FloatRows) -> NDArray[np.float64]:
    """How far apart the papers are in the eyes of all `spaces`: (n, n), zero diagonal.

    The mean over `spaces` of each one's Euclidean distances, scaled to a mean of 1, plus a quarter
    of the cosine distances of `vectors`, (n, dim) unit rows, scaled likewise: UMAP can tear a pair
    apart that is each other's nearest.
    """
    from scipy.spatial.distance import pdist, squareform

    total: NDArray[np.float64] | None = None
    n_spaces = 0
    for space in spaces:
        distances = _scaled(pdist(space.astype(np.float64)))
        total = distances if total is None else total + distances
        n_spaces += 1
    if total is None:
        raise ValueError("no spaces given")
    direct = _scaled(np.round(pdist(vectors.astype(np.float64), "sqeuclidean") / 2, 6))
    square: NDArray[np.float64] = squareform(total / n_spaces + _DIRECT_WEIGHT * direct)
    return square


def _scaled(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distances over their mean; all 0 where they are."""
    mean = float(distances.mean()) if len(distances) else 0.0
    return distances / mean if mean > 1e-12 else np.zeros_like(distances)


def find_themes(
    distances: NDArray[np.float64], *, n_papers: int, min_theme_size: int, max_unassigned: float
) -> Clustering:
    """Nested themes from consensus distances.

    `distances`: (n, n), symmetric, zero diagonal; `n_papers`: size of the corpus that the n
    papers stand for (n itself, unless they are landmarks), which sets how many themes are aimed
    at; `min_theme_size`: fewest papers of a finest theme; `max_unassigned`: largest share of
    papers that may stay without a theme.
    """
    cores = _find_cores(distances, min_theme_size)
    finest = _place_all(distances, cores)
    tree = _theme_tree(distances, finest)
    cuts = _layer_sizes(int(finest.max()) + 1, n_papers)
    labels = np.stack([_cut(tree, n_themes) for n_themes in cuts.sizes])
    fits = np.stack([_silhouettes(distances, layer) for layer in labels])
    loose = _loose_papers(fits[cuts.default_layer], cores, max_unassigned)
    strengths = np.clip(fits, 0.0, 1.0)
    labels[:, loose] = UNASSIGNED
    strengths[:, loose] = 0.0
    return Clustering(labels, strengths, cuts.default_layer)


def choose_landmarks(n_papers: int, n_landmarks: int, *, seed: int) -> NDArray[np.int64]:
    """Rows of a seeded uniform sample without repetition, ascending; all rows when they fit."""
    if n_papers <= n_landmarks:
        return np.arange(n_papers)
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(n_papers, n_landmarks, replace=False))


def place_by_landmarks(
    clustering: Clustering,
    *,
    landmark_rows: NDArray[np.int64],
    similarities: FloatRows,
    nearest: NDArray[np.int64],
    max_unassigned: float,
) -> Clustering:
    """The themes of all n papers from those of the landmarks.

    `landmark_rows`: the landmarks' rows among the papers, in the order of `clustering`;
    `similarities` and `nearest`: (n, k) cosine similarities of each paper to its k nearest
    landmarks that have a theme, and their positions in `clustering`. Each paper joins the finest
    theme that these vote for, weighted by similarity; its strength is that theme's share of the
    vote. A landmark stays in the theme that it has, so that no theme loses all its papers.
    """
    voters = nearest[:, :N_VOTERS]
    weights = np.maximum(similarities[:, :N_VOTERS], 0.0) ** 2
    finest = _weighted_vote(clustering.labels[0][voters], weights)
    has_theme = clustering.labels[0] != UNASSIGNED
    settled = landmark_rows[has_theme]
    finest[settled] = clustering.labels[0][has_theme]
    to_layer = [_finest_to_layer(clustering.labels[0], layer) for layer in clustering.labels]
    labels = np.stack([mapping[finest] for mapping in to_layer]).astype(np.int32)
    strengths = np.stack(
        [
            _share_of(layer_labels[voters], weights, chosen)
            for layer_labels, chosen in zip(clustering.labels, labels, strict=True)
        ]
    )
    candidates = strengths[clustering.default_layer].copy()
    candidates[settled] = np.inf
    loose = _loosest(candidates, max_unassigned, below=_WEAK)
    labels[:, loose] = UNASSIGNED
    strengths[:, loose] = 0.0
    return Clustering(labels, strengths, clustering.default_layer)


@dataclass(frozen=True, slots=True)
class _Cuts:
    sizes: tuple[int, ...]
    default_layer: int


def _find_cores(distances: NDArray[np.float64], min_theme_size: int) -> Labels:
    """HDBSCAN's densest groups: (n,) labels, -1 for papers between them."""
    n = len(distances)
    if n <= max(min_theme_size, 2) or distances.max() < 1e-9:
        return np.zeros(n, dtype=np.int32)
    import hdbscan

    # Larger samples have larger groups by chance; 2 up to 700 papers, 5 for 4,000.
    size = max(min_theme_size, 2, round(np.sqrt(n) / 13))
    model = hdbscan.HDBSCAN(
        metric="precomputed",
        min_cluster_size=size,
        min_samples=1,
        cluster_selection_method="leaf",
    ).fit(distances)
    labels: Labels = model.labels_.astype(np.int32)
    return labels if labels.max() >= 0 else np.zeros(n, dtype=np.int32)


def _place_all(distances: NDArray[np.float64], cores: Labels) -> Labels:
    """Every paper in the core it is nearest to on average; members of cores stay."""
    to_core = distances @ _averages(cores)
    return np.where(cores >= 0, cores, to_core.argmin(axis=1)).astype(np.int32)


def _averages(labels: Labels) -> NDArray[np.float64]:
    """(n, n_themes): column t averages over the members of theme t."""
    columns = np.zeros((len(labels), int(labels.max()) + 1))
    rows = np.flatnonzero(labels >= 0)
    columns[rows, labels[rows]] = 1.0
    averaged: NDArray[np.float64] = columns / columns.sum(axis=0)
    return averaged


def _theme_tree(distances: NDArray[np.float64], finest: Labels) -> NDArray[np.float64]:
    """SciPy linkage matrix of the papers: members of a finest theme first, at height 0, then
    average linkage between the themes, each weighing as many papers as it has."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    if len(finest) == 1:
        return np.empty((0, 4))
    average = _averages(finest)
    between = average.T @ distances @ average
    np.fill_diagonal(between, 0.0)
    blocks = between[np.ix_(finest, finest)]
    tree: NDArray[np.float64] = linkage(
        squareform((blocks + blocks.T) / 2, checks=False), method="average"
    )
    return tree


def _layer_sizes(n_finest: int, n_papers: int) -> _Cuts:
    """How many themes each layer has, finest first, and which layer is the default one."""
    aim = min(_DEFAULT_SCALE * n_papers ** (1 / 3), n_papers / _PAPERS_PER_DEFAULT_THEME)
    sizes = [min(max(1, round(aim)), n_finest)]
    while sizes[-1] / _LAYER_RATIO >= _FEWEST_THEMES:
        sizes.append(round(sizes[-1] / _LAYER_RATIO))
    if n_finest >= _FINE_RATIO * sizes[0]:
        return _Cuts((n_finest, *sizes), default_layer=1)
    return _Cuts(tuple(sizes), default_layer=0)


def _cut(tree: NDArray[np.float64], n_themes: int) -> Labels:
    """(n,) labels 0.. of the cut into `n_themes`."""
    from scipy.cluster.hierarchy import fcluster

    if len(tree) == 0:
        return np.zeros(1, dtype=np.int32)
    labels = fcluster(tree, n_themes, criterion="maxclust")
    return np.unique(labels, return_inverse=True)[1].astype(np.int32)


def _silhouettes(distances: NDArray[np.float64], labels: Labels) -> FloatRows:
    """How well each paper fits its theme: (n,) float32, at most 1.

    1 - (a / b)^2 with a the paper's mean distance to the rest of its theme and b that to the
    nearest other theme: a silhouette (Rousseeuw 1987) of squares where it is positive; below 0 for
    papers nearer to another theme, in proportion, so that the worst of them are told apart.
    """
    n_themes = int(labels.max()) + 1
    if n_themes == 1:
        return np.ones(len(labels), dtype=np.float32)
    counts = np.bincount(labels, minlength=n_themes)
    mean = distances @ _averages(labels)
    rows = np.arange(len(labels))
    size = counts[labels]
    own = mean[rows, labels] * size / np.maximum(size - 1, 1)
    mean[rows, labels] = np.inf
    nearest_other = mean.min(axis=1)
    # Rounded, so that equal fits stay equal whatever the order of the papers.
    fits = np.round(1.0 - (own / np.maximum(nearest_other, 1e-12)) ** 2, 6)
    return np.where(size > 1, fits, 1.0).astype(np.float32)


def _loose_papers(fits: FloatRows, cores: Labels, max_unassigned: float) -> NDArray[np.int64]:
    """Rows of the papers outside every core that fit their theme worst."""
    candidates = np.where(cores < 0, fits, np.inf)
    return _loosest(candidates, max_unassigned, below=_WEAK)


def _loosest(strengths: FloatRows, max_share: float, *, below: float) -> NDArray[np.int64]:
    """Rows with a strength under `below`, weakest first, no more than `max_share` of all."""
    at_most = int(max_share * len(strengths))
    weakest = np.argsort(strengths, kind="stable")[:at_most]
    return weakest[strengths[weakest] < below]


def _finest_to_layer(finest: Labels, layer: Labels) -> Labels:
    """For each finest theme, the theme of `layer` that holds it; last entry for unassigned."""
    mapping = np.full(int(finest.max()) + 2, UNASSIGNED, dtype=np.int32)
    mapping[finest] = layer
    mapping[-1] = UNASSIGNED
    return mapping


def _weighted_vote(labels: Labels, weights: FloatRows) -> Labels:
    """The label with the largest sum of weights in each row, the lowest one on a tie."""
    same = labels[:, :, None] == labels[:, None, :]
    sums = (same * weights[:, None, :]).sum(axis=2)
    best = np.lexsort((labels, -np.round(sums, 6)), axis=1)[:, :1]
    return np.take_along_axis(labels, best, axis=1)[:, 0]


def _share_of(labels: Labels, weights: FloatRows, chosen: Labels) -> FloatRows:
    """The share of each row's weights whose label is the chosen one: (n,) float32."""
    total = np.maximum(weights.sum(axis=1), 1e-12)
    shares: FloatRows = ((labels == chosen[:, None]) * weights).sum(axis=1) / total
    return shares.astype(np.float32)
