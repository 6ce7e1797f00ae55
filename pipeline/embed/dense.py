"""What all embedders that read tokens share: pieces in, one unit row a text out."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Self

import numpy as np

from pipeline.embed.model_card import model_languages
from pipeline.embed.modules import own_dim
from pipeline.embed.protocol import LongTexts, gather_rows
from pipeline.embed.reading import TextReader, model_prompt
from pipeline.embed.windows import join_pieces
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.embed.model_folder import ModelFolder
    from pipeline.embed.protocol import FloatRows
    from pipeline.settings import EmbedSettings

# Texts are sorted by length within windows of this many, so that memory does not grow with n.
_WINDOW = 4096
_READING_VERSION = 1
"""Goes up whenever the same text would be read into other tokens or pieces."""


class DenseEmbedder(ABC):
    """`Embedder` of a model on disk; `_run` is what a backend adds."""

    state = b""

    def __init__(self, folder: ModelFolder, settings: EmbedSettings) -> None:
        self._folder = folder
        self._settings = settings
        self.name = folder.name
        self._loading = RLock()  # of several threads that ask at once, one loads the model
        self._require_width(own_dim(folder) or settings.truncate_dim)
        self._prompt = settings.document_prompt or model_prompt(folder, "document")
        self._reader = self._make_reader()

    @property
    @abstractmethod
    def backend(self) -> str:
        """What computes the rows, and how: whatever of it can change a bit."""

    @property
    @abstractmethod
    def _own_dim(self) -> int:
        """Width of the model's rows."""

    @abstractmethod
    def _run(self, inputs: Sequence[list[int]]) -> Iterator[tuple[list[int], FloatRows]]:
        """Pairs of (positions in `inputs`, their rows (n, dim) float32), shortest inputs first."""

    @property
    def dim(self) -> int:
        """Width of a row."""
        self._require_width(self._own_dim)
        return self._settings.truncate_dim or self._own_dim

    @cached_property
    def languages(self) -> frozenset[str] | None:
        """The languages the model's card names, ISO 639-1; None where it names none, or many."""
        return model_languages(self._folder)

    @property
    def space(self) -> str:
        """SHA-256 (hex) of what decides which rows can be compared: the model and how it reads,
        but neither the backend nor the processor, whose rows differ by rounding."""
        settings = self._settings
        parts = (
            self._folder.digest,
            f"window {self._reader.window} pieces {self._reader.max_pieces}",
            f"dim {settings.truncate_dim} reading {_READING_VERSION}",
            settings.document_prompt or model_prompt(self._folder, "document"),
            settings.query_prompt or model_prompt(self._folder, "query"),
        )
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of everything that decides a row besides the text."""
        parts = (self.space, self._prompt, self.backend)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def fit(self, _texts: Sequence[str]) -> Self:
        """Itself: a model is fitted to no corpus."""
        return self

    def for_queries(self) -> Self:
        """The same model with the query's prompt."""
        other = copy(self)
        other._prompt = self._settings.query_prompt or model_prompt(self._folder, "query")
        other._reader = other._make_reader()
        return other

    def encode(self, texts: Sequence[str]) -> FloatRows:
        """Rows of `texts`: (n, dim) float32, each of length 1."""
        return gather_rows(self.encode_batches(texts), n=len(texts), dim=self.dim)

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], FloatRows]]:
        """Pairs of (positions in `texts`, their rows), as they are done, short texts first."""
        for start in range(0, len(texts), _WINDOW):
            pieces = self._reader.inputs(texts[start : start + _WINDOW])
            for positions, rows in _join_as_done(pieces, self._run):
                yield positions + start, _cut(rows, self.dim)

    def count_long(self, texts: Sequence[str]) -> LongTexts:
        """How many of `texts` are longer than the model's window."""
        return self._reader.count_long(texts)

    def _require_width(self, width: int) -> None:
        kept = self._settings.truncate_dim
        if kept > width:
            raise UsageError(
                f"embed.truncate_dim={kept}: rows of {self.name} have {width} dimensions",
                hint="0 keeps all",
            )

    def _make_reader(self) -> TextReader:
        return TextReader(
            self._folder,
            max_length=self._settings.max_length,
            max_pieces=self._settings.max_pieces,
            prompt=self._prompt,
        )


def _join_as_done(
    pieces: Sequence[Sequence[list[int]]],
    run: Callable[[Sequence[list[int]]], Iterator[tuple[list[int], FloatRows]]],
) -> Iterator[tuple[NDArray[np.intp], FloatRows]]:
    """Rows of the texts whose `pieces` have all been run."""
    inputs = [piece for text in pieces for piece in text]
    owner = [i for i, text in enumerate(pieces) for _ in text]
    waiting = [len(text) for text in pieces]
    first = np.cumsum([0, *waiting])
    rows: dict[int, FloatRows] = {}
    for places, batch in run(inputs):
        rows |= zip(places, batch, strict=True)
        for place in places:
            waiting[owner[place]] -= 1
        done = sorted({owner[place] for place in places if waiting[owner[place]] == 0})
        if done:
            joined = [
                join_pieces(
                    [rows.pop(place) for place in range(first[i], first[i + 1])],
                    [len(piece) for piece in pieces[i]],
                )
                for i in done
            ]
            yield np.asarray(done, dtype=np.intp), np.stack(joined)


def _cut(rows: FloatRows, dim: int) -> FloatRows:
    """The leading dimensions, as unit rows (Kusupati et al. 2022, Matryoshka representations)."""
    if rows.shape[1] == dim:
        return rows
    kept = rows[:, :dim]
    lengths = np.linalg.norm(kept, axis=1, keepdims=True)
    unit: FloatRows = (kept / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
