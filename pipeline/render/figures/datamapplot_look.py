"""The map in the look of DataMapPlot, for those who have it: names on rings around the points."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.errors import MissingDependencyError, UsageError
from pipeline.render.figures.fonts import DEFAULT_FAMILY, require_font
from pipeline.render.figures.highlight import Highlight
from pipeline.render.figures.sheet import GROUNDS, drawable, encode, new_figure, plain_matplotlib
from pipeline.render.figures.style import SMALLEST_TYPE, FigureStyle
from pipeline.render.payload import unit_layout
from pipeline.render.view import MapView

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LONGEST_SIDE = 20.0
"""Units of the layout, of the order of UMAP's own: DataMapPlot's glow has a width in them."""
_NO_THEME = "\0"
"""Its label for papers of no theme, which no theme can have as its name."""
_MOST_NAMES = 64
"""DataMapPlot's own advice: with more its rings of names grow larger than the map."""


def render_datamapplot(
    view: MapView, suffix: str, style: FigureStyle, highlight: Highlight, layer: int
) -> bytes:
    """The bytes of a figure by `datamapplot.create_plot`, with our names, layout and size.

    No font is fetched: only those of this machine are used. Raises MissingDependencyError where
    the library is not installed, and UsageError for papers to highlight, which it cannot mark, and
    for more themes than it has room for.
    """
    _require_library()
    _require_drawable(view, highlight, layer)
    with plain_matplotlib():
        family = DEFAULT_FAMILY if style.font is None else require_font(style.font)
        ground = GROUNDS[style.mode]
        figure, _ = new_figure(style, ground.paper)
        _paint(figure, view, style, highlight, layer, family)
        if suffix != "png":
            _keep_small_and_text(figure)
        # In the dark its ground is black, and ours would be a frame around it.
        paper = ground.paper if style.mode == "light" else "#000000"
        return encode(figure, suffix, style.dots_per_inch, paper)


def _require_library() -> None:
    if find_spec("datamapplot") is None:
        raise MissingDependencyError(
            "--look datamapplot needs the library of that name",
            hint="pip install 'paperatlas[datamapplot]'",
        )


def _require_drawable(view: MapView, highlight: Highlight, layer: int) -> None:
    if highlight.rows:
        raise UsageError(
            "--look datamapplot marks no single papers", hint="highlight themes, or leave it away"
        )
    n_themes = len(view.layers[layer]) if view.layers else 0
    if n_themes > _MOST_NAMES:
        few = [i for i, themes in enumerate(view.layers) if len(themes) <= _MOST_NAMES]
        raise UsageError(
            f"--look datamapplot has no room for the {n_themes} themes of layer {layer}",
            hint=f"use --layer {few[0]}" if few else f"at most {_MOST_NAMES}",
        )
    if len(view.papers) < 2 or not np.ptp(view.layout, axis=0).max() > 0:
        raise UsageError("--look datamapplot needs papers in several places")


def _paint(
    figure: Figure,
    view: MapView,
    style: FigureStyle,
    highlight: Highlight,
    layer: int,
    family: str,
) -> None:
    import datamapplot

    labels = _labels(view, layer)
    lit = [labels[theme_id] for theme_id in highlight.theme_ids if theme_id in labels]
    theme_ids = view.theme_ids[layer] if view.layers else np.full(len(view.papers), -1)
    ground, options = GROUNDS[style.mode], dict[str, Any]()
    if style.font_size is not None:
        options["label_font_size"] = style.font_size
    title = style.title if style.title is not None else view.title if style.is_slide else ""
    datamapplot.create_plot(
        unit_layout(view.layout) * _LONGEST_SIDE,
        np.array([labels.get(i, _NO_THEME) for i in theme_ids.tolist()], dtype=object),
        noise_label=_NO_THEME,
        noise_color=ground.quiet,
        title=drawable(title) or None,
        title_keywords={"fontsize": 1.42 * style.type_size, "parse_math": False},
        figsize=(style.width_inches, style.height_inches),
        dpi=style.dots_per_inch,
        darkmode=style.mode == "dark",
        font_family=family,
        use_system_fonts=True,  # else it asks Google for its font
        min_font_size=SMALLEST_TYPE,
        max_font_size=2.0 * style.type_size,
        highlight_labels=lit or None,
        show_labels=style.names is not False,
        ax=figure.add_axes((0.01, 0.01, 0.98, 0.9 if title.strip() else 0.98)),
        **options,
    )


def _labels(view: MapView, layer: int) -> dict[int, str]:
    """The name of each theme by id; a name that two themes have, with the id."""
    themes = view.layers[layer] if view.layers else ()
    names = {theme.id: " ".join(drawable(theme.name).split()) for theme in themes}
    uses = Counter(names.values())
    return {i: f"{name} ({i})" if uses[name] > 1 else name or f"({i})" for i, name in names.items()}


def _keep_small_and_text(figure: Figure) -> None:
    """Points and glow as a raster, and names as text: with halos they would be outlines."""
    for axes in figure.axes:
        for drawn in axes.collections:
            drawn.set_rasterized(True)
        for text in axes.texts:
            text.set_path_effects([])
