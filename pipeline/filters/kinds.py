"""Columns by what they hold, and how a value is compared with each: texts, numbers, dates, themes.

What is not known of a paper is neither so nor not so: `venue != icml` and `not venue = icml` leave
a paper without a venue out, as in SQL. A paper in no theme is known to be in none.
"""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UsageError
from pipeline.papers import folded

Rows = NDArray[np.bool_]
Bound = tuple[str, str]
"""One of <, <=, > and >=, and the value on its right."""

_ORDERS: Mapping[str, Callable[[str, str], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_FLAGS = {"yes": 1, "true": 1, "1": 1, "no": 0, "false": 0, "0": 0}
_SIGN = re.compile(r"\\.|[%_]|[^\\%_]|\\$", re.DOTALL)
_SPACES = re.compile(r"\s+")
_EXACT = 2**53  # from here on float64 does not tell every whole number from the next
_MOST_WILDCARDS = 100


@dataclass(frozen=True, slots=True)
class Truth:
    """Of which rows something is so (`yes`), and of which it is not (`no`), (n,) bool each; of the
    others it is not known."""

    yes: Rows
    no: Rows

    def negated(self) -> Truth:
        """The truth of the contrary."""
        return Truth(self.no, self.yes)


class Column(Protocol):
    """One field of all papers. Its methods raise UsageError for a value that it cannot be
    compared with."""

    @property
    def missing(self) -> Rows:
        """Of which rows nothing is known, (n,) bool."""

    def equal(self, values: Sequence[str]) -> Truth:
        """Whether it is one of `values`; of a list, whether one of its texts is."""

    def ordered(self, bounds: Sequence[Bound]) -> Truth:
        """Whether it lies within all `bounds`."""

    def like(self, pattern: str) -> Truth:
        """Whether its text has the pattern, or is so where a % stands in it."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a column, each different one folded and kept once.

    `words`: the different texts; `codes` and `owners`, (n_texts,): place in `words`, and row, of
    each text; `n_rows`: rows, of which each may have any number of texts.
    """

    words: tuple[str, ...]
    codes: NDArray[np.int32]
    owners: NDArray[np.int32]
    n_rows: int

    @classmethod
    def of(cls, by_row: Iterable[Sequence[str]], n_rows: int) -> Texts:
        """The texts of each row; those of white space alone are none."""
        places: dict[str, int] = {}
        keys: dict[str, str] = {}  # names of authors come again and again: each is folded once
        codes, owners = [], []
        for row, texts in enumerate(by_row):
            for text in texts:
                key = keys.get(text)
                if key is None:
                    key = keys[text] = key_of(text)
                if key:
                    codes.append(places.setdefault(key, len(places)))
                    owners.append(row)
        return cls(tuple(places), np.array(codes, np.int32), np.array(owners, np.int32), n_rows)

    def missing(self) -> Rows:
        """Which rows have no text."""
        missing = np.ones(self.n_rows, bool)
        missing[self.owners] = False
        return missing

    def rows_where(self, is_wanted: Callable[[str], bool]) -> Rows:
        """Which rows have a text that is wanted."""
        wanted = np.fromiter(map(is_wanted, self.words), bool, len(self.words))
        rows = np.zeros(self.n_rows, bool)
        rows[self.owners[wanted[self.codes]]] = True
        return rows

    def truth(self, is_wanted: Callable[[str], bool]) -> Truth:
        """Of which rows one text is wanted, and of which none is."""
        yes = self.rows_where(is_wanted)
        return Truth(yes, ~yes & ~self.missing())

    def like(self, pattern: str) -> Truth:
        """Of which rows a text has the pattern."""
        return self.truth(matcher_of(pattern))


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Texts, compared without case, accents and spare spaces."""

    name: str
    texts: Texts

    @property
    def missing(self) -> Rows:
        """Which rows have no text."""
        return self.texts.missing()

    def equal(self, values: Sequence[str]) -> Truth:
        """Whether one text is one of `values`."""
        return self.texts.truth({key_of(value) for value in values}.__contains__)

    def ordered(self, bounds: Sequence[Bound]) -> Truth:
        """Whether one text lies within all bounds, by the characters' codes."""
        keys = [(_ORDERS[order], key_of(value)) for order, value in bounds]
        return self.texts.truth(lambda text: all(holds(text, key) for holds, key in keys))

    def like(self, pattern: str) -> Truth:
        """Whether one text has the pattern."""
        return self.texts.like(pattern)


class CategoryColumn(TextColumn):
    """Categories: `cs` is `cs.LG` as well."""

    __slots__ = ()

    def equal(self, values: Sequence[str]) -> Truth:
        """Whether it is one of `values`, or within one."""
        keys = {key_of(value) for value in values}
        above = tuple(f"{key}." for key in keys)
        return self.texts.truth(lambda text: text in keys or text.startswith(above))


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Numbers, (n,) float64, NaN where none is known; `texts` has them as they are written."""

    name: str
    texts: Texts
    numbers: NDArray[np.float64]

    @property
    def missing(self) -> Rows:
        """Which rows have no number."""
        return np.isnan(self.numbers)

    def equal(self, values: Sequence[str]) -> Truth:
        """Whether it is one of `values`, or within one of them that is a period."""
        periods = [self._period(value) for value in values]
        yes = np.zeros(len(self.numbers), bool)
        for low, high in periods:
            yes |= (self.numbers >= low) & (self.numbers <= high)
        return self._truth(yes)

    def ordered(self, bounds: Sequence[Bound]) -> Truth:
        """Whether it lies within all bounds."""
        yes = np.ones(len(self.numbers), bool)
        for order, value in bounds:
            low, high = self._period(value)
            yes &= {
                "<": self.numbers < low,
                "<=": self.numbers <= high,
                ">": self.numbers > high,
                ">=": self.numbers >= low,
            }[order]
        return self._truth(yes)

    def like(self, pattern: str) -> Truth:
        """Whether it has the pattern, as it is written."""
        return self.texts.like(pattern)

    def _period(self, value: str) -> tuple[float, float]:
        """The first and the last number that the value stands for."""
        number = number_in(value)
        if number is None:
            raise UsageError(f"{self.name} holds numbers, not {value!r}", hint="give a number")
        return number, number

    def _truth(self, yes: Rows) -> Truth:
        return Truth(yes, ~yes & ~self.missing)


class DateColumn(NumberColumn):
    """Dates as numbers, 20240911; a year or a month counts as its first day."""

    __slots__ = ()

    def _period(self, value: str) -> tuple[float, float]:
        period = period_of(value)
        if period is None:
            hint = "give a year, a month or a day, such as 2024, 2024-09 or 2024-09-11"
            raise UsageError(f"{self.name} holds dates, not {value!r}", hint=hint)
        return period


@dataclass(frozen=True, slots=True)
class MixedColumn:
    """A column of the sources: texts, some or all of which are numbers, (n,) float64, NaN where
    not. A number is compared with numbers; texts beside them, such as `n/a`, are in no order."""

    name: str
    texts: Texts
    numbers: NDArray[np.float64]

    @property
    def missing(self) -> Rows:
        """Which rows have no text."""
        return self.texts.missing()

    def equal(self, values: Sequence[str]) -> Truth:
        """Whether it is one of `values` by its text or, so that 7.0 is 7, as a number."""
        told = [number for value in values if (number := number_in(value)) is not None]
        numbers = [number for number in told if abs(number) < _EXACT]
        yes = TextColumn(self.name, self.texts).equal(values).yes | np.isin(self.numbers, numbers)
        return Truth(yes, ~yes & ~self.missing)

    def ordered(self, bounds: Sequence[Bound]) -> Truth:
        """Whether it lies within all bounds: as a number where all of them are, else as text."""
        has_numbers = not np.isnan(self.numbers).all()
        if has_numbers and all(number_in(value) is not None for _, value in bounds):
            return NumberColumn(self.name, self.texts, self.numbers).ordered(bounds)
        return TextColumn(self.name, self.texts).ordered(bounds)

    def like(self, pattern: str) -> Truth:
        """Whether it has the pattern, as it is written."""
        return self.texts.like(pattern)


@dataclass(frozen=True, slots=True)
class FlagColumn:
    """Yes or no of each row, (n,) bool; always known."""

    name: str
    flags: Rows

    @property
    def missing(self) -> Rows:
        """No row."""
        return np.zeros(len(self.flags), bool)

    def equal(self, values: Sequence[str]) -> Truth:
        """Whether it is one of `values`."""
        yes = np.isin(self.flags, [self._flag(value) for value in values])
        return Truth(yes, ~yes)

    def ordered(self, bounds: Sequence[Bound]) -> Truth:
        """UsageError: there is no order."""
        raise self._refused(f"is not {bounds[0][0]} anything")

    def like(self, pattern: str) -> Truth:
        """UsageError: there is no text."""
        raise self._refused(f"is not like {pattern!r}")

    def _flag(self, value: str) -> bool:
        flag = _FLAGS.get(key_of(value))
        if flag is None:
            raise self._refused(f"is not {value!r}")
        return bool(flag)

    def _refused(self, what: str) -> UsageError:
        hint = f"ask for {self.name} = yes or {self.name} = no"
        return UsageError(f"{self.name} {what}", hint=hint)


@dataclass(frozen=True, slots=True)
class ThemeColumn:
    """Themes of each row: ids (n_layers, n), -1 for none; the name of each id; and which theme is
    meant by an id or a name, UsageError for none."""

    name: str
    theme_ids: NDArray[np.int32]
    names: Mapping[int, str]
    id_of: Callable[[str], int]

    @property
    def missing(self) -> Rows:
        """Which rows are in no theme."""
        missing: Rows = np.logical_and.reduce(self.theme_ids < 0, axis=0)
        return missing

    def equal(self, values: Sequence[str]) -> Truth:
        """Whether it is in one of the themes `values`, ids or names."""
        return self._within([self.id_of(value) for value in values])

    def ordered(self, bounds: Sequence[Bound]) -> Truth:
        """UsageError: there is no order."""
        raise UsageError(
            f"{self.name}: themes are in no order, so none is {bounds[0][0]} another",
            hint="ask for theme = ID, theme in (ID, ID) or theme like 'text'",
        )

    def like(self, pattern: str) -> Truth:
        """Whether it is in a theme, of any layer, whose name has the pattern."""
        matches = matcher_of(pattern)
        return self._within([i for i, name in self.names.items() if matches(key_of(name))])

    def _within(self, themes: Sequence[int]) -> Truth:
        yes: Rows = np.logical_or.reduce(np.isin(self.theme_ids, themes), axis=0)
        return Truth(yes, ~yes)


def key_of(text: str) -> str:
    """A text as it is compared: without case, accents, and spaces but single ones within."""
    key = folded(text)
    # Abstracts are stored with single spaces: seeing that takes half as long as splitting them.
    is_tidy = key.isprintable() and "  " not in key and key[:1] != " " != key[-1:]
    return key if is_tidy else " ".join(key.split())


def number_in(text: str) -> float | None:
    """The number that a text is, None where it is none or beyond all that can be told."""
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return None
    number = float(stripped)
    return number if np.isfinite(number) else None


def period_of(text: str) -> tuple[int, int] | None:
    """The first and the last day of a year, a month or a day, `2024`, `2024-09` or `2024-09-11`,
    as numbers such as 20240911; None for what is none."""
    match = _PERIOD.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (None if part is None else int(part) for part in match.groups())
    try:
        datetime.date(year or 0, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    first = (year or 0) * 10_000 + (month or 0) * 100 + (day or 0)
    return first, first + (0 if day else 99 if month else 9999)


def matcher_of(pattern: str) -> Callable[[str], bool]:
    """Tells whether a folded text has the pattern somewhere or, where an unescaped % stands in it,
    is like it from end to end, as in SQL. % is any text, _ any character; a backslash takes the
    meaning from what follows. UsageError for more than 100 of them."""
    signs = _SIGN.findall(pattern)
    n_wildcards = sum(sign in ("%", "_") for sign in signs)
    if n_wildcards > _MOST_WILDCARDS:
        raise UsageError(
            f"a pattern with {n_wildcards:,} wildcards", hint=f"expected at most {_MOST_WILDCARDS}"
        )
    if not n_wildcards:
        needle = _literal(signs)
        return lambda text: needle in text
    regex = re.compile(_regex(signs), re.DOTALL)
    find = regex.fullmatch if "%" in signs else regex.search
    return lambda text: find(text) is not None


def _regex(signs: Sequence[str]) -> str:
    """The pattern as a regular expression. Each part between two % is taken where it first fits:
    that loses no match, and in an atomic group nothing that was passed is tried again."""
    parts: list[list[str]] = [[]]
    for sign in signs:
        if sign == "%":
            parts.append([])
        else:
            parts[-1].append(sign)
    if len(parts) == 1:
        return _part(parts[0])
    first, *middle, last = map(_part, parts)
    return first + "".join(f"(?>.*?{part})" for part in middle if part) + f".*{last}"


def _part(signs: Sequence[str]) -> str:
    """What stands between two %, as a regular expression of one length."""
    groups = groupby(signs, key="_".__eq__)
    return "".join(
        "." * len([*group]) if is_any else re.escape(_literal(group)) for is_any, group in groups
    )


def _literal(signs: Iterable[str]) -> str:
    """Characters that mean themselves, as texts are folded, but for spaces at the ends."""
    text = "".join(sign[1:] if len(sign) == 2 else sign for sign in signs)
    return _SPACES.sub(" ", folded(text))
