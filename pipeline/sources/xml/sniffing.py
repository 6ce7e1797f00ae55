"""How much the head of a file looks like a format of XML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.sources.document import Document


def looks_like(document: Document, signs: Sequence[re.Pattern[str]]) -> float:
    """Say whether all of the `signs` are in the head: 0 to 1, less where it begins otherwise than
    XML does, as pages that were copied from a browser do."""
    head = document.head
    if not all(sign.search(head) for sign in signs):
        return 0.0
    return 0.97 if head.lstrip("\ufeff \t\r\n").startswith("<") else 0.85
