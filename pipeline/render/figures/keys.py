"""What the colours of a figure mean: a legend of groups, or a bar of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.render.figures.colouring import Colouring, Group, Scale
from pipeline.render.figures.sheet import Box, Sheet

_MOST_OF_PAGE = 0.38
"""Of its height, or beside the map of its width, that a legend may take."""
_TICKS = (0.5, 0.25, 0.75)
"""Places along a scale that are told besides its ends."""
_WIDE = 1.3
"""Width by height from which a legend stands beside the map, where the room is."""


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str
    colour: str
    """"" for a line that only says something."""


def draw_key(sheet: Sheet, colouring: Colouring, box: Box, *, beside: bool = True) -> Box:
    """Draw what the colours mean at the edge of the box, a legend `beside` the map where the page
    is wide; gives the rest of the box."""
    if colouring.scale is not None:
        return _draw_scale(sheet, colouring, colouring.scale, box)
    entries = _entries(sheet, colouring)
    if not entries:
        return box
    if beside and box.width > _WIDE * box.height:
        return _draw_column(sheet, entries, box)
    return _draw_rows(sheet, entries, box)


def _entries(sheet: Sheet, colouring: Colouring) -> list[_Entry]:
    entries = [_entry(group) for group in colouring.groups]
    if colouring.groups and colouring.n_unknown:
        entries.append(_Entry(f"no {colouring.by} ({colouring.n_unknown:,})", sheet.ground.quiet))
    return entries


def _entry(group: Group) -> _Entry:
    return _Entry(f"{group.name} ({group.n_papers:,})", group.colour)


def _cut(entries: Sequence[_Entry], room: int) -> list[_Entry]:
    """As many entries as have room, the last one saying how many have none."""
    if len(entries) <= room:
        return list(entries)
    kept = max(0, room - 1)
    return [*entries[:kept], _Entry(f"and {len(entries) - kept:,} more", "")]


def _draw_column(sheet: Sheet, entries: Sequence[_Entry], box: Box) -> Box:
    line = 1.55 * sheet.small
    entries = _cut(entries, max(1, int(box.height / line)))
    widest = _MOST_OF_PAGE * box.width
    texts = [sheet.fitted(e.text, sheet.small, widest - _indent(sheet)) for e in entries]
    widths = [sheet.measure(text, sheet.small)[0] for text in texts]
    rest, column = box.cut_right(max(widths) + _indent(sheet) + sheet.size)
    top = (column.low + column.high) / 2 + line * (len(entries) - 1) / 2
    for i, (entry, text) in enumerate(zip(entries, texts, strict=True)):
        _draw_entry(sheet, column.left + sheet.size, top - i * line, entry, text)
    return rest


def _draw_rows(sheet: Sheet, entries: Sequence[_Entry], box: Box) -> Box:
    line, gap = 1.5 * sheet.small, 1.2 * sheet.small
    n_rows = max(1, int(_MOST_OF_PAGE * box.height / line))
    widest = box.width - _indent(sheet)
    for room in range(len(entries), 0, -1):
        kept = _cut(entries, room)
        texts = [sheet.fitted(entry.text, sheet.small, widest) for entry in kept]
        widths = [_indent(sheet) + sheet.measure(text, sheet.small)[0] for text in texts]
        rows = _flow(widths, gap, box.width)
        if len(rows) <= n_rows:
            break
    rest, strip = box.cut_bottom(line * len(rows) + 0.4 * sheet.size)
    for i, row in enumerate(rows):
        y = strip.low + line * (len(rows) - i - 0.5)
        total = sum(widths[j] for j in row) + gap * (len(row) - 1)
        x = strip.left + max(0.0, (strip.width - total) / 2)
        for j in row:
            _draw_entry(sheet, x, y, kept[j], texts[j])
            x += widths[j] + gap
    return rest


def _flow(widths: Sequence[float], gap: float, room: float) -> list[list[int]]:
    """Places of the entries row by row, each row as full as it may be."""
    rows: list[list[int]] = [[]]
    used = 0.0
    for i, width in enumerate(widths):
        if rows[-1] and used + width > room:
            rows.append([])
            used = 0.0
        rows[-1].append(i)
        used += width + gap
    return rows


def _indent(sheet: Sheet) -> float:
    return 1.15 * sheet.small


def _draw_entry(sheet: Sheet, x: float, y: float, entry: _Entry, text: str) -> None:
    size = sheet.small
    if entry.colour:
        sheet.axes.plot([x + 0.35 * size], [y], "o", ms=0.62 * size, mew=0, color=entry.colour)
        x += _indent(sheet)
    sheet.text(x, y, text, size, va="center_baseline", color=sheet.ground.ink)


def _draw_scale(sheet: Sheet, colouring: Colouring, scale: Scale, box: Box) -> Box:
    """A slim bar with its ends told, and the papers that have no number."""
    size, bar = sheet.small, 0.55 * sheet.small
    rest, strip = box.cut_bottom(3.0 * size)
    title = colouring.by
    unknown = f"no {colouring.by} ({colouring.n_unknown:,})" if colouring.n_unknown else ""
    lead = sheet.measure(title, size)[0] + 0.8 * size
    tail = sheet.measure(unknown, size)[0] + 2.2 * size if unknown else 0.0
    length = min(0.42 * strip.width, 24 * size, strip.width - lead - tail)
    left = strip.left + (strip.width - lead - length - tail) / 2 + lead
    y = strip.low + 2.0 * size
    sheet.text(left - 0.8 * size, y, title, size, ha="right", va="center_baseline")
    _draw_bar(sheet, scale, Box(left, y - bar / 2, left + length, y + bar / 2))
    _draw_ticks(sheet, scale, Box(left, strip.low, left + length, y - bar / 2))
    if unknown:
        _draw_entry(sheet, left + length + size, y, _Entry(unknown, sheet.ground.quiet), unknown)
    return rest


def _draw_bar(sheet: Sheet, scale: Scale, box: Box) -> None:
    sheet.axes.imshow(
        scale.table[None],
        extent=(box.left, box.right, box.low, box.high),
        aspect="auto",
        interpolation="nearest",
        zorder=3,
    )
    sheet.axes.set(xlim=(0.0, sheet.width), ylim=(0.0, sheet.height))


def _draw_ticks(sheet: Sheet, scale: Scale, box: Box) -> None:
    """The ends, and numbers at even steps of colour between them where there is room."""
    size = sheet.small
    numbers = scale.numbers[[int(np.abs(scale.places - s).argmin()) for s in _TICKS]].tolist()
    ends = [
        (scale.low, "≤" if scale.is_cut_low else ""),
        (scale.high, "≥" if scale.is_cut_high else ""),
    ]
    told: list[tuple[float, float]] = []
    for number, sign in [*ends, *((number, "") for number in numbers)]:
        share = float(scale.place(np.array(number)))
        x, text = box.left + share * box.width, sign + _plain_number(number)
        half = sheet.measure(text, size)[0] / 2
        if any(
            x - half < right + 0.5 * size and x + half > left - 0.5 * size for left, right in told
        ):
            continue
        told.append((x - half, x + half))
        sheet.text(x, box.high - 0.25 * size, text, size, ha="center", va="top")


def _plain_number(number: float) -> str:
    return f"{number:.0f}" if number.is_integer() and abs(number) < 1e6 else f"{number:.3g}"
