"""How far the map can be believed: of each paper, and of the whole layout.

Everything is by ranks or correlations: neither turning nor scaling a layout changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]
Neighbors = NDArray[np.int32]
Rows = NDArray[np.int64]

FAR_PRESERVATION = 0.8
"""A paper of less than this lies far from its nearest papers, and a map marks it.

A fifth of all papers lies between then. The very nearest of ten counts 1/(1 + 1/2 + ... + 1/10) =
.34: where it has .6 of all papers between, the mark is certain whatever the others do. Measured, no
paper is unmarked whose nearest one, of its theme, lies beyond .6 of the map's diameter, for 169 to
80,662 papers, and the marked are 11 to 3% of all; at .9 they would be 36 to 9%.
"""

FAR_FROM_THEME = 0.6
"""A paper farther than this from the middle of its theme, in radii of the map, is marked too.

Of two papers of one theme that lie more than twice as far apart at least one is: two that the map
puts at opposite ends, each among papers that are near it, say so.
"""

# Points whose distances differ by less lie on one circle: what rounding makes of a turned layout.
_SAME_DISTANCE = 1e-6
_SAME_SIMILARITY = 1e-6
_COUNTED_AT_ONCE = 1 << 16
# The figures of a whole layout are means over papers: those of so many are within a hundredth.
_MOST_JUDGED = 2_000
_COMPARED_AT_ONCE = 32 << 20
# Three themes have three distances, which any order of them makes a figure of.
_FEWEST_THEMES = 4
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class LayoutQuality:
    """How well a layout keeps what is near in the embedding space, over all papers or 2,000 of
    them; None for a figure that so few papers or themes do not have.

    `trustworthiness` and `continuity` (Venna and Kaski 2006), in [0, 1]: whether papers that are
    beside each other on the map are near, and whether near ones are beside each other.
    `neighbors_kept`: share of the papers' 10 nearest that are among the 10 nearest on the map.
    `arrangement`: Spearman's correlation, over pairs of themes, of how far their centres are apart
    in the space (cosine) and on the map. `far_share`: of papers that lie far from their nearest.
    """

    trustworthiness: float | None
    continuity: float | None
    neighbors_kept: float | None
    arrangement: float | None
    far_share: float

    def as_facts(self) -> dict[str, float | None]:
        """The same as JSON values."""
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> LayoutQuality:
        """What `as_facts` gave."""
        return cls(**facts)


def judge_layout(
    layout: FloatRows, vectors: FloatRows, neighbors: Neighbors, themes: NDArray[np.int32]
) -> tuple[LayoutQuality, FloatRows]:
    """How good a layout of n papers is, and the `preservation` of each, (n,), where
    it lies near its theme: else its `theme_nearness`, if that is less.

    `layout`: (n, 2); `vectors`: (n, dim) unit rows; `neighbors`: (n, k) each paper's nearest rows,
    -1 where fewer are known; `themes`: (n,), -1 for none. More than 2,000 papers are represented
    by a seeded sample of as many, which are compared with all.
    """
    kept = np.minimum(preservation(layout, neighbors), theme_nearness(layout, themes))
    n, k = neighbors.shape
    far_share = float((kept < FAR_PRESERVATION).mean()) if n else 0.0
    arrangement = theme_arrangement(layout, vectors, themes)
    if k == 0 or n <= 2 * k + 1:  # with k of half the papers, ranks say nothing
        return LayoutQuality(None, None, None, arrangement, _rounded(far_share)), kept
    rows = _sampled(n)
    is_known = neighbors[rows] >= 0
    between = np.where(is_known, n_nearer(layout, neighbors[rows], rows), 0)
    nearby = nearest_on_map(layout, rows, k)
    quality = LayoutQuality(
        trustworthiness=_rounded(_rank_quality(n_closer(vectors, nearby, rows), n)),
        continuity=_rounded(_rank_quality(between, n)),
        neighbors_kept=_rounded(float((between < k)[is_known].mean())) if is_known.any() else None,
        arrangement=arrangement,
        far_share=_rounded(far_share),
    )
    return quality, kept


def theme_nearness(layout: FloatRows, themes: NDArray[np.int32]) -> FloatRows:
    """How near the map keeps each of n papers to the rest of its theme: (n,) float32 in (0, 1].

    1 within `FAR_FROM_THEME` of the theme's middle, and without a theme; beyond it less than
    `FAR_PRESERVATION`, in proportion to how far. Radius: that of the map around its middle.
    """
    nearness = np.ones(len(layout), np.float32)
    places = layout.astype(np.float64)
    radius = np.hypot(*(places - places.mean(axis=0)).T).max(initial=0.0) if len(places) else 0.0
    for theme in np.unique(themes[themes >= 0]) if radius > 0 else ():
        rows = np.flatnonzero(themes == theme)
        away = np.hypot(*(places[rows] - places[rows].mean(axis=0)).T) / radius
        astray = away > FAR_FROM_THEME
        nearness[rows[astray]] = 0.99 * FAR_PRESERVATION * FAR_FROM_THEME / away[astray]
    return nearness


def theme_arrangement(
    layout: FloatRows, vectors: FloatRows, themes: NDArray[np.int32]
) -> float | None:
    """Spearman's correlation of the themes' distances in the space and on the map, in [-1, 1]; None
    for fewer than four themes, or where all are equally far."""
    from scipy.spatial.distance import pdist
    from scipy.stats import spearmanr

    known = np.unique(themes[themes >= 0])
    if len(known) < _FEWEST_THEMES:
        return None
    centres = np.stack([vectors[themes == t].mean(axis=0, dtype=np.float64) for t in known])
    places = np.stack([layout[themes == t].mean(axis=0, dtype=np.float64) for t in known])
    lengths = np.linalg.norm(centres, axis=1, keepdims=True)
    apart = np.round(pdist(centres / np.maximum(lengths, 1e-9), "sqeuclidean"), 9)
    on_map = pdist(places)
    if np.ptp(apart) == 0 or np.ptp(on_map) == 0:
        return None
    return _rounded(float(spearmanr(apart, on_map).statistic))


def preservation(layout: FloatRows, neighbors: Neighbors) -> FloatRows:
    """How well the map keeps each of n papers beside its nearest ones: (n,) float32 in [0, 1].

    1 where none of its k nearest has more than k - 1 papers between, 0 where all of the map lies
    between: one minus the mean share of the other papers that lie nearer on the map than a nearest
    paper does, where the r-th nearest counts 1/r. That is the continuity of Venna and Kaski (2006)
    for one paper, with ranks weighted as Lee, Peluffo-Ordonez and Verleysen (2015) weigh the sizes
    of neighbourhoods, so that the very nearest count most; both leave the average to the reader.

    `layout`: (n, 2); `neighbors`: (n, k) rows, nearest first, -1 where fewer are known; a paper
    with none known is kept well wherever it is. O(n k log n) for neighbours that are kept.
    """
    n, k = neighbors.shape
    n_farther = n - 1 - k
    if k == 0 or n_farther < 1:
        return np.ones(n, dtype=np.float32)
    is_known = neighbors >= 0
    between = np.where(is_known, n_nearer(layout, neighbors), 0)
    missed = np.clip(between - (k - 1), 0, n_farther) / n_farther
    weights = np.where(is_known, 1.0 / np.arange(1, k + 1), 0.0)
    lost = (weights * missed).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
    kept: FloatRows = (1.0 - lost).astype(np.float32)
    return kept


def n_nearer(
    layout: FloatRows, others: NDArray[np.integer[Any]], papers: Rows | None = None
) -> Rows:
    """How many papers lie nearer on the map to each of the rows `papers`, by default all n, than
    each of its `others`, (n_papers, k) rows, does: (n_papers, k), the paper itself left out;
    anything for an other of -1."""
    from scipy.spatial import cKDTree

    places = np.asarray(layout, dtype=np.float64)
    centres = places if papers is None else places[papers]
    tree = cKDTree(places, leafsize=64)
    counts = np.empty(others.shape, dtype=np.int64)
    step = max(1, _COUNTED_AT_ONCE // max(1, others.shape[1]))
    for start in range(0, len(others), step):
        part = slice(start, start + step)
        own = np.repeat(centres[part, None], others.shape[1], axis=1)
        radii = np.linalg.norm(own - places[others[part]], axis=2) * (1 - _SAME_DISTANCE)
        within = tree.query_ball_point(own, radii, return_length=True)
        counts[part] = np.where(radii > 0, within - 1, 0)  # nothing is nearer than the same spot
    return counts


def n_closer(vectors: FloatRows, others: Rows, papers: Rows) -> Rows:
    """How many papers are more similar to each of the rows `papers` than each of its `others`,
    (n_papers, k) rows, is: (n_papers, k), the paper itself left out. Similarities that differ by
    less than a millionth are the same."""
    counts = np.empty(others.shape, dtype=np.int64)
    step = max(1, _COMPARED_AT_ONCE // max(1, len(vectors)))
    for start in range(0, len(papers), step):
        part = slice(start, start + step)
        similarities = vectors[papers[part]] @ vectors.T
        np.put_along_axis(similarities, papers[part, None], -np.inf, axis=1)
        least = np.take_along_axis(similarities, others[part], axis=1) + _SAME_SIMILARITY
        for place in range(others.shape[1]):
            counts[part, place] = (similarities > least[:, [place]]).sum(axis=1)
    return counts


def nearest_on_map(layout: FloatRows, papers: Rows, k: int) -> Rows:
    """The `k` rows that lie nearest on the map to each of `papers`, without itself:
    (n_papers, k), nearest first."""
    from scipy.spatial import cKDTree

    places = np.asarray(layout, dtype=np.float64)
    _, found = cKDTree(places).query(places[papers], k + 1)
    # Where many lie on one spot a paper may be missing from its own list: the last one goes.
    order = np.argsort(found == papers[:, None], axis=1, kind="stable")[:, :k]
    nearby: Rows = np.take_along_axis(found, order, axis=1)
    return nearby


def _rank_quality(between: Rows, n: int) -> float:
    """One minus what ranks beyond k lose, against the most they can: Venna and Kaski (2006),
    equations 1 and 2. `between`: (n_papers, k) how many of n papers are nearer than each listed."""
    k = between.shape[1]
    lost = float(np.maximum(between + 1 - k, 0).sum(axis=1).mean())
    return 1.0 - 2.0 * lost / float(k * (2 * n - 3 * k - 1))


def _sampled(n: int) -> Rows:
    if n <= _MOST_JUDGED:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, _MOST_JUDGED, replace=False))


def _rounded(value: float) -> float:
    return float(round(value, _DECIMALS))
