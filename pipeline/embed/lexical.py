"""Vectors from the words alone: TF-IDF and truncated SVD, by themselves or beside a model's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from pipeline.embed.protocol import FloatRows, LongTexts
from pipeline.errors import DamagedAtlasError

_MAX_TERMS = 50_000
_FEWEST_TERMS = 10
# The directions are learnt from no more texts than this, a seeded sample: cost without gain beyond.
_MAX_FITTED = 20_000
# With fewer texts than this, a word of a single text counts too.
_FEW_TEXTS = 20
_ENCODED_AT_ONCE = 1024
_LEAST_LENGTH = 1e-6
_NAME = "lexical"


@dataclass(frozen=True)
class WordSpace:
    """Latent semantic analysis (Deerwester et al. 1990) fitted to some texts.

    `terms`: n_terms words; `idf`: (n_terms,) float32; `components`: (dim, n_terms) float32.
    """

    terms: tuple[str, ...]
    idf: NDArray[np.float32]
    components: NDArray[np.float32]

    def rows(self, texts: Sequence[str]) -> FloatRows:
        """Unit rows (n, dim) float32; a text without a known word has a row of zeros."""
        return self.rows_of(self._vectorizer.transform(texts))

    def rows_of(self, weights: csr_matrix) -> FloatRows:
        """The same from the texts' TF-IDF weights, (n, n_terms)."""
        rows: FloatRows = np.asarray(weights.astype(np.float32) @ self.components.T, np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.where(lengths < _LEAST_LENGTH, 0, rows / np.maximum(lengths, _LEAST_LENGTH))

    @cached_property
    def _vectorizer(self) -> Any:  # noqa: ANN401 - scikit-learn has no types
        vectorizer = _new_vectorizer(vocabulary=self.terms)
        vectorizer.idf_ = self.idf
        return vectorizer


def fit_words(
    texts: Sequence[str], *, max_dim: int, min_texts: int, seed: int
) -> tuple[WordSpace, csr_matrix] | None:
    """The word space of `texts`, and their weights in it, (n, n_terms) CSR: sublinear TF-IDF of the
    words that at least `min_texts` of them have, then truncated SVD. None where they have too few
    words for that."""
    from sklearn.decomposition import TruncatedSVD

    vectorizer = _new_vectorizer(min_df=min_texts, max_features=_MAX_TERMS)
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no word is in so many texts
        return None
    fitted = weights
    if len(texts) > _MAX_FITTED:
        chosen = np.random.default_rng(seed).choice(len(texts), _MAX_FITTED, replace=False)
        fitted = weights[np.sort(chosen)]
    terms = tuple(vectorizer.get_feature_names_out().tolist())
    idf = vectorizer.idf_.astype(np.float32)
    if len(terms) == 1:  # nothing to reduce, which TruncatedSVD refuses to do
        return WordSpace(terms, idf, np.ones((1, 1), np.float32)), weights
    svd = TruncatedSVD(min(max_dim, *fitted.shape), random_state=seed)
    # More BLAS threads change the last bits of a sum. Only now are all of the libraries loaded
    # that a limit must reach: around this function it would miss those of scikit-learn.
    # Of texts that are all the same, the share of variance that is explained is 0 / 0.
    with threadpool_limits(1), np.errstate(divide="ignore", invalid="ignore"):
        svd.fit(fitted)
    return WordSpace(terms, idf, svd.components_.astype(np.float32)), weights


def lexical_rows(texts: Sequence[str], *, seed: int) -> FloatRows | None:
    """Unit rows (n, at most 100) float32 of the words that at least two of `texts` share.

    A text of unshared words has a row of zeros. None where the texts share too few words to
    compare them.
    """
    fitted = fit_words(texts, max_dim=100, min_texts=2, seed=seed)
    if fitted is None or min(len(texts), len(fitted[0].terms)) < _FEWEST_TERMS:
        return None
    space, weights = fitted
    return space.rows_of(weights)


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


class LexicalEmbedder:
    """`Embedder` of words alone, fitted to a corpus.

    The last dimension is that of texts without a known word: they are like each other and like
    nothing else.
    """

    name = _NAME
    languages: frozenset[str] | None = None

    def __init__(self, *, max_dim: int, seed: int, state: bytes = b"") -> None:
        self._max_dim = max_dim
        self._seed = seed
        self.state = state

    def fit(self, texts: Sequence[str]) -> LexicalEmbedder:
        """The embedder of these texts' words."""
        fitted = fit_words(
            texts,
            max_dim=self._max_dim - 1,
            min_texts=1 if len(texts) < _FEW_TEXTS else 2,
            seed=self._seed,
        )
        state = _pack(fitted[0] if fitted else _no_words())
        return LexicalEmbedder(max_dim=self._max_dim, seed=self._seed, state=state)

    @property
    def dim(self) -> int:
        """Width of a row."""
        return len(self._space.components) + 1

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of what it was fitted to."""
        return hashlib.sha256(self.state).hexdigest()

    @property
    def space(self) -> str:
        """The same: rows of another fit cannot be compared."""
        return self.digest

    def for_queries(self) -> LexicalEmbedder:
        """Itself."""
        return self

    def encode(self, texts: Sequence[str]) -> FloatRows:
        """Rows of `texts`: (n, dim) float32, each of length 1."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        if len(texts) and self._space.terms:
            rows[:, :-1] = self._space.rows(texts)
        rows[~rows.any(axis=1), -1] = 1
        return rows

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], FloatRows]]:
        """Pairs of (positions in `texts`, their rows), in order."""
        for start in range(0, len(texts), _ENCODED_AT_ONCE):
            part = texts[start : start + _ENCODED_AT_ONCE]
            yield np.arange(start, start + len(part), dtype=np.intp), self.encode(part)

    def count_long(self, _texts: Sequence[str]) -> LongTexts:
        """None: every word is read."""
        return LongTexts(0, 0)

    @cached_property
    def _space(self) -> WordSpace:
        return _unpack(self.state)


def _new_vectorizer(**options: Any) -> Any:  # noqa: ANN401
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32, **options)


def _no_words() -> WordSpace:
    return WordSpace((), np.zeros(0, np.float32), np.zeros((0, 0), np.float32))


def _pack(space: WordSpace) -> bytes:
    from safetensors.numpy import save

    words = np.frombuffer(json.dumps(space.terms).encode("utf-8", "surrogatepass"), np.uint8)
    tensors = {"idf": space.idf, "components": space.components, "terms": words}
    return save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})


def _unpack(state: bytes) -> WordSpace:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(state)
        terms = json.loads(tensors["terms"].tobytes().decode("utf-8", "surrogatepass"))
        return WordSpace(tuple(terms), tensors["idf"], tensors["components"])
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise DamagedAtlasError(
            f"the atlas's words cannot be read: {error}", hint="build the atlas again"
        ) from error
