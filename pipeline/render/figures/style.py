"""How a figure is to look: the one record behind the command line and Python."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Literal, get_args

from pipeline.errors import UsageError
from pipeline.render.figures.lengths import MM_PER_INCH, read_length

Kind = Literal["map", "years", "stream", "bars"]
Mode = Literal["light", "dark"]
Look = Literal["paperatlas", "datamapplot"]

KINDS: tuple[Kind, ...] = get_args(Kind)
MODES: tuple[Mode, ...] = get_args(Mode)
LOOKS: tuple[Look, ...] = get_args(Look)
OVER_TIME = ("stream", "bars")

SMALLEST_TYPE = 5.0
"""Points. Journals ask for 5 to 7 in print; nothing on a figure is set smaller."""
DPI_RANGE = (30, 1200)
TYPE_RANGE = (SMALLEST_TYPE, 72.0)
SIDE_RANGE_MM = (30.0, 3000.0)
MOST_DOTS = 150_000_000
"""A poster of 84 by 119 cm at 300 dpi has 139 million; each takes 4 bytes while it is drawn."""

_SLIDE_WIDTH_MM = 12.8 * MM_PER_INCH
_COLUMN_WIDTH_MM = 250.0
"""Narrower figures stand in a column of text: their title and counts belong in the caption."""
_TYPE_SIZES = ((85.0, 5.8), (180.0, 6.8), (_SLIDE_WIDTH_MM, 12.0))
"""Width in mm and points of type; wider figures scale as the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureStyle:
    """What a figure shows of an atlas, and how; any atlas can be drawn in any style.

    Raises UsageError where a value is out of range, is unknown, or says nothing for the others.
    """

    kind: Kind = "map"
    """`map`; `years`, the map year by year; `stream` or `bars` of the groups over the years."""
    look: Look = "paperatlas"
    """`datamapplot` draws the map by that library, where it is installed."""
    width: str | None = None
    """With its unit: `85mm`, `7in`, `1200px`; by default that of a slide, 12.8 inches."""
    height: str | None = None
    """By default what suits the width and the kind."""
    dpi: int | None = None
    """Dots an inch, of a PNG and of the points inside SVG and PDF; by default 300, on a slide
    200."""
    layer: int | None = None
    """Whose themes are named and coloured, 0 the finest; by default one that suits the kind."""
    colour_by: str = "theme"
    """`theme`, `year`, `venue`, `category`, `source`, or any column of the sources."""
    font: str | None = None
    """A family of fonts on this machine; by default the one that comes with matplotlib."""
    font_size: float | None = None
    """Points of an ordinary name; by default what suits the width."""
    mode: Mode = "light"
    names: bool | None = None
    """Names of themes on the map or beside the streams; by default where colours mean themes."""
    legend: bool | None = None
    """By default where the colours would say nothing without one."""
    title: str | None = None
    """By default that of the map on slides, and none on figures narrower than 250 mm."""
    share: bool = False
    """Streams and bars of each year's share in place of its number of papers."""

    def __post_init__(self) -> None:
        """Check each value, then those that depend on each other."""
        _require_known("--kind", self.kind, KINDS)
        _require_known("--mode", self.mode, MODES)
        _require_known("--look", self.look, LOOKS)
        _require_within("--dpi", self.dpi, DPI_RANGE)
        _require_within("--font-size", self.font_size, TYPE_RANGE, "points")
        if self.layer is not None and self.layer < 0:
            raise UsageError(f"no layer {self.layer}", hint="0 has the finest themes")
        if not self.colour_by.strip():
            raise UsageError("--colour-by is empty", hint="such as theme, year or venue")
        for option, given, side in (
            ("--width", self.width, self.width_mm),
            ("--height", self.height, self.height_mm),
        ):
            _require_within(option, round(side, 3), SIDE_RANGE_MM, "mm", given=given)
        self._require_dots()
        self._require_sense()

    def _require_dots(self) -> None:
        dots = self.width_inches * self.height_inches * self.dots_per_inch**2
        if dots > MOST_DOTS:
            raise UsageError(
                f"a figure of {dots / 1e6:,.0f} million dots",
                hint=f"at most {MOST_DOTS // 10**6} million: lower --dpi, --width or --height",
            )

    def _require_sense(self) -> None:
        for is_said, option, why in (
            (self.share and not self.is_over_time, "--share", "only streams and bars have shares"),
            (self.names and self.kind == "years", "--names", "the panels are too small for names"),
            (self.legend and self.is_over_time, "--legend", "names stand beside what they name"),
        ):
            if is_said:
                raise UsageError(f"{option} says nothing for --kind {self.kind}", hint=why)
        if self.look == "datamapplot":
            self._require_plain()

    def _require_plain(self) -> None:
        """UsageError where DataMapPlot's look would leave something out."""
        for option, is_said in (
            (f"--kind {self.kind}", self.kind != "map"),
            (f"--colour-by {self.colour_by}", not self.is_by_theme),
            ("--legend", bool(self.legend)),
        ):
            if is_said:
                raise UsageError(
                    f"{option} says nothing for --look datamapplot",
                    hint="it draws the map by themes alone; leave one of the two away",
                )

    @property
    def is_over_time(self) -> bool:
        """Whether years run from left to right."""
        return self.kind in OVER_TIME

    @property
    def is_by_theme(self) -> bool:
        """Whether colours mean themes."""
        return self.colour_by.strip().lower() == "theme"

    @property
    def is_slide(self) -> bool:
        """Whether the figure stands alone, with its own title and counts."""
        return self.width_mm >= _COLUMN_WIDTH_MM

    @property
    def dots_per_inch(self) -> int:
        """Those asked for, else those that suit the width."""
        if self.dpi is not None:
            return self.dpi
        in_dots = (self.width or "").strip().lower().endswith("px")
        is_wide = self.width is None or in_dots or self.width_mm >= _COLUMN_WIDTH_MM
        return 200 if is_wide else 300

    @property
    def width_mm(self) -> float:
        """Width in millimetres."""
        if self.width is None:
            return _SLIDE_WIDTH_MM
        # Only px asks for the dots, and then they do not depend on the width.
        in_dots = self.width.strip().lower().endswith("px")
        return read_length(self.width, dpi=(self.dpi or 200) if in_dots else 1) * MM_PER_INCH

    @property
    def height_mm(self) -> float:
        """Height in millimetres."""
        if self.height is not None:
            return read_length(self.height, dpi=self.dots_per_inch) * MM_PER_INCH
        # The shortest side of all is no reason to refuse a width.
        return max(self.width_mm * self._default_ratio, min(self.width_mm, SIDE_RANGE_MM[0]))

    @property
    def _default_ratio(self) -> float:
        if self.look == "datamapplot":
            return 1.0  # it stretches the map to the figure
        if self.is_slide:
            return 9 / 16
        is_narrow = self.width_mm <= 120.0
        if self.is_over_time:
            return 0.72 if is_narrow else 0.5
        if self.kind == "years":
            return 1.15 if is_narrow else 0.72
        return 0.92 if is_narrow else 0.7

    @property
    def width_inches(self) -> float:
        """Width in inches."""
        return self.width_mm / MM_PER_INCH

    @property
    def height_inches(self) -> float:
        """Height in inches."""
        return self.height_mm / MM_PER_INCH

    @property
    def reference_width_mm(self) -> float:
        """The width that type and points go by: less than the own one on very flat figures."""
        return min(self.width_mm, self.height_mm * 16 / 9)

    @property
    def type_size(self) -> float:
        """Points of an ordinary name."""
        if self.font_size is not None:
            return self.font_size
        width = self.reference_width_mm
        for (low, small), (high, large) in pairwise(_TYPE_SIZES):
            if width <= high:
                share = max(0.0, (width - low) / (high - low))
                return round(small + share * (large - small), 2)
        last_width, last_size = _TYPE_SIZES[-1]
        return round(last_size * width / last_width, 2)


def given_options(style: FigureStyle) -> list[str]:
    """The options that a style has changed, as the command line writes them."""
    plain = FigureStyle()
    changed = [f.name for f in fields(style) if getattr(style, f.name) != getattr(plain, f.name)]
    return [f"--{name.replace('_', '-')}" for name in changed]


def _require_known(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(f"no {option} {value!r}", hint=f"known: {', '.join(known)}")


def _require_within(
    option: str,
    value: float | None,
    bounds: tuple[float, float],
    unit: str = "",
    *,
    given: str | None = None,
) -> None:
    """UsageError for a value out of bounds, told as it was `given` where that is not the number."""
    low, high = bounds
    if value is not None and not low <= value <= high:
        told = f"{low:g} to {high:g}" + (f" {unit}" if unit else "")
        raise UsageError(f"{option} {given or f'{value:g}'}", hint=f"expected {told}")
