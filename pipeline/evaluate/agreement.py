"""How well groups of papers agree with labels that people gave, and how sure that is.

Draws for the intervals are halves of the papers without repetition, not papers drawn with
repetition: a paper drawn twice agrees with itself, which lifts every figure that counts pairs, the
more the smaller the groups are. The spread of a figure over random halves is, to first order, that
of the figure over all papers (Politis, Romano, Wolf 1999, Subsampling; Shao and Wu 1989, the
delete-d jackknife with d = n / 2). What a half shifts a figure by is taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.figure import Figure, no_figure

Groups = NDArray[np.int64]
Counts = NDArray[np.int64]

N_DRAWS = 1_000
_INTERVAL = (2.5, 97.5)
_FEWEST_FOR_INTERVAL = 20
# The mutual information that chance alone gives depends on the sizes of labels and groups only. In
# large corpora it is by far the slowest to compute; there a linear fit on entropies and number of
# groups, from some of the draws, stands for it (measured on 1,319 papers in 5, 50 and 180 groups:
# ends of the interval within .001 of the exact ones; with its mean in place they were off by .004).
_MOST_FOR_EXACT_CHANCE = 1_000
_DRAWS_FOR_CHANCE = 60
_TINY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of groups with labels over `n_papers` papers, each figure with its 95% interval.

    `ami`: adjusted mutual information (Vinh et al. 2010, arithmetic mean); `ari`: adjusted Rand
    index (Hubert and Arabie 1985); `fmi`: Fowlkes-Mallows index (1983); `homogeneity`: groups have
    one label; `completeness`: labels have one group (Rosenberg and Hirschberg 2007).
    """

    n_papers: int
    ami: Figure
    ari: Figure
    fmi: Figure
    homogeneity: Figure
    completeness: Figure


MEASURES = ("ami", "ari", "fmi", "homogeneity", "completeness")
_LEAST = (-1.0, -1.0, 0.0, 0.0, 0.0)


def agree(labels: Groups, groups: Groups, *, seed: int, n_draws: int = N_DRAWS) -> Agreement:
    """Agreement of `groups` with `labels`, both (n,) and from 0.

    Figures do not exist where there are fewer than two papers or where all have one label, and
    have no interval where there are fewer than 20 papers.
    """
    n = len(labels)
    if n < 2 or len(np.unique(labels)) < 2:
        reason = "all papers have one label" if n > 1 else "it compares two papers or more"
        return Agreement(n, *(no_figure(reason) for _ in MEASURES))
    values = score(labels, groups)
    if n < _FEWEST_FOR_INTERVAL:
        return Agreement(n, *(Figure(value) for value in values))
    draws = np.array(_scores_of_halves(labels, groups, n_draws, seed))
    return Agreement(
        n,
        *(
            _with_interval(value, drawn, least=least)
            for value, drawn, least in zip(values, draws.T, _LEAST, strict=True)
        ),
    )


def alone_where_unassigned(groups: Groups) -> Groups:
    """The groups with every paper of none (-1) in a group of its own."""
    alone = np.flatnonzero(groups < 0)
    own = groups.copy()
    own[alone] = groups.max(initial=-1) + 1 + np.arange(len(alone))
    return own


def score(labels: Groups, groups: Groups) -> tuple[float, ...]:
    """AMI, ARI, FMI, homogeneity and completeness of two groupings, as scikit-learn has them."""
    cells = _cells(labels, groups)
    return _score(cells, _chance(cells))


def _scores_of_halves(
    labels: Groups, groups: Groups, n_draws: int, seed: int
) -> list[tuple[float, ...]]:
    n = len(labels)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(n_draws):
        rows = rng.permutation(n)[: n // 2]
        drawn.append(_cells(labels[rows], groups[rows]))
    if n <= _MOST_FOR_EXACT_CHANCE:
        return [_score(cells, _chance(cells)) for cells in drawn]
    facts = np.array([_chance_facts(cells) for cells in drawn])
    exact = [_chance(cells) for cells in drawn[:_DRAWS_FOR_CHANCE]]
    weights = np.linalg.lstsq(facts[: len(exact)], np.array(exact), rcond=None)[0]
    return [_score(cells, float(own @ weights)) for cells, own in zip(drawn, facts, strict=True)]


def _with_interval(value: float, drawn: NDArray[np.float64], *, least: float) -> Figure:
    low, high = np.percentile(drawn, _INTERVAL) - drawn.mean() + value
    return Figure(
        value,
        low=min(max(float(low), least), value),
        high=max(min(float(high), 1.0), value),
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """A contingency table by its cells that are not empty: how many papers each has, and how many
    its label and its group have."""

    counts: Counts
    of_label: Counts
    of_group: Counts
    label_sizes: Counts
    group_sizes: Counts


def _cells(labels: Groups, groups: Groups) -> _Cells:
    width = int(groups.max()) + 1
    codes, counts = np.unique(labels * width + groups, return_counts=True)
    label_sizes, group_sizes = np.bincount(labels), np.bincount(groups)
    return _Cells(
        counts,
        label_sizes[codes // width],
        group_sizes[codes % width],
        label_sizes[label_sizes > 0],
        group_sizes[group_sizes > 0],
    )


def _score(cells: _Cells, chance: float) -> tuple[float, ...]:
    n = int(cells.counts.sum())
    information = _information(cells, n)
    of_labels, of_groups = _entropy(cells.label_sizes, n), _entropy(cells.group_sizes, n)
    return (
        _adjusted_information(cells, information, (of_labels + of_groups) / 2, chance),
        *_pair_scores(cells, n),
        information / of_labels if of_labels else 1.0,
        information / of_groups if of_groups else 1.0,
    )


def _information(cells: _Cells, n: int) -> float:
    """Mutual information in nats."""
    ratios = cells.counts * n / (cells.of_label * cells.of_group)
    return max(float((cells.counts / n * np.log(ratios)).sum()), 0.0)


def _entropy(sizes: Counts, n: int) -> float:
    """Entropy in nats."""
    shares = sizes / n
    return max(float(-(shares * np.log(shares)).sum()), 0.0) if len(sizes) > 1 else 0.0


def _adjusted_information(cells: _Cells, information: float, most: float, chance: float) -> float:
    n_labels, n_groups = len(cells.label_sizes), len(cells.group_sizes)
    if n_labels == 1 or n_groups == 1:
        return float(n_labels == n_groups)
    # Both may be nothing but rounding where groups and labels are the same: then it is 1.
    over, room = information - chance, most - chance
    return (over if abs(over) > _TINY else _TINY) / (room if abs(room) > _TINY else _TINY)


def _chance_facts(cells: _Cells) -> tuple[float, ...]:
    """What the mutual information by chance follows from, nearly."""
    n = int(cells.counts.sum())
    of_labels, of_groups = _entropy(cells.label_sizes, n), _entropy(cells.group_sizes, n)
    return 1.0, of_labels, of_groups, len(cells.label_sizes), len(cells.group_sizes)


def _chance(cells: _Cells) -> float:
    """The mutual information that groups of these sizes have by chance."""
    from scipy.sparse import csr_matrix
    from sklearn.metrics.cluster import expected_mutual_information

    # It reads the sums of rows and columns only; a table of one row and one of one column would
    # not do, so the sizes are laid along the edges of a table that has the same sums.
    table = csr_matrix(_staircase(cells.label_sizes, cells.group_sizes))
    return float(expected_mutual_information(table, int(cells.counts.sum())))


def _staircase(rows: Counts, columns: Counts) -> tuple[Counts, tuple[Counts, Counts]]:
    """Values and places of a table with these sums of rows and columns, along its diagonal."""
    row_ends, column_ends = np.cumsum(rows), np.cumsum(columns)
    ends = np.unique(np.concatenate([row_ends, column_ends]))
    values = np.diff(ends, prepend=0)
    return values, (np.searchsorted(row_ends, ends), np.searchsorted(column_ends, ends))


def _pair_scores(cells: _Cells, n: int) -> tuple[float, float]:
    """ARI and FMI, from the numbers of pairs that are together in both, in either, in none."""
    both = _pairs(cells.counts)
    by_label, by_group = _pairs(cells.label_sizes), _pairs(cells.group_sizes)
    if both == by_label == by_group:
        return 1.0, float(both > 0)
    expected = by_label * by_group / (n * (n - 1) / 2)
    rand = (both - expected) / ((by_label + by_group) / 2 - expected)
    together = both / np.sqrt(by_label) / np.sqrt(by_group) if both else 0.0
    return float(rand), float(together)


def _pairs(sizes: Sequence[int] | Counts) -> float:
    counts = np.asarray(sizes, dtype=np.float64)
    return float((counts * (counts - 1) / 2).sum())
