"""What every embedder offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit rows whose bytes depend on the text and the embedder alone."""

    @property
    def name(self) -> str:
        """What a user calls it, such as `all-MiniLM-L6-v2`."""

    @property
    def dim(self) -> int:
        """Width of a row."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of everything that decides a row besides the text; known without loading
        the model."""

    def encode(self, texts: Sequence[str]) -> FloatRows:
        """Rows of `texts`: (n, dim) float32, each of length 1."""

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], FloatRows]]:
        """The same rows as they come: pairs of (positions in `texts`, their rows).

        Every position comes exactly once; the order is the embedder's choice.
        """

    def count_cut(self, texts: Sequence[str]) -> int:
        """How many of `texts` are longer than the model's window and are read only in part."""
