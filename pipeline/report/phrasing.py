"""Numbers, years and lists as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.papers import Paper
from pipeline.papers.plain import one_line
from pipeline.render.wording import display_title, paper_link
from pipeline.report.document import PaperItem

_N_AUTHORS = 3


def counted(number: int, noun: str, plural: str = "") -> str:
    """Such as `1 paper`, `2,400 papers`, `3 series`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(part: float, whole: float = 1.0) -> str:
    """Such as `2.7%` and `31%`; what is not nothing and not all never looks like it."""
    share = part / whole if whole else 0.0
    if 0 < share < 0.0005:
        return "under 0.1%"
    if share < 0.0995:
        return f"{share:.1%}".replace(".0%", "%")
    return "over 99%" if 0.995 <= share < 1 else f"{share:.0%}"


def quoted(name: str) -> str:
    """The name of a theme in the middle of a sentence."""
    return f"“{one_line(name)}”"


def enumeration(parts: Sequence[str]) -> str:
    """Such as `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def year_span(years: Mapping[int, int], joined: str = "–") -> str:
    """Such as `2019–2024`; "" without years."""
    if not years:
        return ""
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first}{joined}{last}"


def paper_item(paper: Paper, remark: str = "") -> PaperItem:
    """The paper as it stands in a list: three authors are named."""
    names = ", ".join(one_line(name) for name in paper.authors[:_N_AUTHORS])
    if len(paper.authors) > _N_AUTHORS or (names and paper.authors_truncated):
        names += " et al."
    return PaperItem(
        title=one_line(display_title(paper)),
        authors=names,
        year=str(paper.year or ""),
        venue=one_line(paper.venue or ""),
        href=paper_link(paper),
        remark=remark,
    )
