"""What filters look at: the fields of all papers, each read and folded once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from threading import RLock
from typing import Any, Protocol, TypeVar

import numpy as np

from pipeline.artifacts import Memberships, ThemeRow
from pipeline.filters.kinds import (
    CategoryColumn,
    Column,
    DateColumn,
    FlagColumn,
    MixedColumn,
    NumberColumn,
    TextColumn,
    Texts,
    ThemeColumn,
    number_in,
)
from pipeline.references import find_theme

_Made = TypeVar("_Made")
_DATE = re.compile(r"(\d{4}|-)(?:-(\d{2}))?(?:-(\d{2}))?")

FIELDS = (
    "id", "title", "abstract", "authors", "affiliations", "year", "date", "category", "venue",
    "doi", "arxiv_id", "url", "keywords", "code", "score", "kind", "language", "status", "source",
    "theme",
)  # fmt: skip
"""The fields that every atlas has."""
SYNONYMS: Mapping[str, str] = {
    "author": "authors",
    "affiliation": "affiliations",
    "keyword": "keywords",
    "categories": "category",
    "arxiv": "arxiv_id",
    "file": "source",
    "themes": "theme",
}
"""Other names of fields."""


class Columns(Protocol):
    """What a filter asks of the papers; row i is the same paper in every column."""

    @property
    def n_rows(self) -> int:
        """Papers."""

    def field(self, name: str) -> Column:
        """One of `FIELDS`."""

    def other_names(self) -> Sequence[str]:
        """Names of the sources' other columns."""

    def other(self, name: str) -> Column:
        """One of the sources' other columns, by its own name."""


class PaperSource(Protocol):
    """What `PaperColumns` reads: a snapshot, or what has the same methods."""

    @property
    def n_papers(self) -> int:
        """Papers."""

    @property
    def memberships(self) -> Memberships:
        """Theme of every paper in every layer."""

    def column(self, name: str) -> list[Any]:
        """One field of every paper, as `Paper` has it."""

    def themes(self) -> tuple[ThemeRow, ...]:
        """Every theme of every layer."""


class PaperColumns:
    """`Columns` of a snapshot. Each is read when it is first asked for, and kept; safe for several
    threads. The folded abstracts of 80,000 papers take some 100 MB, every other column far less."""

    def __init__(self, source: PaperSource) -> None:
        """Nothing is read yet."""
        self._source = source
        self._lock = RLock()
        self._kept: dict[tuple[str, str], Any] = {}

    @property
    def n_rows(self) -> int:
        """Papers."""
        return self._source.n_papers

    def field(self, name: str) -> Column:
        """One of `FIELDS`; KeyError for another name."""
        return self._once("field", name, partial(_READERS[name], self._source))

    def other_names(self) -> Sequence[str]:
        """Names of the sources' other columns, sorted."""
        return sorted(self._extra())

    def other(self, name: str) -> Column:
        """One of the sources' other columns; KeyError where there is none of this name."""
        by_row = self._extra()[name]
        return self._once("other", name, partial(_read_other, name, by_row, self.n_rows))

    def _extra(self) -> dict[str, dict[int, str]]:
        """Of each of the sources' other columns, the texts by row."""
        return self._once("all", "extra", partial(_by_column, self._source))

    def _once(self, kind: str, name: str, make: Callable[[], _Made]) -> _Made:
        # Held while a column is made: of several threads that ask for it, one reads it.
        with self._lock:
            if (kind, name) not in self._kept:
                self._kept[kind, name] = make()
            made: _Made = self._kept[kind, name]
            return made


def _by_column(source: PaperSource) -> dict[str, dict[int, str]]:
    columns: dict[str, dict[int, str]] = {}
    for row, cells in enumerate(source.column("extra")):
        for name, text in cells:
            columns.setdefault(name, {})[row] = text
    return columns


def _read_other(name: str, by_row: Mapping[int, str], n_rows: int) -> Column:
    numbers = np.full(n_rows, np.nan)
    for row, text in by_row.items():
        if (number := number_in(text)) is not None:
            numbers[row] = number
    cells = (_some(by_row.get(row)) for row in range(n_rows))
    return MixedColumn(name, Texts.of(cells, n_rows), numbers)


def _read_text(name: str, source: PaperSource) -> Column:
    return TextColumn(name, _texts(source, map(_some, source.column(name))))


def _read_texts(name: str, source: PaperSource) -> Column:
    return TextColumn(name, _texts(source, source.column(name)))


def _read_ids(source: PaperSource) -> Column:
    ids = zip(source.column("id"), source.column("aliases"), strict=True)
    return TextColumn("id", _texts(source, ((own, *others) for own, others in ids)))


def _read_files(source: PaperSource) -> Column:
    files = ([read.file for read in sources] for sources in source.column("sources"))
    return TextColumn("source", _texts(source, files))


def _read_category(source: PaperSource) -> Column:
    return CategoryColumn("category", _texts(source, map(_some, source.column("category"))))


def _read_number(name: str, source: PaperSource) -> Column:
    values = source.column(name)
    texts = _texts(source, (_some(None if v is None else f"{v:.12g}") for v in values))
    numbers = np.array([np.nan if value is None else value for value in values], np.float64)
    return NumberColumn(name, texts, numbers)


def _read_dates(source: PaperSource) -> Column:
    both = zip(source.column("date"), source.column("year"), strict=True)
    dates = [_date(date, year) for date, year in both]
    texts = _texts(source, (_some(text) for text, _ in dates))
    return DateColumn("date", texts, np.array([number for _, number in dates], np.float64))


def _date(date: str | None, year: int | None) -> tuple[str, float]:
    """A paper's date as far as it is known, with the year from elsewhere where it has none, and
    the number 20240911 of its first day; "" and NaN where nothing is known."""
    match = _DATE.fullmatch(date or "")
    known = "" if match is None else match[1].strip("-")
    if not known and not year:
        return "", np.nan
    month, day = (match[2], match[3]) if match else (None, None)
    text = "-".join(part for part in (known or f"{year:04}", month, day) if part)
    return text, int(known or year or 0) * 10_000 + int(month or 1) * 100 + int(day or 1)


def _read_code(source: PaperSource) -> Column:
    return FlagColumn("code", np.array(source.column("code"), bool))


def _read_themes(source: PaperSource) -> Column:
    themes, members = source.themes(), source.memberships

    def id_of(wanted: str) -> int:
        return find_theme(wanted, themes, default_layer=members.default_layer).id

    names = {theme.id: theme.name for theme in themes}
    return ThemeColumn("theme", members.theme_ids, names, id_of)


def _texts(source: PaperSource, by_row: Iterable[Sequence[str]]) -> Texts:
    return Texts.of(by_row, source.n_papers)


def _some(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


_READERS: Mapping[str, Callable[[PaperSource], Column]] = {
    **{name: partial(_read_text, name) for name in ("title", "abstract", "venue", "doi")},
    **{name: partial(_read_text, name) for name in ("arxiv_id", "url")},
    **{name: partial(_read_text, name) for name in ("kind", "language", "status")},
    **{name: partial(_read_texts, name) for name in ("authors", "affiliations", "keywords")},
    **{name: partial(_read_number, name) for name in ("year", "score")},
    "id": _read_ids,
    "date": _read_dates,
    "category": _read_category,
    "code": _read_code,
    "source": _read_files,
    "theme": _read_themes,
}
