"""Group the records of one paper: judge the candidate pairs, unite the strongest first."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.papers.blocking import Blocks
from pipeline.papers.likeness import Candidate, Judgement, Verdict, judge
from pipeline.papers.record import Paper

Rows = NDArray[np.int64]
RowPair = tuple[int, int]

_MAX_GROUP_CHECKS = 400
_CANDIDATES_KEPT = 512


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which records are one paper. `first`: (n,) int64, of each record the first of its paper."""

    first: Rows

    @property
    def n_papers(self) -> int:
        """Groups."""
        return int((self.first == np.arange(len(self.first))).sum())

    def further(self) -> Rows:
        """Give the records that are not the first of their paper."""
        return np.flatnonzero(self.first != np.arange(len(self.first)))

    def rows(self) -> list[list[int]]:
        """Give the rows of each paper's records, sorted, the papers by their first record."""
        order = np.argsort(self.first, kind="stable")
        bounds = np.flatnonzero(np.diff(self.first[order])) + 1
        return [rows.tolist() for rows in np.split(order, bounds)] if len(order) else []


def find_groups(records: Sequence[Paper], *, apart: Collection[RowPair] = ()) -> Groups:
    """Give which records are one paper; no two that are judged different, nor a pair of `apart`.

    The order of `records` must be canonical (see `merge.canonical_order`), so that equal input in
    any order gives equal groups. They are read once in their order, and those of a pair that is
    judged again: they need not lie in memory.
    """
    wished = sorted({row for pair in apart for row in pair})
    with tempfile.TemporaryDirectory(prefix="paperatlas-") as folder:
        blocks = Blocks(records, Path(folder))
        pairs = blocks.candidate_pairs(wished)
        first_copies = blocks.first_copies
    first_copies[wished] = wished
    judge_rows = _judge_of(records, {(min(pair), max(pair)) for pair in apart})
    first = _unite(len(records), _edges(pairs, judge_rows), judge_rows)
    return Groups(first[first_copies])


def _judge_of(
    records: Sequence[Paper], apart: Collection[RowPair]
) -> Callable[[int, int], Judgement]:
    """A function that judges two rows; candidates are made when asked for, and the last kept."""
    candidate = lru_cache(maxsize=_CANDIDATES_KEPT)(lambda row: Candidate(records[row]))

    def judge_rows(one: int, other: int) -> Judgement:
        if apart and (min(one, other), max(one, other)) in apart:
            return Judgement(Verdict.DIFFERENT, "the user says so")
        return judge(candidate(one), candidate(other))

    return judge_rows


def _edges(pairs: tuple[Rows, Rows], judge_rows: Callable[[int, int], Judgement]) -> list[Rows]:
    """Pairs judged the same, the strongest first."""
    strengths, ones, others = array("d"), array("q"), array("q")
    for one, other in zip(_numbers(pairs[0]), _numbers(pairs[1]), strict=True):
        judgement = judge_rows(one, other)
        if judgement.verdict is Verdict.SAME:
            strengths.append(-round(judgement.strength, 6))
            ones.append(one)
            others.append(other)
    i, j = np.array(ones, dtype=np.int64), np.array(others, dtype=np.int64)
    order = np.lexsort((j, i, np.array(strengths)))
    return [i[order], j[order]]


def _numbers(rows: Rows, at_once: int = 100_000) -> Iterator[int]:
    for start in range(0, len(rows), at_once):
        yield from rows[start : start + at_once].tolist()


def _unite(
    n_records: int, edges: Sequence[Rows], judge_rows: Callable[[int, int], Judgement]
) -> Rows:
    """Give the first row of each one's group, by uniting the pairs in their order, unless a
    record of one group contradicts one of the other (A~B, B~C, yet A and C?)."""
    first = np.arange(n_records)
    members: dict[int, list[int]] = {}
    for i, j in zip(_numbers(edges[0]), _numbers(edges[1]), strict=True):
        low, high = sorted((int(first[i]), int(first[j])))
        one, other = members.get(low, [low]), members.get(high, [high])
        if low == high or not _consistent(one, other, judge_rows):
            continue
        members[low] = one + other
        members.pop(high, None)
        first[other] = low
    return first


def _consistent(
    one: Sequence[int], other: Sequence[int], judge_rows: Callable[[int, int], Judgement]
) -> bool:
    if len(one) == len(other) == 1:
        return True  # judged before
    if len(one) * len(other) > _MAX_GROUP_CHECKS:
        return False
    return all(judge_rows(i, j).verdict is not Verdict.DIFFERENT for i in one for j in other)
