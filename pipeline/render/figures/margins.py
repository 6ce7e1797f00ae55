"""What stands around a figure: its title, and below what is counted and what made it."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.render.figures.sheet import Box, Sheet
from pipeline.render.figures.style import SMALLEST_TYPE, Kind

_TITLES: Mapping[Kind, str] = {
    "map": "",
    "years": "Papers by {by}, year by year",
    "stream": "Papers by {by} over the years",
    "bars": "Papers by {by} over the years",
}


_MOST_TITLE = 0.25
"""Of the height; a longer title is set smaller."""
_FOOT_LETTERS = 32
"""Letters' heights that go into the width of a foot: what it says is some 50 letters long."""


def default_title(sheet: Sheet, title: str) -> str:
    """What a slide of the style's kind is called, for a map of that title."""
    style = sheet.style
    by = style.colour_by.strip()
    told = _TITLES[style.kind].format(by=by) or (title if style.is_by_theme else f"{title} by {by}")
    return f"Share of {told[0].lower()}{told[1:]}" if style.share else told


def draw_title(sheet: Sheet, title: str, box: Box) -> Box:
    """Draw the style's title, or on a slide the given one; gives the rest of the box."""
    told = sheet.style.title
    if told is None:
        told = default_title(sheet, title) if sheet.style.is_slide else ""
    if not told.strip():
        return box
    size = 1.42 * sheet.size if sheet.style.is_slide else 1.15 * sheet.size
    lines = sheet.wrapped(told, size, box.width, fontweight="bold")
    while 1.25 * len(lines) * size > _MOST_TITLE * box.height and size > SMALLEST_TYPE:
        size = max(SMALLEST_TYPE, 0.9 * size)
        lines = sheet.wrapped(told, size, box.width, fontweight="bold")
    rest, strip = box.cut_top((1.25 * len(lines) + 0.45) * size)
    for i, text in enumerate(lines):
        y = strip.high - (0.65 + 1.25 * i) * size
        sheet.text(strip.left, y, text, size, fontweight="bold")
    return rest


def foot_height(sheet: Sheet) -> float:
    """Points that `draw_foot` needs."""
    return 1.5 * _foot_size(sheet)


def _foot_size(sheet: Sheet) -> float:
    """Points of the foot: below names set very large it stays as small as the width asks."""
    own = sheet.small * (0.9 if sheet.style.is_slide else 1.0)
    return max(SMALLEST_TYPE, min(own, sheet.width / _FOOT_LETTERS))


def draw_foot(sheet: Sheet, strip: Box, counts: str, missing: str, snapshot: str) -> None:
    """Say what is `missing` wherever something is, and on a slide what is counted and where from:
    below a figure in a column of text a caption says it."""
    size, soft = _foot_size(sheet), sheet.ground.soft
    told = " · ".join(filter(None, [counts if sheet.style.is_slide else "", missing]))
    y = strip.low + 0.6 * size
    if told:
        room = (0.75 if sheet.style.is_slide else 1.0) * strip.width
        text = sheet.fitted(told, size, room)
        sheet.text(strip.left, y, text, size, color=soft, va="center_baseline")
    if sheet.style.is_slide:
        made_by = sheet.fitted(f"paperatlas · {snapshot}", size, 0.23 * strip.width)
        sheet.text(strip.right, y, made_by, size, color=soft, ha="right", va="center_baseline")
