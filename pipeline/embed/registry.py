"""Embedders by name; heavy imports stay inside the makers."""

from __future__ import annotations

from pipeline.embed.protocol import Embedder


def make_embedder(model: str) -> Embedder:
    """The embedder for `model`: the packaged model's name, or a local sentence-transformers folder.

    Nothing is loaded before the first text. Raises MissingDependencyError when the model is not on
    this machine or is not the published one.
    """
    from pipeline.embed.model_folder import find_model_folder
    from pipeline.embed.transformer import TransformerEmbedder

    return TransformerEmbedder(find_model_folder(model))
