"""The map as a picture for a talk or a paper: PNG, or SVG and PDF whose text stays text."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UsageError
from pipeline.render.anchors import Anchor, theme_anchors
from pipeline.render.palette import (
    BACKGROUND_LIGHT,
    FRINGE_STRENGTH,
    UNASSIGNED_LIGHT,
    ThemeColours,
    colour_themes,
)
from pipeline.render.placement import Placement, place_labels
from pipeline.render.view import MapView, ThemeLabel
from pipeline.render.wording import counts_line, wrap_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

FORMATS = ("png", "svg", "pdf")
_INK, _INK_SOFT = "#1d2026", "#5a606b"
_POINTS_PER_INCH = 72.0
_STYLE: dict[str, Any] = {
    # The bundled font, so that a picture is the same wherever it is drawn.
    "font.family": ["DejaVu Sans"],
    "svg.fonttype": "none",
    "svg.hashsalt": "paperatlas",
    "pdf.fonttype": 42,
}


@dataclass(frozen=True, slots=True)
class _Frame:
    """Places on the figure in points (1/72 inch), from the lower left."""

    width: float
    height: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Where names may stand: all but the margins, the title and the footer."""
        return 14.0, 30.0, self.width - 14.0, self.height - 48.0

    @property
    def scale(self) -> float:
        """1 for the default width; type and points grow with the figure."""
        return self.width / (12.8 * _POINTS_PER_INCH)


def render_figure(
    view: MapView,
    suffix: str = "png",
    *,
    layer: int | None = None,
    width_inches: float = 12.8,
    height_inches: float = 7.2,
    dpi: int = 200,
) -> bytes:
    """The bytes of a figure with the themes of one layer named; the same view, the same bytes.

    suffix: `png`, `svg` or `pdf`; layer: 0 is the finest, None the default one; dpi: of the png,
    and of the scatter, which is a raster inside svg and pdf too, so that 80,000 papers stay small.
    Raises UsageError for a format or layer that there is not.
    """
    if suffix not in FORMATS:
        raise UsageError(f"no figure format {suffix!r}; known: {', '.join(FORMATS)}")
    shown = view.default_layer if layer is None else layer
    if not 0 <= shown < max(1, len(view.layers)):
        raise UsageError(f"no layer {layer}: this map has layers 0 to {len(view.layers) - 1}")
    import matplotlib as mpl  # noqa: PLC0415  # 0.4 s that only a figure should cost

    with mpl.rc_context():
        mpl.rcdefaults()  # a user's matplotlibrc must not change the picture
        mpl.rcParams.update(_STYLE)
        figure, canvas = _new_figure(width_inches, height_inches)
        _draw_map(figure, canvas, view, shown, _Frame(width_inches * 72, height_inches * 72))
        return _encode(figure, suffix, dpi)


def _new_figure(width_inches: float, height_inches: float) -> tuple[Figure, FigureCanvasAgg]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(
        figsize=(width_inches, height_inches), dpi=_POINTS_PER_INCH, facecolor=BACKGROUND_LIGHT
    )
    return figure, FigureCanvasAgg(figure)


def _encode(figure: Figure, suffix: str, dpi: int) -> bytes:
    """The file's bytes, without the dates and versions that matplotlib would write into it."""
    stripped = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format=suffix,
        dpi=dpi,
        facecolor=BACKGROUND_LIGHT,
        metadata=stripped[suffix],  # type: ignore[arg-type]  # None is documented, the stub lacks it
    )
    picture = buffer.getvalue()
    if suffix == "svg":
        # For readers without DejaVu: Verdana has nearly the same widths. matplotlib itself cannot
        # be given the list, it would look for each font and complain.
        return picture.replace(b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")
    return picture


def _draw_map(
    figure: Figure, canvas: FigureCanvasAgg, view: MapView, layer: int, frame: _Frame
) -> None:
    # One axes over the whole figure, in points: sizes of type and places on the map share a unit.
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, frame.width), ylim=(0.0, frame.height))
    axes.set_axis_off()
    points = _page_points(view.layout, frame)
    anchors = theme_anchors(view, points)
    colours = colour_themes(view.layers, anchors)
    theme_ids = view.theme_ids[layer] if len(view.theme_ids) else np.full(len(points), -1)
    point_colours = _point_colours(theme_ids, colours)
    _draw_density(axes, points, point_colours, theme_ids >= 0, frame)
    _draw_points(axes, points, point_colours, theme_ids >= 0, view.strengths, frame)
    themes = [t for t in (view.layers[layer] if view.layers else ()) if t.id in anchors]
    _draw_names(axes, canvas, themes, anchors, colours, points, frame)
    _draw_margins(axes, view, layer, frame)


def _page_points(layout: NDArray[np.float32], frame: _Frame) -> Floats:
    """(n, 2) the layout scaled without distortion into the frame, with room for names around."""
    left, low, right, high = frame.bounds
    room = np.array([right - left - 150.0 * frame.scale, high - low - 36.0 * frame.scale])
    points = np.asarray(layout, dtype=np.float64).reshape(-1, 2)
    if not len(points):
        return points
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    extent = np.ptp(points, axis=0)
    scale = float(np.min(room / np.maximum(extent, 1e-9))) if extent.max() > 0 else 0.0
    page: Floats = (points - middle) * scale + np.array([(left + right) / 2, (low + high) / 2])
    return page


def _point_colours(theme_ids: NDArray[np.int32], colours: dict[int, ThemeColours]) -> Floats:
    """(n, 3) colour of each paper, grey where it has no theme."""
    ids, places = np.unique(theme_ids, return_inverse=True)
    table = [
        _rgb(colours[i].point_light if i in colours else UNASSIGNED_LIGHT) for i in ids.tolist()
    ]
    rgb: Floats = np.array(table).reshape(-1, 3)[places.reshape(-1)]
    return rgb


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _draw_density(
    axes: Axes, points: Floats, rgb: Floats, assigned: NDArray[np.bool_], frame: _Frame
) -> None:
    """Each theme's colour as a soft ground, as far as its papers are dense."""
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415

    if not assigned.any():
        return
    step = 3.0 * frame.scale
    shape = (int(frame.height / step) + 1, int(frame.width / step) + 1)
    rows, columns = (
        (points[assigned, 1] / step).astype(int),
        (points[assigned, 0] / step).astype(int),
    )
    sigma = max(2.0, 8.0 * (assigned.sum() / 100) ** -0.17)

    def blurred(weights: Floats) -> Floats:
        field = np.zeros(shape)
        np.add.at(field, (rows, columns), weights)
        smooth: Floats = gaussian_filter(field, sigma)
        return smooth

    weight = blurred(np.ones(len(rows)))
    mixed = np.stack([blurred(rgb[assigned, c]) for c in range(3)], axis=2)
    typical = (weight**2).sum() / weight.sum()
    image = np.zeros((*shape, 4))
    image[..., :3] = np.clip(mixed / np.maximum(weight, 1e-12)[..., None], 0.0, 1.0)
    image[..., 3] = 0.2 * (1.0 - np.exp(-2.2 * weight / typical))
    extent = (0.0, shape[1] * step, 0.0, shape[0] * step)
    axes.imshow(image, extent=extent, origin="lower", interpolation="bilinear", aspect="auto")
    axes.set(xlim=(0.0, frame.width), ylim=(0.0, frame.height))


def _draw_points(
    axes: Axes,
    points: Floats,
    rgb: Floats,
    assigned: NDArray[np.bool_],
    strengths: NDArray[np.float32],
    frame: _Frame,
) -> None:
    """Unassigned papers small and grey, then those at the fringe hollow, then the others."""
    n_papers = max(len(points), 40)
    diameter = 8.6 * frame.scale * (169 / n_papers) ** 0.3
    fringe = assigned & (strengths < FRINGE_STRENGTH)
    core = assigned & ~fringe
    common: dict[str, Any] = {"rasterized": True, "marker": "o"}
    # A rim in the ground's colour keeps near points apart; on specks it would eat them up.
    rim = 0.6 * frame.scale if diameter > 3.0 else 0.0
    axes.scatter(
        *points[~assigned].T,
        s=(0.75 * diameter) ** 2,
        c=UNASSIGNED_LIGHT,
        alpha=0.6,
        lw=0,
        **common,
    )
    if diameter > 3.0:
        hollow = {"facecolors": BACKGROUND_LIGHT, "edgecolors": rgb[fringe]}
        axes.scatter(
            *points[fringe].T, s=(0.8 * diameter) ** 2, lw=1.1 * frame.scale, **hollow, **common
        )
    else:
        axes.scatter(*points[fringe].T, s=diameter**2, c=rgb[fringe], alpha=0.4, lw=0, **common)
    axes.scatter(
        *points[core].T,
        s=diameter**2,
        c=rgb[core],
        alpha=0.92,
        lw=rim,
        edgecolors=BACKGROUND_LIGHT,
        **common,
    )


def _draw_names(
    axes: Axes,
    canvas: FigureCanvasAgg,
    themes: list[ThemeLabel],
    anchors: dict[int, Anchor],
    colours: dict[int, ThemeColours],
    points: Floats,
    frame: _Frame,
) -> None:
    if not themes:
        return
    lines = ["\n".join(wrap_name(t.name)) for t in themes]
    font_sizes = _font_sizes(themes, frame)
    sizes = np.array(
        [_text_size(axes, canvas, s, f) for s, f in zip(lines, font_sizes, strict=True)]
    )
    places = np.array([(anchors[t.id].x, anchors[t.id].y) for t in themes])
    placement = place_labels(
        places,
        sizes + 2.0,
        np.array([t.size for t in themes], dtype=np.float64),
        frame.bounds,
        crowd=points,
        padding=2.0 * frame.scale,
    )
    _draw_leaders(axes, themes, places, sizes, placement, colours, frame)
    for i in np.flatnonzero(placement.visible).tolist():
        _draw_name(
            axes, lines[i], placement.centres[i], font_sizes[i], colours[themes[i].id], frame
        )


def _font_sizes(themes: list[ThemeLabel], frame: _Frame) -> list[float]:
    """Points of type by theme size, smaller where there are many names."""
    largest = max(t.size for t in themes) or 1
    crowd = min(1.0, (26 / len(themes)) ** 0.25)
    return [
        round(frame.scale * crowd * (10.5 + 4.5 * (t.size / largest) ** 0.5), 1) for t in themes
    ]


def _text_size(
    axes: Axes, canvas: FigureCanvasAgg, lines: str, font_size: float
) -> tuple[float, float]:
    """Width and height in points of a drawn text, halo included."""
    text = axes.text(0, 0, lines, fontsize=font_size, fontweight="bold", linespacing=1.05)
    box = text.get_window_extent(canvas.get_renderer())
    text.remove()
    return float(box.width) + 4.0, float(box.height) + 2.0


def _draw_name(
    axes: Axes, lines: str, centre: Floats, font_size: float, colours: ThemeColours, frame: _Frame
) -> None:
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    common: dict[str, Any] = {
        "fontsize": font_size,
        "fontweight": "bold",
        "linespacing": 1.05,
        "ha": "center",
        "va": "center",
        "color": colours.ink_light,
    }
    # The halo is a text of its own: matplotlib turns a text with path effects into outlines, and
    # the name above it must stay text that can be searched and edited.
    halo = withStroke(linewidth=3.2 * frame.scale, foreground=BACKGROUND_LIGHT, alpha=0.9)
    axes.text(*centre, lines, path_effects=[halo], zorder=5, **common)
    axes.text(*centre, lines, zorder=6, **common)


def _draw_leaders(
    axes: Axes,
    themes: list[ThemeLabel],
    places: Floats,
    sizes: Floats,
    placement: Placement,
    colours: dict[int, ThemeColours],
    frame: _Frame,
) -> None:
    """A thin line from each name that had to move away to the middle of its theme."""
    for i in np.flatnonzero(placement.visible).tolist():
        half = sizes[i] / 2
        start = np.clip(places[i], placement.centres[i] - half, placement.centres[i] + half)
        if np.hypot(*(start - places[i])) < 6.0 * frame.scale:
            continue
        ink = colours[themes[i].id].ink_light
        axes.plot(
            *np.stack([start, places[i]]).T, color=ink, lw=0.8 * frame.scale, alpha=0.8, zorder=4
        )
        axes.plot(*places[i], "o", color=ink, ms=2.4 * frame.scale, mew=0, zorder=4)


def _draw_margins(axes: Axes, view: MapView, layer: int, frame: _Frame) -> None:
    """The title on top, and below what is counted and what made it."""
    left, right = 24.0 * frame.scale, frame.width - 24.0 * frame.scale
    top, low = frame.height - 30.0 * frame.scale, 15.0 * frame.scale
    heading: dict[str, Any] = {"fontsize": 17 * frame.scale, "fontweight": "bold", "color": _INK}
    axes.text(left, top, view.title, va="center", parse_math=False, **heading)
    footer: dict[str, Any] = {"fontsize": 8.5 * frame.scale, "color": _INK_SOFT, "va": "center"}
    axes.text(left, low, counts_line(view, layer), **footer)
    axes.text(right, low, f"paperatlas · {view.snapshot}", ha="right", parse_math=False, **footer)
