"""Which paper of an atlas a text is, by its letters."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
# A title this short may be two papers' by chance.
_SHORTEST = 20


class PaperFinder:
    """Finds papers by their whole title, abstract, or both; spaces, case and punctuation are no
    matter. Safe for many threads."""

    def __init__(self, titles: Sequence[str], abstracts: Sequence[str]) -> None:
        """`titles`, `abstracts`: of each paper, by row; "" where there is none."""
        self._rows: dict[bytes, int] = {}
        for row, (title, abstract) in enumerate(zip(titles, abstracts, strict=True)):
            self._add(title + abstract, row)
        for parts in (abstracts, titles):
            seen: dict[bytes, int] = {}
            for row, part in enumerate(parts):
                if len(part) >= _SHORTEST:
                    key = _key(part)
                    seen[key] = (
                        UNKNOWN if key in seen else row
                    )  # what two papers share says nothing
            for key, row in seen.items():
                self._rows.setdefault(key, row)

    def rows(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """(m,) the row of the paper that each text is, -1 for none."""
        found = [self._rows.get(_key(text), UNKNOWN) for text in texts]
        return np.array(found, dtype=np.int64).reshape(-1)

    def _add(self, text: str, row: int) -> None:
        self._rows.setdefault(_key(text), row)


def _key(text: str) -> bytes:
    letters = "".join(filter(str.isalnum, text.casefold()))
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).digest()[:16]
