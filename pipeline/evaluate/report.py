"""The evaluation of an atlas: every figure of it, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.agreement import Agreement, agree, alone_where_unassigned
from pipeline.evaluate.baselines import Grouped, kmeans_groups, umap_hdbscan_groups
from pipeline.evaluate.figure import Figure, no_figure
from pipeline.evaluate.label_columns import label_numbers
from pipeline.evaluate.layout import MapQuality, map_quality
from pipeline.evaluate.names import (
    FEWEST_PAPERS,
    TOO_SMALL,
    Encode,
    NameTest,
    WordSearch,
    coherence,
    diversity,
    held_out_names,
    own_theme_nearest,
    precision_by_meaning,
    precision_by_words,
    term_papers,
    uniqueness,
)
from pipeline.evaluate.themes import (
    Sizes,
    coverage,
    density_validity,
    group_sizes,
    silhouette,
)
from pipeline.evaluate.trust import TrustQuality, trust_quality
from pipeline.layout_quality import LayoutQuality
from pipeline.membership import Trust
from pipeline.phrases import Key

FloatRows = NDArray[np.float32]
Ids = NDArray[np.int32]
Groups = NDArray[np.int64]
Rows = NDArray[np.int64]
Tell = Callable[[str], None]

MOST_PAPERS = 10_000
"""Above this many papers, all but coverage and sizes is measured on a seeded sample of as many."""
THEMES, KMEANS, UMAP_HDBSCAN = "themes", "k-means", "umap+hdbscan"


@dataclass(frozen=True, slots=True)
class EvaluatedTheme:
    """What the evaluation needs of a theme."""

    id: int
    layer: int
    name: str
    terms: tuple[str, ...]
    is_unstable: bool = False


@dataclass(frozen=True, slots=True)
class EvaluatedAtlas:
    """What the evaluation needs of an atlas of n papers; row i is the same paper everywhere.

    `vectors`: (n, dim) unit rows; `theme_ids`, `strengths`: (n_layers, n), finest layer first, -1
    where a paper has no theme; `trust`: of each layer; `layout`: how good the map's is, as the
    build measured it; `encode_documents`, `encode_queries`: texts
    -> unit rows, by the model of `vectors`, as papers and as queries; `stop`, `banned`: as they
    were for the names.
    """

    vectors: FloatRows
    theme_ids: Ids
    strengths: FloatRows
    default_layer: int
    themes: tuple[EvaluatedTheme, ...]
    trust: tuple[Trust, ...]
    titles: Sequence[str]
    abstracts: Sequence[str]
    encode_documents: Encode
    encode_queries: Encode
    layout: LayoutQuality | None = None
    stop: Sequence[str] = ()
    banned: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NameQuality:
    """How good the names of one layer are, over its `n_themes` themes of 5 papers or more.

    `precision_by_...`: the share of the papers found by a name that are of its theme, among all
    papers, at min(10, size); `held_out_by_...`: the same for names from one half of the papers
    among the other half.
    """

    n_themes: int
    precision_by_meaning: Figure
    precision_by_words: Figure
    held_out_by_meaning: Figure
    held_out_by_words: Figure
    own_theme_nearest: Figure
    uniqueness: Figure
    diversity: Figure
    coherence: Figure


@dataclass(frozen=True, slots=True)
class GroupQuality:
    """How one method groups the papers of one layer, the themes themselves or a baseline.

    `left_over`: the share of papers that the method left out and that were then placed by the
    nearest centre (never done for themes). `silhouette` and `density_validity` are over the papers
    that have a theme, for each method the same. `agreement` counts every paper with a label, an
    unassigned one as a group of its own; `agreement_of_assigned` only those with a theme, None
    where all have one. Both are None without labels, or without groups.
    """

    method: str
    n_groups: int
    left_over: float
    silhouette: Figure
    density_validity: Figure
    agreement: Agreement | None = None
    agreement_of_assigned: Agreement | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class LayerQuality:
    """One layer of themes. `coverage`, `sizes` and `trust` are over all papers that have an
    abstract."""

    layer: int
    is_default: bool
    coverage: Figure
    sizes: Sizes
    trust: TrustQuality
    names: NameQuality
    groups: tuple[GroupQuality, ...]


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """The labels compared with: how many papers have one, of how many kinds, and how many of the
    papers that are evaluated have none and are left out."""

    name: str
    n_papers: int
    n_labels: int
    n_without: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of an atlas.

    `n_charted`: papers that can have a theme, those with an abstract (all, where none has one);
    `n_evaluated`: how many of them the slow figures were measured on.
    """

    n_papers: int
    n_charted: int
    n_evaluated: int
    seed: int
    labels: LabelColumn | None
    layers: tuple[LayerQuality, ...]
    map: MapQuality

    @property
    def is_sampled(self) -> bool:
        """True where the slow figures are those of a sample."""
        return self.n_evaluated < self.n_charted


def evaluate_atlas(
    atlas: EvaluatedAtlas,
    *,
    layers: Sequence[int],
    seed: int = 0,
    column: str = "",
    labels: Sequence[str] | None = None,
    tell: Tell | None = None,
) -> Evaluation:
    """The figures of `layers`.

    `labels`: a label of each paper, "" for none, from `column`; `tell` hears which step begins.
    The same atlas, seed and labels give the same figures.
    """
    tell = tell or _say_nothing
    charted = _charted(atlas)
    rows = _sampled(charted, seed)
    part = _Part.of(atlas, rows)
    compared = None
    if labels is not None:
        compared = _Labels(label_numbers([labels[row] for row in rows]), seed)
    tell("evaluate names")
    names = part.held_out_names(layers, seed)
    by_layer = {layer: [name for name in names if name.layer == layer] for layer in layers}
    texts = part.texts
    search = WordSearch(texts)
    terms = {term for layer in layers for theme in part.themes[layer] for term in theme.terms}
    with_term = term_papers(terms, texts)
    unstable = [theme.id for theme in atlas.themes if theme.is_unstable]
    named = {
        layer: _name_quality(part, layer, by_layer[layer], search, with_term) for layer in layers
    }
    tell("evaluate baselines")
    flat = umap_hdbscan_groups(part.vectors, seed=seed)
    tell("evaluate groups")
    return Evaluation(
        n_papers=len(atlas.titles),
        n_charted=len(charted),
        n_evaluated=len(rows),
        seed=seed,
        labels=None if compared is None else _label_column(column, compared.numbers),
        layers=tuple(
            LayerQuality(
                layer,
                layer == atlas.default_layer,
                coverage(atlas.theme_ids[layer, charted].astype(np.int64)),
                group_sizes(atlas.theme_ids[layer, charted].astype(np.int64)),
                trust_quality(
                    atlas.theme_ids[layer, charted],
                    atlas.strengths[layer, charted],
                    atlas.trust[layer],
                    unstable,
                ),
                named[layer],
                _group_qualities(part, layer, flat, compared, seed),
            )
            for layer in layers
        ),
        map=map_quality(atlas.layout),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """The papers that are evaluated; `labels`: (n_layers, n) themes from 0, `themes` by layer in
    the order of these numbers."""

    atlas: EvaluatedAtlas
    vectors: FloatRows
    labels: Ids
    strengths: FloatRows
    themes: tuple[tuple[EvaluatedTheme, ...], ...]
    titles: tuple[str, ...]
    abstracts: tuple[str, ...]

    @classmethod
    def of(cls, atlas: EvaluatedAtlas, rows: Rows) -> _Part:
        by_id = {theme.id: theme for theme in atlas.themes}
        labels = np.full((len(atlas.theme_ids), len(rows)), -1, dtype=np.int32)
        themes = []
        for layer, ids in enumerate(atlas.theme_ids[:, rows]):
            has_theme = ids >= 0
            known, numbers = np.unique(ids[has_theme], return_inverse=True)
            labels[layer, has_theme] = numbers
            themes.append(tuple(by_id[int(theme)] for theme in known))
        return cls(
            atlas,
            np.asarray(atlas.vectors[rows]),
            labels,
            atlas.strengths[:, rows],
            tuple(themes),
            tuple(atlas.titles[row] for row in rows),
            tuple(atlas.abstracts[row] for row in rows),
        )

    @property
    def texts(self) -> list[str]:
        pairs = zip(self.titles, self.abstracts, strict=True)
        return [f"{title}\n{abstract}" for title, abstract in pairs]

    def is_large(self, layer: int) -> list[bool]:
        """Which themes of a layer have papers enough for the figures of names."""
        labels = self.labels[layer]
        sizes = np.bincount(labels[labels >= 0], minlength=len(self.themes[layer]))
        return [bool(size >= FEWEST_PAPERS) for size in sizes]

    def held_out_names(self, layers: Sequence[int], seed: int) -> list[NameTest]:
        if not any(any(self.is_large(layer)) for layer in layers):
            return []
        return held_out_names(
            self.labels,
            self.strengths,
            self.vectors,
            self.titles,
            self.abstracts,
            layers=layers,
            encode=self.atlas.encode_documents,
            stop=self.atlas.stop,
            banned=self.atlas.banned,
            seed=seed,
        )


class _Labels:
    """Labels from 0, -1 for none, to compare groups with; what was compared once is kept, since a
    baseline may be the same in every layer."""

    def __init__(self, numbers: Groups, seed: int) -> None:
        self.numbers = numbers
        self.is_known = numbers >= 0
        self._seed = seed
        self._agreements: dict[tuple[bytes, bytes], Agreement] = {}

    def agreement(self, groups: Groups, rows: NDArray[np.bool_]) -> Agreement:
        """Agreement over some of the papers, all with a label and in a group."""
        key = groups.tobytes(), rows.tobytes()
        if key not in self._agreements:
            self._agreements[key] = agree(self.numbers[rows], groups[rows], seed=self._seed)
        return self._agreements[key]


def _name_quality(
    part: _Part,
    layer: int,
    held_out: Sequence[NameTest],
    search: WordSearch,
    with_term: Mapping[Key, frozenset[int]],
) -> NameQuality:
    names = [theme.name for theme in part.themes[layer]]
    large = part.is_large(layer)
    if not any(large):
        return NameQuality(0, *(no_figure(TOO_SMALL) for _ in range(8)))
    terms = [
        theme.terms for theme, counted in zip(part.themes[layer], large, strict=True) if counted
    ]
    encode = part.atlas.encode_queries
    as_named = _as_named(part, layer, names, large)
    return NameQuality(
        sum(large),
        precision_by_meaning(as_named, part.vectors, encode),
        precision_by_words(as_named, search),
        precision_by_meaning(held_out, part.vectors, encode),
        precision_by_words(held_out, search),
        own_theme_nearest(names, large, part.labels[layer], part.vectors, encode),
        uniqueness(names, large),
        diversity(terms),
        coherence(terms, with_term, len(part.titles)),
    )


def _as_named(
    part: _Part, layer: int, names: Sequence[str], large: Sequence[bool]
) -> list[NameTest]:
    """The names as they stand, to be tested on all papers."""
    labels, pool = part.labels[layer], np.arange(len(part.titles))
    return [
        NameTest(layer, theme, name, np.flatnonzero(labels == theme), pool)
        for theme, (name, counted) in enumerate(zip(names, large, strict=True))
        if counted
    ]


def _group_qualities(
    part: _Part, layer: int, flat: Grouped, labels: _Labels | None, seed: int
) -> tuple[GroupQuality, ...]:
    themes = part.labels[layer].astype(np.int64)
    n_themes = int(themes.max(initial=-1)) + 1
    missing = "" if n_themes else "no paper has a theme"
    methods = {
        THEMES: Grouped(themes, missing=missing),
        KMEANS: kmeans_groups(part.vectors, n_themes, seed=seed),
        UMAP_HDBSCAN: flat,
    }
    return tuple(
        _group_quality(name, grouped, part.vectors, themes >= 0, labels, seed)
        for name, grouped in methods.items()
    )


def _group_quality(
    method: str,
    grouped: Grouped,
    vectors: FloatRows,
    has_theme: NDArray[np.bool_],
    labels: _Labels | None,
    seed: int,
) -> GroupQuality:
    groups = grouped.groups
    if grouped.missing:
        none = no_figure(grouped.missing)
        return GroupQuality(method, 0, 0.0, none, none, missing=grouped.missing)
    same_papers = np.where(has_theme, groups, -1)
    agreement = of_assigned = None
    if labels is not None:
        agreement = labels.agreement(alone_where_unassigned(groups), labels.is_known)
        if not has_theme[labels.is_known].all():
            of_assigned = labels.agreement(groups, labels.is_known & has_theme)
    return GroupQuality(
        method,
        len(np.unique(groups[groups >= 0])),
        grouped.left_over,
        silhouette(vectors, same_papers, seed=seed),
        density_validity(vectors, same_papers, seed=seed),
        agreement,
        of_assigned,
    )


def _charted(atlas: EvaluatedAtlas) -> Rows:
    """Rows of the papers that can have a theme."""
    rows = np.array([row for row, text in enumerate(atlas.abstracts) if text], dtype=np.int64)
    return rows if len(rows) else np.arange(len(atlas.abstracts))


def _sampled(rows: Rows, seed: int) -> Rows:
    if len(rows) <= MOST_PAPERS:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MOST_PAPERS, replace=False))


def _label_column(column: str, numbers: Groups) -> LabelColumn:
    n_papers = int((numbers >= 0).sum())
    n_labels = len(np.unique(numbers[numbers >= 0]))
    return LabelColumn(column, n_papers, n_labels, len(numbers) - n_papers)


def _say_nothing(_step: str) -> None:
    pass
