"""Choosing names: phrases that mark a theme's papers against the others, in words and meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.label.corpus import TITLE_WEIGHT, PhraseCorpus
from pipeline.phrases import MAX_CHARACTERS, Key

FloatRows = NDArray[np.float32]
Rows = NDArray[np.int64]
EncodePhrases = Callable[[Sequence[str]], FloatRows]

N_TERMS = 8
NAMED_BY_USER = "named by the user"
_N_CANDIDATES = 40
# What a phrase of only one of a theme's papers counts, and only where a title has it.
_LONE_FACTOR = 0.6
# Share of the score that comes from meaning; the rest comes from counted words.
_MEANING_SHARE = 0.7
_OTHER_MEANING = 0.5
# How much the theme that has most of a phrase besides counts against it.
_OTHER_SHARE = 0.5
# A phrase in less than this share of the papers counts in proportion less.
_FULL_COVERAGE = 0.3
# A longer form of a phrase takes its place where it has this share of its papers in the theme.
_LONGER_SHARE = 0.7
# A second phrase joins where the first is missing from more than this share of the papers, and
# where it covers at least this share of those.
_UNCOVERED_SHARE = 0.5
_SECOND_SHARE = 0.4
# A second phrase is well formed, or covers this share of all papers.
_SECOND_FORM = 0.7
_SECOND_COVERAGE = 0.6
_SECOND_LIFT = 5.0
_FEWEST_FOR_TWO = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that could name a theme.

    `column`: its place in the corpus; `score`: higher is better, comparable within a theme only;
    `coverage`: share of the theme's papers that have it; `form`: how well it is formed, in (0, 1];
    `lift`: how many times more often the theme has it than the other papers; `lone`: only one of
    several papers has it.
    """

    text: str
    key: Key
    column: int
    score: float
    coverage: float
    form: float
    lift: float
    lone: bool


@dataclass(frozen=True, slots=True)
class ThemeWords:
    """A theme's name, its best phrases, and what speaks for the name."""

    name: str
    terms: tuple[str, ...]
    evidence: tuple[str, ...]


def name_layer(
    corpus: PhraseCorpus,
    members: Sequence[Rows],
    centres: FloatRows,
    *,
    encode: EncodePhrases,
    given: Sequence[str | None] = (),
) -> list[ThemeWords]:
    """A name for each theme of one layer, no two alike.

    `members`: positions in `corpus` of each theme's papers; `centres`: (n_themes, dim) unit
    directions of the themes from the corpus's mean; `encode`: phrases -> (n, dim) unit rows;
    `given`: the user's name for each theme, None where there is none.
    """
    by_words = mark_themes(corpus, members)
    texts = sorted({candidate.text for candidates in by_words for candidate in candidates})
    places = {text: i for i, text in enumerate(texts)}
    directions = _centred(encode(texts)) if texts else np.empty((0, centres.shape[1]), np.float32)
    nearness = directions @ centres.T
    ranked = []
    for theme, candidates in enumerate(by_words):
        rows = [places[candidate.text] for candidate in candidates]
        ranked.append(_rank(candidates, _meaning(nearness[rows], theme)))
    return _choose_names(corpus, members, ranked, given or [None] * len(members))


def mark_themes(corpus: PhraseCorpus, members: Sequence[Rows]) -> list[list[Candidate]]:
    """For each theme the phrases that mark it most by its words, best first.

    The score is the phrase's term of the Kullback-Leibler divergence between the theme and the
    other papers, share x log(share / background), times how well the phrase is formed, times how
    much more the theme has of it than the theme of the layer that has the most of it besides.
    """
    n_papers, n_phrases = corpus.weights.shape
    if n_phrases == 0:
        return [[] for _ in members]
    sizes = np.array([len(own) for own in members])
    sums = csr_matrix(_memberships(members, n_papers) @ corpus.weights)
    everywhere = np.asarray(corpus.weights.sum(axis=0), dtype=np.float64).ravel()
    # One paper of the corpus's average is added to each theme: a phrase of both papers of a small
    # theme is worth less than one of thirty of thirty.
    shares = csr_matrix(sums.multiply(1.0 / (sizes + 1.0)[:, None]))
    highest, second = _two_highest(shares, n_phrases)
    candidates = []
    for theme, own in enumerate(members):
        row = sums[theme]
        columns, own_sums = row.indices, row.data.astype(np.float64)
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
        candidates.append(_candidates(corpus, own, columns, scores, share / background))
    return candidates


def _memberships(members: Sequence[Rows], n_papers: int) -> csr_matrix:
    rows = np.repeat(np.arange(len(members)), [len(own) for own in members])
    ones = np.ones(len(rows), dtype=np.float32)
    return csr_matrix((ones, (rows, np.concatenate(members))), shape=(len(members), n_papers))


def _two_highest(
    shares: csr_matrix, n_phrases: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
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


def _candidates(
    corpus: PhraseCorpus,
    members: Rows,
    columns: NDArray[np.int32],
    scores: NDArray[np.float64],
    lifts: NDArray[np.float64],
) -> list[Candidate]:
    """The best phrases of one theme; those of a single paper only where they are in its title."""
    weights = corpus.weights[members][:, columns].toarray()
    counts = (weights > 0).sum(axis=0)
    lone = counts < min(2, len(members))
    scores = np.where(lone, scores * (weights.max(axis=0) >= TITLE_WEIGHT), scores)
    best = np.lexsort((columns, -scores))[:_N_CANDIDATES]
    return [
        Candidate(
            text=corpus.texts[columns[i]],
            key=corpus.keys[columns[i]],
            column=int(columns[i]),
            score=float(scores[i]),
            coverage=float(counts[i] / len(members)),
            form=float(corpus.forms[columns[i]]),
            lift=float(lifts[i]),
            lone=bool(lone[i]),
        )
        for i in best
        if scores[i] > 0
    ]


def _meaning(nearness: FloatRows, theme: int) -> FloatRows:
    """How near each phrase is to its theme's centre and how much nearer than to the next one:
    (n_phrases,) from its cosines to all centres, (n_phrases, n_themes)."""
    own = nearness[:, theme]
    if nearness.shape[1] == 1:
        return own
    others = np.delete(nearness, theme, axis=1).max(axis=1)
    meaning: FloatRows = own - _OTHER_MEANING * np.maximum(others, 0.0)
    return meaning


def _centred(rows: FloatRows) -> FloatRows:
    """Unit directions of the rows from their mean."""
    centred = rows - rows.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    directions: FloatRows = (centred / np.maximum(lengths, 1e-9)).astype(np.float32)
    return directions


def _rank(candidates: list[Candidate], meaning: FloatRows) -> list[Candidate]:
    """The candidates by words and meaning together, each scaled to the theme's best, times how
    well they are formed and how much of the theme they cover."""
    if not candidates:
        return []
    words = np.array([candidate.score for candidate in candidates])
    near = np.clip(meaning, 0.0, None)
    scores = (1 - _MEANING_SHARE) * words / words.max()
    scores = scores + _MEANING_SHARE * near / max(float(near.max()), 1e-9)
    coverage = np.array([candidate.coverage for candidate in candidates])
    forms = np.array([candidate.form for candidate in candidates])
    lone = np.array([candidate.lone for candidate in candidates])
    scores = scores * np.sqrt(forms * np.minimum(1.0, coverage / _FULL_COVERAGE))
    scores = np.where(lone, scores * _LONE_FACTOR, scores)
    order = np.argsort(-scores, kind="stable")
    return [replace(candidates[i], score=float(scores[i])) for i in order]


def _choose_names(
    corpus: PhraseCorpus,
    members: Sequence[Rows],
    ranked: Sequence[list[Candidate]],
    given: Sequence[str | None],
) -> list[ThemeWords]:
    """Names in order of size, so that of two themes that want one phrase the larger has it; a
    name that the user gave is nobody else's."""
    taken = {name.casefold() for name in given if name is not None}
    words: dict[int, ThemeWords] = {}
    for theme in sorted(range(len(members)), key=lambda t: (-len(members[t]), t)):
        words[theme] = _name_theme(corpus, members[theme], ranked[theme], taken)
        if (name := given[theme]) is not None:
            words[theme] = replace(words[theme], name=name, evidence=(NAMED_BY_USER,))
        taken.add(words[theme].name.casefold())
    return [words[theme] for theme in range(len(members))]


def _name_theme(
    corpus: PhraseCorpus, members: Rows, ranked: list[Candidate], taken: set[str]
) -> ThemeWords:
    distinct = _collapse(corpus, members, ranked)
    terms = tuple(candidate.text for candidate in distinct[:N_TERMS])
    for first in distinct:
        second = _second_phrase(corpus, members, first, distinct)
        chosen = [first] if second is None else [first, second]
        name = " / ".join(candidate.text for candidate in chosen)
        if name.casefold() not in taken:
            return ThemeWords(name, terms, tuple(_evidence(c, len(members)) for c in chosen))
    return ThemeWords(_numbered("papers", taken), terms, ())


def _collapse(corpus: PhraseCorpus, members: Rows, ranked: Sequence[Candidate]) -> list[Candidate]:
    """One candidate for each group of phrases inside one another, the form that people write.

    A phrase gives way to a longer one that has most of its papers in the theme; otherwise the
    better of the two stays.
    """
    present = corpus.weights[members][:, [c.column for c in ranked]] > 0
    counts = np.asarray(present.sum(axis=0)).ravel()
    kept: list[int] = []
    for i, candidate in enumerate(ranked):
        longer = [
            j
            for j, other in enumerate(ranked)
            if _is_inside(candidate.key, other.key) and counts[j] >= _LONGER_SHARE * counts[i]
        ]
        chosen = max(longer, key=lambda j: (len(ranked[j].key), -j)) if longer else i
        if not any(_overlap(ranked[chosen].key, ranked[k].key) for k in kept):
            kept.append(chosen)
    return [ranked[i] for i in kept]


def _is_inside(short: Key, long: Key) -> bool:
    width = len(short)
    return width < len(long) and any(
        long[at : at + width] == short for at in range(len(long) - width + 1)
    )


def _overlap(a: Key, b: Key) -> bool:
    return a == b or _is_inside(a, b) or _is_inside(b, a)


def _second_phrase(
    corpus: PhraseCorpus, members: Rows, first: Candidate, distinct: Sequence[Candidate]
) -> Candidate | None:
    """The phrase that covers most of what the first one leaves; None where none is needed or
    none covers enough."""
    if len(members) < _FEWEST_FOR_TWO or first.coverage >= 1.0 - _UNCOVERED_SHARE:
        return None
    without = members[corpus.weights[members][:, [first.column]].toarray().ravel() == 0]
    best: tuple[float, Candidate] | None = None
    for candidate in distinct[:N_TERMS]:
        covers = float((corpus.weights[without][:, [candidate.column]] > 0).sum()) / len(without)
        fits = len(first.text) + len(candidate.text) + 3 <= MAX_CHARACTERS
        formed = candidate.form >= _SECOND_FORM or candidate.coverage >= _SECOND_COVERAGE
        if covers < _SECOND_SHARE or not fits or not formed or candidate.lift < _SECOND_LIFT:
            continue
        if _words(first) & _words(candidate):
            continue
        if best is None or covers * candidate.score > best[0]:
            best = (covers * candidate.score, candidate)
    return best[1] if best else None


def _words(candidate: Candidate) -> set[str]:
    """Its words, by their keys and as written: an acronym's key is not in its long form."""
    return {*candidate.key, *candidate.text.lower().removesuffix("s").split()}


def _evidence(candidate: Candidate, n_members: int) -> str:
    count = round(candidate.coverage * n_members)
    return f"“{candidate.text}” in {count} of {n_members} papers"


def _numbered(word: str, taken: set[str]) -> str:
    number = 1
    while f"{word} {number}" in taken:
        number += 1
    return f"{word} {number}"
