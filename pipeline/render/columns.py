"""What the papers of a map can be filtered and coloured by: their columns, as codes and values."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.papers import Paper

MAX_VALUES = 500
"""Values of one column that are listed by themselves; the rarer ones are one entry, `others`."""
MIN_PAPERS_A_VALUE = 2.0
"""A column whose values have fewer papers than this on average sorts nothing: ids, addresses."""
MAX_PLAIN_NUMBERS = 12
"""A column of numbers with more different ones than this is shown as `N_RANGES` ranges."""
N_RANGES = 6
NO_YEAR = -32768
RESERVED = frozenset({"theme", "year"})
"""Names that mean something else on the page."""

Values = Sequence[tuple[str, ...]]
"""Of each paper its values in one column; none, one, or several."""


@dataclass(frozen=True, slots=True)
class YearColumn:
    """The papers' years."""

    numbers: NDArray[np.int16]
    """(n_papers,) year, `NO_YEAR` where none is known."""
    name: str = "year"
    label: str = "Year"
    kind: Literal["number"] = "number"

    @property
    def n_values(self) -> int:
        """Different years."""
        return len(set(self.numbers.tolist()) - {NO_YEAR})


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """One column of texts that papers share."""

    name: str
    label: str
    values: tuple[str, ...]
    """Most papers first, of ranges in their own order; the entry for `n_others` is the last."""
    codes: NDArray[np.uint16]
    """(n_papers,) place in `values` + 1 of a paper's first value; 0 for none."""
    further: NDArray[np.int32]
    """(n, 2) row and code of each further value of a paper that has several."""
    n_others: int = 0
    """Values that stand together as the last one."""
    is_ordered: bool = False
    """True for ranges of numbers, which have an order of their own."""
    kind: Literal["category"] = "category"

    @property
    def n_values(self) -> int:
        """Entries of `values`."""
        return len(self.values)


PageColumn = YearColumn | CategoryColumn


@dataclass(frozen=True, slots=True)
class PageColumns:
    """The columns that a page offers, and why it does not offer the others."""

    offered: tuple[PageColumn, ...]
    left_out: tuple[tuple[str, str], ...]
    """(label, reason) of each column that papers have something in."""


_FIELDS: Mapping[str, tuple[str, Callable[[Paper], Iterable[str | None]]]] = {
    "venue": ("Venue", lambda p: (p.venue,)),
    "category": ("Category", lambda p: (p.category,)),
    "kind": ("Type", lambda p: (p.kind,)),
    "status": ("Status", lambda p: (p.status,)),
    "code": ("Code", lambda p: ("available" if p.code else None,)),
    "language": ("Language", lambda p: (p.language,)),
    "keywords": ("Keyword", lambda p: p.keywords),
    "affiliations": ("Affiliation", lambda p: p.affiliations),
    "score": ("Score", lambda p: (None if p.score is None else f"{p.score:g}",)),
    "source": ("File", lambda p: (s.file for s in p.sources)),
}
"""Label and values of the fields, named as in a filter of the command line (`pipeline.filters`)."""


def page_columns(papers: Sequence[Paper]) -> PageColumns:
    """The year, the fields of `_FIELDS`, then the sources' other columns by name.

    A column is left out where all papers have the same there, or where nearly every paper has its
    own (`MIN_PAPERS_A_VALUE`); one in which no paper has anything is not mentioned.
    """
    offered: list[PageColumn] = []
    left_out: list[tuple[str, str]] = []
    years = YearColumn(_years(papers))
    if years.n_values and _differ(years.numbers):
        offered.append(years)
    elif years.n_values:
        left_out.append((years.label, _SAME))
    for name, label, told in [*_known_columns(papers), *_other_columns(papers)]:
        values, order = _ranged(told)
        if reason := _reason_against(values):
            left_out.append((label, reason))
        elif any(values):
            offered.append(_category_column(name, label, values, order))
    return PageColumns(tuple(offered), tuple(left_out))


_SAME = "the same for every paper"
_UNIQUE = "nearly every paper has its own"


def _years(papers: Sequence[Paper]) -> NDArray[np.int16]:
    known = (p.year if p.year is not None and abs(p.year) < -NO_YEAR else NO_YEAR for p in papers)
    return np.fromiter(known, np.int16, len(papers))


def _differ(codes: NDArray[np.int16] | NDArray[np.uint16]) -> bool:
    return bool((codes != codes[0]).any())


def _known_columns(papers: Sequence[Paper]) -> Iterable[tuple[str, str, Values]]:
    for name, (label, read) in _FIELDS.items():
        tidied = _Tidied()
        yield name, label, [tidied[tuple(read(paper))] for paper in papers]


def _other_columns(papers: Sequence[Paper]) -> Iterable[tuple[str, str, Values]]:
    """The columns of `Paper.extra`; one that is called as a field is told from it by its name."""
    by_name: dict[str, list[tuple[str, ...]]] = defaultdict(lambda: [()] * len(papers))
    tidied = _Tidied()
    for row, paper in enumerate(papers):
        for name, text in paper.extra:
            by_name[name][row] = tidied[(text,)]
    taken = RESERVED | _FIELDS.keys()
    for name in sorted(by_name):
        yield f"{name} (column)" if name in taken else name, name, by_name[name]


class _Tidied(dict[tuple[str | None, ...], tuple[str, ...]]):
    """By texts: each of them once, with single spaces; empty ones dropped. Papers share their
    values, so that few are looked at."""

    def __missing__(self, texts: tuple[str | None, ...]) -> tuple[str, ...]:
        tidied = tuple(dict.fromkeys(" ".join(t.split()) for t in texts if t and not t.isspace()))
        self[texts] = tidied
        return tidied


def _reason_against(values: Values) -> str | None:
    """Why a column is of no use to choose by; None where it is of use, or empty."""
    n_filled = sum(map(bool, values))
    n_values = len({value for own in values for value in own})
    if n_values == 1 and n_filled == len(values):
        return _SAME
    # Of a value that only some papers have, having it is what tells them apart.
    if n_values > 1 and n_filled < MIN_PAPERS_A_VALUE * n_values:
        return _UNIQUE
    return None


def _category_column(name: str, label: str, values: Values, order: Sequence[str]) -> CategoryColumn:
    """The values of a column in the given order, else the commonest first and equally common ones
    by the alphabet."""
    counts = Counter(value for own in values for value in own)
    ranked = list(order) or sorted(counts, key=lambda v: (-counts[v], v))
    listed = ranked if len(ranked) <= MAX_VALUES else ranked[: MAX_VALUES - 1]
    n_others = len(ranked) - len(listed)
    others = (f"{n_others:,} others",) if n_others else ()
    code = {value: place for place, value in enumerate(listed, start=1)}
    codes_of = {own: _codes_of(own, code, len(listed) + 1) for own in set(values)}
    coded = [codes_of[own] for own in values]
    further = [(row, c) for row, own in enumerate(coded) for c in own[1:]]
    return CategoryColumn(
        name,
        label,
        (*listed, *others),
        np.fromiter((own[0] if own else 0 for own in coded), np.uint16, len(coded)),
        np.array(further, dtype=np.int32).reshape(-1, 2),
        n_others,
        bool(order),
    )


def _codes_of(values: Sequence[str], code: Mapping[str, int], rest: int) -> list[int]:
    return list(dict.fromkeys(code.get(value, rest) for value in values))


def _ranged(values: Values) -> tuple[Values, tuple[str, ...]]:
    """The ranges that numbers lie in, and their order; other values as they are, with no order.

    Numbers are put into ranges of about as many papers each where there are more than
    `MAX_PLAIN_NUMBERS`. Whole numbers that are all different are ids, and stay as they are.
    """
    by_values = {own: _number(own) for own in set(values) if own}
    if len(by_values) <= MAX_PLAIN_NUMBERS or None in by_values.values():
        return values, ()
    numbers = [by_values.get(own) for own in values]
    known = sorted(number for number in numbers if number is not None)
    distinct = set(known)
    if len(distinct) <= MAX_PLAIN_NUMBERS:
        return values, ()
    if len(distinct) == len(known) and all(number == int(number) for number in distinct):
        return values, ()
    wanted = (known[len(known) * i // N_RANGES] for i in range(1, N_RANGES))
    edges = sorted({float(f"{number:.2g}") for number in wanted} - {known[0]})
    names = _range_names(edges)
    places = [None if n is None else bisect_right(edges, n) for n in numbers]
    filled = set(places)
    used = [name for place, name in enumerate(names) if place in filled]
    return [() if place is None else (names[place],) for place in places], tuple(used)


def _number(values: tuple[str, ...]) -> float | None:
    try:
        number = float(values[0]) if len(values) == 1 else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _range_names(edges: Sequence[float]) -> list[str]:
    """Such as `under 3`, `3 to under 10`, `10 and over`."""
    told = [f"{edge:g}" if abs(edge) < 10_000 else f"{edge:,.0f}" for edge in edges]
    if not told:
        return ["all"]
    between = [f"{low} to under {high}" for low, high in pairwise(told)]
    return [f"under {told[0]}", *between, f"{told[-1]} and over"]
