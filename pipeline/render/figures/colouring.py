"""What colours mean on a figure: themes, kinds of papers, or numbers such as years."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UsageError
from pipeline.render.figures.columns import known_columns, read_column, read_numbers
from pipeline.render.figures.sheet import GROUNDS, Ground
from pipeline.render.figures.style import FigureStyle, Mode
from pipeline.render.palette import category_colours, scale_colours, theme_colours
from pipeline.render.view import MapView

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_KINDS = 8
"""Kinds with a colour of their own; more could not be told apart all over a map."""
_FEWEST_NUMBERS = 9
"""Of fewer different numbers each is a kind."""
_MIDDLE_SHARE = 0.95
"""Of the numbers lie within the ends of a scale, so that one old paper does not make all alike."""
NAMELESS = -2


@dataclass(frozen=True, slots=True)
class Group:
    """Papers of one colour."""

    id: int
    """Of the theme; -1 for a kind of a column, `NAMELESS` for several kinds in one."""
    name: str
    n_papers: int
    colour: str
    """Of its points, `#rrggbb`."""
    ink: str
    """Of its name, `#rrggbb`."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Colours of numbers by rank, between the ends that most of them have: equal steps of colour
    are equal numbers of papers, so that crowded years are told apart."""

    low: float
    high: float
    is_cut_low: bool
    """Whether numbers below `low` have its colour."""
    is_cut_high: bool
    table: Floats
    """(n, 3) colours in even steps from `low` to `high`, in [0, 1]."""
    numbers: Floats
    """(k,) the different numbers from `low` to `high`, rising."""
    places: Floats
    """(k,) of each its place along the colours, in [0, 1]: the share of papers below it."""

    def place(self, numbers: Floats) -> Floats:
        """Where numbers lie along the colours, in [0, 1]; the ends for those beyond."""
        placed: Floats = np.interp(numbers, self.numbers, self.places)
        return placed


@dataclass(frozen=True, slots=True)
class Colouring:
    """The colour of each paper, and what it says; row i is the view's paper i."""

    by: str
    """Such as `theme`, or the name of a column."""
    rgb: Floats
    """(n_papers, 3) in [0, 1]."""
    is_known: Bools
    """(n_papers,) False where the paper has none of it; such papers are quiet."""
    group_of: NDArray[np.int64]
    """(n_papers,) place in `groups`, -1 for none."""
    groups: tuple[Group, ...] = ()
    """Largest first, those without a colour of their own last; none on a scale."""
    scale: Scale | None = None

    @property
    def n_unknown(self) -> int:
        """Papers that have none of it."""
        return int((~self.is_known).sum())

    def lit(self, rows: Bools, ground: Ground) -> Colouring:
        """The same with all papers but `rows` quiet."""
        rgb = np.where(rows[:, None], self.rgb, np.array(rgb_of(ground.quiet)))
        return replace(self, rgb=rgb, is_known=self.is_known & rows)


def colour_papers(view: MapView, style: FigureStyle, layer: int) -> Colouring:
    """The colours of a view's papers in a style; themes are those of `layer`.

    Raises UsageError for a column that there is not, or in which no paper has anything.
    """
    if style.is_by_theme:
        return _by_theme(view, style.mode, layer)
    name, values = read_column(view.papers, style.colour_by)
    if values and not any(values):
        raise UsageError(
            f"no paper of this atlas has a {name}", hint=f"known: {known_columns(view.papers)}"
        )
    numbers = read_numbers(values)
    n_different = len(set(values) - {""})
    if numbers is not None and (name == "year" or n_different >= _FEWEST_NUMBERS):
        return _by_number(name, np.array(numbers, dtype=np.float64), style.mode)
    return _by_kind(name, values, style.mode)


def _by_theme(view: MapView, mode: Mode, layer: int) -> Colouring:
    themes = view.layers[layer] if view.layers else ()
    theme_ids = view.theme_ids[layer] if view.layers else np.full(len(view.papers), -1, np.int32)
    ranked = sorted(themes, key=lambda theme: (-theme.size, theme.id))
    ground, own = GROUNDS[mode], theme_colours(view)
    looks = [
        _Look(theme.id, theme.name, ground.quiet, ground.soft)
        if (tones := own.get(theme.id)) is None  # no paper of it is on this map
        else _Look(theme.id, theme.name, tones.point_light, tones.ink_light)
        if mode == "light"
        else _Look(theme.id, theme.name, tones.point_dark, tones.ink_dark)
        for theme in ranked
    ]
    return _grouped("theme", looks, _places(theme_ids.tolist(), [t.id for t in ranked]), ground)


def _by_kind(name: str, values: Sequence[str], mode: Mode) -> Colouring:
    """The commonest kinds in the colours that the page has for them, all others in one grey."""
    counts = Counter(value for value in values if value)
    ranked = sorted(counts, key=lambda kind: (-counts[kind], kind))
    # One kind more than that needs no group of its own for the last one.
    own = ranked if len(ranked) <= MOST_KINDS + 1 else ranked[:MOST_KINDS]
    n_others = len(ranked) - len(own)
    places, ground = _places(values, own), GROUNDS[mode]
    palette = category_colours()
    points = palette.light if mode == "light" else palette.dark
    looks = [_Look(-1, kind, points[i], ground.ink) for i, kind in enumerate(own)]
    colouring = _grouped(name, looks, places, ground)
    is_other = np.array([bool(value) for value in values], dtype=bool) & (places < 0)
    return (
        _with_others(colouring, is_other, f"{n_others:,} others", mode) if n_others else colouring
    )


def _with_others(colouring: Colouring, rows: Bools, name: str, mode: Mode) -> Colouring:
    """The same with one more group, for `rows` that had none."""
    ground = GROUNDS[mode]
    group = Group(NAMELESS, name, int(rows.sum()), ground.other, ground.soft)
    return replace(
        colouring,
        rgb=np.where(rows[:, None], np.array(rgb_of(ground.other)), colouring.rgb),
        is_known=colouring.is_known | rows,
        group_of=np.where(rows, len(colouring.groups), colouring.group_of),
        groups=(*colouring.groups, group),
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """A group before its papers are counted."""

    id: int
    name: str
    colour: str
    ink: str


def _grouped(
    by: str, looks: Sequence[_Look], group_of: NDArray[np.int64], ground: Ground
) -> Colouring:
    counts = np.bincount(group_of[group_of >= 0], minlength=len(looks)).tolist()
    groups = tuple(
        Group(look.id, look.name, count, look.colour, look.ink)
        for look, count in zip(looks, counts, strict=True)
    )
    table = np.array([*(rgb_of(group.colour) for group in groups), rgb_of(ground.quiet)])
    return Colouring(by, table[group_of], group_of >= 0, group_of, groups)


def _by_number(name: str, numbers: Floats, mode: Mode) -> Colouring:
    ground = GROUNDS[mode]
    is_known = np.isfinite(numbers)
    none = np.full(len(numbers), -1, dtype=np.int64)
    rgb = np.tile(np.array(rgb_of(ground.quiet)), (len(numbers), 1))
    if not is_known.any():
        return Colouring(name, rgb, is_known, none)
    known = np.sort(numbers[is_known])
    low, high = _ends(known)
    table = number_scale(mode)
    different, places = _ranks(known, low, high)
    scale = Scale(low, high, bool(known[0] < low), bool(known[-1] > high), table, different, places)
    rgb[is_known] = table[np.round(scale.place(numbers[is_known]) * (len(table) - 1)).astype(int)]
    return Colouring(name, rgb, is_known, none, scale=scale)


def _ends(known: Floats) -> tuple[float, float]:
    """Between which most of the rising numbers lie."""
    cut = math.floor((1.0 - _MIDDLE_SHARE) / 2 * len(known))
    return float(known[cut]), float(known[len(known) - 1 - cut])


def _ranks(known: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The different numbers from low to high, and the share of papers below each, in [0, 1]: the
    middle rank of its papers, moved to reach from 0 to 1."""
    numbers, counts = np.unique(np.clip(known, low, high), return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    if len(numbers) < 2:
        return numbers, np.array([0.5])
    return numbers, (middle - middle[0]) / (middle[-1] - middle[0])


def number_scale(mode: Mode) -> Floats:
    """(n, 3) the page's colours of numbers in fine steps, the highest farthest from the ground."""
    told = scale_colours(257)
    colours = told.light if mode == "light" else told.dark
    return np.array([rgb_of(colour) for colour in colours])


def rgb_of(colour: str) -> tuple[float, float, float]:
    """Red, green and blue in [0, 1] of `#rrggbb`."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _places(values: Sequence[object], known: Sequence[object]) -> NDArray[np.int64]:
    """The place of each value among the known ones, -1 for another."""
    place = {value: i for i, value in enumerate(known)}
    return np.array([place.get(value, -1) for value in values], dtype=np.int64)
