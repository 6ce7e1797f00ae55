"""Which rows a filter wants."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import UsageError
from pipeline.filters.columns import FIELDS, SYNONYMS, Columns
from pipeline.filters.conditions import (
    AllOf,
    Among,
    AnyOf,
    Between,
    Comparison,
    Condition,
    Field,
    Like,
    Missing,
    Not,
)
from pipeline.filters.kinds import Column, Truth, key_of

_Test = Comparison | Among | Like | Between | Missing


def matching_rows(condition: Condition, columns: Columns) -> NDArray[np.int64]:
    """The rows of which the condition is known to be so, ascending. UsageError as `Filter.rows`."""
    return np.flatnonzero(_truth(condition, columns).yes).astype(np.int64)


def _truth(condition: Condition, columns: Columns) -> Truth:
    """The truth of a condition, in Kleene's three-valued logic, as SQL has it."""
    if isinstance(condition, Not):
        return _truth(condition.part, columns).negated()
    if isinstance(condition, AllOf):
        return reduce(_both, (_truth(part, columns) for part in condition.parts))
    if isinstance(condition, AnyOf):
        contraries = (_truth(part, columns).negated() for part in condition.parts)
        return reduce(_both, contraries).negated()
    try:
        truth = _tested(condition, _column(condition.field, columns))
    except UsageError as error:
        place = condition.field.place
        where = "" if place is None else f"filter, column {place}: "
        raise UsageError(f"{where}{error.message}", hint=error.hint) from None
    return truth.negated() if _is_negated(condition) else truth


def _both(one: Truth, other: Truth) -> Truth:
    return Truth(one.yes & other.yes, one.no | other.no)


def _tested(test: _Test, column: Column) -> Truth:
    """The truth of a test as if it were not negated."""
    if isinstance(test, Missing):
        return Truth(column.missing, ~column.missing)
    if isinstance(test, Like):
        return column.like(test.pattern)
    if isinstance(test, Among):
        return column.equal(test.values)
    if isinstance(test, Between):
        return column.ordered([(">=", test.low), ("<=", test.high)])
    if test.operator in ("=", "!="):
        return column.equal([test.value])
    return column.ordered([(test.operator, test.value)])


def _is_negated(test: _Test) -> bool:
    return test.operator == "!=" if isinstance(test, Comparison) else test.is_negated


def _column(field: Field, columns: Columns) -> Column:
    """The column that a field means: in [brackets] one of the sources first, else one of every
    atlas. A column of the sources goes by its name or by the same letters and digits."""
    own = _own_field(field.name)
    if own and not field.is_column:
        return columns.field(own)
    other = _other_name(field.name, columns.other_names())
    if other:
        return columns.other(other)
    if own:
        return columns.field(own)
    raise _unknown(field.name, columns.other_names())


def _own_field(name: str) -> str | None:
    key = key_of(name)
    key = SYNONYMS.get(key, key)
    return key if key in FIELDS else None


def _other_name(name: str, known: Sequence[str]) -> str | None:
    if name in known:
        return name
    wanted = _squashed(name)
    alike = [own for own in known if wanted and _squashed(own) == wanted]
    return alike[0] if len(alike) == 1 else None


def _squashed(name: str) -> str:
    return "".join(c for c in key_of(name) if c.isalnum())


def _unknown(name: str, others: Sequence[str]) -> UsageError:
    known = [*FIELDS, *others]
    by_key = {key_of(own): own for own in [*SYNONYMS, *known]}
    near = get_close_matches(key_of(name), by_key, n=1)
    did = f"did you mean {by_key[near[0]]}? " if near else ""
    return UsageError(f"no field {name!r}", hint=f"{did}known fields: {', '.join(known)}")
