"""Vectors from the words alone: TF-IDF and truncated SVD, for use beside a model's vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from pipeline.embed.protocol import FloatRows

_MAX_DIM = 100
_MAX_TERMS = 50_000
_FEWEST_TERMS = 10


def lexical_rows(texts: Sequence[str], *, seed: int) -> FloatRows | None:
    """Unit rows (n, at most 100) float32 by latent semantic analysis (Deerwester et al. 1990).

    Sublinear TF-IDF of the words that at least two texts share, then truncated SVD. A text of
    unshared words has a row of zeros. None where the texts share too few words to compare them.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    vectorizer = TfidfVectorizer(
        sublinear_tf=True,
        stop_words="english",
        min_df=2,
        max_features=_MAX_TERMS,
        dtype=np.float32,
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no word is in two texts
        return None
    if min(weights.shape) < _FEWEST_TERMS:
        return None
    svd = TruncatedSVD(min(_MAX_DIM, min(weights.shape) - 1), random_state=seed)
    # More BLAS threads change the last bits of a sum. Only now are all of the libraries loaded
    # that a limit must reach: around this function it would miss those of scikit-learn.
    with threadpool_limits(1):
        rows: FloatRows = normalize(svd.fit_transform(weights)).astype(np.float32)
    return rows


def fuse_rows(dense: FloatRows, lexical: FloatRows | None, weight: float) -> FloatRows:
    """Dense and lexical unit rows side by side, as unit rows: (n, dim + lexical dim) float32.

    Their cosine is that of the dense rows plus `weight` squared times that of the lexical ones,
    over 1 + `weight` squared.
    """
    if lexical is None or weight == 0:
        return dense
    rows = np.hstack([dense, np.float32(weight) * lexical])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: FloatRows = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
