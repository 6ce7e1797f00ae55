"""Where names go: on or beside what they name, none over another, none cut by an edge.

One algorithm places the names of figures, here, and of the page, in `assets/drawing/placement.js`.
Both do the same operations in the same order, without a sine or a root of anything but a sum of
squares, so that both give the same places to the last bit; a test holds them to that.

Every name has a table of candidate places around its anchor. Each place costs something: distance,
a line to draw, points and other anchors covered. In the order of their priority names take their
cheapest free place, and then, twice more, a cheaper one if by then there is one (a local search as
in Christensen, Marks and Shieber 1995, "An empirical study of algorithms for point-feature label
placement"). What is important comes first throughout: a name without a place may push lesser names
away, and a name that stays hidden has no place that only lesser ones take.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.render.crowd import CrowdTable

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_SIDES: Final = (
    # Around a box: middles of the sides first, then what lies between. All are exact in binary.
    *((0.0, -1.0), (0.0, 1.0), (1.0, 0.0), (-1.0, 0.0)),
    *((0.5, -1.0), (-0.5, -1.0), (0.5, 1.0), (-0.5, 1.0)),
    *((1.0, -1.0), (-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)),
    *((0.25, -1.0), (-0.25, -1.0), (0.25, 1.0), (-0.25, 1.0)),
    *((0.75, -1.0), (-0.75, -1.0), (0.75, 1.0), (-0.75, 1.0)),
    *((1.0, -0.5), (-1.0, -0.5), (1.0, 0.5), (-1.0, 0.5)),
)
_RINGS: Final = ((0.5, 0.0), (1.0, 0.375), (1.0, 1.25), (1.0, 2.5), (1.0, 4.25), (1.0, 6.5))
"""How far a box is moved towards a side: in its own half size, and in half its height. The first
ring keeps the anchor inside the box."""

_STEPS: Final = np.array(
    [(0.0, 0.0, 0.0, 0.0)] + [(u, v, a, b) for a, b in _RINGS for u, v in _SIDES]
)

# Costs, in half heights of the name.
_BY_MIDDLE: Final = 0.15
"""Of each half height between the anchor and the middle of the name, beside the gap's own."""
_LINE: Final = 0.75
"""Of having a line at all."""
_CROWD: Final = 4.0
_CROWD_HALF: Final = 0.25
"""A name over nothing but points costs `_CROWD / (1 + _CROWD_HALF)`, one of which a quarter is
over points half of `_CROWD`: the first points that a name covers are the worst."""
_STRANGER: Final = 1.0
"""Of each anchor of another name that a name covers: it would seem to name that."""
_SWEEPS: Final = 3


@dataclass(frozen=True, slots=True)
class Placement:
    """Where labels went. Row i is the label of row i of the arrays that were given."""

    centres: Floats
    """(n, 2) centre of each label's box; the anchor where the label is not visible."""
    visible: Bools
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
    reach: float | Floats = math.inf,
    lined: Bools | None = None,
) -> Placement:
    """Places for labels such that no two boxes overlap and none leaves the bounds.

    anchors (n, 2): what each label names; sizes (n, 2): width and height of its box, above 0;
    priorities (n,): the highest is placed first, equal ones in row order; bounds: (left, low,
    right, high). All in one unit. crowd (m, 2): points better left uncovered; obstacles (k, 4):
    boxes (left, low, right, high) that no label may touch; padding: least gap between boxes;
    reach, one or (n,): the longest gap between an anchor and its label; lined (n,): which labels
    have a line to their anchor where there is a gap, all by default. No line crosses another one or
    runs through a label or an obstacle.

    A label whose anchor or size is not finite is not visible.
    """
    n = len(anchors)
    sheet = _Sheet(
        np.array(anchors, dtype=np.float64).reshape(n, 2),
        np.array(sizes, dtype=np.float64).reshape(n, 2) / 2,
        np.broadcast_to(np.asarray(reach, dtype=np.float64), (n,)),
        np.ones(n, dtype=bool) if lined is None else np.asarray(lined, dtype=bool),
        bounds,
        np.zeros((0, 4)) if obstacles is None else np.asarray(obstacles, np.float64).reshape(-1, 4),
        padding,
        None if crowd is None else np.asarray(crowd, dtype=np.float64).reshape(-1, 2),
    )
    order = np.argsort(-np.asarray(priorities, dtype=np.float64), kind="stable")
    centres, visible = sheet.settle(order)
    return Placement(centres, visible)


class _Sheet:
    """What is placed so far. Boxes and lines of labels come first, then the obstacles."""

    def __init__(
        self,
        anchors: Floats,
        halves: Floats,
        reach: Floats,
        lined: Bools,
        bounds: tuple[float, float, float, float],
        obstacles: Floats,
        padding: float,
        crowd: Floats | None,
    ) -> None:
        n, m = len(anchors), len(anchors) + len(obstacles)
        self._anchors, self._halves, self._reach, self._lined = anchors, halves, reach, lined
        self._bounds, self._padding = bounds, padding
        self._possible: Bools = np.isfinite(np.concatenate([anchors, halves], axis=1)).all(axis=1)
        spans = bounds[2] > bounds[0] and bounds[3] > bounds[1]
        self._crowd = CrowdTable(crowd, bounds) if crowd is not None and spans else None
        self._centres = anchors.copy()
        self._boxes = np.concatenate([np.zeros((n, 4)), obstacles])
        self._lines = np.zeros((m, 4))
        self._is_placed = np.arange(m) >= n
        self._has_line = np.zeros(m, dtype=bool)
        self._rank = np.full(m, -1)
        """Obstacles come before every label."""

    def settle(self, order: NDArray[np.intp]) -> tuple[Floats, Bools]:
        """(n, 2) centres and (n,) visible, labels taken in that order."""
        n = len(order)
        self._rank[order] = np.arange(n)
        possible = [i for i in order.tolist() if self._possible[i]]
        for sweep in range(_SWEEPS):
            if not sum([self._settle_one(i, may_push=sweep > 0) for i in possible]):
                break
        return self._centres, self._is_placed[:n]

    def _settle_one(self, i: int, *, may_push: bool) -> bool:
        """Takes the label's cheapest place; whether that changed anything."""
        was_placed, before = bool(self._is_placed[i]), self._centres[i].copy()
        self._lift(i)
        place = self._best_place(i, self._is_placed)
        if place is None and may_push:
            place = self._best_place(i, self._is_placed & (self._rank < self._rank[i]))
        if place is None:
            return was_placed
        self._put(i, place)
        return not was_placed or bool((place != before).any())

    def _lift(self, i: int) -> None:
        self._is_placed[i] = self._has_line[i] = False
        self._centres[i] = self._anchors[i]

    def _put(self, i: int, place: Floats) -> None:
        """Sets a label down, and lifts the lesser ones that are in its way."""
        box, line = self._outline(i, place)
        for j in np.flatnonzero(self._is_placed & (self._rank > self._rank[i])).tolist():
            one = np.array([j])
            if self._touches(box[None], one)[0] or self._is_tangled(box, line, one):
                self._lift(j)
        self._centres[i], self._boxes[i] = place, box
        self._is_placed[i] = True
        if line is not None:
            self._lines[i], self._has_line[i] = line, True

    def _best_place(self, i: int, placed: Bools) -> Floats | None:
        """The (2,) cheapest centre for label i that is free of those others, or None."""
        others = np.flatnonzero(placed)
        places, gaps = self._candidates(i)
        half = self._halves[i]
        boxes = np.concatenate([places - half, places + half], axis=1)
        free = ~self._touches(boxes, others)
        places, gaps, boxes = places[free], gaps[free], boxes[free]
        costs = self._costs(i, places, gaps, boxes)
        for k in np.argsort(costs, kind="stable").tolist():
            box, line = self._outline(i, places[k])
            if not self._is_tangled(box, line, others):
                place: Floats = places[k]
                return place
        return None

    def _candidates(self, i: int) -> tuple[Floats, Floats]:
        """(c, 2) centres, pushed inside the bounds, and the (c,) gaps to their anchor.

        None when the box is larger than the bounds.
        """
        anchor, half = self._anchors[i], self._halves[i]
        low, high = np.array(self._bounds[:2]) + half, np.array(self._bounds[2:]) - half
        if not (low <= high).all():
            return np.zeros((0, 2)), np.zeros(0)
        offsets = _STEPS[:, :2] * (_STEPS[:, 2:3] * half + _STEPS[:, 3:] * half[1])
        places = np.minimum(np.maximum(anchor + offsets, low), high)
        gaps = _length(np.maximum(0.0, np.abs(places - anchor) - half))
        within = gaps <= self._reach[i]
        return places[within], gaps[within]

    def _costs(self, i: int, places: Floats, gaps: Floats, boxes: Floats) -> Floats:
        """(c,) what it costs to stand at each place, in half heights of the label."""
        anchor, unit = self._anchors[i], self._halves[i, 1]
        costs = (gaps + _BY_MIDDLE * _length(places - anchor)) / unit
        if self._lined[i]:
            costs = costs + np.where(gaps > 0.0, _LINE, 0.0)
        if self._crowd is not None:
            share = self._crowd.share(boxes)
            costs = costs + _CROWD * share / (share + _CROWD_HALF)
        strangers = np.delete(self._anchors, i, axis=0)
        n_strangers: NDArray[np.intp] = _holds(boxes[:, None], strangers).sum(axis=1)
        total: Floats = costs + _STRANGER * n_strangers
        return total

    def _outline(self, i: int, place: Floats) -> tuple[Floats, Floats | None]:
        """The (4,) box of label i at a place, and its line (from x, y, to x, y) if it has one."""
        anchor, half = self._anchors[i], self._halves[i]
        box = np.concatenate([place - half, place + half])
        gap = _length(np.maximum(0.0, np.abs(place - anchor) - half))
        if not self._lined[i] or gap <= 0.0:
            return box, None
        return box, np.concatenate([np.minimum(np.maximum(anchor, box[:2]), box[2:]), anchor])

    def _touches(self, boxes: Floats, others: NDArray[np.intp]) -> Bools:
        """(c,) whether each box is nearer than the padding to any of the others' boxes."""
        gap = self._padding
        left, low, right, high = boxes.T[..., None]
        their_left, their_low, their_right, their_high = self._boxes[others].T
        near = (left < their_right + gap) & (their_left < right + gap)
        near &= (low < their_high + gap) & (their_low < high + gap)
        touching: Bools = near.any(axis=1)
        return touching

    def _is_tangled(self, box: Floats, line: Floats | None, others: NDArray[np.intp]) -> bool:
        """Whether a line crosses another one, or runs through a box."""
        lines = self._lines[others[self._has_line[others]]]
        if _runs_through(lines, box).any():
            return True
        if line is None:
            return False
        through = _runs_through(line, self._boxes[others])
        # An anchor may lie beneath an obstacle: then its line ends there.
        beneath = (others >= len(self._anchors)) & _holds(self._boxes[others], line[2:])
        return bool((through & ~beneath).any()) or bool(_crosses(line, lines).any())


def _length(vectors: Floats) -> Floats:
    """Lengths of (..., 2) vectors; not `hypot`, which rounds otherwise than in other languages."""
    x, y = vectors[..., 0], vectors[..., 1]
    length: Floats = np.sqrt(x * x + y * y)
    return length


def _holds(boxes: Floats, points: Floats) -> Bools:
    """Whether boxes (..., 4) hold points (..., 2)."""
    left, low, right, high = np.moveaxis(boxes, -1, 0)
    x, y = np.moveaxis(points, -1, 0)
    held: Bools = (x > left) & (x < right) & (y > low) & (y < high)
    return held


def _runs_through(lines: Floats, boxes: Floats) -> Bools:
    """Whether segments (..., 4) enter boxes (..., 4): no axis, and not their own normal, separates
    them."""
    (sx, sy, ex, ey), (left, low, right, high) = lines.T, boxes.T
    dx, dy = ex - sx, ey - sy
    first, second = dx * (low - sy), dx * (high - sy)
    third, fourth = dy * (left - sx), dy * (right - sx)
    sides = np.stack([first - third, first - fourth, second - third, second - fourth])
    through: Bools = (
        (np.maximum(sx, ex) > left)
        & (np.minimum(sx, ex) < right)
        & (np.maximum(sy, ey) > low)
        & (np.minimum(sy, ey) < high)
        & (sides.min(axis=0) < 0.0)
        & (sides.max(axis=0) > 0.0)
    )
    return through


def _crosses(line: Floats, others: Floats) -> Bools:
    """(k,) whether a segment (4,) properly crosses each of the others (k, 4)."""

    def side(a: Floats, b: Floats) -> Floats:
        turn: Floats = (a[2] - a[0]) * (b[1] - a[1]) - (a[3] - a[1]) * (b[0] - a[0])
        return turn

    theirs = others.T
    ends = np.concatenate([theirs[2:], theirs[:2]])
    back = np.concatenate([line[2:], line[:2]])
    apart = (side(line, theirs) * side(line, ends) < 0.0) & (
        side(theirs, line) * side(theirs, back) < 0.0
    )
    crossing: Bools = np.asarray(apart)
    return crossing
