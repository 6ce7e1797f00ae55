"""What a renderer is given: plain arrays and names, nothing to look up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import Memberships, Snapshot, ThemeRow
from pipeline.papers import Paper


@dataclass(frozen=True, slots=True)
class ThemeLabel:
    """A theme as a map shows it."""

    id: int
    name: str
    size: int
    parent: int | None
    """Id of the theme of the next coarser layer that holds it; None in the coarsest layer."""
    terms: tuple[str, ...] = ()
    """Phrases that tell it from others, the most telling first."""
    evidence: tuple[str, ...] = ()
    """What speaks for its name, in words."""
    stability: float | None = None
    """Share of its pairs of papers that stay together when the themes are found again without a
    fifth of the papers; None where nobody looked."""


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
    neighbors: NDArray[np.int32]
    """(n_papers, k) rows of the papers nearest to each in the embedding space, nearest first and
    without the paper itself; -1 where fewer are known."""
    similarities: NDArray[np.float32]
    """(n_papers, k) cosine similarities of the `neighbors`, 0 where there is none."""
    preservation: NDArray[np.float32]
    """(n_papers,) how well the map keeps each paper beside its `neighbors`, in [0, 1]."""


def map_view(
    content_digest: str,
    papers: Sequence[Paper],
    themes: Sequence[ThemeRow],
    memberships: Memberships,
    layout: NDArray[np.float32],
    *,
    neighbors: NDArray[np.int32],
    similarities: NDArray[np.float32],
    preservation: NDArray[np.float32],
) -> MapView:
    """What a map of these papers shows; the arrays are those of `MapView`."""
    layers = tuple(
        tuple(_label_of(t) for t in themes if t.layer == layer)
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
        neighbors=neighbors,
        similarities=similarities,
        preservation=preservation,
    )


def snapshot_view(snapshot: Snapshot, papers: Sequence[Paper]) -> MapView:
    """What a map of a whole snapshot shows; `papers` are its own, in their order."""
    return map_view(
        snapshot.content_digest,
        papers,
        snapshot.themes(),
        snapshot.memberships,
        snapshot.layout,
        neighbors=snapshot.neighbors,
        similarities=snapshot.similarities,
        preservation=snapshot.preservation,
    )


def _label_of(theme: ThemeRow) -> ThemeLabel:
    return ThemeLabel(
        theme.id,
        theme.name,
        theme.size,
        theme.parent,
        terms=theme.terms,
        evidence=theme.evidence,
        stability=theme.stability,
    )
