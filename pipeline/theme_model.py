"""`ThemeModel`: themes of texts as a scikit-learn estimator, without an atlas on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.exceptions import NotFittedError

from pipeline.artifacts import ThemeRow
from pipeline.cache import EmbeddingCache
from pipeline.chart import chart_papers
from pipeline.embed import Embedder, make_embedder
from pipeline.errors import UsageError
from pipeline.papers import Paper, require_texts
from pipeline.predict import UNASSIGNED, Predictions, Predictor
from pipeline.settings import settings_from
from pipeline.stages import without_words_twice
from pipeline.themes import name_clustering

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]


class ThemeModel(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Named, nested themes of texts, and the themes of new ones.

    A text is a title, a line break and an abstract, or an abstract alone. After `fit`:

    - `labels_`: (n,) int32, each text's theme id in the default layer, -1 for none;
    - `strengths_`: (n,) float32, how likely it stays in that theme when a fifth of the texts goes;
    - `layers_`: (n_layers, n) int32, theme ids of every layer, finest first;
    - `themes_`: every theme, finest layer first; `theme_names_`: names by theme id;
    - `agreement_`: how often the default theme that a text's neighbours vote for is its own; nan
      for a single text.

    The order of the texts changes nothing but the order of the results.
    """

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        """`settings`: values by dotted name, such as `{"cluster.layers": [60, 12]}`."""
        self.settings = settings

    def fit(
        self, texts: Sequence[str], y: object = None, *, vectors: FloatRows | None = None
    ) -> Self:
        """Find and name the themes of `texts`.

        `vectors`: (n, dim) unit rows of the texts by the embedder of the settings, where they are
        known already. Raises UsageError for no texts, an empty one or what is no text, and where
        the vectors cannot be theirs; MissingDependencyError without the model.
        """
        del y
        settings = settings_from(self.settings or {})
        texts = _require_words(texts)
        if not texts:
            raise UsageError("no texts to find themes of", hint="give at least one")
        order = np.array(sorted(range(len(texts)), key=lambda i: (texts[i], i)), np.int64)
        ordered = [texts[i] for i in order]
        with closing(EmbeddingCache()) as cache:
            embedder = make_embedder(settings.embed, seed=settings.seed, store=cache).fit(ordered)
            if vectors is None:
                rows = embedder.encode(ordered)
            else:
                rows = _require_rows(vectors, len(texts), embedder.dim)[order]
            settings = without_words_twice(settings, embedder)
            chart = chart_papers(rows, ordered, settings, with_layout=False)
            named = name_clustering(
                [_as_paper(text, i) for i, text in enumerate(ordered)],
                chart.clustering,
                rows,
                (),
                settings,
                encode=embedder.encode,
            )
        # Nothing is kept of a fit that fails.
        members = named.memberships
        self._embedder: Embedder = embedder
        self._order = order
        self._predictor = Predictor(
            rows,
            members.theme_ids,
            members.strengths,
            default_layer=members.default_layer,
            judgement=named.judgement,
        )
        self._default_layer = default = members.default_layer
        self._centres = _mean_directions(rows, members.theme_ids[default])
        back = np.argsort(order)
        self.layers_: Labels = members.theme_ids[:, back]
        self.labels_: Labels = self.layers_[default]
        self.strengths_: FloatRows = members.strengths[default][back]
        # Exemplars are rows: in the order of the texts as they were given.
        self.themes_: tuple[ThemeRow, ...] = tuple(
            replace(theme, exemplars=tuple(int(order[row]) for row in theme.exemplars))
            for theme in named.themes
        )
        self.theme_names_: dict[int, str] = {theme.id: theme.name for theme in self.themes_}
        self.agreement_: float = named.judgement.agreements[default]
        return self

    def fit_predict(
        self, texts: Sequence[str], y: object = None, *, vectors: FloatRows | None = None
    ) -> Labels:
        """`labels_` of the texts after `fit`."""
        return self.fit(texts, y, vectors=vectors).labels_

    def predict(self, texts: Sequence[str], *, vectors: FloatRows | None = None) -> Labels:
        """(m,) int32: theme ids in the default layer; that of a fitted text is its label.

        Raises NotFittedError before `fit`, and UsageError as `fit` does.
        """
        found = self.judge(texts, vectors=vectors)
        labels: Labels = found.theme_ids[self._default_layer]
        return labels

    def judge(self, texts: Sequence[str], *, vectors: FloatRows | None = None) -> Predictions:
        """Themes of every layer, strengths and nearest texts, as `Predictions`, whose rows are the
        places of the fitted texts as they were given; `vectors` as for `fit`."""
        found = self._predictor_once_fitted.predict(self._rows(texts, vectors))
        known = found.known_rows
        return replace(
            found,
            nearest=self._order[found.nearest],
            known_rows=np.where(known >= 0, self._order[known], -1),
        )

    def transform(self, texts: Sequence[str], *, vectors: FloatRows | None = None) -> FloatRows:
        """(m, n_themes) float32: cosine of each text to each theme's mean vector, the themes of
        the default layer in the order of their ids."""
        _ = self._predictor_once_fitted
        cosines: FloatRows = (self._rows(texts, vectors) @ self._centres.T).astype(np.float32)
        return cosines

    @property
    def _predictor_once_fitted(self) -> Predictor:
        if not hasattr(self, "labels_"):
            raise NotFittedError("this ThemeModel is not fitted yet: call fit(texts) first")
        return self._predictor

    def _rows(self, texts: Sequence[str], vectors: FloatRows | None) -> FloatRows:
        texts = _require_words(texts)
        if vectors is not None:
            return _require_rows(vectors, len(texts), self._embedder.dim)
        return self._embedder.encode(texts)


def _require_words(texts: Sequence[str]) -> list[str]:
    listed = require_texts(texts)
    for number, text in enumerate(listed):
        if not text.strip():
            raise UsageError(f"text {number} is empty", hint="leave it out")
    return listed


def _require_rows(vectors: FloatRows, n: int, dim: int) -> FloatRows:
    rows: FloatRows = np.ascontiguousarray(vectors, dtype=np.float32)
    if rows.shape != (n, dim):
        raise UsageError(
            f"vectors of shape {rows.shape} for {n} texts",
            hint=f"expected ({n}, {dim}): rows of the embedder that the settings name",
        )
    lengths = np.linalg.norm(rows, axis=1)
    if not (np.abs(lengths - 1.0) <= 1e-3).all():  # so that nan is refused too
        raise UsageError("the vectors are not of length 1", hint="divide each by its length")
    return rows


def _as_paper(text: str, number: int) -> Paper:
    title, _, abstract = text.partition("\n")
    return Paper(id=str(number), title=title if abstract else "", abstract=abstract or title)


def _mean_directions(rows: FloatRows, theme_ids: Labels) -> FloatRows:
    """(n_themes, dim) unit means of the rows of each theme, by id."""
    ids = [int(theme_id) for theme_id in np.unique(theme_ids) if theme_id != UNASSIGNED]
    means = [rows[theme_ids == theme_id].mean(axis=0) for theme_id in ids]
    stacked = np.array(means, np.float32).reshape(len(ids), rows.shape[1])
    directions: FloatRows = stacked / np.maximum(
        np.linalg.norm(stacked, axis=1, keepdims=True), np.float32(1e-12)
    )
    return directions
