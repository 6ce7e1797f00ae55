"""Candidate phrases: what the papers' own words offer as names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.phrases.words import (
    INNER_WORDS,
    LOOSE_ENDS,
    LOOSE_STARTS,
    SCHOLARLY_WORDS,
    STOP_WORDS,
)

MAX_WORDS = 4
MAX_CHARACTERS = 48

Key = tuple[str, ...]

# A word keeps its inner hyphens, apostrophes and plus signs, so that no phrase is ever half of a
# hyphenated term. Anything but one space between two words ends a segment.
_WORD = re.compile(r"[^\W_]+(?:[-’'+][^\W_]+)*\+*")
_DEFINITION = re.compile(r"((?:[^\W_][\w-]*[ -]){2,7})\(([A-Z][A-Za-z0-9-]{1,9})\)")
_URL = re.compile(r"(?:https?://|www\.)\S+|\b[\w.-]+\.(?:com|org|net|io|edu)\b\S*")
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


def split_segments(text: str) -> Iterator[list[Word]]:
    """Runs of words with nothing but single spaces between them."""
    segment: list[Word] = []
    end = 0
    text = _URL.sub(" | ", text)
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


def find_acronyms(texts: Iterable[str]) -> dict[Key, str]:
    """Long forms and the acronyms the papers define for them: `large language models (LLMs)`.

    An acronym counts when its letters are the initials of the words before it, and when nine of
    ten of its definitions agree.
    """
    defined: dict[str, Counter[Key]] = defaultdict(Counter)
    for text in texts:
        for match in _DEFINITION.finditer(text):
            acronym = word_key(match.group(2))
            long_form = _initials_match(match.group(1), acronym)
            if long_form:
                defined[acronym][long_form] += 1
    agreed = {}
    for acronym, long_forms in defined.items():
        long_form, count = min(long_forms.items(), key=lambda item: (-item[1], item[0]))
        if count >= 0.9 * long_forms.total():
            agreed[long_form] = acronym
    return agreed


def _initials_match(words: str, acronym: str) -> Key | None:
    """The last words whose initials spell the acronym, as keys; None where none do."""
    written = words.split()
    for n_words in range(2, len(written) + 1):
        chosen = written[-n_words:]
        initials = "".join(part[0] for word in chosen for part in word.split("-") if part).lower()
        if initials == acronym and word_key(chosen[0]) not in STOP_WORDS:
            return tuple(word_key(word) for word in chosen)
    return None


class PhraseFinder:
    """Finds the candidate phrases of a text, with acronyms and their long forms as one."""

    def __init__(self, acronyms: dict[Key, str], stop: frozenset[str] = frozenset()) -> None:
        self._acronyms = acronyms
        self._longest = max((len(key) for key in acronyms), default=0)
        self._ends = STOP_WORDS | stop

    def mentions(self, segments: Iterable[Sequence[Word]]) -> Iterator[Mention]:
        """Every phrase of one to four words that could be a name, as often as it is there."""
        for segment in segments:
            units = self._join_long_forms(segment)
            for start, unit in enumerate(units):
                if not self._may_end(unit):
                    continue
                for stop in range(start + 1, min(start + MAX_WORDS, len(units)) + 1):
                    chosen = units[start:stop]
                    if self._may_end(chosen[-1]) and _inner_words_fit(chosen):
                        text = " ".join(text for _, text in chosen)
                        yield Mention(_phrase_key(chosen), text)

    def _join_long_forms(self, segment: Sequence[Word]) -> list[tuple[str, str]]:
        """(key, text) of each unit; a long form that has an acronym is one unit with its key."""
        keys = [word.key for word in segment]
        units = []
        at = 0
        while at < len(segment):
            width, key = 1, keys[at]
            for n_words in range(min(self._longest, len(keys) - at), 1, -1):
                acronym = self._acronyms.get(tuple(keys[at : at + n_words]))
                if acronym:
                    width, key = n_words, acronym
                    break
            units.append((key, " ".join(word.text for word in segment[at : at + width])))
            at += width
        return units

    def _may_end(self, unit: tuple[str, str]) -> bool:
        key, text = unit
        word = text.lower()
        return not (word in self._ends or key in self._ends or word[0].isdigit() or len(key) < 2)


def _phrase_key(units: Sequence[tuple[str, str]]) -> Key:
    """The units' keys; `merging models` has the key of `model merging`."""
    keys = tuple(key for key, _ in units)
    if len(keys) == 2 and keys[0].endswith("ing") and not keys[1].endswith("ing"):
        return keys[::-1]
    return keys


def _inner_words_fit(units: Sequence[tuple[str, str]]) -> bool:
    inner = [text.lower() for _, text in units[1:-1] if text.lower() in STOP_WORDS]
    return len(inner) <= 1 and all(word in INNER_WORDS for word in inner)


class Wording:
    """How people write a phrase: its most common form, in the case words have in running text."""

    def __init__(self) -> None:
        self._forms: dict[Key, Counter[str]] = defaultdict(Counter)
        self._cases: dict[str, Counter[str]] = defaultdict(Counter)

    def add_mentions(self, mentions: Iterable[Mention]) -> None:
        """Count written forms."""
        for mention in mentions:
            self._forms[mention.key][mention.text.lower()] += 1

    def add_words(self, segments: Iterable[Sequence[Word]], *, running: bool) -> None:
        """Count how words are written: all of running text but where a sentence begins, and of a
        title only what is written like `InfoOT`, since titles begin every word with a capital."""
        for segment in segments:
            for word in segment:
                meant = word.text[1:] != word.text[1:].lower()
                if meant or (running and not word.opens):
                    self._cases[word.text.lower()][word.text] += 1

    def text(self, key: Key) -> str:
        """The most common form of at most four words; "" where every form is longer."""
        forms = self._forms[key]
        fitting = [form for form in forms if len(form.split()) <= MAX_WORDS]
        if not fitting:
            return ""
        if len(key) == 1:
            # A name that is one acronym is spelled out where the papers do so.
            spelled = [form for form in fitting if " " in form and forms[form] > 1]
            fitting = spelled or fitting
        best = min(fitting, key=lambda form: (-forms[form], len(form), form))
        return " ".join(self._cased(word) for word in best.split())

    def _cased(self, word: str) -> str:
        cases = self._cases.get(word)
        if not cases:
            return word
        return min(cases.items(), key=lambda item: (-item[1], item[0].swapcase()))[0]


def form_factor(text: str) -> float:
    """How well `text` is formed as a name, in [0, 1]; 0 where it cannot be one."""
    words = text.lower().split()
    first, last = words[0], words[-1]
    if len(text) > MAX_CHARACTERS or first in LOOSE_STARTS or last in LOOSE_ENDS:
        return 0.0
    if any(word.endswith("ly") and word not in _NOUNS_IN_LY for word in words):
        return 0.0
    if all(word in SCHOLARLY_WORDS or word in INNER_WORDS for word in words):
        return 0.0
    factor = _LENGTH_FACTOR[len(words)]
    if len(words) == 1 and (text[1:] != text[1:].lower() or _COMPOUND_NOUN.search(text)):
        factor = 0.75  # an acronym or a compound noun says nearly as much as several words
    if any(word in INNER_WORDS for word in words):
        factor *= _INNER_FACTOR
    if _ADJECTIVE.search(last) and last not in _NOUNS_LIKE_ADJECTIVES:
        factor *= _ADJECTIVE_FACTOR
    return factor * _SCHOLARLY_FACTOR ** sum(word in SCHOLARLY_WORDS for word in {first, last})


# Two and three words say most; one is often too broad, four are often a sentence's piece.
_LENGTH_FACTOR = {1: 0.4, 2: 1.0, 3: 1.0, 4: 0.65}
_SCHOLARLY_FACTOR = 0.6
_INNER_FACTOR = 0.7
# A phrase that ends like an adjective has most often lost its noun: `preferred`, `distributional`.
_ADJECTIVE = re.compile(r"(?:[^e]ed|ional|ical|istic|ative|able|ible|ous|ingual|ual|ary|ful|less)$")
_NOUNS_LIKE_ADJECTIVES = frozenset({"variable", "library", "vocabulary", "dictionary", "summary"})
_ADJECTIVE_FACTOR = 0.4
_COMPOUND_NOUN = re.compile(r"-\w+ing$")  # `pre-training`; `in-context` and `test-time` want a noun
_NOUNS_IN_LY = frozenset({"anomaly", "assembly", "family", "supply", "butterfly", "reply"})
