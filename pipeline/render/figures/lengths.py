"""Lengths as people write them in the guides of journals: `180mm`, `8.5 cm`, `7in`, `1200px`."""

from __future__ import annotations

import re

from pipeline.errors import UsageError

MM_PER_INCH = 25.4
_WRITTEN = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(mm|cm|in|pt|px)\s*", re.IGNORECASE)
_PER_INCH = {"mm": MM_PER_INCH, "cm": MM_PER_INCH / 10, "in": 1.0, "pt": 72.0}


def read_length(text: str, *, dpi: int) -> float:
    """Inches of a length with its unit: mm, cm, in, pt, or px at so many dots an inch.

    Raises UsageError for anything else.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise UsageError(
            f"{text!r} is no length", hint="give a number and its unit: 85mm, 18cm, 7in or 1200px"
        )
    number, unit = float(written[1]), written[2].lower()
    return number / (dpi if unit == "px" else _PER_INCH[unit])
