"""Figures drawn and looked into: what stands where, in points, and which colours are there."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from PIL import Image

from pipeline.render import FigureStyle, Highlight, MapView, render_figure
from pipeline.render.figures import paint_figure
from pipeline.render.figures.sheet import Sheet, draw

HALO = 5
"""Halos lie under their names, as texts of their own at this height."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text on the page and its box (left, low, right, high) in points."""

    text: str
    size: float
    box: tuple[float, float, float, float]

    def overlaps(self, other: Text, *, by: float = 0.2) -> bool:
        left, low, right, high = self.box
        return (
            left + by < other.box[2]
            and other.box[0] + by < right
            and low + by < other.box[3]
            and other.box[1] + by < high
        )


@dataclass(frozen=True, slots=True)
class Page:
    width: float
    height: float
    texts: tuple[Text, ...]

    @property
    def words(self) -> str:
        return " ".join(" ".join(text.text.split()) for text in self.texts)

    @property
    def overlapping(self) -> list[tuple[str, str]]:
        pairs = combinations(self.texts, 2)
        return [(one.text, other.text) for one, other in pairs if one.overlaps(other)]

    @property
    def clipped(self) -> list[str]:
        return [
            text.text
            for text in self.texts
            if min(text.box[:2]) < -0.01
            or text.box[2] > self.width + 0.01
            or text.box[3] > self.height + 0.01
        ]


def page_of(view: MapView, style: FigureStyle, highlight: Highlight | None = None) -> Page:
    """Every text of a figure with its true extent."""
    sheets: list[Sheet] = []

    def paint(sheet: Sheet) -> None:
        paint_figure(sheet, view, highlight or Highlight())
        sheet.figure.canvas.draw()
        sheets.append(sheet)

    found = []
    draw(lambda sheet: (paint(sheet), found.extend(_texts(sheet)))[0], "png", style)
    (sheet,) = sheets
    return Page(sheet.width, sheet.height, tuple(found))


def _texts(sheet: Sheet) -> list[Text]:
    found = [text for axes in sheet.figure.axes for text in axes.texts]
    for axes in sheet.figure.axes:
        if axes is not sheet.axes:
            found += [*_told(axes.xaxis), *_told(axes.yaxis)]
    return [
        Text(text.get_text(), text.get_fontsize(), tuple(text.get_window_extent().extents))
        for text in found
        if text.get_text().strip() and text.get_zorder() != HALO
    ]


def _told(axis):
    """The labels of an axis that are drawn: matplotlib keeps others, for when it is moved."""
    low, high = sorted(axis.get_view_interval())
    return [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]


def pixels_of(view: MapView, style: FigureStyle, highlight: Highlight | None = None) -> np.ndarray:
    """(height, width, 3) of the PNG, 0 to 255."""
    png = render_figure(view, "png", style, highlight or Highlight())
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def count_pixels(pixels: np.ndarray, colour: str) -> int:
    """How many have exactly this `#rrggbb`."""
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((pixels == rgb).all(axis=2).sum())
