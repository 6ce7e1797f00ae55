"""`ThemeModel`: an estimator with scikit-learn's manners, whose labels are its predictions."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from pipeline import ThemeModel
from pipeline.errors import UsageError

WORDS = {
    "optimal transport": "couplings Wasserstein cost entropic Sinkhorn measures plans dual maps",
    "graph networks": "nodes edges messages spectral convolution molecules aggregation pooling",
    "speech recognition": "acoustic phonemes utterances audio transcripts microphones decoding",
}
QUICK = {"embed.backend": "lexical", "cluster.refits": 2}


def made_texts(n_of_each=12):
    """Texts on three subjects; every third one is an abstract alone."""
    rng = np.random.default_rng(0)
    texts = []
    for subject, words in WORDS.items():
        for i in range(n_of_each):
            said = " ".join(rng.choice(words.split(), 6))
            abstract = f"We study {subject} by {said} in case {i}."
            texts.append(abstract if i % 3 == 0 else f"On {subject} {i}\n{abstract}")
    return texts


@pytest.fixture(scope="module")
def texts():
    return made_texts()


@pytest.fixture(scope="module")
def model(texts):
    return ThemeModel(QUICK).fit(texts)


def test_parameters_are_kept_and_cloned(model):
    assert model.get_params() == {"settings": QUICK}
    copy = clone(model)
    assert copy.get_params() == {"settings": QUICK}
    assert not hasattr(copy, "labels_")
    assert copy.set_params(settings=None).get_params() == {"settings": None}
    assert "ThemeModel" in repr(model)


@pytest.mark.parametrize("method", ["predict", "judge", "transform"])
def test_nothing_is_told_before_it_is_fitted(method):
    with pytest.raises(NotFittedError, match="call fit"):
        getattr(ThemeModel(), method)(["a text"])


def test_labels_themes_and_names_belong_together(model, texts):
    assert model.labels_.shape == model.strengths_.shape == (36,)
    assert model.labels_.dtype == np.int32
    assert model.layers_.shape[1] == 36
    assert set(model.theme_names_) == {theme.id for theme in model.themes_}
    for theme in model.themes_:
        members = np.flatnonzero(model.layers_[theme.layer] == theme.id)
        assert len(members) == theme.size
        assert set(theme.exemplars) <= set(members.tolist())
    assert 0 <= model.agreement_ <= 1


def test_predictions_of_the_fitted_texts_are_their_labels(model, texts):
    assert model.predict(texts).tolist() == model.labels_.tolist()
    assert model.predict(texts[::-1]).tolist() == model.labels_[::-1].tolist()
    assert [model.predict([text])[0] for text in texts] == model.labels_.tolist()
    found = model.judge(texts)
    assert found.theme_ids.tolist() == model.layers_.tolist()
    assert [texts[row] for row in found.known_rows] == texts


def test_near_texts_are_told_by_their_places(model, texts):
    new = "On optimal transport\nWe study optimal transport by couplings and Sinkhorn plans."
    found = model.judge([new])
    assert found.known_rows.tolist() == [-1]
    assert all("optimal transport" in texts[row] for row in found.nearest[0, :5])
    assert model.predict([new])[0] in set(model.labels_[:12])


def test_the_order_of_the_texts_changes_nothing_but_the_order_of_the_labels(model, texts):
    shuffled = np.random.default_rng(3).permutation(len(texts))
    again = ThemeModel(QUICK).fit([texts[i] for i in shuffled])
    assert again.labels_.tolist() == model.labels_[shuffled].tolist()
    assert again.strengths_.tolist() == model.strengths_[shuffled].tolist()
    assert again.theme_names_ == model.theme_names_


def test_cosines_to_the_themes(model, texts):
    ids = sorted(theme.id for theme in model.themes_ if theme.layer == model._default_layer)
    cosines = model.transform(texts)
    assert cosines.shape == (36, len(ids))
    assert cosines.dtype == np.float32
    assert np.abs(cosines).max() <= 1 + 1e-5
    nearest = np.array(ids)[cosines.argmax(axis=1)]
    assigned = model.labels_ != -1
    assert (nearest == model.labels_)[assigned].mean() > 0.8
    assert model.transform([]).shape == (0, len(ids))


def test_it_stands_in_a_pipeline(texts):
    subjects = np.repeat([0, 1, 2], 12)
    line = Pipeline([("themes", ThemeModel(QUICK)), ("pick", LogisticRegression())])
    assert line.fit(texts, subjects).score(texts, subjects) > 0.9
    last = Pipeline([("themes", ThemeModel(QUICK))])
    assert last.fit_predict(texts).tolist() == last.predict(texts).tolist()


def test_no_texts_have_no_themes(model):
    assert model.predict([]).shape == (0,)
    with pytest.raises(UsageError, match="no texts"):
        ThemeModel(QUICK).fit([])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("one text", "a list of texts, not one"),
        (["a text", None], "text 1 is of the type NoneType"),
        ([b"bytes"], "text 0 is of the type bytes"),
        (["a text", " \n"], "text 1 is empty"),
    ],
)
def test_what_is_no_text_is_refused(model, given, says):
    for method in (ThemeModel(QUICK).fit, model.predict, model.transform):
        with pytest.raises(UsageError, match=says):
            method(given)


def test_a_fit_that_fails_changes_nothing(texts):
    model = ThemeModel(QUICK).fit(texts[:12])
    before = model.predict(texts).tolist()
    with pytest.raises(UsageError):
        model.fit(["a text", None])
    assert model.predict(texts).tolist() == before


@pytest.mark.parametrize("texts", [["one text"], ["the same words"] * 7, ["a b", "a b"], ["!"]])
def test_few_and_identical_texts(texts):
    model = ThemeModel(QUICK).fit(texts)
    assert len(set(model.labels_)) == 1
    assert model.predict(texts).tolist() == model.labels_.tolist()
    assert model.transform(texts).shape == (len(texts), 1 if model.labels_[0] >= 0 else 0)
    assert np.isnan(model.agreement_) == (len(texts) == 1)


def test_unassigned_texts_are_predicted_as_such(texts):
    settings = {**QUICK, "cluster.max_unassigned": 0.5}
    odd = [f"{word} alone {word}" for word in ("zebra", "quartz", "violin", "harbour")]
    model = ThemeModel(settings).fit([*texts, *odd])
    assert model.predict([*texts, *odd]).tolist() == model.labels_.tolist()
    assert (model.strengths_[model.labels_ == -1] == 0).all()


def test_vectors_that_are_known_are_taken_as_they_are(embedder, seed_texts, seed_rows):
    texts, rows = seed_texts[:30], seed_rows[:30]
    settings = {"cluster.refits": 2}
    given = ThemeModel(settings).fit(texts, vectors=rows)
    assert given.predict(texts, vectors=rows).tolist() == given.labels_.tolist()
    assert given.predict(texts).tolist() == given.labels_.tolist()
    assert given.labels_.tolist() == ThemeModel(settings).fit(texts).labels_.tolist()
    broken = rows.copy()
    broken[3, 5] = np.nan
    for vectors, says in [
        (rows[:5], "for 30 texts"),
        (rows[:, :300], "for 30 texts"),
        (rows[0], "for 30 texts"),
        (2 * rows, "not of length 1"),
        (broken, "not of length 1"),
    ]:
        with pytest.raises(UsageError, match=says):
            ThemeModel(settings).fit(texts, vectors=vectors)
        with pytest.raises(UsageError, match=says):
            given.predict(texts, vectors=vectors)
