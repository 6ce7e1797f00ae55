"""`ThemeModel`: themes of texts as a scikit-learn estimator, without an atlas on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
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
from pipeline.papers import Paper
from pipeline.predict import Predictions, Predictor
from pipeline.settings import settings_from
from pipeline.themes import NamedThemes, name_clustering

FloatRows = NDArray[np.float32]
Labels = NDArray[np.int32]


class ThemeModel(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Named, nested themes of texts, and the themes of new ones.

    A text is a title, a line break and an abstract, or an abstract alone. After `fit`:

    - `labels_`: (n,) int32, each text's theme id in the default layer, -1 for none;
    - `strengths_`: (n,) float32, how likely it stays in that theme when a fifth of the texts goes;
    - `layers_`: (n_layers, n) int32, theme ids of every layer, finest first;
    - `themes_`: every theme, finest layer first; `theme_names_`: names by theme id;
    - `agreement_`: how often the default theme that a text's neighbours vote for is its own.

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
        known already. Raises UsageError for no texts, and where the vectors are not theirs.
        """
        del y
        settings = settings_from(self.settings or {})
        texts = list(texts)
        if not texts:
            raise UsageError("no texts to find themes of", hint="give at least one")
        order = np.array(sorted(range(len(texts)), key=lambda i: (texts[i], i)), np.int64)
        ordered = [texts[i] for i in order]
        with closing(EmbeddingCache()) as cache:
            self._embedder = make_embedder(settings.embed, seed=settings.seed, store=cache)
            self._embedder = self._embedder.fit(ordered)
            if vectors is None:
                rows = self._embedder.encode(ordered)
            else:
                rows = _require_rows(vectors, len(texts))[order]
            chart = chart_papers(rows, ordered, settings, with_layout=False)
            self._named = name_clustering(
                [_as_paper(text, i) for i, text in enumerate(ordered)],
                chart.clustering,
                rows,
                (),
                settings,
                encode=self._embedder.encode,
            )
        memberships = self._named.memberships
        self._predictor = Predictor(
            rows,
            memberships.theme_ids,
            memberships.strengths,
            default_layer=memberships.default_layer,
            judgement=self._named.judgement,
        )
        back = np.argsort(order)
        default = memberships.default_layer
        self.layers_: Labels = memberships.theme_ids[:, back]
        self.labels_: Labels = self.layers_[default]
        self.strengths_: FloatRows = memberships.strengths[default][back]
        self.themes_: tuple[ThemeRow, ...] = tuple(
            # Exemplars are rows: in the order of the texts as they were given.
            _with_rows(theme, order)
            for theme in self._named.themes
        )
        self.theme_names_: dict[int, str] = {theme.id: theme.name for theme in self.themes_}
        self.agreement_: float = self._named.judgement.agreements[default]
        return self

    def fit_predict(
        self, texts: Sequence[str], y: object = None, *, vectors: FloatRows | None = None
    ) -> Labels:
        """`labels_` of the texts after `fit`."""
        return self.fit(texts, y, vectors=vectors).labels_

    def predict(self, texts: Sequence[str], *, vectors: FloatRows | None = None) -> Labels:
        """(m,) int32: theme ids in the default layer; that of a fitted text is its label."""
        default = self._fitted.memberships.default_layer
        labels: Labels = self.judge(texts, vectors=vectors).theme_ids[default]
        return labels

    def judge(self, texts: Sequence[str], *, vectors: FloatRows | None = None) -> Predictions:
        """Themes of every layer, strengths and nearest texts (places in the sorted order of the
        fitted ones), as `Predictions`; `vectors` as for `fit`."""
        _ = self._fitted
        return self._predictor.predict(self._rows(texts, vectors))

    def transform(self, texts: Sequence[str], *, vectors: FloatRows | None = None) -> FloatRows:
        """(m, n_themes) float32: cosine of each text to each theme's mean vector, the themes of
        the default layer in the order of their ids."""
        default = self._fitted.memberships.default_layer
        labels = self._fitted.memberships.theme_ids[default]
        ids = sorted(theme.id for theme in self.themes_ if theme.layer == default)
        means = np.stack([self._predictor.vectors[labels == i].mean(axis=0) for i in ids])
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        cosines: FloatRows = (self._rows(texts, vectors) @ means.T).astype(np.float32)
        return cosines

    @property
    def _fitted(self) -> NamedThemes:
        if not hasattr(self, "labels_"):
            raise NotFittedError("this ThemeModel is not fitted yet: call fit(texts) first")
        return self._named

    def _rows(self, texts: Sequence[str], vectors: FloatRows | None) -> FloatRows:
        if vectors is not None:
            return _require_rows(vectors, len(texts))
        embedder: Embedder = self._embedder
        return embedder.encode(list(texts))


def _require_rows(vectors: FloatRows, n: int) -> FloatRows:
    rows: FloatRows = np.ascontiguousarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != n:
        raise UsageError(f"vectors of shape {rows.shape} for {n} texts", hint="give one row each")
    lengths = np.linalg.norm(rows, axis=1)
    if n and np.abs(lengths - 1.0).max() > 1e-3:
        raise UsageError("the vectors are not of length 1", hint="divide each by its length")
    return rows


def _as_paper(text: str, number: int) -> Paper:
    title, _, abstract = text.partition("\n")
    return Paper(id=str(number), title=title if abstract else "", abstract=abstract or title)


def _with_rows(theme: ThemeRow, order: NDArray[np.int64]) -> ThemeRow:
    from dataclasses import replace

    return replace(theme, exemplars=tuple(int(order[row]) for row in theme.exemplars))
