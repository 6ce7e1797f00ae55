"""What a map page carries of the columns that its papers can be filtered and coloured by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import numpy as np

from pipeline.render.blocks import Block, byte_planes, pack, pack_json
from pipeline.render.columns import NO_YEAR, CategoryColumn, PageColumn, PageColumns
from pipeline.render.palette import OTHER_COLOURS, category_colours, scale_colours


def column_heads(columns: PageColumns) -> dict[str, object]:
    """What can be offered before a column is unpacked, and the colours to show it in."""
    return {
        "columns": [
            {"name": c.name, "label": c.label, "kind": c.kind, "n": c.n_values}
            for c in columns.offered
        ],
        "columnsLeftOut": columns.left_out,
        "palette": {
            "scale": asdict(scale_colours()),
            "categories": asdict(category_colours()),
            "other": asdict(OTHER_COLOURS),
        },
    }


def column_blocks(columns: PageColumns) -> Iterator[Block]:
    """Of each column, by its place: `atlas-column-0`, and of one of texts `atlas-values-0` too."""
    for place, column in enumerate(columns.offered):
        yield pack(f"atlas-column-{place}", _packed(column))
        if isinstance(column, CategoryColumn):
            yield pack_json(f"atlas-values-{place}", _value_fields(column))


def _packed(column: PageColumn) -> bytes:
    """Years as what they are above `NO_YEAR`; else the codes, then the rows (4 planes) and codes of
    papers' further values. 2 planes each but for rows."""
    if not isinstance(column, CategoryColumn):
        return byte_planes(column.numbers.astype(np.int32) - NO_YEAR, 2)
    rows, codes = column.further.T
    return byte_planes(column.codes, 2) + byte_planes(rows, 4) + byte_planes(codes, 2)


def _value_fields(column: CategoryColumn) -> dict[str, object]:
    return {
        "values": column.values,
        "nFurther": len(column.further),
        "nOthers": column.n_others,
        "isOrdered": column.is_ordered,
    }
