"""A made-up map, and a real browser to open it in."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.render import MapView, render_page

from .made_views import make_view

BROWSER_FLAGS = [
    # None of these is needed to draw; all keep the browser from calling out or using a GPU.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-webgl",
    "--disable-3d-apis",
]


@pytest.fixture(scope="session")
def view() -> MapView:
    return make_view()


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium; without one the tests are skipped, but fail where CI is set."""
    found = os.environ.get("PAPERATLAS_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not found:
        reason = "no Chromium: install Debian's `chromium`, or set PAPERATLAS_CHROMIUM to one"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        print(f"browser tests skipped: {reason}", file=sys.stderr)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=BROWSER_FLAGS)
        yield browser
        browser.close()


class OpenMap:
    """A page in the browser, and all that it did that it should not do."""

    def __init__(self, page, path: Path) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._refuse)
        page.on("console", self._read)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.goto(path.as_uri())
        page.evaluate("paperatlas.ready")
        self.rest()
        # data: is not a request: it is the empty icon that keeps the browser from asking for one.
        self.foreign = [u for u in self.requests if u != path.as_uri() and u != "data:,"]

    def _refuse(self, dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _read(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def rest(self) -> None:
        self.page.evaluate("paperatlas.rest()")

    def labels(self) -> list[dict]:
        return self.page.evaluate("paperatlas.labels()")

    def zoom(self) -> float:
        return self.page.evaluate("paperatlas.view().zoom")

    def place_of(self, row: int) -> tuple[float, float]:
        """Where a paper is in the window, in pixels."""
        box = self.page.locator("#map").bounding_box()
        spot = self.page.evaluate("(i) => paperatlas.screenOf(i)", row)
        return box["x"] + spot["x"], box["y"] + spot["y"]


@pytest.fixture
def open_map(browser, tmp_path: Path) -> Iterator[Callable[..., OpenMap]]:
    """Opens a view's page from disk, with every request that is not for the file refused."""
    pages = []

    def opened(view: MapView, *, width: int = 1200, height: int = 760, **options) -> OpenMap:
        path = tmp_path / f"map-{len(pages)}.html"
        path.write_text(render_page(view), encoding="utf-8")
        options = {"reduced_motion": "reduce", "color_scheme": "light"} | options
        page = browser.new_page(viewport={"width": width, "height": height}, **options)
        pages.append(page)
        return OpenMap(page, path)

    yield opened
    for page in pages:
        page.close()
