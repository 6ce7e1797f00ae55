"""Texts as terms: the stems of their words, and pairs of stems that stand together.

A term is known by 64 bits of a digest. No string is kept, so that an index is a few arrays that can
be mapped from disk, whatever alphabet the papers are written in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.lexical.stop_words import STOP_WORDS
from pipeline.phrases.tokens import read_tokens

Digests = NDArray[np.uint64]
Ints = NDArray[np.int64]
Kinds = NDArray[np.int8]

_MARKS = re.compile(r"[-’'+]")
# British spellings, and what the stemmer leaves of them. That `noise` is `noize` here matters to
# nobody: it is so in every text. But `supervised` and `precise` would lose `supervision` and
# `precisely`, which no rule changes.
_NEVER_Z = "".join(
    f"(?<!{start})" for start in ("superv", "prec", "conc", "rev", "surpr", "advert")
)
_BRITISH = (
    (
        re.compile(rf"(?<=[a-z]{{2}}){_NEVER_Z}is(?=(?:e|ed|er|ers|es|ing|able|ations?|ational)$)"),
        "iz",
    ),
    (re.compile(r"lys(?=(?:e|ed|er|ers|es|ing)$)"), "lyz"),
    (re.compile(r"(?<=[a-z]{2})our(?=(?:ed|ing|s|al|ally|hoods?|able|ful|less|ists?)?$)"), "or"),
)
_DOUBLED = {
    f"{stem}l": stem
    for stem in ("cancel", "channel", "label", "level", "model", "signal", "travel", "tunnel",
                 "unlabel")
}  # fmt: skip
# Kinds of terms: a stem; a word as it is written, or the parts of a compound written together; two
# stems side by side.
WORD, FORM, PAIR = range(3)
# No stem is longer: what is, is a formula or a broken line, and still finds itself by its start.
_LONGEST_WORD = 64


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of some texts, each as often as it is there, in no order.

    `digests`: (n_terms,) uint64; `texts`: (n_terms,) which text; `kinds`: (n_terms,) int8, each
    `WORD`, `FORM` or `PAIR`. `lengths`: (n_texts,) how many stems each text has.
    """

    digests: Digests
    texts: Ints
    kinds: Kinds
    lengths: Ints


def read_terms(texts: Sequence[str]) -> Terms:
    """The terms of `texts`: a stem for each word that is no stop word, and a phrase for each two of
    them with nothing but a space, a hyphen or a stop word's absence between them.

    A compound counts as one word and by its parts: `pre-training` is found by `pretraining` and by
    `training`. A word counts by its stem and, where that is another, by its form: `optimizer`
    finds `optimal`, and `optimizer` before it. Stems are Snowball's for English (Porter 2001).
    """
    tokens = read_tokens(texts)
    stems, counts, known_forms = _stems_of(tokens.vocabulary)
    starts = np.concatenate([[0], np.cumsum(counts)])
    n_stems = counts[tokens.words]
    # Every token's stems, one after the other: `place` counts within the token.
    token = np.repeat(np.arange(len(tokens.words)), n_stems)
    place = np.arange(len(token)) - np.repeat(np.cumsum(n_stems) - n_stems, n_stems)
    digests = stems[starts[tokens.words[token]] + place]
    of_text = tokens.texts[token]
    follows = np.where(place > 0, True, tokens.joined[token])
    # A stop word has no stems: what stands behind it does not follow the stem before it.
    adjacent = np.zeros(len(token), np.bool_)
    adjacent[1:] = follows[1:] & (token[1:] - token[:-1] <= 1) & (of_text[1:] == of_text[:-1])
    second = np.flatnonzero(adjacent)
    pairs = pair_digests(digests[second - 1], digests[second])
    forms = known_forms[tokens.words]
    formed = np.flatnonzero(forms)
    return Terms(
        digests=np.concatenate([digests, forms[formed], pairs]),
        texts=np.concatenate([of_text, tokens.texts[formed], of_text[second]]),
        kinds=np.repeat(
            np.array([WORD, FORM, PAIR], np.int8), [len(digests), len(formed), len(pairs)]
        ),
        lengths=np.bincount(of_text, minlength=len(texts)),
    )


def read_words(text: str) -> list[tuple[str, int]]:
    """The words of a text, as it writes them, with the digests of their stems: of several words
    with one stem the first, and a compound with each of its own."""
    stems: dict[int, str] = {}
    for word in read_tokens([text]).vocabulary:
        for stem in _word_stems(word)[0]:
            stems.setdefault(stem, word)
    return [(word, stem) for stem, word in stems.items()]


def pair_digests(first: Digests, second: Digests) -> Digests:
    """Digests of pairs, in their order: (n,) uint64. The mixing is that of SplitMix64 (Steele, Lea
    and Flood 2014, figure 16)."""
    with np.errstate(over="ignore"):
        mixed = first * np.uint64(0x9E3779B97F4A7C15) + second
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def _stems_of(vocabulary: Sequence[str]) -> tuple[Digests, Ints, Digests]:
    """Digests of the words' stems, one word after the other; how many each word has, (n_words,);
    and of each the digest of its form or of its parts written together, 0 where it has none."""
    known = [_word_stems(word) for word in vocabulary]
    stems = np.array([stem for stems, _ in known for stem in stems], np.uint64)
    counts = np.array([len(stems) for stems, _ in known], np.int64)
    return stems, counts, np.array([joint for _, joint in known], np.uint64)


@lru_cache(maxsize=100_000)
def _word_stems(word: str) -> tuple[tuple[int, ...], int]:
    """Digests of the stems of a word's parts, and of its form: the parts as one word where there
    are more, else the word where it is not its own stem, else 0."""
    small = word.lower()[:_LONGEST_WORD]
    if not small or small in STOP_WORDS:
        return (), 0
    parts = [_american(part) for part in _MARKS.split(small) if part]
    if len(parts) == 1:
        (form,) = parts
        stem = _stem(form)
        # No stem has the sign, so that no form is one.
        return (_digest(stem),), 0 if form == stem else _digest(f"={form}")
    content = [part for part in parts if part not in STOP_WORDS]
    return tuple(_digest(_stem(part)) for part in content), _digest(_stem("".join(parts)))


def _american(word: str) -> str:
    for pattern, spelling in _BRITISH:
        word = pattern.sub(spelling, word)
    return word


def _stem(word: str) -> str:
    stem: str = _stemmer().stemWord(word)
    return _DOUBLED.get(stem, stem)


def _digest(stem: str) -> int:
    raw = hashlib.blake2b(stem.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "little")


@lru_cache(maxsize=1)
def _stemmer() -> Any:  # noqa: ANN401 - PyStemmer has no types
    from Stemmer import Stemmer

    return Stemmer("english")
