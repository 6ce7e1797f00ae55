"""How alike two abstracts are in their words, and whether one is the other's template.

All measures depend on the two texts alone, never on the corpus around them: whether two records are
one paper must not change with what else is in the list.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from rapidfuzz import fuzz

from pipeline.papers.text import comparison_key, folded

_ALIKE_SPELLING = 75.0
FUNCTION_WORDS = frozenset(
    """
    a about above across after again against all also although am among an and any approach are
    as at based be because been before being between both but by can compared could data
    demonstrate different do does during e each effective eg et etc even existing experimental
    experiments extensive first for framework from further g given has have having here high how
    however i ie if in into introduce is it its large last less many may me method methods model
    models more moreover most much my new non not novel of often on one only or other our over
    paper performance present problem propose proposed recent recently result results s same
    second several show shows significantly since so some state study such task tasks than that
    the their them then there these they this those three through thus to towards two under up
    upon us use used using various via was we well were what when where whether which while who
    will with within without work would yet you your
    """.split()  # noqa: SIM905  one word a line would hide the list
)


_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}


def spaced_words(text: str) -> str:
    """Give the words of `comparison_key`, with one blank or more between; of ASCII text, which
    abstracts mostly are, in a third of its time."""
    key = folded(text)
    return key.translate(_BLANKS) if key.isascii() else comparison_key(text)


@dataclass(frozen=True)
class Wording:
    """The words of one text, made ready to be compared with others."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Wording:
        """Give the wording of a text by its comparison key."""
        return cls(tuple(spaced_words(text).split()))

    @cached_property
    def shingles(self) -> frozenset[tuple[str, str, str]]:
        """Every run of three words."""
        return frozenset(zip(self.words, self.words[1:], self.words[2:], strict=False))

    @cached_property
    def content(self) -> frozenset[str]:
        """The words that carry meaning: no function words, no phrases of every abstract."""
        return frozenset(self.words) - FUNCTION_WORDS

    def __len__(self) -> int:
        """Give the number of words."""
        return len(self.words)


def shingle_containment(one: Wording, other: Wording) -> float:
    """Give the share of the shorter text's word triples that the longer has too, 0 to 1.

    Containment after Broder, "On the resemblance and containment of documents" (1997), section 2.
    """
    least = min(len(one.shingles), len(other.shingles))
    return len(one.shingles & other.shingles) / least if least else 0.0


def content_containment(one: Wording, other: Wording) -> float:
    """Give the share of the poorer text's content words that the other has too, 0 to 1."""
    least = min(len(one.content), len(other.content))
    return len(one.content & other.content) / least if least else 0.0


@dataclass(frozen=True, slots=True)
class Substitutions:
    """What stands in one text where the other has something else, in otherwise equal surroundings.

    `numbers` and `words` count places; `repeated` counts words that give way to the same other word
    more than once, as a species' name does in a template; `share` is the part of all changed words.
    """

    numbers: int
    words: int
    repeated: int
    share: float


def find_substitutions(one: Wording, other: Wording) -> Substitutions:
    """Align two texts word by word and give what was exchanged in place."""
    first, last = _shared_ends(one.words, other.words)
    words_a, words_b = (w.words[first : len(w) - last] for w in (one, other))
    if not words_a or not words_b:
        return Substitutions(0, 0, 0, 0.0)
    matcher = SequenceMatcher(None, words_a, words_b, autojunk=False)
    vocabulary_a, vocabulary_b = set(one.words), set(other.words)
    numbers = words = exchanged = changed = 0
    pairs: Counter[tuple[str, str]] = Counter()
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            continue
        changed += max(j - i, m - k)
        if tag != "replace" or j - i > 4 or m - k > 4:
            continue
        left = [w for w in words_a[i:j] if w not in vocabulary_b and w not in FUNCTION_WORDS]
        right = [w for w in words_b[k:m] if w not in vocabulary_a and w not in FUNCTION_WORDS]
        if _numbers(words_a[i:j]) and _numbers(words_b[k:m]):
            numbers += _numbers(words_a[i:j]) != _numbers(words_b[k:m])
        if left and right and not _same_word(" ".join(left), " ".join(right)):
            words += 1
            exchanged += max(j - i, m - k)
            pairs[left[0], right[0]] += 1
    repeated = sum(times > 1 for times in pairs.values())
    return Substitutions(numbers, words, repeated, exchanged / changed if changed else 0.0)


def _shared_ends(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[int, int]:
    """How many words two texts share at their beginnings, and then at their ends."""
    least = min(len(one), len(other))
    first = next((i for i in range(least) if one[i] != other[i]), least)
    rest = least - first
    return first, next((i for i in range(rest) if one[-1 - i] != other[-1 - i]), rest)


def _numbers(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if re.search(r"\d", word)]


def _same_word(one: str, other: str) -> bool:
    """Tell a respelling (`modelling`, `modeling`) from an opposite (`stable`, `unstable`)."""
    opposite = one.endswith(other) or other.endswith(one)
    return not opposite and fuzz.ratio(one, other) >= _ALIKE_SPELLING
