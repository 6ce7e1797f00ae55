"""The map as one HTML file: opens anywhere, draws without a GPU, asks the network nothing."""

from __future__ import annotations

import base64
import hashlib
import html
from importlib import resources

from pipeline.render.palette import (
    BACKGROUND_DARK,
    BACKGROUND_LIGHT,
    UNASSIGNED_DARK,
    UNASSIGNED_LIGHT,
)
from pipeline.render.payload import Block, page_blocks
from pipeline.render.view import MapView
from pipeline.render.wording import counts_line

SCRIPTS = (
    "data.js",
    "texts.js",
    "camera.js",
    "density.js",
    "points.js",
    "placement.js",
    "labels.js",
    "scene.js",
    "legend.js",
    "panel.js",
    "search.js",
    "input.js",
    "main.js",
)
"""The page's scripts, in order: each uses only names of those before it when it is loaded."""


def render_page(view: MapView) -> str:
    """One self-contained HTML page; the same view always gives the same characters.

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
    parts = {
        "policy": policy,
        "style": style,
        "script": script,
        "title": html.escape(view.title),
        "counts": html.escape(counts_line(view)),
        "snapshot": html.escape(view.snapshot),
        "data": "\n".join(_data_element(block) for block in page_blocks(view)),
    }
    return _fill(_asset("page.html"), parts)


def _fill(template: str, parts: dict[str, str]) -> str:
    """The template with each `{{name}}` replaced; a text that holds such a mark is left alone."""
    pieces = template.split("{{")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}}")
        filled += [parts[name], rest]
    return "".join(filled)


def _data_element(block: Block) -> str:
    kind = "application/json" if block.encoding == "json" else "text/plain"
    return f'<script type="{kind}" id="{block.id}">{block.text}</script>'


def _style() -> str:
    grounds = {
        "background-light": BACKGROUND_LIGHT,
        "background-dark": BACKGROUND_DARK,
        "unassigned-light": UNASSIGNED_LIGHT,
        "unassigned-dark": UNASSIGNED_DARK,
    }
    return "\n" + _fill(_asset("map.css"), grounds)


def _script() -> str:
    """All scripts in one function, so that the only global name is `paperatlas`."""
    body = "\n".join(_asset(name) for name in SCRIPTS)
    return f'\n(() => {{\n"use strict";\n{body}}})();\n'


def _csp_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def _asset(name: str) -> str:
    return resources.files("pipeline.render").joinpath("assets", name).read_text(encoding="utf-8")
