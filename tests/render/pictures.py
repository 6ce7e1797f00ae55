"""Pictures of the page compared with approved ones: the same to a reader, not to the pixel.

Machines have other fonts, so words are a little wider or narrower and names move a little. What
must stay is where which colours are, and how much is drawn there. Both are looked at in tiles that
are large against a letter and small against a part of the page.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

APPROVED = Path(__file__).with_name("approved")
TILE = 10
"""Pixels of a shrunk picture along a tile's side: 40 of a window, or 80 of a large one."""
TONE, TINT, GRAIN = 2.55, 0.33, 0.16
"""Other proportional fonts stay within these, at three widths in both modes. A page without names
reaches a grain of .23, one without its list of themes .21, one without points a tone of 2.7, and
one with red for blue a tint of .55."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How two pictures of a page differ; all are 0 for the same picture."""

    tone: float
    """How much lighter or darker the tiles are, channel by channel: their mean, of 255."""
    tint: float
    """How much of what is coloured has another colour, in [0, 2]."""
    grain: float
    """How much of what is finely drawn, as letters and points are, came or went, in [0, 1]."""

    @property
    def is_small(self) -> bool:
        return self.tone <= TONE and self.tint <= TINT and self.grain <= GRAIN


def shrink(picture: np.ndarray) -> np.ndarray:
    """A fourth of the picture's size, an eighth if it is large, by means of blocks."""
    return block_means(picture, 8 if picture.shape[1] > 1600 else 4)


def block_means(picture: np.ndarray, side: int) -> np.ndarray:
    height, width = (length // side * side for length in picture.shape[:2])
    blocks = picture[:height, :width].astype(float)
    blocks = blocks.reshape(height // side, side, width // side, side, -1)
    return blocks.mean(axis=(1, 3))


def difference(one: np.ndarray, other: np.ndarray) -> Difference:
    """How two shrunk pictures of one size differ."""
    assert one.shape == other.shape, f"sizes differ: {one.shape} and {other.shape}"
    tiles = [block_means(picture, TILE) for picture in (one, other)]
    return Difference(
        tone=float(np.abs(tiles[0] - tiles[1]).mean()),
        tint=_gap(*(tile - tile.mean(axis=2, keepdims=True) for tile in tiles)),
        grain=_gap(_grain(one), _grain(other)),
    )


def _gap(one: np.ndarray, other: np.ndarray) -> float:
    larger = np.maximum(np.abs(one), np.abs(other)).sum()
    return float(np.abs(one - other).sum() / larger) if larger else 0.0


def _grain(picture: np.ndarray) -> np.ndarray:
    """(4, 4) mean step between neighbouring pixels in each part: letters and points make it, and
    grounds do not."""
    grey = picture.astype(float).mean(axis=2)
    steps = np.abs(np.diff(grey, axis=0))[:, :-1] + np.abs(np.diff(grey, axis=1))[:-1]
    rows, columns = (np.array_split(np.arange(length), 4) for length in steps.shape)
    return np.array([[steps[np.ix_(r, c)].mean() for c in columns] for r in rows])


def check(name: str, picture: np.ndarray) -> None:
    """Compares with the approved picture of that name; with PAPERATLAS_APPROVE=1 keeps this one."""
    path = APPROVED / f"{name}.png"
    shrunk = shrink(picture)
    if os.environ.get("PAPERATLAS_APPROVE") == "1":
        APPROVED.mkdir(exist_ok=True)
        image = Image.fromarray(np.round(shrunk).astype(np.uint8))
        image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
        return
    assert path.exists(), f"no {path}: look at the page, then set PAPERATLAS_APPROVE=1"
    found = difference(shrunk, np.asarray(Image.open(path).convert("RGB")))
    assert found.is_small, f"{name} differs from the approved picture: {found}"
