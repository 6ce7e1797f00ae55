"""What a map page carries: compact arrays and texts, as JSON that is safe inside HTML."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.papers import Paper
from pipeline.render.anchors import Anchor, theme_anchors
from pipeline.render.palette import FRINGE_STRENGTH, ThemeColours, colour_themes
from pipeline.render.view import MapView, ThemeLabel
from pipeline.render.wording import display_title, paper_link, wrap_name

FORMAT = 1
CHUNK_SIZE = 1000
"""Abstracts a block: a click on one paper unpacks one block, some 1 MB of text."""
PLAIN_LIMIT_BYTES = 4_000_000
"""Up to this much text the blocks stay readable JSON, which any browser opens. Above it they are
deflated, to a third, and unpacked by `DecompressionStream` (in all browsers since May 2023)."""


@dataclass(frozen=True, slots=True)
class Block:
    """One data block of the page: the element's id, its encoding and its text."""

    id: str
    encoding: str
    """`json`: escaped JSON; `deflate`: base64 of zlib-compressed UTF-8 JSON."""
    text: str


def page_blocks(view: MapView) -> list[Block]:
    """The map's geometry and themes, the papers' columns, and their abstracts in chunks."""
    papers = view.papers
    titles = [display_title(p) for p in papers]
    columns = {
        "titles": titles,
        "authors": [_author_line(p) for p in papers],
        "years": [p.year for p in papers],
        "venues": [_venue_line(p) for p in papers],
        "links": [paper_link(p) for p in papers],
        "sources": [[f"{s.file}:{s.line}" for s in p.sources] for p in papers],
    }
    abstracts = [p.abstract for p in papers]
    chunks = [abstracts[i : i + CHUNK_SIZE] for i in range(0, len(abstracts), CHUNK_SIZE)]
    plain = sum(map(len, abstracts)) + sum(map(len, titles)) <= PLAIN_LIMIT_BYTES
    encoding = "json" if plain else "deflate"
    return [
        Block("atlas-map", "json", escape_json(_map_fields(view))),
        _block("atlas-papers", encoding, columns),
        *(_block(f"atlas-abstracts-{i}", encoding, chunk) for i, chunk in enumerate(chunks)),
    ]


def _block(block_id: str, encoding: str, content: object) -> Block:
    if encoding == "json":
        return Block(block_id, encoding, escape_json(content))
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate cannot be written as UTF-8; it is shown as the replacement character.
    packed = zlib.compress(raw.encode("utf-8", errors="replace"), 6)
    return Block(block_id, encoding, base64.b64encode(packed).decode("ascii"))


def escape_json(content: object) -> str:
    r"""JSON that cannot end or disturb the HTML element that holds it.

    `<`, `>` and `&` become `\u003c` and so on: no `</script>`, no `<!--`, no entity; all that is
    not ASCII is escaped too, lone surrogates and U+2028 with it.
    """
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def unit_layout(layout: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n_papers, 2) the layout moved and scaled, without distortion, into the unit square.

    x to the right, y upwards; the shorter side is centred; identical points lie in the middle.
    """
    points = np.asarray(layout, dtype=np.float64).reshape(-1, 2)
    if not len(points):
        return points
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    if extent <= 0.0:
        return np.full_like(points, 0.5)
    unit: NDArray[np.float64] = (points - (low + high) / 2) / extent + 0.5
    return unit


def _map_fields(view: MapView) -> dict[str, object]:
    points = unit_layout(view.layout)
    points[:, 1] = 1.0 - points[:, 1]  # a canvas counts y downwards
    anchors = theme_anchors(view, points)
    colours = colour_themes(view.layers, anchors)
    ids, positions = _theme_positions(view)
    quantised = np.round(points * 65535).astype("<u2")
    return {
        "format": FORMAT,
        "title": view.title,
        "snapshot": view.snapshot,
        "n": len(view.papers),
        "x": _base64(quantised[:, 0]),
        "y": _base64(quantised[:, 1]),
        "strengths": _base64(np.round(np.clip(view.strengths, 0, 1) * 255).astype("u1")),
        "fringeBelow": FRINGE_STRENGTH,
        "themeOf": [_base64(row) for row in positions],
        "themes": [
            _theme_fields(t, layer, ids, anchors.get(t.id), colours.get(t.id))
            for layer, themes in enumerate(view.layers)
            for t in themes
        ],
        "nLayers": len(view.layers),
        "defaultLayer": view.default_layer,
    }


def _theme_positions(view: MapView) -> tuple[dict[int, int], list[NDArray[np.uint16]]]:
    """Each theme's place in the page's list, and per layer (n_papers,) place + 1, 0 for none."""
    ids = {t.id: i for i, t in enumerate(t for layer in view.layers for t in layer)}
    table = np.zeros(max(ids, default=0) + 2, dtype="<u2")  # the last entry answers for -1
    for theme_id, position in ids.items():
        table[theme_id] = position + 1
    return ids, [table[np.maximum(row, -1)] for row in view.theme_ids]


def _theme_fields(
    theme: ThemeLabel,
    layer: int,
    ids: dict[int, int],
    anchor: Anchor | None,
    colours: ThemeColours | None,
) -> dict[str, object]:
    return {
        "id": theme.id,
        "name": theme.name,
        "lines": wrap_name(theme.name),
        "size": theme.size,
        "layer": layer,
        "parent": ids.get(theme.parent, -1) if theme.parent is not None else -1,
        "place": [round(v, 5) for v in (anchor.x, anchor.y, anchor.radius)] if anchor else None,
        "colours": asdict(colours) if colours else None,
    }


def _author_line(paper: Paper) -> str:
    return ", ".join(paper.authors) + (" et al." if paper.authors_truncated else "")


def _venue_line(paper: Paper) -> str:
    return " · ".join(part for part in (paper.venue, paper.category) if part)


def _base64(values: NDArray[np.uint16] | NDArray[np.uint8]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
