"""Phrases counted over papers: the evidence that names are chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.phrases import Key, form_factor
from pipeline.phrases.counting import (
    Mentions,
    Units,
    closed_shares,
    find_mentions,
    join_units,
    named_key,
    phrase_keys,
    unit_traits,
    verb_shares,
)
from pipeline.phrases.finder import word_key
from pipeline.phrases.forms import Casing, is_meant, key_form_factors, written_forms
from pipeline.phrases.tokens import Ints, Tokens, find_acronyms, read_tokens
from pipeline.phrases.words import SCHOLARLY_WORDS

# What a paper says of a phrase: more when its title has it than when only its abstract does.
TITLE_WEIGHT = 1.0
ABSTRACT_WEIGHT = 0.6
# A phrase is a fragment where this share of its papers have one longer phrase around it.
_FRAGMENT_SHARE = 0.8
# A phrase that ends where its text goes on in fewer mentions than this is worth less.
_CLOSED_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class PhraseCorpus:
    """Candidate phrases of some papers.

    `forms`: (n_phrases,) how well each is formed as a name, in [0, 1]; `weights`: (n_papers,
    n_phrases) CSR, `TITLE_WEIGHT` where the title has the phrase, `ABSTRACT_WEIGHT` where only the
    abstract does.
    """

    forms: NDArray[np.float32]
    weights: csr_matrix
    _units: Units
    _mentions: Mentions
    _key_ids: Ints
    _casing: Casing
    _banned: frozenset[str]

    def key(self, column: int) -> Key:
        """The words by which the phrase is compared."""
        return named_key(self._units, self._key_ids[column])

    def write(self, columns: Ints) -> list[str]:
        """How most papers write each phrase; "" for one that cannot be a name as it is written."""
        texts = written_forms(
            self._units, self._mentions, self._units.texts // 2, columns, self._casing
        )
        return [
            text if text and text.lower() not in self._banned and form_factor(text) > 0 else ""
            for text in texts
        ]


def count_phrases(
    titles: Sequence[str],
    abstracts: Sequence[str],
    *,
    stop: frozenset[str] = frozenset(),
    banned: frozenset[str] = frozenset(),
) -> PhraseCorpus:
    """Candidate phrases of the papers, those of at least two papers where there are several.

    `stop`: words no phrase may begin or end with; `banned`: phrases that are no candidates; both
    in lower case.
    """
    # Text 2i is the title of paper i, text 2i + 1 its abstract.
    texts = [text for pair in zip(titles, abstracts, strict=True) for text in pair]
    tokens = read_tokens(texts)
    acronyms = find_acronyms(tokens)
    units = join_units(tokens, acronyms)
    traits = unit_traits(units, stop)
    least = 2 if len(titles) > 3 else 1
    mentions = find_mentions(units, traits, papers=units.texts // 2, least=least)
    key_ids = phrase_keys(units, traits, mentions)
    weights = _weights(units, mentions, len(titles))
    forms = key_form_factors(
        units.keys,
        key_ids,
        verb_shares=verb_shares(units),
        named=_named_keys(tokens, units),
        spelled=np.isin(units.keys, list(acronyms.of.values())),
    )
    closed = closed_shares(units, traits, mentions)
    forms *= np.minimum(closed / _CLOSED_SHARE, 1.0)
    forms[_fragments(units, mentions, weights)] = 0.0
    return PhraseCorpus(
        forms.astype(np.float32),
        weights,
        units,
        mentions,
        key_ids,
        Casing(
            tokens,
            running=np.arange(len(texts)) % 2 == 1,
            defining=acronyms.spans,
        ),
        banned,
    )


def _weights(units: Units, mentions: Mentions, n_papers: int) -> csr_matrix:
    """What each paper says of each phrase: (n_papers, n_phrases) CSR."""
    n_phrases = len(mentions.samples)
    texts = units.texts[mentions.starts]
    pairs = (texts // 2) * n_phrases + mentions.phrases
    in_title = texts % 2 == 0
    distinct = np.unique(pairs)
    titled = np.isin(distinct, np.unique(pairs[in_title]), assume_unique=True)
    values = np.where(titled, TITLE_WEIGHT, ABSTRACT_WEIGHT).astype(np.float32)
    places = (distinct // max(n_phrases, 1), distinct % max(n_phrases, 1))
    return csr_matrix((values, places), shape=(n_papers, n_phrases))


def _named_keys(tokens: Tokens, units: Units) -> NDArray[np.bool_]:
    """(n_keys,) True for keys that are most often written like `InfoOT`."""
    counts = np.bincount(tokens.words, minlength=len(tokens.vocabulary))
    meant = np.array([is_meant(word) for word in tokens.vocabulary], dtype=np.bool_)
    places = {key: place for place, key in enumerate(units.keys)}
    keys = np.array([places[word_key(word)] for word in tokens.vocabulary])
    total = np.bincount(keys, counts, minlength=len(units.keys))
    named: NDArray[np.bool_] = np.bincount(keys, counts * meant, len(units.keys)) > 0.5 * total
    return named


def _fragments(units: Units, mentions: Mentions, weights: csr_matrix) -> Ints:
    """Phrases that are nearly always part of one longer phrase: `large language`, whose papers
    say `large language model`."""
    n_papers = np.bincount(weights.indices, minlength=len(mentions.samples))
    scholarly = np.array([key in SCHOLARLY_WORDS for key in units.keys], dtype=np.bool_)
    phrase_at = np.full((5, len(units.key_ids)), -1, dtype=np.int64)
    phrase_at[mentions.widths, mentions.starts] = mentions.phrases
    starts, widths = mentions.starts[mentions.samples], mentions.widths[mentions.samples]
    found = []
    for part_start, lost in ((starts + 1, starts), (starts, starts + widths - 1)):
        longer = np.flatnonzero(widths > 1)
        part = phrase_at[widths[longer] - 1, part_start[longer]]
        # A word that any phrase may have around it does not make the rest a fragment.
        plain = ~scholarly[units.key_ids[lost[longer]]]
        inside = (part >= 0) & plain & (n_papers[longer] >= _FRAGMENT_SHARE * n_papers[part])
        found.append(part[inside])
    return np.unique(np.concatenate(found))
