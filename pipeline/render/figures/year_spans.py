"""The years of papers, and spans of years that have papers enough for a picture of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UsageError
from pipeline.papers import Paper

NO_YEAR = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Years from `first` to `last`, both included, and the papers of them."""

    first: int
    last: int
    n_papers: int

    @property
    def name(self) -> str:
        """Such as `2019`, or `2010–2014`."""
        return f"{self.first}" if self.first == self.last else f"{self.first}–{self.last}"


def paper_years(papers: Sequence[Paper]) -> NDArray[np.int64]:
    """(n_papers,) year of each paper, `NO_YEAR` for none.

    Raises UsageError where no paper has one: then there is nothing to show over time.
    """
    years = np.array([paper.year or NO_YEAR for paper in papers], dtype=np.int64)
    if not (years != NO_YEAR).any():
        raise UsageError("no paper of this atlas has a year", hint="--kind map needs none")
    return years


def span_years(years: NDArray[np.int64], most: int) -> list[Span]:
    """At most `most` spans that hold all years with papers, in their order.

    One a year where they fit; else the two neighbours that have the fewest papers together are
    joined, the earliest of equal ones, until they do: years of many papers stay alone.
    """
    counts = Counter(years[years != NO_YEAR].tolist())
    spans = [Span(year, year, counts[year]) for year in sorted(counts)]
    while len(spans) > max(1, most):
        sums = [one.n_papers + other.n_papers for one, other in pairwise(spans)]
        i = sums.index(min(sums))
        spans[i : i + 2] = [Span(spans[i].first, spans[i + 1].last, sums[i])]
    return spans
