"""A model's vectors and those of the words side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.embed.lexical import LexicalEmbedder, fuse_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.embed.protocol import Embedder, FloatRows, LongTexts


class FusedEmbedder:
    """`Embedder` whose cosine is the mean of two others', the words' weighing `weight` squared."""

    def __init__(self, dense: Embedder, lexical: LexicalEmbedder, *, weight: float) -> None:
        self._dense = dense
        self._lexical = lexical
        self._weight = weight
        self.name = f"{dense.name} + {lexical.name}"

    def fit(self, texts: Sequence[str]) -> FusedEmbedder:
        """The embedder with the words' part fitted to these texts."""
        return FusedEmbedder(self._dense, self._lexical.fit(texts), weight=self._weight)

    @property
    def state(self) -> bytes:
        """What the words' part was fitted to."""
        return self._lexical.state

    @property
    def dim(self) -> int:
        """Width of a row."""
        return self._dense.dim + self._lexical.dim

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages the model was made for, where that is known."""
        return self._dense.languages

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of both parts and the weight."""
        return self._combined(self._dense.digest, self._lexical.digest)

    @property
    def space(self) -> str:
        """SHA-256 (hex) of what decides which rows can be compared."""
        return self._combined(self._dense.space, self._lexical.space)

    def for_queries(self) -> FusedEmbedder:
        """The same with the model's query side."""
        return FusedEmbedder(self._dense.for_queries(), self._lexical, weight=self._weight)

    def encode(self, texts: Sequence[str]) -> FloatRows:
        """Rows of `texts`: (n, dim) float32, each of length 1."""
        return fuse_rows(self._dense.encode(texts), self._lexical.encode(texts), self._weight)

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], FloatRows]]:
        """Pairs of (positions in `texts`, their rows), as the model gives them."""
        for positions, rows in self._dense.encode_batches(texts):
            words = self._lexical.encode([texts[int(place)] for place in positions])
            yield positions, fuse_rows(rows, words, self._weight)

    def count_long(self, texts: Sequence[str]) -> LongTexts:
        """How many of `texts` are longer than the model's window."""
        return self._dense.count_long(texts)

    def _combined(self, *parts: str) -> str:
        weight = np.float32(self._weight).tobytes().hex()
        return hashlib.sha256("\n".join([*parts, weight]).encode()).hexdigest()
