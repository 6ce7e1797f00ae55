"""What a renderer is given: plain arrays and names, nothing to look up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import Memberships, ThemeRow
from pipeline.papers import Paper


@dataclass(frozen=True, slots=True)
class ThemeLabel:
    """A theme as a map shows it."""

    id: int
    name: str
    size: int
    parent: int | None
    """Id of the theme of the next coarser layer that holds it; None in the coarsest layer."""


@dataclass(frozen=True, slots=True)
class MapView:
    """Everything a map draws. Row i is the same paper in every array."""

    title: str
    snapshot: str
    """Digest of the atlas's content, so that a picture names what it shows."""
    papers: tuple[Paper, ...]
    layout: NDArray[np.float32]
    """(n_papers, 2), arbitrary units."""
    layers: tuple[tuple[ThemeLabel, ...], ...]
    """Finest layer first."""
    theme_ids: NDArray[np.int32]
    """(n_layers, n_papers) theme id of each paper in each layer; -1 where it is unassigned."""
    strengths: NDArray[np.float32]
    """(n_papers,) membership strength in the default layer, in [0, 1]; 0 where unassigned."""
    default_layer: int


def map_view(
    content_digest: str,
    papers: Sequence[Paper],
    themes: Sequence[ThemeRow],
    memberships: Memberships,
    layout: NDArray[np.float32],
) -> MapView:
    """What a map of these papers shows."""
    layers = tuple(
        tuple(ThemeLabel(t.id, t.name, t.size, t.parent) for t in themes if t.layer == layer)
        for layer in range(len(memberships.theme_ids))
    )
    return MapView(
        title="Theme map",
        snapshot=content_digest[:12],
        papers=tuple(papers),
        layout=layout,
        layers=layers,
        theme_ids=memberships.theme_ids,
        strengths=memberships.strengths[memberships.default_layer],
        default_layer=memberships.default_layer,
    )
