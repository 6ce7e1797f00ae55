"""What two records of one paper have in common, as numbers: a digest of all that is said, hashes of
titles and ids, and hashes of some word triples of the abstract.

Nothing else of the records is held while they are compared, so that millions fit into memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.papers.identity import strong_ids, work_ids
from pipeline.papers.record import Paper
from pipeline.papers.titles import Title
from pipeline.papers.wording import spaced_words

Hashes = NDArray[np.uint64]

_SAMPLED_OF = 6
_LITTLE_TEXT = 8
_CHUNK_RECORDS = 1024
_CHUNK_LETTERS = 2_000_000
_MOST_LETTERS = 20_000
"""Of a text of book length only the beginning is compared."""
_BASE = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Of a run of records, in their order.

    `contents`: (n, 2) uint64, equal for records that say exactly the same. `keys`: (m,) uint64,
    hashes of titles, titles without subtitle, and ids; `triples`: (k,) uint64, of sampled word
    triples, each once a record; `key_rows` and `triple_rows`: int64, which record each is of.
    """

    contents: Hashes
    keys: Hashes
    key_rows: NDArray[np.int64]
    triples: Hashes
    triple_rows: NDArray[np.int64]


def take_fingerprints(records: Iterable[Paper]) -> Iterator[Fingerprints]:
    """Give the fingerprints of the records, some at a time; rows count from 0."""
    start = 0
    for chunk in _chunks(records):
        yield _fingerprints(chunk, start)
        start += len(chunk)


def _chunks(records: Iterable[Paper]) -> Iterator[list[Paper]]:
    """Some records at a time: a thousand, fewer long ones."""
    chunk: list[Paper] = []
    n_letters = 0
    for paper in records:
        chunk.append(paper)
        n_letters += min(len(paper.abstract), _MOST_LETTERS)
        if len(chunk) == _CHUNK_RECORDS or n_letters > _CHUNK_LETTERS:
            yield chunk
            chunk, n_letters = [], 0
    if chunk:
        yield chunk


def _fingerprints(chunk: Sequence[Paper], start: int) -> Fingerprints:
    words, text_of_word = _word_hashes([_spaced(paper.abstract) for paper in chunk])
    n_words = np.bincount(text_of_word, minlength=len(chunk)).tolist()
    contents = b"".join(map(_content, chunk, n_words))
    keys = [_keys(paper) for paper in chunk]
    key_rows = np.repeat(np.arange(start, start + len(chunk)), [len(k) for k in keys])
    triples, triple_rows = _sampled_triples(words, text_of_word)
    return Fingerprints(
        np.frombuffer(contents, dtype="<u8").reshape(-1, 2).astype(np.uint64),
        np.array([key for of_one in keys for key in of_one], dtype=np.uint64),
        key_rows.astype(np.int64),
        triples,
        triple_rows + start,
    )


def _spaced(abstract: str) -> bytes:
    """The words of an abstract, as they are compared, with blanks between."""
    return spaced_words(abstract[:_MOST_LETTERS]).encode("utf-8", "surrogatepass")


def _content(paper: Paper, n_words: int) -> bytes:
    """A digest of all that identity rests on."""
    said = (paper.title, paper.abstract, *paper.authors, "", str(paper.doi), str(paper.arxiv_id),
            *paper.identifiers, "", str(paper.year), str(paper.kind), str(paper.status),
            str(paper.language))  # fmt: skip
    if n_words < _LITTLE_TEXT:
        # Little text says little: an "Editorial" of another year is another one.
        said = (*said, paper.id, str(paper.venue), str(paper.url))
        if not (strong_ids(paper) or paper.url) and Title(paper.title).is_nameless:
            said = (*said, *(f"{source.file}:{source.line}" for source in paper.sources))
    raw = "\0".join(said).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=16).digest()


def _keys(paper: Paper) -> list[int]:
    title = Title(paper.title)
    # Under `Editorial` nobody finds a copy that its words or ids do not show.
    told = () if title.is_nameless else (title.squashed, *title.mains)
    names = {f"title:{text}" for text in told if text}
    return [_hash(name) for name in sorted(names | work_ids(paper))]


def _hash(text: str) -> int:
    raw = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little")


def _word_hashes(texts: Sequence[bytes]) -> tuple[Hashes, NDArray[np.int64]]:
    """A hash of each word of all texts, in their order, and the number of its text.

    Polynomials of the bytes, modulo 2**64 (Karp and Rabin 1987), as differences of running sums:
    all words at once take a fifth of the time of looking each up.
    """
    joined = np.frombuffer(b"".join(b" " + text for text in texts) + b" ", np.uint8)
    is_letter = joined != ord(" ")
    starts = np.flatnonzero(is_letter[1:] & ~is_letter[:-1]) + 1
    ends = np.flatnonzero(is_letter[:-1] & ~is_letter[1:]) + 1
    powers, inverses = (_powers(base, len(joined)) for base in (_BASE, pow(_BASE, -1, 2**64)))
    sums = np.zeros(len(joined) + 1, np.uint64)
    np.cumsum(joined * powers, out=sums[1:])
    hashes = (sums[ends] - sums[starts]) * inverses[starts]
    bounds = np.cumsum([1 + len(text) for text in texts])
    return hashes, np.searchsorted(bounds, starts, side="right").astype(np.int64)


def _powers(base: int, n: int) -> Hashes:
    """`base` to the powers 0 to n - 1, modulo 2**64."""
    factors = np.full(n, base, np.uint64)
    factors[:1] = 1
    powers: Hashes = np.multiply.accumulate(factors)
    return powers


def _sampled_triples(
    words: Hashes, text_of_word: NDArray[np.int64]
) -> tuple[Hashes, NDArray[np.int64]]:
    """Hashes of the sampled triples and the number of each one's text, every triple once a text.

    One in six is kept, by its hash, the same in every text (Broder 1997, section 4): a pair that
    shares a third of 150 triples meets in eight of them on average.
    """
    mixed = words[:-2] * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (words[1:-1] ^ (words[1:-1] >> np.uint64(31))) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed += (words[2:] ^ (words[2:] >> np.uint64(33))) * np.uint64(0x165667B19E3779F9)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    kept = (mixed % np.uint64(_SAMPLED_OF) == 0) & (text_of_word[:-2] == text_of_word[2:])
    mixed, texts = mixed[kept], text_of_word[:-2][kept]
    order = np.lexsort((mixed, texts))
    mixed, texts = mixed[order], texts[order]
    new = np.ones(len(mixed), bool)
    new[1:] = (mixed[1:] != mixed[:-1]) | (texts[1:] != texts[:-1])
    return mixed[new], texts[new]
