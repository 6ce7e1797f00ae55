"""Where names go on a figure: beside what they name, none over another, none cut by an edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_N_DIRECTIONS = 24
_DISTANCES = (0.35, 0.7, 1.0, 1.4, 1.9, 2.5, 3.2, 4.0)
"""Rings of candidate places, in units of the label's own half size plus a line of text."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where labels went. Row i is the label of row i of the arrays that were given."""

    centres: Floats
    """(n, 2) centre of each label's box; the anchor where the label is not visible."""
    visible: NDArray[np.bool_]
    """(n,) False where no free place was found within reach."""


def place_labels(
    anchors: Floats,
    sizes: Floats,
    priorities: Floats,
    bounds: tuple[float, float, float, float],
    *,
    crowd: Floats | None = None,
    obstacles: Floats | None = None,
    padding: float = 3.0,
) -> Placement:
    """Places for labels such that no two boxes overlap and none leaves the bounds.

    anchors (n, 2): what each label names; sizes (n, 2): width and height of its box, above 0;
    priorities (n,): the highest is placed first, equal ones in row order; bounds: (left, low,
    right, high). All in one unit. crowd (m, 2): points better left uncovered; obstacles (k, 4):
    boxes (left, low, right, high) that no label may touch; padding: least gap between boxes.

    Greedy, best place first: cheap, deterministic, and a label that is shown never moves because
    of a less important one.
    """
    n = len(anchors)
    centres, visible = np.array(anchors, dtype=np.float64).reshape(n, 2), np.zeros(n, dtype=bool)
    field = _CrowdField(crowd, bounds)
    boxes = np.zeros((0, 4)) if obstacles is None else np.asarray(obstacles, dtype=np.float64)
    leaders = np.zeros((0, 2, 2))
    for i in np.argsort(-np.asarray(priorities, dtype=np.float64), kind="stable"):
        half = np.asarray(sizes[i], dtype=np.float64) / 2
        tried = _candidates(centres[i], half, bounds)
        tried = tried[_is_free(tried, half + padding, boxes)]
        if not len(tried):
            continue
        cost = _cost(tried, centres[i], half, field, boxes, leaders)
        best = tried[int(np.argmin(cost))]
        leaders = np.concatenate([leaders, np.stack([best, centres[i]])[None]])
        boxes = np.concatenate([boxes, np.concatenate([best - half, best + half])[None]])
        centres[i], visible[i] = best, True
    return Placement(centres, visible)


def _candidates(anchor: Floats, half: Floats, bounds: tuple[float, float, float, float]) -> Floats:
    """(c, 2) centres: on the anchor, then on rings around it, pushed inside the bounds.

    Empty when the box is larger than the bounds.
    """
    low, high = np.array(bounds[:2]) + half, np.array(bounds[2:]) - half
    if (low > high).any():
        return np.zeros((0, 2))
    angles = np.arange(_N_DIRECTIONS) * (2 * np.pi / _N_DIRECTIONS) + np.pi / 2
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    reach = half + 2 * min(half[1], 20.0)
    offsets = np.concatenate([np.zeros((1, 2)), *(ring * reach * d for d in _DISTANCES)])
    return np.clip(anchor + offsets, low, high)


def _is_free(centres: Floats, half: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """(c,) whether a box of that half size at each centre touches none of the boxes (k, 4)."""
    lows, highs = centres - half, centres + half
    apart = (highs[:, None, :] <= boxes[None, :, :2]) | (lows[:, None, :] >= boxes[None, :, 2:])
    free: NDArray[np.bool_] = apart.any(axis=2).all(axis=1)
    return free


def _cost(
    tried: Floats, anchor: Floats, half: Floats, field: _CrowdField, boxes: Floats, leaders: Floats
) -> Floats:
    """(c,) what speaks against each place: distance, points covered, lines crossed."""
    # Distance is counted from the box's edge: a label beside its anchor is as near as can be.
    gap = np.maximum(np.abs(tried - anchor) - half, 0.0)
    distance = np.hypot(*gap.T) / half[1] + 0.15 * np.hypot(*(tried - anchor).T) / half[1]
    covered = field.share_covered(tried, half)
    steps = np.linspace(0.0, 1.0, 9)[1:-1]
    along = tried[:, None, :] + steps[None, :, None] * (anchor - tried)[:, None, :]
    crossed = _inside(along.reshape(-1, 2), boxes).reshape(len(tried), -1).any(axis=1)
    lines = leaders[:, :1] + steps[None, :, None] * (leaders[:, 1:] - leaders[:, :1])
    own = np.concatenate([tried - half, tried + half], axis=1)
    struck = _inside(lines.reshape(-1, 2), own, by_box=True)
    cost: Floats = distance + 2.5 * covered + 4.0 * crossed + 4.0 * struck
    return cost


def _inside(points: Floats, boxes: Floats, *, by_box: bool = False) -> NDArray[np.bool_]:
    """(n_points,) whether each point lies in any box; by_box: (n_boxes,) the other way round."""
    within = (points[:, None, :] > boxes[None, :, :2]) & (points[:, None, :] < boxes[None, :, 2:])
    both: NDArray[np.bool_] = within.all(axis=2)
    found: NDArray[np.bool_] = both.any(axis=0 if by_box else 1)
    return found


class _CrowdField:
    """How crowded a box is: a summed-area table over a raster of the points."""

    _CELLS = 160

    def __init__(self, crowd: Floats | None, bounds: tuple[float, float, float, float]) -> None:
        self._low = np.array(bounds[:2], dtype=np.float64)
        self._step = np.maximum(np.array(bounds[2:]) - self._low, 1e-12) / self._CELLS
        points = np.zeros((0, 2)) if crowd is None else np.asarray(crowd, dtype=np.float64)
        cells = np.clip(((points - self._low) / self._step).astype(int), 0, self._CELLS - 1)
        counts = np.zeros((self._CELLS, self._CELLS))
        np.add.at(counts, (cells[:, 0], cells[:, 1]), 1.0)
        self._table = np.pad(
            np.minimum(counts, 1.0).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0))
        )

    def share_covered(self, centres: Floats, half: Floats) -> Floats:
        """(c,) share of a box's raster cells that hold a point, in [0, 1]."""
        last = self._CELLS
        low = np.clip(((centres - half - self._low) / self._step).astype(int), 0, last)
        high = np.clip(((centres + half - self._low) / self._step).astype(int) + 1, 0, last)
        table = self._table
        total = (
            table[high[:, 0], high[:, 1]]
            - table[low[:, 0], high[:, 1]]
            - table[high[:, 0], low[:, 1]]
            + table[low[:, 0], low[:, 1]]
        )
        cells: Floats = np.maximum((high - low).prod(axis=1), 1).astype(np.float64)
        share: Floats = total / cells
        return share
