"""Applying the user's word on which records are one paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, product

from pipeline.edits.applying import EditReport, listed
from pipeline.edits.names import shown
from pipeline.edits.record import FILE_NAME, Different, Edits, Group, Same
from pipeline.papers import (
    GroupedRecords,
    Paper,
    comparison_key,
    normalise_arxiv_id,
    normalise_doi,
)
from pipeline.papers.duplicates import Groups, RowPair, find_groups
from pipeline.papers.identity import strong_ids
from pipeline.papers.table import name_papers


def decide_papers(grouped: GroupedRecords, edits: Edits) -> tuple[GroupedRecords, EditReport]:
    """Give the records with the groups that the user wants, and what became of each wish.

    What is to be kept apart comes first, then what is one: an edit that would join what another
    keeps apart is not applied. A record means itself by its own id, its DOI and other ids, its
    file and line, or its title; what names several papers is told and not applied. The groups of
    all other records stay.
    """
    wishes = [edit for edit in edits if isinstance(edit, Same | Different)]
    if not wishes:
        return grouped, EditReport()
    decider = _Decider(grouped)
    for wish in sorted(wishes, key=lambda wish: isinstance(wish, Same)):
        decider.apply(wish)
    groups = Groups(decider.first)
    problems = tuple(text for _, text in sorted(decider.problems))
    return GroupedRecords(grouped.records, groups), EditReport(decider.n_applied, problems)


class _Decider:
    """Groups while they are decided on."""

    def __init__(self, grouped: GroupedRecords) -> None:
        self.first = grouped.groups.first.copy()
        self.problems: list[tuple[int, str]] = []
        self.n_applied = 0
        self._records = grouped.records
        self._by_record, self._by_title, self._by_paper = _rows_by_name(grouped)
        self._apart: dict[RowPair, int] = {}

    def apply(self, wish: Same | Different) -> None:
        """Apply one wish, or remember why it cannot be."""
        found = {name: rows for name in wish.papers if (rows := self._find(name))}
        unknown = tuple(name for name in wish.papers if name not in found)
        if len(found) < 2:
            what = f"found no record for {listed(unknown)}"
            self._tell(wish, what, "name papers by id, DOI, title, or file and line")
            return
        refused = self._join(found) if isinstance(wish, Same) else self._part(wish, found)
        if refused:
            self._tell(wish, *refused)
            return
        self.n_applied += 1
        if unknown:
            what = f"applied, but found no record for {listed(unknown)}"
            self._tell(wish, what, "correct it, or take it out of the edit")

    def _find(self, name: str) -> tuple[int, ...]:
        """The rows of the records that the user may mean, sorted."""
        written = (name, name.strip(), name.strip().lower(), f"doi:{normalise_doi(name)}",
                   f"arxiv:{normalise_arxiv_id(name)}")  # fmt: skip
        for known in (self._by_record, self._by_paper):
            for text in written:
                if rows := known.get(text):
                    return tuple(sorted(rows))
        return tuple(sorted(self._by_title.get(comparison_key(name), ())))

    def _join(self, found: dict[str, tuple[int, ...]]) -> tuple[str, str] | None:
        """Make one paper of all; gives why not, and what to do."""
        for name, rows in found.items():
            if len({int(self.first[row]) for row in rows}) > 1:
                what = f"{shown(name)} is the name of several papers"
                return what, _BY_PLACE.format(self._place(rows[0]))
        joined = self._members(row for rows in found.values() for row in rows)
        if line := next((self._apart[p] for p in combinations(joined, 2) if p in self._apart), 0):
            return f"line {line} keeps some of its records apart", "take one of the edits out"
        self.first[joined] = joined[0]
        return None

    def _part(self, wish: Different, found: dict[str, tuple[int, ...]]) -> tuple[str, str] | None:
        """Keep the records of each name apart from those of the others."""
        for (one, rows), (other, others) in combinations(found.items(), 2):
            if shared := set(rows) & set(others):
                what = f"{listed((one, other))} mean the same record"
                return what, _BY_PLACE.format(self._place(min(shared)))
        for rows, others in combinations(found.values(), 2):
            for i, j in product(rows, others):
                self._apart[min(i, j), max(i, j)] = wish.line
        self._regroup(self._members(row for rows in found.values() for row in rows))
        return None

    def _regroup(self, rows: Sequence[int]) -> None:
        """Group these records anew, with what is to be kept apart."""
        number_of = {row: number for number, row in enumerate(rows)}
        apart = [
            (number_of[i], number_of[j])
            for i, j in self._apart
            if i in number_of and j in number_of
        ]
        groups = find_groups([self._records[row] for row in rows], apart=apart)
        for row, number in zip(rows, groups.first.tolist(), strict=True):
            self.first[row] = rows[number]

    def _members(self, rows: Iterable[int]) -> list[int]:
        """All records of the papers of these, sorted."""
        firsts = {int(self.first[row]) for row in rows}
        return [row for row, first in enumerate(self.first.tolist()) if first in firsts]

    def _place(self, row: int) -> str:
        return next((_place_of(s.file, s.line) for s in self._records[row].sources), "")

    def _tell(self, wish: Same | Different, what: str, advice: str) -> None:
        kind = type(wish).__name__.lower()
        self.problems.append((wish.line, f"{FILE_NAME}:{wish.line}: {kind}: {what}; {advice}"))


_BY_PLACE = "name records by file and line, such as {}"

_Rows = dict[str, set[int]]


def _rows_by_name(grouped: GroupedRecords) -> tuple[_Rows, _Rows, _Rows]:
    """The records by what the user may call each: by its ids, file and line; by its title; by the
    id of its paper."""
    by_record: _Rows = defaultdict(set)
    by_title: _Rows = defaultdict(set)
    by_paper: _Rows = defaultdict(set)
    named = grouped.named()
    papers = name_papers(named)
    for rows, records, paper in zip(grouped.groups.rows(), named, papers, strict=True):
        by_paper[paper.id] |= set(rows)
        for row, record in zip(rows, records, strict=True):
            for name in _names_of(record, grouped.records[row]):
                by_record[name].add(row)
            by_title[comparison_key(record.title)].add(row)
    by_title.pop("", None)
    return dict(by_record), dict(by_title), dict(by_paper)


def _names_of(record: Paper, as_read: Paper) -> Group:
    places = (_place_of(source.file, source.line) for source in record.sources)
    own = (as_read.id,) if as_read.id else ()
    return (record.id, *own, *strong_ids(record), *places)


def _place_of(file: str, line: int) -> str:
    return f"{file}:{line}"
