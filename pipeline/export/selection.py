"""Which papers of an atlas are written, in which order, and with the themes of which layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import Snapshot, ThemeRow
from pipeline.citing.keys import citation_keys
from pipeline.errors import UsageError
from pipeline.export.entries import Entry
from pipeline.index import NeighborGraph, neighbor_graph
from pipeline.papers import Paper
from pipeline.related import RelatedPaper
from pipeline.search import CLOSE

N_NEIGHBOURS = 15
"""Nearest papers of each that a table and a graph tell."""
_FETCHED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the papers were chosen by: a theme that they are in, a query that they answer, both, or
    neither, for all papers."""

    theme: ThemeRow | None = None
    query: str | None = None
    found: tuple[RelatedPaper, ...] = ()
    """The papers that answer the query, best first."""


def answering(found: Iterable[RelatedPaper]) -> tuple[RelatedPaper, ...]:
    """Those that share a word with the query or are close to it in meaning: of an unknown word,
    none. Some papers are the nearest to any query, and a reading list is no place for them."""
    return tuple(
        hit for hit in found if hit.hit.lexical_score > 0 or hit.score is None or hit.score >= CLOSE
    )


class Selection:
    """Papers of one snapshot, gone through as often as a format needs, a thousand in memory at a
    time. Position i is the same paper in every method."""

    def __init__(self, snapshot: Snapshot, chosen: Chosen, layer: int) -> None:
        """`layer`: the one whose themes are written. UsageError where no paper is chosen."""
        self.snapshot = snapshot
        self.chosen = chosen
        self.layer = layer
        self.rows = _rows_of(snapshot, chosen)
        if not len(self.rows):
            raise _nothing(chosen)

    def __len__(self) -> int:
        """How many papers."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entry of each paper."""
        return self.entries(range(len(self)))

    @property
    def is_whole(self) -> bool:
        """Whether they are all papers of the atlas."""
        return self.chosen == Chosen()

    def entries(self, positions: range | NDArray[np.int64]) -> Iterator[Entry]:
        """Yield the entries of the papers at these positions."""
        theme_ids = self.theme_ids[self.layer]
        strengths = self.snapshot.memberships.strengths[self.layer][self.rows]
        for place, paper in zip(positions, self._papers(positions), strict=True):
            theme = self._themes_by_id.get(int(theme_ids[place]))
            hit = self.chosen.found[place] if self.chosen.found else None
            yield Entry(
                paper,
                self._keys[place],
                theme,
                float(strengths[place]) if theme else None,
                hit.rank if hit else None,
                hit.score if hit else None,
            )

    @cached_property
    def theme_ids(self) -> NDArray[np.int32]:
        """(n_layers, n) theme of each paper in each layer; -1 where it has none."""
        return self.snapshot.memberships.theme_ids[:, self.rows]

    @cached_property
    def themes(self) -> list[ThemeRow]:
        """The themes of the layer that have papers here, those with most of them first."""
        present, sizes = np.unique(self.theme_ids[self.layer], return_counts=True)
        n_papers = dict(zip(present.tolist(), sizes.tolist(), strict=True))
        known = [theme for theme in self.snapshot.themes() if theme.layer == self.layer]
        here = [theme for theme in known if theme.id in n_papers]
        return sorted(here, key=lambda theme: (-n_papers[theme.id], theme.id))

    @cached_property
    def neighbours(self) -> NeighborGraph:
        """The 15 nearest papers of each among those chosen, behind the paper itself, by position;
        compared with every one."""
        vectors = np.ascontiguousarray(self.snapshot.vectors[self.rows])
        return neighbor_graph(vectors, N_NEIGHBOURS + 1, is_exact=True)

    def positions_in(self, theme: ThemeRow | None) -> NDArray[np.int64]:
        """Positions of the papers of a theme, of those in none for None."""
        return np.flatnonzero(self.theme_ids[self.layer] == (-1 if theme is None else theme.id))

    @cached_property
    def _themes_by_id(self) -> dict[int, ThemeRow]:
        return {theme.id: theme for theme in self.snapshot.themes()}

    @cached_property
    def _keys(self) -> list[str]:
        return citation_keys(self._papers(range(len(self))))

    def _papers(self, positions: range | NDArray[np.int64]) -> Iterator[Paper]:
        if self.is_whole and len(positions) == len(self):
            yield from self.snapshot.all_papers()
            return
        rows = self.rows[np.asarray(positions)]
        for start in range(0, len(rows), _FETCHED_AT_ONCE):
            yield from self.snapshot.papers(rows[start : start + _FETCHED_AT_ONCE])


def _rows_of(snapshot: Snapshot, chosen: Chosen) -> NDArray[np.int64]:
    """Rows of the papers, in the order in which they are written."""
    if chosen.query is not None:
        return np.array([hit.hit.row for hit in chosen.found], np.int64)
    if chosen.theme is not None:
        theme_ids = snapshot.memberships.theme_ids[chosen.theme.layer]
        return np.flatnonzero(theme_ids == chosen.theme.id)
    return np.arange(snapshot.n_papers)


def _nothing(chosen: Chosen) -> UsageError:
    if chosen.query is not None:
        told = f"no paper answers {chosen.query!r}: nothing was written"
        return UsageError(told, hint="ask in other words, or leave --query away for all papers")
    return UsageError("there is no paper to write", hint="paperatlas themes lists what there is")
