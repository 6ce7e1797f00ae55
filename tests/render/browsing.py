"""A map's page in a real browser that has no GPU and no network."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
from PIL import Image

BROWSER_FLAGS = [
    # None of these is needed to draw; all keep the browser from calling out or using a GPU.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-webgl",
    "--disable-3d-apis",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--proxy-server=http://127.0.0.1:9",
    # Whatever else the browser may think of, no name has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND",
]


class OpenMap:
    """A page in the browser, and all that it did that it should not do."""

    def __init__(self, page, path: Path, *, fragment: str = "") -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._refuse)
        page.on("console", self._read)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.goto(path.as_uri() + fragment)
        page.evaluate("paperatlas.ready")
        self.rest()
        # data: is not a request: it is the empty icon that keeps the browser from asking for one.
        self.foreign = [
            u for u in self.requests if u.partition("#")[0] != path.as_uri() and u != "data:,"
        ]

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

    def picture(self, selector: str | None = None) -> np.ndarray:
        """(height, width, 3) uint8, of the window or of one element."""
        source = self.page.locator(selector) if selector else self.page
        return np.asarray(Image.open(io.BytesIO(source.screenshot())).convert("RGB"))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> str:
        """The id of what has the focus, or what it reads."""
        return self.page.evaluate(
            "() => document.activeElement.id || document.activeElement.textContent.trim()"
        )

    def wait_until_said(self, pattern: str) -> None:
        """Waits for what a screen reader is told."""
        self.page.wait_for_function(
            "(p) => new RegExp(p).test(document.getElementById('said').textContent)", arg=pattern
        )


def without_policy(page: str) -> str:
    """The page without its Content-Security-Policy: what it draws has to be safe by itself."""
    bare, removed = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert removed == 1
    return bare
