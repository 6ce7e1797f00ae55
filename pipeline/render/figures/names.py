"""Names of themes and titles of papers on a map: none over another, none cut."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.papers import Paper
from pipeline.render.anchors import Anchor
from pipeline.render.figures.colouring import Floats
from pipeline.render.figures.sheet import Box, Sheet
from pipeline.render.figures.style import SMALLEST_TYPE
from pipeline.render.placement import place_labels
from pipeline.render.view import ThemeLabel
from pipeline.render.wording import display_title, wrap_name

_N_TITLE_WORDS = 7
_TITLE_LINE = 24


@dataclass(frozen=True, slots=True)
class Name:
    """A text that is to stand beside its place."""

    text: str
    place: tuple[float, float]
    size: float
    """Points of type."""
    ink: str
    weight: str = "bold"
    priority: float = 0.0
    """The highest has its place first."""
    clearance: float = 0.0
    """Points around its place that a line to it leaves free: a mark stands there."""


def theme_names(
    sheet: Sheet,
    themes: Sequence[ThemeLabel],
    anchors: Mapping[int, Anchor],
    inks: Mapping[int, str],
    *,
    lit: frozenset[int] | None = None,
) -> list[Name]:
    """The names of themes that have papers, larger for larger ones and smaller where there are
    many. With `lit` theme ids the others are set last, in soft ink."""
    themes = [theme for theme in themes if theme.id in anchors]
    largest = max((theme.size for theme in themes), default=1) or 1
    crowd = min(1.0, (26 / max(len(themes), 1)) ** 0.25)
    names = []
    for theme in themes:
        size = sheet.size * crowd * (0.85 + 0.35 * (theme.size / largest) ** 0.5)
        is_lit = lit is None or theme.id in lit
        names.append(
            Name(
                text="\n".join(wrap_name(theme.name)),
                place=(anchors[theme.id].x, anchors[theme.id].y),
                size=max(SMALLEST_TYPE, round(size if is_lit else 0.85 * size, 1)),
                ink=inks[theme.id] if is_lit else sheet.ground.soft,
                weight="bold" if is_lit else "normal",
                priority=theme.size + (2 * largest if is_lit and lit is not None else 0),
            )
        )
    return names


def paper_names(
    sheet: Sheet, papers: Sequence[Paper], places: Floats, *, above: float, clearance: float
) -> list[Name]:
    """Short titles of papers at their places, in the order of the papers, before all names whose
    priority is at most `above`; marks of `clearance` points around stand there."""
    return [
        Name(
            text="\n".join(wrap_name(short_title(paper), line_length=_TITLE_LINE)),
            place=(float(x), float(y)),
            size=max(SMALLEST_TYPE, round(0.9 * sheet.size, 1)),
            ink=sheet.ground.ink,
            weight="normal",
            priority=above + len(papers) - i,
            clearance=clearance,
        )
        for i, (paper, (x, y)) in enumerate(zip(papers, places, strict=True))
    ]


def short_title(paper: Paper) -> str:
    """The title up to its subtitle, and no more than its first words."""
    title = display_title(paper, n_words=_N_TITLE_WORDS)
    words = title.split(": ")[0].split()
    if len(words) <= _N_TITLE_WORDS:
        return " ".join(words)
    return " ".join(words[:_N_TITLE_WORDS]) + "…"


def draw_names(
    sheet: Sheet, names: Sequence[Name], box: Box, crowd: Floats, *, obstacles: Floats | None = None
) -> int:
    """Draw the names that have a place, and say how many.

    crowd (m, 2): points better left uncovered; obstacles (k, 4): boxes that no name may touch.
    """
    if not names:
        return 0
    unit = sheet.size / 12.0
    sizes = np.array([_halo_size(sheet, name) for name in names])
    names, sizes = _uncluttered(names, sizes, box, len(crowd))
    anchors = np.array([name.place for name in names], dtype=np.float64)
    placement = place_labels(
        anchors,
        sizes,
        np.array([name.priority for name in names]),
        box.sides,
        crowd=crowd,
        obstacles=obstacles,
        padding=2.0 * unit,
        reach=80.0 * unit,
    )
    shown = np.flatnonzero(placement.visible).tolist()
    for i in shown:
        _draw_leader(sheet, names[i], placement.centres[i], sizes[i])
    for i in shown:
        _draw_name(sheet, names[i], placement.centres[i])
    return len(shown)


def _uncluttered(
    names: Sequence[Name], sizes: Floats, box: Box, n_papers: int
) -> tuple[Sequence[Name], Floats]:
    """The first names by priority that leave enough of the map to be seen; one at least.

    A third of a map of a hundred papers may be covered, between which there is room anyway, and a
    fifth of one of fifty thousand.
    """
    most = min(0.34, max(0.15, 0.34 - 0.05 * math.log10(max(n_papers, 1) / 100)))
    order = np.argsort([-name.priority for name in names], kind="stable")
    covered = np.cumsum(sizes[order].prod(axis=1)) / max(box.width * box.height, 1e-9)
    kept = order[: max(1, int(np.searchsorted(covered, most, side="right")))]
    return [names[i] for i in kept], sizes[kept]


def _halo_size(sheet: Sheet, name: Name) -> tuple[float, float]:
    """Width and height of a name in points, its halo included."""
    width, height = sheet.measure(name.text, name.size, **_how(name))
    halo = _halo_width(name)
    return width + halo, height + 0.7 * halo


def _halo_width(name: Name) -> float:
    return 0.3 * name.size


def _how(name: Name) -> dict[str, Any]:
    return {"fontweight": name.weight, "linespacing": 1.1, "ha": "center", "va": "center"}


def _draw_name(sheet: Sheet, name: Name, centre: Floats) -> None:
    from matplotlib.patheffects import Stroke

    x, y = centre.tolist()
    # The halo is a text of its own: matplotlib turns a text with path effects into outlines, and
    # the name above it must stay text that can be searched and edited.
    halo = Stroke(
        linewidth=_halo_width(name), foreground=sheet.ground.paper, alpha=0.9, joinstyle="round"
    )
    sheet.text(x, y, name.text, name.size, path_effects=[halo], zorder=5, **_how(name))
    sheet.text(x, y, name.text, name.size, color=name.ink, zorder=6, **_how(name))


def _draw_leader(sheet: Sheet, name: Name, centre: Floats, size: Floats) -> None:
    """A thin line from a name that had to move away to its place."""
    place, half = np.array(name.place), size / 2
    start = np.clip(place, centre - half, centre + half)
    length = float(np.hypot(*(start - place)))
    if length < max(0.5 * name.size, name.clearance + 0.2 * name.size):
        return
    end = place + (start - place) * (name.clearance / length)
    xs, ys = np.stack([start, end]).T.tolist()
    sheet.axes.plot(xs, ys, color=name.ink, lw=sheet.stroke, alpha=0.8, zorder=4)
    if not name.clearance:
        sheet.axes.plot(xs[1:], ys[1:], "o", color=name.ink, ms=3.2 * sheet.stroke, mew=0, zorder=4)
