"""Text that fits where it is written: one line, and nothing that a format forbids."""

from __future__ import annotations

import re

# XML 1.0, section 2.2, has no way to write these, and nobody misses them elsewhere.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def one_line(text: str) -> str:
    """The text on one line, without control characters; what no encoding has is U+FFFD."""
    if not text:
        return text
    if not text.isprintable():
        text = _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))
    return " ".join(text.split())
