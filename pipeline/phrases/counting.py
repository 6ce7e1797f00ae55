"""Phrases counted over many texts, as array work: what the texts share, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.phrases.finder import MAX_WORDS, Key, may_end_phrase, word_key
from pipeline.phrases.tokens import Acronyms, Flags, Ints, Tokens
from pipeline.phrases.words import DETERMINERS, INNER_WORDS, STOP_WORDS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Units:
    """Tokens with each long form of an acronym as one.

    `keys`, `writings`: the forms in which units are compared, and are written in lower case; of
    each unit, (n_units,): `key_ids` and `writing_ids`, their places there; `texts`; `joined` to
    the unit before by one space; `first_tokens`.
    """

    keys: tuple[str, ...]
    writings: tuple[str, ...]
    key_ids: Ints
    writing_ids: Ints
    texts: Ints
    joined: Flags
    first_tokens: Ints


def join_units(tokens: Tokens, acronyms: Acronyms) -> Units:
    """The units of `tokens`; a spelled-out acronym is one, with the acronym's key."""
    keys, writings = _Numbers(), _Numbers()
    key_of = np.array([keys[word_key(word)] for word in tokens.vocabulary], dtype=np.int64)
    writing_of = np.array([writings[word.lower()] for word in tokens.vocabulary], dtype=np.int64)
    key_ids, writing_ids = key_of[tokens.words], writing_of[tokens.words]
    kept = np.ones(len(key_ids), dtype=np.bool_)
    for start, width, acronym in _long_forms(key_ids, tokens.joined, acronyms, keys):
        spelled = " ".join(writings.names[i] for i in writing_ids[start : start + width])
        key_ids[start] = keys[acronym]
        writing_ids[start] = writings[spelled]
        kept[start + 1 : start + width] = False
    return Units(
        tuple(keys.names),
        tuple(writings.names),
        key_ids[kept],
        writing_ids[kept],
        tokens.texts[kept],
        tokens.joined[kept],
        np.flatnonzero(kept),
    )


class _Numbers:
    """Numbers of names in the order in which they are asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._of: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        number = self._of.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
        return number

    def get(self, name: str) -> int:
        """The name's number, -1 where it has none."""
        return self._of.get(name, -1)


def _long_forms(
    key_ids: Ints, joined: Flags, acronyms: Acronyms, keys: _Numbers
) -> list[tuple[int, int, str]]:
    """(first token, number of tokens, acronym) of each long form, the longest at each place."""
    by_first: dict[int, list[tuple[list[int], str]]] = {}
    for long_form, acronym in acronyms.of.items():
        numbers = [keys.get(key) for key in long_form]
        if min(numbers) >= 0:
            by_first.setdefault(numbers[0], []).append((numbers, acronym))
    for forms in by_first.values():
        forms.sort(key=lambda form: -len(form[0]))
    if not by_first:
        return []
    found = []
    free_from = 0
    opening = np.isin(key_ids, list(by_first))
    opening[:-1] &= joined[1:]
    numbers_of, joined_to = key_ids.tolist(), joined.tolist()
    for start in np.flatnonzero(opening).tolist():
        if start < free_from:
            continue
        for numbers, acronym in by_first[numbers_of[start]]:
            end = start + len(numbers)
            if numbers_of[start:end] == numbers and all(joined_to[start + 1 : end]):
                found.append((start, len(numbers), acronym))
                free_from = end
                break
    return found


@dataclass(frozen=True, slots=True)
class Mentions:
    """Every phrase of one to four units that could be a name, as often as it is there.

    Of each mention, (n_mentions,): `phrases`, `starts` (its first unit), `widths` (in units). Of
    each phrase, (n_phrases,): `samples`, one of its mentions.
    """

    phrases: Ints
    starts: Ints
    widths: Ints
    samples: Ints


@dataclass(frozen=True, slots=True)
class Traits:
    """What phrases are made by.

    Of each unit, (n_units,), `ends`: a phrase may begin and end with it; `stops`: a stop word;
    `inner`: a stop word that may stand within. Of each key, (n_keys,), `gerund`: ends with -ing.
    """

    ends: Flags
    stops: Flags
    inner: Flags
    gerund: Flags


def unit_traits(units: Units, stop: frozenset[str]) -> Traits:
    """The traits of `units`; `stop`: words that no phrase may begin or end with besides."""
    words = STOP_WORDS | stop
    by_key = _flags([may_end_phrase(key, key, words) for key in units.keys])[units.key_ids]
    by_writing = _flags([may_end_phrase(w, w, words) for w in units.writings])[units.writing_ids]
    return Traits(
        ends=by_key & by_writing,
        stops=_flags([w in STOP_WORDS for w in units.writings])[units.writing_ids],
        inner=_flags([w in INNER_WORDS for w in units.writings])[units.writing_ids],
        gerund=_flags([key.endswith("ing") for key in units.keys]),
    )


def _flags(values: Sequence[bool]) -> Flags:
    return np.array(values, dtype=np.bool_)


def find_mentions(units: Units, traits: Traits, *, papers: Ints, least: int) -> Mentions:
    """The mentions of phrases that at least `least` papers have; `papers`: (n_units,)."""
    n_units = len(units.key_ids)
    ends, inner, stops = traits.ends, traits.inner, traits.stops
    starts_by_width, ranks_by_width = [], []
    runs = np.ones(n_units, dtype=np.bool_)  # one run of joined units from here
    pairs = _pair_ranks(units, traits, swap=False)
    for width in range(1, MAX_WORDS + 1):
        if width > 1:
            runs = runs & _shifted(units.joined, width - 1)
        fits = runs & ends & _shifted(ends, width - 1)
        n_stops = np.zeros(n_units, dtype=np.int8)
        for at in range(1, width - 1):
            within = _shifted(stops, at)
            n_stops += within
            fits &= ~within | _shifted(inner, at)
        starts = np.flatnonzero(fits & (n_stops <= 1))
        ranks = _ranks(units, traits, pairs, starts, width)
        frequent = _at_least(ranks, papers[starts], least)
        starts_by_width.append(starts[frequent])
        ranks_by_width.append(ranks[frequent])
    return _numbered(starts_by_width, ranks_by_width)


def _numbered(starts_by_width: Sequence[Ints], ranks_by_width: Sequence[Ints]) -> Mentions:
    phrases, samples = [], []
    n_phrases, n_mentions = 0, 0
    for ranks in ranks_by_width:
        distinct, first, numbers = np.unique(ranks, return_index=True, return_inverse=True)
        phrases.append(numbers.ravel() + n_phrases)
        samples.append(first + n_mentions)
        n_phrases += len(distinct)
        n_mentions += len(ranks)
    widths = np.repeat(np.arange(1, MAX_WORDS + 1), [len(starts) for starts in starts_by_width])
    return Mentions(
        np.concatenate(phrases), np.concatenate(starts_by_width), widths, np.concatenate(samples)
    )


def _shifted(flags: Flags, by: int) -> Flags:
    """The flag of the unit that is `by` places further on."""
    shifted = np.zeros_like(flags)
    shifted[: max(len(flags) - by, 0)] = flags[by:]
    return shifted


def _pair_ranks(units: Units, traits: Traits, *, swap: bool) -> Ints:
    """(n_units,) a number for each unit and the next one together, equal where both keys are."""
    first, second = units.key_ids, np.append(units.key_ids[1:], 0)
    if swap:
        turned = traits.gerund[first] & ~traits.gerund[second]
        first, second = np.where(turned, second, first), np.where(turned, first, second)
    pairs: Ints = first * len(units.keys) + second
    return pairs


def _ranks(units: Units, traits: Traits, pairs: Ints, starts: Ints, width: int) -> Ints:
    """(n_starts,) a number for the phrase at each start, equal where all keys are; `merging
    models` is `model merging`."""
    if width == 1:
        return units.key_ids[starts]
    if width == 2:
        return _pair_ranks(units, traits, swap=True)[starts]
    head = np.unique(pairs[starts], return_inverse=True)[1].ravel()
    tail = units.key_ids[starts + 2] if width == 3 else pairs[starts + 2]
    tail = np.unique(tail, return_inverse=True)[1].ravel()
    ranks: Ints = head * (tail.max(initial=0) + 1) + tail
    return ranks


def _at_least(ranks: Ints, papers: Ints, least: int) -> Flags:
    """True for mentions of what at least `least` papers have."""
    if least <= 1 or not len(ranks):
        return np.ones(len(ranks), dtype=np.bool_)
    _, numbers = np.unique(ranks, return_inverse=True)
    numbers = numbers.ravel()
    # In order of texts, a paper is new to a phrase where it is not that of the mention before.
    order = np.argsort(numbers, kind="stable")
    sorted_numbers, sorted_papers = numbers[order], papers[order]
    new = np.ones(len(ranks), dtype=np.bool_)
    new[1:] = (sorted_numbers[1:] != sorted_numbers[:-1]) | (
        sorted_papers[1:] != sorted_papers[:-1]
    )
    counts = np.bincount(sorted_numbers[new])
    enough: Flags = counts[numbers] >= least
    return enough


def phrase_keys(units: Units, traits: Traits, mentions: Mentions) -> Ints:
    """(n_phrases, 4) the key ids of each phrase in its order, -1 behind the last."""
    starts, widths = mentions.starts[mentions.samples], mentions.widths[mentions.samples]
    found = np.full((len(starts), MAX_WORDS), -1, dtype=np.int64)
    for at in range(MAX_WORDS):
        has = widths > at
        found[has, at] = units.key_ids[starts[has] + at]
    turned = (widths == 2) & traits.gerund[found[:, 0]] & ~traits.gerund[found[:, 1]]
    found[turned, :2] = found[turned, 1::-1]
    return found


def named_key(units: Units, key_ids: Ints) -> Key:
    """The words of one row of `phrase_keys`."""
    return tuple(units.keys[key] for key in key_ids.tolist() if key >= 0)


def closed_shares(units: Units, traits: Traits, mentions: Mentions) -> Floats:
    """(n_phrases,) of each phrase, the share of mentions after which no word follows that could
    belong to it: low for `large language`, which nearly always goes on."""
    after = mentions.starts + mentions.widths
    closed = ~units.joined[after] | traits.stops[after]
    counts = np.bincount(mentions.phrases, minlength=len(mentions.samples))
    closed_counts = np.bincount(mentions.phrases, closed, minlength=len(mentions.samples))
    shares: Floats = (closed_counts + 0.5) / (counts + 1.0)
    return shares


def verb_shares(units: Units) -> Floats:
    """(n_keys,) how often a determiner follows a word: often behind a verb, such as `align the`,
    and hardly ever behind a noun."""
    is_determiner = _flags([key in DETERMINERS for key in units.keys])
    counts = np.bincount(units.key_ids, minlength=len(units.keys))
    followed = units.joined[1:] & is_determiner[units.key_ids[1:]]
    verb_counts = np.bincount(units.key_ids[:-1], followed, minlength=len(units.keys))
    # A word that is seen a few times only is held for a noun.
    shares: Floats = verb_counts / (counts + 4.0)
    return shares
