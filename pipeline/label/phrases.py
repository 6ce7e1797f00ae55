"""Candidate phrases: what the papers' own words offer as names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.label.words import INNER_WORDS, STOP_WORDS

MAX_WORDS = 4
MAX_CHARACTERS = 48

Key = tuple[str, ...]

# A word keeps its inner hyphens, apostrophes and plus signs, so that no phrase is ever half of a
# hyphenated term. Anything but one space between two words ends a segment.
_WORD = re.compile(r"[^\W_]+(?:[-’'+][^\W_]+)*\+*")
_DEFINITION = re.compile(r"((?:[^\W_][\w-]*[ -]){2,7})\(([A-Z][A-Za-z0-9-]{1,9})\)")
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
    for match in _WORD.finditer(text):
        if segment and text[end : match.start()] != " ":
            yield segment
            segment = []
        opens = not segment and bool(_SENTENCE_START.search(text[max(0, match.start() - 4) : match.start()]))
        segment.append(Word(match.group(), word_key(match.group()), opens))
        end = match.end()
    if segment:
        yield segment


@lru_cache(maxsize=200_000)
def word_key(word: str) -> str:
    """The form in which words are compared: lower case, singular, without hyphens."""
    plain = word.lower().replace("-", "").replace("’", "'").removesuffix("'s")
    if len(plain) > 4 and plain.endswith("ies"):
        return plain[:-3] + "y"
    if len(plain) > 4 and plain.endswith(("sses", "shes", "ches", "xes")):
        return plain[:-2]
    if len(plain) > 2 and plain.endswith("s") and not plain.endswith(("ss", "us", "is")):
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
            for start, (key, _) in enumerate(units):
                if not self._may_end(key):
                    continue
                for stop in range(start + 1, min(start + MAX_WORDS, len(units)) + 1):
                    chosen = units[start:stop]
                    if self._may_end(chosen[-1][0]) and _inner_words_fit(chosen):
                        text = " ".join(text for _, text in chosen)
                        yield Mention(tuple(key for key, _ in chosen), text)

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

    def _may_end(self, key: str) -> bool:
        return key not in self._ends and not key[0].isdigit() and len(key) > 1


def _inner_words_fit(units: Sequence[tuple[str, str]]) -> bool:
    inner = [key for key, _ in units[1:-1] if key in STOP_WORDS]
    return len(inner) <= 1 and all(key in INNER_WORDS for key in inner)


class Wording:
    """How people write a phrase: its most common form, in the case words have in running text."""

    def __init__(self) -> None:
        self._forms: dict[Key, Counter[str]] = defaultdict(Counter)
        self._cases: dict[str, Counter[str]] = defaultdict(Counter)

    def add_mentions(self, mentions: Iterable[Mention]) -> None:
        """Count written forms."""
        for mention in mentions:
            self._forms[mention.key][mention.text.lower()] += 1

    def add_words(self, segments: Iterable[Sequence[Word]]) -> None:
        """Count how words are written in running text, where no sentence begins."""
        for segment in segments:
            for word in segment:
                if not word.opens:
                    self._cases[word.text.lower()][word.text] += 1

    def text(self, key: Key) -> str:
        """The most common form of at most four words; "" where every form is longer."""
        forms = self._forms[key]
        fitting = [form for form in forms if len(form.split()) <= MAX_WORDS]
        if not fitting:
            return ""
        best = min(fitting, key=lambda form: (-forms[form], len(form), form))
        return " ".join(self._cased(word) for word in best.split())

    def _cased(self, word: str) -> str:
        cases = self._cases.get(word)
        if not cases:
            return word
        return min(cases.items(), key=lambda item: (-item[1], item[0].swapcase()))[0]
