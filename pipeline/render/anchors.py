"""Where each theme lies on the map: the place of its name, its extent, and what is next to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.render.view import MapView

_MEAN_SHIFT_STEPS = 8


@dataclass(frozen=True, slots=True)
class Anchor:
    """Place and extent of one theme, in the units of the layout it was computed from."""

    x: float
    y: float
    radius: float
    """Distance from (x, y) within which three quarters of the theme's papers lie; 0 for one."""


def theme_anchors(view: MapView, points: NDArray[np.float64]) -> dict[int, Anchor]:
    """The anchor of every theme of every layer that has papers, by theme id.

    `points` (n_papers, 2): the layout in whatever units the caller draws in.
    """
    anchors: dict[int, Anchor] = {}
    for theme_ids in view.theme_ids if len(points) else ():
        order = np.argsort(theme_ids, kind="stable")
        ids, starts = np.unique(theme_ids[order], return_index=True)
        for theme_id, rows in zip(ids.tolist(), np.split(order, starts[1:]), strict=True):
            if theme_id >= 0:
                anchors[theme_id] = _anchor_of(points[rows])
    return anchors


def _anchor_of(members: NDArray[np.float64]) -> Anchor:
    """A dense place near the middle of the members, found by mean shift.

    The plain mean of a bent or two-part theme falls into the gap between its parts, where papers
    of another theme may lie; the name belongs on its own papers.
    """
    median = np.median(members, axis=0)
    spread = float(np.median(np.hypot(*(members - median).T)))
    place = members[np.argmin(np.hypot(*(members - median).T))]
    if spread > 0.0:
        for _ in range(_MEAN_SHIFT_STEPS):
            squared = ((members - place) ** 2).sum(axis=1) / (0.6 * spread) ** 2
            weights = np.exp(-0.5 * squared)
            place = (weights[:, None] * members).sum(axis=0) / weights.sum()
    distances = np.hypot(*(members - place).T)
    return Anchor(float(place[0]), float(place[1]), float(np.quantile(distances, 0.75)))


def nearest_themes(
    ids: list[int], anchors: Mapping[int, Anchor], *, n_neighbours: int = 8
) -> dict[int, list[int]]:
    """For each theme id, the ids of the `n_neighbours` themes nearest to it, nearest first."""
    if not ids:
        return {}
    places = np.array([(anchors[i].x, anchors[i].y) for i in ids])
    distances = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(distances, np.inf)
    ranked = np.argsort(distances, axis=1, kind="stable")[:, : min(n_neighbours, len(ids) - 1)]
    return {i: [ids[j] for j in row] for i, row in zip(ids, ranked.tolist(), strict=True)}
