"""Small charts of a page, as SVG that its style sheet colours; the numbers are told beside them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_SPARK_HEIGHT = 18
_SPARK_WIDTH = 84
_CHART_HEIGHT = 190
_ROOM_ABOVE, _ROOM_BELOW = 20, 24  # for numbers above the bars, years below them
_MOST_TOLD = 32
"""Bars up to this many have their number above them: more would run into each other."""


def draw_bar(share: float) -> str:
    """A bar whose length is the share, in [0, 1]."""
    length = round(48 * min(max(share, 0.0), 1.0), 1)
    return (
        '<svg class="bar" width="48" height="9" aria-hidden="true">'
        f'<rect width="{length:g}" height="9" rx="1"/></svg>'
    )


def draw_sparkline(n_papers: Sequence[int]) -> str:
    """Bars of the years in a row, at least one."""
    most = max(n_papers)
    step = _SPARK_WIDTH / len(n_papers)
    bars = []
    for place, n in enumerate(n_papers):
        if n:
            height = max(1.5, (_SPARK_HEIGHT - 1) * n / most)
            bars.append(
                f"M{place * step:.1f} {_SPARK_HEIGHT - 1}v-{height:.1f}h{max(step * 0.8, 1):.1f}"
                f"v{height:.1f}z"
            )
    return (
        f'<svg class="spark" width="{_SPARK_WIDTH}" height="{_SPARK_HEIGHT}" '
        f'viewBox="0 0 {_SPARK_WIDTH} {_SPARK_HEIGHT}" aria-hidden="true">'
        f'<path class="ground" d="M0 {_SPARK_HEIGHT - 0.5}h{_SPARK_WIDTH}"/>'
        f'<path d="{"".join(bars)}"/></svg>'
    )


def draw_years(first: int, n_papers: Sequence[int], alt: str) -> str:
    """Bars of all years, as wide as the page; letters keep their size on a narrow one."""
    most, n_years = max(n_papers, default=1) or 1, max(len(n_papers), 1)
    step = 100 / n_years
    room = _CHART_HEIGHT - _ROOM_ABOVE - _ROOM_BELOW
    ground = _CHART_HEIGHT - _ROOM_BELOW
    every = _label_step(n_years)
    drawn = []
    for place, n in enumerate(n_papers):
        middle = (place + 0.5) * step
        height = room * n / most
        if n:
            drawn.append(
                f'<rect x="{place * step + step * 0.1:.2f}%" y="{ground - height:.1f}" '
                f'width="{step * 0.8:.2f}%" height="{height:.1f}"/>'
            )
        if n and n_years <= _MOST_TOLD:
            kind = "value" if n_years <= 12 else "value crowded"
            drawn.append(
                f'<text class="{kind}" x="{middle:.2f}%" y="{ground - height - 5:.1f}">{n:,}</text>'
            )
        # Counted from the last year, which readers look for.
        if (n_years - 1 - place) % every == 0:
            kind = (
                "year"
                if (n_years - 1 - place) % (every * 4) == 0 or n_years <= 8
                else "year crowded"
            )
            drawn.append(
                f'<text class="{kind}" x="{middle:.2f}%" y="{_CHART_HEIGHT - 7}">{first + place}'
                "</text>"
            )
    return (
        f'<svg class="years" width="100%" height="{_CHART_HEIGHT}" role="img" '
        f'aria-label="{escape(alt)}"><line class="ground" x1="0" x2="100%" y1="{ground}" '
        f'y2="{ground}"/>{"".join(drawn)}</svg>'
    )


def _label_step(n_years: int) -> int:
    """Years from one that is told to the next, so that some twenty are told."""
    return next((step for step in (1, 2, 5, 10, 20, 25, 50) if n_years / step <= 20), 100)
