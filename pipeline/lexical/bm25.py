"""BM25 as arrays: what each term adds to each text's score, computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import DamagedAtlasError
from pipeline.lexical.terms import PAIR, WORD, Digests, Ints, Kinds, read_terms, read_words

FloatRows = NDArray[np.float32]
Floats = NDArray[np.float64]

_K1, _B = 1.2, 0.75
_TITLE_WEIGHT = 3
# A pair or a compound scores beside the words it is made of; it alone would count for twice as much
# as both.
_PHRASE_WEIGHT = 0.2
# A pair that no two texts share finds nothing that its words do not find. A compound may:
# `pretraining` finds `pre-training`.
_FEWEST_TEXTS = 2
_READ_AT_ONCE = 20_000
_FEWEST_LETTERS = 3
_FOLDER = "lexical-0000"
_ARRAYS = ("digests", "starts", "rows", "impacts")
_DTYPES = (np.uint64, np.int64, np.int32, np.float32)


class _Writer(Protocol):
    def write_array(self, name: str, array: NDArray[Any]) -> None: ...


class _Reader(Protocol):
    @property
    def n_papers(self) -> int: ...

    def array(self, name: str) -> NDArray[Any]: ...


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """What is asked: distinct `digests`, (n,) uint64 ascending, and their `weights`, (n,) float64,
    of which negative ones are against a text."""

    digests: Digests
    weights: Floats

    @classmethod
    def of(cls, text: str) -> WeightedTerms:
        """The terms of a query; a word that is said again counts for less each time."""
        terms = read_terms([text])
        digests, places = np.unique(terms.digests, return_inverse=True)
        counts = np.bincount(places, minlength=len(digests))
        are_words = np.bincount(places, weights=terms.kinds == WORD, minlength=len(digests)) > 0
        return cls(digests, np.sqrt(counts) * np.where(are_words, 1.0, _PHRASE_WEIGHT))

    def normalised(self) -> WeightedTerms:
        """The same terms with weights of the length 1, unless there are none."""
        length = float(np.linalg.norm(self.weights))
        return WeightedTerms(self.digests, self.weights / length) if length else self

    @classmethod
    def sum_of(cls, parts: Sequence[tuple[WeightedTerms, float]]) -> WeightedTerms:
        """The terms of several queries, each times its own weight."""
        digests = np.concatenate([terms.digests for terms, _ in parts])
        weights = np.concatenate([terms.weights * weight for terms, weight in parts])
        distinct, places = np.unique(digests, return_inverse=True)
        summed = np.bincount(places, weights=weights, minlength=len(distinct))
        return cls(distinct, summed.astype(np.float64))


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """BM25 over some texts: of each term, ascending by digest, its texts and what it adds there.

    `digests`: (n_terms,) uint64; `starts`: (n_terms + 1,) int64 places in `rows`, int32, and
    `impacts`, float32, (n_postings,) each; `n_rows`: number of texts.
    """

    digests: Digests
    starts: Ints
    rows: NDArray[np.int32]
    impacts: FloatRows
    n_rows: int

    @classmethod
    def open(cls, snapshot: _Reader) -> LexicalIndex:
        """The index of a snapshot's papers, mapped from disk.

        Raises DamagedAtlasError where an array is missing or they are no index of these papers.
        """
        import scipy.sparse  # noqa: F401 - here other threads have work meanwhile, not at a query

        try:
            arrays = {name: snapshot.array(f"{_FOLDER}/{name}.npy") for name in _ARRAYS}
        except KeyError as error:
            raise _damaged(error.args[0], "is missing") from None
        index = cls(**arrays, n_rows=snapshot.n_papers)
        if not index._is_whole():
            raise _damaged(_FOLDER, f"is no index of {snapshot.n_papers:,} papers")
        return index

    def write(self, writer: _Writer) -> None:
        """Write it into a snapshot that is being made."""
        for name in _ARRAYS:
            writer.write_array(f"{_FOLDER}/{name}.npy", getattr(self, name))

    def _is_whole(self) -> bool:
        """Whether the arrays fit each other: SciPy would write wherever a foreign row says."""
        arrays = [getattr(self, name) for name in _ARRAYS]
        if [(array.ndim, array.dtype) for array in arrays] != [(1, dtype) for dtype in _DTYPES]:
            return False
        return bool(
            len(self.starts) == len(self.digests) + 1
            and len(self.impacts) == len(self.rows)
            and (self.starts[0], self.starts[-1]) == (0, len(self.rows))
            and (self.starts[1:] >= self.starts[:-1]).all()
            and (self.digests[1:] > self.digests[:-1]).all()
            and self.rows.min(initial=0) >= 0
            and self.rows.max(initial=-1) < self.n_rows
        )

    def telling_words(self, asked: WeightedTerms, text: str, *, most: int) -> list[str]:
        """The words of a text of this index that are asked for, as it writes them: each once, those
        first that are asked for most and are rarest, `most` of them. None has fewer than three
        letters."""
        weights = dict(zip(asked.digests.tolist(), asked.weights.tolist(), strict=True))
        found = [
            (word, digest)
            for word, digest in read_words(text)
            if len(word) >= _FEWEST_LETTERS and weights.get(digest, 0.0) > 0
        ]
        places = np.searchsorted(self.digests, np.array([d for _, d in found], np.uint64))
        places = np.minimum(places, len(self.digests) - 1)
        rarity = _idf(self.n_rows, self.starts[places + 1] - self.starts[places])
        scores: dict[str, float] = {}
        for (word, digest), idf in zip(found, rarity.tolist(), strict=True):
            scores.setdefault(word, weights[digest] * idf)
        return sorted(scores, key=lambda word: -scores[word])[:most]

    def scores(self, asked: WeightedTerms) -> FloatRows:
        """How well each text answers: (n_rows,) float32, 0 for one that has no term of the query.

        The score is the sum over terms of weight, idf and saturated frequency, as in Lucene's BM25
        (Kamphuis et al. 2020, table 1).
        """
        from scipy.sparse import csc_array

        places = np.searchsorted(self.digests, asked.digests)
        known = places < len(self.digests)
        known[known] = self.digests[places[known]] == asked.digests[known]
        places, weights = places[known], asked.weights[known].astype(np.float32)
        if not len(places):
            return np.zeros(self.n_rows, np.float32)
        first, behind = self.starts[places].tolist(), self.starts[places + 1].tolist()
        spans = [slice(*span) for span in zip(first, behind, strict=True)]
        ends = np.cumsum([0, *(span.stop - span.start for span in spans)])
        impacts = np.concatenate([self.impacts[span] for span in spans])
        rows = np.concatenate([self.rows[span] for span in spans])
        columns = csc_array((impacts, rows, ends), shape=(self.n_rows, len(spans)))
        scores: FloatRows = columns @ weights
        return scores


def index_words(titles: Sequence[str], abstracts: Sequence[str]) -> LexicalIndex:
    """The index of papers by the terms of their titles and abstracts, (n,) each.

    A term of the title counts three times (the simple BM25F of Robertson, Zaragoza and Taylor
    2004).
    """
    counted = _count_terms(titles, abstracts)
    digests, n_texts = np.unique(counted.digests, return_counts=True)
    places = np.searchsorted(digests, counted.digests)
    kept = n_texts >= _FEWEST_TEXTS
    kept[places[counted.kinds != PAIR]] = True
    number = np.cumsum(kept) - 1
    chosen = kept[places]
    places, rows = number[places[chosen]], counted.rows[chosen]
    digests, n_texts = digests[kept], n_texts[kept]
    n = len(titles)
    idf = _idf(n, n_texts)
    mean_length = max(float(counted.lengths.mean()), 1.0) if n else 1.0
    penalty = _K1 * (1 - _B + _B * counted.lengths / mean_length)
    counts = counted.counts[chosen]
    impacts = (idf[places] * counts * (_K1 + 1) / (counts + penalty[rows])).astype(np.float32)
    order = np.lexsort((rows, places))
    starts = np.concatenate([[0], np.cumsum(n_texts)]).astype(np.int64)
    return LexicalIndex(digests, starts, rows[order].astype(np.int32), impacts[order], n)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Each term of each text once: `digests`, `rows`, `counts` with titles weighted, `kinds`, the
    first of several: (n_postings,); `lengths`: (n_texts,) stems, titles weighted."""

    digests: Digests
    rows: Ints
    counts: Floats
    kinds: Kinds
    lengths: Floats


def _count_terms(titles: Sequence[str], abstracts: Sequence[str]) -> _Counted:
    """The terms of all papers, some thousand texts at a time: every word of them would not fit."""
    parts = [
        _count_part(titles[start : start + _READ_AT_ONCE], abstracts[start : start + _READ_AT_ONCE])
        for start in range(0, max(len(titles), 1), _READ_AT_ONCE)
    ]
    return _Counted(
        np.concatenate([part.digests for part in parts]),
        np.concatenate([part.rows + _READ_AT_ONCE * i for i, part in enumerate(parts)]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        np.concatenate([part.lengths for part in parts]),
    )


def _count_part(titles: Sequence[str], abstracts: Sequence[str]) -> _Counted:
    terms = [read_terms(titles), read_terms(abstracts)]
    digests = np.concatenate([field.digests for field in terms])
    rows = np.concatenate([field.texts for field in terms])
    weights = np.repeat([float(_TITLE_WEIGHT), 1.0], [len(field.digests) for field in terms])
    kinds = np.concatenate([field.kinds for field in terms])
    order = np.lexsort((kinds, rows, digests))
    digests, rows, kinds = digests[order], rows[order], kinds[order]
    first = np.ones(len(digests), np.bool_)
    first[1:] = (digests[1:] != digests[:-1]) | (rows[1:] != rows[:-1])
    counts = np.add.reduceat(weights[order], np.flatnonzero(first)) if len(first) else weights
    lengths = _TITLE_WEIGHT * terms[0].lengths + terms[1].lengths
    return _Counted(digests[first], rows[first], counts, kinds[first], lengths.astype(float))


def _idf(n: int, n_texts: Ints) -> Floats:
    """How telling terms are that are in `n_texts` of `n` texts."""
    idf: Floats = np.log1p((n - n_texts + 0.5) / (n_texts + 0.5))
    return idf


def _damaged(name: str, what: str) -> DamagedAtlasError:
    return DamagedAtlasError(f"{name}: {what}", hint="build the atlas again")
