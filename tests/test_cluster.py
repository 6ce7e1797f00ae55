"""Themes of a diffusion space: cases that can be worked out by hand, and what holds for any."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import cluster
from pipeline.cluster import (
    Hierarchy,
    choose_landmarks,
    find_themes,
    loosest,
    merge_themes,
    theme_fits,
)
from pipeline.diffusion import DiffusionSpace


def unit_rows(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def on_circle(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def space_of(rows, eigenvalues=None) -> DiffusionSpace:
    rows = np.asarray(rows, dtype=np.float32)
    values = np.ones(rows.shape[1]) if eigenvalues is None else np.asarray(eigenvalues, float)
    return DiffusionSpace(values, rows)


def themes_of(rows, *, eigenvalues=None, **options) -> Hierarchy:
    options = {"min_theme_size": 2, "n_papers": len(rows), **options}
    return find_themes(space_of(rows, eigenvalues), **options)


def blobs(n_blobs: int, size: int, *, dim: int = 8, spread: float = 0.05, seed: int = 0):
    rng = np.random.default_rng(seed)
    centres = np.repeat(unit_rows(rng.normal(size=(n_blobs, dim))), size, axis=0)
    return unit_rows(centres + spread * rng.normal(size=centres.shape))


def partition_of(labels) -> set[frozenset[int]]:
    """The groups of papers, whatever their numbers."""
    return {frozenset(np.flatnonzero(labels == t).tolist()) for t in set(labels.tolist())}


def numbers(*labels: int) -> np.ndarray:
    return np.array(labels, np.int32)


def assert_sound(found: Hierarchy, n: int) -> None:
    """What is promised of any hierarchy."""
    labels, fits = found.labels, found.fits
    assert labels.shape == fits.shape
    assert labels.shape[1:] == found.in_core.shape == (n,)
    assert (labels.dtype, fits.dtype, found.in_core.dtype) == (np.int32, np.float32, np.bool_)
    assert 0 <= found.default_layer < len(labels)
    assert ((fits >= -9) & (fits <= 1)).all()
    for layer in labels:
        assert np.unique(layer).tolist() == list(range(layer.max() + 1))
    for finer, coarser in pairwise(labels):
        assert finer.max() > coarser.max()
        for theme in range(finer.max() + 1):
            assert len(set(coarser[finer == theme].tolist())) == 1


# merge_themes


def test_nearest_themes_merge_first():
    """Squared distances on the circle are 2 - 2 cos: 0 and 20 degrees are nearest, then 180 and
    240, then the two that came of them."""
    rows, each = on_circle(0, 20, 180, 240), numbers(0, 1, 2, 3)
    assert merge_themes(rows, each, 4).tolist() == [0, 1, 2, 3]
    assert merge_themes(rows, each, 3).tolist() == [0, 0, 1, 2]
    assert merge_themes(rows, each, 2).tolist() == [0, 0, 1, 1]
    assert merge_themes(rows, each, 1).tolist() == [0, 0, 0, 0]


def test_merged_themes_weigh_as_many_papers_as_they_have():
    """Papers at 0 (three of them) and 50 degrees merge first. Seen from 110 degrees, they are then
    at 2 - 2 (3 cos 110 + cos 60) / 4 = 2.26 on average, from -70 at 2 - 2 (3 cos 70 + cos 120) / 4
    = 1.74, so that this one joins them. Were 0 and 50 weighed alike it would be the other one:
    2 - cos 110 - cos 60 = 1.84, 2 - cos 70 - cos 120 = 2.16."""
    rows, labels = on_circle(0, 0, 0, 50, 110, -70), numbers(0, 0, 0, 1, 2, 3)
    assert merge_themes(rows, labels, 3).tolist() == [0, 0, 0, 0, 1, 2]
    assert merge_themes(rows, labels, 2).tolist() == [0, 0, 0, 0, 1, 0]


def test_small_themes_merge_before_large_ones_that_are_a_little_nearer():
    """From the paper at 0, one at 60 degrees is at 1 times (1 / 2)^0.2 = .871, nine at -58 at
    .940 times (9 / 10)^0.2 = .920; nine at -50 would be at .714 times .979 = .700."""
    labels = numbers(0, 1, *[2] * 9)
    assert merge_themes(on_circle(0, 60, *[-58] * 9), labels, 2).tolist() == [0, 0] + [1] * 9
    assert merge_themes(on_circle(0, 60, *[-50] * 9), labels, 2).tolist() == [0, 1] + [0] * 9


def test_scattered_themes_are_far_from_all():
    """Of two themes whose means point the same way, the one whose papers lie apart is farther: its
    mean is short. From 90 degrees, {40, 40} is at 2 - 2 cos 50 = .71, and {100, 180} at
    2 - cos 10 - cos 90 = 1.02 though its middle, 140 degrees, is as near."""
    rows, labels = on_circle(90, 40, 40, 100, 180), numbers(0, 1, 1, 2, 2)
    assert merge_themes(rows, labels, 2).tolist() == [0, 0, 0, 1, 1]


def test_of_equally_near_themes_the_first_merge():
    rows = on_circle(0, 90, 180, 270)
    assert merge_themes(rows, numbers(0, 1, 2, 3), 3).tolist() == [0, 0, 1, 2]
    assert merge_themes(rows, numbers(3, 2, 1, 0), 3).tolist() == [2, 1, 0, 0]


@pytest.mark.parametrize("n_themes", [4, 5, 100])
def test_no_fewer_themes_are_made_than_asked(n_themes):
    rows, labels = on_circle(0, 20, 180, 240), numbers(3, 1, 0, 2)
    assert merge_themes(rows, labels, n_themes).tolist() == [3, 1, 0, 2]


def test_merging_is_scipys_average_linkage_where_sizes_do_not_count(monkeypatch):
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    monkeypatch.setattr(cluster, "_SIZE_POWER", 0.0)
    rows = unit_rows(np.random.default_rng(3).normal(size=(60, 6)))
    tree = linkage(pdist(rows.astype(np.float64), "sqeuclidean"), "average")
    for n_themes in (30, 12, 3):
        merged = merge_themes(rows, np.arange(60, dtype=np.int32), n_themes)
        assert partition_of(merged) == partition_of(fcluster(tree, n_themes, "maxclust"))


# theme_fits


def test_fit_is_one_less_the_ratio_of_squared_distances():
    """Pairs at 0, 60 and at 180, 180 degrees: paper 0 is at squared distance 1 from its mate and 4
    from the others, paper 60 at 1 and 3, those at 180 at 0 and 3.5 from theirs."""
    fits = theme_fits(on_circle(0, 60, 180, 180), numbers(0, 0, 1, 1))
    np.testing.assert_allclose(fits, [1 - 1 / 4, 1 - 1 / 3, 1, 1], atol=1e-5)
    assert fits.dtype == np.float32


def test_paper_nearer_to_another_theme_is_below_zero_in_proportion():
    """The paper at 60 degrees is at 2 from its mate at 150 and at 1 from the theme at 0."""
    fits = theme_fits(on_circle(60, 150, 0, 0), numbers(0, 0, 1, 1))
    np.testing.assert_allclose(fits[0], 1 - 2 / 1, atol=1e-5)


def test_paper_alone_in_its_theme_fits_it():
    assert theme_fits(on_circle(0, 90, 90), numbers(0, 1, 1))[0] == 1


def test_single_theme_fits_all():
    assert theme_fits(on_circle(0, 90, 200), numbers(0, 0, 0)).tolist() == [1, 1, 1]


def test_papers_on_one_spot_in_two_themes_fit_neither():
    """Rows of float32 leave 1e-7 of either sign where the distance is 0."""
    rows = np.repeat(unit_rows(np.random.default_rng(0).normal(size=(1, 20))), 8, axis=0)
    assert theme_fits(rows, numbers(0, 0, 0, 0, 1, 1, 1, 1)).tolist() == [0] * 8


def test_fit_of_a_paper_in_the_midst_of_another_theme_is_bounded():
    """Paper 0 lies on the other theme's spot: the ratio would have nothing below the line."""
    fits = theme_fits(on_circle(0, 180, 0, 0), numbers(0, 0, 1, 1))
    assert fits[0] == -9
    assert (fits <= 1).all()


def test_fits_are_the_same_in_any_number_of_parts(monkeypatch):
    rows = blobs(5, 20, spread=0.4)
    labels = np.repeat(np.arange(5), 20).astype(np.int32)
    whole = theme_fits(rows, labels)
    monkeypatch.setattr(cluster, "_ROWS_AT_ONCE", 7)
    np.testing.assert_allclose(theme_fits(rows, labels), whole, atol=2e-6)


# layers


@pytest.mark.parametrize(
    ("n_finest", "n_papers", "sizes", "default"),
    [
        (1, 1, (1,), 0),
        (1, 2, (1,), 0),
        (2, 5, (1,), 0),  # one theme for six papers
        (9, 20, (3,), 0),
        (20, 59, (10,), 0),
        (20, 60, (10,), 1),
        (14, 60, (10,), 0),  # fewer than half as many again are no layer of their own
        (15, 60, (10,), 1),
        (50, 169, (25, 8), 1),  # 4.5 times the cube root of 169 is 24.9
        (30, 169, (25, 8), 0),
        (7, 169, (7,), 0),
        (300, 3000, (65, 22, 7), 1),
        (600, 80_000, (194, 65, 22, 7), 1),
        (100, 80_000, (100, 33, 11), 0),
    ],
)
def test_corpus_gets_as_many_layers_as_suit_it(n_finest, n_papers, sizes, default):
    assert cluster._layer_sizes(n_finest, n_papers, ()) == (sizes, default)


@pytest.mark.parametrize(
    ("wanted", "sizes"),
    [
        ([60, 12], (60, 12)),
        ([12, 60], (60, 12)),
        ([60, 12, 12, 60], (60, 12)),
        ([5], (5,)),
        ([1], (1,)),
        ([5000, 12], (100, 12)),
        ([5000, 200, 12], (100, 12)),
    ],
)
def test_wanted_layers_are_made_finest_first_and_each_once(wanted, sizes):
    assert cluster._layer_sizes(100, 3000, wanted) == (sizes, 0)


@pytest.mark.parametrize(
    ("wanted", "made"),
    [([12, 4], [12, 4]), ([4, 12], [12, 4]), ([6], [6]), ([1], [1]), ([9999, 3], [30, 3])],
)
def test_hierarchy_has_the_wanted_layers(wanted, made):
    found = themes_of(blobs(30, 6, spread=0.02), min_theme_size=4, layers=wanted)
    assert (found.labels.max(axis=1) + 1).tolist() == made
    assert found.default_layer == 0
    assert_sound(found, 180)


# find_themes


def test_groups_far_apart_are_the_finest_themes():
    rows = blobs(30, 6, spread=0.02)
    found = themes_of(rows, min_theme_size=4)
    groups = {frozenset(range(6 * i, 6 * i + 6)) for i in range(30)}
    assert partition_of(themes_of(rows, min_theme_size=4, layers=[30]).labels[0]) == groups
    assert (found.labels.max(axis=1) + 1).tolist() == [25, 8]
    assert found.in_core.mean() > 0.5
    assert_sound(found, 180)


def test_broader_layers_come_of_longer_walks():
    """Of four groups at the corners of a rectangle, the short walk's nearest are the long walk's
    farthest: the slow direction, which lasts, tells left from right."""
    rng = np.random.default_rng(0)
    corners = np.array([[1, 1.2], [1, -1.2], [-1, 1.2], [-1, -1.2]])
    rows = np.repeat(corners, 30, axis=0) + 0.01 * rng.normal(size=(120, 2))
    left = np.repeat([0, 0, 1, 1], 30)
    broad = themes_of(rows, eigenvalues=[1, 0.95], layers=[4, 2]).labels[1]
    assert partition_of(broad) == partition_of(left)
    up = np.repeat([0, 1, 0, 1], 30)
    never = themes_of(rows, eigenvalues=[1, 1], layers=[4, 2]).labels[1]
    assert partition_of(never) == partition_of(up)


def test_paper_outside_the_cores_joins_the_nearest_on_average():
    """130 to 134 degrees from one group, 136 to 140 from the other, which are 86 apart."""
    left, right = np.linspace(0, 4, 20), np.linspace(90, 94, 20)
    found = themes_of(on_circle(*left, *right, 230), min_theme_size=10, layers=[2])
    assert np.flatnonzero(~found.in_core).tolist() == [40]
    assert found.labels[0, 40] == found.labels[0, 0] != found.labels[0, 20]
    assert found.fits[0, 40] == found.fits[0].min() > 0


@pytest.mark.parametrize("n", [1, 2, 3, 5, 40])
@pytest.mark.parametrize("row", [[0, 0], [1, 0]], ids=["in the middle", "on one spot"])
def test_identical_papers_are_one_theme(n, row):
    found = themes_of(np.repeat(np.array([row], np.float32), n, axis=0))
    assert found.labels.tolist() == [[0] * n]
    assert found.fits.tolist() == [[1] * n]
    assert found.in_core.all()


@pytest.mark.parametrize("n", [3, 5, 40])
def test_papers_all_alike_different_are_one_theme(n):
    found = themes_of(np.eye(n))
    assert found.labels.tolist() == [[0] * n]


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_corpus_no_larger_than_a_theme_is_one_theme(n):
    rows = unit_rows(np.random.default_rng(0).normal(size=(n, 4)))
    assert themes_of(rows, min_theme_size=20).labels.tolist() == [[0] * n]


@pytest.mark.parametrize("min_theme_size", [1, 2, 3, 5, 10, 40])
def test_no_theme_is_smaller_than_asked(min_theme_size):
    rows = unit_rows(np.random.default_rng(0).normal(size=(300, 3)))
    found = themes_of(rows, min_theme_size=min_theme_size)
    for layer in found.labels:
        assert np.bincount(layer).min() >= min_theme_size


@pytest.mark.parametrize("seed", range(4))
def test_order_of_the_papers_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    rows = unit_rows(rng.normal(size=(150, 3)))
    order = rng.permutation(150)
    found, permuted = themes_of(rows), themes_of(rows[order])
    assert permuted.default_layer == found.default_layer
    assert len(permuted.labels) == len(found.labels) > 1
    for layer, permuted_layer in zip(found.labels, permuted.labels, strict=True):
        assert partition_of(layer[order]) == partition_of(permuted_layer)
    np.testing.assert_allclose(found.fits[:, order], permuted.fits, atol=1e-5)
    np.testing.assert_array_equal(found.in_core[order], permuted.in_core)


def test_layer_like_is_as_far_from_the_default_and_never_out_of_reach():
    def hierarchy(n_layers, default):
        labels = np.arange(n_layers, dtype=np.int32)[:, None]
        return Hierarchy(labels, labels.astype(np.float32), np.ones(1, bool), default)

    three, two = hierarchy(3, 1), hierarchy(2, 0)
    assert [int(three.layer_like(layer, three)[0]) for layer in range(3)] == [0, 1, 2]
    assert [int(three.layer_like(layer, two)[0]) for layer in range(3)] == [0, 0, 1]
    assert [int(two.layer_like(layer, three)[0]) for layer in range(2)] == [1, 2]
    assert [int(three.layer_like(layer, hierarchy(1, 0))[0]) for layer in range(3)] == [0, 0, 0]


@st.composite
def spaces(draw) -> DiffusionSpace:
    """Rows that are spread out, on a grid with many ties, copies of few, or partly of zeros."""
    n = draw(st.integers(1, 90))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    kind = draw(st.sampled_from(["spread", "grid", "copies", "zeros", "line"]))
    rows = rng.normal(size=(n, draw(st.integers(1, 5))))
    if kind == "grid":
        rows = np.round(rows)
    elif kind == "copies":
        rows = rows[rng.integers(0, max(1, n // 4), size=n)]
    elif kind == "zeros":
        rows[rng.random(n) < 0.4] = 0
    elif kind == "line":
        rows = np.stack([np.arange(n), np.ones(n)], axis=1)
    values = np.sort(rng.choice([0.0, 0.3, 0.9, 1.0], rows.shape[1]))[::-1]
    return space_of(rows, values)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    space=spaces(),
    min_theme_size=st.integers(1, 8),
    layers=st.lists(st.integers(1, 40), max_size=3),
    share=st.sampled_from([1.0, 0.5]),
)
def test_themes_of_any_space_are_sound(space, min_theme_size, layers, share):
    n = len(space.eigenvectors)
    landmarks = np.flatnonzero(np.random.default_rng(0).random(n) <= share)
    found = find_themes(
        space,
        n_papers=n,
        min_theme_size=min_theme_size,
        layers=layers,
        landmarks=landmarks if len(landmarks) else None,
    )
    assert_sound(found, n)
    if share == 1:
        assert np.bincount(found.labels[0]).min() >= min(min_theme_size, n)


# landmarks


def test_small_corpus_is_all_landmarks():
    for n_landmarks in (5, 6, 100):
        assert choose_landmarks(np.ones(5, np.float32), n_landmarks, seed=0).tolist() == [*range(5)]


@given(n=st.integers(2, 3000), share=st.floats(0.01, 0.99), seed=st.integers(0, 2**31 - 1))
@settings(max_examples=60, deadline=None)
def test_landmarks_are_distinct_ascending_rows_and_the_seeds_own(n, share, seed):
    scales = np.random.default_rng(seed).uniform(0, 1, n).astype(np.float32)
    n_landmarks = max(1, int(share * n))
    landmarks = choose_landmarks(scales, n_landmarks, seed=seed)
    assert len(landmarks) == n_landmarks
    assert (np.diff(landmarks) > 0).all()
    assert landmarks[0] >= 0
    assert landmarks[-1] < n
    np.testing.assert_array_equal(landmarks, choose_landmarks(scales, n_landmarks, seed=seed))


def test_another_seed_gives_other_landmarks():
    scales = np.ones(1000, np.float32)
    assert not np.array_equal(
        choose_landmarks(scales, 50, seed=0), choose_landmarks(scales, 50, seed=1)
    )


def test_papers_among_few_others_are_taken_in_proportion_more_often():
    """Half of 4,000 papers have neighbours three times as far away: of 200 landmarks, 150."""
    scales = np.repeat([0.1, 0.3], 2000).astype(np.float32)
    taken = [(choose_landmarks(scales, 200, seed=seed) >= 2000).sum() for seed in range(20)]
    assert abs(np.mean(taken) - 150) < 6


@pytest.mark.parametrize("scales", [np.zeros(50), np.r_[np.zeros(49), 1]])
def test_papers_without_any_distance_may_be_landmarks_too(scales):
    assert len(choose_landmarks(scales.astype(np.float32), 20, seed=0)) == 20


def test_themes_found_among_landmarks_are_those_of_all_papers():
    rows = blobs(12, 50, spread=0.02)
    landmarks = choose_landmarks(np.ones(600, np.float32), 200, seed=0)
    found = themes_of(rows, landmarks=landmarks, min_theme_size=5, layers=[12])
    assert partition_of(found.labels[0]) == partition_of(np.repeat(np.arange(12), 50))
    assert np.isin(np.flatnonzero(found.in_core), landmarks).all()
    assert_sound(found, 600)


# loosest


@pytest.mark.parametrize(
    ("max_share", "below", "expected"),
    [
        (0, 0.5, []),
        (0.19, 0.5, []),
        (0.2, 0.5, [3]),
        (0.4, 0.5, [3, 1]),
        (1, 0.5, [3, 1]),
        (1, 1, [3, 1, 0, 2]),
        (1, 0.1, []),
    ],
)
def test_weakest_are_the_loosest_and_no_more_than_their_share(max_share, below, expected):
    strengths = np.array([0.6, 0.3, 0.7, 0.1, np.inf], np.float32)
    assert loosest(strengths, max_share, below=below).tolist() == expected


def test_share_is_counted_without_rounding_errors():
    """0.29 times 100 is 28.999999999999996 to the machine."""
    assert len(loosest(np.zeros(100, np.float32), 0.29, below=1)) == 29


def test_of_equally_loose_papers_the_first_go():
    assert loosest(np.zeros(10, np.float32), 0.3, below=1).tolist() == [0, 1, 2]
