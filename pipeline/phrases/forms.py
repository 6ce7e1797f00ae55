"""How well phrases are formed as names, and how people write them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.phrases.counting import Mentions, Units
from pipeline.phrases.finder import MAX_CHARACTERS, MAX_WORDS
from pipeline.phrases.tokens import Flags, Ints, Tokens
from pipeline.phrases.words import (
    INNER_WORDS,
    LOOSE_ENDS,
    LOOSE_STARTS,
    SCHOLARLY_WORDS,
)

Floats = NDArray[np.float64]


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
# An acronym or a compound noun says nearly as much as several words.
_TELLING_WORD = 0.75
# A word that is so often followed by a determiner is a verb.
_VERB_SHARE = 0.25
# A word that has a small first letter in this share of running text is no name.
_SMALL_SHARE = 0.1


def form_rules() -> dict[str, object]:
    """What `form_factor` judges by, for a reader of phrases that is not written in Python."""
    return {
        "scholarly": sorted(SCHOLARLY_WORDS),
        "looseStarts": sorted(LOOSE_STARTS),
        "looseEnds": sorted(LOOSE_ENDS),
        "nounsInLy": sorted(_NOUNS_IN_LY),
        "nounsLikeAdjectives": sorted(_NOUNS_LIKE_ADJECTIVES),
        "adjective": _ADJECTIVE.pattern,
        "compoundNoun": _COMPOUND_NOUN.pattern,
        "factors": {
            "length": [_LENGTH_FACTOR[n] for n in range(1, MAX_WORDS + 1)],
            "telling": _TELLING_WORD,
            "inner": _INNER_FACTOR,
            "adjective": _ADJECTIVE_FACTOR,
            "scholarly": _SCHOLARLY_FACTOR,
        },
    }


def form_factor(text: str) -> float:
    """How well `text` is formed as a name, in [0, 1]; 0 where it cannot be one."""
    words = text.lower().split()
    first, last = words[0], words[-1]
    if len(text) > MAX_CHARACTERS or first in LOOSE_STARTS or last in LOOSE_ENDS:
        return 0.0
    if any(_is_adverb(word) for word in words):
        return 0.0
    if all(word in SCHOLARLY_WORDS or word in INNER_WORDS for word in words):
        return 0.0
    factor = _LENGTH_FACTOR[len(words)]
    if len(words) == 1 and (text[1:] != text[1:].lower() or _COMPOUND_NOUN.search(text)):
        factor = _TELLING_WORD
    if any(word in INNER_WORDS for word in words):
        factor *= _INNER_FACTOR
    if _is_adjective(last):
        factor *= _ADJECTIVE_FACTOR
    return factor * _SCHOLARLY_FACTOR ** sum(word in SCHOLARLY_WORDS for word in {first, last})


def _is_adverb(word: str) -> bool:
    return word.endswith("ly") and word not in _NOUNS_IN_LY


def _is_adjective(word: str) -> bool:
    return bool(_ADJECTIVE.search(word)) and word not in _NOUNS_LIKE_ADJECTIVES


def key_form_factors(
    keys: Sequence[str], key_ids: Ints, *, verb_shares: Floats, named: Flags, spelled: Flags
) -> Floats:
    """(n_phrases,) `form_factor` of many phrases by their keys, times how seldom their first and
    last words are verbs.

    `key_ids`: (n_phrases, 4), -1 behind the last; of each key, (n_keys,): `verb_shares`; `named`:
    it is most often written like a name, `InfoOT`; `spelled`: the papers say what it is short for.
    """
    rows = np.arange(len(key_ids))
    widths = (key_ids >= 0).sum(axis=1)
    first, last = key_ids[:, 0], key_ids[rows, widths - 1]
    scholarly = _flags([key in SCHOLARLY_WORDS for key in keys])
    inner = _flags([key in INNER_WORDS for key in keys])
    weak = np.where(key_ids >= 0, (scholarly | inner)[key_ids], True).all(axis=1)
    adverb = _flags([_is_adverb(key) for key in keys])
    factors = np.array([0.0, *(_LENGTH_FACTOR[width] for width in range(1, MAX_WORDS + 1))])[widths]
    telling = named | _flags([bool(_COMPOUND_NOUN.search(key)) for key in keys])
    factors = np.where((widths == 1) & telling[first], _TELLING_WORD, factors)
    factors = np.where((widths == 1) & spelled[first], _LENGTH_FACTOR[2], factors)
    factors *= np.where((inner[key_ids] & (key_ids >= 0)).any(axis=1), _INNER_FACTOR, 1.0)
    factors *= np.where(_flags([_is_adjective(key) for key in keys])[last], _ADJECTIVE_FACTOR, 1.0)
    n_scholarly = scholarly[first].astype(int) + (scholarly[last] & (last != first))
    factors *= _SCHOLARLY_FACTOR**n_scholarly
    for end in (first, last):
        factors *= 1.0 - 0.9 * np.minimum(verb_shares[end] / _VERB_SHARE, 1.0)
    loose = _flags([key in LOOSE_STARTS for key in keys])[first]
    loose |= _flags([key in LOOSE_ENDS for key in keys])[last]
    loose |= (adverb[key_ids] & (key_ids >= 0)).any(axis=1)
    return np.where(loose | weak, 0.0, factors)


def _flags(values: Sequence[bool]) -> Flags:
    return np.array(values, dtype=np.bool_)


class Casing:
    """The case that words have in running text."""

    def __init__(self, tokens: Tokens, *, running: Flags, defining: Ints) -> None:
        """`running`: (n_texts,) False for titles, whose words all begin with a capital;
        `defining`: (n, 2) spans of tokens that spell an acronym out, often in capitals."""
        usual = running[tokens.texts] & ~tokens.opens
        for start, end in defining.tolist():
            usual[start:end] = False
        usual &= ~_in_title_case(tokens, usual)
        n_words = len(tokens.vocabulary)
        in_running = np.bincount(tokens.words[usual], minlength=n_words)
        anywhere = np.bincount(tokens.words, minlength=n_words)
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        for word, count, total in zip(
            tokens.vocabulary, in_running.tolist(), anywhere.tolist(), strict=True
        ):
            # `InfoOT` is meant wherever it stands.
            seen = total if is_meant(word) else count
            if seen:
                self._counts[word.lower()][word] += seen

    def cased(self, word: str) -> str:
        """`word`, in lower case, as it is written where it opens no sentence."""
        best = self._commonest(word) or word
        if best[:1].isupper() and not is_meant(best):
            return self._by_parts(best)
        return best if best != word or "-" not in word else self._by_parts(word)

    def _by_parts(self, word: str) -> str:
        """`Retrieval-Augmented` in lower case where its parts are; `gromov-Wasserstein` with a
        capital where a part has one."""
        parts = word.split("-")
        if len(parts) == 1:
            return word
        known = [self._commonest(part.lower()) if len(part) > 2 else "" for part in parts]
        if any(part[:1].isupper() for part in known):
            kept = [
                own or part[:1].upper() + part[1:] for own, part in zip(known, parts, strict=True)
            ]
            return "-".join(kept)
        return "-".join(own or part for own, part in zip(known, parts, strict=True))

    def _commonest(self, word: str) -> str:
        """Its usual form; "" for a word that no running text has."""
        forms = self._counts.get(word)
        if not forms:
            return ""
        small = forms[word]
        if small >= _SMALL_SHARE * forms.total():
            return word
        return min((form for form in forms if form != word), key=lambda form: (-forms[form], form))


def _in_title_case(tokens: Tokens, usual: Flags) -> Flags:
    """(n_tokens,) True for a capital that only the words around it explain: in `Masked Diffusion
    Models`, where other sentences write `diffusion`."""
    small = {tokens.vocabulary[word] for word in np.unique(tokens.words[usual]).tolist()}
    capital = _flags([word[:1].isupper() and not is_meant(word) for word in tokens.vocabulary])
    common = _flags([word.lower() in small for word in tokens.vocabulary]) & capital
    capital, common = capital[tokens.words], common[tokens.words]
    found = np.zeros(len(tokens.words), dtype=np.bool_)
    found[1:] |= capital[1:] & tokens.joined[1:] & common[:-1]
    found[:-1] |= capital[:-1] & tokens.joined[1:] & common[1:]
    return found


def is_meant(word: str) -> bool:
    """True for a word with a capital that begins no word: `LLM`, `InfoOT`."""
    return any(part[1:] != part[1:].lower() for part in word.split("-"))


def written_forms(
    units: Units, mentions: Mentions, papers: Ints, chosen: Ints, casing: Casing
) -> list[str]:
    """(n_chosen,) how most papers write each of the `chosen` phrases; "" where every form is too
    long. `papers`: (n_units,)."""
    wanted = np.zeros(len(mentions.samples), dtype=np.bool_)
    wanted[chosen] = True
    picked = np.flatnonzero(wanted[mentions.phrases])
    starts, widths = mentions.starts[picked], mentions.widths[picked]
    form = mentions.phrases[picked]
    for at in range(MAX_WORDS):
        unit = np.minimum(starts + at, len(units.writing_ids) - 1)
        part = np.where(widths > at, units.writing_ids[unit] + 1, 0)
        form = np.unique(form * (len(units.writings) + 1) + part, return_inverse=True)[1].ravel()
    n_papers = int(papers.max(initial=0)) + 1
    by_paper = np.unique(form * n_papers + papers[starts])
    counts = np.bincount(by_paper // n_papers)
    samples = np.unique(form, return_index=True)[1]
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for sample, count in zip(samples.tolist(), counts.tolist(), strict=True):
        start, width = int(starts[sample]), int(widths[sample])
        text = " ".join(units.writings[i] for i in units.writing_ids[start : start + width])
        found[int(mentions.phrases[picked[sample]])][text] = count
    acronym_keys = {
        int(phrase) for phrase in chosen if mentions.widths[mentions.samples[phrase]] == 1
    }
    return [
        _written(found[phrase], casing, spell_out=phrase in acronym_keys)
        for phrase in chosen.tolist()
    ]


def _written(forms: dict[str, int], casing: Casing, *, spell_out: bool) -> str:
    fitting = [
        form for form in forms if len(form.split()) <= MAX_WORDS and len(form) <= MAX_CHARACTERS
    ]
    if spell_out:
        # A name that is one acronym is spelled out where the papers do so.
        fitting = [form for form in fitting if " " in form and forms[form] > 1] or fitting
    if not fitting:
        return ""
    best = min(fitting, key=lambda form: (-forms[form], len(form), form))
    return " ".join(casing.cased(word) for word in best.split())
