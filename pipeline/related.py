"""Related papers of one snapshot: queries made, filters applied, models opened when needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import Snapshot, ThemeRow
from pipeline.errors import UsageError
from pipeline.filters import PaperColumns, all_of
from pipeline.papers import Paper, as_text, require_texts
from pipeline.queries import Asked, QueryMaker, Resolver
from pipeline.search import (
    Hit,
    Mode,
    Query,
    Ranking,
    Searcher,
    mode_of,
    require_k,
    vector_of,
)

if TYPE_CHECKING:
    from pipeline.novelty import Novelty, Reference
    from pipeline.rerank import Reranker

FloatRows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RelatedPaper:
    """One paper near a query, its theme in the default layer, and how and why it was found: what
    `hit` says of it."""

    paper: Paper
    theme: ThemeRow | None
    hit: Hit

    @property
    def rank(self) -> int:
        """Its place among the results, from 1."""
        return self.hit.rank

    @property
    def score(self) -> float | None:
        """Cosine similarity to the query; None where that has no vector."""
        return self.hit.score

    @property
    def why(self) -> tuple[str, ...]:
        """The reasons why it is here, in words."""
        return self.hit.why


@dataclass(frozen=True, slots=True)
class SimilarPapers:
    """Pairs of papers with a cosine similarity of `over` or more, best first: of `n_papers`, each
    compared with each, `found` pairs in all, of which `pairs`, (similarity, paper, paper), are the
    best."""

    over: float
    n_papers: int
    found: int
    pairs: tuple[tuple[float, Paper, Paper], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which papers are wanted, and how they are chosen: as in `Atlas.related`."""

    k: int = 10
    mode: Mode = "hybrid"
    where: str | None = None
    since: str | int | None = None
    category: str | None = None
    theme: str | int | None = None
    diversity: float = 0.0
    rerank: str | None = None
    allow_download: bool = False
    reasons: bool = True


class RelatedFinder:
    """Finds related papers in one snapshot; safe for many threads. What it needs is opened at the
    first query that needs it, and kept."""

    def __init__(
        self,
        snapshot: Snapshot,
        encode: Callable[[Sequence[str]], FloatRows],
        resolver: Resolver,
        theme_of: Callable[[int], ThemeRow | None],
    ) -> None:
        """`encode`: query texts -> unit rows; `theme_of`: a row's theme in the default layer."""
        self._snapshot = snapshot
        self._theme_of = theme_of
        self._queries = QueryMaker(snapshot, resolver, encode, theme_of)
        self._columns = PaperColumns(snapshot)
        # Of several threads that need the same at once, one makes it; a model that is fetched keeps
        # nobody from searching.
        self._opening, self._opening_reranker, self._opening_novelty = Lock(), Lock(), Lock()
        self._searcher: Searcher | None = None
        self._rerankers: dict[str, Reranker] = {}

    def find(self, asked: Asked, wanted: Wanted) -> list[RelatedPaper]:
        """The papers that answer one query."""
        ranking = self._ranking(wanted)
        # What is mapped from disk is checked byte by byte: meanwhile the model is loaded.
        with ThreadPoolExecutor(1) as ahead:
            opened = ahead.submit(self._open_searcher)
            query = self._queries.make(asked, by_meaning=wanted.mode != "lexical")
            return self._found([query], opened.result(), wanted.k, ranking)[0]

    def find_each(self, texts: Sequence[str], wanted: Wanted) -> list[list[RelatedPaper]]:
        """The papers that answer each text alone."""
        ranking = self._ranking(wanted)
        texts = require_texts(texts)
        queries = self._queries.of_texts(texts, by_meaning=wanted.mode != "lexical")
        return self._found(queries, self._open_searcher(), wanted.k, ranking)

    def neighbours(self, row: int, k: int) -> list[RelatedPaper]:
        """The papers nearest to that in `row` by meaning."""
        query = self._queries.of_row(row)
        return self._found([query], self._open_searcher(), k, Ranking(mode="dense"))[0]

    def novelty(self, asked: Asked) -> Novelty:
        """How crowded the neighbourhood of a query is, and since when."""
        from pipeline.novelty import judge_novelty

        query = self._queries.make(asked)
        similarities = self._snapshot.vectors @ vector_of(query)
        similarities[list(query.excluded)] = -np.inf
        with self._opening_novelty:
            years, reference = self._years, self._reference
        return judge_novelty(similarities, years, reference)

    def similar(self, wanted: Wanted, *, over: float) -> SimilarPapers:
        """The most similar pairs of the wanted papers that are as similar as `over`."""
        from pipeline.similar import similar_pairs

        require_k(wanted.k)
        if not -1 < over <= 1:
            raise UsageError(f"over = {over:g}", hint="expected a number above -1, and at most 1")
        rows, vectors = self.rows_where(wanted), self._snapshot.vectors
        if rows is None:
            rows = np.arange(self._snapshot.n_papers)
        else:
            vectors = vectors[rows]
        found = similar_pairs(vectors, over=over, limit=wanted.k)
        first, second = (self._snapshot.papers(rows[side]) for side in found.rows.T)
        pairs = zip(found.similarities.tolist(), first, second, strict=True)
        return SimilarPapers(over, len(rows), found.n_found, tuple(pairs))

    def count(self, wanted: Wanted) -> int:
        """How many papers the filters let through."""
        rows = self.rows_where(wanted)
        return self._snapshot.n_papers if rows is None else len(rows)

    def rows_where(self, wanted: Wanted) -> NDArray[np.int64] | None:
        """The rows that the filters let through, ascending; None where there is no filter."""
        chosen = all_of(
            as_text("where", wanted.where),
            as_text("since", wanted.since, numbers=True),
            as_text("category", wanted.category),
            as_text("theme", wanted.theme, numbers=True),
        )
        return None if chosen is None else chosen.rows(self._columns)

    @cached_property
    def _years(self) -> list[int | None]:
        return self._snapshot.column("year")

    @cached_property
    def _reference(self) -> Reference:
        from pipeline.novelty import neighbourhood_reference

        return neighbourhood_reference(self._snapshot.vectors, seed=0)

    def _ranking(self, wanted: Wanted) -> Ranking:
        """How to choose; whatever can be refused is refused here, before a model is loaded."""
        require_k(wanted.k)
        if not 0 <= wanted.diversity < 1:
            raise UsageError(
                f"diversity = {wanted.diversity}: expected 0 or more, and less than 1",
                hint="0 looks at the query alone; 0.3 is a good start",
            )
        among = self.rows_where(wanted)
        reranker = None if wanted.rerank is None else self._open_reranker(wanted)
        return Ranking(mode_of(wanted.mode), among, wanted.diversity, reranker, wanted.reasons)

    def _open_reranker(self, wanted: Wanted) -> Reranker:
        from pipeline.rerank import make_reranker

        name = wanted.rerank or ""
        with self._opening_reranker:
            if name not in self._rerankers:
                made = make_reranker(name, allow_download=wanted.allow_download)
                self._rerankers[name] = made
            return self._rerankers[name]

    def _open_searcher(self) -> Searcher:
        from pipeline.index import open_index
        from pipeline.lexical import LexicalIndex

        with self._opening:
            if self._searcher is None:
                snapshot = self._snapshot
                self._searcher = Searcher(
                    snapshot.vectors,
                    open_index(snapshot.file, snapshot.vectors, snapshot.manifest.details.facts),
                    LexicalIndex.open(snapshot),
                    snapshot.papers,
                    self._name_of,
                )
            return self._searcher

    def _name_of(self, row: int) -> str | None:
        theme = self._theme_of(row)
        return None if theme is None else theme.name

    def _found(
        self, queries: Sequence[Query], searcher: Searcher, k: int, ranking: Ranking
    ) -> list[list[RelatedPaper]]:
        found = searcher.search(queries, k=k, ranking=ranking)
        rows = list(dict.fromkeys(hit.row for hits in found for hit in hits))
        papers = dict(zip(rows, self._snapshot.papers(rows), strict=True))
        return [
            [RelatedPaper(papers[hit.row], self._theme_of(hit.row), hit) for hit in hits]
            for hits in found
        ]
