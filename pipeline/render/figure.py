"""The map as a picture for a talk or a paper: PNG, or SVG and PDF whose text stays text."""

from __future__ import annotations

import io
import unicodedata
import warnings
from collections.abc import Callable
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
from pipeline.render.placement import place_labels
from pipeline.render.view import MapView, ThemeLabel
from pipeline.render.wording import counts_line, wrap_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

FORMATS = ("png", "svg", "pdf")
INK, INK_SOFT = "#1d2026", "#5a606b"
_POINTS_PER_INCH = 72.0
_STYLE: dict[Any, Any] = {
    # The bundled font, so that a picture is the same wherever it is drawn.
    "font.family": ["DejaVu Sans"],
    # Hinted letters have other widths than their outlines, and a halo would not fit its name.
    "text.hinting": "no_hinting",
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
    frame = _Frame(width_inches * _POINTS_PER_INCH, height_inches * _POINTS_PER_INCH)

    def paint(figure: Figure, canvas: FigureCanvasAgg) -> None:
        _draw_map(figure, canvas, view, shown, frame)

    return drawn(paint, suffix, width_inches, height_inches, dpi)


def drawn(
    paint: Callable[[Figure, FigureCanvasAgg], None],
    suffix: str,
    width_inches: float,
    height_inches: float,
    dpi: int,
) -> bytes:
    """The bytes of a figure, `png`, `svg` or `pdf`, that `paint` fills in the style of the maps."""
    import matplotlib as mpl  # 0.4 s that only a figure should cost

    with mpl.rc_context(), warnings.catch_warnings():
        # A script that DejaVu lacks is drawn as boxes; twenty warnings would not change that.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()  # a user's matplotlibrc must not change the picture
        for key, value in _STYLE.items():
            mpl.rcParams[key] = value
        figure, canvas = _new_figure(width_inches, height_inches)
        paint(figure, canvas)
        return _encode(figure, suffix, dpi)


def _new_figure(width_inches: float, height_inches: float) -> tuple[Figure, FigureCanvasAgg]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

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
        metadata=stripped[suffix],
    )
    picture = buffer.getvalue()
    if suffix == "svg":
        # For readers without DejaVu: Verdana has nearly the same widths. matplotlib itself cannot
        # be given the list, it would look for each font and complain.
        return picture.replace(b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")
    return picture


@dataclass(frozen=True, slots=True)
class _Picture:
    """What each part of the drawing needs to know."""

    axes: Axes
    canvas: FigureCanvasAgg
    frame: _Frame
    points: Floats
    """(n_papers, 2) in points of the page."""
    anchors: dict[int, Anchor]
    colours: dict[int, ThemeColours]


def _draw_map(
    figure: Figure, canvas: FigureCanvasAgg, view: MapView, layer: int, frame: _Frame
) -> None:
    # One axes over the whole figure, in points: sizes of type and places on the map share a unit.
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, frame.width), ylim=(0.0, frame.height))
    axes.set_axis_off()
    points = _page_points(view.layout, frame)
    anchors = theme_anchors(view, points)
    picture = _Picture(axes, canvas, frame, points, anchors, colour_themes(view.layers, anchors))
    theme_ids = view.theme_ids[layer] if view.layers else np.full(len(points), -1, dtype=np.int32)
    rgb = _point_colours(theme_ids, picture.colours)
    assigned = theme_ids >= 0
    if assigned.any():
        _draw_density(picture, points[assigned], rgb[assigned])
    _draw_points(picture, rgb, assigned, view.strengths)
    themes = [t for t in (view.layers[layer] if view.layers else ()) if t.id in anchors]
    if themes:
        _draw_names(picture, themes)
    _draw_margins(picture, view, layer)


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


def _draw_density(picture: _Picture, points: Floats, rgb: Floats) -> None:
    """Each theme's colour as a soft ground, as far as its papers are dense."""
    from scipy.ndimage import gaussian_filter

    frame = picture.frame
    step = 3.0 * frame.scale
    shape = (int(frame.height / step) + 1, int(frame.width / step) + 1)
    cells = ((points[:, 1] / step).astype(int), (points[:, 0] / step).astype(int))
    sigma = max(1.6, 4.4 * (len(points) / 100) ** -0.17)

    def blurred(weights: Floats) -> Floats:
        raster = np.zeros(shape)
        np.add.at(raster, cells, weights)
        smooth: Floats = gaussian_filter(raster, sigma)
        return smooth

    weight = blurred(np.ones(len(points)))
    mixed = np.stack([blurred(rgb[:, channel]) for channel in range(3)], axis=2)
    typical = float((weight**2).sum() / weight.sum())  # the density around a typical paper
    image = np.zeros((*shape, 4))
    image[..., :3] = np.clip(mixed / np.maximum(weight, 1e-12)[..., None], 0.0, 1.0)
    image[..., 3] = 0.22 * (1.0 - np.exp(-2.2 * weight / typical))
    extent = (0.0, shape[1] * step, 0.0, shape[0] * step)
    picture.axes.imshow(
        image, extent=extent, origin="lower", interpolation="bilinear", aspect="auto"
    )
    picture.axes.set(xlim=(0.0, frame.width), ylim=(0.0, frame.height))


def _draw_points(
    picture: _Picture,
    rgb: Floats,
    assigned: NDArray[np.bool_],
    strengths: NDArray[np.float32],
) -> None:
    """Unassigned papers small and grey, then those at the fringe hollow, then the others."""
    scale = picture.frame.scale
    diameter = 8.6 * scale * (169 / max(len(rgb), 40)) ** 0.3
    fringe = assigned & (strengths < FRINGE_STRENGTH)
    grey = np.tile(_rgb(UNASSIGNED_LIGHT), (len(rgb), 1))
    ground = np.tile(_rgb(BACKGROUND_LIGHT), (len(rgb), 1))
    if diameter > 3.0:
        # A rim in the ground's colour keeps near points apart; on specks it would eat them up.
        _scatter(picture, ~assigned, 0.75 * diameter, grey, alpha=0.6)
        _scatter(picture, fringe, 0.8 * diameter, ground, edges=rgb, line_width=1.1 * scale)
        core = assigned & ~fringe
        _scatter(picture, core, diameter, rgb, edges=ground, line_width=0.6 * scale)
    else:
        _scatter(picture, ~assigned, 0.75 * diameter, grey, alpha=0.5)
        _scatter(picture, fringe, diameter, rgb, alpha=0.4)
        _scatter(picture, assigned & ~fringe, diameter, rgb, alpha=0.92)


def _scatter(
    picture: _Picture,
    rows: NDArray[np.bool_],
    diameter: float,
    faces: Floats,
    *,
    edges: Floats | None = None,
    line_width: float = 0.0,
    alpha: float = 1.0,
) -> None:
    """Discs for the chosen papers; `faces` and `edges` (n_papers, 3). A raster in svg and pdf."""
    if not rows.any():
        return
    picture.axes.scatter(
        picture.points[rows, 0],
        picture.points[rows, 1],
        s=diameter**2,
        c=faces[rows].tolist(),
        edgecolors=None if edges is None else edges[rows].tolist(),
        linewidths=line_width,
        alpha=alpha,
        marker="o",
        rasterized=True,
    )


@dataclass(frozen=True, slots=True)
class _Name:
    """A theme's name as it is set."""

    theme_id: int
    text: str
    font_size: float
    size: tuple[float, float]
    """Width and height in points, halo included."""


def _draw_names(picture: _Picture, themes: list[ThemeLabel]) -> None:
    frame = picture.frame
    names = [
        _set_name(picture, t, f) for t, f in zip(themes, _font_sizes(themes, frame), strict=True)
    ]
    places = np.array([(picture.anchors[t.id].x, picture.anchors[t.id].y) for t in themes])
    placement = place_labels(
        places,
        np.array([name.size for name in names]),
        np.array([t.size for t in themes], dtype=np.float64),
        frame.bounds,
        crowd=picture.points,
        padding=3.0 * frame.scale,
        reach=54.0 * frame.scale,
    )
    shown = np.flatnonzero(placement.visible).tolist()
    for i in shown:
        _draw_leader(picture, names[i], placement.centres[i], places[i])
    for i in shown:
        _draw_name(picture, names[i], placement.centres[i])


def _font_sizes(themes: list[ThemeLabel], frame: _Frame) -> list[float]:
    """Points of type by theme size, smaller where there are many names."""
    largest = max(t.size for t in themes) or 1
    crowd = min(1.0, (26 / len(themes)) ** 0.25)
    return [
        round(frame.scale * crowd * (10.0 + 4.0 * (t.size / largest) ** 0.5), 1) for t in themes
    ]


def _set_name(picture: _Picture, theme: ThemeLabel, font_size: float) -> _Name:
    """The name broken into lines and measured as it will be drawn."""
    lines = "\n".join(_drawable(line) for line in wrap_name(theme.name))
    text = picture.axes.text(0, 0, lines, fontsize=font_size, **_NAME_STYLE)
    box = text.get_window_extent()
    text.remove()
    return _Name(theme.id, lines, font_size, (float(box.width) + 6.0, float(box.height) + 4.0))


_NAME_STYLE: dict[Any, Any] = {
    "fontweight": "bold",
    "linespacing": 1.1,
    "ha": "center",
    "va": "center",
    "parse_math": False,  # a dollar sign in a name is a dollar sign
}


def _drawable(text: str) -> str:
    """The text without what fonts and XML cannot hold: control characters, lone surrogates."""
    return "".join(
        " " if unicodedata.category(ch) in {"Cc", "Cs", "Zl", "Zp"} else ch for ch in text
    )


def _draw_name(picture: _Picture, name: _Name, centre: Floats) -> None:
    from matplotlib.patheffects import Stroke

    x, y = centre.tolist()
    style = _NAME_STYLE | {"fontsize": name.font_size}
    # The halo is a text of its own: matplotlib turns a text with path effects into outlines, and
    # the name above it must stay text that can be searched and edited.
    width = 3.2 * picture.frame.scale
    halo = Stroke(linewidth=width, foreground=BACKGROUND_LIGHT, alpha=0.9, joinstyle="round")
    picture.axes.text(x, y, name.text, path_effects=[halo], zorder=5, **style)
    ink = picture.colours[name.theme_id].ink_light
    picture.axes.text(x, y, name.text, color=ink, zorder=6, **style)


def _draw_leader(picture: _Picture, name: _Name, centre: Floats, place: Floats) -> None:
    """A thin line from a name that had to move away to the middle of its theme."""
    half = np.array(name.size) / 2
    start = np.clip(place, centre - half, centre + half)
    scale = picture.frame.scale
    if np.hypot(*(start - place)) < 6.0 * scale:
        return
    ink = picture.colours[name.theme_id].ink_light
    xs, ys = np.stack([start, place]).T.tolist()
    picture.axes.plot(xs, ys, color=ink, lw=0.8 * scale, alpha=0.8, zorder=4)
    picture.axes.plot(xs[1:], ys[1:], "o", color=ink, ms=2.6 * scale, mew=0, zorder=4)


def _draw_margins(picture: _Picture, view: MapView, layer: int) -> None:
    """The title on top, and below what is counted and what made it."""
    axes, frame = picture.axes, picture.frame
    left, right = 24.0 * frame.scale, frame.width - 24.0 * frame.scale
    top, low = frame.height - 30.0 * frame.scale, 15.0 * frame.scale
    heading: dict[str, Any] = {"fontsize": 17 * frame.scale, "fontweight": "bold", "color": INK}
    axes.text(left, top, _drawable(view.title), va="center", parse_math=False, **heading)
    footer: dict[str, Any] = {"fontsize": 8.5 * frame.scale, "color": INK_SOFT, "va": "center"}
    axes.text(left, low, counts_line(view, layer), **footer)
    axes.text(
        right,
        low,
        _drawable(f"paperatlas · {view.snapshot}"),
        ha="right",
        parse_math=False,
        **footer,
    )
