"""The map as one HTML file: opens anywhere, draws without a GPU, asks the network nothing."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources

from pipeline.render.bundle import bundle_modules
from pipeline.render.palette import (
    BACKGROUND_DARK,
    BACKGROUND_LIGHT,
    UNASSIGNED_DARK,
    UNASSIGNED_LIGHT,
)
from pipeline.render.payload import page_blocks
from pipeline.render.view import MapView
from pipeline.render.wording import counts_line

STYLES = (
    "tokens", "base", "parts", "shell", "search", "legend", "filters", "map", "panel", "help",
    "print",
)  # fmt: skip
"""Names of the style sheets, in the order in which later ones overrule earlier ones."""


def render_page(view: MapView) -> str:
    """One self-contained HTML page; the same view always gives the same characters."""
    return "".join(page_pieces(view))


def page_pieces(view: MapView) -> Iterator[str]:
    """Yield the page piece by piece: of its texts, the bulk of it, a few at a time are in memory.

    Scripts and styles are inlined and named by their hashes in the Content-Security-Policy, so
    that nothing else can run, even if a text of the atlas found a way into the markup.
    """
    style, script = _style(), _script()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_csp_hash(style)}'",
            f"script-src '{_csp_hash(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    payload = page_blocks(view)
    parts: dict[str, Iterable[str]] = {
        "policy": [policy],
        "style": [style],
        "script": [script],
        "title": [html.escape(view.title if view.title.strip() else "Theme map")],
        "counts": [html.escape(counts_line(view))],
        "snapshot": [html.escape(view.snapshot)],
        "first-data": (block.element for block in payload.first),
        "later-data": (block.element for block in payload.later),
    }
    return _fill(_asset("page.html"), parts)


def _fill(template: str, parts: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield the template with each `{{name}}` replaced; a text that holds such a mark is left
    alone. A part that can be gone through once may be named once."""
    first, *pieces = template.split("{{")
    yield first
    for piece in pieces:
        name, _, rest = piece.partition("}}")
        yield from parts[name]
        yield rest


def _style() -> str:
    grounds = {
        "background-light": [BACKGROUND_LIGHT],
        "background-dark": [BACKGROUND_DARK],
        "unassigned-light": [UNASSIGNED_LIGHT],
        "unassigned-dark": [UNASSIGNED_DARK],
    }
    sheets = "\n".join(_asset(f"styles/{name}.css") for name in STYLES)
    return "\n" + "".join(_fill(sheets, grounds))


def _script() -> str:
    """The script of the page, in one function: its only global name is `paperatlas`."""
    return f"\n(async () => {{\n{bundle_modules('main.js', _asset)}}})();\n"


def _csp_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def _asset(name: str) -> str:
    return (
        resources.files("pipeline.render")
        .joinpath("assets", *name.split("/"))
        .read_text(encoding="utf-8")
    )
