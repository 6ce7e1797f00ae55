"""How much of a box lies over points: what a name should rather not cover."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

N_CELLS: Final = 256
"""Cells along the longer side of a table that nobody gave a cell size."""


class CrowdTable:
    """A summed-area table (Crow 1984) over a raster of which cells hold a point.

    Computed as `assets/drawing/crowd.js` does, operation by operation.
    """

    def __init__(
        self,
        points: Floats,
        bounds: tuple[float, float, float, float],
        cell: float | None = None,
    ) -> None:
        """points (m, 2): those outside the bounds (left, low, right, high), which span more than
        nothing, do not count; cell: side of a cell in the same unit."""
        left, low, right, high = bounds
        self._left, self._low = left, low
        self._cell = max(right - left, high - low) / N_CELLS if cell is None else cell
        self._columns = max(1, math.ceil((right - left) / self._cell))
        self._rows = max(1, math.ceil((high - low) / self._cell))
        x, y = points[:, 0], points[:, 1]
        inside = (x >= left) & (x <= right) & (y >= low) & (y <= high)
        columns = np.floor((x[inside] - left) / self._cell).astype(np.int64)
        rows = np.floor((y[inside] - low) / self._cell).astype(np.int64)
        held = np.zeros((self._rows + 1, self._columns + 1))
        held[np.minimum(rows, self._rows - 1) + 1, np.minimum(columns, self._columns - 1) + 1] = 1.0
        self._sums: Floats = held.cumsum(axis=0).cumsum(axis=1)

    def share(self, boxes: Floats) -> Floats:
        """(c,) share of each box (left, low, right, high) over cells with points, in [0, 1].

        Cells cut by an edge count by the part inside: a box that moves a little changes little.
        """
        left, low, right, high = boxes.T
        held = self._held(right, high) - self._held(left, high)
        held = held - self._held(right, low) + self._held(left, low)
        area = (right - left) / self._cell * ((high - low) / self._cell)
        share: Floats = np.maximum(0.0, held) / area
        return share

    def _held(self, x: Floats, y: Floats) -> Floats:
        """(c,) cells with points left of x and below y, between cells by interpolation."""
        across = np.minimum(np.maximum((x - self._left) / self._cell, 0.0), self._columns)
        along = np.minimum(np.maximum((y - self._low) / self._cell, 0.0), self._rows)
        i = np.minimum(np.floor(across), self._columns - 1).astype(np.int64)
        j = np.minimum(np.floor(along), self._rows - 1).astype(np.int64)
        f, g = across - i, along - j
        sums = self._sums
        first = sums[j, i] + f * (sums[j, i + 1] - sums[j, i])
        second = sums[j + 1, i] + f * (sums[j + 1, i + 1] - sums[j + 1, i])
        held: Floats = first + g * (second - first)
        return held
