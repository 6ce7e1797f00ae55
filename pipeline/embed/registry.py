"""Embedders by name; heavy imports stay inside the makers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pipeline.embed.cached import CachedEmbedder, RowStore
from pipeline.embed.protocol import Embedder
from pipeline.errors import MissingDependencyError

if TYPE_CHECKING:
    from pipeline.embed.lexical import LexicalEmbedder
    from pipeline.settings import EmbedSettings


def make_embedder(
    settings: EmbedSettings, *, seed: int = 0, store: RowStore | None = None, state: bytes = b""
) -> Embedder:
    """The embedder that `settings` name.

    `store`: where rows are kept that do not depend on the corpus; `state`: what an embedder of an
    atlas was fitted to, where it is of that kind. Nothing is loaded before the first text. Raises
    MissingDependencyError when the model is not on this machine or is not the published one, and
    UsageError for settings that do not go together.
    """

    def dense(make: Callable[[EmbedSettings], Embedder]) -> Embedder:
        embedder = make(settings)
        return embedder if store is None else CachedEmbedder(embedder, store)

    if settings.backend == "sentence-transformers":
        return dense(_transformer)
    if settings.backend == "openvino":
        return dense(_compiled)
    if settings.backend == "lexical":
        return _lexical(settings, seed, state)
    from pipeline.embed.fused import FusedEmbedder

    words = _lexical(settings, seed, state)
    return FusedEmbedder(dense(_compiled), words, weight=settings.lexical_weight)


def known_languages(settings: EmbedSettings) -> frozenset[str] | None:
    """The languages that the model of `settings` was made for, without loading it; None where
    that is not known, or there is no model."""
    from pipeline.embed.model_card import model_languages
    from pipeline.embed.model_folder import find_model_folder

    if settings.backend == "lexical":
        return None
    try:
        return model_languages(find_model_folder(settings.model, allow_download=False))
    except MissingDependencyError:
        return None


def _transformer(settings: EmbedSettings) -> Embedder:
    from pipeline.embed.model_folder import find_model_folder
    from pipeline.embed.transformer import TransformerEmbedder

    folder = find_model_folder(settings.model, allow_download=settings.allow_download)
    return TransformerEmbedder(folder, settings)


def _compiled(settings: EmbedSettings) -> Embedder:
    from pipeline.embed.compiled import CompiledEmbedder
    from pipeline.embed.conversion import openvino_core
    from pipeline.embed.model_folder import find_model_folder

    # While the weights are digested OpenVINO is loaded: a query from a cold shell waits for both.
    with ThreadPoolExecutor(1) as ahead:
        core = ahead.submit(openvino_core)
        folder = find_model_folder(settings.model, allow_download=settings.allow_download)
        core.result()
    return CompiledEmbedder(folder, settings)


def _lexical(settings: EmbedSettings, seed: int, state: bytes) -> LexicalEmbedder:
    from pipeline.embed.lexical import LexicalEmbedder

    return LexicalEmbedder(max_dim=settings.lexical_dim, seed=seed, state=state)
