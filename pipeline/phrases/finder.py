"""Candidate phrases: what the papers' own words offer as names."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.phrases.words import INNER_WORDS, STOP_WORDS

MAX_WORDS = 4
MAX_CHARACTERS = 48

Key = tuple[str, ...]

# A word keeps its inner hyphens, apostrophes and plus signs, so that no phrase is ever half of a
# hyphenated term. Anything but one space between two words ends a segment.
_WORD = re.compile(r"[^\W_]+(?:[-’'+][^\W_]+)*\+*")
_URL = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.-])[\w.-]+\.(?:com|org|net|io|edu)\b\S*")
_URL_MARKS = ("://", "www.", ".com", ".org", ".net", ".io", ".edu")
_SENTENCE_START = re.compile(r"(?:^|[.?!:]\s*)$")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written, the form in which it is compared, and whether it opens a sentence."""

    text: str
    key: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """A candidate phrase in one paper: its key, how it is written there."""

    key: Key
    text: str


def without_urls(text: str) -> str:
    """The text with a bar in each URL's place."""
    if any(mark in text for mark in _URL_MARKS):
        return _URL.sub(" | ", text)
    return text


def split_segments(text: str) -> Iterator[list[Word]]:
    """Runs of words with nothing but single spaces between them."""
    segment: list[Word] = []
    end = 0
    text = without_urls(text)
    for match in _WORD.finditer(text):
        if segment and text[end : match.start()] != " ":
            yield segment
            segment = []
        before = text[max(0, match.start() - 4) : match.start()]
        opens = not segment and bool(_SENTENCE_START.search(before))
        segment.append(Word(match.group(), word_key(match.group()), opens))
        end = match.end()
    if segment:
        yield segment


_IRREGULAR = {
    "analyses": "analysis",
    "bias": "bias",
    "biases": "bias",
    "hypotheses": "hypothesis",
    "indices": "index",
    "lens": "lens",
    "matrices": "matrix",
    "series": "series",
    "syntheses": "synthesis",
    "vertices": "vertex",
}


def word_rules() -> dict[str, object]:
    """What decides where words end and which are one word, for a reader of phrases that is not
    written in Python; patterns are such that JavaScript reads them alike."""
    return {
        "most": MAX_WORDS,
        "longest": MAX_CHARACTERS,
        "irregular": _IRREGULAR,
        "stop": sorted(STOP_WORDS),
        "inner": sorted(INNER_WORDS),
    }


@lru_cache(maxsize=200_000)
def word_key(word: str) -> str:
    """The form in which words are compared: lower case, singular, without hyphens."""
    plain = word.lower().replace("-", "").replace("’", "'").removesuffix("'s")
    if plain in _IRREGULAR:
        return _IRREGULAR[plain]
    if len(plain) > 4 and plain.endswith("ies"):
        return plain[:-3] + "y"
    if len(plain) > 4 and plain.endswith(("sses", "shes", "ches", "xes")):
        return plain[:-2]
    if len(plain) > 3 and plain.endswith("s") and not plain.endswith(("ss", "us", "is")):
        return plain[:-1]
    return plain


def phrases_in(segments: Iterable[Sequence[Word]]) -> Iterator[Mention]:
    """Every phrase of one to four words that could be a name, as often as it is there."""
    for segment in segments:
        ends = [may_end_phrase(word.text, word.key, STOP_WORDS) for word in segment]
        for start, may_start in enumerate(ends):
            if not may_start:
                continue
            n_inner = 0
            for stop in range(start + 1, min(start + MAX_WORDS, len(segment)) + 1):
                if ends[stop - 1]:
                    chosen = segment[start:stop]
                    yield Mention(_phrase_key(chosen), " ".join([word.text for word in chosen]))
                small = segment[stop - 1].text.lower()  # inside whatever is longer
                n_inner += small in STOP_WORDS
                if n_inner > 1 or (small in STOP_WORDS and small not in INNER_WORDS):
                    break


def phrases_among(text: str, vocabulary: Container[str]) -> Iterator[Mention]:
    """The phrases of a text whose every word is in `vocabulary`, words as `word_key` gives them.

    As of `phrases_in`, and many times faster where the vocabulary is that of one other text: what
    is between its words is never put together.
    """
    runs: list[list[Word]] = []
    text = without_urls(text)
    last_end: int | None = None  # of the word before, where it is in the vocabulary
    for match in _WORD.finditer(text):
        key = word_key(match[0])
        if key not in vocabulary:
            last_end = None
            continue
        if last_end is None or text[last_end : match.start()] != " ":
            runs.append([])
        runs[-1].append(Word(match[0], key, opens=False))
        last_end = match.end()
    return phrases_in(runs)


def may_end_phrase(word: str, key: str, stop: Container[str]) -> bool:
    """True where a phrase may begin or end with this word; `stop`: words in lower case."""
    small = word.lower()
    return not (small in stop or key in stop or len(key) < 2 or small[0].isdigit())


def _phrase_key(words: Sequence[Word]) -> Key:
    """The words' keys; `merging models` has the key of `model merging`."""
    keys = tuple(word.key for word in words)
    if len(keys) == 2 and keys[0].endswith("ing") and not keys[1].endswith("ing"):
        return keys[::-1]
    return keys
