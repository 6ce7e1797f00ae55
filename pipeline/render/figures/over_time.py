"""Groups of papers over the years, as streams or bars, each named where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UsageError
from pipeline.render.figures.colouring import (
    NAMELESS,
    Colouring,
    Floats,
    Group,
    colour_papers,
)
from pipeline.render.figures.highlight import Highlight
from pipeline.render.figures.margins import draw_foot, draw_title, foot_height
from pipeline.render.figures.sheet import Box, Ground, Sheet
from pipeline.render.figures.year_spans import NO_YEAR, paper_years
from pipeline.render.view import MapView
from pipeline.render.wording import counts_line, wrap_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_GROUPS = 15
_MOST_OF_WIDTH = 0.4
"""Of the page that names may take."""
_STEPS = 24
"""Points of a stream's edge between one year and the next."""
_BAR_WIDTH = 0.78


@dataclass(frozen=True, slots=True)
class Series:
    """Papers of each group in each year, each paper with a year in one group."""

    years: NDArray[np.int64]
    """(n_years,) every year from the first to the last, those without papers too."""
    groups: tuple[Group, ...]
    """The lowest first: those whose papers are older on the whole."""
    counts: NDArray[np.int64]
    """(n_groups, n_years)."""

    @property
    def shares(self) -> Floats:
        """(n_groups, n_years) of the year's papers, in [0, 1]; 0 in a year without any."""
        totals = self.counts.sum(axis=0)
        shares: Floats = self.counts / np.maximum(totals, 1)
        return shares


def count_over_time(
    view: MapView, colouring: Colouring, ground: Ground, *, most: int = _MOST_GROUPS
) -> Series:
    """How many papers each group has in each year; beyond `most` groups the smaller ones are one
    group of others, and papers of no group are one too.

    Raises UsageError where no paper has a year.
    """
    years = paper_years(view.papers)
    dated = years != NO_YEAR
    span = np.arange(years[dated].min(), years[dated].max() + 1)
    groups, group_of = _few_groups(colouring, most, ground)
    counts = np.zeros((len(groups), len(span)), dtype=np.int64)
    np.add.at(counts, (group_of[dated], years[dated] - span[0]), 1)
    held = np.flatnonzero(counts.sum(axis=1))
    mean_year = (counts[held] * span).sum(axis=1) / counts[held].sum(axis=1)
    # What has no name of its own lies on top, where it moves no other stream.
    nameless = np.array([groups[i].id == NAMELESS for i in held], dtype=bool)
    order = held[np.lexsort((held, mean_year, nameless))]
    return Series(span, tuple(groups[i] for i in order), counts[order])


def _few_groups(
    colouring: Colouring, most: int, ground: Ground
) -> tuple[list[Group], NDArray[np.int64]]:
    """The largest groups, one of the others and one of no group; and the place of each paper."""
    groups, rest = list(colouring.groups[:most]), colouring.groups[most:]
    group_of = np.minimum(colouring.group_of, most)
    if rest:
        n_papers = sum(group.n_papers for group in rest)
        name = f"{len(rest):,} others"
        groups.append(Group(NAMELESS, name, n_papers, ground.other, ground.soft))
    none = group_of < 0
    if none.any():
        name = f"no {colouring.by}"
        groups.append(Group(NAMELESS, name, int(none.sum()), ground.quiet, ground.soft))
        group_of[none] = len(groups) - 1
    return groups, group_of


def draw_over_time(sheet: Sheet, view: MapView, layer: int, highlight: Highlight) -> None:
    """Draw streams or bars of the groups, named at the right."""
    style = sheet.style
    if highlight.rows:
        raise UsageError(
            f"one paper is not to be seen in --kind {style.kind}", hint="highlight themes"
        )
    colouring = colour_papers(view, style, layer)
    if colouring.scale is not None:
        raise UsageError(
            f"--colour-by {colouring.by} makes no {style.kind}: its values are numbers",
            hint="such as theme, venue or category",
        )
    box, foot = draw_title(sheet, view.title, sheet.whole).cut_bottom(foot_height(sheet))
    # Two lines a name, and two groups for what has none.
    n_names = int(box.height / (2.6 * sheet.small)) - 2
    most = max(1, min(_MOST_GROUPS, n_names))
    series = count_over_time(view, colouring, sheet.ground, most=most)
    if len(series.years) < 2 and style.kind == "stream":
        raise UsageError(f"all papers are of {series.years[0]}", hint="--kind bars shows one year")
    _Chart(sheet, series, _looks(sheet, series, highlight), box).draw()
    undated = sum(paper.year is None for paper in view.papers)
    missing = f"{undated:,} papers without a year are not shown" if undated else ""
    draw_foot(sheet, foot, counts_line(view, layer), missing, view.snapshot)


@dataclass(frozen=True, slots=True)
class _Look:
    """How one group is drawn."""

    colour: str
    ink: str
    weight: str


def _looks(sheet: Sheet, series: Series, highlight: Highlight) -> list[_Look]:
    looks = []
    for group in series.groups:
        is_lit = not highlight or group.id in highlight.theme_ids
        is_named = group.id != NAMELESS
        colour = group.colour if is_lit else sheet.ground.quiet
        ink = group.ink if is_lit else sheet.ground.soft
        looks.append(_Look(colour, ink, "bold" if is_lit and is_named else "normal"))
    return looks


@dataclass(frozen=True, slots=True)
class _Name:
    """A name in its lines, and its size in points."""

    text: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Chart:
    sheet: Sheet
    series: Series
    looks: Sequence[_Look]
    box: Box

    def draw(self) -> None:
        """Draw axes, bands and names."""
        sheet, style = self.sheet, self.sheet.style
        names = [] if style.names is False else self._names()
        column_width = max((name.width for name in names), default=0.0) + 2.2 * sheet.size
        rest, column = self.box.cut_right(column_width if names else 0.0)
        # At either end of the axis half a year's digits, or a count such as 10,000, stick out.
        half_year = 0.6 * sheet.measure("2024", sheet.small)[0]
        axis_width = half_year if self._is_free else 4.2 * sheet.small
        plot = Box(
            rest.left + axis_width,
            rest.low + 2.1 * sheet.small,
            rest.right - (0.0 if names else half_year),
            rest.high - 0.8 * sheet.size,
        )
        axes = self._axes(plot)
        edges = self._draw_stream(axes) if style.kind == "stream" else self._draw_bars(axes)
        self._finish(axes, plot)
        if names:
            low, high = axes.get_ylim()
            on_page = plot.low + (edges - low) / (high - low) * plot.height
            self._draw_names(names, (on_page[:-1] + on_page[1:]) / 2, plot, column)

    @property
    def _is_free(self) -> bool:
        """Whether the streams float: then heights are told by a bar, not by an axis."""
        return self.sheet.style.kind == "stream" and not self.sheet.style.share

    @property
    def _heights(self) -> Floats:
        if self.sheet.style.share:
            return self.series.shares
        return self.series.counts.astype(np.float64)

    def _axes(self, plot: Box) -> Axes:
        sheet = self.sheet
        axes = sheet.figure.add_axes(
            (
                plot.left / sheet.width,
                plot.low / sheet.height,
                plot.width / sheet.width,
                plot.height / sheet.height,
            )
        )
        axes.set_facecolor("none")
        return axes

    def _draw_stream(self, axes: Axes) -> Floats:
        """Bands whose thickness in a year is its count; gives the edges at the last year."""
        from scipy.interpolate import PchipInterpolator

        years = self.series.years
        fine = np.linspace(years[0], years[-1], (len(years) - 1) * _STEPS + 1)
        # Shape-preserving (Fritsch and Carlson 1980): never below 0, and true in every year.
        bands = np.maximum(PchipInterpolator(years, self._heights, axis=1)(fine), 0.0)
        edges = np.concatenate([np.zeros((1, len(fine))), np.cumsum(bands, axis=0)])
        if self._is_free:
            edges = edges - edges[-1] / 2
        rim: dict[str, Any] = {
            "edgecolor": self.sheet.ground.paper,
            "linewidth": 0.6 * self.sheet.stroke,
        }
        for i, look in enumerate(self.looks):
            axes.fill_between(fine, edges[i], edges[i + 1], facecolor=look.colour, **rim)
        axes.set_xlim(float(years[0]), float(years[-1]))
        axes.set_ylim(float(edges.min()), float(edges.max()))
        last: Floats = edges[:, -1]
        return last

    def _draw_bars(self, axes: Axes) -> Floats:
        years, heights = self.series.years, self._heights
        bottom = np.zeros(len(years))
        for look, own in zip(self.looks, heights, strict=True):
            axes.bar(
                years,
                own,
                width=_BAR_WIDTH,
                bottom=bottom,
                color=look.colour,
                edgecolor=self.sheet.ground.paper,
                linewidth=0.6 * self.sheet.stroke,
            )
            bottom = bottom + own
        axes.set_xlim(float(years[0]) - 0.5, float(years[-1]) + 0.5)
        axes.set_ylim(0.0, float(bottom.max()) * (1.0 if self.sheet.style.share else 1.03))
        return np.concatenate([[0.0], np.cumsum(heights[:, -1])])

    def _finish(self, axes: Axes, plot: Box) -> None:
        """Years below, and counts or shares at the left, in plain type."""
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        sheet, size, is_share = self.sheet, self.sheet.small, self.sheet.style.share
        room = plot.width / (1.7 * sheet.measure("2024", size)[0])
        axes.set_xticks(_told_years(self.series.years, max(1, int(room))))
        axes.tick_params(
            length=2.5 * sheet.stroke,
            width=sheet.stroke,
            pad=0.35 * size,
            labelsize=size,
            colors=sheet.ground.soft,
            labelfontfamily=sheet.family,
        )
        axes.tick_params(axis="x", pad=0.7 * size)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set(color=sheet.ground.soft, linewidth=sheet.stroke)
        if self._is_free:
            axes.set_yticks([])
            self._draw_measure(axes, plot)
            return
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=not is_share, min_n_ticks=2))
        axes.yaxis.set_major_formatter(
            FuncFormatter(lambda y, _: f"{100 * y:.0f}%" if is_share else f"{y:,.0f}")
        )

    def _draw_measure(self, axes: Axes, plot: Box) -> None:
        """A bar that says how high so many papers are, at the upper left."""
        sheet, size, soft = self.sheet, self.sheet.small, self.sheet.ground.soft
        low, high = axes.get_ylim()
        count = _round_below((high - low) / 5)
        height = count / (high - low) * plot.height
        x, y = plot.left + 0.3 * sheet.size, plot.high
        sheet.axes.plot(
            [x, x], [y - height, y], color=soft, lw=1.4 * sheet.stroke, solid_capstyle="butt"
        )
        told = f"{count:,.0f} paper" + ("" if count == 1 else "s")
        middle = y - height / 2
        sheet.text(x + 0.5 * size, middle, told, size, color=soft, va="center_baseline")

    def _names(self) -> list[_Name]:
        """The groups' names, set in lines and measured."""
        sheet, size = self.sheet, self.sheet.small
        room = _MOST_OF_WIDTH * sheet.width - 2.2 * sheet.size
        names = []
        for group, look in zip(self.series.groups, self.looks, strict=True):
            lines = wrap_name(group.name, line_length=26)
            text = "\n".join(
                sheet.fitted(line, size, room, fontweight=look.weight) for line in lines
            )
            extent = sheet.measure(text, size, fontweight=look.weight, linespacing=1.1)
            names.append(_Name(text, *extent))
        return names

    def _draw_names(self, names: Sequence[_Name], ends: Floats, plot: Box, column: Box) -> None:
        """Each name as near as there is room to the end of its band, in the bands' order."""
        sheet, size = self.sheet, self.sheet.size
        heights = np.array([name.height for name in names]) + 0.3 * sheet.small
        places = spread_apart(ends, heights, self.box.low, self.box.high)
        end, x = plot.right, column.left + 2.0 * size
        if sheet.style.kind == "bars":
            end -= plot.width * (1 - _BAR_WIDTH) / 2 / len(self.series.years)
        xs = [end, end + 0.25 * (x - end), x - 0.75 * size, x - 0.35 * size]
        for name, look, start, y in zip(names, self.looks, ends, places, strict=True):
            ys = [start, start, y, y]
            sheet.axes.plot(xs, ys, color=look.colour, lw=1.2 * sheet.stroke)
            style = {"color": look.ink, "fontweight": look.weight, "linespacing": 1.1}
            sheet.text(x, y, name.text, sheet.small, **style)


def _told_years(years: NDArray[np.int64], most: int) -> list[int]:
    """Years to write below: all of them, or the round ones of which at most `most` fit."""
    told = years.tolist()
    for step in (1, 2, 5, 10, 20, 50, 100):
        told = [year for year in years.tolist() if year % step == 0]
        if len(told) <= most:
            break
    return told or [int(years[0])]


def spread_apart(wanted: Floats, heights: Floats, low: float, high: float) -> Floats:
    """Centres of boxes of these heights, in the order of `wanted` and as near to it as they can be
    without overlap, between low and high; evenly squeezed where they are higher than that.

    The least squares solution, an isotonic regression of what is left without the heights
    (Barlow, Bartholomew, Bremner and Brunk 1972).
    """
    from scipy.optimize import isotonic_regression

    if not len(wanted):
        return wanted
    heights = heights * min(1.0, (high - low) / heights.sum())
    offsets = np.concatenate([[0.0], np.cumsum((heights[:-1] + heights[1:]) / 2)])
    first = isotonic_regression(wanted - offsets).x
    highest = high - heights[-1] / 2 - offsets[-1]
    centres: Floats = (
        np.clip(first, low + heights[0] / 2, max(low + heights[0] / 2, highest)) + offsets
    )
    return centres


def _round_below(number: float) -> float:
    """The largest of 1, 2, 5, 10, 20, ... that is not above the number; 1 at least."""
    power = 10.0 ** max(0.0, np.floor(np.log10(max(number, 1.0))))
    return float(power * max(step for step in (1, 2, 5) if step == 1 or step * power <= number))
