"""Where names go on a figure: beside what they name, none over another, none cut by an edge."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

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
    reach: float = math.inf,
) -> Placement:
    """Places for labels such that no two boxes overlap and none leaves the bounds.

    anchors (n, 2): what each label names; sizes (n, 2): width and height of its box, above 0;
    priorities (n,): the highest is placed first, equal ones in row order; bounds: (left, low,
    right, high). All in one unit. crowd (m, 2): points better left uncovered; obstacles (k, 4):
    boxes (left, low, right, high) that no label may touch; padding: least gap between boxes;
    reach: the longest line from a label to its anchor. Lines do not run through labels either.

    Greedy, best place first: cheap, deterministic, and a label that is shown never moves because
    of a less important one.
    """
    n = len(anchors)
    centres, visible = np.array(anchors, dtype=np.float64).reshape(n, 2), np.zeros(n, dtype=bool)
    sheet = _Sheet(bounds, _CrowdField(crowd, bounds), padding)
    if obstacles is not None:
        sheet = sheet.with_boxes(np.asarray(obstacles, dtype=np.float64).reshape(-1, 4))
    for i in np.argsort(-np.asarray(priorities, dtype=np.float64), kind="stable"):
        label = _Label(centres[i].copy(), np.asarray(sizes[i], dtype=np.float64) / 2)
        place = _best_place(label, sheet, reach)
        if place is not None:
            sheet = sheet.with_label(label, place)
            centres[i], visible[i] = place, True
    return Placement(centres, visible)


@dataclass(frozen=True, slots=True)
class _Label:
    anchor: Floats
    half: Floats
    """(2,) half of the box's width and height."""

    def gaps(self, places: Floats) -> Floats:
        """(c,) distance from the anchor to the nearest edge of the box at each place."""
        gaps: Floats = np.hypot(*np.maximum(np.abs(places - self.anchor) - self.half, 0.0).T)
        return gaps

    def leader_starts(self, places: Floats) -> Floats:
        """(c, 2) where the line to the anchor would leave the box at each place."""
        starts: Floats = np.clip(self.anchor, places - self.half, places + self.half)
        return starts


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is on the paper so far."""

    bounds: tuple[float, float, float, float]
    crowd: _CrowdField
    padding: float
    boxes: Floats = field(default_factory=lambda: np.zeros((0, 4)))
    leaders: Floats = field(default_factory=lambda: np.zeros((0, 2, 2)))

    def with_boxes(self, boxes: Floats) -> _Sheet:
        return replace(self, boxes=np.concatenate([self.boxes, boxes]))

    def with_label(self, label: _Label, place: Floats) -> _Sheet:
        start = label.leader_starts(place[None])[0]
        leaders = np.concatenate([self.leaders, np.stack([start, label.anchor])[None]])
        box = np.concatenate([place - label.half, place + label.half])
        return replace(self.with_boxes(box[None]), leaders=leaders)


def _best_place(label: _Label, sheet: _Sheet, reach: float) -> Floats | None:
    """The cheapest free place within reach whose line to the anchor crosses nothing, or None."""
    places = _candidates(label.anchor, label.half, sheet.bounds)
    places = places[label.gaps(places) <= reach]
    places = places[_is_free(places, label.half + sheet.padding, sheet.boxes)]
    places = places[~_is_crossed(places, label, sheet)]
    if not len(places):
        return None
    distance = label.gaps(places) + 0.15 * np.hypot(*(places - label.anchor).T)
    cost = distance / label.half[1] + 2.5 * sheet.crowd.share_covered(places, label.half)
    best: Floats = places[int(np.argmin(cost))]
    return best


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
    places: Floats = np.clip(anchor + offsets, low, high)
    return places


def _is_free(centres: Floats, half: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """(c,) whether a box of that half size at each centre touches none of the boxes (k, 4)."""
    lows, highs = centres - half, centres + half
    apart = (highs[:, None, :] <= boxes[None, :, :2]) | (lows[:, None, :] >= boxes[None, :, 2:])
    touching: NDArray[np.bool_] = np.any(np.all(~apart, axis=2), axis=1)
    return ~touching


def _is_crossed(places: Floats, label: _Label, sheet: _Sheet) -> NDArray[np.bool_]:
    """(c,) whether the label's line would run through a box, or across the line of another one."""
    starts = label.leader_starts(places)
    steps = np.linspace(0.0, 1.0, 12)[None, :, None]
    # A box over the anchor itself hides the end of the line; that still beats having no name.
    others = sheet.boxes[~_holds(sheet.boxes, label.anchor)]
    along = starts[:, None, :] + steps * (label.anchor - starts)[:, None, :]
    through = _inside(along.reshape(-1, 2), others).reshape(len(places), 12).any(axis=1)
    lines = sheet.leaders[:, :1] + steps * (sheet.leaders[:, 1:] - sheet.leaders[:, :1])
    own = np.concatenate([places - label.half, places + label.half], axis=1)
    struck = _inside(lines.reshape(-1, 2), own, by_box=True)
    # A label on its anchor has no line: nothing of it can cross another.
    over = _intersect(starts, label.anchor, sheet.leaders)
    crossed: NDArray[np.bool_] = (through & (label.gaps(places) > 0)) | struck | over
    return crossed


def _intersect(starts: Floats, end: Floats, leaders: Floats) -> NDArray[np.bool_]:
    """(c,) whether the segment from each start to `end` properly crosses any leader."""

    def side(a: Floats, b: Floats, p: Floats) -> Floats:
        turn: Floats = (b[..., 0] - a[..., 0]) * (p[..., 1] - a[..., 1]) - (
            b[..., 1] - a[..., 1]
        ) * (p[..., 0] - a[..., 0])
        return turn

    a, b = starts[:, None, :], np.broadcast_to(end, (len(starts), 1, 2))
    c, d = leaders[None, :, 0], leaders[None, :, 1]
    apart = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
    crossing: NDArray[np.bool_] = np.any(apart, axis=1)
    return crossing


def _holds(boxes: Floats, point: Floats) -> NDArray[np.bool_]:
    """(k,) whether each box holds the point."""
    held: NDArray[np.bool_] = np.all((boxes[:, :2] < point) & (point < boxes[:, 2:]), axis=1)
    return held


def _inside(points: Floats, boxes: Floats, *, by_box: bool = False) -> NDArray[np.bool_]:
    """(n_points,) whether each point lies in any box; by_box: (n_boxes,) the other way round."""
    within = (points[:, None, :] > boxes[None, :, :2]) & (points[:, None, :] < boxes[None, :, 2:])
    found: NDArray[np.bool_] = np.any(np.all(within, axis=2), axis=0 if by_box else 1)
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
