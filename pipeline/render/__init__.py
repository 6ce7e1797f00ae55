"""Maps of an atlas: one offline HTML page, and figures. A renderer is a pure function of a view."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.errors import UsageError
from pipeline.render.figure import render_figure
from pipeline.render.files import put_file, require_place, staged_file
from pipeline.render.page import render_page
from pipeline.render.view import MapView, ThemeLabel, map_view
from pipeline.render.years import render_years

Renderer = Callable[[MapView], bytes]

RENDERERS: dict[str, Renderer] = {
    "html": lambda view: render_page(view).encode("utf-8", errors="replace"),
    "png": lambda view: render_figure(view, "png"),
    "svg": lambda view: render_figure(view, "svg"),
    "pdf": lambda view: render_figure(view, "pdf"),
}
"""By file ending. To add a format: one function from a view to bytes, and its line here."""

__all__ = [
    "RENDERERS",
    "MapView",
    "Renderer",
    "ThemeLabel",
    "map_view",
    "put_file",
    "render",
    "render_figure",
    "render_page",
    "render_years",
    "require_place",
    "staged_file",
]


def render(view: MapView, suffix: str) -> bytes:
    """The map's bytes in the format of a file ending, with or without its dot, such as `.html`.

    Raises UsageError, naming the known endings, for any other.
    """
    renderer = RENDERERS.get(suffix.lower().removeprefix("."))
    if renderer is None:
        known = ", ".join(f".{name}" for name in RENDERERS)
        raise UsageError(
            f"a map cannot be written as {suffix or 'a file without an ending'!r}",
            hint=f"known endings: {known}",
        )
    return renderer(view)
