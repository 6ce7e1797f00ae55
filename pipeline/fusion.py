"""One score of two: how alike in meaning, and in words, papers are to a query."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

# Below this best similarity, a quotient by it would blow small differences up.
_LEAST_BEST = 0.1
# What is left below this of words that are liked and words that are not is rounding.
LEAST_LEXICAL = 1e-6
_DECIMALS = 6
_LEAST_WEIGHT = 1e-9
# How many papers near it a paper leans on, and how much of its score is theirs:
# docs/performance.md, "Related papers".
_N_NEIGHBOURS = 20
_OF_NEIGHBOURS = 0.5


def fused_scores(similarities: Floats, lexical: Floats) -> Floats:
    """(m,) the mean of cosine `similarities` and BM25 scores `lexical`, both (m,), each divided by
    its best one: at most 1. Of the ways to join them that docs/performance.md compares, none finds
    more.

    Where words are against papers, by more than those that speak for any, the largest of both
    divides: a weak match would else make of what is against others many times what meaning says.
    """
    if not len(lexical):
        return np.zeros(0)
    most, nearest = np.abs(lexical).max(), similarities.max()
    by_words = lexical / most if lexical.max() >= LEAST_LEXICAL else np.zeros(len(lexical))
    by_meaning = 1.0 - (nearest - similarities) / max(nearest, _LEAST_BEST)
    fused: Floats = np.round((by_meaning + by_words) / 2, _DECIMALS)
    return fused


def regularised_scores(scores: Floats, among: Rows, vectors: FloatRows) -> Floats:
    """(m,) scores drawn half way to those of the papers that lie nearest: like papers answer alike
    (one step of the local score regularisation of Diaz 2005, CIKM, section 3).

    `scores`: (m,); `among`: (b,) places of papers that are near ones of each other, `vectors`: (b,
    dim) their unit rows; the others have nobody near. It finds the company of a paper better, and
    one certain paper worse; of what lies in two places, it may find one alone. So it is for
    queries that are one paper, or one theme.
    """
    company = np.zeros_like(scores)
    company[among] = _nearness(vectors) @ scores[among]
    drawn: Floats = (1 - _OF_NEIGHBOURS) * scores + _OF_NEIGHBOURS * company
    return np.round(drawn, _DECIMALS)


def _nearness(vectors: FloatRows) -> Floats:
    """(b, b) how much the score of each paper, by column, counts for each, by row: of its nearest,
    and of those that it is a nearest one of, by how near they are. Rows sum to 1 or, of a paper
    that nobody is near to, to 0; a lone one counts for itself."""
    n_near = min(_N_NEIGHBOURS, len(vectors) - 1)
    if n_near < 1:
        return np.ones((len(vectors), len(vectors)))
    # In float32, who is among the nearest would hang on the number of threads.
    wide = np.asarray(vectors, np.float64)
    likeness = np.round(wide @ wide.T, _DECIMALS)
    np.fill_diagonal(likeness, 0.0)
    least = np.partition(likeness, -n_near, axis=1)[:, -n_near, None]
    near = np.where(likeness >= least, np.maximum(likeness, 0.0), 0.0)
    near += near.T
    weights: Floats = near / np.maximum(near.sum(axis=1, keepdims=True), _LEAST_WEIGHT)
    return weights
