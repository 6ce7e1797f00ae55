"""Which themes have more of the recent papers than others have."""

from __future__ import annotations

import math
from collections.abc import Mapping

_RECENT_SHARE = 0.25
_DEVIATES = 1.96  # 95% of a normal distribution lie within so many standard deviations


def recent_from(years: Mapping[int, int]) -> int | None:
    """The latest year such that a quarter of the papers are of that year or later.

    None where all papers are of that year or later: then none is older than another. Asked of the
    papers, not of the calendar, so that a single paper dated 2099 makes nothing old.
    """
    total, recent = sum(years.values()), 0
    for year in sorted(years, reverse=True):
        recent += years[year]
        if recent >= _RECENT_SHARE * total:
            return year if recent < total else None
    return None


def n_since(years: Mapping[int, int], first: int) -> int:
    """Papers of that year or later."""
    return sum(n for year, n in years.items() if year >= first)


def differs(part: int, whole: int, share: float) -> int:
    """1 where `part` of `whole` is more than a `share` of that size gives by chance, -1 where it
    is less, 0 where it may be either: by the 95% interval of Wilson (1927)."""
    if not whole:
        return 0
    low, high = _wilson(part, whole)
    return int(low > share) - int(high < share)


def _wilson(part: int, whole: int) -> tuple[float, float]:
    z = _DEVIATES**2 / whole
    seen = part / whole
    middle = (seen + z / 2) / (1 + z)
    reach = math.sqrt(seen * (1 - seen) * z + z * z / 4) / (1 + z)
    return middle - reach, middle + reach
