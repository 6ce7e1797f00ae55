"""The map of the seeds as one build drew it: what pictures of the page are compared on.

A layout differs between kinds of CPU; a picture of the page should not. After a change of the
seeds: `python -m tests.render.seeds_map ATLAS` keeps what the atlas of them says now.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.papers import Paper
from pipeline.render import MapView, ThemeLabel

KEPT = Path(__file__).with_name("seeds_map.json")
ARRAYS = {
    "layout": np.float32,
    "theme_ids": np.int32,
    "strengths": np.float32,
    "neighbors": np.int32,
    "similarities": np.float32,
    "preservation": np.float32,
}


def seeds_view(papers: Sequence[Paper]) -> MapView:
    """The map of these papers, which must be those that it was kept for."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert [paper.id for paper in papers] == kept["ids"], "the seeds have changed"
    return MapView(
        title="Theme map",
        snapshot=kept["snapshot"],
        papers=tuple(papers),
        layers=tuple(tuple(ThemeLabel(**theme) for theme in layer) for layer in kept["layers"]),
        default_layer=kept["default_layer"],
        **{name: np.array(kept[name], dtype) for name, dtype in ARRAYS.items()},
    )


def keep_view(view: MapView) -> None:
    fields: dict[str, object] = {
        "ids": [paper.id for paper in view.papers],
        "snapshot": view.snapshot,
        "default_layer": view.default_layer,
        "layers": [[dataclasses.asdict(theme) for theme in layer] for layer in view.layers],
    }
    fields |= {name: np.round(getattr(view, name), 3).tolist() for name in ARRAYS}
    KEPT.write_text(json.dumps(fields, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    from pipeline.artifacts import open_snapshot
    from pipeline.render import map_view

    with open_snapshot(Path(sys.argv[1])) as snapshot:
        keep_view(
            map_view(
                snapshot.content_digest,
                list(snapshot.all_papers()),
                snapshot.themes(),
                snapshot.memberships,
                snapshot.layout,
                neighbors=snapshot.neighbors,
                similarities=snapshot.similarities,
                preservation=snapshot.preservation,
            )
        )
