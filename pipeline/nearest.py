"""The papers nearest to each in the embedding space: what a map shows and is measured by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.index import NeighborGraph, neighbor_graph

FloatRows = NDArray[np.float32]
Rows = NDArray[np.int64]

N_NEAREST = 10
"""As many are known of each paper, fewer where there are fewer papers."""
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class NearestPapers:
    """Each paper's nearest papers, nearest first and without itself; those of the same vector are
    its nearest, with a similarity of 1.

    `rows`: (n, k) int32, -1 where fewer are known; `similarities`: (n, k) float32 cosine
    similarities, 0 where there is none.
    """

    rows: NDArray[np.int32]
    similarities: FloatRows

    def among(self, kept: Rows) -> NearestPapers:
        """Those of the papers `kept`, distinct, by their new numbers 0.. in that order; a nearest
        paper that is not kept is left out."""
        number = np.full(len(self.rows) + 1, -1, np.int64)  # the last one is that of -1
        number[kept] = np.arange(len(kept))
        rows, similarities = _gathered(number[self.rows[kept]], self.similarities[kept])
        return NearestPapers(
            rows.astype(np.int32), np.where(rows < 0, 0, similarities).astype(np.float32)
        )


def nearest_papers(vectors: FloatRows) -> NearestPapers:
    """The 10 papers nearest to each of n.

    `vectors`: (n, dim) unit rows; a row of zeros, of a text that shares no word with another, is
    near to none.
    """
    first, like = first_of_equals(vectors)
    distinct = vectors[first]
    return spread_nearest(neighbor_graph(distinct, N_NEAREST + 1), distinct, like)


def spread_nearest(graph: NeighborGraph, distinct: FloatRows, like: Rows) -> NearestPapers:
    """The same of all n papers from the `graph` of their `distinct` vectors; `like`: (n,) for each
    paper the number of its vector, as `first_of_equals` gives it."""
    groups = graph.rows[:, : N_NEAREST + 1]
    similarities = 1.0 - graph.distances[:, : N_NEAREST + 1]
    has_direction: NDArray[np.bool_] = np.asarray(distinct.any(axis=1))
    is_known = (groups >= 0) & has_direction[groups] & has_direction[:, None]
    groups, similarities = _gathered(np.where(is_known, groups, -1), similarities)
    members, place = _members(groups, like)
    similarities = np.take_along_axis(similarities, place, axis=1)[like]
    rows = members[like]
    # One more than is wanted was taken, for the paper itself is among its likes, or too many are.
    is_self = rows == np.arange(len(like))[:, None]
    rows = np.where(is_self, -1, rows)
    rows, similarities = _gathered(rows, similarities)
    n_nearest = min(N_NEAREST, len(like) - 1)
    return _as_stored(rows[:, :n_nearest], similarities[:, :n_nearest])


def first_of_equals(vectors: FloatRows) -> tuple[Rows, Rows]:
    """The rows that are the first of their kind, ascending, and for each row the place of its like
    among them: papers whose vectors are the same are one paper to most steps."""
    _, first, like = np.unique(
        np.ascontiguousarray(vectors), axis=0, return_index=True, return_inverse=True
    )
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order].astype(np.int64), place[like.ravel()].astype(np.int64)


def _members(groups: Rows, like: Rows) -> tuple[Rows, Rows]:
    """The first papers of some groups of likes, one group after the other: (n_groups, 11) their
    rows, -1 behind the last, and the place of each one's group in its row of `groups`.

    `groups`: (n_groups, k) numbers of groups, -1 for none.
    """
    by_group = np.argsort(like, kind="stable")
    sizes = np.append(np.bincount(like, minlength=len(groups)), 0)  # the last one is that of -1
    starts = np.append(0, np.cumsum(sizes[:-1]))
    ends = np.cumsum(sizes[groups], axis=1)
    members = np.full((len(groups), N_NEAREST + 1), -1, np.int64)
    place = np.zeros(members.shape, np.int64)
    for number in range(N_NEAREST + 1):
        place[:, number] = at = (ends <= number).sum(axis=1).clip(max=groups.shape[1] - 1)
        own = np.take_along_axis(groups, at[:, None], axis=1).ravel()
        end = np.take_along_axis(ends, at[:, None], axis=1).ravel()
        found = np.flatnonzero(end > number)
        offset = number - (end - sizes[own])
        members[found, number] = by_group[starts[own[found]] + offset[found]]
    return members, place


def _gathered(rows: Rows, similarities: FloatRows) -> tuple[Rows, FloatRows]:
    """Both, (n, k), the missing ones, of row -1, moved behind the others of their row."""
    order = np.argsort(rows < 0, axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(similarities, order, axis=1)


def _as_stored(rows: Rows, similarities: FloatRows) -> NearestPapers:
    known = np.where(rows < 0, 0.0, np.round(similarities, _DECIMALS))
    return NearestPapers(rows.astype(np.int32), known.astype(np.float32))
