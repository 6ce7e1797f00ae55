"""What the command line tells of the novelty of a text: lines for people, values for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipeline.cli.layout import bold, plain, wrap

if TYPE_CHECKING:
    from pipeline.novelty import Novelty
    from pipeline.papers import Paper

_LONGEST_BAR = 30
_MOST_YEARS = 12
_INDENT = " " * 2


def novelty_lines(
    novelty: Novelty, width: int | None, paper_of: Callable[[int], Paper]
) -> Iterator[str]:
    """The verdict, the papers it names, and the crowd by years. `paper_of`: the paper of a row."""
    from pipeline.cli.pages import count

    yield bold(f"How crowded this place is among all {count(novelty.n_papers, 'paper')}")
    yield from wrap(novelty.verdict, width, first=_INDENT, indent=_INDENT)
    if novelty.nearest_row is not None:
        told = f"{novelty.nearest:.2f}"
        if novelty.nearest_share is not None:
            told += f", nearer than that of {novelty.nearest_share:.0%} of the atlas's papers"
        yield from _named(f"nearest ({told})", paper_of(novelty.nearest_row), width)
    if novelty.earliest_row is not None:
        first = f"the first of {novelty.crowd:,}" if novelty.crowd != 1 else "the only one"
        first = f"{first} ({novelty.earliest_year})"
        yield from _named(first, paper_of(novelty.earliest_row), width)
    yield from _year_lines(novelty)


def _named(what: str, paper: Paper, width: int | None) -> Iterator[str]:
    from pipeline.cli.pages import title_of

    told = f"{what}: {title_of(paper)} ({plain(paper.id)})"
    yield from wrap(told, width, first=_INDENT, indent=_INDENT * 2)


def _year_lines(novelty: Novelty) -> Iterator[str]:
    """Papers of the crowd by year, as bars: the last years one by one, all before in one line."""
    counts = dict(novelty.by_year)
    if len(counts) < 2:
        return
    last = max(counts)
    first = max(min(counts), last - _MOST_YEARS + 1)
    before = sum(count for year, count in counts.items() if year < first)
    rows = [(f"before {first}", before)] if before else []
    rows += [(str(year), counts.get(year, 0)) for year in range(first, last + 1)]
    most = max(count for _, count in rows)
    for when, count in rows:
        bar = "█" * -(-_LONGEST_BAR * count // most)
        yield f"{_INDENT}{when:>{len(rows[0][0])}}  {count:>{len(f'{most:,}')},}  {bar}".rstrip()


def novelty_values(novelty: Novelty, paper_of: Callable[[int], Paper]) -> dict[str, Any]:
    """The same for programs; null for what cannot be told."""
    nearest, first, shift = novelty.nearest_row, novelty.earliest_row, novelty.shift
    return {
        "place": novelty.place,
        "verdict": novelty.verdict,
        "papers": novelty.n_papers,
        "nearest": None
        if nearest is None
        else {"id": paper_of(nearest).id, **_scored(novelty.nearest, novelty.nearest_share)},
        "tenth": None if novelty.tenth is None else _scored(novelty.tenth, novelty.tenth_share),
        "typical_tenth": _rounded(novelty.typical_tenth),
        "crowd": novelty.crowd,
        "dated": novelty.n_dated,
        "earliest": None
        if first is None
        else {"id": paper_of(first).id, "year": novelty.earliest_year},
        "median_year": novelty.median_year,
        "by_year": [{"year": year, "papers": count} for year, count in novelty.by_year],
        "shift": shift and {name: _rounded(value) for name, value in asdict(shift).items()},
    }


def _scored(score: float, share: float | None) -> dict[str, float | None]:
    return {"score": _rounded(score), "share": _rounded(share)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
