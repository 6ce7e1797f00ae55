"""Related papers: the nearest by meaning and by words, put in one order, each with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.diversity import diverse_order
from pipeline.errors import UsageError
from pipeline.fusion import LEAST_LEXICAL, fused_scores, regularised_scores
from pipeline.index import ExactIndex, Index
from pipeline.lexical import LexicalIndex, WeightedTerms
from pipeline.papers import Paper, embedding_text
from pipeline.reasons import QueryWords, explain

if TYPE_CHECKING:
    from pipeline.rerank import Reranker

FloatRows = NDArray[np.float32]
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

Mode = Literal["hybrid", "dense", "lexical"]
MODES: tuple[Mode, ...] = ("hybrid", "dense", "lexical")

# Each half offers so many papers at least, for them to be put in one order: with 50 of 79,343 the
# first ten are those of a fusion over all papers 99.9% of the time.
_FEWEST_OFFERED = 200
# More left-out rows than this are a filter of their own; fewer are found and dropped.
_MOST_DROPPED = 100
_LEAST_DIFFERENCE = 1e-9
_DECIMALS = 6
# Where no hit is this similar, nothing in the atlas is about the query.
CLOSE = 0.35
_MOST_WORDS = 3
# So many places above those of both halves, a paper owes its own to the papers near it.
_LIFTED = 3
# Diversity and re-ranking choose among so many times k papers, and so many at least.
_POOL_FACTOR, _SMALLEST_POOL = 5, 50


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    `words`: a text that the reasons are taken from; `terms`: what its words ask of BM25; `vector`:
    (dim,) float32 of length 1, or None where only words are to be compared; `excluded`: rows that
    are never found, ascending; `theme`: the name of the query paper's own theme; `by_example`:
    whether it is one paper, or one theme, whose company is wanted.
    """

    words: str
    terms: WeightedTerms
    vector: FloatRows | None
    excluded: tuple[int, ...] = ()
    theme: str | None = None
    by_example: bool = False

    @classmethod
    def of_text(cls, text: str, vector: FloatRows | None) -> Query:
        """A query by one text."""
        return cls(text, WeightedTerms.of(text), vector)


@dataclass(frozen=True, slots=True)
class Hit:
    """One related paper: `rank` from 1, its `row`, and why it is here.

    `score`: its cosine similarity to the query, None where that has no vector; `lexical_score`: its
    BM25 score, 0 where it has no word of the query, and below 0 where the words that are not wanted
    weigh more. `dense_rank` and `lexical_rank`: its place, from 1, by meaning and by words alone,
    each None where it is far down, was not looked for so, or has no word of the query.
    `fused_score`: what a hybrid order goes by, at most 1; `rerank_score`: a cross-encoder's, where
    one was asked. `shared`: phrases that query and paper have; `sentence`: the one of its abstract
    closest to the query, or ""; `why`: these reasons and a common theme, in words.
    """

    rank: int
    row: int
    score: float | None
    lexical_score: float
    dense_rank: int | None
    lexical_rank: int | None
    fused_score: float | None = None
    rerank_score: float | None = None
    shared: tuple[str, ...] = ()
    sentence: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """How results are chosen: `mode`: by both halves, or one; `among`: rows that alone may be
    found, ascending, or None; `diversity`: in [0, 1], how much likeness to a better hit counts
    against a paper; `reranker`: re-orders the best ones; `reasons`: whether they are worked out."""

    mode: Mode = "hybrid"
    among: Rows | None = field(default=None, repr=False)
    diversity: float = 0.0
    reranker: Reranker | None = None
    reasons: bool = True


def mode_of(name: str) -> Mode:
    """The mode of this name; UsageError, naming the known ones, for another."""
    for mode in MODES:
        if str(name).strip().lower() == mode:
            return mode
    raise UsageError(f"no mode {name!r}", hint=f"known modes: {', '.join(MODES)}")


def require_k(k: int) -> None:
    """UsageError when `k`, the number of papers that is asked for, is less than 1."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise UsageError(f"k = {k!r}: expected a whole number from 1 on", hint="or leave it away")


class Searcher:
    """Answers queries over one atlas; safe for many threads."""

    def __init__(
        self,
        vectors: FloatRows,
        index: Index,
        words: LexicalIndex,
        papers_of: Callable[[Sequence[int]], Sequence[Paper]],
        theme_of: Callable[[int], str | None],
    ) -> None:
        """`vectors`: (n, dim) unit rows that `index` finds; `words`: the same papers' terms;
        `papers_of`: papers of some rows; `theme_of`: name of a row's theme, or None."""
        self._vectors = vectors
        self._exact = ExactIndex(vectors)
        self._index = index
        self._words = words
        self._papers_of = papers_of
        self._theme_of = theme_of

    def search(
        self, queries: Sequence[Query], *, k: int, ranking: Ranking | None = None
    ) -> list[list[Hit]]:
        """The `k` papers that answer each query best, best first.

        There are k of them, all different, as long as so many may be found; in the mode `lexical`
        only papers that have a word of the query may. Papers of one score come in row order. A
        query has the same answer alone and among others. UsageError when k < 1.
        """
        require_k(k)
        ranking = ranking or Ranking()
        n_offered = max(_FEWEST_OFFERED, 2 * k)
        dense = self._nearest(queries, n_offered, ranking)
        return [
            self._answer(query, rows, k, n_offered, ranking)
            for query, rows in zip(queries, dense, strict=True)
        ]

    def _nearest(self, queries: Sequence[Query], n_wanted: int, ranking: Ranking) -> list[Rows]:
        """Rows by meaning, best first, for each query: `n_wanted` or all that there are."""
        found = [np.empty(0, np.int64)] * len(queries)
        if ranking.mode == "lexical":
            return found
        alone = [i for i, query in enumerate(queries) if len(query.excluded) > _MOST_DROPPED]
        together = [i for i, query in enumerate(queries) if len(query.excluded) <= _MOST_DROPPED]
        if together:
            most = max(len(queries[i].excluded) for i in together)
            vectors = np.stack([vector_of(queries[i]) for i in together])
            _, rows = self._index.search(vectors, n_wanted + most, among=ranking.among)
            for i, of_query in zip(together, rows, strict=True):
                found[i] = _without(of_query, queries[i].excluded)[:n_wanted]
        for i in alone:
            allowed = np.arange(len(self._vectors)) if ranking.among is None else ranking.among
            among = np.setdiff1d(allowed, np.array(queries[i].excluded))
            vector = vector_of(queries[i])[None]
            found[i] = self._index.search(vector, n_wanted, among=among)[1][0]
        return found

    def _answer(
        self, query: Query, dense: Rows, k: int, n_offered: int, ranking: Ranking
    ) -> list[Hit]:
        scores = self._words.scores(query.terms)
        lexical = _best_scored(scores, query.excluded, ranking.among, n_offered)
        offers = self._offers(query, dense, lexical, scores, ranking.mode)
        is_chosen_among_more = ranking.diversity > 0 or ranking.reranker is not None
        n_hits = max(_POOL_FACTOR * k, _SMALLEST_POOL) if is_chosen_among_more else k
        hits = offers.hits(ranking.mode, n_hits)
        lifted = _lifted(hits) if query.by_example and ranking.mode == "hybrid" else frozenset()
        if hits and ranking.reranker is not None:
            hits = self._reranked(query, hits, k, ranking.reranker)
        if ranking.diversity > 0:
            hits = self._spread(hits, k, ranking.diversity, ranking.mode)
        hits = [replace(hit, rank=rank) for rank, hit in enumerate(hits[:k], start=1)]
        return self._explained(query, hits, lifted) if ranking.reasons else hits

    def _offers(
        self, query: Query, dense: Rows, by_words: Rows, scores: FloatRows, mode: Mode
    ) -> _Offers:
        """What both halves found, with all scores of each."""
        rows = np.union1d(dense, by_words)
        lexical = scores[rows].astype(np.float64)
        similarities = fused = None
        if query.vector is not None:
            similarities = self._exact.similarities(query.vector[None], rows[None])[0]
            if mode == "hybrid":
                fused = fused_scores(similarities, lexical)
                if query.by_example:
                    # The same best ones, whatever k is, speak for each other.
                    best = np.union1d(dense[:_FEWEST_OFFERED], by_words[:_FEWEST_OFFERED])
                    places = np.searchsorted(rows, best)
                    fused = regularised_scores(fused, places, self._vectors[best])
        return _Offers(rows, similarities, lexical, fused, dense, by_words)

    def _reranked(self, query: Query, hits: Sequence[Hit], k: int, reranker: Reranker) -> list[Hit]:
        """The best hits by the re-ranker, the others behind them."""
        pool = hits[: max(k, _SMALLEST_POOL)]
        papers = self._papers_of([hit.row for hit in pool])
        scores = reranker.scores(query.words, [embedding_text(paper) for paper in papers])
        scored = [
            replace(hit, rerank_score=round(float(score), _DECIMALS))
            for hit, score in zip(pool, scores, strict=True)
        ]
        # Where it gives two papers the same, the order before stands.
        scored.sort(key=lambda hit: -(hit.rerank_score or 0.0))
        return [*scored, *hits[len(pool) :]]

    def _spread(self, hits: Sequence[Hit], k: int, diversity: float, mode: Mode) -> list[Hit]:
        rows = np.array([hit.row for hit in hits], np.int64)
        order = diverse_order(
            _relevances(hits, mode), np.asarray(self._vectors[rows]), k, trade_off=1.0 - diversity
        )
        return [hits[int(place)] for place in order]

    def _explained(self, query: Query, hits: Sequence[Hit], lifted: frozenset[int]) -> list[Hit]:
        words = QueryWords.of(query.words)
        papers = self._papers_of([hit.row for hit in hits])
        return [
            self._with_reasons(words, query, hit, paper, is_lifted=hit.row in lifted)
            for hit, paper in zip(hits, papers, strict=True)
        ]

    def _with_reasons(
        self, words: QueryWords, query: Query, hit: Hit, paper: Paper, *, is_lifted: bool
    ) -> Hit:
        found = explain(words, paper)
        why = []
        if found.shared:
            why.append(f"shares {_quoted(found.shared)}")
        elif hit.lexical_score > 0:
            text = embedding_text(paper)
            alone = self._words.telling_words(query.terms, text, most=_MOST_WORDS)
            why += [f"shares single words: {_quoted(alone)}"] if alone else []
        if is_lifted:
            why.append("near other good results")
        if query.theme is not None and self._theme_of(hit.row) == query.theme:
            why.append(f"same theme: {query.theme}")
        if found.sentence:
            why.append(f"says “{found.sentence}”")
        why = why or [_no_phrase(hit)]
        return replace(hit, shared=found.shared, sentence=found.sentence, why=tuple(why))


@dataclass(frozen=True, slots=True)
class _Offers:
    """Papers that may answer: `rows`, (m,) ascending, their cosine `similarities`, (m,) float64 or
    None, their BM25 scores `lexical`, (m,) float64, what a hybrid order goes by, (m,) float64, or
    None; and the rows that each half found, best first.
    """

    rows: Rows
    similarities: Floats | None
    lexical: Floats
    fused: Floats | None
    dense: Rows
    by_words: Rows

    def hits(self, mode: Mode, n: int) -> list[Hit]:
        """The first `n` in the order of `mode`, not numbered yet."""
        if self.fused is None:
            order = np.searchsorted(self.rows, self.dense if mode == "dense" else self.by_words)
        else:
            order = np.lexsort((self.rows, -self.fused))
        dense, by_words = _places(self.dense), _places(self.by_words)
        return [self._hit(int(i), dense, by_words) for i in order[:n]]

    def _hit(self, i: int, dense: dict[int, int], by_words: dict[int, int]) -> Hit:
        row = int(self.rows[i])
        return Hit(
            rank=0,
            row=row,
            # A sum of 0 makes 0.0 of -0.0, which is no news to anybody.
            score=None if self.similarities is None else float(self.similarities[i]) + 0.0,
            lexical_score=round(float(self.lexical[i]), _DECIMALS),
            dense_rank=dense.get(row),
            lexical_rank=by_words.get(row),
            fused_score=None if self.fused is None else float(self.fused[i]),
        )


def _best_scored(
    scores: FloatRows, excluded: Sequence[int], among: Rows | None, n_wanted: int
) -> Rows:
    """Rows with the best scores of those above 0, best first, equal ones by row."""
    found = scores >= LEAST_LEXICAL
    rows = np.flatnonzero(found) if among is None else among[found[among]]
    rows = _without(rows, excluded)
    if len(rows) > n_wanted:
        least = np.partition(scores[rows], -n_wanted)[-n_wanted]
        rows = rows[scores[rows] >= least]
    return rows[np.argsort(-scores[rows], kind="stable")][:n_wanted]


def _without(rows: Rows, excluded: Sequence[int]) -> Rows:
    """The rows in their order but for the excluded ones."""
    return rows[~np.isin(rows, np.array(excluded, np.int64))] if excluded else rows


def vector_of(query: Query) -> FloatRows:
    """The query's vector; ValueError where it has none, which is the caller's mistake."""
    if query.vector is None:
        raise ValueError("a query without a vector has no meaning to go by: mode='lexical'")
    return query.vector


def _places(rows: Rows) -> dict[int, int]:
    return {row: place for place, row in enumerate(rows.tolist(), start=1)}


def _relevances(hits: Sequence[Hit], mode: Mode) -> Floats:
    """(n,) what the order of the hits goes by, between 0 and 1 but for opposite meanings."""
    reranked = [hit.rerank_score for hit in hits if hit.rerank_score is not None]
    if reranked:
        least, most = min(reranked), max(reranked)
        scores = [least if h.rerank_score is None else h.rerank_score for h in hits]
        scaled: Floats = (np.array(scores) - least) / max(most - least, _LEAST_DIFFERENCE)
        return scaled
    if mode == "lexical":
        return np.array([hit.lexical_score / hits[0].lexical_score for hit in hits])
    return np.array([hit.score if mode == "dense" else hit.fused_score for hit in hits], np.float64)


def _quoted(phrases: Sequence[str]) -> str:
    return ", ".join(f"“{phrase}”" for phrase in phrases)


def _lifted(hits: Sequence[Hit]) -> frozenset[int]:
    """Rows that neither half alone puts near the place that they have in the fused order: what a
    re-ranker or diversity makes of it later is not their neighbours' doing."""
    return frozenset(
        hit.row
        for rank, hit in enumerate(hits, start=1)
        if min(_halves(hit), default=rank) >= rank + _LIFTED
    )


def _halves(hit: Hit) -> list[int]:
    return [place for place in (hit.dense_rank, hit.lexical_rank) if place is not None]


def _no_phrase(hit: Hit) -> str:
    if hit.score is None:
        return "has words of the query"
    if hit.score >= CLOSE:
        return "close in meaning, with no phrase in common"
    if hit.dense_rank is None:
        return "neither near in meaning nor with a telling word"
    return "among the nearest in meaning, though not close"
