"""The paper that a figure is drawn on: places in points, text that stays text, stable bytes."""

from __future__ import annotations

import io
import logging
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import UsageError
from pipeline.render.figures.fonts import DEFAULT_FAMILY, families_for, require_font
from pipeline.render.figures.style import SMALLEST_TYPE, FigureStyle, Mode
from pipeline.render.palette import BACKGROUND_DARK, UNASSIGNED_DARK, UNASSIGNED_LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")
POINTS_PER_INCH = 72.0
_RC: dict[Any, Any] = {
    "font.family": [DEFAULT_FAMILY],
    # Hinted letters have other widths than their outlines, and a halo would not fit its name.
    "text.hinting": "no_hinting",
    "svg.fonttype": "none",
    "svg.hashsalt": "paperatlas",
    "pdf.fonttype": 42,
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a figure is drawn on, and in, as `#rrggbb`."""

    paper: str
    ink: str
    soft: str
    """Ink of what is read last; 4.5:1 against the paper."""
    other: str
    """Points of the kinds that have no colour of their own."""
    quiet: str
    """Points of papers without a theme, and of those that a highlight leaves in the background."""


# White, not the page's warm ground: on the page of a journal that would be a visible box.
GROUNDS: dict[Mode, Ground] = {
    "light": Ground("#ffffff", "#1d2026", "#5a606b", "#8b9099", UNASSIGNED_LIGHT),
    "dark": Ground(BACKGROUND_DARK, "#eceef2", "#a3a9b5", "#858b96", UNASSIGNED_DARK),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the sheet, in points from its lower left."""

    left: float
    low: float
    right: float
    high: float

    @property
    def width(self) -> float:
        """Never below 0."""
        return max(0.0, self.right - self.left)

    @property
    def height(self) -> float:
        """Never below 0."""
        return max(0.0, self.high - self.low)

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """(left, low, right, high)."""
        return self.left, self.low, self.right, self.high

    def inset(self, margin: float) -> Box:
        """The box without a margin on each side."""
        return Box(self.left + margin, self.low + margin, self.right - margin, self.high - margin)

    def cut_top(self, height: float) -> tuple[Box, Box]:
        """What is left, and a strip of that height off the top."""
        cut = self.high - height
        return (
            Box(self.left, self.low, self.right, cut),
            Box(self.left, cut, self.right, self.high),
        )

    def cut_bottom(self, height: float) -> tuple[Box, Box]:
        """What is left, and a strip of that height off the bottom."""
        cut = self.low + height
        return (
            Box(self.left, cut, self.right, self.high),
            Box(self.left, self.low, self.right, cut),
        )

    def cut_right(self, width: float) -> tuple[Box, Box]:
        """What is left, and a strip of that width off the right."""
        cut = self.right - width
        return (
            Box(self.left, self.low, cut, self.high),
            Box(cut, self.low, self.right, self.high),
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """One axes over the whole figure, in points: type and places on the map share a unit."""

    figure: Figure
    axes: Axes
    width: float
    height: float
    style: FigureStyle
    ground: Ground
    family: str

    @property
    def whole(self) -> Box:
        """All of it but a margin."""
        return Box(0.0, 0.0, self.width, self.height).inset(self.margin)

    @property
    def margin(self) -> float:
        """Points that stay empty along the edges; little in a column, which has a margin itself."""
        return (2.0 if self.style.is_slide else 0.45) * self.size

    @property
    def size(self) -> float:
        """Points of an ordinary name."""
        return self.style.type_size

    @property
    def small(self) -> float:
        """Points of counts, ticks and legends."""
        return max(SMALLEST_TYPE, 0.8 * self.size)

    @property
    def stroke(self) -> float:
        """Points of a thin line, which may not vanish in print."""
        return max(0.35, 0.8 * self.size / 12.0)

    def text(self, x: float, y: float, text: str, size: float, **how: Any) -> Any:  # noqa: ANN401
        """Put text on the sheet, in fonts that have its letters; `how` as for matplotlib."""
        text = drawable(text)
        how = {"color": self.ground.ink, "va": "center"} | how
        return self.axes.text(
            x,
            y,
            text,
            fontsize=size,
            fontfamily=families_for(text, self.family),
            parse_math=False,  # a dollar sign in a name is a dollar sign
            **how,
        )

    def measure(self, text: str, size: float, **how: Any) -> tuple[float, float]:  # noqa: ANN401
        """Width and height of a text in points."""
        drawn = self.text(0.0, 0.0, text, size, **how)
        box = drawn.get_window_extent()
        drawn.remove()
        return float(box.width), float(box.height)

    def wrapped(self, text: str, size: float, room: float, **how: Any) -> list[str]:  # noqa: ANN401
        """The text in lines of at most `room`; a word that is wider alone is broken."""
        lines = [""]
        for word in drawable(text).split():
            longer = f"{lines[-1]} {word}".lstrip()
            if self.measure(longer, size, **how)[0] <= room:
                lines[-1] = longer
                continue
            lines += [""] if lines[-1] else []
            for letter in word:
                if lines[-1] and self.measure(lines[-1] + letter, size, **how)[0] > room:
                    lines.append("")
                lines[-1] += letter
        return lines

    def fitted(self, text: str, size: float, room: float, **how: Any) -> str:  # noqa: ANN401
        """The text, shortened with `…` where it is wider than `room`."""
        text = " ".join(drawable(text).split())
        if self.measure(text, size, **how)[0] <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.measure(text[:middle].rstrip() + "…", size, **how)[0] <= room:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…"


def drawable(text: str) -> str:
    """The text without what fonts and XML cannot hold: control characters, lone surrogates."""
    return "".join(
        " " if unicodedata.category(ch) in {"Cc", "Cs", "Zl", "Zp"} and ch != "\n" else ch
        for ch in text
    )


def draw(paint: Callable[[Sheet], None], suffix: str, style: FigureStyle) -> bytes:
    """The bytes of a figure, `png`, `svg` or `pdf`, that `paint` fills; the same, the same bytes.

    Raises UsageError for a format or a font that there is not.
    """
    require_format(suffix)
    with plain_matplotlib():
        family = DEFAULT_FAMILY if style.font is None else require_font(style.font)
        sheet = _new_sheet(style, family)
        paint(sheet)
        return encode(sheet.figure, suffix, style.dots_per_inch, sheet.ground.paper)


def require_format(suffix: str) -> None:
    """UsageError, naming the formats, for another one."""
    if suffix not in FORMATS:
        raise UsageError(f"no figure format {suffix!r}; known: {', '.join(FORMATS)}")


@contextmanager
def plain_matplotlib() -> Iterator[None]:
    """matplotlib in the style of the figures, and silent about fonts."""
    import matplotlib as mpl  # 0.4 s that only a figure should cost

    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    with mpl.rc_context(), warnings.catch_warnings():
        # A letter that no installed font has is drawn as a box; a warning would not change that.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        log.setLevel(logging.ERROR)  # such as that a font for Chinese has no bold
        mpl.rcdefaults()  # a user's matplotlibrc must not change the picture
        for key, value in _RC.items():
            mpl.rcParams[key] = value
        try:
            yield
        finally:
            log.setLevel(level)


def _new_sheet(style: FigureStyle, family: str) -> Sheet:
    ground = GROUNDS[style.mode]
    figure, _ = new_figure(style, ground.paper)
    width, height = (side * POINTS_PER_INCH for side in (style.width_inches, style.height_inches))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, width), ylim=(0.0, height), autoscale_on=False)
    axes.set_axis_off()
    return Sheet(figure, axes, width, height, style, ground, family)


def new_figure(style: FigureStyle, paper: str) -> tuple[Figure, FigureCanvasAgg]:
    """An empty figure of the style's size, without the windows of pyplot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (style.width_inches, style.height_inches)
    figure = Figure(figsize=size, dpi=POINTS_PER_INCH, facecolor=paper)
    return figure, FigureCanvasAgg(figure)


def encode(figure: Figure, suffix: str, dpi: int, paper: str) -> bytes:
    """The file's bytes, without the dates and versions that matplotlib would write into it."""
    stripped = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    buffer = io.BytesIO()
    figure.savefig(buffer, format=suffix, dpi=dpi, facecolor=paper, metadata=stripped[suffix])
    picture = buffer.getvalue()
    if suffix == "svg":
        # For readers without DejaVu: Verdana has nearly the same widths. matplotlib itself cannot
        # be given the list, it would look for each font and complain.
        return picture.replace(b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")
    return picture
