"""The links between papers that are near each other, each pair once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.export.selection import Selection

N_LINKED = 10
"""A paper is linked with so many nearest ones; of a theme's paper most are in the theme."""


@dataclass(frozen=True, slots=True)
class Links:
    """Links between papers by their positions: `ends` (n_links, 2), the smaller position first,
    in ascending order, and their cosine `similarities` (n_links,), above 0."""

    ends: NDArray[np.int64]
    similarities: NDArray[np.float64]


def links_between(selection: Selection) -> Links:
    """The links of each paper with its 10 nearest ones: two are linked where either is among the
    nearest of the other, so that no paper is left alone that is like any."""
    graph = selection.neighbours
    rows, distances = graph.rows[:, 1 : N_LINKED + 1], graph.distances[:, 1 : N_LINKED + 1]
    sources = np.repeat(np.arange(len(rows)), rows.shape[1])
    targets, similarities = rows.reshape(-1), 1.0 - distances.reshape(-1).astype(np.float64)
    is_link = (targets >= 0) & (similarities > 0)
    pairs = np.sort(np.column_stack([sources[is_link], targets[is_link]]), axis=1)
    ends, first = np.unique(pairs, axis=0, return_index=True)
    return Links(ends, np.round(similarities[is_link][first], 6))
