"""Join the records of one paper: which comes first, and what each gives to the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from pipeline.papers.identity import is_preprint, is_preprint_doi
from pipeline.papers.names import is_initials
from pipeline.papers.record import Paper, Source
from pipeline.papers.titles import status_in

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
        *(str(value) for value in (paper.kind, paper.language, paper.status)),
        paper.identifiers,
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

    Each field comes from the record that `givers` names; ids of catalogues, sources and the flag
    for code from all, and of the columns of tables each from the first that has it.
    """
    first = records[0]
    if len(records) == 1 and first.year == (_year_of(first.date) or first.year):
        return (
            first if first.status == status_of(first) else replace(first, status=status_of(first))
        )
    by_field = givers(records)
    given = {name: getattr(giver, name) for name, giver in by_field.items()}
    return replace(
        first,
        **given | {"year": _year_of(given["date"]) or given["year"]},
        raw_title=by_field["title"].raw_title,
        raw_abstract=by_field["abstract"].raw_abstract,
        authors_truncated=by_field["authors"].authors_truncated,
        identifiers=tuple(sorted({name for r in records for name in r.identifiers})),
        status=_first(map(status_of, records)),
        code=any(r.code for r in records),
        sources=tuple(sorted({source for r in records for source in r.sources})),
        extra=_merge_extra(records),
    )


def givers(records: Sequence[Paper]) -> dict[str, Paper]:
    """Give the record that each field of a merged paper comes from, by the field's name.

    The first one that has it, but for these: a title that is neither in capitals nor marked nor
    in brackets; the abstract that most records have word for word, and none cut short; the longest
    author list, a complete one over a cut one, and names over initials; the fullest date; DOI,
    venue and kind of the printed paper over a preprint's.
    """
    dated = max(records, key=lambda r: _date_rank(r.date))
    given = {name: _giver(records, name) for name in _SINGLE_FIELDS}
    printed = sorted(records, key=is_preprint)
    return given | {
        "title": min((r for r in records if r.title), key=_title_rank, default=records[0]),
        "abstract": _most_agreed(records),
        "authors": min(records, key=_authors_rank),
        "date": dated,
        "year": dated if _year_of(dated.date) else _giver(records, "year"),
        "doi": min((r for r in records if r.doi), key=_doi_rank, default=records[0]),
        "venue": _giver(printed, "venue"),
        "kind": _giver(printed, "kind"),
    }


def provenance(records: Sequence[Paper]) -> dict[str, Source]:
    """Give where each field of a merged paper was read, by name, for the fields that say anything;
    an id of a catalogue by its scheme, `pmid`. `records`: the paper's, in their stored order."""
    said = {name: giver for name, giver in givers(records).items() if _says(giver, name)}
    for record in reversed(records):
        said |= {name.partition(":")[0]: record for name in record.identifiers}
        said |= {"code": record} if record.code else {}
        said |= {"status": record} if status_of(record) else {}
    return {name: giver.sources[0] for name, giver in sorted(said.items()) if giver.sources}


_SINGLE_FIELDS = ("affiliations", "keywords", "category", "arxiv_id", "url", "language", "score")


def status_of(record: Paper) -> str | None:
    """Give `retracted` or `withdrawn` where a record says so, in its title too."""
    return record.status or status_in(record.title)


def _giver(records: Sequence[Paper], name: str) -> Paper:
    """Give the first record that says anything in a field."""
    return next((r for r in records if _says(r, name)), records[0])


def _says(record: Paper, name: str) -> bool:
    value = getattr(record, name)
    return value is not None if name == "score" else bool(value)


def _title_rank(record: Paper) -> tuple[bool, bool, bool]:
    title = record.title
    return (status_in(title) is not None, title.isupper(), title.startswith("["))


def _authors_rank(record: Paper) -> tuple[int, bool, int]:
    """The longest list, a complete one, and of equal ones that with the fewest initials."""
    n_initials = sum(is_initials(word) for name in record.authors for word in name.split())
    return (-len(record.authors), record.authors_truncated, n_initials)


def _doi_rank(record: Paper) -> bool:
    return record.doi is not None and is_preprint_doi(record.doi)


def _merge_extra(records: Sequence[Paper]) -> tuple[tuple[str, str], ...]:
    """Give each column's text from the first record that has it."""
    merged: dict[str, str] = {}
    for record in reversed(records):
        merged.update(record.extra)
    return tuple(sorted(merged.items()))


def _most_agreed(records: Sequence[Paper]) -> Paper:
    """Give the first record with the abstract that most records have: one page of several may have
    more of the paper's text behind its abstract. One that another goes on from was cut."""
    counts = Counter(record.abstract for record in records if record.abstract)
    whole = {a for a in counts if not any(_is_cut(a, b) for b in counts if b != a)}
    return max(records, key=lambda r: (r.abstract in whole, counts[r.abstract]))


def _is_cut(abstract: str, other: str) -> bool:
    """Tell an abstract that stops within a sentence of the other: `We measured the moss of...`."""
    kept = abstract.removesuffix("Show More").rstrip(" .…")
    return len(kept) < len(other) and other.startswith(kept) and other[len(kept)] not in ".!?"


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
