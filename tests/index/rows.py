"""Rows to search, and what is found by hand."""

from __future__ import annotations

import numpy as np


def unit_rows(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def random_rows(n: int, dim: int = 32, *, seed: int = 0) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, dim)))


def text_like_rows(n: int, dim: int, *, seed: int = 0) -> np.ndarray:
    """Rows with a common direction and groups, as a model gives them."""
    rng = np.random.default_rng(seed)
    groups = rng.normal(size=(n // 50, dim))[rng.integers(n // 50, size=n)]
    return unit_rows(rng.normal(size=(n, dim)) + groups + 1.5 * rng.normal(size=dim))


def by_hand(vectors, queries, k):
    """Rounded cosine and row of the k best, ties by row: the definition."""
    similarities = np.round(queries.astype(np.float64) @ vectors.T.astype(np.float64), 6)
    rows = np.broadcast_to(np.arange(len(vectors)), similarities.shape)
    order = np.lexsort((rows, -similarities), axis=1)[:, :k]
    return np.take_along_axis(similarities, order, axis=1).astype(np.float32), order
