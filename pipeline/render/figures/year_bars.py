"""How many papers there are of each year, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.render.figures.sheet import Ground, Sheet, draw
from pipeline.render.figures.style import FigureStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BAR = "#5b7fa6"
_MOST_TOLD = 25
"""Bars up to this many have their number above them: more would run into each other."""


def render_years(n_papers: Mapping[int, int], suffix: str = "png", *, dpi: int = 200) -> bytes:
    """The bytes of a bar chart of papers by year, years without any among them; `png`, `svg` or
    `pdf`. The same numbers, the same bytes."""

    def paint(sheet: Sheet) -> None:
        axes = sheet.figure.add_axes((0.075, 0.13, 0.905, 0.80))
        _draw_bars(axes, n_papers, sheet.ground)

    return draw(paint, suffix, FigureStyle(width="9.6in", height="3.6in", dpi=dpi))


def _draw_bars(axes: Axes, n_papers: Mapping[int, int], ground: Ground) -> None:
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    years = range(min(n_papers, default=0), max(n_papers, default=-1) + 1)
    heights = [n_papers.get(year, 0) for year in years]
    bars = axes.bar(list(years), heights, width=0.8, color=_BAR)
    if len(years) <= _MOST_TOLD:
        told: dict[str, Any] = {"padding": 2, "fontsize": 8.5, "color": ground.ink}
        axes.bar_label(bars, [f"{height:,}" if height else "" for height in heights], **told)
        axes.set_yticks([])
        axes.set_xticks(list(years))
        # Twenty-five years in four digits would touch.
        axes.tick_params(axis="x", labelsize=9 if len(years) <= 18 else 7.5)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.set_ylabel("papers", color=ground.soft)
    axes.set_facecolor("none")
    axes.tick_params(colors=ground.soft, length=0)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(ground.soft)
    axes.margins(x=0.02, y=0.12)
