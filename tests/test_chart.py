"""Themes, strengths and places of papers from vectors and texts, together."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from pipeline import chart
from pipeline.chart import (
    Clustering,
    Neighborhoods,
    chart_papers,
    charted_rows,
    cluster_papers,
    find_neighbors,
    place_beside,
    spread_themes,
)
from pipeline.cluster import UNASSIGNED
from pipeline.index import neighbor_graph
from pipeline.membership import Refit, measure_membership
from pipeline.nearest import nearest_papers
from pipeline.papers import Paper, PaperTable
from pipeline.settings import Settings, settings_from

WORDS = [f"{first}{last}" for first in ("al", "bo", "cu", "de", "fi") for last in ("pha", "xer",
         "rim", "ton", "mol", "sak")]  # fmt: skip


def unit_rows(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def random_rows(n: int, *, seed: int = 0) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, 16)))


def texts_of(n: int, *, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, 8)) for _ in range(n)]


def made_papers(n: int, *, n_topics: int = 24, noise: float = 0.9, seed: int = 0) -> np.ndarray:
    """Topics of uneven size within five areas, each paper some way off its topic."""
    rng = np.random.default_rng(seed)
    areas = rng.normal(size=(5, 32))
    topics = areas[rng.integers(5, size=n_topics)] + 0.8 * rng.normal(size=(n_topics, 32))
    shares = rng.dirichlet(np.full(n_topics, 2.0))
    of = rng.choice(n_topics, n, p=shares)
    return unit_rows(topics[of] + noise * rng.normal(size=(n, 32)) * rng.uniform(0.3, 1.3, (n, 1)))


def themes_of(vectors, **overrides) -> Clustering:
    settings = settings_from({name.replace("__", "."): value for name, value in overrides.items()})
    return chart_papers(vectors, [""] * len(vectors), settings, with_layout=False).clustering


def partition_of(labels) -> set[frozenset[int]]:
    """The groups of papers, whatever their numbers; the unassigned are left out."""
    themes = set(labels.tolist()) - {UNASSIGNED}
    return {frozenset(np.flatnonzero(labels == t).tolist()) for t in themes}


def assert_sound(clustering: Clustering, n: int, *, max_unassigned: float = 0.05) -> None:
    """What is promised of any clustering."""
    labels, strengths, stabilities = (
        clustering.labels,
        clustering.strengths,
        clustering.stabilities,
    )
    assert labels.shape == strengths.shape == stabilities.shape == (clustering.n_layers, n)
    assert (labels.dtype, strengths.dtype, stabilities.dtype) == (np.int32, np.float32, np.float32)
    assert len(clustering.calibration_errors) == clustering.n_layers
    assert 0 <= clustering.default_layer < clustering.n_layers
    assert ((strengths >= 0) & (strengths <= 1)).all()
    known = ~np.isnan(stabilities)
    assert ((stabilities[known] >= 0) & (stabilities[known] <= 1)).all()
    unassigned = labels == UNASSIGNED
    assert (unassigned == unassigned[0]).all()
    assert unassigned[0].mean() <= max_unassigned
    assert (strengths[unassigned] == 0).all()
    assert np.isnan(stabilities[unassigned]).all()
    for layer, own in zip(labels, stabilities, strict=True):
        assert np.unique(layer[layer >= 0]).tolist() == list(range(layer.max() + 1))
        for theme in range(layer.max() + 1):
            assert len(np.unique(own[layer == theme])) == 1
    for finer, coarser in pairwise(labels):
        assert finer.max() > coarser.max()
        for theme in range(finer.max() + 1):
            assert len(set(coarser[finer == theme].tolist())) == 1


CORPORA = {
    **{f"{n} different": random_rows(n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 60)},
    **{f"{n} orthogonal": np.eye(16, dtype=np.float32)[:n] for n in (2, 5, 16)},
    **{f"{n} identical": np.repeat(random_rows(1), n, axis=0) for n in (2, 5, 30)},
    "identical but one": np.vstack([np.repeat(random_rows(1), 29, axis=0), random_rows(2)[1:]]),
    "two kinds": np.repeat(random_rows(2), 20, axis=0),
    "exactly opposite": np.repeat(np.array([[1, 0], [-1, 0]], np.float32), 15, axis=0),
    "copies among others": np.vstack([random_rows(40), np.repeat(random_rows(1), 20, axis=0)]),
    "on a line": unit_rows(np.stack([np.arange(80), np.ones(80)], axis=1)),
}


@pytest.mark.parametrize(
    ("name", "words"),
    [*((name, "half") for name in CORPORA), ("1 different", "all"), ("20 different", "all"),
     ("60 different", "none"), ("copies among others", "none")],
)  # fmt: skip
def test_any_corpus_is_charted_soundly_and_quietly(name, words, capfd):
    vectors = CORPORA[name]
    n = len(vectors)
    worded = {"all": n, "half": n // 2, "none": 0}[words]
    texts = [text if row < worded else "" for row, text in enumerate(texts_of(n))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        charted = chart_papers(vectors, texts, settings_from({"cluster.refits": 2}))
    assert_sound(charted.clustering, n)
    assert charted.layout.shape == (n, 2)
    assert np.isfinite(charted.layout).all()
    assert capfd.readouterr() == ("", "")


def test_papers_whose_vectors_are_the_same_share_theme_strength_and_spot():
    vectors = made_papers(80)
    copies = np.random.default_rng(0).integers(80, size=40)
    settings = settings_from({"cluster.refits": 2})
    charted = chart_papers(np.vstack([vectors, vectors[copies]]), texts_of(120), settings)
    found = charted.clustering
    np.testing.assert_array_equal(found.labels[:, 80:], found.labels[:, copies])
    np.testing.assert_array_equal(found.strengths[:, 80:], found.strengths[:, copies])
    np.testing.assert_array_equal(found.stabilities[:, 80:], found.stabilities[:, copies])
    np.testing.assert_array_equal(charted.layout[80:], charted.layout[copies])
    assert (charted.nearest.similarities[80:, 0] == 1).all()


@pytest.mark.parametrize("name", CORPORA)
def test_nearest_papers_are_those_of_the_vectors_whatever_the_words(name):
    vectors = CORPORA[name]
    charted = chart_papers(
        vectors, texts_of(len(vectors)), settings_from({"cluster.refits": 0}), with_layout=False
    )
    expected = nearest_papers(vectors)
    np.testing.assert_array_equal(charted.nearest.rows, expected.rows)
    np.testing.assert_array_equal(charted.nearest.similarities, expected.similarities)


# neighbours


def test_text_without_a_shared_word_has_no_neighbours_by_words():
    vectors, lexical = random_rows(20), random_rows(20, seed=1)
    lexical[[3, 19]] = 0
    near = find_neighbors(vectors, lexical, Settings())
    meaning, words = near.views
    assert near.weights == (1, Settings().reduce.lexical_weight)
    assert (meaning.rows >= 0).all()
    for row in (3, 19):
        assert words.rows[row].tolist() == [row] + [-1] * (words.rows.shape[1] - 1)
    others = np.setdiff1d(np.arange(20), [3, 19])
    assert not np.isin(words.rows[others], [3, 19]).any()
    assert (words.rows[others] >= 0).all()
    alone = neighbor_graph(lexical[others], 30)
    np.testing.assert_array_equal(words.rows[others], others[alone.rows])


@pytest.mark.parametrize("lexical", [None, np.zeros((20, 16), np.float32)], ids=["none", "zeros"])
def test_without_words_meaning_alone_counts(lexical):
    near = find_neighbors(random_rows(20), lexical, Settings())
    assert (len(near.views), near.weights) == (1, (1.0,))
    ignored = settings_from({"reduce.lexical_weight": 0.0})
    assert len(find_neighbors(random_rows(20), random_rows(20), ignored).views) == 1


def test_neighbourhoods_of_some_papers_are_theirs_in_every_view():
    """The last paper is kept: a missing neighbour must not become it."""
    lexical = random_rows(40, seed=1)
    lexical[::3] = 0
    near = find_neighbors(random_rows(40), lexical, Settings())
    kept = np.r_[np.arange(0, 36), 39]
    few = near.among(kept)
    assert (few.n_papers, few.weights, few.sizes) == (37, near.weights, near.sizes)
    wordless = np.flatnonzero(~lexical[kept].any(axis=1))
    assert 36 in wordless
    words = few.views[1].rows
    assert (words[wordless, 1:] == -1).all()
    assert not np.isin(words[np.setdiff1d(np.arange(37), wordless)], wordless).any()
    np.testing.assert_array_equal(few.views[0].rows[:, 0], np.arange(37))


def test_words_in_common_bring_papers_together():
    """Vectors without any structure, texts of two vocabularies."""
    vectors = random_rows(40)
    rng = np.random.default_rng(0)
    halves = np.arange(40) % 2
    texts = [" ".join(rng.choice(WORDS[15 * half : 15 * half + 15], 12)) for half in halves]
    settings = settings_from({"reduce.lexical_weight": 2.0, "cluster.layers": [2]})
    (labels,) = chart_papers(vectors, texts, settings, with_layout=False).clustering.labels
    agreeing = np.mean(labels == halves)
    assert max(agreeing, 1 - agreeing) >= 0.9


# themes


def test_layers_are_steered_by_the_settings():
    found = themes_of(made_papers(300), cluster__layers=[30, 7, 2], cluster__refits=0)
    assert (found.labels.max(axis=1) + 1).tolist() == [30, 7, 2]
    assert found.default_layer == 0
    assert_sound(found, 300)


@pytest.mark.parametrize("max_unassigned", [0.0, 0.005, 1.0])
def test_no_more_papers_stay_unassigned_than_the_dial_says(max_unassigned):
    """Cores keep their theme even where all papers might be left out, so that no theme is lost."""
    vectors = made_papers(200, noise=4)
    found = themes_of(vectors, cluster__max_unassigned=max_unassigned)
    assert_sound(found, 200, max_unassigned=max_unassigned)
    everyone = themes_of(vectors, cluster__max_unassigned=0.0)
    assert (everyone.labels >= 0).all()
    placed = found.labels[0] >= 0
    np.testing.assert_array_equal(found.labels[:, placed], everyone.labels[:, placed])
    np.testing.assert_array_equal(found.strengths[:, placed], everyone.strengths[:, placed])
    default = found.default_layer
    assert (everyone.strengths[default, ~placed] < 0.25).all()
    assert (~placed).sum() == {0.0: 0, 0.005: 1}.get(max_unassigned, (~placed).sum())
    if max_unassigned == 1:
        assert 1 < (~placed).sum() < 200
        assert found.labels[default].max() == everyone.labels[default].max()


def test_without_refits_nothing_is_said_of_stability():
    found = themes_of(made_papers(100), cluster__refits=0)
    assert np.isnan(found.stabilities).all()
    assert np.isnan(found.calibration_errors).all()
    assert_sound(found, 100)


def test_clear_topics_are_stable_and_random_ones_are_not():
    def mean_stability(noise):
        found = themes_of(made_papers(200, noise=noise), cluster__layers=[20])
        return np.nanmean(found.stabilities)

    assert mean_stability(0.1) > mean_stability(8) + 0.15


@pytest.mark.parametrize("seed", range(3))
def test_order_of_the_papers_does_not_matter(seed):
    vectors = made_papers(220, seed=seed)
    order = np.random.default_rng(seed).permutation(220)
    same = {"cluster__refits": 0, "cluster__max_unassigned": 0.0}
    found, permuted = themes_of(vectors, **same), themes_of(vectors[order], **same)
    assert found.n_layers == permuted.n_layers
    for layer, permuted_layer in zip(found.labels, permuted.labels, strict=True):
        assert partition_of(layer[order]) == partition_of(permuted_layer)


def test_noise_of_a_millionth_hardly_matters():
    from sklearn.metrics import adjusted_rand_score

    vectors = made_papers(300)
    found = themes_of(vectors, cluster__refits=0)
    for seed in range(3):
        noise = 1e-6 * np.random.default_rng(seed).normal(size=vectors.shape)
        noisy = themes_of(unit_rows(vectors + noise), cluster__refits=0)
        layers = found.labels[found.default_layer], noisy.labels[noisy.default_layer]
        assert adjusted_rand_score(*layers) >= 0.9


def test_threads_change_nothing():
    vectors, texts = made_papers(200), texts_of(200)
    results = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            results.append(chart_papers(vectors, texts, Settings()))
    one, two = results
    for name in ("labels", "strengths", "stabilities"):
        assert getattr(one.clustering, name).tobytes() == getattr(two.clustering, name).tobytes()
    assert one.layout.tobytes() == two.layout.tobytes()


def test_landmarks_stand_for_the_rest():
    found = themes_of(
        made_papers(400, noise=0.3), reduce__max_landmarks=150, cluster__max_unassigned=0.0
    )
    assert_sound(found, 400, max_unassigned=0)


def test_many_papers_are_found_as_few_are(monkeypatch):
    """By the lists, the filter and from the first fit's vectors, which only large corpora take."""
    from sklearn.metrics import adjusted_rand_score

    from pipeline import diffusion
    from pipeline.index import graph

    vectors = made_papers(600, noise=0.3)
    exact = themes_of(vectors, cluster__max_unassigned=0.0)
    for module, name in ((diffusion, "_MANY"), (graph, "_MOST_COMPARED"), (chart, "_MANY")):
        monkeypatch.setattr(module, name, 420)
    found = themes_of(vectors, cluster__max_unassigned=0.0)
    assert_sound(found, 600, max_unassigned=0)
    layers = exact.labels[exact.default_layer], found.labels[found.default_layer]
    assert adjusted_rand_score(*layers) > 0.6


def test_strengths_are_the_chances_that_new_refits_show():
    """Measured on refits by other seeds than the strengths were predicted from."""
    from pipeline.diffusion import diffusion_space
    from pipeline.membership import _stays, calibration_error

    errors = []
    for corpus in range(2):
        vectors = made_papers(500, seed=corpus)
        settings = settings_from({"cluster.max_unassigned": 0.0})
        near = find_neighbors(vectors, None, settings)
        graph = near.graph()
        found = cluster_papers(near, graph, settings)
        space = diffusion_space(graph)
        hierarchy = chart._find_themes(near, space, settings)
        layer = found.default_layer
        np.testing.assert_array_equal(hierarchy.labels[layer], found.labels[layer])
        others = settings_from({"seed": 1000 + corpus, "cluster.refits": 4})
        strengths, happened = [], []
        for rows, again in chart._refits(near, space, others):
            refitted = hierarchy.layer_like(layer, again)
            happened.append(_stays(found.labels[layer][rows], refitted))
            strengths.append(found.strengths[layer][rows])
        errors.append(calibration_error(np.concatenate(strengths), np.concatenate(happened)))
        assert found.calibration_errors[layer] < 0.1
    assert max(errors) < 0.08, errors


def test_refits_leave_a_fifth_out_and_are_the_seeds_own():
    from pipeline.diffusion import diffusion_space

    vectors = made_papers(100)
    near = find_neighbors(vectors, None, Settings())
    space = diffusion_space(near.graph())

    def kept_rows(settings):
        return [rows.tolist() for rows, _ in chart._refits(near, space, settings)]

    kept = kept_rows(Settings())
    assert [len(rows) for rows in kept] == [80] * Settings().cluster.refits
    assert len({tuple(rows) for rows in kept}) == len(kept)
    assert kept == kept_rows(Settings())
    assert kept != kept_rows(settings_from({"seed": 1}))
    assert kept[:2] == kept_rows(settings_from({"cluster.refits": 2}))


def test_membership_is_that_of_the_layer_alike_in_each_refit():
    from pipeline.diffusion import diffusion_space

    vectors = made_papers(150)
    settings = settings_from({"cluster.max_unassigned": 0.0, "cluster.refits": 3})
    near = find_neighbors(vectors, None, settings)
    found = cluster_papers(near, near.graph(), settings)
    space = diffusion_space(near.graph())
    hierarchy = chart._find_themes(near, space, settings)
    refits = chart._refits(near, space, settings)
    for layer, labels in enumerate(found.labels):
        alike = [Refit(rows, hierarchy.layer_like(layer, again)) for rows, again in refits]
        measured = measure_membership(labels, hierarchy.fits[layer], alike)
        np.testing.assert_array_equal(measured.strengths, found.strengths[layer])
        np.testing.assert_array_equal(measured.stabilities[labels], found.stabilities[layer])


# papers without an abstract


def table_of(*abstracts: str) -> PaperTable:
    papers = tuple(
        Paper(id=f"p-{row}", title=f"Title {row}", abstract=abstract)
        for row, abstract in enumerate(abstracts)
    )
    return PaperTable(papers, tuple((paper,) for paper in papers), ())


def test_papers_with_an_abstract_are_charted_and_all_where_none_has_one():
    table = table_of("a", "", "b", "")
    assert charted_rows(table, title_only=False).tolist() == [0, 2]
    assert charted_rows(table, title_only=True).tolist() == [0, 1, 2, 3]
    assert charted_rows(table_of("", ""), title_only=False).tolist() == [0, 1]


def test_papers_beside_have_no_theme_at_any_layer():
    one = Clustering(
        np.array([[0, 1, -1], [0, 0, -1]], np.int32),
        np.array([[0.5, 0.6, 0], [0.7, 0.8, 0]], np.float32),
        np.array([[0.9, 1, np.nan], [1, 1, np.nan]], np.float32),
        (0.01, 0.02),
        1,
    )
    spread = spread_themes(one, np.array([1, 3, 4]), 6)
    assert spread.labels.tolist() == [[-1, 0, -1, 1, -1, -1], [-1, 0, -1, 0, -1, -1]]
    assert spread.strengths[0].tolist() == pytest.approx([0, 0.5, 0, 0.6, 0, 0])
    assert np.isnan(spread.stabilities[0]).tolist() == [True, False, True, False, True, True]
    assert (spread.calibration_errors, spread.default_layer) == ((0.01, 0.02), 1)


def test_papers_beside_lie_in_the_middle_of_their_three_nearest():
    vectors = unit_rows([[1, 0], [0.9, 0.1], [1, 0.1], [0.8, 0.1], [0, 1]])
    layout = np.array([[0, 0], [3, 0], [0, 6], [100, 100]], np.float32)
    placed = place_beside(layout, np.array([0, 2, 3, 4]), vectors)
    assert placed[[0, 2, 3, 4]].tolist() == layout.tolist()
    np.testing.assert_allclose(placed[1], [1, 2], atol=1e-5)


@pytest.mark.parametrize("n", [1, 2])
def test_papers_beside_fewer_than_three_lie_in_the_middle_of_these(n):
    layout = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
    placed = place_beside(layout, np.arange(n), random_rows(4))
    np.testing.assert_allclose(placed[n:], np.tile(layout.mean(axis=0), (4 - n, 1)))


def test_neighbourhoods_know_how_many_papers_they_are_of():
    assert Neighborhoods((neighbor_graph(random_rows(7), 3),), (1.0,), (3,)).n_papers == 7
