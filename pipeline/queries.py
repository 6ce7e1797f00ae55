"""What a user asks, in any form, as what a `Searcher` looks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import Snapshot, ThemeRow
from pipeline.errors import UsageError
from pipeline.lexical import WeightedTerms
from pipeline.papers import as_text, embedding_text, normalise_abstract, require_texts
from pipeline.references import find_theme
from pipeline.search import Query

FloatRows = NDArray[np.float32]

# How much a disliked paper counts against liked ones: between the 0.15 that is usual where feedback
# is guessed (Manning, Raghavan and Schütze 2008, section 9.1.1) and 1, as it is meant here.
_UNLIKED_WEIGHT = 0.5
# Words of so many papers say what a theme is about; more of them say it again.
_MOST_READ = 200
_LEAST_LENGTH = 1e-3


@dataclass(frozen=True, slots=True)
class Asked:
    """One query as the user puts it; all that it likes is looked for together.

    `text`: a question, words, an abstract; `paper` and `like`: references to papers, by id, DOI,
    arXiv id or title; `unlike`: likewise, of what it should not be like; `more_of`: a theme, by id
    or name.
    """

    text: str | None = None
    paper: str | None = None
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    more_of: str | None = None

    @classmethod
    def of(
        cls,
        text: str | None,
        paper: str | None,
        like: Sequence[str],
        unlike: Sequence[str],
        more_of: str | int | None,
    ) -> Asked:
        """The same of any sequences; UsageError for what is of another type, and for one text in
        place of several: its letters would be looked for."""
        return cls(
            as_text("text", text),
            as_text("paper", paper),
            tuple(require_texts(like)),
            tuple(require_texts(unlike)),
            as_text("more_of", more_of, numbers=True),
        )


class Resolver(Protocol):
    """Knows the papers by whatever users call them."""

    def resolve(self, reference: str) -> int:
        """The row of the one paper that is meant; UsageError where none or several may be."""

    def versions(self, row: int) -> tuple[int, ...]:
        """Rows of other papers that are versions of the same work."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing that is liked or not: its words, its vector where it needs to be known."""

    words: str
    terms: WeightedTerms
    vector: FloatRows | None


class QueryMaker:
    """Makes queries over one snapshot; safe for many threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        resolver: Resolver,
        encode: Callable[[Sequence[str]], FloatRows],
        theme_of: Callable[[int], ThemeRow | None],
    ) -> None:
        """`encode`: query texts -> unit rows, by the atlas's model, loaded at the first text;
        `theme_of`: a row's theme in the default layer."""
        self._snapshot = snapshot
        self._resolver = resolver
        self._encode = encode
        self._theme_of = theme_of

    def of_texts(self, texts: Sequence[str], *, by_meaning: bool = True) -> list[Query]:
        """A query for each text, embedded together; without vectors unless `by_meaning`.

        Raises UsageError for an empty text.
        """
        several = len(texts) > 1
        cleaned = [_cleaned(text, n if several else None) for n, text in enumerate(texts)]
        if not by_meaning or not cleaned:
            return [Query.of_text(text, None) for text in cleaned]
        vectors = self._encode(cleaned)
        return [Query.of_text(text, row) for text, row in zip(cleaned, vectors, strict=True)]

    def of_row(self, row: int) -> Query:
        """A query by one paper, which is not among its own results, nor is a version of it."""
        part = self._of_paper(row)
        theme = self._theme_of(row)
        excluded = tuple(sorted(self._works([row])))
        name = theme.name if theme else None
        return Query(part.words, part.terms, part.vector, excluded, name, by_example=True)

    def make(self, asked: Asked, *, by_meaning: bool = True) -> Query:
        """The query that all parts make together: what is liked on average, less half of what is
        not (Rocchio 1971). No paper that is named, no version of one and none of the theme is
        among the results.

        `by_meaning`: False where only words will be compared, so that a text needs no model.
        Raises UsageError where nothing is asked for, or something unknown.
        """
        if asked == Asked(text=asked.text) and asked.text is not None:
            return self.of_texts([asked.text], by_meaning=by_meaning)[0]
        named = [asked.paper, *asked.like] if asked.paper is not None else list(asked.like)
        liked_rows, unliked_rows = self._rows_of(named), self._rows_of(asked.unlike)
        if both := set(liked_rows) & set(unliked_rows):
            paper_id = self._snapshot.paper(min(both)).id
            raise UsageError(f"{paper_id} is liked and not liked", hint="leave one of both away")
        if asked == Asked(paper=asked.paper, like=asked.like) and len(liked_rows) == 1:
            return self.of_row(liked_rows[0])
        liked = [self._of_paper(row) for row in liked_rows]
        excluded = self._works([*liked_rows, *unliked_rows])
        if asked.text is not None:
            liked += [self._of_text(asked.text, by_meaning=by_meaning)]
        if asked.more_of is not None:
            theme = find_theme(
                asked.more_of, self._snapshot.themes(), default_layer=self._snapshot.default_layer
            )
            rows = np.flatnonzero(self._snapshot.memberships.theme_ids[theme.layer] == theme.id)
            liked.append(self._of_theme(theme, rows))
            excluded |= set(rows.tolist())
        if not liked:
            raise UsageError(
                "only what is not wanted is given" if unliked_rows else "nothing to look for",
                hint="give a text, a file, a paper, papers to be like, or a theme",
            )
        unliked = [self._of_paper(row) for row in unliked_rows]
        query = _joined(liked, unliked, tuple(sorted(excluded)))
        return replace(query, by_example=asked.text is None and len(liked) == 1)

    def _rows_of(self, references: Sequence[str]) -> list[int]:
        """The rows of some papers, each once, in the order in which they are named."""
        return list(dict.fromkeys(self._resolver.resolve(name) for name in references))

    def _works(self, rows: Sequence[int]) -> set[int]:
        """These rows and those of their versions."""
        return {other for row in rows for other in (row, *self._resolver.versions(row))}

    def _of_text(self, text: str, *, by_meaning: bool) -> _Part:
        (query,) = self.of_texts([text], by_meaning=by_meaning)
        return _Part(query.words, query.terms, query.vector)

    def _of_paper(self, row: int) -> _Part:
        words = embedding_text(self._snapshot.paper(row))
        return _Part(words, WeightedTerms.of(words), np.asarray(self._snapshot.vectors[row]))

    def _of_theme(self, theme: ThemeRow, rows: NDArray[np.int64]) -> _Part:
        """A theme by the mean of its papers, and by the words of those that are most of it."""
        strengths = self._snapshot.memberships.strengths[theme.layer, rows]
        typical = rows[np.argsort(-strengths, kind="stable")[:_MOST_READ]]
        texts = [embedding_text(paper) for paper in self._snapshot.papers(typical)]
        terms = WeightedTerms.sum_of([(WeightedTerms.of(t), 1 / len(texts)) for t in texts])
        mean = np.asarray(self._snapshot.vectors[rows], np.float64).mean(axis=0)
        exemplars = self._snapshot.papers(theme.exemplars)
        words = ". ".join([theme.name, *theme.terms, *(paper.title for paper in exemplars)])
        return _Part(words, terms, _unit(mean))


def _joined(liked: Sequence[_Part], unliked: Sequence[_Part], excluded: tuple[int, ...]) -> Query:
    weighted = [(part, 1 / len(liked)) for part in liked]
    weighted += [(part, -_UNLIKED_WEIGHT / len(unliked)) for part in unliked]
    vector = None
    if all(part.vector is not None for part in liked):
        rows = [np.asarray(part.vector, np.float64) * weight for part, weight in weighted]
        vector = _unit(np.sum(rows, axis=0))
    return Query(
        words="\n".join(part.words for part in liked),
        # As the vectors: else each word of a query of two is less than what an abstract has of it.
        terms=WeightedTerms.sum_of(
            [(part.terms.normalised(), weight) for part, weight in weighted]
        ),
        vector=vector,
        excluded=excluded,
    )


def _unit(vector: NDArray[np.float64]) -> FloatRows:
    length = float(np.linalg.norm(vector))
    if length < _LEAST_LENGTH:
        raise UsageError(
            "what is liked and what is not cancel each other", hint="leave one of them away"
        )
    unit: FloatRows = (vector / length).astype(np.float32)
    return unit


def _cleaned(text: str, number: int | None) -> str:
    """`number`: its place among several texts, from 0."""
    cleaned = normalise_abstract(text)
    if not cleaned:
        which = "the query text" if number is None else f"text {number}"
        raise UsageError(f"{which} is empty", hint="describe what you look for in words")
    return cleaned
