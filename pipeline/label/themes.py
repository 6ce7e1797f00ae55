"""Themes as users see them: ids, names, sizes, parents, terms, exemplars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.label.corpus import PhraseCorpus, count_phrases
from pipeline.label.naming import ThemeWords, name_layer

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]
Rows = NDArray[np.int64]

N_EXEMPLARS = 5
# Names need no more papers than this to be chosen well; the strongest of each finest theme serve.
_MAX_NAMED_FROM = 8_000


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme of one layer.

    `id` is unique over all layers; `members`: its papers' rows, ascending; `parent`: id of the
    theme of the next coarser layer that holds it, None in the coarsest; `exemplars`: rows of its
    most typical papers, best first; `evidence`: what speaks for the name, in words.
    """

    id: int
    layer: int
    name: str
    members: Rows
    parent: int | None
    terms: tuple[str, ...]
    exemplars: tuple[int, ...]
    evidence: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of its papers."""
        return len(self.members)


def name_themes(
    labels: Labels,
    strengths: FloatRows,
    vectors: FloatRows,
    titles: Sequence[str],
    abstracts: Sequence[str],
    *,
    encode: Callable[[Sequence[str]], FloatRows],
    stop: Sequence[str] = (),
    banned: Sequence[str] = (),
    given: Mapping[tuple[int, int], str] | None = None,
) -> list[Theme]:
    """Named themes of every layer, finest layer first, the largest theme of a layer first.

    `labels`: (n_layers, n) nested groups, finest first, -1 where unassigned; `strengths`: the
    same shape, in [0, 1]; `vectors`: (n, dim) unit rows; `encode`: phrases -> (k, dim) unit rows
    of the same model; `given`: the user's own names by layer and label, which no other theme of
    the layer gets.
    """
    rows = _rows_to_name_from(labels[0], strengths[0])
    corpus = count_phrases(
        [titles[row] for row in rows],
        [abstracts[row] for row in rows],
        stop=frozenset(word.lower() for word in stop),
        banned=frozenset(phrase.lower() for phrase in banned),
    )
    mean = vectors.mean(axis=0)
    themes: list[Theme] = []
    next_id = sum(_n_groups(layer) for layer in labels)
    parents_of: Labels | None = None
    for layer in reversed(range(len(labels))):
        groups = _groups_by_size(labels[layer])
        next_id -= len(groups)
        own = [(given or {}).get((layer, int(labels[layer][group[0]]))) for group in groups]
        named = _name_groups(corpus, rows, groups, vectors - mean, encode, own)
        ids = np.full(labels.shape[1], -1, dtype=np.int32)
        for offset, (members, words) in enumerate(zip(groups, named, strict=True)):
            parent = None if parents_of is None else int(parents_of[members[0]])
            exemplars = _exemplars(vectors, members, strengths[layer])
            themes.append(
                Theme(
                    next_id + offset, layer, words.name, members, parent,
                    words.terms, exemplars, words.evidence,
                )
            )  # fmt: skip
            ids[members] = next_id + offset
        parents_of = ids
    return sorted(themes, key=lambda theme: theme.id)


def _name_groups(
    corpus: PhraseCorpus,
    rows: Rows,
    groups: Sequence[Rows],
    centred: FloatRows,
    encode: Callable[[Sequence[str]], FloatRows],
    given: Sequence[str | None],
) -> list[ThemeWords]:
    """Names for the groups of one layer."""
    members = [np.flatnonzero(np.isin(rows, group)) for group in groups]
    centres = np.stack([centred[group].mean(axis=0) for group in groups])
    lengths = np.linalg.norm(centres, axis=1, keepdims=True)
    centres = (centres / np.maximum(lengths, 1e-9)).astype(np.float32)
    return name_layer(corpus, members, centres, encode=encode, given=given)


def _rows_to_name_from(finest: Labels, strengths: FloatRows) -> Rows:
    """Rows that names are chosen from, ascending: all assigned ones, or in large corpora the
    strongest of each finest theme."""
    assigned = np.flatnonzero(finest >= 0)
    if len(assigned) <= _MAX_NAMED_FROM:
        return assigned
    per_theme = max(2, _MAX_NAMED_FROM // _n_groups(finest))
    chosen = []
    for label in range(int(finest.max()) + 1):
        members = np.flatnonzero(finest == label)
        chosen.append(members[np.argsort(-strengths[members], kind="stable")[:per_theme]])
    return np.sort(np.concatenate(chosen))


def _n_groups(labels: Labels) -> int:
    return len(np.unique(labels[labels >= 0]))


def _groups_by_size(labels: Labels) -> list[Rows]:
    """Rows of each group, the largest group first, of equal ones the one with the first row."""
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels[labels >= 0])]
    return sorted(groups, key=lambda rows: (-len(rows), int(rows[0])))


def _exemplars(vectors: FloatRows, members: Rows, strengths: FloatRows) -> tuple[int, ...]:
    """The members nearest to the theme's centre, weighted by how firmly they belong."""
    centre = vectors[members].mean(axis=0)
    closeness = vectors[members] @ centre * (0.5 + 0.5 * strengths[members])
    order = np.lexsort((members, -np.round(closeness, 6)))[:N_EXEMPLARS]
    return tuple(int(row) for row in members[order])
