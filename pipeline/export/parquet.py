"""Write a Parquet table for viewers of embeddings: papers, places on the map, nearest papers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.errors import MissingDependencyError
from pipeline.export.rows import LISTS, column_names, row_of
from pipeline.papers.plain import one_line
from pipeline.render import staged_file

if TYPE_CHECKING:
    from pipeline.export.selection import Selection

X, Y, NEIGHBOURS = "projection_x", "projection_y", "neighbors"
_LAYER = "theme_layer_{}"
_ROWS_AT_ONCE = 2048
_NUMBERS = {"year": "int32", "theme_id": "int32", "rank": "int32", "theme_strength": "float32",
            "similarity": "float32", "score": "float64", "code": "bool"}  # fmt: skip


def require_pyarrow(_: Selection) -> None:
    """Refuse, with what to install, where pyarrow is missing."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            "writing Parquet needs pyarrow", hint="pip install 'paperatlas[parquet]'"
        ) from error


def write_parquet(selection: Selection, path: Path) -> int:
    """Write the table; gives how many rows.

    The columns of CSV, then the theme in each layer, `projection_x` and `projection_y`, and
    `neighbors`: the positions in this table, from 0, and the cosine distances of the 15 nearest
    papers of it, nearest first and without the paper itself.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    own = (*(_LAYER.format(layer) for layer in range(len(selection.theme_ids))), X, Y, NEIGHBOURS)
    names, extra = column_names(selection, also=own)
    schema = pa.schema([(name, _type(pa, name, is_text=name in extra.values())) for name in names])
    rows = _rows(selection, extra)
    with staged_file(path) as staged, pq.ParquetWriter(staged, schema) as writer:
        while part := list(islice(rows, _ROWS_AT_ONCE)):
            writer.write_batch(pa.RecordBatch.from_pylist(part, schema=schema))
    return len(selection)


def _type(pa: Any, name: str, *, is_text: bool) -> Any:  # noqa: ANN401 - pyarrow has no types
    if is_text:
        return pa.string()
    if name == NEIGHBOURS:
        return pa.struct([("ids", pa.list_(pa.int32())), ("distances", pa.list_(pa.float32()))])
    if name in LISTS:
        return pa.list_(pa.string())
    if name in (X, Y):
        return pa.float32()
    return pa.type_for_alias(_NUMBERS.get(name, "string"))


def _rows(selection: Selection, extra: dict[str, str]) -> Iterator[dict[str, Any]]:
    layout = selection.snapshot.layout[selection.rows]
    graph = selection.neighbours
    names = {theme.id: one_line(theme.name) for theme in selection.snapshot.themes()}
    for place, entry in enumerate(selection):
        near = np.flatnonzero(graph.rows[place] >= 0)[1:]
        yield row_of(entry, extra) | {
            **{
                _LAYER.format(layer): names.get(theme)
                for layer, theme in enumerate(selection.theme_ids[:, place].tolist())
            },
            X: float(layout[place, 0]),
            Y: float(layout[place, 1]),
            NEIGHBOURS: {
                "ids": graph.rows[place, near].tolist(),
                "distances": graph.distances[place, near].tolist(),
            },
        }
