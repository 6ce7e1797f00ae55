"""What a map page carries: points and themes for the first picture, and all else behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.layout_quality import FAR_PRESERVATION
from pipeline.reasons import reason_rules
from pipeline.render.anchors import Anchor, theme_anchors
from pipeline.render.blocks import Block, byte_planes, pack, pack_json
from pipeline.render.columns import PageColumns, page_columns
from pipeline.render.palette import FRINGE_STRENGTH, ThemeColours, colour_themes
from pipeline.render.payload_columns import column_blocks, column_heads
from pipeline.render.payload_texts import CHUNK_SIZE, text_blocks
from pipeline.render.view import MapView, ThemeLabel
from pipeline.render.wording import wrap_name

N_NEIGHBORS = 10
"""Nearest papers of each that a page tells: more would not fit into 60 bytes a paper."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The blocks of a page, in two parts."""

    first: tuple[Block, ...]
    """What the first picture needs; stands before the script."""
    later: Iterator[Block]
    """What is unpacked when it is asked for; stands behind the script, and is made piece by piece,
    for the texts of a million papers do not fit into memory twice."""


def page_blocks(view: MapView) -> Payload:
    """The blocks of the view's page: at most 60 bytes a paper beside those of texts."""
    columns = page_columns(view.papers)
    return Payload(first=tuple(_first_blocks(view, columns)), later=_later_blocks(view, columns))


def _first_blocks(view: MapView, columns: PageColumns) -> Iterator[Block]:
    points = unit_layout(view.layout)
    points[:, 1] = 1.0 - points[:, 1]  # a canvas counts y downwards
    ids, positions = _theme_positions(view)
    yield pack_json("atlas-map", _map_fields(view, points, ids) | column_heads(columns))
    yield pack("atlas-points", _packed_points(view, points, ids, positions))


def _later_blocks(view: MapView, columns: PageColumns) -> Iterator[Block]:
    yield pack("atlas-preservation", _in_bytes(view.preservation).tobytes())
    yield pack("atlas-neighbors", _packed_neighbors(view))
    yield pack_json("atlas-themes", [_theme_details(t) for layer in view.layers for t in layer])
    yield pack_json("atlas-rules", reason_rules())
    yield from column_blocks(columns)
    yield from text_blocks(view.papers)


def _packed_points(
    view: MapView,
    points: NDArray[np.float64],
    ids: dict[int, int],
    positions: list[NDArray[np.uint16]],
) -> bytes:
    """x, y in 1/65535 of the unit square (2 planes each), strengths in 1/255, and per layer, finest
    first, 1 + the place of each paper's theme, 0 for none (2 planes).

    Each layer but the finest stands as XOR with what the one before it lets expect, the parents of
    its themes: layers nest, so that this is zeros, which deflate to nothing.
    """
    quantised = np.round(points * 65535).astype(np.int32)
    parents = np.zeros(len(ids) + 1, np.uint16)
    for theme in (theme for layer in view.layers for theme in layer):
        parents[ids[theme.id] + 1] = 0 if theme.parent is None else ids.get(theme.parent, -1) + 1
    expected = [np.zeros(len(points), np.uint16), *(parents[row] for row in positions[:-1])]
    surprises = [row ^ told for row, told in zip(positions, expected, strict=False)]
    return b"".join(
        (
            byte_planes(quantised[:, 0], 2),
            byte_planes(quantised[:, 1], 2),
            _in_bytes(view.strengths).tobytes(),
            *(byte_planes(row, 2) for row in surprises),
        )
    )


def _packed_neighbors(view: MapView) -> bytes:
    """k, then k columns (nearest first) of 1 + each paper's neighbour, 0 for none (3 planes), and k
    of the similarities in 1/255, each as what it falls short of the one before (modulo 256)."""
    rows = view.neighbors[:, :N_NEIGHBORS].T + 1
    steps = np.diff(_in_bytes(view.similarities[:, :N_NEIGHBORS]), axis=1, prepend=np.uint8(255))
    planes = (byte_planes(row, 3) for row in rows)
    return bytes([len(rows)]) + b"".join(planes) + np.ascontiguousarray(-steps.T).tobytes()


def _in_bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The values, in [0, 1], in 1/255."""
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)


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


def _map_fields(
    view: MapView, points: NDArray[np.float64], ids: dict[int, int]
) -> dict[str, object]:
    anchors = theme_anchors(view, points)
    colours = colour_themes(view.layers, anchors)
    return {
        "n": len(view.papers),
        "fringeBelow": FRINGE_STRENGTH,
        "farBelow": FAR_PRESERVATION,
        "themes": [
            _theme_fields(t, layer, ids, anchors.get(t.id), colours.get(t.id))
            for layer, themes in enumerate(view.layers)
            for t in themes
        ],
        "nLayers": len(view.layers),
        "defaultLayer": view.default_layer,
        "chunkSize": CHUNK_SIZE,
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


def _theme_details(theme: ThemeLabel) -> dict[str, object]:
    """What speaks for a theme and its name; in the order of the page's list of themes."""
    return {"terms": theme.terms, "evidence": theme.evidence, "stability": theme.stability}
