"""What the papers have in one of their columns, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pipeline.errors import UsageError
from pipeline.papers import Paper

_FIELDS: Mapping[str, Callable[[Paper], object]] = {
    "year": lambda paper: paper.year,
    "venue": lambda paper: paper.venue,
    "category": lambda paper: paper.category,
    "source": lambda paper: paper.sources[0].file if paper.sources else None,
    "score": lambda paper: paper.score,
    "code": lambda paper: "available" if paper.code else None,
    "kind": lambda paper: paper.kind,
    "language": lambda paper: paper.language,
    "status": lambda paper: paper.status,
}
"""Fields of every atlas by which papers can be told apart."""


def read_column(papers: Sequence[Paper], wanted: str) -> tuple[str, list[str]]:
    """The column's own name and what each paper has there, "" for nothing.

    A field of `Paper` or a column of the sources, meant by its name or by the same letters and
    digits: `Paper Area` is `paper_area`. Raises UsageError, naming the known ones, for another.
    """
    others = {name for paper in papers for name, _ in paper.extra}
    name = _match(wanted, [*_FIELDS, *sorted(others)])
    if name is not None and name in _FIELDS:
        values = [_FIELDS[name](paper) for paper in papers]
        return name, ["" if value is None else str(value).strip() for value in values]
    if name is not None:
        return name, [dict(paper.extra).get(name, "").strip() for paper in papers]
    raise UsageError(f"no column {wanted!r} in this atlas", hint=f"known: {known_columns(papers)}")


def known_columns(papers: Sequence[Paper]) -> str:
    """`theme`, the fields in which a paper has something, and the columns of the sources."""
    filled = [name for name, field in _FIELDS.items() if any(map(field, papers))]
    others = {name for paper in papers for name, _ in paper.extra}
    return ", ".join(["theme", *filled, *sorted(others)])


def read_numbers(values: Sequence[str]) -> list[float] | None:
    """The values as numbers, nan for none; None where one of them is no finite number."""
    numbers = []
    for value in values:
        try:
            number = float(value) if value else float("nan")
        except ValueError:
            return None
        if value and not abs(number) < float("inf"):
            return None
        numbers.append(number)
    return numbers


def _match(wanted: str, names: Sequence[str]) -> str | None:
    asked = wanted.strip()
    if asked in names:
        return asked
    squashed = _squashed(asked)
    alike = [name for name in names if squashed and _squashed(name) == squashed]
    return alike[0] if alike else None


def _squashed(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
