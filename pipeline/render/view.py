"""What a renderer is given: plain arrays and names, nothing to look up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
