"""A made-up map, and a real browser to open it in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.render import MapView, render_page

from .browsing import OpenMap
from .made_views import make_view
from .seeds_map import seeds_view


@pytest.fixture(scope="session")
def view() -> MapView:
    return make_view()


@pytest.fixture(scope="session")
def seeds_map(seed_papers) -> MapView:
    """The papers of the seeds where a build has put them; the same on every machine."""
    return seeds_view(seed_papers)


@pytest.fixture
def open_map(browser, tmp_path: Path) -> Iterator[Callable[..., OpenMap]]:
    """Opens a view's page from disk, with the network off and every request that is not for the
    file refused; `edit` changes the page's text; `before` is a script that runs before its own."""
    pages = []

    def opened(
        view: MapView,
        *,
        width: int = 1200,
        height: int = 760,
        edit: Callable[[str], str] = str,
        before: str = "",
        fragment: str = "",
        **options,
    ) -> OpenMap:
        path = tmp_path / f"map-{len(pages)}.html"
        path.write_text(edit(render_page(view)), encoding="utf-8", errors="replace")
        options = {"reduced_motion": "reduce", "color_scheme": "light", "offline": True} | options
        page = browser.new_page(viewport={"width": width, "height": height}, **options)
        pages.append(page)
        if before:
            page.add_init_script(before)
        return OpenMap(page, path, fragment=fragment)

    yield opened
    for page in pages:
        page.close()
