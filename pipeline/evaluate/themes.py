"""What groups of papers look like: how many papers they hold, how large and how separate they are.

Nothing here needs labels. Groups are (n,) integers, -1 for a paper in none.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.figure import Figure, figure, no_figure

FloatRows = NDArray[np.float32]
Groups = NDArray[np.int64]

# Silhouettes compare every pair: 5,000 papers take a second or two.
_MOST_FOR_SILHOUETTE = 5_000
# hdbscan's index holds all distances and walks over every pair of groups: 2,000 papers in 500
# groups take 3 s.
_MOST_FOR_DENSITY = 2_000
# Nearer than this, two unit rows are one: float32 rounds no better.
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the groups are, in papers; `largest_share` is of the papers in any group."""

    n_groups: int
    smallest: int
    median: float
    largest: int
    largest_share: float


def group_sizes(groups: Groups) -> Sizes:
    """The sizes of groups; all 0 where there is none."""
    sizes = np.unique(groups[groups >= 0], return_counts=True)[1]
    if not len(sizes):
        return Sizes(0, 0, 0.0, 0, 0.0)
    return Sizes(
        len(sizes),
        int(sizes.min()),
        float(np.median(sizes)),
        int(sizes.max()),
        float(sizes.max() / sizes.sum()),
    )


def coverage(groups: Groups) -> Figure:
    """The share of papers that are in a group."""
    if not len(groups):
        return no_figure("there are no papers")
    return Figure(float((groups >= 0).mean()))


def silhouette(vectors: FloatRows, groups: Groups, *, seed: int) -> Figure:
    """The mean silhouette (Rousseeuw 1987) of the papers in a group, by cosine distance: from -1,
    nearer to another group than to the own one, to 1.

    A paper that is alone in its group counts 0. Above 5,000 papers it is that of a seeded sample,
    in which each group has its share.
    """
    from sklearn.metrics import silhouette_score

    rows = sample_by_group(groups, _MOST_FOR_SILHOUETTE, seed=seed)
    n_groups = len(np.unique(groups[rows]))
    if n_groups < 2:
        return no_figure("it compares two groups or more")
    if n_groups == len(rows):
        return no_figure("every group has one paper")
    score = silhouette_score(vectors[rows], groups[rows], metric="cosine")
    return figure(score, undefined="the papers cannot be told apart")


def density_validity(vectors: FloatRows, groups: Groups, *, seed: int) -> Figure:
    """DBCV (Moulavi et al. 2014): how much sparser it is between groups than inside, from -1 to 1.

    In the embedding space: Euclidean distances between the unit rows, its dimension for the
    density's exponent. A paper that is alone in its group counts as noise, which lowers the
    figure. Above 2,000 papers it is that of a seeded sample, in which each group has its share.
    """
    from hdbscan.validity import validity_index

    rows = sample_by_group(groups, _MOST_FOR_DENSITY, seed=seed)
    labels = _without_singles(groups[rows])
    if labels.max(initial=-1) < 1:
        return no_figure("it compares two groups of two papers or more")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        # (1 / distance)^dimension overflows for near copies; their density is then without end,
        # which is what it should be.
        try:
            index = validity_index(
                _distances(vectors[rows]), labels, metric="precomputed", d=vectors.shape[1]
            )
        except AssertionError:  # hdbscan 0.8 finds no edge of its tree among equal distances
            index = np.nan
    return figure(index, undefined="groups of copies have no density")


def sample_by_group(groups: Groups, at_most: int, *, seed: int) -> NDArray[np.int64]:
    """Rows of papers in a group, ascending; where there are more than `at_most`, a seeded sample
    in which each group has its share, and two papers at least where it has them.

    (So that it may be larger than `at_most` by two for each group.)
    """
    rows = np.flatnonzero(groups >= 0)
    if len(rows) <= at_most:
        return rows
    rng = np.random.default_rng(seed)
    share = at_most / len(rows)
    chosen: list[NDArray[np.int64]] = []
    for group in np.unique(groups[rows]):
        members = np.flatnonzero(groups == group)
        count = min(len(members), max(2, round(share * len(members))))
        chosen.append(rng.choice(members, count, replace=False))
    return np.sort(np.concatenate(chosen))


def _distances(vectors: FloatRows) -> NDArray[Any]:
    """Euclidean distances of unit rows, (n, n) float64; those of copies are exactly 0."""
    rows = vectors.astype(np.float64)
    squares = np.maximum(2.0 - 2.0 * (rows @ rows.T), 0.0)
    distances: NDArray[Any] = np.sqrt(squares)
    distances[squares < _SAME] = 0.0
    np.fill_diagonal(distances, 0.0)
    return distances


def _without_singles(groups: Groups) -> Groups:
    """The groups numbered from 0, those of one paper as -1."""
    _, places, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    numbers = np.where(sizes > 1, np.cumsum(sizes > 1) - 1, -1)
    return numbers[places].astype(np.int64)
