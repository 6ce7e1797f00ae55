"""Themes from distances: cases that can be worked out by hand, and what holds for any corpus."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import cluster
from pipeline.cluster import (
    N_VOTERS,
    UNASSIGNED,
    Clustering,
    choose_landmarks,
    consensus_distances,
    find_themes,
    place_by_landmarks,
)


def distances_of(points) -> np.ndarray:
    points = np.asarray(points, dtype=np.float64)
    return np.linalg.norm(points[:, None] - points[None], axis=2)


def themes_of(distances, **options) -> Clustering:
    options = {"min_theme_size": 2, "max_unassigned": 0.05, **options}
    options.setdefault("n_papers", len(distances))
    return find_themes(distances, **options)


def partition_of(labels) -> set[frozenset[int]]:
    """The groups of papers, whatever their numbers; the unassigned are left out."""
    groups = {frozenset(np.flatnonzero(labels == t).tolist()) for t in set(labels.tolist())}
    return groups - {frozenset(np.flatnonzero(labels == UNASSIGNED).tolist())}


def blobs(centres, size: int, *, spread: float = 0.1, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = np.repeat(np.asarray(centres, dtype=np.float64), size, axis=0)
    return centres + spread * rng.uniform(-1, 1, size=centres.shape)


def assert_sound(clustering: Clustering, n: int, *, max_unassigned: float) -> None:
    """What is promised of any clustering."""
    labels, strengths = clustering.labels, clustering.strengths
    assert labels.shape == strengths.shape == (clustering.n_layers, n)
    assert (labels.dtype, strengths.dtype) == (np.int32, np.float32)
    assert 0 <= clustering.default_layer < clustering.n_layers
    assert ((strengths >= 0) & (strengths <= 1)).all()
    assert (strengths[labels == UNASSIGNED] == 0).all()
    unassigned = labels == UNASSIGNED
    assert (unassigned == unassigned[0]).all()
    assert unassigned[0].mean() <= max_unassigned
    for layer in labels:
        assert np.unique(layer[layer >= 0]).tolist() == list(range(layer.max() + 1))
        assert layer.max() >= 0
    for finer, coarser in pairwise(labels):
        assert finer.max() > coarser.max()
        for theme in range(finer.max() + 1):
            assert len(set(coarser[finer == theme].tolist())) == 1


# consensus_distances


def test_consensus_is_the_mean_of_scaled_distances_and_some_of_the_vectors_own():
    """Three points at 0, 1 and 3 have distances 1, 3, 2 with mean 2; in the other space 1, 1, 0
    with mean 2/3. The vectors at right angles have cosine distances 1, 1, 0, with mean 2/3."""
    first = np.array([[0], [1], [3]], np.float32)
    other = np.array([[5], [6], [6]], np.float32)
    vectors = np.array([[1, 0], [0, 1], [0, 1]], np.float32)
    distances = consensus_distances([first, 10 * other], vectors)
    weight = cluster._DIRECT_WEIGHT
    d01 = (1 / 2 + 3 / 2) / 2 + weight * 3 / 2
    d02 = (3 / 2 + 3 / 2) / 2 + weight * 3 / 2
    d12 = (2 / 2 + 0) / 2 + weight * 0
    expected = np.array([[0, d01, d02], [d01, 0, d12], [d02, d12, 0]])
    np.testing.assert_allclose(distances, expected, atol=1e-9)
    assert distances.dtype == np.float64


def test_consensus_of_identical_papers_is_zero():
    same = np.ones((4, 2), np.float32)
    assert (consensus_distances([same], same) == 0).all()


def test_consensus_of_one_paper_is_one_zero():
    one = np.ones((1, 2), np.float32)
    assert consensus_distances([one], one).tolist() == [[0.0]]


def test_consensus_of_no_space_is_refused():
    with pytest.raises(ValueError, match="no spaces given"):
        consensus_distances([], np.ones((2, 2), np.float32))


# find_themes


def test_two_blobs_far_apart_are_two_themes():
    distances = distances_of(blobs([[0, 0], [100, 0]], 10))
    clustering = themes_of(distances, min_theme_size=5)
    blob_groups = {frozenset(range(10)), frozenset(range(10, 20))}
    assert partition_of(clustering.labels[0]) == blob_groups
    assert (clustering.strengths[0] > 0.99).all()


def test_strength_is_the_silhouette():
    """Two pairs on a line at 0, 1 and 10, 11: mean distance to the own partner 1, to the other
    pair 10.5 from the ends and 9.5 from the middle."""
    clustering = themes_of(distances_of([[0], [1], [10], [11]]), n_papers=12)
    assert partition_of(clustering.labels[0]) == {frozenset({0, 1}), frozenset({2, 3})}
    expected = [1 - 1 / 10.5**2, 1 - 1 / 9.5**2, 1 - 1 / 9.5**2, 1 - 1 / 10.5**2]
    np.testing.assert_allclose(clustering.strengths[0], expected, rtol=1e-6)


def test_nested_blobs_give_nested_layers():
    """Nine groups of eight papers, three by three: 9 themes, within 3."""
    centres = [[100 * outer, 10 * inner] for outer in range(3) for inner in range(3)]
    distances = distances_of(blobs(centres, 8, spread=0.5))
    # 72 papers aim at 12 themes; with 20 papers' aim the coarser truth is the default layer.
    clustering = themes_of(distances, min_theme_size=8, max_unassigned=0, n_papers=20)
    nine = {frozenset(range(8 * i, 8 * i + 8)) for i in range(9)}
    three = {frozenset(range(24 * i, 24 * i + 24)) for i in range(3)}
    assert clustering.n_layers == 2
    assert partition_of(clustering.labels[0]) == nine
    assert partition_of(clustering.labels[1]) == three
    assert clustering.default_layer == 1


def test_paper_far_from_every_theme_is_the_one_left_unassigned():
    points = np.vstack([blobs([[0, 0], [100, 0]], 20), [[50, 200]]])
    distances = distances_of(points)
    clustering = themes_of(distances, min_theme_size=10)
    assert np.flatnonzero(clustering.labels[0] == UNASSIGNED).tolist() == [40]
    everyone = themes_of(distances, min_theme_size=10, max_unassigned=0)
    assert (everyone.labels >= 0).all()
    assert everyone.strengths[0, 40] < 0.01


def test_of_papers_nearer_to_another_theme_the_worst_stays_unassigned():
    """Average linkage puts papers with themes they are not nearest to; with room for one of 40
    unassigned, it is the one of the lowest silhouette, not the first of all below 0."""
    rng = np.random.default_rng(2)
    distances = distances_of(rng.normal(size=(40, 3)))
    everyone = themes_of(distances, max_unassigned=0)
    labels = everyone.labels[everyone.default_layer]
    dialled = themes_of(distances, max_unassigned=1 / 40)
    (loose,) = np.flatnonzero(dialled.labels[0] == UNASSIGNED)
    candidates = np.flatnonzero(themes_of(distances, max_unassigned=1).labels[0] == UNASSIGNED)
    silhouettes = []
    for paper in candidates:
        mates = (labels == labels[paper]) & (np.arange(40) != paper)
        own = distances[paper, mates].mean()
        others = set(labels.tolist()) - {labels[paper]}
        other = min(distances[paper, labels == theme].mean() for theme in others)
        silhouettes.append(1 - (own / other) ** 2)
    assert len(candidates) > 1
    assert candidates[np.argmin(silhouettes)] == loose


@pytest.mark.parametrize("n", [1, 2, 3, 5, 40])
def test_identical_papers_are_one_theme(n):
    clustering = themes_of(np.zeros((n, n)))
    assert clustering.labels.tolist() == [[0] * n]
    assert clustering.strengths.tolist() == [[1.0] * n]
    assert clustering.default_layer == 0


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_papers_are_one_theme(n):
    clustering = themes_of(distances_of(np.arange(n)[:, None]))
    assert clustering.labels.tolist() == [[0] * n]


@pytest.mark.parametrize("n", [3, 5, 40, 150])
def test_equidistant_papers_are_one_theme(n):
    clustering = themes_of(1.0 - np.eye(n))
    assert clustering.labels.tolist() == [[0] * n]
    assert_sound(clustering, n, max_unassigned=0.05)


def test_corpus_smaller_than_a_theme_is_one_theme():
    clustering = themes_of(distances_of(blobs([[0, 0], [9, 9]], 3)), min_theme_size=50)
    assert clustering.labels.tolist() == [[0] * 6]


@pytest.mark.parametrize("min_theme_size", [1, 2, 3, 5, 10])
def test_no_finest_theme_is_smaller_than_asked(min_theme_size):
    points = np.random.default_rng(0).normal(size=(200, 3))
    clustering = themes_of(distances_of(points), min_theme_size=min_theme_size)
    sizes = np.bincount(clustering.labels[0][clustering.labels[0] >= 0])
    assert sizes.min() >= min_theme_size


def test_default_layer_aims_at_one_theme_for_six_papers_of_a_small_corpus():
    points = np.random.default_rng(0).normal(size=(60, 3))
    clustering = themes_of(distances_of(points))
    assert 9 <= clustering.labels[clustering.default_layer].max() + 1 <= 12


def test_larger_corpus_behind_the_landmarks_has_more_themes():
    distances = distances_of(np.random.default_rng(0).normal(size=(400, 3)))
    themes = [
        clustering.labels[clustering.default_layer].max() + 1
        for clustering in (themes_of(distances, n_papers=n) for n in (400, 4000))
    ]
    assert themes[0] < themes[1]


@pytest.mark.parametrize("seed", range(4))
def test_order_of_the_papers_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(120, 3))
    order = rng.permutation(120)
    clustering = themes_of(distances_of(points))
    permuted = themes_of(distances_of(points[order]))
    assert permuted.n_layers == clustering.n_layers
    assert permuted.default_layer == clustering.default_layer
    for layer, permuted_layer in zip(clustering.labels, permuted.labels, strict=True):
        assert partition_of(layer[order]) == partition_of(permuted_layer)
    np.testing.assert_allclose(clustering.strengths[:, order], permuted.strengths, atol=1e-6)


def test_distances_are_not_changed():
    distances = distances_of(np.random.default_rng(0).normal(size=(30, 2)))
    before = distances.copy()
    themes_of(distances)
    np.testing.assert_array_equal(distances, before)


@st.composite
def corpora(draw) -> np.ndarray:
    """Distances between points that are spread out, on a grid with many ties, or copies of few,
    and distances that no points have."""
    n = draw(st.integers(1, 70))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    kind = draw(st.sampled_from(["spread", "grid", "copies", "any", "line"]))
    points = rng.normal(size=(n, draw(st.integers(1, 4))))
    if kind == "grid":
        points = np.round(points)
    elif kind == "copies":
        points = points[rng.integers(0, max(1, n // 4), size=n)]
    elif kind == "line":
        points = np.arange(n)[:, None] * np.ones((1, 2))
    elif kind == "any":
        distances = np.triu(rng.uniform(size=(n, n)), 1)
        return distances + distances.T
    return distances_of(points)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    distances=corpora(),
    min_theme_size=st.integers(1, 8),
    max_unassigned=st.sampled_from([0, 0.05, 0.3, 1]),
)
def test_themes_of_any_corpus_are_sound(distances, min_theme_size, max_unassigned):
    n = len(distances)
    clustering = themes_of(distances, min_theme_size=min_theme_size, max_unassigned=max_unassigned)
    assert_sound(clustering, n, max_unassigned=max_unassigned)
    sizes = np.bincount(clustering.labels[0][clustering.labels[0] >= 0])
    assert sizes.min() >= min(min_theme_size, n)


# choose_landmarks


def test_small_corpus_is_all_landmarks():
    assert choose_landmarks(5, 5, seed=0).tolist() == [0, 1, 2, 3, 4]
    assert choose_landmarks(3, 5, seed=0).tolist() == [0, 1, 2]


@given(n=st.integers(2, 5000), share=st.floats(0.01, 0.99), seed=st.integers(0, 2**31 - 1))
def test_landmarks_are_distinct_ascending_rows_and_the_seeds_own(n, share, seed):
    n_landmarks = max(1, int(share * n))
    landmarks = choose_landmarks(n, n_landmarks, seed=seed)
    assert len(landmarks) == n_landmarks
    assert (np.diff(landmarks) > 0).all()
    assert landmarks[0] >= 0
    assert landmarks[-1] < n
    np.testing.assert_array_equal(landmarks, choose_landmarks(n, n_landmarks, seed=seed))


def test_another_seed_gives_other_landmarks():
    assert not np.array_equal(
        choose_landmarks(1000, 50, seed=0), choose_landmarks(1000, 50, seed=1)
    )


# place_by_landmarks


def landmark_clustering(finest, coarser=None) -> Clustering:
    labels = np.array([finest] if coarser is None else [finest, coarser], np.int32)
    strengths = np.where(labels >= 0, 1.0, 0.0).astype(np.float32)
    return Clustering(labels, strengths, default_layer=len(labels) - 1)


def place(clustering, similarities, nearest, *, landmark_rows=(), max_unassigned=0.0):
    """`landmark_rows`: none, where the papers are others than the landmarks."""
    nearest = np.array(nearest, np.int64)
    if not len(landmark_rows):  # the landmarks come behind the papers of the case
        n, n_landmarks = len(nearest), clustering.labels.shape[1]
        landmark_rows = np.arange(n, n + n_landmarks)
        own = np.repeat(np.arange(n_landmarks)[:, None], nearest.shape[1], axis=1)
        own[clustering.labels[0] == UNASSIGNED] = np.flatnonzero(clustering.labels[0] >= 0)[0]
        nearest = np.vstack([nearest, own])
        similarities = np.vstack([similarities, np.ones(own.shape)])
    return place_by_landmarks(
        clustering,
        landmark_rows=np.asarray(landmark_rows),
        similarities=np.array(similarities, np.float32),
        nearest=nearest,
        max_unassigned=max_unassigned,
    )


def test_vote_counts_by_the_square_of_similarity():
    """One landmark at .9 (.81) outvotes two at .6 (.72) of another theme, and not two at .7."""
    clustering = landmark_clustering([0, 1, 1])
    placed = place(clustering, [[0.9, 0.6, 0.6], [0.9, 0.7, 0.7]], [[0, 1, 2], [0, 1, 2]])
    assert placed.labels[0, :2].tolist() == [0, 1]
    expected = [0.81 / (0.81 + 0.72), 0.98 / (0.81 + 0.98)]
    np.testing.assert_allclose(placed.strengths[0, :2], expected, rtol=1e-6)


def test_tie_goes_to_the_lowest_theme():
    clustering = landmark_clustering([2, 0, 1])
    placed = place(clustering, [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], [[0, 2, 1], [2, 0, 1]])
    assert placed.labels[0, :2].tolist() == [0, 0]


def test_paper_unlike_every_landmark_has_no_strength():
    clustering = landmark_clustering([0, 1])
    placed = place(clustering, [[-0.1, -0.2]], [[1, 0]])
    assert placed.labels[0, 0] >= 0
    assert placed.strengths[0, 0] == 0
    dialled = place(clustering, [[-0.1, -0.2]], [[1, 0]], max_unassigned=0.4)
    assert dialled.labels[0].tolist() == [UNASSIGNED, 0, 1]


def test_coarser_layers_follow_the_finest():
    """The finest theme 2 wins (.49 against .36 and .36), though coarse theme 0 has more votes."""
    clustering = landmark_clustering([0, 1, 2], [0, 0, 1])
    placed = place(clustering, [[0.7, 0.6, 0.6]], [[2, 0, 1]])
    assert placed.labels[:, 0].tolist() == [2, 1]
    np.testing.assert_allclose(placed.strengths[:, 0], 0.49 / 1.21, rtol=1e-6)


def test_only_the_nearest_landmarks_vote():
    n = N_VOTERS + 10
    clustering = landmark_clustering([0] + [1] * (N_VOTERS - 1) + [2] * 10)
    similarities = [[0.9] + [0.1] * (N_VOTERS - 1) + [0.1] * 10]
    placed = place(clustering, similarities, [list(range(n))])
    assert placed.labels[0, 0] == 0
    np.testing.assert_allclose(
        placed.strengths[0, 0], 0.81 / (0.81 + 0.01 * (N_VOTERS - 1)), rtol=1e-5
    )


def test_landmark_keeps_its_theme_against_its_neighbours():
    """The only landmark of theme 0 is outvoted by three near ones, and stays all the same."""
    clustering = landmark_clustering([0, 1, 1, 1])
    similarities = [[1, 0.9, 0.9, 0.9]] * 4
    nearest = [[0, 1, 2, 3], [1, 2, 3, 0], [2, 1, 3, 0], [3, 1, 2, 0]]
    placed = place(clustering, similarities, nearest, landmark_rows=range(4), max_unassigned=1)
    assert placed.labels.tolist() == [[0, 1, 1, 1]]


def test_landmark_without_a_theme_may_find_one():
    clustering = landmark_clustering([0, 0, UNASSIGNED])
    similarities, nearest = [[1, 0.9], [1, 0.9], [0.5, 0.5]], [[0, 1], [1, 0], [0, 1]]
    placed = place(clustering, similarities, nearest, landmark_rows=range(3))
    assert placed.labels.tolist() == [[0, 0, 0]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    n=st.integers(30, 300),
    share=st.floats(0.1, 0.9),
    seed=st.integers(0, 1000),
    max_unassigned=st.sampled_from([0, 0.05, 0.3, 1]),
)
def test_placed_themes_of_any_corpus_are_sound(n, share, seed, max_unassigned):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 4)) + 3 * rng.normal(size=(8, 4))[rng.integers(8, size=n)]
    vectors = points / np.linalg.norm(points, axis=1, keepdims=True)
    rows = choose_landmarks(n, int(share * n), seed=seed)
    clustering = themes_of(distances_of(points[rows]), n_papers=n, max_unassigned=max_unassigned)
    voters = np.flatnonzero(clustering.labels[0] >= 0)
    similarities = vectors @ vectors[rows[voters]].T
    order = np.argsort(-similarities, axis=1, kind="stable")[:, :N_VOTERS]
    placed = place_by_landmarks(
        clustering,
        landmark_rows=rows,
        similarities=np.take_along_axis(similarities, order, axis=1).astype(np.float32),
        nearest=voters[order],
        max_unassigned=max_unassigned,
    )
    assert_sound(placed, n, max_unassigned=max_unassigned)
    assert placed.default_layer == clustering.default_layer
    has_theme = clustering.labels[0] >= 0
    np.testing.assert_array_equal(
        placed.labels[:, rows[has_theme]], clustering.labels[:, has_theme]
    )


def test_seeds_by_a_sample_of_landmarks_keep_every_theme(seed_rows):
    """100 of 169 papers decide; all are placed, as most of them would be by themselves."""
    from sklearn.metrics import adjusted_rand_score

    from pipeline.chart import cluster_vectors
    from pipeline.settings import settings_from

    few_runs = {"reduce.runs": 4}
    sampled = cluster_vectors(seed_rows, settings_from({**few_runs, "reduce.max_landmarks": 100}))
    assert_sound(sampled, 169, max_unassigned=0.05)
    whole = cluster_vectors(seed_rows, settings_from(few_runs))
    assert_sound(whole, 169, max_unassigned=0.05)
    agreement = adjusted_rand_score(
        whole.labels[whole.default_layer], sampled.labels[sampled.default_layer]
    )
    assert agreement > 0.25
