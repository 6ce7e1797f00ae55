"""Join the records of one paper: which comes first, and what each gives to the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from pipeline.papers.record import Paper

T = TypeVar("T")


def canonical_order(paper: Paper) -> tuple[object, ...]:
    """Give the sort key that puts the record that says most first; by content, not file order."""
    return (
        not paper.title,
        not paper.abstract,
        not paper.authors,
        paper.authors_truncated,
        -len(paper.authors),
        not paper.doi,
        -_date_rank(paper.date),
        paper.year is None,
        -len(paper.abstract),
        paper.title,
        paper.abstract,
        paper.authors,
        *(str(value) for value in (paper.doi, paper.arxiv_id, paper.date, paper.year, paper.venue)),
        *(str(value) for value in (paper.url, paper.category, paper.score, paper.code)),
        paper.id,
        paper.keywords,
        paper.affiliations,
        paper.raw_title,
        paper.raw_abstract,
        paper.sources,
        paper.extra,
    )


def merge_records(records: Sequence[Paper]) -> Paper:
    """Give one paper from its records, which are in canonical order; its id is the first one's.

    Each field comes from the first record that has it, but for these: the abstract that most
    records have word for word, the longest author list and a complete one over a cut one, the
    fullest date, any code flag, all sources.
    """
    first = records[0]
    titled = next((r for r in records if r.title), first)
    described = _most_agreed(records)
    listed = min(records, key=lambda r: (-len(r.authors), r.authors_truncated))
    dated = max(records, key=lambda r: _date_rank(r.date))
    return replace(
        first,
        title=titled.title,
        raw_title=titled.raw_title,
        abstract=described.abstract,
        raw_abstract=described.raw_abstract,
        authors=listed.authors,
        authors_truncated=listed.authors_truncated,
        affiliations=_first(r.affiliations for r in records) or (),
        keywords=_first(r.keywords for r in records) or (),
        date=dated.date,
        year=_year_of(dated.date) or _first(r.year for r in records),
        category=_first(r.category for r in records),
        venue=_first(r.venue for r in records),
        doi=_first(r.doi for r in records),
        arxiv_id=_first(r.arxiv_id for r in records),
        url=_first(r.url for r in records),
        score=next((r.score for r in records if r.score is not None), None),
        code=any(r.code for r in records),
        sources=tuple(sorted({source for r in records for source in r.sources})),
        extra=_merge_extra(records),
    )


def _merge_extra(records: Sequence[Paper]) -> tuple[tuple[str, str], ...]:
    """Give each column's text from the first record that has it."""
    merged: dict[str, str] = {}
    for record in reversed(records):
        merged.update(record.extra)
    return tuple(sorted(merged.items()))


def _most_agreed(records: Sequence[Paper]) -> Paper:
    """Give the first record with the abstract that most records have: one page of several may have
    more of the paper's text behind its abstract."""
    counts = Counter(record.abstract for record in records if record.abstract)
    return max(records, key=lambda record: counts[record.abstract])


def _first(values: Iterable[T]) -> T | None:
    """Give the first value that says anything."""
    return next((value for value in values if value), None)


def _date_rank(date: str | None) -> int:
    """A full date over a month, over a year, over a day without a year, over none."""
    if not date:
        return 0
    return 1 if date.startswith("--") else 1 + len(date)


def _year_of(date: str | None) -> int | None:
    return int(date[:4]) if date and date[:4].isdigit() else None
