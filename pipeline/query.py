"""A query's vector, by the embedder that an atlas was built with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.cache import EmbeddingCache
from pipeline.embed import make_embedder
from pipeline.errors import InputError, MissingDependencyError
from pipeline.settings import EmbedSettings

if TYPE_CHECKING:
    from pipeline.artifacts import BuildDetails
    from pipeline.embed import Embedder
    from pipeline.embed.protocol import FloatRows


class QueryEmbedder:
    """Embeds queries, and papers, for one atlas; the model is loaded at the first new text and
    kept."""

    def __init__(self, details: BuildDetails, *, state: bytes) -> None:
        """`state`: what the atlas's embedder was fitted to, or nothing.

        Raises MissingDependencyError where the model is not on this machine, or is another one.
        """
        self._cache = EmbeddingCache()
        documents = self._make(details, state)
        self._embedder = documents.for_queries()
        # Where both sides have the same prompt, the model is loaded for one of them only.
        same = documents.digest == self._embedder.digest
        self._documents = self._embedder if same else documents

    def encode(self, text: str) -> FloatRows:
        """The vector of one query, (dim,) float32 of length 1."""
        row: FloatRows = self._embedder.encode([text])[0]
        return row

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        """Vectors of several texts: (n, dim) float32 unit rows, as `encode` gives them."""
        return self._embedder.encode(texts)

    def encode_documents(self, texts: Sequence[str]) -> FloatRows:
        """Vectors by the side of the model that embedded the papers: (n, dim) float32 unit rows."""
        return self._documents.encode(texts)

    def close(self) -> None:
        """Let go of the cache."""
        self._cache.close()

    def _make(self, details: BuildDetails, state: bytes) -> Embedder:
        settings, space = _told(details)
        embedder = make_embedder(settings, seed=details.seed, store=self._cache, state=state)
        if embedder.space != space:
            raise MissingDependencyError(
                f"the atlas was built with another {details.model_name} than the one on this "
                "machine",
                hint="build the atlas again, or query it where it was built",
            )
        return embedder


def _told(details: BuildDetails) -> tuple[EmbedSettings, str]:
    """The settings to embed queries with, and the space that the atlas's rows lie in.

    A query runs where it is asked, which need not be a machine with a GPU or bf16, and whoever
    made the atlas has no say on the network.
    """
    try:
        told = EmbedSettings(**details.settings["embed"])
        model, space = str(details.facts["model"]), str(details.facts["space"])
    except (KeyError, TypeError):
        raise InputError(
            "the atlas was made by another version of paperatlas, and this one cannot embed "
            "queries for it",
            hint="build the atlas again",
        ) from None
    precision = "auto" if told.precision == "bf16" else told.precision
    settings = replace(told, model=model, device="cpu", precision=precision, allow_download=False)
    return settings, space
