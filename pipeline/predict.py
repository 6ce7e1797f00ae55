"""Themes of papers by their nearest ones: the atlas's own papers keep theirs, new ones find one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.index import ExactIndex

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]
Rows = NDArray[np.int64]

UNASSIGNED = -1
N_NEAREST = 10

# A neighbour's vote counts by its similarity to this power. Leave-one-out agreement in the default
# layer on 1,319 and 3,104 abstracts, for the powers 2 and 8: .84 and .87, .92 and .93; of 5, 10, 15
# and 30 neighbours 10 agreed best.
_POWER = 8
# Rows whose similarity is this near to 1 are looked at number by number.
_ALIKE = 1 - 1e-5
_SAME = 1e-6
_MEASURED = 1000
# The share of the atlas's own papers that would be told to be far from all others.
_FAR_SHARE = 0.005


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of predictions, from papers of the atlas that are hidden from their own vote.

    `agreements`: for each layer, how often the theme that a paper's neighbours vote for is its
    own, nan where there are no neighbours; `odds`: for each layer (intercept, slope) of the
    logistic curve from the log-odds of the vote to the chance that it is right; `far_below`: a
    paper whose nearest one is less similar than this is far from everything; copies of a paper
    are not near it, they are it.
    """

    agreements: tuple[float, ...]
    odds: tuple[tuple[float, float], ...]
    far_below: float


@dataclass(frozen=True, slots=True)
class Predictions:
    """Themes of m texts.

    `theme_ids`: (n_layers, m) int32, -1 only for a paper of the atlas that has no theme there, or
    where no neighbour has one; `strengths`: (n_layers, m) float32, how likely the theme is the
    paper's; `nearest`: (m, k) rows of the nearest papers, best first, with their `similarities`,
    cosines; `known_rows`: (m,) the row of the paper that a text is, -1 for a new one; `is_far`:
    (m,) true where nothing in the atlas is near.
    """

    theme_ids: Labels
    strengths: FloatRows
    nearest: Rows
    similarities: FloatRows
    known_rows: Rows
    is_far: NDArray[np.bool_]


class Predictor:
    """Tells the themes of papers from those of the papers near them; safe for many threads."""

    def __init__(
        self,
        vectors: FloatRows,
        theme_ids: Labels,
        strengths: FloatRows,
        *,
        default_layer: int,
        judgement: Judgement,
    ) -> None:
        """`vectors`: (n, dim) unit rows; `theme_ids`, `strengths`: (n_layers, n), nested, finest
        layer first, -1 and 0 where a paper has no theme."""
        self._index = ExactIndex(vectors)
        self.vectors = vectors
        self._theme_ids = theme_ids
        self._strengths = strengths
        self._default_layer = default_layer
        self._judgement = judgement

    def predict(self, vectors: FloatRows, *, rows: Rows | None = None) -> Predictions:
        """Themes of (m, dim) unit rows; `rows`: (m,) which of the atlas's papers each is known to
        be, -1 where that is not known. Raises ValueError for rows of another width.

        A row that is one of the atlas's own has that paper's themes and strengths, alone or among
        others. Any other has the theme of the default layer that its nearest papers vote for, the
        broader ones that hold it, and of the finer ones within what the same papers vote for.
        """
        if vectors.shape[1:] != self.vectors.shape[1:]:
            raise ValueError(f"rows {vectors.shape} beside papers {self.vectors.shape}")
        similarities, nearest = self._index.search(vectors, N_NEAREST)
        theme_ids, shares = _vote(
            self._theme_ids[:, nearest], similarities, default_layer=self._default_layer
        )
        strengths = np.stack(
            [
                _chances(share, odds)
                for share, odds in zip(shares, self._judgement.odds, strict=True)
            ]
        )
        strengths[theme_ids == UNASSIGNED] = 0.0
        is_far = similarities[:, 0] < self._judgement.far_below
        # What the curve learnt was near; the farther a text, the less it holds.
        distance = np.maximum(similarities[:, 0], 0.0) / max(self._judgement.far_below, 1e-6)
        strengths[:, is_far] *= distance[is_far].astype(np.float32)
        known = self._known_rows(vectors, similarities, nearest)
        if rows is not None:
            known = np.where(rows >= 0, rows, known)
        own = np.flatnonzero(known >= 0)
        theme_ids[:, own] = self._theme_ids[:, known[own]]
        strengths[:, own] = self._strengths[:, known[own]]
        return Predictions(
            theme_ids,
            strengths,
            nearest,
            similarities,
            known,
            is_far & (known < 0),
        )

    def _known_rows(self, vectors: FloatRows, similarities: FloatRows, nearest: Rows) -> Rows:
        """(m,) the atlas's row that each vector is, -1 for none."""
        known = np.full(len(vectors), -1, np.int64)
        for i in np.flatnonzero(similarities[:, 0] >= _ALIKE):
            alike = nearest[i][similarities[i] >= _ALIKE]
            differences = np.abs(self.vectors[alike] - vectors[i]).max(axis=1)
            best = int(differences.argmin())
            if differences[best] <= _SAME:
                known[i] = alike[best]
        return known


def judge_predictions(
    vectors: FloatRows, theme_ids: Labels, *, default_layer: int, seed: int
) -> Judgement:
    """What the votes of a paper's neighbours are worth, over at most 1,000 of the papers that have
    a theme, each hidden from its own vote. Shapes as for `Predictor`."""
    from threadpoolctl import threadpool_limits

    candidates = np.flatnonzero(theme_ids[default_layer] != UNASSIGNED)
    if len(candidates) > _MEASURED:
        rng = np.random.default_rng(seed)
        candidates = np.sort(rng.choice(candidates, _MEASURED, replace=False))
    if len(vectors) < 2 or not len(candidates):
        unmeasured = (float("nan"),) * len(theme_ids)
        return Judgement(unmeasured, ((0.0, 1.0),) * len(theme_ids), 0.0)
    similarities, nearest = ExactIndex(vectors).search(vectors[candidates], N_NEAREST + 1)
    others = nearest != candidates[:, None]
    others[others.all(axis=1), -1] = False  # of many equals its own row may not be listed
    shape = (len(candidates), nearest.shape[1] - 1)
    nearest, similarities = nearest[others].reshape(shape), similarities[others].reshape(shape)
    voted, shares = _vote(theme_ids[:, nearest], similarities, default_layer=default_layer)
    right = voted == theme_ids[:, candidates]
    with threadpool_limits(1):
        odds = tuple(_fit_odds(share, own) for share, own in zip(shares, right, strict=True))
    return Judgement(
        tuple(round(float(share), 4) for share in right.mean(axis=1)),
        odds,
        _far_below(similarities),
    )


def _far_below(similarities: FloatRows) -> float:
    """The similarity to the nearest other paper that all but few of the papers reach: of (m, k)
    similarities, best first. A copy is no other paper; 0 where there are copies alone."""
    others = np.where(similarities < _ALIKE, similarities, -np.inf).max(axis=1)
    others = others[np.isfinite(others)]
    return round(float(np.quantile(others, _FAR_SHARE)), 4) if len(others) else 0.0


def _vote(
    theme_ids: Labels, similarities: FloatRows, *, default_layer: int
) -> tuple[Labels, FloatRows]:
    """The themes that (n_layers, m, k) voters choose and their shares of the vote, (n_layers, m)
    each; `similarities`: (m, k), best first. From the default theme down, and for those that hold
    it, only its own papers vote, so that the choices are nested as the themes are."""
    weights = _weights(similarities)
    total = weights.sum(axis=1)
    chosen = np.empty(theme_ids.shape[:2], np.int32)
    shares = np.empty(theme_ids.shape[:2], np.float32)

    def choose(layer: int, voters: NDArray[np.bool_]) -> NDArray[np.bool_]:
        chosen[layer] = _heaviest(theme_ids[layer], weights, voters)
        own: NDArray[np.bool_] = theme_ids[layer] == chosen[layer, :, None]
        shares[layer] = (weights * own).sum(axis=1) / total
        return own & voters

    within = choose(default_layer, np.ones(weights.shape, np.bool_))
    for layer in range(default_layer + 1, len(theme_ids)):
        choose(layer, within)
    for layer in range(default_layer - 1, -1, -1):
        within = choose(layer, within)
    return chosen, shares


def _weights(similarities: FloatRows) -> NDArray[np.float64]:
    """How much each of (m, k) voters counts, the nearest 1: only how near they are beside each
    other matters, so that a text far from all is no tie. All count the same where none is near."""
    best = similarities[:, :1].astype(np.float64)
    relative = np.maximum(similarities, 0.0) / np.where(best > 0, best, 1.0)
    weights: NDArray[np.float64] = np.where(best > 0, relative, 1.0) ** _POWER
    return weights


def _heaviest(
    themes: Labels, weights: NDArray[np.float64], voters: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """The theme with the largest sum of weights among the `voters` in each row, (m,); the lowest
    id on a tie, -1 where no voter has a theme. All (m, k)."""
    same = (themes[:, :, None] == themes[:, None, :]) & voters[:, None, :]
    sums = np.round((same * weights[:, None, :]).sum(axis=2), 9)
    may_win = voters & (themes != UNASSIGNED)
    sums[~may_win] = -1.0
    best = np.lexsort((themes, -sums), axis=1)[:, :1]
    heaviest: Labels = np.take_along_axis(themes, best, axis=1)[:, 0]
    return np.where(may_win.any(axis=1), heaviest, UNASSIGNED).astype(np.int32)


def _chances(shares: FloatRows, odds: Sequence[float]) -> FloatRows:
    """The chance that a vote with this share is right: (m,) float32 in [0, 1]."""
    likely = 1.0 / (1.0 + np.exp(-(odds[0] + odds[1] * _log_odds(shares))))
    chances: FloatRows = np.round(likely, 6).astype(np.float32)
    return chances


def _log_odds(shares: FloatRows) -> NDArray[np.float64]:
    inside = np.clip(shares.astype(np.float64), 0.02, 0.98)
    odds: NDArray[np.float64] = np.log(inside / (1.0 - inside))
    return odds


def _fit_odds(shares: FloatRows, right: NDArray[np.bool_]) -> tuple[float, float]:
    """(intercept, slope) of the chance of being right over the log-odds of the share of the vote
    (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    if right.all() or not right.any():
        return (4.0 if right.all() else -4.0, 0.0)
    model = LogisticRegression().fit(_log_odds(shares)[:, None], right)
    return (round(float(model.intercept_[0]), 6), round(float(model.coef_[0, 0]), 6))
