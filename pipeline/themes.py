"""The themes of an atlas: what was found, as the user edited it, with names and how far to trust
them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import Contrast, Memberships, ThemeRow
from pipeline.chart import Clustering
from pipeline.cluster import UNASSIGNED
from pipeline.edits import EditReport, Edits, apply_edits, paper_finder, theme_edits
from pipeline.errors import InputError
from pipeline.label import NAMED_BY_USER, Theme
from pipeline.papers import Paper
from pipeline.predict import Judgement, judge_predictions
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.refine import ThemeEvidence
    from pipeline.refine.names import Progress

FloatRows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NamedThemes:
    """Named themes, who belongs to them, what became of the user's edits, and what predictions
    from them are worth. `calibration_errors`: of the
    strengths, by layer; nan where unmeasured."""

    themes: tuple[ThemeRow, ...]
    memberships: Memberships
    edits: EditReport
    judgement: Judgement
    calibration_errors: tuple[float, ...]

    @property
    def n_themes(self) -> int:
        """Themes of the default layer."""
        return sum(theme.layer == self.memberships.default_layer for theme in self.themes)

    @property
    def stability(self) -> float | None:
        """Of the default layer, as in `facts`."""
        return self._stability(self.memberships.default_layer)

    @property
    def n_unstable(self) -> int:
        """Themes of the default layer that are unstable."""
        default = self.memberships.default_layer
        return sum(theme.layer == default and theme.is_unstable for theme in self.themes)

    def unassigned_share(self, papers: Sequence[Paper]) -> float:
        """Of the papers with an abstract, the share without a theme in the default layer."""
        theme_ids = self.memberships.theme_ids[self.memberships.default_layer]
        unassigned = [
            theme == UNASSIGNED
            for paper, theme in zip(papers, theme_ids, strict=True)
            if paper.abstract
        ]
        return sum(unassigned) / len(unassigned) if unassigned else 0.0

    @property
    def facts(self) -> dict[str, Any]:
        """What the manifest keeps: for each layer its stability (the mean of its themes', each
        weighing as many papers as it has), calibration error and leave-one-out agreement."""
        layers = range(len(self.memberships.theme_ids))
        return {
            "stabilities": [self._stability(layer) for layer in layers],
            "calibration_errors": [_known(error) for error in self.calibration_errors],
            "agreements": [_known(share) for share in self.judgement.agreements],
            "odds": [list(odds) for odds in self.judgement.odds],
            "far_below": self.judgement.far_below,
        }

    def _stability(self, layer: int) -> float | None:
        measured = [
            (theme.stability, theme.size)
            for theme in self.themes
            if theme.layer == layer and theme.stability is not None
        ]
        n_papers = sum(size for _, size in measured)
        return round(sum(s * size for s, size in measured) / n_papers, 4) if n_papers else None


def judgement_from(facts: Mapping[str, Any]) -> Judgement:
    """The judgement that a manifest's `facts` hold under `themes`: what `NamedThemes.facts` told.

    Raises InputError where there is none.
    """
    try:
        told = facts["themes"]
        return Judgement(
            tuple(float("nan") if x is None else float(x) for x in told["agreements"]),
            tuple((float(intercept), float(slope)) for intercept, slope in told["odds"]),
            float(told["far_below"]),
        )
    except (KeyError, TypeError, ValueError):
        raise InputError(
            "the atlas was made by another version of paperatlas, and this one cannot predict "
            "themes from it",
            hint="build the atlas again",
        ) from None


def name_clustering(
    papers: Sequence[Paper],
    clustering: Clustering,
    vectors: FloatRows,
    edits: Edits,
    settings: Settings,
    *,
    encode: Callable[[Sequence[str]], FloatRows],
) -> NamedThemes:
    """The themes of `papers` after the user's edits, each with the user's name or one of its own
    words. `vectors`: (n, dim) unit rows; `encode`: phrases -> unit rows of the same space."""
    from pipeline.label import name_themes

    vectors = np.asarray(vectors)
    edited = apply_edits(
        clustering.labels,
        clustering.strengths,
        vectors,
        theme_edits(edits),
        default_layer=clustering.default_layer,
        find_row=paper_finder(papers),
    )
    themes = name_themes(
        edited.labels,
        edited.strengths,
        vectors,
        [paper.title for paper in papers],
        [paper.abstract for paper in papers],
        encode=encode,
        stop=settings.label.stop,
        banned=settings.label.banned,
        given=edited.names,
    )
    theme_ids = np.full(edited.labels.shape, UNASSIGNED, dtype=np.int32)
    for theme in themes:
        theme_ids[theme.layer, theme.members] = theme.id
    names = {theme.id: theme.name for theme in themes} | {UNASSIGNED: "no theme"}
    return NamedThemes(
        tuple(_theme_row(theme, clustering.stabilities) for theme in themes),
        Memberships(theme_ids, edited.strengths, clustering.default_layer),
        edited.report(lambda layer, row: names[int(theme_ids[layer, row])]),
        judge_predictions(
            vectors, theme_ids, default_layer=clustering.default_layer, seed=settings.seed
        ),
        clustering.calibration_errors,
    )


def refine_names(
    themes: Sequence[ThemeRow],
    papers: Sequence[Paper],
    settings: Settings,
    *,
    progress: Progress | None = None,
    own_names: Mapping[int, str] | None = None,
) -> tuple[tuple[ThemeRow, ...], tuple[str, ...]]:
    """The themes with the names that the language model of `settings.refine` gives them, and what
    it did, in words; those that the user named, and those it gives no sound name, keep theirs.

    `own_names`: by id, the name from the papers' words of a theme that a model named before: asked
    by it, the model is asked the same again, and its answer is in the cache.
    """
    from pipeline import refine

    with closing(refine.AnswerStore()) as answers:
        refined = refine.refine_names(
            _evidence(themes, papers, own_names),
            settings.refine,
            answers=answers,
            progress=progress,
            stop=settings.label.stop,
            banned=settings.label.banned,
        )
    names = {i: name for i, name in refined.names.items() if i not in refined.kept}
    return _renamed(themes, names), tuple(refine.refined_summary(refined))


def plan_names(
    themes: Sequence[ThemeRow],
    papers: Sequence[Paper],
    settings: Settings,
    *,
    own_names: Mapping[int, str] | None = None,
) -> tuple[str, ...]:
    """What `refine_names` would ask, in words; no connection is made."""
    from pipeline import refine

    with closing(refine.AnswerStore()) as answers:
        plan = refine.plan_calls(
            _evidence(themes, papers, own_names),
            settings.refine,
            answers=answers,
            stop=settings.label.stop,
            banned=settings.label.banned,
        )
    return tuple(refine.plan_summary(plan))


def _renamed(themes: Sequence[ThemeRow], names: Mapping[int, str]) -> tuple[ThemeRow, ...]:
    """The themes with their new `names`, but for those that another theme of the layer has: the
    user named it so, or it kept the name that it had."""
    new = dict(names)
    while True:
        named = [(theme.layer, new.get(theme.id, theme.name).casefold()) for theme in themes]
        counts = Counter(named)
        clashing = [
            theme.id
            for theme, name in zip(themes, named, strict=True)
            if counts[name] > 1 and theme.id in new
        ]
        if not clashing:
            return tuple(replace(theme, name=new.get(theme.id, theme.name)) for theme in themes)
        for theme_id in clashing:
            del new[theme_id]


def _evidence(
    themes: Sequence[ThemeRow], papers: Sequence[Paper], own_names: Mapping[int, str] | None
) -> list[ThemeEvidence]:
    from pipeline.refine import gather_evidence

    own = own_names or {}
    return gather_evidence(
        [
            replace(theme, name=own.get(theme.id, theme.name))
            for theme in themes
            if not _is_users(theme)
        ],
        [paper.title for paper in papers],
        [paper.abstract for paper in papers],
    )


def _is_users(theme: ThemeRow) -> bool:
    return NAMED_BY_USER in theme.evidence


def _theme_row(theme: Theme, stabilities: FloatRows) -> ThemeRow:
    # After an edit a theme may have papers of several that were found, and of none.
    own = stabilities[theme.layer, theme.members]
    own = own[~np.isnan(own)]
    return ThemeRow(
        id=theme.id,
        layer=theme.layer,
        name=theme.name,
        size=theme.size,
        parent=theme.parent,
        terms=theme.terms,
        exemplars=theme.exemplars,
        evidence=theme.evidence,
        stability=_known(float(own.mean())) if len(own) else None,
        covered_share=round(theme.covered_share, 4),
        contrast=Contrast(**asdict(theme.contrast)) if theme.contrast else None,
    )


def _known(figure: float) -> float | None:
    """The figure in four digits; None for nan, which JSON does not have."""
    return None if np.isnan(figure) else round(figure, 4)
