"""Figures for papers and talks: PNG, or SVG and PDF whose text stays text."""

from __future__ import annotations

from pipeline.errors import UsageError
from pipeline.render.figures.highlight import Highlight, find_highlight
from pipeline.render.figures.sheet import Sheet, draw, require_format
from pipeline.render.figures.style import FigureStyle, given_options
from pipeline.render.figures.year_bars import render_years
from pipeline.render.view import MapView

__all__ = [
    "FigureStyle",
    "Highlight",
    "find_highlight",
    "given_options",
    "render_figure",
    "render_years",
]

_MOST_GROUPS = 15
"""Themes that a legend or streams can still name; the layer for them has at most so many."""
_PLAIN = FigureStyle()
_NOTHING = Highlight()


def render_figure(
    view: MapView,
    suffix: str = "png",
    style: FigureStyle = _PLAIN,
    highlight: Highlight = _NOTHING,
) -> bytes:
    """The bytes of a figure, `png`, `svg` or `pdf`; the same view and style, the same bytes.

    With a highlight all but its themes and papers are grey, and its papers are ringed and titled.
    Raises UsageError for a format, layer, column or font that there is not, and
    MissingDependencyError for a look whose library is not installed.
    """
    require_format(suffix)
    if style.look == "datamapplot":
        from pipeline.render.figures.datamapplot_look import render_datamapplot

        layer = _layer_of(view, style, highlight)
        return render_datamapplot(view, suffix, style, highlight, layer)
    return draw(lambda sheet: paint_figure(sheet, view, highlight), suffix, style)


def paint_figure(sheet: Sheet, view: MapView, highlight: Highlight = _NOTHING) -> None:
    """Draw a view on a sheet, in the sheet's style."""
    layer = _layer_of(view, sheet.style, highlight)
    if sheet.style.kind == "map":
        from pipeline.render.figures.theme_map import draw_theme_map

        draw_theme_map(sheet, view, layer, highlight)
    elif sheet.style.kind == "years":
        from pipeline.render.figures.panels import draw_panels

        draw_panels(sheet, view, layer, highlight)
    else:
        from pipeline.render.figures.over_time import draw_over_time

        draw_over_time(sheet, view, layer, highlight)


def _layer_of(view: MapView, style: FigureStyle, highlight: Highlight) -> int:
    """The layer asked for, else that of the highlight, else one that suits the kind."""
    if style.layer is not None:
        if style.layer >= max(1, len(view.layers)):
            last = len(view.layers) - 1
            hint = f"this map has the layers 0 (finest) to {last}" if last > 0 else "it has layer 0"
            raise UsageError(f"no layer {style.layer}", hint=hint)
        return style.layer
    highlighted = highlight.layer_in(view)
    if highlighted is not None:
        return highlighted
    if style.kind == "map":
        return view.default_layer
    few = [layer for layer, themes in enumerate(view.layers) if len(themes) <= _MOST_GROUPS]
    return min(few, default=max(0, len(view.layers) - 1))
