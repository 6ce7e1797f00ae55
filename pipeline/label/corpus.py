"""Phrases counted over papers: the evidence that names are chosen from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.phrases import (
    SCHOLARLY_WORDS,
    Key,
    PhraseFinder,
    Wording,
    find_acronyms,
    form_factor,
    split_segments,
)

# What a paper says of a phrase: more when its title has it than when only its abstract does.
TITLE_WEIGHT = 1.0
ABSTRACT_WEIGHT = 0.6
# A phrase is a fragment where this share of its papers have one longer phrase around it.
_FRAGMENT_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class PhraseCorpus:
    """Candidate phrases of some papers.

    `keys`: the phrases; `texts`: how each is written; `forms`: (n_phrases,) how well it is formed
    as a name, in (0, 1]; `weights`: (n_papers, n_phrases) CSR, `TITLE_WEIGHT` where the title has
    the phrase, `ABSTRACT_WEIGHT` where only the abstract does.
    """

    keys: tuple[Key, ...]
    texts: tuple[str, ...]
    forms: NDArray[np.float32]
    weights: csr_matrix


def count_phrases(
    titles: Sequence[str],
    abstracts: Sequence[str],
    *,
    stop: frozenset[str] = frozenset(),
    banned: frozenset[str] = frozenset(),
) -> PhraseCorpus:
    """Candidate phrases of the papers, those of at least two papers where there are several.

    `stop`: words no phrase may begin or end with; `banned`: phrases, in lower case, that are no
    candidates.
    """
    finder = PhraseFinder(find_acronyms(abstracts), stop)
    wording = Wording()
    papers = [
        _paper_phrases(finder, wording, title, abstract)
        for title, abstract in zip(titles, abstracts, strict=True)
    ]
    frequency = Counter(key for phrases in papers for key in phrases)
    least = 2 if len(papers) > 3 else 1
    kept = {key: count for key, count in frequency.items() if count >= least}
    columns: dict[Key, int] = {}
    texts: list[str] = []
    forms: list[float] = []
    fragments = _fragments(kept)
    for key in sorted(kept.keys() - fragments):
        text = wording.text(key)
        form = form_factor(text) if text and text.lower() not in banned else 0.0
        if form > 0:
            columns[key] = len(texts)
            texts.append(text)
            forms.append(form)
    return PhraseCorpus(
        tuple(columns),
        tuple(texts),
        np.array(forms, dtype=np.float32),
        _weight_matrix(papers, columns),
    )


def _fragments(frequency: Mapping[Key, int]) -> set[Key]:
    """Phrases that are nearly always part of one longer phrase: `large language`, whose papers
    say `large language model`."""
    fragments = set()
    for key, count in frequency.items():
        if len(key) < 2:
            continue
        # A word that any phrase may have around it does not make the rest a fragment.
        for part, lost in ((key[1:], key[0]), (key[:-1], key[-1])):
            around = lost in SCHOLARLY_WORDS
            if not around and count >= _FRAGMENT_SHARE * frequency.get(part, 2 * count):
                fragments.add(part)
    return fragments


def _paper_phrases(
    finder: PhraseFinder, wording: Wording, title: str, abstract: str
) -> dict[Key, float]:
    """Weight of each candidate phrase of one paper."""
    weights: dict[Key, float] = {}
    for text, weight, running in ((abstract, ABSTRACT_WEIGHT, True), (title, TITLE_WEIGHT, False)):
        segments = list(split_segments(text))
        wording.add_words(segments, running=running)
        mentions = list(finder.mentions(segments))
        wording.add_mentions(mentions)
        weights.update(dict.fromkeys((mention.key for mention in mentions), weight))
    return weights


def _weight_matrix(papers: Sequence[dict[Key, float]], columns: dict[Key, int]) -> csr_matrix:
    rows, places, values = [], [], []
    for row, phrases in enumerate(papers):
        for key, weight in phrases.items():
            column = columns.get(key)
            if column is not None:
                rows.append(row)
                places.append(column)
                values.append(weight)
    shape = (len(papers), len(columns))
    return csr_matrix((np.array(values, dtype=np.float32), (rows, places)), shape=shape)
