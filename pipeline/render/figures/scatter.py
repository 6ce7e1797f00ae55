"""The papers as points, and each theme's colour as a soft ground under them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pipeline.render.figures.colouring import Bools, Colouring, Floats, rgb_of
from pipeline.render.figures.sheet import Box, Sheet

_TINY = 3.0
"""Points of diameter below which a rim or a hollow middle would eat the point up."""


def place_points(layout: NDArray[np.float32], box: Box) -> Floats:
    """(n, 2) the layout moved and scaled into the middle of the box, without distortion."""
    points = np.asarray(layout, dtype=np.float64).reshape(-1, 2)
    if not len(points):
        return points
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    extent = np.ptp(points, axis=0)
    room = np.array([box.width, box.height])
    scale: float = float(np.min(room / np.maximum(extent, 1e-9))) if extent.max() > 0 else 0.0
    centre = np.array([(box.left + box.right) / 2, (box.low + box.high) / 2])
    placed: Floats = (points - middle) * scale + centre
    return placed


def map_scale(box: Box) -> float:
    """1 for a map on a slide: points and their ground grow with the map."""
    return min(box.width, 1.35 * box.height) / 760.0


def point_diameter(scale: float, n_papers: int) -> float:
    """Points across on a map of that scale, less for more papers."""
    return max(0.4, 8.6 * scale * math.pow(169 / max(n_papers, 40), 0.3))


def draw_density(sheet: Sheet, points: Floats, rgb: Floats, scale: float) -> None:
    """The colours as a soft ground, as far as the papers are dense, on a map of that scale."""
    from scipy.ndimage import gaussian_filter

    if not len(points):
        return
    # Steps so fine that they are not seen: a smoothed image would be stored at the figure's dots.
    step = 1.2 * scale
    shape = (int(sheet.height / step) + 1, int(sheet.width / step) + 1)
    cells = ((points[:, 1] / step).astype(int), (points[:, 0] / step).astype(int))
    sigma = 2.5 * max(1.6, 4.4 * (len(points) / 100) ** -0.17)

    def blurred(weights: Floats) -> Floats:
        raster = np.zeros(shape)
        np.add.at(raster, cells, weights)
        smooth: Floats = gaussian_filter(raster, sigma)
        return smooth

    weight = blurred(np.ones(len(points)))
    mixed = np.stack([blurred(rgb[:, channel]) for channel in range(3)], axis=2)
    typical = float((weight**2).sum() / weight.sum())  # the density around a typical paper
    image = np.zeros((*shape, 4))
    image[..., :3] = np.clip(mixed / np.maximum(weight, 1e-12)[..., None], 0.0, 1.0)
    image[..., 3] = 0.22 * (1.0 - np.exp(-2.2 * weight / typical))
    extent = (0.0, shape[1] * step, 0.0, shape[0] * step)
    sheet.axes.imshow(image, extent=extent, origin="lower", interpolation="none", aspect="auto")
    sheet.axes.set(xlim=(0.0, sheet.width), ylim=(0.0, sheet.height))


def draw_papers(
    sheet: Sheet, points: Floats, colouring: Colouring, diameter: float, *, hollow: Bools
) -> None:
    """Papers of no colour small and quiet, then the others; `hollow` ones as rings.

    In an order of chance, the same each time: else the last theme or year would lie on top.
    """
    order = chance_order(len(points))
    points, rgb = points[order], colouring.rgb[order]
    known, hollow = colouring.is_known[order], hollow[order]
    quiet = np.tile(rgb_of(sheet.ground.quiet), (len(points), 1))
    paper = np.tile(rgb_of(sheet.ground.paper), (len(points), 1))
    scatter_discs(sheet, points[~known], 0.75 * diameter, quiet[~known], alpha=0.6)
    ringed, full = known & hollow, known & ~hollow
    if diameter > _TINY:
        # A rim in the ground's colour keeps near points apart; on specks it would eat them up.
        line = 0.128 * diameter
        rings, rims = rgb[ringed], paper[full]
        scatter_discs(
            sheet, points[ringed], 0.8 * diameter, paper[ringed], edges=rings, line_width=line
        )
        scatter_discs(sheet, points[full], diameter, rgb[full], edges=rims, line_width=0.55 * line)
    else:
        scatter_discs(sheet, points[ringed], diameter, rgb[ringed], alpha=0.45)
        scatter_discs(sheet, points[full], diameter, rgb[full])


def chance_order(n: int) -> NDArray[np.int64]:
    """(n,) places in an order of chance, the same each time."""
    return np.random.default_rng(0).permutation(n)


def scatter_discs(
    sheet: Sheet,
    points: Floats,
    diameter: float,
    faces: Floats,
    *,
    edges: Floats | None = None,
    line_width: float = 0.0,
    alpha: float = 1.0,
) -> None:
    """Discs at points (n, 2) in faces (n, 3); a raster in svg and pdf."""
    if not len(points):
        return
    sheet.axes.scatter(
        points[:, 0],
        points[:, 1],
        s=diameter**2,
        c=faces,
        edgecolors="none" if edges is None else edges.tolist(),
        linewidths=line_width,
        alpha=alpha,
        marker="o",
        rasterized=True,
    )
