"""The table of papers: one row a paper, in an order that the content alone decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import UsageError
from pipeline.papers.duplicates import find_groups
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


def build_table(records: Iterable[Paper], reports: Iterable[FileReport] = ()) -> PaperTable:
    """Give the table of `records`, as readers yield them: duplicates joined, ids and rows fixed.

    `reports` are the readers' own (nothing merged yet); of each group of duplicates the canonically
    first record stays imported and each other one counts as merged, in its own file's row. The
    same content in any order gives the identical table.
    """
    ordered = sorted(records, key=canonical_order)
    groups = [[ordered[row] for row in rows] for rows in find_groups(ordered)]
    shared = ids_of_several([r.id for r in group if r.id] for group in groups)
    named = [[replace(r, id=record_id(r, shared)) for r in group] for group in groups]
    papers = _name_papers(named)
    rows = sorted(range(len(papers)), key=lambda row: papers[row].id)
    sorted_papers = tuple(papers[row] for row in rows)
    return PaperTable(
        papers=sorted_papers,
        records=tuple(tuple(named[row]) for row in rows),
        reports=_count_merged(reports, named),
        row_by_id=_rows_by_id(sorted_papers),
    )


def _name_papers(groups: Sequence[Sequence[Paper]]) -> list[Paper]:
    """Merge each group under a unique id, with every other id that means it alone as alias."""
    merged = [merge_records(group) for group in groups]
    own = [
        [*(r.id for r in group), *strong_ids(paper)]
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
        replace(paper, id=name, aliases=tuple(sorted(set(known) - ambiguous - {name})))
        for paper, name, known in zip(merged, unique, own, strict=True)
    ]


def _rows_by_id(papers: Sequence[Paper]) -> dict[str, int]:
    rows = {alias: row for row, paper in enumerate(papers) for alias in paper.aliases}
    return rows | {paper.id: row for row, paper in enumerate(papers)}


def _count_merged(
    reports: Iterable[FileReport], groups: Iterable[Sequence[Paper]]
) -> tuple[FileReport, ...]:
    merged = Counter(r.sources[0].file for group in groups for r in group[1:] if r.sources)
    return tuple(
        sorted(
            (
                replace(
                    report,
                    imported=report.imported - merged[report.file],
                    merged=report.merged + merged[report.file],
                )
                for report in reports
            ),
            key=lambda report: report.file,
        )
    )


def embedding_text(paper: Paper) -> str:
    """Give the text that stands for a paper when it is embedded: its title, then its abstract.

    The title is a line of its own, so that an embedder can tell it from the rest.
    """
    title, abstract = paper.title, paper.abstract
    if title and abstract:
        return f"{title}{'' if title[-1] in '.?!' else '.'}\n{abstract}"
    return title or abstract
