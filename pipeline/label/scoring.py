"""Scores of phrases as names: how strongly words mark a theme, and how well their meaning does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.label.corpus import PhraseCorpus

FloatRows = NDArray[np.float32]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

# How much the theme that has most of a phrase besides counts against it.
_OTHER_SHARE = 0.5
# The evidence of n papers for a phrase is 1 - exp(-n / this).
_EVIDENCE = 1.3
# A phrase of a parent has this share of a child's papers to cover that child in full.
_CHILD_SHARE = 0.2
# A name is to find a third of its theme's papers first, at least 10 and at most 20 of them; twice
# as many are looked at.
_LEAST_RANKS, _MOST_RANKS = 10, 20
N_NEAREST = 2 * _MOST_RANKS
# Phrases that are compared with all papers at a time: bounds memory.
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Marks:
    """Phrases that mark one theme by its words, the best first; arrays are (n_phrases,).

    `columns`: their places in the corpus; `scores`; `coverages`: share of the theme's papers that
    have them; `counts`: of how many papers; `lifts`: how many times more often than elsewhere;
    `evidence`: how many papers speak for it, in (0, 1].
    """

    columns: Rows
    scores: Floats
    coverages: Floats
    counts: Rows
    lifts: Floats
    evidence: Floats


def mark_themes(
    corpus: PhraseCorpus,
    members: Sequence[Rows],
    *,
    n_best: int,
    children: Sequence[Sequence[Rows]] | None = None,
) -> list[Marks]:
    """For each theme of a layer the phrases that mark it most by its words.

    The score is the phrase's term of the Kullback-Leibler divergence between the theme and the
    other papers, share x log(share / background), times how well the phrase is formed, times how
    much more the theme has of it than the theme of the layer that has the most of it besides.
    `children`: for each theme the papers of its parts in the finer layer: the score is then times
    the share of the parts that the phrase covers.
    """
    n_papers, n_phrases = corpus.weights.shape
    if n_phrases == 0 or not members:
        none = np.empty(0, dtype=np.int64)
        empty = none.astype(np.float64)
        return [Marks(none, empty, empty, none, empty, empty) for _ in members]
    sizes = np.array([len(own) for own in members])
    sums = csr_matrix(_memberships(members, n_papers) @ corpus.weights)
    everywhere = np.asarray(corpus.weights.sum(axis=0), dtype=np.float64).ravel()
    # One paper of the corpus's average is added to each theme: a phrase of both papers of a small
    # theme is worth less than one of thirty of thirty.
    shares = csr_matrix(sums.multiply(1.0 / (sizes + 1.0)[:, None]))
    highest, second = _two_highest(shares, n_phrases)
    marks = []
    for theme, own in enumerate(members):
        row = sums[theme]
        columns, own_sums = row.indices.astype(np.int64), row.data.astype(np.float64)
        background = (everywhere[columns] - own_sums + 0.5) / (n_papers - len(own) + 1.0)
        share = own_sums / len(own)
        smooth = own_sums / (len(own) + 1.0)
        other = np.where(smooth >= highest[columns], second[columns], highest[columns])
        scores = (
            share
            * np.log(np.maximum(share / background, 1.0))
            * (smooth / (smooth + _OTHER_SHARE * other))
            * corpus.forms[columns]
        )
        parts = children[theme] if children else ()
        marks.append(_best(corpus, own, parts, columns, scores, share / background, n_best))
    return marks


def _memberships(members: Sequence[Rows], n_papers: int) -> csr_matrix:
    rows = np.repeat(np.arange(len(members)), [len(own) for own in members])
    ones = np.ones(len(rows), dtype=np.float32)
    return csr_matrix((ones, (rows, np.concatenate(members))), shape=(len(members), n_papers))


def _two_highest(shares: csr_matrix, n_phrases: int) -> tuple[Floats, Floats]:
    """The highest and the second highest share of each phrase over the themes."""
    by_phrase = shares.tocoo()
    order = np.lexsort((-by_phrase.data, by_phrase.col))
    columns, values = by_phrase.col[order], by_phrase.data[order]
    rank = np.arange(len(columns)) - np.searchsorted(columns, columns)
    found = []
    for place in (0, 1):
        highest = np.zeros(n_phrases)
        highest[columns[rank == place]] = values[rank == place]
        found.append(highest)
    return found[0], found[1]


def _best(
    corpus: PhraseCorpus,
    members: Rows,
    parts: Sequence[Rows],
    columns: Rows,
    scores: Floats,
    lifts: Floats,
    n_best: int,
) -> Marks:
    """The best phrases of one theme."""
    # Twice as many as are kept, since what follows only lowers scores.
    likely = np.argsort(-scores, kind="stable")[: 4 * n_best]
    likely = likely[scores[likely] > 0]
    columns, scores, lifts = columns[likely], scores[likely], lifts[likely]
    weights = corpus.weights[members][:, columns].toarray()
    counts = (weights > 0).sum(axis=0)
    sums = weights.sum(axis=0, dtype=np.float64)
    scores = scores * _evidence(sums, len(members))
    if len(parts) > 1:
        scores = scores * _part_coverage(corpus, parts, columns)
    # Of equal ones the first by its words, which no order of papers changes.
    order = sorted(
        np.flatnonzero(scores > 0).tolist(),
        key=lambda i: (-round(float(scores[i]), 6), corpus.key(int(columns[i]))),
    )[:n_best]
    chosen = np.array(order, dtype=np.int64)
    return Marks(
        columns[chosen],
        scores[chosen],
        counts[chosen] / len(members),
        counts[chosen].astype(np.int64),
        lifts[chosen],
        _evidence(sums[chosen], len(members)),
    )


def _evidence(sums: Floats, size: int) -> Floats:
    """(n_phrases,) in (0, 1] how many papers speak for each phrase, smoothly: a name that rests on
    two papers of ten goes when one of them does.

    `sums`: what the theme's papers say of each; `size`: their number.
    """
    full = 1.0 - np.exp(-size / _EVIDENCE)
    evidence: Floats = np.minimum((1.0 - np.exp(-sums / _EVIDENCE)) / full, 1.0)
    return evidence


def _part_coverage(corpus: PhraseCorpus, parts: Sequence[Rows], columns: Rows) -> Floats:
    """(n_columns,) the share of parts that each phrase covers; a part of more papers counts more,
    by the root of their number."""
    has = corpus.weights[:, columns] > 0
    shares = np.stack([np.asarray(has[part].mean(axis=0)).ravel() for part in parts])
    sizes = np.sqrt([len(part) for part in parts])
    covered: Floats = sizes @ np.minimum(shares / _CHILD_SHARE, 1.0) / sizes.sum()
    return covered


def nearest_papers(phrases: FloatRows, vectors: FloatRows) -> Rows:
    """(n_phrases, at most 40) the rows of `vectors` nearest to each phrase, the nearest first."""
    n_nearest = min(N_NEAREST, len(vectors))
    found = np.empty((len(phrases), n_nearest), dtype=np.int64)
    for first in range(0, len(phrases), _AT_ONCE):
        cosines = phrases[first : first + _AT_ONCE] @ vectors.T
        best = np.argpartition(-cosines, n_nearest - 1, axis=1)[:, :n_nearest]
        best.sort(axis=1)
        order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1, kind="stable")
        found[first : first + _AT_ONCE] = np.take_along_axis(best, order, axis=1)
    return found


def retrieval(hits: NDArray[np.bool_], sizes: Rows) -> Floats:
    """(n_phrases,) in [0, 1], how much of what is nearest to each phrase is its theme's.

    `hits`: (n_phrases, n_nearest) which of the nearest papers are; `sizes`: (n_phrases,) its
    theme's papers. With k = a third of its size, at least 10 (or all of it) and at most 20, the
    first k ranks count in full and the next k less and less: one paper changes little.
    """
    n_full = np.minimum(np.clip(sizes // 3, _LEAST_RANKS, _MOST_RANKS), sizes)[:, None]
    ranks = np.arange(hits.shape[1])
    weights = np.clip((2 * n_full - ranks) / (n_full + 1), 0.0, 1.0)
    most = (weights * (ranks < sizes[:, None])).sum(axis=1)
    found: Floats = (hits * weights).sum(axis=1) / np.maximum(most, 1e-9)
    return found


def directions(rows: FloatRows, mean: FloatRows) -> FloatRows:
    """Unit directions of `rows` from `mean`."""
    centred = rows - mean
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: FloatRows = (centred / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
