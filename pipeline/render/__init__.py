"""Maps of an atlas: one offline HTML page, and figures. A renderer is a pure function of a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipeline.errors import UsageError
from pipeline.render.figures import (
    FigureStyle,
    Highlight,
    find_highlight,
    given_options,
    render_figure,
    render_years,
)
from pipeline.render.files import put_file, require_place, staged_file
from pipeline.render.page import page_pieces, render_page
from pipeline.render.palette import theme_colours
from pipeline.render.view import MapView, ThemeLabel, map_view, snapshot_view

Renderer = Callable[[MapView, FigureStyle, Highlight], Iterable[bytes]]


def _page(view: MapView, style: FigureStyle, highlight: Highlight) -> Iterable[bytes]:
    given = [*given_options(style), *(["--highlight"] if highlight else [])]
    if given:
        raise UsageError(
            f"{', '.join(given)}: for figures alone, and a .html map is a page",
            hint="leave it away, or write a .png, .svg or .pdf",
        )
    return (piece.encode("utf-8", errors="replace") for piece in page_pieces(view))


def _figure(suffix: str) -> Renderer:
    return lambda view, style, highlight: [render_figure(view, suffix, style, highlight)]


RENDERERS: dict[str, Renderer] = {
    "html": _page,
    "png": _figure("png"),
    "svg": _figure("svg"),
    "pdf": _figure("pdf"),
}
"""By file ending. To add a format: a function from a view to pieces of a file, its line here."""

__all__ = [
    "RENDERERS",
    "FigureStyle",
    "Highlight",
    "MapView",
    "Renderer",
    "ThemeLabel",
    "find_highlight",
    "map_view",
    "put_file",
    "render",
    "render_figure",
    "render_page",
    "render_years",
    "require_place",
    "snapshot_view",
    "staged_file",
    "theme_colours",
]


def render(
    view: MapView,
    suffix: str,
    style: FigureStyle | None = None,
    highlight: Highlight | None = None,
) -> Iterable[bytes]:
    """The map's bytes in the format of a file ending, with or without its dot, such as `.html`, in
    pieces: a page of a million papers need not be in memory.

    Raises UsageError for any other ending, naming the known ones, and for a style or a highlight
    that says nothing for a page.
    """
    renderer = require_renderer(suffix)
    return renderer(view, style or FigureStyle(), highlight or Highlight())


def require_renderer(suffix: str) -> Renderer:
    """The renderer of a file ending; UsageError, naming the known ones, for any other."""
    renderer = RENDERERS.get(suffix.lower().removeprefix("."))
    if renderer is None:
        known = ", ".join(f".{name}" for name in RENDERERS)
        raise UsageError(
            f"a map cannot be written as {suffix or 'a file without an ending'!r}",
            hint=f"known endings: {known}",
        )
    return renderer
