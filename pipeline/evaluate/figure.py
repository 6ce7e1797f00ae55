"""One figure of an evaluation, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A number; None where it does not exist, and then `missing` says why.

    `low` and `high`: its 95% interval, None where none was estimated.
    """

    value: float | None
    missing: str = ""
    low: float | None = None
    high: float | None = None


def no_figure(reason: str) -> Figure:
    """A figure that does not exist."""
    return Figure(None, reason)


def figure(value: float, *, undefined: str) -> Figure:
    """A figure of `value`; where that is no finite number, none, for the reason `undefined`."""
    return Figure(float(value)) if math.isfinite(value) else no_figure(undefined)
