"""Texts as arrays of words: read once, so that counting phrases is array work."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.phrases.finder import Key, without_urls, word_key
from pipeline.phrases.words import STOP_WORDS

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# What is before a word, and the word; at the end of a text a word that is empty.
_TOKEN = re.compile(r"([\W_]*)([^\W_]+(?:[-’'+][^\W_]+)*\+*|\Z)")
_ACRONYM = re.compile(r"[A-Z][A-Za-z0-9-]{1,9}")
_LONGEST_DEFINITION = 7
# An acronym counts where this share of its definitions agree.
_AGREEMENT = 0.9


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of some texts in their order, one empty word at each text's end.

    `vocabulary`: the distinct words as written, "" the first; of each token, (n_tokens,):
    `words`: its place in `vocabulary`; `texts`: its text; `joined`: nothing but one space is
    between it and the word before; `opens`: it begins a sentence; `bracketed`: it stands alone
    in brackets behind a word.
    """

    vocabulary: tuple[str, ...]
    words: Ints
    texts: Ints
    joined: Flags
    opens: Flags
    bracketed: Flags


def read_tokens(texts: Sequence[str]) -> Tokens:
    """The tokens of `texts`, URLs left out."""
    words: defaultdict[str, int] = defaultdict()
    words.default_factory = words.__len__
    gaps: defaultdict[str, int] = defaultdict()
    gaps.default_factory = gaps.__len__
    # The empty word is number 0, and the empty gap that follows an end.
    _ = words[""], gaps[""]
    word_ids, gap_ids, lengths = array("q"), array("q"), array("q")
    for text in texts:
        found = _TOKEN.findall(without_urls(text))
        gap_ids.extend([gaps[gap] for gap, _ in found])
        word_ids.extend([words[word] for _, word in found])
        lengths.append(len(found))
    gap_of = np.array(gap_ids, dtype=np.int64)
    by_gap = list(gaps)
    first = np.zeros(len(gap_of), dtype=np.bool_)
    ends = np.cumsum(np.array(lengths, dtype=np.int64))
    first[ends[:-1]] = True
    first[:1] = True
    is_bracket = _flags([gap == " (" for gap in by_gap])[gap_of]
    closes = _flags([gap.startswith(")") for gap in by_gap])[gap_of]
    return Tokens(
        vocabulary=tuple(words),
        words=np.array(word_ids, dtype=np.int64),
        texts=np.repeat(np.arange(len(texts)), np.array(lengths, dtype=np.int64)),
        joined=_flags([gap == " " for gap in by_gap])[gap_of] & ~first,
        opens=_flags([any(mark in gap for mark in ".?!:") for gap in by_gap])[gap_of] | first,
        bracketed=is_bracket & ~first & np.append(closes[1:], np.False_),
    )


def _flags(values: Sequence[bool]) -> Flags:
    return np.array(values, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Acronyms:
    """Acronyms that the texts define: `large language models (LLMs)`.

    `of`: the acronym's key by the key of its long form; `spans`: (n, 2) tokens from and to which
    the long forms were written where they were defined.
    """

    of: dict[Key, str]
    spans: Ints


def find_acronyms(tokens: Tokens) -> Acronyms:
    """An acronym's letters are the initials of the words before it; nine of ten of its
    definitions agree."""
    defined: dict[str, Counter[Key]] = defaultdict(Counter)
    spans = []
    for place in np.flatnonzero(tokens.bracketed).tolist():
        acronym = tokens.vocabulary[tokens.words[place]]
        if not _ACRONYM.fullmatch(acronym):
            continue
        start = place - 1
        while tokens.joined[start] and place - start < _LONGEST_DEFINITION:
            start -= 1
        written = [tokens.vocabulary[word] for word in tokens.words[start:place]]
        long_form = _initials_match(written, word_key(acronym))
        if long_form:
            defined[word_key(acronym)][long_form] += 1
            spans.append((place - len(long_form), place))
    agreed = {}
    for acronym, long_forms in sorted(defined.items()):
        long_form, count = min(long_forms.items(), key=lambda item: (-item[1], item[0]))
        if count >= _AGREEMENT * long_forms.total():
            agreed[long_form] = acronym
    return Acronyms(agreed, np.array(spans, dtype=np.int64).reshape(-1, 2))


def _initials_match(written: Sequence[str], acronym: str) -> Key | None:
    """The last words whose initials spell the acronym, as keys; None where none do."""
    for n_words in range(2, len(written) + 1):
        chosen = written[-n_words:]
        initials = "".join(part[0] for word in chosen for part in word.split("-") if part).lower()
        if initials == acronym and word_key(chosen[0]) not in STOP_WORDS:
            return tuple(word_key(word) for word in chosen)
    return None
