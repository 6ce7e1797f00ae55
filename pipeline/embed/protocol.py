"""What every embedder offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatRows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LongTexts:
    """Texts longer than a model's window: `n_split` are read in several pieces, and of `n_cut` of
    them even those leave the end unread."""

    n_split: int
    n_cut: int


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

    @property
    def space(self) -> str:
        """SHA-256 (hex) of what decides which rows can be compared: rows of one space from another
        backend or processor differ by rounding alone."""

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages it was made for, ISO 639-1; None where that is not known, or all are."""

    @property
    def state(self) -> bytes:
        """What it was fitted to, as one safetensors file; empty where it is not of that kind."""

    def fit(self, texts: Sequence[str]) -> Embedder:
        """The same embedder, fitted to a corpus; itself where it is not of that kind.

        One that must be fitted has neither `dim` nor `digest` nor rows before.
        """

    def for_queries(self) -> Embedder:
        """The embedder of this one's query side: another prompt before the text, or itself."""

    def encode(self, texts: Sequence[str]) -> FloatRows:
        """Rows of `texts`: (n, dim) float32, each of length 1.

        The first line of a text of several lines is its title: where the text is longer than the
        window, each piece of it is read behind the title, and the row is the mean's direction.
        """

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], FloatRows]]:
        """The same rows as they come: pairs of (positions in `texts`, their rows).

        Every position comes exactly once; the order is the embedder's choice.
        """

    def count_long(self, texts: Sequence[str]) -> LongTexts:
        """How many of `texts` are longer than the model's window."""


def gather_rows(
    batches: Iterable[tuple[NDArray[np.intp], FloatRows]], *, n: int, dim: int
) -> FloatRows:
    """The rows of `Embedder.encode_batches` in the order of their texts: (n, dim) float32."""
    rows = np.empty((n, dim), dtype=np.float32)
    for positions, batch in batches:
        rows[positions] = batch
    return rows
