"""Which column of a table holds what, by what stands in it: where its headings do not say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.papers import comparison_key, normalise_doi
from pipeline.papers.names import looks_like_name, split_authors

_SAMPLE_ROWS = 200
_MOST_COLUMNS = 500
"""A table with more is one of numbers."""
_CELL_CHARS = 20_000
_LEAST_ABSTRACT_CHARS = 100
_SURE_ABSTRACT_CHARS = 200
"""Shorter prose may be a title unless it has two sentences."""
_LEAST_ABSTRACT_WORDS = 12
_SENTENCES = re.compile(r"[.!?]\s+[^\W\d_a-z]")
_MOST_ABSTRACT_CHARS = 8000
"""Longer texts are whole papers, not abstracts."""
_TITLE_WORDS = range(3, 41)
_LEAST_DISTINCT = 0.8
_LEAST_WORD_CHARS = 4
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_IDEOGRAPHS_A_WORD = 2
_URL = re.compile(r"\s*(?:https?://|www\.)\S+\s*")
_YEAR = re.compile(r"\s*(?:19|20)\d\d(?:\.0)?\s*")
# Prose that is no abstract; a table that has such headings says so.
_NO_ABSTRACT = re.compile(
    r"(?i)refer|fund|affil|address|note|comment|cite|citation|corresp|full.?text|review|reason|licen"
)


@dataclass(frozen=True)
class _Column:
    """What a sample of one column's cells has in common."""

    number: int
    name: str
    cells: tuple[str, ...]
    """Those of all rows sampled, "" where there is nothing."""

    @property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell]

    def share(self, pattern: re.Pattern[str]) -> float:
        """The share of its filled cells that are of this form."""
        return sum(pattern.fullmatch(cell) is not None for cell in self.filled) / len(self.filled)


def guess_columns(
    rows: Sequence[Sequence[str]], names: Sequence[str], known: dict[str, Sequence[int]]
) -> dict[str, int]:
    """Give `field -> column` for titles, abstracts and, once there are such, DOIs, years and
    authors, where `known` (field -> columns) has none of them; empty when nothing is like text.

    An abstract is long prose; a title is a text of some words that differs from row to row, and
    whose words its abstract repeats.
    """
    if len(names) > _MOST_COLUMNS:
        return {}
    taken = {number for numbers in known.values() for number in numbers[:1]}
    columns = [c for c in _sampled(rows, names) if c.number not in taken]
    found: dict[str, int] = {}
    if "doi" not in known:
        _take(found, "doi", [c for c in columns if _share_of_dois(c) > 0.5], columns)
    if "year" not in known:
        _take(found, "year", [c for c in columns if c.share(_YEAR) > 0.8], columns)
    if "authors" not in known:
        _take(found, "authors", [c for c in columns if _share_of_names(c) > 0.6], columns)
    abstract = next(
        (c for c in _sampled(rows, names) if c.number in known.get("abstract", ())), None
    )
    if "abstract" not in known:
        prose = sorted((c for c in columns if _is_abstract(c)), key=_typical_length, reverse=True)
        _take(found, "abstract", prose, columns)
        abstract = prose[0] if prose else None
    if "title" not in known:
        titles = [c for c in columns if _is_title(c)]
        titles.sort(key=lambda c: -_likeness_to_title(c, abstract))
        certain = abstract or not {"doi", "year", "authors"}.isdisjoint({*found, *known})
        _take(found, "title", titles if certain else [], columns)
    return found if {"title", "abstract"} & found.keys() else {}


def long_columns(
    rows: Sequence[Sequence[str]], names: Sequence[str], read: Iterable[int]
) -> list[int]:
    """Give the numbers of the columns whose texts are as long as abstracts, whatever they are, but
    for those that are `read` and those whose headings say that they hold something else."""
    if len(names) > _MOST_COLUMNS:
        return []
    taken = set(read)
    columns = (c for c in _sampled(rows, names) if c.number not in taken)
    return [c.number for c in columns if not _NO_ABSTRACT.search(c.name) and _is_long(c)]


def _is_long(column: _Column) -> bool:
    if _typical_length(column) <= _LEAST_ABSTRACT_CHARS:
        return False
    words = " ".join(column.filled).split()
    # Lists of names, places and subjects are long too, but in capitals and parted.
    is_list = sum(w[0].isupper() for w in words) + sum(w[-1] == ";" for w in words) > len(words) / 2
    return not is_list and _median([*map(_n_words, column.filled)]) >= _LEAST_ABSTRACT_WORDS


def _take(
    found: dict[str, int], field: str, best: Sequence[_Column], columns: list[_Column]
) -> None:
    if best:
        found[field] = best[0].number
        columns.remove(best[0])


def _sampled(rows: Sequence[Sequence[str]], names: Sequence[str]) -> list[_Column]:
    sample = rows[:_SAMPLE_ROWS]
    columns = []
    for number, name in enumerate(names):
        cells = tuple(
            row[number][:_CELL_CHARS].strip() if number < len(row) else "" for row in sample
        )
        if any(cells):
            columns.append(_Column(number, name, cells))
    return columns


def _share_of_dois(column: _Column) -> float:
    cells = column.filled
    return sum(len(c) < 200 and normalise_doi(c) is not None for c in cells) / len(cells)


def _share_of_names(column: _Column) -> float:
    return sum(map(_are_names, column.filled)) / len(column.filled)


def _are_names(cell: str) -> bool:
    if len(cell) > 2000 or any(c.isdigit() for c in cell):
        return False
    names, _ = split_authors(cell)
    return bool(names) and all(" " in name and looks_like_name(name) for name in names)


def _median(values: list[float] | list[int]) -> float:
    """The middle value, of two the upper; `statistics` takes 10 ms to import."""
    return sorted(values)[len(values) // 2]


def _n_words(text: str) -> int:
    return len(text.split()) + len(_IDEOGRAPHS.findall(text)) // _IDEOGRAPHS_A_WORD


def _typical_length(column: _Column) -> float:
    """The median number of characters; an ideograph says as much as two letters and a half."""
    return _median([len(c) + 1.5 * len(_IDEOGRAPHS.findall(c)) for c in column.filled])


def _is_abstract(column: _Column) -> bool:
    cells = column.filled
    if _NO_ABSTRACT.search(column.name):
        return False
    if not _LEAST_ABSTRACT_CHARS <= _typical_length(column) <= _MOST_ABSTRACT_CHARS:
        return False
    if _typical_length(column) < _SURE_ABSTRACT_CHARS:
        cells = [cell for cell in cells if _SENTENCES.search(cell) or _IDEOGRAPHS.search(cell)]
    return sum(map(_is_prose, cells)) > 0.6 * len(column.filled)


def _is_prose(text: str) -> bool:
    """Many words, most of them small, and sentences: references and addresses are not."""
    if len(_IDEOGRAPHS.findall(text)) > 0.3 * len(text):
        return "。" in text or "，" in text or "다" in text
    words = text.split()
    small = sum(word[0].islower() for word in words)
    return (
        len(words) >= _LEAST_ABSTRACT_WORDS
        and small > 0.6 * len(words)
        and text.count(";") < 0.05 * len(words)
    )


def _is_title(column: _Column) -> bool:
    cells = column.filled
    if len(set(cells)) < _LEAST_DISTINCT * len(cells) or column.share(_URL) > 0.2:
        return False
    letters = sum(c.isalpha() or c.isspace() for cell in cells for c in cell)
    if letters < 0.8 * sum(map(len, cells)) or _share_of_names(column) > 0.5:
        return False
    return _median([_n_words(cell) for cell in cells]) in _TITLE_WORDS


def _likeness_to_title(column: _Column, abstract: _Column | None) -> float:
    """How much of its words the abstracts beside it repeat, less the marks of lists in it."""
    text = " ".join(column.filled)
    marks = sum(map(text.count, ";|,")) / max(1, len(text.split()))
    if abstract is None:
        return -marks
    pairs = zip(column.cells, abstract.cells, strict=True)
    shares = [_repeated(title, text) for title, text in pairs if title and text]
    return (sum(shares) / len(shares) if shares else 0.0) - marks


def _repeated(title: str, text: str) -> float:
    words = {w for w in comparison_key(title).split() if len(w) >= _LEAST_WORD_CHARS}
    if not words:
        return 0.0
    return len(words & set(comparison_key(text).split())) / len(words)
