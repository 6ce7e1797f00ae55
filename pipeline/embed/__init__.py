"""Embedding: text -> unit float32 rows. One protocol, one maker per kind of embedder."""

from pipeline.embed.protocol import Embedder
from pipeline.embed.registry import make_embedder

__all__ = ["Embedder", "make_embedder"]
