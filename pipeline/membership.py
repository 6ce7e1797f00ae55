"""How far to believe a theme: strengths that are probabilities, and how often papers stay together.

Both come from refits: the same themes found again without a random part of the papers (subsampling,
or m out of n bootstrap: Bickel, Götze, van Zwet 1997).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

Tier = Literal["core", "fringe"]

CORE_FROM = 0.7
"""A paper whose strength is this or more is of its theme's core, below it of its fringe."""

_BINS = 10
# Strengths stay inside these: no number of refits makes a thing certain.
_LEAST, _MOST = 0.01, 0.99


@dataclass(frozen=True, slots=True)
class Refit:
    """One layer found again: `rows`, (m,) ascending, of the papers that it was found among, and
    their themes `labels`, (m,) int32, with numbers of their own."""

    rows: Rows
    labels: Labels


@dataclass(frozen=True, slots=True)
class Membership:
    """How firmly the papers of one layer belong, and its themes hold together.

    `strengths`: (n,) float32 in [0, 1]: how likely the paper is to be in the matching theme when
    a fifth of the papers is taken away; `stabilities`: (n_themes,) float32 in [0, 1]: of the pairs
    of the theme's papers, the share that is together in a refit; `calibration_error`: the expected
    calibration error of the strengths over the refits, each predicted from the others; nan where
    there are fewer than two.
    """

    strengths: FloatRows
    stabilities: FloatRows
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Trust:
    """How far to believe one layer of an atlas, as it was measured when that was built; None where
    it was not.

    `stability`: of the pairs of papers of a theme, the share that is together in a refit, mean
    over the themes by their size; `calibration_error`: of the strengths, as in `Membership`;
    `agreement`: how often a paper's theme is the one that the papers near it vote for.
    """

    stability: float | None = None
    calibration_error: float | None = None
    agreement: float | None = None


def trust_from(facts: Mapping[str, Any], layer: int) -> Trust:
    """What the `facts` of an atlas's themes tell of a layer; nothing where there are none."""
    if not facts:
        return Trust()
    return Trust(
        facts["stabilities"][layer],
        facts["calibration_errors"][layer],
        facts["agreements"][layer],
    )


def tier_of(strength: float) -> Tier:
    """Where a paper that has a theme stands in it; one without a theme is in no tier."""
    # Strengths are float32 of six digits: 0.7 is stored as a little less.
    return "core" if round(float(strength), 6) >= CORE_FROM else "fringe"


def measure_membership(labels: Labels, fits: FloatRows, refits: Sequence[Refit]) -> Membership:
    """Strengths and stabilities of one layer.

    `labels`: (n,) int32, 0..; `fits`: (n,) at most 1, higher where a paper is nearer to its theme
    than to the next. Without refits, or with a single theme, strengths are the fits cut at 0;
    without refits nothing is known of the stabilities (nan).
    """
    n_themes = int(labels.max()) + 1
    if not refits or n_themes == 1:
        known = _together(labels, 1, refits) if refits else np.full(n_themes, np.nan, np.float32)
        return Membership(np.clip(fits, 0.0, 1.0).astype(np.float32), known, float("nan"))
    stays = [_stays(labels[refit.rows], refit.labels) for refit in refits]
    strengths = _predict(fits, labels, refits, stays)
    return Membership(
        strengths,
        _together(labels, n_themes, refits),
        _error_on_others(fits, labels, refits, stays),
    )


def calibration_error(strengths: FloatRows, happened: Mask) -> float:
    """Expected calibration error in ten bins of equal width (Naeini, Cooper, Hauskrecht 2015): the
    mean distance of strength and frequency, each bin weighing as many papers as it has."""
    bins = np.minimum((strengths * _BINS).astype(int), _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    gaps = np.bincount(bins, weights=strengths - happened.astype(np.float64), minlength=_BINS)
    return float(np.abs(gaps).sum() / max(counts.sum(), 1))


def _error_on_others(
    fits: FloatRows, labels: Labels, refits: Sequence[Refit], stays: Sequence[Mask]
) -> float:
    """The calibration error over all refits, each predicted from the others alone."""
    if len(refits) < 2:
        return float("nan")
    predicted = [
        _predict(fits, labels, [*refits[:i], *refits[i + 1 :]], [*stays[:i], *stays[i + 1 :]])[
            refit.rows
        ]
        for i, refit in enumerate(refits)
    ]
    return calibration_error(np.concatenate(predicted), np.concatenate(stays))


def _stays(labels: Labels, found: Labels) -> Mask:
    """Which papers are in the refit's theme that matches theirs: (m,).

    Themes are matched one to one so that as many papers as possible are in both (Kuhn 1955).
    """
    from scipy.optimize import linear_sum_assignment

    overlaps = _overlaps(labels, found)
    themes, matches = linear_sum_assignment(-overlaps)
    match = np.full(overlaps.shape[0], -1)
    match[themes] = matches
    same: Mask = match[labels] == found
    return same


def _overlaps(labels: Labels, found: Labels) -> NDArray[np.int64]:
    """(n_themes, n_found) how many papers each pair of themes shares."""
    shape = (int(labels.max()) + 1, int(found.max()) + 1)
    flat = np.bincount(labels.astype(np.int64) * shape[1] + found, minlength=shape[0] * shape[1])
    return flat.reshape(shape)


def _together(labels: Labels, n_themes: int, refits: Sequence[Refit]) -> FloatRows:
    """(n_themes,) share of a theme's pairs that are together, over all refits; 1 for one paper."""
    same, pairs = np.zeros(n_themes), np.zeros(n_themes)
    for refit in refits:
        overlaps = _overlaps(labels[refit.rows], refit.labels)
        sizes = overlaps.sum(axis=1)
        same[: len(sizes)] += (overlaps * (overlaps - 1)).sum(axis=1)
        pairs[: len(sizes)] += sizes * (sizes - 1)
    return np.where(pairs > 0, same / np.maximum(pairs, 1), 1.0).astype(np.float32)


def _predict(
    fits: FloatRows, labels: Labels, refits: Sequence[Refit], stays: Sequence[Mask]
) -> FloatRows:
    """Each paper's probability of staying in its theme: (n,) float32.

    A logistic regression on the paper's fit, on how often it stayed in the refits that had it, and
    on how often its theme's papers did. What a refit teaches is predicted from the others alone.
    """
    from sklearn.linear_model import LogisticRegression

    counts, kept = np.zeros(len(fits)), np.zeros(len(fits))
    for refit, stayed in zip(refits, stays, strict=True):
        kept[refit.rows] += 1
        counts[refit.rows] += stayed
    inputs = []
    for refit, stayed in zip(refits, stays, strict=True):
        others, others_kept = counts.copy(), kept.copy()
        others[refit.rows] -= stayed
        others_kept[refit.rows] -= 1
        inputs.append(_features(fits, labels, others, others_kept)[refit.rows])
    outcomes = np.concatenate(stays)
    if outcomes.all() or not outcomes.any():
        return np.full(len(fits), _MOST if outcomes.all() else _LEAST, np.float32)
    model = LogisticRegression(max_iter=1000).fit(np.concatenate(inputs), outcomes)
    chances = model.predict_proba(_features(fits, labels, counts, kept))[:, 1]
    likely: FloatRows = np.round(np.clip(chances, _LEAST, _MOST), 6).astype(np.float32)
    return likely


def _features(
    fits: FloatRows, labels: Labels, counts: NDArray[np.float64], kept: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n, 3) what a paper's chance is predicted from: in `kept` refits it was `counts` times in
    the matching theme."""
    theme_kept = np.bincount(labels, weights=kept)[labels]
    of_theme = (np.bincount(labels, weights=counts)[labels] + 0.5) / (theme_kept + 1.0)
    # Drawn to its theme's share, as if that had been seen once more.
    own = (counts + of_theme) / (kept + 1.0)
    return np.stack([_log_odds(own), _log_odds(of_theme), fits], axis=1)


def _log_odds(share: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(share, 0.02, 0.98)
    odds: NDArray[np.float64] = np.log(inside / (1.0 - inside))
    return odds
