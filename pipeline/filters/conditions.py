"""What a filter says, as records: their text is read again as the same ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pipeline.filters.columns import Columns

Operator = Literal["=", "!=", "<", "<=", ">", ">="]

WORD = r"-?[\w%][\w.:/+%-]*"
"""What needs no quotes: a name, a number, a date, a category, a DOI."""
KEYWORDS = ("and", "or", "not", "in", "like", "between", "is", "null", "missing")

_BARE = re.compile(WORD)
_LONGEST_BARE = 100


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a paper by the `name` as it was written; `is_column`: it stood in [brackets], and
    means a column of the sources first. `place`: where it stood, from 1; None where nowhere."""

    name: str
    is_column: bool = False
    place: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """The name as a filter has it."""
        return f"[{self.name.replace(']', ']]')}]" if self.is_column else self.name


@dataclass(frozen=True, slots=True)
class Comparison:
    """`year >= 2020`: a value is a text, which the field reads as what it holds."""

    field: Field
    operator: Operator
    value: str

    def __str__(self) -> str:
        """The condition as a filter has it."""
        return f"{self.field} {self.operator} {_quoted(self.value)}"


@dataclass(frozen=True, slots=True)
class Among:
    """`venue in (icml, nips)`, or `not in`."""

    field: Field
    values: tuple[str, ...]
    is_negated: bool = False

    def __str__(self) -> str:
        """The condition as a filter has it."""
        values = ", ".join(map(_quoted, self.values))
        return f"{self.field} {_not(self.is_negated)}in ({values})"


@dataclass(frozen=True, slots=True)
class Like:
    """`title like 'deep%'`, or `not like`."""

    field: Field
    pattern: str
    is_negated: bool = False

    def __str__(self) -> str:
        """The condition as a filter has it."""
        return f"{self.field} {_not(self.is_negated)}like {_quoted(self.pattern)}"


@dataclass(frozen=True, slots=True)
class Between:
    """`year between 2018 and 2020`, both included, or `not between`."""

    field: Field
    low: str
    high: str
    is_negated: bool = False

    def __str__(self) -> str:
        """The condition as a filter has it."""
        ends = f"{_quoted(self.low)} and {_quoted(self.high)}"
        return f"{self.field} {_not(self.is_negated)}between {ends}"


@dataclass(frozen=True, slots=True)
class Missing:
    """`venue is missing`, or `is not missing`."""

    field: Field
    is_negated: bool = False

    def __str__(self) -> str:
        """The condition as a filter has it."""
        return f"{self.field} is {_not(self.is_negated)}missing"


@dataclass(frozen=True, slots=True)
class Not:
    """`not ...`."""

    part: Condition

    def __str__(self) -> str:
        """The condition as a filter has it."""
        return f"not {_in_parentheses(self.part, AllOf, AnyOf)}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """`... and ... and ...`: two parts at least."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        """The condition as a filter has it."""
        return " and ".join(_in_parentheses(part, AllOf, AnyOf) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`... or ... or ...`: two parts at least."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        """The condition as a filter has it."""
        return " or ".join(_in_parentheses(part, AnyOf) for part in self.parts)


Condition = Comparison | Among | Like | Between | Missing | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Filter:
    """Says which papers are wanted. Made by `parse_filter` or `all_of`."""

    condition: Condition

    def __str__(self) -> str:
        """The filter in its own grammar."""
        return str(self.condition)

    def rows(self, columns: Columns) -> NDArray[np.int64]:
        """The rows of the wanted papers, ascending.

        Raises UsageError, with the known ones, for a field or a theme that is not there, and for
        a value that the field cannot be compared with.
        """
        from pipeline.filters.matching import matching_rows

        return matching_rows(self.condition, columns)


def _not(is_negated: bool) -> str:
    return "not " if is_negated else ""


def _in_parentheses(part: Condition, *kinds: type) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)


def _quoted(value: str) -> str:
    """A value as it is read again: bare where that is plain."""
    is_bare = len(value) <= _LONGEST_BARE and value.casefold() not in KEYWORDS
    return value if is_bare and _BARE.fullmatch(value) else "'" + value.replace("'", "''") + "'"
