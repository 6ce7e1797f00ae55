"""An order of results that are relevant and do not all say the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UsageError

FloatRows = NDArray[np.float32]
Positions = NDArray[np.intp]


def diverse_order(
    relevance: NDArray[np.floating], vectors: FloatRows, k: int, *, trade_off: float = 0.5
) -> Positions:
    """(min(k, m),) positions of results, chosen one after the other by maximal marginal relevance.

    Each next one has the largest `trade_off * relevance - (1 - trade_off) * s`, with `s` its
    largest cosine similarity to those chosen before; the first has the largest relevance, and of
    equal ones the earlier position goes first. `relevance`: (m,), on the scale of cosines;
    `vectors`: (m, dim) float32 unit rows; `trade_off`: 1 keeps the order of relevance, 0 looks at
    differences alone. Raises UsageError for k < 1 or a trade-off outside [0, 1]. Carbonell and
    Goldstein 1998, "The use of MMR", section 2.
    """
    if k < 1:
        raise UsageError(f"k = {k}: expected at least 1", hint="or leave it away")
    if not 0.0 <= trade_off <= 1.0:
        raise UsageError(
            f"trade-off {trade_off:g}: expected 0 (differences alone) to 1 (relevance alone)",
            hint="0.5 weighs both alike",
        )
    gains = np.array(relevance, dtype=np.float64)
    m = len(gains)
    chosen = np.empty(min(k, m), dtype=np.intp)
    nearest = np.full(m, -np.inf)
    left = np.ones(m, dtype=np.bool_)
    for place in range(len(chosen)):
        marginal = gains if place == 0 else trade_off * gains - (1.0 - trade_off) * nearest
        chosen[place] = best = np.argmax(np.where(left, marginal, -np.inf))
        left[best] = False
        np.maximum(nearest, _similarities(vectors, vectors[best]), out=nearest)
    return chosen


def _similarities(vectors: FloatRows, vector: FloatRows) -> NDArray[np.float64]:
    """(m,) cosines, rounded: copies of a row are as near as each other on every machine."""
    products: NDArray[np.float64] = np.einsum("ij,j->i", vectors, vector, dtype=np.float64)
    return products.round(9)
