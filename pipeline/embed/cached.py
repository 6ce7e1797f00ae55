"""An embedder that asks the user's cache first, and keeps there what it computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from pipeline.embed.protocol import gather_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.embed.protocol import Embedder, FloatRows, LongTexts

# Texts that are looked up at a time; they are sorted by length within as many.
_WINDOW = 4096
# Rows that are kept at a time: a build that is killed embeds no more of them again.
_KEPT_AT_ONCE = 16


class RowStore(Protocol):
    """Where rows are kept by embedder and text; `EmbeddingCache` is the one there is."""

    def get_rows(
        self, embedder_digest: str, texts: Sequence[str], *, dim: int
    ) -> tuple[NDArray[np.bool_], FloatRows]:
        """`found`, (n,), and `rows`, (n, dim) float32."""

    def put_rows(self, embedder_digest: str, texts: Sequence[str], rows: FloatRows) -> None:
        """Keep the row of each text."""


class CachedEmbedder:
    """`Embedder` that computes a row only where `store` does not have it."""

    state = b""

    def __init__(self, embedder: Embedder, store: RowStore) -> None:
        self._embedder = embedder
        self._store = store
        self.name = embedder.name
        self.digest = embedder.digest
        self.space = embedder.space

    @property
    def dim(self) -> int:
        """Width of a row."""
        return self._embedder.dim

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages it was made for, where that is known."""
        return self._embedder.languages

    def fit(self, _texts: Sequence[str]) -> CachedEmbedder:
        """Itself: rows of an embedder that is fitted to a corpus are not kept."""
        return self

    def for_queries(self) -> CachedEmbedder:
        """The query side, with the same cache."""
        return CachedEmbedder(self._embedder.for_queries(), self._store)

    def encode(self, texts: Sequence[str]) -> FloatRows:
        """Rows of `texts`: (n, dim) float32, each of length 1."""
        return gather_rows(self.encode_batches(texts), n=len(texts), dim=self.dim)

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], FloatRows]]:
        """Pairs of (positions in `texts`, their rows): of each window those that are there, then
        the others as they are computed and kept."""
        for start in range(0, len(texts), _WINDOW):
            window = texts[start : start + _WINDOW]
            found, known = self._store.get_rows(self.digest, window, dim=self.dim)
            there = np.flatnonzero(found)
            if len(there):
                yield there + start, known[there]
            missing = np.flatnonzero(~found)
            for positions, rows in self._compute([window[int(i)] for i in missing]):
                yield missing[positions] + start, rows

    def count_long(self, texts: Sequence[str]) -> LongTexts:
        """How many of `texts` are longer than the model's window."""
        return self._embedder.count_long(texts)

    def _compute(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], FloatRows]]:
        """Rows that are new, kept before they are given."""
        # The same text twice is one row.
        first: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            first.setdefault(text, []).append(place)
        distinct = list(first)
        places: list[int] = []
        batches: list[FloatRows] = []
        for positions, rows in self._embedder.encode_batches(distinct):
            places += positions.tolist()
            batches.append(rows)
            if len(places) >= _KEPT_AT_ONCE:
                yield self._kept(distinct, first, places, np.concatenate(batches))
                places, batches = [], []
        if places:
            yield self._kept(distinct, first, places, np.concatenate(batches))

    def _kept(
        self,
        distinct: Sequence[str],
        first: dict[str, list[int]],
        places: Sequence[int],
        rows: FloatRows,
    ) -> tuple[NDArray[np.intp], FloatRows]:
        texts = [distinct[place] for place in places]
        self._store.put_rows(self.digest, texts, rows)
        copies = [first[text] for text in texts]
        counts = [len(group) for group in copies]
        positions = np.array([place for group in copies for place in group], dtype=np.intp)
        return positions, np.repeat(rows, counts, axis=0)
