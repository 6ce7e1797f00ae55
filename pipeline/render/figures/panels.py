"""Small multiples: the map once a year, its papers in colour over all others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.render.figures.colouring import Bools, Colouring, colour_papers, rgb_of
from pipeline.render.figures.highlight import Highlight
from pipeline.render.figures.keys import draw_key
from pipeline.render.figures.margins import draw_foot, draw_title, foot_height
from pipeline.render.figures.scatter import (
    chance_order,
    map_scale,
    place_points,
    point_diameter,
    scatter_discs,
)
from pipeline.render.figures.sheet import Box, Sheet
from pipeline.render.figures.year_spans import NO_YEAR, Span, paper_years, span_years
from pipeline.render.view import MapView
from pipeline.render.wording import counts_line

MOST_PANELS = 12


def draw_panels(sheet: Sheet, view: MapView, layer: int, highlight: Highlight) -> None:
    """Draw one panel for each year, or span of years where there are many."""
    years = paper_years(view.papers)
    colouring = colour_papers(view, sheet.style, layer)
    if highlight:
        colouring = colouring.lit(highlight.lit_rows(view), sheet.ground)
    box, foot = draw_title(sheet, view.title, sheet.whole).cut_bottom(foot_height(sheet))
    if sheet.style.legend is not False:
        # Below: beside, the panels would lose more of their width than of their height.
        box = draw_key(sheet, colouring, box, beside=False)
    spans, cells = _grid(sheet, box, years, _ratio(view.layout))
    for span, cell in zip(spans, cells, strict=True):
        of_span = (years >= span.first) & (years <= span.last)
        _draw_panel(sheet, view, colouring, cell, span, of_span)
    n_undated = int((years == NO_YEAR).sum())
    missing = f"{n_undated:,} papers without a year are not shown" if n_undated else ""
    draw_foot(sheet, foot, counts_line(view, layer), missing, view.snapshot)


def _head(sheet: Sheet) -> float:
    return 1.5 * sheet.size


def _ratio(layout: NDArray[np.float32]) -> float:
    """Width by height of the layout, within what a panel may have."""
    points = np.asarray(layout, dtype=np.float64)
    width, height = np.ptp(points, axis=0) if len(points) else (1.0, 1.0)
    return float(np.clip(width / max(height, 1e-9), 0.6, 1.8)) if width > 0 else 1.0


def _grid(
    sheet: Sheet, box: Box, years: NDArray[np.int64], ratio: float
) -> tuple[list[Span], list[Box]]:
    """As many spans of years as there is room for, and the box of each one's panel."""
    for most in range(MOST_PANELS, 0, -1):
        spans = span_years(years, most)
        narrowest = max(_head_width(sheet, span) for span in spans)
        cells = _cells(box, len(spans), ratio, _head(sheet), 0.9 * sheet.size)
        if cells[0].width >= narrowest and cells[0].height >= 3.0 * _head(sheet):
            break
    return spans, cells


def _head_width(sheet: Sheet, span: Span) -> float:
    year = sheet.measure(span.name, sheet.size, fontweight="bold")[0]
    return year + sheet.size + sheet.measure(f"{span.n_papers:,}", sheet.small)[0]


def _cells(box: Box, n: int, ratio: float, head: float, gap: float) -> list[Box]:
    """Boxes for n panels, in as many columns as make the maps largest; row by row from the top."""

    def size_of(columns: int) -> tuple[float, float]:
        rows = -(-n // columns)
        width = (box.width - gap * (columns - 1)) / columns
        return width, (box.height - gap * (rows - 1)) / rows

    def map_width(columns: int) -> float:
        width, height = size_of(columns)
        return min(width, (height - head) * ratio)

    columns = max(range(1, n + 1), key=map_width)
    width, height = size_of(columns)
    cells = []
    for i in range(n):
        row, column = divmod(i, columns)
        left, high = box.left + column * (width + gap), box.high - row * (height + gap)
        cells.append(Box(left, high - height, left + width, high))
    return cells


def _draw_panel(
    sheet: Sheet, view: MapView, colouring: Colouring, cell: Box, span: Span, rows: Bools
) -> None:
    inner, head = cell.cut_top(_head(sheet))
    y = (head.low + head.high) / 2
    sheet.text(head.left, y, span.name, sheet.size, fontweight="bold", va="center_baseline")
    told = f"{span.n_papers:,}"
    sheet.text(
        head.right, y, told, sheet.small, ha="right", va="center_baseline", color=sheet.ground.soft
    )
    sheet.axes.plot(
        [head.left, head.right], [head.low] * 2, color=sheet.ground.quiet, lw=0.6 * sheet.stroke
    )
    points = place_points(view.layout, inner.inset(0.5 * sheet.size))
    # A panel has few of all papers: as large as on a map of its own papers, where they have room.
    n_own = max(int(rows.sum()), len(points) // MOST_PANELS)
    diameter = 1.5 * point_diameter(map_scale(inner), n_own)
    quiet = np.tile(rgb_of(sheet.ground.quiet), (len(points), 1))
    other = np.tile(rgb_of(sheet.ground.other), (len(points), 1))
    scatter_discs(sheet, points, 0.6 * diameter, quiet, alpha=0.55)
    plain = rows & ~colouring.is_known
    scatter_discs(sheet, points[plain], 0.7 * diameter, other[plain])
    order = chance_order(len(points))
    own = order[(rows & colouring.is_known)[order]]
    scatter_discs(sheet, points[own], diameter, colouring.rgb[own])
