"""The table of papers: one row a paper, in an order that the content alone decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import UsageError
from pipeline.papers.duplicates import Groups, find_groups
from pipeline.papers.identity import full_digest_id, ids_of_several, record_id, strong_ids
from pipeline.papers.merge import canonical_order, merge_records
from pipeline.papers.record import FileReport, Paper


@dataclass(frozen=True)
class PaperTable:
    """All papers; row i means the same paper in every artefact of an atlas.

    `papers` is sorted by id; `records[i]` are the source records of row i, the canonically first
    one first, each under its own record id; `reports` tell what became of each file, by name.
    """

    papers: tuple[Paper, ...]
    records: tuple[tuple[Paper, ...], ...]
    reports: tuple[FileReport, ...]
    row_by_id: Mapping[str, int] = field(repr=False, compare=False, default_factory=dict)

    def __len__(self) -> int:
        """Give the number of papers."""
        return len(self.papers)

    def row_of(self, paper_id: str) -> int:
        """Give the row of an id or alias (`doi:...`, `arxiv:...` too); UsageError if unknown."""
        row = self.row_by_id.get(paper_id, self.row_by_id.get(paper_id.strip().lower()))
        if row is None:
            raise UsageError(
                f"no paper with the id {paper_id!r}",
                hint="`paperatlas themes ATLAS --json` lists ids; doi:... and arxiv:... work too",
            )
        return row

    def find(self, paper_id: str) -> Paper:
        """Give the paper of an id or alias; UsageError if unknown."""
        return self.papers[self.row_of(paper_id)]


@dataclass(frozen=True, slots=True)
class GroupedRecords:
    """Records in canonical order, and which of them are one paper."""

    records: Sequence[Paper]
    groups: Groups

    def named(self) -> list[list[Paper]]:
        """Give the records of each paper, each under its own record id."""
        groups = [[self.records[row] for row in rows] for rows in self.groups.rows()]
        shared = ids_of_several([r.id for r in group if r.id] for group in groups)
        return [[_under(record_id(r, shared), r) for r in group] for group in groups]


def group_records(records: Iterable[Paper]) -> GroupedRecords:
    """Give `records`, as readers yield them, in canonical order, with those of one paper found."""
    ordered = sorted(records, key=canonical_order)
    return GroupedRecords(ordered, find_groups(ordered))


def build_table(records: Iterable[Paper], reports: Iterable[FileReport] = ()) -> PaperTable:
    """Give the table of `records`, as readers yield them: duplicates joined, ids and rows fixed.

    `reports` are the readers' own (nothing merged yet); of each group of duplicates the canonically
    first record stays imported and each other one counts as merged, in its own file's row. The
    same content in any order gives the identical table.
    """
    return table_of(group_records(records), reports)


def table_of(grouped: GroupedRecords, reports: Iterable[FileReport] = ()) -> PaperTable:
    """Give the table of records whose groups are known; `reports` as for `build_table`."""
    named = grouped.named()
    papers = name_papers(named)
    rows = sorted(range(len(papers)), key=lambda row: papers[row].id)
    sorted_papers = tuple(papers[row] for row in rows)
    merged = Counter(r.sources[0].file for group in named for r in group[1:] if r.sources)
    return PaperTable(
        papers=sorted_papers,
        records=tuple(tuple(named[row]) for row in rows),
        reports=_with_merged(reports, merged),
        row_by_id=_rows_by_id(sorted_papers),
    )


def count_duplicates(
    records: Sequence[Paper], reports: Iterable[FileReport]
) -> tuple[FileReport, ...]:
    """Give `reports` as `build_table` would, without making a table: of each paper one record
    stays imported, and every other counts as merged in its own file's row.

    `records`: in canonical order, as `RecordStore.in_order` gives them; they may lie on disk.
    """
    further = find_groups(records).further().tolist()
    sources = (records[row].sources for row in further)
    return _with_merged(reports, Counter(read[0].file for read in sources if read))


def name_papers(groups: Sequence[Sequence[Paper]]) -> list[Paper]:
    """Merge each group under a unique id, with every other id that means it alone as alias."""
    merged = [merge_records(group) for group in groups]
    own = [
        [*(r.id for r in group), *(name for r in (paper, *group) for name in strong_ids(r))]
        for group, paper in zip(groups, merged, strict=True)
    ]
    ambiguous = ids_of_several(own)
    ids = [paper.id if paper.id not in ambiguous else full_digest_id(paper) for paper in merged]
    taken: Counter[str] = Counter()
    unique = []
    for paper_id in ids:
        taken[paper_id] += 1
        unique.append(paper_id if taken[paper_id] == 1 else f"{paper_id}-{taken[paper_id]}")
    return [
        _under(name, paper, tuple(sorted(set(known) - ambiguous - {name})))
        for paper, name, known in zip(merged, unique, own, strict=True)
    ]


def _under(paper_id: str, paper: Paper, aliases: tuple[str, ...] = ()) -> Paper:
    """The paper under another id; itself where nothing changes, for a copy takes its time."""
    if (paper.id, paper.aliases) == (paper_id, aliases):
        return paper
    return replace(paper, id=paper_id, aliases=aliases)


def _rows_by_id(papers: Sequence[Paper]) -> dict[str, int]:
    rows = {alias: row for row, paper in enumerate(papers) for alias in paper.aliases}
    return rows | {paper.id: row for row, paper in enumerate(papers)}


def _with_merged(
    reports: Iterable[FileReport], merged: Mapping[str, int]
) -> tuple[FileReport, ...]:
    """The reports, by file, with the records that were merged moved from imported to merged."""
    moved = (
        replace(
            report,
            imported=report.imported - merged.get(report.file, 0),
            merged=report.merged + merged.get(report.file, 0),
        )
        for report in reports
    )
    return tuple(sorted(moved, key=lambda report: report.file))


def embedding_text(paper: Paper) -> str:
    """Give the text that stands for a paper when it is embedded: its title, then its abstract.

    The title is a line of its own, so that an embedder can tell it from the rest.
    """
    title, abstract = paper.title, paper.abstract
    if title and abstract:
        return f"{title}{'' if title[-1] in '.?!' else '.'}\n{abstract}"
    return title or abstract
