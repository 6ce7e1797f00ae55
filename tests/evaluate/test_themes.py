"""Geometry of groups, by vectors whose figures can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.evaluate.themes import (
    coverage,
    density_validity,
    group_sizes,
    sample_by_group,
    silhouette,
)


def rows(*directions) -> np.ndarray:
    vectors = np.array(directions, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def groups(*numbers) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


CROSS = rows((1, 0), (1, 0), (0, 1), (0, 1))


def test_sizes_are_those_of_groups_and_not_of_papers_in_none():
    sizes = group_sizes(groups(7, 7, 7, 2, 2, 5, -1, -1))
    assert (sizes.n_groups, sizes.smallest, sizes.median, sizes.largest) == (3, 1, 2.0, 3)
    assert sizes.largest_share == pytest.approx(3 / 6)
    assert group_sizes(groups(-1)).n_groups == 0


def test_coverage_is_the_share_in_a_group():
    assert coverage(groups(0, 1, -1, 0)).value == 0.75
    assert coverage(groups()).value is None


def test_two_groups_of_copies_have_the_best_silhouette_and_mixed_ones_a_bad_one():
    assert silhouette(CROSS, groups(0, 0, 1, 1), seed=0).value == pytest.approx(1.0)
    # Each paper: its own group at a distance of 1, the other at the mean of 0 and 1.
    assert silhouette(CROSS, groups(0, 1, 0, 1), seed=0).value == pytest.approx(-0.5)


def test_a_silhouette_worked_out_by_hand():
    # Cosine distances from the first: .5 to the second (60 degrees), 1 to the third (90).
    vectors = rows((1, 0, 0), (0.5, 3**0.5 / 2, 0), (0, 0, 1))
    # The first and second: a = .5, b = 1; the third is alone and counts 0.
    assert silhouette(vectors, groups(0, 0, 1), seed=0).value == pytest.approx(1 / 3, abs=1e-6)


def test_papers_in_no_group_take_no_part():
    vectors = rows((1, 0), (1, 0), (0, 1), (0, 1), (1, 1))
    assert silhouette(vectors, groups(0, 0, 1, 1, -1), seed=0).value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (groups(0, 0, 0, 0), "two groups"),
        (groups(-1, -1, -1, -1), "two groups"),
        (groups(0, 1, 2, 3), "every group has one paper"),
    ],
)
def test_a_silhouette_that_does_not_exist_says_why(labels, reason):
    figure = silhouette(CROSS, labels, seed=0)
    assert figure.value is None
    assert reason in figure.missing


def circle(*degrees) -> np.ndarray:
    angles = np.radians(degrees)
    return rows(*zip(np.cos(angles), np.sin(angles), strict=True))


def test_density_validity_worked_out_by_hand():
    # Pairs of copies: nothing between members, so both groups are as dense as can be: 1.
    assert density_validity(CROSS, groups(0, 0, 1, 1), seed=0).value == pytest.approx(1.0)
    # Two pairs, each 20 degrees wide. A tree of two papers has no inner node, and the first paper
    # stands for the pair: the separation is the chord from 0 to 90 degrees.
    figure = density_validity(circle(0, 20, 90, 110), groups(0, 0, 1, 1), seed=0).value
    wide = 2 * np.sin(np.radians(10))
    apart = 2 * np.sin(np.radians(45))
    assert figure == pytest.approx((apart - wide) / apart, abs=1e-6)


def test_a_paper_alone_in_its_group_is_noise_and_lowers_density_validity():
    vectors = rows((1, 0), (1, 0), (0, 1), (0, 1), (1, 1))
    figure = density_validity(vectors, groups(0, 0, 1, 1, 2), seed=0)
    assert figure.value == pytest.approx(4 / 5)


@pytest.mark.parametrize(
    ("vectors", "labels"),
    [
        (CROSS, groups(0, 0, 0, 0)),
        (CROSS, groups(0, 1, 2, 3)),
        (CROSS, groups(-1, -1, -1, -1)),
        (rows(*[(1, 0)] * 6), groups(0, 0, 0, 1, 1, 1)),
    ],
)
def test_a_density_validity_that_does_not_exist_says_why(vectors, labels):
    figure = density_validity(vectors, labels, seed=0)
    assert figure.value is None
    assert figure.missing


def test_density_validity_of_near_copies_in_many_dimensions_is_a_number():
    rng = np.random.default_rng(0)
    near = rng.normal(size=(4, 384)).repeat(5, axis=0) + rng.normal(scale=1e-3, size=(20, 384))
    figure = density_validity(rows(*near), np.arange(20) // 5, seed=0)
    assert 0.9 < figure.value <= 1


def test_a_sample_gives_each_group_its_share_and_two_papers_at_least():
    labels = np.repeat([0, 1, 2, -1], [600, 300, 2, 500])
    chosen = sample_by_group(labels, 90, seed=3)
    assert np.bincount(labels[chosen]).tolist() == [60, 30, 2]
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    assert chosen.tolist() == sample_by_group(labels, 90, seed=3).tolist()
    assert chosen.tolist() != sample_by_group(labels, 90, seed=4).tolist()
