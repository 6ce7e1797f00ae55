"""How far the map can be believed, as the build has measured it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.evaluate.figure import Figure, no_figure
from pipeline.layout_quality import LayoutQuality

_UNMEASURED = "the map was not measured"
_TOO_FEW_PAPERS = "there are too few papers to rank"
_TOO_FEW_THEMES = "it takes four themes"


@dataclass(frozen=True, slots=True)
class MapQuality:
    """The figures of `LayoutQuality`, or why there is none."""

    trustworthiness: Figure
    continuity: Figure
    neighbors_kept: Figure
    arrangement: Figure
    far_share: Figure


def map_quality(layout: LayoutQuality | None) -> MapQuality:
    """The figures of a layout; none of an atlas whose build measured none."""
    if layout is None:
        none = no_figure(_UNMEASURED)
        return MapQuality(none, none, none, none, none)
    return MapQuality(
        _measured(layout.trustworthiness, _TOO_FEW_PAPERS),
        _measured(layout.continuity, _TOO_FEW_PAPERS),
        _measured(layout.neighbors_kept, _TOO_FEW_PAPERS),
        _measured(layout.arrangement, _TOO_FEW_THEMES),
        Figure(layout.far_share),
    )


def _measured(value: float | None, otherwise: str) -> Figure:
    return no_figure(otherwise) if value is None else Figure(value)
