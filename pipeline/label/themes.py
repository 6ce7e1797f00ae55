"""Themes as users see them: ids, names, sizes, parents, terms, proof, exemplars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.label.corpus import PhraseCorpus, count_phrases
from pipeline.label.exemplars import choose_exemplars
from pipeline.label.naming import NAMED_BY_USER, Lexicon, ThemeWords, name_layer
from pipeline.label.scoring import (
    Marks,
    directions,
    mark_themes,
    nearest_papers,
)

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]
Rows = NDArray[np.int64]
Encode = Callable[[Sequence[str]], FloatRows]

# Names need no more papers than this to be chosen well; the strongest of each finest theme serve.
_MAX_NAMED_FROM = 8_000
# Phrases that themes may offer to be embedded, over all layers: a second or two. A theme of a
# coarser layer, which has more to say, offers twice as many as one of the finest.
_MAX_PHRASES = 3_000
_MOST_PER_THEME, _FEWEST_PER_THEME = 20, 6


@dataclass(frozen=True, slots=True)
class Contrast:
    """What tells a theme from the one of its layer that is nearest.

    `theme`: that theme's id; `phrase`: of the name; `times`: how many times more often the
    theme's papers have it than that theme's, with half a paper added to both.
    """

    theme: int
    phrase: str
    times: float


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme of one layer.

    `id` is unique over all layers; `members`: its papers' rows, ascending; `parent`: id of the
    theme of the next coarser layer that holds it, None in the coarsest; `exemplars`: rows of
    papers that together cover it, the most central first; `evidence`: what speaks for the name, in
    words; `covered_share`: share of the papers named from that have a phrase of the name;
    `contrast`: None where the layer has one theme or the name has no phrase.
    """

    id: int
    layer: int
    name: str
    members: Rows
    parent: int | None
    terms: tuple[str, ...]
    exemplars: tuple[int, ...]
    evidence: tuple[str, ...]
    covered_share: float = 0.0
    contrast: Contrast | None = None

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
    encode: Encode,
    stop: Sequence[str] = (),
    banned: Sequence[str] = (),
    given: Mapping[tuple[int, int], str] | None = None,
) -> list[Theme]:
    """Named themes of every layer, finest layer first, the largest theme of a layer first.

    `labels`: (n_layers, n) nested groups, finest first, -1 where unassigned; `strengths`: the
    same shape, in [0, 1]; `vectors`: (n, dim) unit rows; `encode`: phrases -> (k, dim) unit rows
    of the same model; `given`: the user's own names by layer and label, which no other theme of
    the layer gets. Names depend on the papers' texts, vectors and groups, not on their order.
    """
    from threadpoolctl import threadpool_limits

    layers = [_groups_by_size(layer) for layer in labels]
    users = [
        [(given or {}).get((layer, int(labels[layer][group[0]]))) for group in groups]
        for layer, groups in enumerate(layers)
    ]
    if not any(layers):
        return []
    # By content, so that sums do not depend on the order of papers.
    order = np.array(
        sorted(range(len(titles)), key=lambda row: (titles[row], abstracts[row])), dtype=np.int64
    )
    rows = _rows_to_name_from(labels[0], strengths[0], order, titles)
    corpus = count_phrases(
        [titles[row] for row in rows],
        [abstracts[row] for row in rows],
        stop=frozenset(word.lower() for word in stop),
        banned=frozenset(phrase.lower() for phrase in banned),
    )
    # More BLAS threads change the last bits of a sum.
    with threadpool_limits(1):
        space = _theme_space(labels, layers, vectors, order, rows)
        marks = _marks(corpus, space)
    lexicon = _lexicon(corpus, marks, encode, vectors.shape[1])
    with threadpool_limits(1):
        nearest = nearest_papers(lexicon.vectors, space.vectors)
        words = [
            name_layer(
                corpus,
                space.members[layer],
                marks[layer],
                lexicon,
                centres=space.centres[layer],
                nearest=nearest,
                theme_of=space.theme_of[layer],
                vectors=space.vectors,
                papers_mean=space.mean,
                order=space.choosing[layer],
                encode=encode,
                given=users[layer],
            )
            for layer in range(len(labels))
        ]
        themes = _themes(labels, strengths, vectors, layers, words, space, lexicon)
    is_users = [name is not None for layer in users for name in layer]
    return [
        replace(theme, evidence=(NAMED_BY_USER,)) if own else theme
        for theme, own in zip(themes, is_users, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _ThemeSpace:
    """Where the themes lie. Papers that names are chosen from have positions, by content.

    Of each layer: `members`, the positions of each theme's papers; `centres`, (n_themes, dim)
    unit directions from the corpus's mean; `choosing`, the themes in the order in which they
    choose names; `theme_of`, (n_vectors,) the theme of each of the papers that names should find,
    -1 where unassigned. `vectors`: (n_vectors, dim) unit rows of these; `mean`: (dim,)
    of all papers.
    """

    members: list[list[Rows]]
    centres: list[FloatRows]
    choosing: list[list[int]]
    theme_of: list[Rows]
    vectors: FloatRows
    mean: FloatRows


def _theme_space(
    labels: Labels, layers: Sequence[Sequence[Rows]], vectors: FloatRows, order: Rows, rows: Rows
) -> _ThemeSpace:
    by_content = np.empty(len(order), dtype=np.int64)
    by_content[order] = np.arange(len(order))
    position_of = np.full(len(order), -1, dtype=np.int64)
    position_of[rows] = np.arange(len(rows))
    # Atoms in the order of their first paper by content.
    atom_of = np.unique(labels[:, order], axis=1, return_inverse=True)[1].ravel()
    firsts = np.unique(atom_of, return_index=True)[1]
    rank = np.empty(len(firsts), dtype=np.int64)
    rank[np.argsort(firsts)] = np.arange(len(firsts))
    atom_of = rank[atom_of]  # of each paper in the order of content
    sums = np.zeros((len(firsts), vectors.shape[1]))
    sizes = np.bincount(atom_of)
    by_atom = order[np.argsort(atom_of, kind="stable")]
    ends = np.cumsum(sizes)
    for atom, (start, end) in enumerate(zip(ends - sizes, ends, strict=True)):
        sums[atom] = vectors[by_atom[start:end]].sum(axis=0, dtype=np.float64)
    mean = sums.sum(axis=0) / len(order)
    atom_of_row = np.empty(len(order), dtype=np.int64)
    atom_of_row[order] = atom_of
    found_in = order if len(order) <= _MAX_NAMED_FROM else rows
    members, centres, choosing, theme_of = [], [], [], []
    for groups in layers:
        theme_of_row = np.full(len(order), -1, dtype=np.int64)
        has = np.zeros((len(groups), len(firsts)))
        for theme, group in enumerate(groups):
            has[theme, np.unique(atom_of_row[group])] = 1
            theme_of_row[group] = theme
        means = (has @ sums) / (has @ sizes)[:, None]
        centres.append(directions(means.astype(np.float32), mean.astype(np.float32)))
        members.append([np.sort(own[own >= 0]) for own in (position_of[g] for g in groups)])
        first_of = [int(by_content[group].min()) for group in groups]
        choosing.append(sorted(range(len(groups)), key=lambda t: (-len(groups[t]), first_of[t])))
        theme_of.append(theme_of_row[found_in])
    found_vectors = np.ascontiguousarray(vectors[found_in], dtype=np.float32)
    return _ThemeSpace(members, centres, choosing, theme_of, found_vectors, mean.astype(np.float32))


def _marks(corpus: PhraseCorpus, space: _ThemeSpace) -> list[list[Marks]]:
    """Of each layer, the phrases that mark each theme."""
    n_finest = len(space.members[0])
    n_offering = n_finest + 2 * sum(len(members) for members in space.members[1:])
    n_best = min(_MOST_PER_THEME, max(_FEWEST_PER_THEME, _MAX_PHRASES // n_offering))
    found = []
    for layer, members in enumerate(space.members):
        children = _children(space, layer) if layer else None
        found.append(
            mark_themes(corpus, members, n_best=2 * n_best if layer else n_best, children=children)
        )
    return found


def _children(space: _ThemeSpace, layer: int) -> list[list[Rows]]:
    """For each theme of `layer` the papers of its parts in the finer layer."""
    finer = [set(own.tolist()) for own in space.members[layer - 1]]
    return [
        [np.array(sorted(part), dtype=np.int64) for part in finer if part and part <= set(own)]
        for own in (members.tolist() for members in space.members[layer])
    ]


def _lexicon(
    corpus: PhraseCorpus, marks: Sequence[Sequence[Marks]], encode: Encode, dim: int
) -> Lexicon:
    """All layers' phrases, embedded at once."""
    columns = np.unique(np.concatenate([mark.columns for layer in marks for mark in layer])).astype(
        np.int64
    )
    texts = corpus.write(columns) if len(columns) else []
    named = sorted((text, int(column)) for text, column in zip(texts, columns, strict=True) if text)
    vectors = (
        np.asarray(encode([text for text, _ in named]), dtype=np.float32)
        if named
        else np.empty((0, dim), dtype=np.float32)
    )
    return Lexicon(
        {column: row for row, (_, column) in enumerate(named)},
        tuple(text for text, _ in named),
        tuple(corpus.key(column) for _, column in named),
        vectors,
        (corpus.weights[:, [column for _, column in named]] > 0).toarray(),
    )


def _themes(
    labels: Labels,
    strengths: FloatRows,
    vectors: FloatRows,
    layers: Sequence[Sequence[Rows]],
    words: Sequence[Sequence[ThemeWords]],
    space: _ThemeSpace,
    lexicon: Lexicon,
) -> list[Theme]:
    """The themes with ids, and proof of their names."""
    first_ids = np.cumsum([0, *(len(groups) for groups in layers)])
    ids = np.full((len(layers) + 1, labels.shape[1]), -1, dtype=np.int64)
    for layer, groups in enumerate(layers):
        for place, group in enumerate(groups):
            ids[layer, group] = first_ids[layer] + place
    themes: list[Theme] = []
    for layer, groups in enumerate(layers):
        parents = np.array([ids[layer + 1, group[0]] for group in groups], dtype=np.int64)
        siblings = nearest_siblings(space.centres[layer], parents)
        for place, (group, named) in enumerate(zip(groups, words[layer], strict=True)):
            own, sibling = space.members[layer][place], int(siblings[place])
            texts = [lexicon.texts[lexicon.places[column]] for column in named.phrases]
            contrast = None
            if sibling != place and texts:
                other = space.members[layer][sibling]
                rows = [lexicon.places[column] for column in named.phrases]
                times = _times(lexicon.present[:, rows], own, other)
                best = int(times.argmax())
                contrast = Contrast(
                    int(first_ids[layer]) + sibling, texts[best], round(float(times[best]), 2)
                )
            themes.append(
                Theme(
                    id=int(first_ids[layer]) + place,
                    layer=layer,
                    name=named.name,
                    members=group,
                    parent=int(parents[place]) if parents[place] >= 0 else None,
                    terms=named.terms,
                    exemplars=choose_exemplars(vectors, group, strengths[layer]),
                    evidence=tuple(
                        f"“{text}” in {count} of {len(own)} papers"
                        for text, count in zip(texts, named.counts, strict=True)
                    ),
                    covered_share=named.covered_share,
                    contrast=contrast,
                )
            )
    return themes


def nearest_siblings(centres: FloatRows, parents: Rows) -> Rows:
    """(n_themes,) the theme of the same parent whose centre is nearest, of any parent where a
    theme is its parent's only one; itself where it is alone in its layer.

    `centres`: (n_themes, dim) unit directions; `parents`: (n_themes,).
    """
    if len(centres) == 0:
        return np.empty(0, dtype=np.int64)
    cosines = centres @ centres.T
    np.fill_diagonal(cosines, -4.0)
    same = parents[:, None] == parents[None, :]
    return np.asarray(np.where(same, cosines + 2.0, cosines).argmax(axis=1), dtype=np.int64)


def _times(present: NDArray[np.bool_], own: Rows, other: Rows) -> NDArray[np.float64]:
    """(n_phrases,) how many times more often `own` papers have each phrase than `other` ones.

    `present`: (n_papers, n_phrases).
    """
    shares = [(present[rows].sum(axis=0) + 0.5) / (len(rows) + 1.0) for rows in (own, other)]
    times: NDArray[np.float64] = shares[0] / shares[1]
    return times


def _rows_to_name_from(
    finest: Labels, strengths: FloatRows, order: Rows, titles: Sequence[str]
) -> Rows:
    """Rows that names are chosen from, by content: all assigned ones, or in large corpora the
    strongest of each finest theme."""
    assigned = order[finest[order] >= 0]
    if len(assigned) <= _MAX_NAMED_FROM:
        return assigned
    # Of equally strong ones not those whose titles begin alike.
    shuffled = np.array([crc32(titles[row].encode("utf-8", "replace")) for row in assigned])
    strongest = assigned[np.lexsort((shuffled, -strengths[assigned]))]
    by_theme = strongest[np.argsort(finest[strongest], kind="stable")]
    sizes = np.bincount(finest[by_theme])
    sizes = sizes[sizes > 0]
    places = np.arange(len(by_theme)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = np.zeros(len(finest), dtype=np.bool_)
    kept[by_theme[places < max(2, _MAX_NAMED_FROM // len(sizes))]] = True
    return order[kept[order]]


def _groups_by_size(labels: Labels) -> list[Rows]:
    """Rows of each group, the largest group first, of equal ones the one with the first row."""
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels[labels >= 0])]
    return sorted(groups, key=lambda rows: (-len(rows), int(rows[0])))
