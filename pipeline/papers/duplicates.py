"""Group the records of one paper: judge the candidate pairs, unite the strongest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pipeline.papers.blocking import candidate_pairs
from pipeline.papers.likeness import Candidate, Verdict, author_key, judge
from pipeline.papers.record import Paper
from pipeline.papers.text import comparison_key

_MAX_GROUP_CHECKS = 400


def find_groups(records: Sequence[Paper]) -> list[tuple[int, ...]]:
    """Give the row numbers of each paper's records; every row in exactly one group, all sorted.

    The order of `records` must be canonical (see `merge.canonical_order`), so that equal input in
    any order gives equal groups. No group holds two records judged different.
    """
    copies = _copies(records)
    candidates = [Candidate(records[rows[0]]) for rows in copies]
    groups = _unite(candidates)
    return sorted(tuple(sorted(row for i in group for row in copies[i])) for group in groups)


def _copies(records: Sequence[Paper]) -> list[list[int]]:
    """Rows of records that say exactly the same: they need no judging, however many there are."""
    rows_of: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row, paper in enumerate(records):
        rows_of[_content(paper)].append(row)
    return list(rows_of.values())


def _content(paper: Paper) -> tuple[object, ...]:
    key = (paper.title, paper.abstract, author_key(paper), paper.doi, paper.arxiv_id)
    if len(comparison_key(paper.abstract).split()) >= 8:
        return key
    # Little text says little: an "Editorial" of another year is another one.
    return (*key, paper.id, paper.year, paper.venue, paper.url)


def _unite(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Unite pairs judged the same, strongest first, unless a cross pair is judged different."""
    edges = []
    for i, j in candidate_pairs(candidates):
        judgement = judge(candidates[i], candidates[j])
        if judgement.verdict is Verdict.SAME:
            edges.append((-round(judgement.strength, 6), i, j))
    group_of = {row: [row] for edge in edges for row in edge[1:]}
    for _, i, j in sorted(edges):
        one, other = group_of[i], group_of[j]
        if one is other or not _consistent(one, other, candidates):
            continue
        one += other
        for row in other:
            group_of[row] = one
    united = {id(group): group for group in group_of.values()}
    return [*united.values(), *([row] for row in range(len(candidates)) if row not in group_of)]


def _consistent(one: Sequence[int], other: Sequence[int], candidates: Sequence[Candidate]) -> bool:
    """Tell whether no record of one group contradicts one of the other (A~B, B~C, yet A and C?)."""
    if len(one) * len(other) > _MAX_GROUP_CHECKS:
        return False
    return all(
        judge(candidates[i], candidates[j]).verdict is not Verdict.DIFFERENT
        for i in one
        for j in other
    )
