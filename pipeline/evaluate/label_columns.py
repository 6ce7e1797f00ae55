"""Which of a source's columns holds labels, and what each paper has there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UsageError
from pipeline.sources.rows import map_columns

Extra = tuple[tuple[str, str], ...]

FIELDS = ("category", "venue", "year")
"""Fields of `Paper` that may serve as labels, beside the columns that it does not know."""


def find_labels(
    column: str, extra: Sequence[Extra], fields: Mapping[str, Sequence[object]]
) -> tuple[str, list[str]]:
    """The column's own name, and the text of each paper there, "" for none.

    `extra`: the other columns of each paper; `fields`: the values of each paper for some of
    `FIELDS`. A column is meant by its name or, where that is plain, by the same letters and
    digits: `Paper Area` is `paper_area`. Raises UsageError, naming the known ones, for another.
    """
    others = {name for own in extra for name, _ in own}
    filled = {name for name, values in fields.items() if any(v is not None for v in values)}
    wanted = " ".join(column.split())
    name = _match(wanted, others) or _match(wanted, filled)
    if name is None:
        name = next((field for field in map_columns([wanted]) if field in filled), None)
    if name is None:
        known = ", ".join([*sorted(others), *sorted(filled - others)])
        hint = f"known columns: {known}" if known else "its sources had no columns beside the text"
        raise UsageError(f"no column {column!r} in this atlas", hint=hint)
    if name in others:
        return name, [dict(own).get(name, "") for own in extra]
    return name, ["" if value is None else str(value) for value in fields[name]]


def label_numbers(labels: Sequence[str]) -> NDArray[np.int64]:
    """The labels numbered from 0 in their order, -1 for none."""
    known = {label: number for number, label in enumerate(sorted(set(labels) - {""}))}
    return np.array([known.get(label, -1) for label in labels], dtype=np.int64)


def _match(wanted: str, names: set[str]) -> str | None:
    if wanted in names:
        return wanted
    squashed = _squashed(wanted)
    alike = [name for name in names if squashed and _squashed(name) == squashed]
    return alike[0] if len(alike) == 1 else None


def _squashed(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
