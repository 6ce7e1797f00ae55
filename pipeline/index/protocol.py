"""What every index can do."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]
RowNumbers = NDArray[np.int64]


class Index(Protocol):
    """Finds the rows most similar to a query. Safe for many threads."""

    @property
    def n_rows(self) -> int:
        """Rows that can be found."""

    def search(
        self, queries: FloatRows, k: int, *, among: RowNumbers | None = None
    ) -> tuple[FloatRows, RowNumbers]:
        """Cosine similarities and row numbers of the nearest rows, (n_queries, m) each, best first.

        `queries`: (n_queries, dim) unit rows. `among`: the rows that alone may be found, ascending
        and distinct; None: all. m is min(k, n_rows), or min(k, len(among)): there are always that
        many, all distinct. Similarities are exact, in [-1, 1] but for rounding; rows of equal
        similarity come in ascending order of their number.
        """
