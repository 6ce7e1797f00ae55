"""Related papers: a query's nearest papers by cosine similarity, each with its reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UsageError
from pipeline.index import Index
from pipeline.papers import Paper, embedding_text
from pipeline.phrases import SCHOLARLY_WORDS, form_factor, phrases_in, split_segments

FloatRows = NDArray[np.float32]

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z“\"(])")
_MAX_SHARED = 3
_LONGEST_SENTENCE = 200
_SHORTEST_WORD = 5
_EVERYDAY_WORDS = SCHOLARLY_WORDS | {
    "accuracy", "algorithm", "algorithms", "class", "classes", "costs", "distribution",
    "distributions", "error", "errors", "feature", "features", "function", "functions", "input",
    "inputs", "learning", "machine", "measure", "measures", "model", "modeling", "models",
    "network", "networks", "output", "outputs", "parameter", "parameters", "prediction",
    "predictions", "sample", "samples", "space", "spaces", "target", "tasks", "testing", "theory",
    "training", "values", "weight", "weights",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """One related paper: `rank` from 1, its `row`, its cosine similarity, and why it is here."""

    rank: int
    row: int
    score: float
    why: tuple[str, ...]


def require_k(k: int) -> None:
    """UsageError when `k`, the number of papers that is asked for, is less than 1."""
    if k < 1:
        raise UsageError(f"k = {k}: expected at least 1", hint="leave it away for 10 papers")


class Searcher:
    """Answers queries over one atlas; safe for many threads."""

    def __init__(
        self,
        index: Index,
        papers_of: Callable[[Sequence[int]], Sequence[Paper]],
        theme_of: Callable[[int], str | None],
    ) -> None:
        """`papers_of`: papers of some rows; `theme_of`: name of a row's theme, or None."""
        self._index = index
        self._papers_of = papers_of
        self._theme_of = theme_of

    def related_to_text(self, text: str, vector: FloatRows, *, k: int) -> list[Hit]:
        """The `min(k, n)` papers nearest to `vector`, (dim,) float32 of length 1: the embedded
        `text`, which the reasons are taken from. UsageError when k < 1."""
        return self._hits(text, vector, k=k, exclude=None)

    def related_to_row(self, row: int, vector: FloatRows, *, k: int) -> list[Hit]:
        """The papers nearest to the one in `row`, never itself. UsageError when k < 1."""
        (paper,) = self._papers_of([row])
        return self._hits(embedding_text(paper), vector, k=k, exclude=row)

    def _hits(self, text: str, vector: FloatRows, *, k: int, exclude: int | None) -> list[Hit]:
        require_k(k)
        wanted = k if exclude is None else k + 1
        similarities, rows = self._index.search(vector[None, :], wanted)
        found = [
            (int(row), float(similarity))
            for row, similarity in zip(rows[0], similarities[0], strict=True)
            if row != exclude
        ][:k]
        papers = self._papers_of([row for row, _ in found])
        theme = None if exclude is None else self._theme_of(exclude)
        phrases = {key: text for key, text in _phrases(text).items() if not _says_little(text)}
        return [
            Hit(rank, row, similarity, self._reasons(phrases, paper, row, theme))
            for rank, ((row, similarity), paper) in enumerate(
                zip(found, papers, strict=True), start=1
            )
        ]

    def _reasons(
        self, query: dict[tuple[str, ...], str], paper: Paper, row: int, theme: str | None
    ) -> tuple[str, ...]:
        reasons = []
        shared = _shared_phrases(query, _phrases_of(paper))
        if shared:
            reasons.append("shares " + ", ".join(f"“{phrase}”" for phrase in shared))
        if theme is not None and self._theme_of(row) == theme:
            reasons.append(f"same theme: {theme}")
        sentence = _closest_sentence(set(query), paper.abstract)
        if sentence:
            reasons.append(f"says “{sentence}”")
        return tuple(reasons) or ("close in meaning, with no phrase in common",)


def _phrases(text: str) -> dict[tuple[str, ...], str]:
    """Well-formed phrases of a text and how each is first written there."""
    written: dict[tuple[str, ...], str] = {}
    for mention in phrases_in(split_segments(text)):
        if form_factor(mention.text) > 0:
            written.setdefault(mention.key, mention.text)
    return written


def _phrases_of(paper: Paper) -> dict[tuple[str, ...], str]:
    """The paper's phrases, as its abstract writes them in running text where it does."""
    running = {
        mention.key: mention.text
        for mention in phrases_in(split_segments(paper.abstract))
        if mention.text[:1].islower()
    }
    written = _phrases(embedding_text(paper))
    return {key: running.get(key, text) for key, text in written.items()}


def _is_plain_word(text: str) -> bool:
    """True for one word of letters that are small but for the first."""
    return text.isalpha() and text[1:] == text[1:].lower()


def _says_little(text: str) -> bool:
    """True for a short or everyday word, which half of a field's papers share."""
    return _is_plain_word(text) and (len(text) < _SHORTEST_WORD or text.lower() in _EVERYDAY_WORDS)


def _shared_phrases(
    query: dict[tuple[str, ...], str], paper: dict[tuple[str, ...], str]
) -> list[str]:
    """The phrases both texts have, the most telling first, none inside another."""
    shared = sorted(
        query.keys() & paper.keys(),
        key=lambda key: (-form_factor(query[key]) * len(key), key),
    )
    telling = [key for key in shared if not _is_plain_word(query[key])]
    shared = telling or shared
    chosen: list[tuple[str, ...]] = []
    for key in shared:
        if not any(set(key) & set(other) for other in chosen):
            chosen.append(key)
    return [paper[key] for key in chosen[:_MAX_SHARED]]


def _closest_sentence(query: set[tuple[str, ...]], abstract: str) -> str:
    """The sentence of the abstract that has most of the query's phrases, cut to 200 characters;
    "" where none has any."""
    best, best_score = "", 0.0
    for sentence in _SENTENCE_END.split(abstract):
        phrases = _phrases(sentence)
        score = sum(len(key) for key in phrases.keys() & query) / (4 + len(sentence.split())) ** 0.5
        if score > best_score:
            best, best_score = sentence, score
    if len(best) <= _LONGEST_SENTENCE:
        return best
    return best[:_LONGEST_SENTENCE].rsplit(" ", 1)[0] + " …"
