"""Themes: dense groups of papers in a diffusion space, and the broader themes that they form.

HDBSCAN (Campello, Moulavi, Sander 2013; leaf selection) finds the dense cores; every paper joins
the core it is nearest to on average. Broader layers merge these by average linkage, each after a
longer diffusion, so that all layers nest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.diffusion import DiffusionSpace

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]
Rows = NDArray[np.int64]
FloatArray = NDArray[np.float64]

UNASSIGNED = -1

# The default layer aims at 4.5 n^(1/3) themes (25 for 169 papers, 65 for 3,000, 194 for 80,000),
# but no more than one for six papers; neighbouring layers differ by a factor of three.
_DEFAULT_SCALE = 4.5
_PAPERS_PER_DEFAULT_THEME = 6
_LAYER_RATIO = 3.0
_FEWEST_THEMES = 4
_FINE_RATIO = 1.5
# Fewer papers than this have one layer: a finer one would be pairs.
_FEWEST_FOR_LAYERS = 60
# The walk that tells the themes of the finest and the default layer apart has as many steps as the
# logarithm of the papers of a theme, since what a walk may reach grows by a factor with each step,
# and four times as many for a third of the themes: areas are tied by longer paths than topics.
# With 2 steps everywhere and with this rule (2, 3 and 4 steps): topics of 3,104 abstracts .716 and
# .714 AMI, their areas in the broader layer .596 and .614; areas of 1,319 in the broader layer .32
# and .34 AMI, .22 and .33 ARI; a refit without a fifth of the papers agrees at ARI .78 and .81, .69
# and .73. The seeds, whose themes are small, lose .10 AMI with 4 steps. With the root in place of
# the logarithm (15 steps) 79,343 papers have a theme of 36,700 among 21.
_FEWEST_STEPS = 1.0
_STEPS_RATIO = 4.0
# How much of Ward's weight of sizes is in the linkage. From 0 to 0.2: fine topics .705 to .716 AMI,
# their areas .574 to .596, areas of a conference .333 to .322; the smallest of 66 themes has 19
# papers, not 6. From there to 1 broad layers get less stable, .67 to .47.
_SIZE_POWER = 0.2
# Distances are rounded to this, so that equal ones stay equal whatever the order of a sum.
_DECIMALS = 6
_LEAST_FIT = -9.0
# Of 80,000 papers and 600 themes all distances at once would take 400 MB, twice over.
_ROWS_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Nested themes of n papers, all of them placed.

    `labels`: (n_layers, n) int32, finest layer first, 0.. within a layer; `fits`: (n_layers, n)
    float32 in [-9, 1]: how much nearer each paper is to its own theme than to the next one, 0
    where it is as near; `in_core`: (n,) bool, papers of a dense core; `default_layer`: the layer a
    user sees first.
    """

    labels: Labels
    fits: FloatRows
    in_core: NDArray[np.bool_]
    default_layer: int

    def layer_like(self, layer: int, other: Hierarchy) -> Labels:
        """Of `other`, the layer that is as far from its default as `layer` is here."""
        place = other.default_layer + layer - self.default_layer
        labels: Labels = other.labels[min(max(place, 0), len(other.labels) - 1)]
        return labels


def find_themes(
    space: DiffusionSpace,
    *,
    n_papers: int,
    min_theme_size: int,
    layers: Sequence[int] = (),
    landmarks: Rows | None = None,
) -> Hierarchy:
    """Nested themes of the papers of a diffusion space.

    `n_papers`: size of the corpus, which sets how many themes are aimed at; `min_theme_size`:
    fewest papers of a finest theme; `layers`: how many themes are wanted in each layer, or
    nothing for what suits the corpus; `landmarks`: rows that the cores are looked for among, all
    of them by default.
    """
    aim = _default_aim(n_papers)
    steps = max(_FEWEST_STEPS, float(np.log(n_papers / aim)))
    near = space.at(steps)
    rows = np.arange(len(near)) if landmarks is None else landmarks
    cores = _find_cores(near[rows], min_theme_size)
    finest = _nearest_theme(near, _centres(near[rows], cores))
    finest[rows[cores >= 0]] = cores[cores >= 0]
    in_core = np.zeros(len(near), dtype=bool)
    in_core[rows[cores >= 0]] = True
    sizes, default_layer = _layer_sizes(int(finest.max()) + 1, n_papers, layers)
    labels = [finest]
    for size in sizes:
        breadth = max(0.0, float(np.log(aim / size) / np.log(_LAYER_RATIO)))
        labels.append(merge_themes(space.at(steps * _STEPS_RATIO**breadth), labels[-1], size))
    if default_layer == 0:
        del labels[0]
    fits = [theme_fits(near, layer) for layer in labels]
    return Hierarchy(np.stack(labels), np.stack(fits), in_core, default_layer)


def choose_landmarks(scales: FloatRows, n_landmarks: int, *, seed: int) -> Rows:
    """Rows of a seeded sample without repetition, ascending; all rows when they fit.

    `scales`: (n,) how far each paper's neighbours are: a paper among few others is taken more
    often than one among many, in proportion, so that small themes keep some.
    """
    if len(scales) <= n_landmarks:
        return np.arange(len(scales))
    weights = np.maximum(scales.astype(np.float64), 1e-6)
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(len(scales), n_landmarks, replace=False, p=weights / weights.sum()))


def merge_themes(rows: FloatRows, labels: Labels, n_themes: int) -> Labels:
    """The same papers in `n_themes` broader themes, or in as many as they have: (n,) int32.

    Average linkage of the themes in `labels` over the squared distances of `rows`, (n, d) unit
    rows, each weighing as many papers as it has: the mean squared distance between the papers of
    two themes is 2 - 2 <their mean rows>. It is multiplied by (a b / (a + b))^0.2 for themes of a
    and b papers, a part of the weight that Ward's linkage (1963) gives them: without it a broad
    layer has small themes that nothing was near enough to join, with all of it themes of like size.
    """
    sizes = np.bincount(labels).astype(np.float64)
    centres = _centres(rows, labels)
    home = np.arange(len(sizes))
    between = _apart(centres, sizes, centres, sizes)
    np.fill_diagonal(between, np.inf)
    for _ in range(len(sizes) - n_themes):
        into, gone = np.unravel_index(between.argmin(), between.shape)
        total = sizes[into] + sizes[gone]
        centres[into] = (sizes[into] * centres[into] + sizes[gone] * centres[gone]) / total
        sizes[into] = total
        home[home == gone] = into
        fresh = _apart(centres, sizes, centres[into : into + 1], sizes[into : into + 1])[:, 0]
        fresh[~np.isin(np.arange(len(home)), home)] = np.inf
        fresh[into] = np.inf
        between[into] = between[:, into] = fresh
        between[gone] = between[:, gone] = np.inf
    return np.unique(home, return_inverse=True)[1][labels].astype(np.int32)


def _apart(
    centres: FloatArray, sizes: FloatArray, others: FloatArray, other_sizes: FloatArray
) -> FloatArray:
    """How far themes are from being merged: (n_themes, n_others), from their mean rows."""
    products = sizes[:, None] * other_sizes / (sizes[:, None] + other_sizes)
    apart: FloatArray = np.round(
        (2.0 - 2.0 * centres @ others.T) * products**_SIZE_POWER, _DECIMALS
    )
    return apart


def theme_fits(rows: FloatRows, labels: Labels) -> FloatRows:
    """How well each paper fits its theme: (n,) float32 in [-9, 1].

    1 - a / b with a the paper's mean squared distance to the rest of its theme and b that to the
    nearest other theme: a silhouette (Rousseeuw 1987) where it is positive; below 0 for papers
    nearer to another theme, in proportion, so that the worst of them are told apart; no less than
    -9, where b is next to nothing.
    """
    sizes = np.bincount(labels)
    if len(sizes) == 1:
        return np.ones(len(labels), dtype=np.float32)
    centres = _centres(rows, labels)
    own, other = np.empty(len(labels)), np.empty(len(labels))
    for start in range(0, len(labels), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        # Rounded: of distances that are 0, float32 rows leave 1e-7, of either sign.
        distances = np.round(2.0 - 2.0 * rows[part].astype(np.float64) @ centres.T, _DECIMALS)
        at = np.arange(len(distances))
        own[part] = distances[at, labels[part]]
        distances[at, labels[part]] = np.inf
        other[part] = distances.min(axis=1)
    size = sizes[labels]
    own = np.maximum(own, 0.0) * size / np.maximum(size - 1, 1)
    scale = np.maximum(other, own / (1.0 - _LEAST_FIT))
    fits = np.where(scale > 0, 1.0 - own / np.where(scale > 0, scale, 1.0), 0.0)
    # Rounded, so that equal fits stay equal whatever the order of the papers.
    return np.where(size > 1, np.round(fits, _DECIMALS), 1.0).astype(np.float32)


def loosest(strengths: FloatRows, max_share: float, *, below: float) -> Rows:
    """Rows with a strength under `below`, weakest first, no more than `max_share` of all."""
    at_most = int(max_share * len(strengths) + 1e-9)
    weakest = np.argsort(strengths, kind="stable")[:at_most]
    return weakest[strengths[weakest] < below]


def _find_cores(rows: FloatRows, min_theme_size: int) -> Labels:
    """HDBSCAN's densest groups: (n,) labels, -1 for papers between them."""
    n = len(rows)
    together = np.zeros(n, dtype=np.int32)
    if n <= max(min_theme_size, 2):
        return together
    distances = _distances(rows)
    if distances.max() < 1e-4:
        return together
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
    return labels if labels.max() >= 0 else together


def _distances(rows: FloatRows) -> FloatArray:
    """(n, n) Euclidean distances of unit rows, rounded, zero diagonal."""
    exact = rows.astype(np.float64)
    squares = np.maximum(2.0 - 2.0 * exact @ exact.T, 0.0)
    distances = np.sqrt(squares, out=squares)
    np.round(distances, _DECIMALS - 2, out=distances)
    np.fill_diagonal(distances, 0.0)
    return distances


def _centres(rows: FloatRows, labels: Labels) -> FloatArray:
    """(n_themes, d) mean row of each theme; papers labelled -1 are in none."""
    from scipy.sparse import csr_matrix

    placed = np.flatnonzero(labels >= 0)
    shape = (int(labels.max()) + 1, len(labels))
    members = csr_matrix((np.ones(len(placed)), (labels[placed], placed)), shape=shape)
    sizes = np.bincount(labels[placed])
    means: FloatArray = (members @ rows.astype(np.float64)) / sizes[:, None]
    return means


def _nearest_theme(rows: FloatRows, centres: FloatArray) -> Labels:
    """The theme whose papers each row is nearest to on average, the first of equal ones."""
    nearest = np.empty(len(rows), np.int32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        likeness = np.round(rows[part].astype(np.float64) @ centres.T, _DECIMALS)
        nearest[part] = likeness.argmax(axis=1)
    return nearest


def _default_aim(n_papers: int) -> int:
    """How many themes a user would look through first."""
    aim = min(_DEFAULT_SCALE * float(np.cbrt(n_papers)), n_papers / _PAPERS_PER_DEFAULT_THEME)
    return max(1, round(aim))


def _layer_sizes(
    n_finest: int, n_papers: int, wanted: Sequence[int]
) -> tuple[tuple[int, ...], int]:
    """How many themes each layer below the finest groups has, and which layer is the default one:
    0 where the finest groups themselves are not shown."""
    if wanted:
        sizes = [min(size, n_finest) for size in sorted(set(wanted), reverse=True)]
        return tuple(dict.fromkeys(sizes)), 0
    sizes = [min(_default_aim(n_papers), n_finest)]
    if n_papers < _FEWEST_FOR_LAYERS:
        return tuple(sizes), 0
    while sizes[-1] / _LAYER_RATIO >= _FEWEST_THEMES:
        sizes.append(round(sizes[-1] / _LAYER_RATIO))
    return tuple(sizes), int(n_finest >= _FINE_RATIO * sizes[0])
