"""Whether names say what is in the themes: to a model, to a search by words, and to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.figure import Figure, figure, no_figure
from pipeline.label import name_themes
from pipeline.phrases import STOP_WORDS, Key, split_segments

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]
Rows = NDArray[np.int64]
Encode = Callable[[Sequence[str]], FloatRows]

FEWEST_PAPERS = 5
"""Smaller themes have too few papers to hold some out from naming."""
TOO_SMALL = f"no theme has {FEWEST_PAPERS} papers"
_CUTOFF = 10
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class NameTest:
    """A name, and the papers it should find: `members`, rows of the theme's papers among `pool`,
    rows of all papers that are looked through. `theme`: its label in the layer."""

    layer: int
    theme: int
    name: str
    members: Rows
    pool: Rows


def split_folds(finest: Labels, *, seed: int) -> NDArray[np.int8]:
    """A fold, 0 or 1, for every paper: (n,), each theme halved as evenly as it can be.

    `finest`: (n,) themes of the finest layer. Papers are shuffled within their theme and taken in
    turns over all themes, so that coarser themes are halved too.
    """
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.permutation(len(finest)), finest))
    folds = np.empty(len(finest), dtype=np.int8)
    folds[order] = np.arange(len(finest)) % 2
    return folds


def held_out_names(
    labels: Labels,
    strengths: FloatRows,
    vectors: FloatRows,
    titles: Sequence[str],
    abstracts: Sequence[str],
    *,
    layers: Sequence[int],
    encode: Encode,
    stop: Sequence[str],
    banned: Sequence[str],
    seed: int,
) -> list[NameTest]:
    """Names of the themes of `layers` that have 5 papers or more, from each half of the papers.

    `labels`, `strengths`: (n_layers, n), nested, finest layer first, -1 where unassigned; `encode`:
    phrases -> unit rows, by the model of `vectors`.
    """
    folds = split_folds(labels[0], seed=seed)
    sizes = [np.bincount(layer[layer >= 0]) for layer in labels]
    held_out = []
    for fold in (0, 1):
        seen = np.where(folds == fold, labels, -1).astype(np.int32)
        if seen.max(initial=-1) < 0:
            continue
        themes = name_themes(
            seen, strengths, vectors, titles, abstracts, encode=encode, stop=stop, banned=banned
        )
        pool = np.flatnonzero(folds != fold)
        for theme in themes:
            label = int(labels[theme.layer, theme.members[0]])
            if theme.layer not in layers or sizes[theme.layer][label] < FEWEST_PAPERS:
                continue
            members = pool[labels[theme.layer, pool] == label]
            held_out.append(NameTest(theme.layer, label, theme.name, members, pool))
    return held_out


def precision_by_meaning(names: Sequence[NameTest], vectors: FloatRows, encode: Encode) -> Figure:
    """The share of the papers nearest to a name's vector that are of its theme."""
    rows = encode([name.name for name in names]) if names else np.empty((0, 0), np.float32)
    return _precision(
        (name, vectors[name.pool] @ row) for name, row in zip(names, rows, strict=True)
    )


class WordSearch:
    """BM25 (Lucene's, k1 1.5, b 0.75) over texts, by the keys of their words without stop words."""

    def __init__(self, texts: Sequence[str]) -> None:
        from bm25s import BM25

        tokens = [_words(text) for text in texts]
        self._n_texts = len(texts)
        self._known = set().union(*tokens)
        self._index = BM25()
        if self._known:
            self._index.index(tokens, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        """How well each text answers: (n_texts,), 0 for one that has no word of the query."""
        asked = [word for word in _words(query) if word in self._known]
        if not asked:
            return np.zeros(self._n_texts, dtype=np.float32)
        scores: NDArray[np.float32] = self._index.get_scores(asked)
        return scores


def precision_by_words(names: Sequence[NameTest], search: WordSearch) -> Figure:
    """The share of the papers that a search for a name's words finds that are of its theme.

    `search`: over all papers, so that both halves weigh words alike; a paper without any word of
    the name is not found.
    """
    return _precision(((name, search.scores(name.name)[name.pool]) for name in names), least=0.0)


def _precision(
    scored: Iterable[tuple[NameTest, NDArray[np.floating]]], *, least: float = -np.inf
) -> Figure:
    """Precision at min(10, papers to find), each theme's mean over its names, and the mean of the
    themes; papers that do not score above `least` are not found at all."""
    by_theme: dict[tuple[int, int], list[float]] = {}
    for name, scores in scored:
        n_best = min(_CUTOFF, len(name.members))
        if not n_best:
            continue
        best = np.lexsort((name.pool, -np.round(scores, _DECIMALS)))[:n_best]
        found = name.pool[best[scores[best] > least]]
        hits = float(np.isin(found, name.members).sum())
        by_theme.setdefault((name.layer, name.theme), []).append(hits / n_best)
    if not by_theme:
        return no_figure(TOO_SMALL)
    return Figure(float(np.mean([np.mean(values) for values in by_theme.values()])))


def own_theme_nearest(
    names: Sequence[str], large: Sequence[bool], labels: Labels, vectors: FloatRows, encode: Encode
) -> Figure:
    """The share of names whose vector is nearest to the centre of the theme they stand for.

    `names`: those of the themes 0.. of one layer, `labels` the (n,) theme of each paper; `large`:
    which are counted, while the centres of all compete. The mean of all papers is taken off both.
    """
    if len(names) < 2:
        return no_figure("there is only one theme" if names else "there is no theme")
    if not any(large):
        return no_figure(TOO_SMALL)
    mean = vectors.mean(axis=0)
    centres = np.stack([vectors[labels == t].mean(axis=0) - mean for t in range(len(names))])
    rows = encode(names) - mean
    nearness = _unit(rows) @ _unit(centres).T
    own = nearness[np.arange(len(names)), np.arange(len(names))]
    nearest = own >= nearness.max(axis=1) - 10.0**-_DECIMALS
    return Figure(float(nearest[np.asarray(large)].mean()))


def uniqueness(names: Sequence[str], large: Sequence[bool]) -> Figure:
    """The share of names that no other theme of the layer has, small and capital letters alike."""
    folded = [name.casefold() for name in names]
    alone = [
        folded.count(name) == 1 for name, counted in zip(folded, large, strict=True) if counted
    ]
    if not alone:
        return no_figure(TOO_SMALL)
    return Figure(sum(alone) / len(alone))


def diversity(terms: Sequence[Sequence[str]]) -> Figure:
    """The share of the words in all themes' terms that are distinct (topic diversity, Dieng, Ruiz,
    Blei 2020): 1 where no two themes share a word. A theme counts each of its words once."""
    words = [{word for term in own for word in _words(term)} for own in terms]
    n_words = sum(map(len, words))
    if not n_words:
        return no_figure("there are no terms")
    return Figure(len(set().union(*words)) / n_words)


def coherence(
    terms: Sequence[Sequence[str]], papers: Mapping[Key, frozenset[int]], n_papers: int
) -> Figure:
    """Mean NPMI (Bouma 2009) of the pairs of terms of a theme (Lau, Newman, Baldwin 2014), and of
    that the mean over themes: from -1, never in one paper, over 0, by chance, to 1, always.

    `papers`: which of the `n_papers` have each term, as `term_papers` gives them. Terms occur
    together where one title and abstract has both: the window is the whole text. Nothing is
    smoothed: a pair that never meets counts -1, one that every text has 1; a term that no text
    has is left out.
    """
    values = []
    for own in terms:
        known = [papers[key] for key in dict.fromkeys(map(_key, own)) if papers.get(key)]
        pairs = [_npmi(a, b, n_papers) for a, b in combinations(known, 2)]
        if pairs:
            values.append(float(np.mean(pairs)))
    return figure(float(np.mean(values)) if values else np.nan, undefined="no theme has two terms")


def term_papers(terms: Iterable[str], texts: Sequence[str]) -> dict[Key, frozenset[int]]:
    """For each term, by the keys of its words, the numbers of the texts that have it."""
    keys = {_key(term) for term in terms} - {()}
    lengths: dict[str, set[int]] = {}
    for key in keys:
        lengths.setdefault(key[0], set()).add(len(key))
    found: dict[Key, set[int]] = {key: set() for key in keys}
    for number, text in enumerate(texts):
        for segment in split_segments(text):
            words = tuple(word.key for word in segment)
            for at, word in enumerate(words):
                for length in lengths.get(word, ()):
                    if (key := words[at : at + length]) in found:
                        found[key].add(number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _npmi(a: frozenset[int], b: frozenset[int], n_texts: int) -> float:
    both = len(a & b)
    if not both:
        return -1.0
    if both == n_texts:
        return 1.0
    return log(both * n_texts / (len(a) * len(b))) / -log(both / n_texts)


def _key(term: str) -> Key:
    """A term by the keys of its words, in which `models` is `model`."""
    return tuple(word.key for segment in split_segments(term) for word in segment)


def _words(text: str) -> list[str]:
    """The keys of the words that carry meaning."""
    return [key for key in _key(text) if key not in STOP_WORDS]


def _unit(rows: FloatRows) -> FloatRows:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: FloatRows = rows / np.maximum(lengths, 1e-9)
    return unit
