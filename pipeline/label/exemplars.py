"""Exemplars: the few papers that together show what a theme is about."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]
Rows = NDArray[np.int64]

N_EXEMPLARS = 5
# Of a large theme the most central ones stand for all.
_MOST_COMPARED = 400


def choose_exemplars(vectors: FloatRows, members: Rows, strengths: FloatRows) -> tuple[int, ...]:
    """Rows of at most five papers that together cover the theme, the most central first.

    The first is nearest to the theme's centre, weighted by how firmly it belongs; each further
    one adds most to the sum over members of the nearest exemplar's similarity, the greedy answer
    to facility location (Nemhauser, Wolsey and Fisher 1978).
    """
    own = vectors[members]
    centre = own.mean(axis=0)
    central = np.round(own @ centre * (0.5 + 0.5 * strengths[members]), 6)
    order = np.lexsort((members, -central))[:_MOST_COMPARED]
    rows = own[order]
    gains_from = np.maximum(rows @ rows.T, 0.0) * (0.5 + 0.5 * strengths[members[order]])
    chosen = [0]
    covered = gains_from[:, 0]
    while len(chosen) < min(N_EXEMPLARS, len(order)):
        gains = np.round(np.maximum(gains_from - covered[:, None], 0.0).sum(axis=0), 5)
        gains[chosen] = -1.0
        best = int(gains.argmax())
        chosen.append(best)
        covered = np.maximum(covered, gains_from[:, best])
    return tuple(int(members[order[place]]) for place in chosen)
