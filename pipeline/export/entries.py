"""What is written of a paper, whatever the format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.artifacts import ThemeRow
from pipeline.citing.keys import citation_keys
from pipeline.papers import Paper
from pipeline.related import RelatedPaper


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper as it is written."""

    paper: Paper
    key: str
    """The citation key: safe in LaTeX, and that of no other paper beside it."""
    theme: ThemeRow | None = None
    """Its theme in the layer that was chosen; None where it has none there."""
    strength: float | None = None
    """How strongly it belongs to that theme, in [0, 1]."""
    rank: int | None = None
    """Its place among the papers that answer a query, from 1; None where nobody asked."""
    similarity: float | None = None
    """Its cosine similarity to the query."""


def entries_of(found: Iterable[RelatedPaper]) -> list[Entry]:
    """The entries of papers that were found, best first."""
    found = list(found)
    keys = citation_keys(hit.paper for hit in found)
    return [
        Entry(hit.paper, key, hit.theme, None, hit.rank, hit.score)
        for key, hit in zip(keys, found, strict=True)
    ]
