"""The map itself: papers, the colours' meaning, names of themes, titles of highlighted papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.render.anchors import theme_anchors
from pipeline.render.figures.colouring import (
    Colouring,
    Floats,
    colour_papers,
    rgb_of,
)
from pipeline.render.figures.highlight import Highlight
from pipeline.render.figures.keys import draw_key
from pipeline.render.figures.margins import draw_foot, draw_title, foot_height
from pipeline.render.figures.names import Name, draw_names, paper_names, theme_names
from pipeline.render.figures.scatter import (
    draw_density,
    draw_papers,
    map_scale,
    place_points,
    point_diameter,
    scatter_discs,
)
from pipeline.render.figures.sheet import Box, Sheet
from pipeline.render.palette import FRINGE_STRENGTH, theme_colours
from pipeline.render.view import MapView, ThemeLabel
from pipeline.render.wording import counts_line


@dataclass(frozen=True, slots=True)
class _Map:
    """What each part of the drawing needs to know."""

    sheet: Sheet
    view: MapView
    layer: int
    highlight: Highlight
    colouring: Colouring
    box: Box
    """Where papers and names may be."""
    points: Floats
    """(n_papers, 2) in points of the page."""

    @property
    def diameter(self) -> float:
        """Points across one paper."""
        return point_diameter(self.scale, len(self.points))

    @property
    def ring_radius(self) -> float:
        """Of the ring around a highlighted paper, in points."""
        sheet = self.sheet
        return (max(self.diameter, 0.36 * sheet.size) + 7.0 * sheet.stroke) / 2

    @property
    def scale(self) -> float:
        """Of points and their ground."""
        return map_scale(self.box)


def draw_theme_map(sheet: Sheet, view: MapView, layer: int, highlight: Highlight) -> None:
    """Draw the map of a view with the themes of `layer`."""
    style = sheet.style
    colouring = _colouring(sheet, view, layer, highlight)
    box = draw_title(sheet, view.title, sheet.whole)
    # The foot says how many names found a place, so its room is kept and filled at the end.
    box, foot = box.cut_bottom(foot_height(sheet))
    if style.legend or (style.legend is None and _needs_key(sheet)):
        box = draw_key(sheet, colouring, box)
    points = place_points(view.layout, _inner(sheet, box))
    drawn = _Map(sheet, view, layer, highlight, colouring, box, points)
    _draw_points(drawn)
    names = _names(drawn)
    n_named = draw_names(sheet, names, box, points, obstacles=_rings(drawn))
    counts = counts_line(view, layer)
    missing = f"{n_named:,} of {len(names):,} names shown" if n_named < len(names) else ""
    draw_foot(sheet, foot, counts, missing, view.snapshot)


def _needs_key(sheet: Sheet) -> bool:
    style = sheet.style
    return not style.is_by_theme or style.names is False


def _inner(sheet: Sheet, box: Box) -> Box:
    """The box less what names at its edge need to stand beside their papers."""
    if not _has_names(sheet):
        return box.inset(1.2 * sheet.size)
    side = min(5.5 * sheet.size, 0.12 * box.width)
    return Box(box.left + side, box.low + sheet.size, box.right - side, box.high - sheet.size)


def _has_names(sheet: Sheet) -> bool:
    # On colours that mean something else, names in colours of themes would mislead.
    return sheet.style.is_by_theme if sheet.style.names is None else sheet.style.names


def _colouring(sheet: Sheet, view: MapView, layer: int, highlight: Highlight) -> Colouring:
    """The papers' colours; with a highlight all but those in it quiet."""
    colouring = colour_papers(view, sheet.style, layer)
    if not highlight:
        return colouring
    return colouring.lit(highlight.lit_rows(view), sheet.ground)


def _draw_points(drawn: _Map) -> None:
    sheet, colouring = drawn.sheet, drawn.colouring
    known = colouring.is_known
    is_by_theme = sheet.style.is_by_theme
    if is_by_theme:
        highlight = drawn.highlight
        dense = known & highlight.rows_of_themes(drawn.view) if highlight else known
        draw_density(sheet, drawn.points[dense], colouring.rgb[dense], drawn.scale)
    # Strengths are those of the default layer's themes, and say nothing of years or venues.
    hollow = is_by_theme & (drawn.view.strengths < FRINGE_STRENGTH)
    draw_papers(sheet, drawn.points, colouring, drawn.diameter, hollow=hollow)
    rows = list(drawn.highlight.rows)
    ink = np.tile(rgb_of(sheet.ground.ink), (len(rows), 1))
    paper = np.tile(rgb_of(sheet.ground.paper), (len(rows), 1))
    # Ring, gap and a point that is not too small to be seen in it.
    diameter = 2 * drawn.ring_radius
    scatter_discs(sheet, drawn.points[rows], diameter, ink)
    scatter_discs(sheet, drawn.points[rows], diameter - 3.0 * sheet.stroke, paper)
    scatter_discs(sheet, drawn.points[rows], diameter - 7.0 * sheet.stroke, colouring.rgb[rows])


def _rings(drawn: _Map) -> NDArray[np.float64]:
    """(k, 4) boxes of the rings around highlighted papers, which no name may cover."""
    places = drawn.points[list(drawn.highlight.rows)]
    radius = drawn.ring_radius
    return np.concatenate([places - radius, places + radius], axis=1)


def _names(drawn: _Map) -> list[Name]:
    sheet, view, highlight = drawn.sheet, drawn.view, drawn.highlight
    names: list[Name] = []
    if _has_names(sheet):
        anchors = theme_anchors(view, drawn.points)
        lit = frozenset(highlight.theme_ids) if highlight else None
        themes = _named_themes(view, drawn.layer, highlight)
        names = theme_names(sheet, themes, anchors, _inks(drawn, themes), lit=lit)
    rows = list(highlight.rows)
    above = max((name.priority for name in names), default=0.0)
    papers = [view.papers[row] for row in rows]
    return names + paper_names(
        sheet, papers, drawn.points[rows], above=above, clearance=drawn.ring_radius
    )


def _inks(drawn: _Map, themes: Sequence[ThemeLabel]) -> Mapping[int, str]:
    """The ink of each theme's name, by id."""
    inks = {group.id: group.ink for group in drawn.colouring.groups}
    if all(theme.id in inks for theme in themes):
        return inks
    is_light = drawn.sheet.style.mode == "light"
    own = theme_colours(drawn.view)
    return {i: tones.ink_light if is_light else tones.ink_dark for i, tones in own.items()}


def _named_themes(view: MapView, layer: int, highlight: Highlight) -> list[ThemeLabel]:
    """Those of the layer, and the highlighted ones of others, each once."""
    themes = list(view.layers[layer]) if view.layers else []
    shown = {theme.id for theme in themes}
    others = [theme for other in view.layers for theme in other if theme.id not in shown]
    return themes + [theme for theme in others if theme.id in highlight.theme_ids]
