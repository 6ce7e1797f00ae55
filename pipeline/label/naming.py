"""Choosing names: one phrase that says what a theme's papers share, or two where one does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.label.corpus import PhraseCorpus
from pipeline.label.scoring import Marks, directions, nearest_papers, retrieval
from pipeline.phrases import MAX_CHARACTERS, Key

FloatRows = NDArray[np.float32]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Encode = Callable[[Sequence[str]], FloatRows]

N_TERMS = 8
NAMED_BY_USER = "named by the user"
# How much each part of a name's score counts.
_WORDS, _MEANING, _RETRIEVAL, _COVERAGE = 0.2, 0.3, 0.9, 0.2
_FORM = 0.75
# What brings a part half, or all, of its weight.
_HALF_WORDS = 0.5
_FULL_MEANING = 0.5
_FULL_COVERAGE = 0.5
_OTHER_MEANING = 0.5
# A phrase that is nearer to another theme counts this much, one that is as near half of the rest.
_FOREIGN_FACTOR = 0.15
_MARGIN = 0.02
# A phrase in less than this share of the papers counts in proportion less.
_LEAST_COVERAGE = 0.2
# A longer form of a phrase takes its place where it has this share of its papers in the theme.
_LONGER_SHARE = 0.7
# A second phrase joins where the first is missing from more than this share of the papers, where
# it covers at least this share of those, and where the score grows by more than the cost.
_UNCOVERED_SHARE = 0.4
_SECOND_SHARE = 0.25
_SECOND_OF_ALL = 0.3
_FOUND_SHARE = 0.7
_SECOND_LIFT = 3.0
_SECOND_FORM = 0.5
_SECOND_COST = 0.08
_FEWEST_FOR_TWO = 4
_FIRST_CHOICES, _SECOND_CHOICES = 4, 12
# Names of two phrases that are embedded as they are read, where they may be that much better than
# the sum of their phrases' vectors says.
_EMBEDDED_PAIRS = 2
_GUESS_ERROR = 0.05
# A name that covers less than this share, and finds less than this share, does not fit.
_FITTING_COVERAGE = 0.25
_FITTING_RETRIEVAL = 0.25
_MIXED = "mixed: "


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases that could name a theme: how they are written and what they mean.

    `places`: their rows in the others by their columns in the corpus; `texts`; `keys`; `vectors`,
    (n, dim) unit rows; `present`, (n_papers, n), which papers have which.
    """

    places: dict[int, int]
    texts: tuple[str, ...]
    keys: tuple[Key, ...]
    vectors: FloatRows
    present: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judge:
    """What is known of a layer to judge the meaning of a phrase by.

    `centres`: (n_themes, dim) unit directions from the corpus's mean; `vectors`: (n, dim) unit
    rows of the papers that names should find; `theme_of`: (n,) the theme of each, -1 where
    unassigned; `mean`, `papers_mean`: (dim,) of the phrases and of all papers.
    """

    centres: FloatRows
    vectors: FloatRows
    theme_of: Rows
    mean: FloatRows
    papers_mean: FloatRows

    def judge(
        self, rows: FloatRows, themes: Rows, *, nearest: Rows | None = None
    ) -> tuple[Floats, Floats]:
        """Of each phrase for its theme: (n_phrases, 2) `nearness`, and (n_phrases,) `retrieval`.

        `rows`: (n_phrases, dim); `themes`: (n_phrases,); `nearest`: the papers nearest to each.
        """
        if nearest is None:
            nearest = nearest_papers(rows, self.vectors)
        sizes = np.bincount(self.theme_of[self.theme_of >= 0], minlength=len(self.centres))
        found = retrieval(self.theme_of[nearest] == themes[:, None], sizes[themes])
        near = nearness(directions(rows, self.mean) @ self.centres.T, themes)
        # Whose centre is nearest is asked as a reader of the map would: from the papers' mean.
        near[:, 1] = nearness(directions(rows, self.papers_mean) @ self.centres.T, themes)[:, 1]
        return near, found


def nearness(cosines: FloatRows, themes: Rows) -> Floats:
    """(n_phrases, 2) how near each phrase is to its theme's centre, less half of how near it is
    to the next one; and how much nearer than to that.

    `cosines`: (n_phrases, n_themes) to all centres; `themes`: (n_phrases,).
    """
    places = np.arange(len(themes))
    own = cosines[places, themes].astype(np.float64)
    if cosines.shape[1] == 1:
        return np.stack([own, own], axis=1)
    others = cosines.copy()
    others[places, themes] = -2.0
    next_one = others.max(axis=1).astype(np.float64)
    return np.stack([own - _OTHER_MEANING * np.maximum(next_one, 0.0), own - next_one], axis=1)


@dataclass(frozen=True, slots=True)
class ThemeWords:
    """A theme's name, its best phrases, and what speaks for the name.

    `phrases`: the columns of the name's phrases; `counts`: in how many papers each is;
    `covered_share`: share of the papers that have at least one of them.
    """

    name: str
    terms: tuple[str, ...]
    phrases: tuple[int, ...]
    counts: tuple[int, ...]
    covered_share: float


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The phrases of one theme, the best first; arrays are (n_phrases,) but `present`,
    (n_members, n_phrases): which papers have which."""

    columns: Rows
    rows: Rows
    scores: Floats
    forms: Floats
    lifts: Floats
    counts: Rows
    words: Floats
    found: Floats
    evidence: Floats
    present: NDArray[np.bool_]

    def take(self, order: Sequence[int]) -> _Candidates:
        """Some of them, in this order."""
        i = np.array(order, dtype=np.int64)
        return _Candidates(
            self.columns[i], self.rows[i], self.scores[i], self.forms[i], self.lifts[i],
            self.counts[i], self.words[i], self.found[i], self.evidence[i],
            self.present[:, i],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Option:
    """One name: the places of its phrases among the candidates, its score, what it covers."""

    phrases: tuple[int, ...]
    score: float
    covered_share: float
    retrieval: float


def name_layer(
    corpus: PhraseCorpus,
    members: Sequence[Rows],
    marks: Sequence[Marks],
    lexicon: Lexicon,
    *,
    centres: FloatRows,
    nearest: Rows,
    theme_of: Rows,
    vectors: FloatRows,
    papers_mean: FloatRows,
    order: Sequence[int],
    encode: Encode,
    given: Sequence[str | None],
) -> list[ThemeWords]:
    """A name for each theme of one layer, no two alike.

    `members`: positions in `corpus` of each theme's papers; `centres`: (n_themes, dim) unit
    directions of the themes from the corpus's mean, `papers_mean`, (dim,); `vectors`: (n, dim)
    unit rows of the papers that names should find; `theme_of`: (n,) the theme of each; `nearest`:
    (n_phrases, k) which of them are nearest to each phrase; `order`: the themes in the order in
    which they choose; `given`: the user's name for each, which is nobody else's, None for none.
    """
    mean = lexicon.vectors.sum(axis=0) / max(len(lexicon.texts), 1)
    judge = Judge(centres, vectors, theme_of, mean, papers_mean)
    candidates = [
        _candidates(corpus, own, mark, lexicon, judge, nearest, theme)
        for theme, (own, mark) in enumerate(zip(members, marks, strict=True))
    ]
    options = _options(candidates, lexicon, judge, encode)
    words: dict[int, ThemeWords] = {}
    taken = {name.casefold() for name in given if name is not None}
    for theme in order:
        words[theme] = _name_theme(candidates[theme], options[theme], lexicon, taken)
        if (name := given[theme]) is not None:
            words[theme] = replace(words[theme], name=name)
        taken.add(words[theme].name.casefold())
    return [words[theme] for theme in range(len(members))]


def _candidates(
    corpus: PhraseCorpus,
    members: Rows,
    marks: Marks,
    lexicon: Lexicon,
    judge: Judge,
    nearest: Rows,
    theme: int,
) -> _Candidates:
    """The theme's phrases by words, meaning and retrieval together, nested ones collapsed."""
    known = np.array([c in lexicon.places for c in marks.columns.tolist()], dtype=np.bool_)
    columns = marks.columns[known]
    rows = np.array([lexicon.places[c] for c in columns.tolist()], dtype=np.int64)
    coverages, forms = marks.coverages[known], corpus.forms[columns].astype(np.float64)
    words = marks.scores[known] / (marks.scores[known] + _HALF_WORDS)
    themes = np.full(len(rows), theme)
    near, found = judge.judge(lexicon.vectors[rows], themes, nearest=nearest[rows])
    scores = _scores(words, near, found, coverages)
    evidence = marks.evidence[known]
    scores *= forms**_FORM * np.sqrt(np.minimum(1.0, coverages / _LEAST_COVERAGE)) * evidence
    present = lexicon.present[np.ix_(members, rows)]
    best = sorted(
        range(len(rows)), key=lambda i: (-round(float(scores[i]), 5), lexicon.texts[rows[i]])
    )
    counts = marks.counts[known]
    both = _Candidates(
        columns, rows, scores, forms, marks.lifts[known], counts, words, found, evidence, present
    ).take(best)
    return both.take(_collapse([lexicon.keys[row] for row in both.rows], both.counts))


def _scores(words: Floats, near: Floats, found: Floats, coverages: Floats) -> Floats:
    margin = near[:, 1]
    own = np.clip(near[:, 0] / _FULL_MEANING, 0.0, 1.2)
    scores = (
        _WORDS * words
        + _MEANING * own
        + _RETRIEVAL * found
        + _COVERAGE * np.minimum(1.0, coverages / _FULL_COVERAGE)
    )
    foreign = _FOREIGN_FACTOR + (1 - _FOREIGN_FACTOR) / (1 + np.exp(-margin / _MARGIN))
    result: Floats = scores * foreign
    return result


def _collapse(keys: Sequence[Key], counts: Rows) -> list[int]:
    """One of each group of phrases inside one another, the form that people write.

    A phrase gives way to a longer one that has most of its papers in the theme; otherwise the
    better of the two stays.
    """
    kept: list[int] = []
    for i, key in enumerate(keys):
        longer = [
            j
            for j, other in enumerate(keys)
            if _is_inside(key, other) and counts[j] >= _LONGER_SHARE * counts[i]
        ]
        chosen = max(longer, key=lambda j: (len(keys[j]), -j)) if longer else i
        if not any(_overlap(keys[chosen], keys[k]) for k in kept):
            kept.append(chosen)
    return kept


def _is_inside(short: Key, long: Key) -> bool:
    width = len(short)
    return width < len(long) and any(
        long[at : at + width] == short for at in range(len(long) - width + 1)
    )


def _overlap(a: Key, b: Key) -> bool:
    return a == b or _is_inside(a, b) or _is_inside(b, a)


def _options(
    candidates: Sequence[_Candidates], lexicon: Lexicon, judge: Judge, encode: Encode
) -> list[list[_Option]]:
    """For each theme its names of one phrase and of two, the best first."""
    options = [
        [
            _Option(
                (i,), float(own.scores[i]), float(own.present[:, i].mean()), float(own.found[i])
            )
            for i in range(len(own.rows))
        ]
        for own in candidates
    ]
    pairs = [
        (theme, (first, second))
        for theme, own in enumerate(candidates)
        for first, second in _pairs(own, lexicon)
    ]
    # Two phrases together lie about where their sum does: good enough to see which are worth
    # being embedded as they will be read.
    likely: list[tuple[int, tuple[int, ...]]] = []
    if pairs:
        sums = np.stack([_rows(candidates[t], lexicon, both).sum(axis=0) for t, both in pairs])
        lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        guessed = _judged(candidates, pairs, (sums / lengths).astype(np.float32), judge)
        by_theme: dict[int, list[_Option]] = {}
        for (theme, _), option in zip(pairs, guessed, strict=True):
            by_theme.setdefault(theme, []).append(option)
        for theme, found in by_theme.items():
            least = max(option.score for option in options[theme]) - _GUESS_ERROR
            best = sorted(found, key=_by_score)[:_EMBEDDED_PAIRS]
            likely += [(theme, o.phrases) for o in best if o.score > least]
    if likely:
        texts = [_name(candidates[theme], lexicon, both) for theme, both in likely]
        exact = _judged(candidates, likely, np.asarray(encode(texts), np.float32), judge)
        for (theme, _), option in zip(likely, exact, strict=True):
            options[theme].append(option)
    return [sorted(own, key=_by_score) for own in options]


def _by_score(option: _Option) -> tuple[float, int, tuple[int, ...]]:
    return (-round(option.score, 5), len(option.phrases), option.phrases)


def _rows(own: _Candidates, lexicon: Lexicon, phrases: tuple[int, ...]) -> FloatRows:
    rows: FloatRows = lexicon.vectors[own.rows[list(phrases)]]
    return rows


def _name(own: _Candidates, lexicon: Lexicon, phrases: tuple[int, ...]) -> str:
    return " / ".join(lexicon.texts[own.rows[i]] for i in phrases)


def _judged(
    candidates: Sequence[_Candidates],
    pairs: Sequence[tuple[int, tuple[int, ...]]],
    rows: FloatRows,
    judge: Judge,
) -> list[_Option]:
    """The names of two phrases whose vectors are `rows`."""
    themes = np.array([theme for theme, _ in pairs])
    near, found = judge.judge(rows, themes)
    options = []
    for place, (theme, both) in enumerate(pairs):
        own, chosen = candidates[theme], list(both)
        covered = float(own.present[:, chosen].any(axis=1).mean())
        score = (
            _scores(
                own.words[chosen].mean(keepdims=True),
                near[place : place + 1],
                found[place : place + 1],
                np.array([covered]),
            )[0]
            * own.forms[chosen].mean() ** _FORM
            * own.evidence[chosen].mean()
        )
        options.append(_Option(both, float(score) - _SECOND_COST, covered, float(found[place])))
    return options


def _pairs(own: _Candidates, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Places of the phrases that could make a name of two: the second covers enough of what the
    first one leaves, or of all."""
    n_members = len(own.present)
    if n_members < _FEWEST_FOR_TWO:
        return []
    present = own.present[:, :_SECOND_CHOICES].astype(np.float32)
    counts, both = present.sum(axis=0), present.T @ present
    left = n_members - counts
    of_rest = (counts[None, :] - both) / np.maximum(left, 1.0)[:, None]
    adds = (of_rest >= _SECOND_SHARE) | (counts >= _SECOND_OF_ALL * n_members)[None, :]
    adds &= ((own.lifts >= _SECOND_LIFT) & (own.forms >= _SECOND_FORM))[None, :_SECOND_CHOICES]
    wanting = (left > _UNCOVERED_SHARE * n_members) | (own.found[:_SECOND_CHOICES] < _FOUND_SHARE)
    found = []
    for i, j in np.argwhere(np.triu(adds & wanting[:, None], 1)[:_FIRST_CHOICES]).tolist():
        first, second = lexicon.texts[own.rows[i]], lexicon.texts[own.rows[j]]
        if len(first) + len(second) + 3 <= MAX_CHARACTERS and not (
            _words(lexicon, own.rows[i]) & _words(lexicon, own.rows[j])
        ):
            found.append((i, j))
    return found


def _words(lexicon: Lexicon, row: int) -> set[str]:
    """Its words, by their keys and as written: an acronym's key is not in its long form."""
    return {*lexicon.keys[row], *lexicon.texts[row].lower().removesuffix("s").split()}


def _name_theme(
    own: _Candidates, options: Sequence[_Option], lexicon: Lexicon, taken: set[str]
) -> ThemeWords:
    terms = tuple(lexicon.texts[row] for row in own.rows[:N_TERMS])
    for option in options:
        name = " / ".join(lexicon.texts[own.rows[i]] for i in option.phrases)
        if name.casefold() not in taken:
            if _fits(option):
                return _theme_words(name, terms, own, option.phrases)
            break
    mixed = _mixed(own, lexicon, taken)
    if mixed:
        name = _MIXED + " / ".join(lexicon.texts[own.rows[i]] for i in mixed)
        return _theme_words(name, terms, own, mixed)
    return ThemeWords(_numbered("papers", taken), terms, (), (), 0.0)


def _fits(option: _Option) -> bool:
    return option.covered_share >= _FITTING_COVERAGE or option.retrieval >= _FITTING_RETRIEVAL


def _mixed(own: _Candidates, lexicon: Lexicon, taken: set[str]) -> tuple[int, ...]:
    """The two phrases that cover most together and are the best; () where there are none."""
    best: tuple[float, tuple[int, ...]] = (0.0, ())
    for i in range(min(_SECOND_CHOICES, len(own.rows))):
        for j in range(i + 1, min(_SECOND_CHOICES, len(own.rows))):
            name = _MIXED + " / ".join(lexicon.texts[own.rows[k]] for k in (i, j))
            apart = not _words(lexicon, own.rows[i]) & _words(lexicon, own.rows[j])
            if len(name) <= MAX_CHARACTERS and apart and name.casefold() not in taken:
                covered = (own.present[:, i] | own.present[:, j]).mean()
                worth = round(float(covered * (own.scores[i] + own.scores[j])), 5)
                best = max(best, (worth, (i, j)), key=lambda found: found[0])
    return best[1]


def _theme_words(
    name: str, terms: tuple[str, ...], own: _Candidates, phrases: tuple[int, ...]
) -> ThemeWords:
    return ThemeWords(
        name,
        terms,
        tuple(int(own.columns[i]) for i in phrases),
        tuple(int(own.counts[i]) for i in phrases),
        float(own.present[:, phrases].any(axis=1).mean()),
    )


def _numbered(word: str, taken: set[str]) -> str:
    number = 1
    while f"{word} {number}" in taken:
        number += 1
    return f"{word} {number}"
