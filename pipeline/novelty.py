"""How crowded the place of a text is among the papers of an atlas, and since when.

The similarity to the k-th nearest paper says how densely a place is filled: it is the score of
Ramaswamy, Rastogi and Shim, "Efficient algorithms for mining outliers from large data sets"
(SIGMOD 2000), with similarity in place of distance. Alone it says little, for every model and
field has its own scale; so it is told as a rank among the same figure of the atlas's own papers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.index import ExactIndex

FloatRows = NDArray[np.float32]
Place = Literal["near duplicate", "crowded", "typical", "sparse", "unknown"]

_SAMPLE = (
    500  # a share of 500 papers is off by 2.2 points at most (standard error), of 2,000 by 1.1
)
_K = 10
# Under this many papers a rank among them, and the tenth nearest of them, say nothing.
_FEWEST = 50
_CROWDED, _SPARSE = 0.75, 0.25
_RECENT_YEARS = 3
_FEWEST_DATED = 10  # a share of fewer papers moves by chance
# Of 79,343 abstracts of conferences 87 pairs are this similar by the default model: versions of one
# paper and announcements. At .94 and below there are different works.
_SAME = 0.95


@dataclass(frozen=True, slots=True)
class Reference:
    """How near the papers of an atlas lie to each other, by a sample of them.

    `nearest` and `tenth`: the similarity of each sampled paper to its nearest and its tenth
    nearest other paper, (n_sample,) float32, ascending; `tenth` is empty where no paper has ten
    others. `n_papers`: papers of the atlas.
    """

    nearest: FloatRows
    tenth: FloatRows
    n_papers: int

    @property
    def typical_tenth(self) -> float | None:
        """The median similarity of a paper to its tenth nearest one; None where none has ten."""
        return float(np.median(self.tenth)) if len(self.tenth) else None


@dataclass(frozen=True, slots=True)
class Shift:
    """The crowd's share of all papers of the atlas's last three years, from `since` on, and of all
    papers before; papers without a year are left out."""

    since: int
    recent: float
    before: float


@dataclass(frozen=True, slots=True)
class Novelty:
    """How crowded the place of a text is, and since when. Rows are those of the atlas.

    A share is of the atlas's own papers: `nearest_share` of 0.9 says that the nearest paper is
    more similar to the text than nine in ten papers' nearest one is to them. None stands for what
    cannot be told: of an atlas of no more than ten papers, or without known years.
    """

    n_papers: int
    nearest: float
    """Similarity of the nearest paper; NaN where no paper is left to compare with."""
    nearest_row: int | None
    nearest_share: float | None
    tenth: float | None
    """Similarity of the tenth nearest paper."""
    tenth_share: float | None
    typical_tenth: float | None
    crowd: int | None
    """Papers that are nearer to the text than a typical paper's tenth nearest one is to it: some
    ten where the place is typical."""
    n_dated: int
    """Papers of the crowd whose year is known."""
    earliest_row: int | None
    """The first paper of the crowd: of its first year the most similar one."""
    earliest_year: int | None
    median_year: float | None
    by_year: tuple[tuple[int, int], ...]
    """(year, papers of the crowd), by year."""
    shift: Shift | None
    """None where fewer than ten papers of the crowd have a year, or none is older than three."""

    @property
    def place(self) -> Place:
        """What the place is like: crowded from the third quartile of the atlas's own papers on,
        sparse up to the first; unknown in an atlas of fewer than 50 papers."""
        if self.nearest >= _SAME:
            return "near duplicate"
        if self.tenth_share is None or self.n_papers < _FEWEST:
            return "unknown"
        if self.tenth_share >= _CROWDED:
            return "crowded"
        return "sparse" if self.tenth_share <= _SPARSE else "typical"

    @property
    def verdict(self) -> str:
        """One plain sentence, with the figures that it rests on."""
        if self.place == "near duplicate":
            return (
                f"Near duplicate: a paper of the atlas says almost the same (similarity "
                f"{self.nearest:.2f})."
            )
        if self.place == "unknown":
            papers = "paper is" if self.n_papers == 1 else "papers are"
            return f"Unknown: {self.n_papers} {papers} too few to tell what is crowded."
        return f"{self.place.capitalize()}: {self._density()}{self._since()}."

    def _density(self) -> str:
        crowd = f"{self.crowd:,} {'paper is' if self.crowd == 1 else 'papers are'}"
        share = self.tenth_share or 0.0
        return (
            f"the tenth nearest paper is at {self.tenth:.2f}, nearer than that of {share:.0%} of "
            f"the atlas's papers, and {crowd} nearer than is typical of a tenth one "
            f"({self.typical_tenth:.2f})"
        )

    def _since(self) -> str:
        if not self.crowd:
            return ""
        if not self.n_dated:
            return "; their years are not known"
        known = "" if self.n_dated == self.crowd else f" (of {self.n_dated:,} the year is known)"
        told = f"; the first is of {self.earliest_year}{known}"
        if self.shift is None:
            return told
        shares = f"{_percent(self.shift.before)} of all papers before {self.shift.since}"
        return f"{told}; the crowd is {shares} and {_percent(self.shift.recent)} since"


def _percent(share: float) -> str:
    """With two digits: 26%, 0.034%."""
    return f"{float(f'{100 * share:.2g}'):g}%"


def neighbourhood_reference(vectors: FloatRows, seed: int) -> Reference:
    """How near the rows of `vectors`, (n, dim) float32 of length 1, lie to each other: of up to
    500 rows drawn by `seed`, compared with all. Deterministic."""
    n = len(vectors)
    sample = np.sort(np.random.default_rng(seed).permutation(n)[:_SAMPLE])
    if n < 2:
        return Reference(np.empty(0, np.float32), np.empty(0, np.float32), n)
    similarities, rows = ExactIndex(vectors).search(vectors[sample], min(n, _K + 1))
    is_self = rows == sample[:, None]
    # Among more equal vectors than were asked for, a row may be missing from its own list.
    is_self[~is_self.any(axis=1), -1] = True
    others = similarities[~is_self].reshape(len(sample), -1)
    tenth = np.sort(others[:, _K - 1]) if others.shape[1] >= _K else np.empty(0, np.float32)
    return Reference(np.sort(others[:, 0]), tenth, n)


def judge_novelty(
    similarities: FloatRows, years: Sequence[int | None], reference: Reference
) -> Novelty:
    """How crowded the place of a text is, and since when.

    `similarities`: its cosines to all papers, (n,); -inf to those that are left out, as itself.
    `years`: of the same papers, None where unknown. `reference`: of the same atlas. The papers of
    an atlas are titles with abstracts: a text of a few words lies farther from all of them, and
    its place looks emptier than it is. ValueError where lengths differ.
    """
    if not len(similarities) == len(years) == reference.n_papers:
        raise ValueError(
            f"{len(similarities)} similarities, {len(years)} years, {reference.n_papers} papers"
        )
    order = np.argsort(-similarities, kind="stable")
    order = order[np.isfinite(similarities[order])]
    ranked = similarities[order]
    nearest = float(ranked[0]) if len(ranked) else float("nan")
    tenth = float(ranked[_K - 1]) if len(ranked) >= _K else None
    typical = reference.typical_tenth
    crowd = order[:0] if typical is None else order[ranked > typical]
    dated = [(year, int(row)) for row in crowd if (year := years[row]) is not None]
    first = min(dated, key=lambda one: one[0]) if dated else None  # of equals the most similar
    return Novelty(
        n_papers=len(similarities),
        nearest=nearest,
        nearest_row=int(order[0]) if len(order) else None,
        nearest_share=_share_below(reference.nearest, nearest if len(order) else None),
        tenth=tenth,
        tenth_share=_share_below(reference.tenth, tenth),
        typical_tenth=typical,
        crowd=None if typical is None else len(crowd),
        n_dated=len(dated),
        earliest_row=first[1] if first else None,
        earliest_year=first[0] if first else None,
        median_year=float(np.median([year for year, _ in dated])) if dated else None,
        by_year=tuple(sorted(Counter(year for year, _ in dated).items())),
        shift=_shift([year for year, _ in dated], years),
    )


def _share_below(ascending: FloatRows, value: float | None) -> float | None:
    """The share of the values that are less than `value`; None where there are none."""
    if value is None or not len(ascending):
        return None
    return float(np.searchsorted(ascending, np.float32(value), side="left")) / len(ascending)


def _shift(crowd: Sequence[int], years: Sequence[int | None]) -> Shift | None:
    """How the crowd's share of all papers has moved, of the crowd's years and those of all."""
    known = [year for year in years if year is not None]
    if len(crowd) < _FEWEST_DATED:
        return None
    since = max(known) - _RECENT_YEARS + 1
    n_recent, n_before = _split(known, since)
    if not n_before:
        return None
    recent, before = _split(crowd, since)
    return Shift(since, recent / n_recent, before / n_before)


def _split(years: Sequence[int], since: int) -> tuple[int, int]:
    """How many years are from `since` on, and how many before."""
    n_recent = sum(year >= since for year in years)
    return n_recent, len(years) - n_recent
