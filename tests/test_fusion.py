"""One score of two, and scores with the word of neighbours, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fusion import fused_scores, regularised_scores

SCORES = st.lists(st.tuples(st.floats(-1, 1), st.floats(-50, 50)), min_size=1, max_size=30).map(
    lambda pairs: tuple(np.array(side) for side in zip(*pairs, strict=True))
)


def test_each_score_counts_by_its_best():
    fused = fused_scores(np.array([0.8, 0.4, 0.2]), np.array([0.0, 3.0, 6.0]))
    assert fused.tolist() == [0.5, (0.5 + 0.5) / 2, (0.25 + 1) / 2]


def test_where_no_word_is_known_meaning_alone_orders():
    assert fused_scores(np.array([0.5, 0.25]), np.zeros(2)).tolist() == [0.5, 0.25]
    assert fused_scores(np.array([0.5, 0.25]), np.array([-1.0, -2.0])).tolist() == [0.5, 0.25]


def test_a_similarity_next_to_nothing_is_not_blown_up():
    fused = fused_scores(np.array([0.001, -0.001]), np.zeros(2))
    assert fused.tolist() == [0.5, (1 - 0.002 / 0.1) / 2]


def test_words_against_a_paper_count_no_more_than_those_for_it():
    fused = fused_scores(np.array([1.0, 1.0]), np.array([0.01, -10.0]))
    assert fused.tolist() == [0.5005, 0.0]


def test_no_papers_have_no_scores():
    assert fused_scores(np.zeros(0), np.zeros(0)).tolist() == []


@given(SCORES)
def test_the_fused_score_is_at_most_1_and_grows_with_both(scores):
    similarities, lexical = scores
    fused = fused_scores(similarities, lexical)
    assert (fused <= 1 + 1e-6).all()
    better = (similarities[:, None] >= similarities) & (lexical[:, None] >= lexical)
    assert (fused[:, None] >= fused - 1e-6)[better].all()


def unit(rows):
    rows = np.array(rows, np.float64)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def drawn(scores, vectors):
    return regularised_scores(scores, np.arange(len(scores)), vectors)


def test_half_of_a_score_is_a_papers_own_and_half_its_neighbours():
    # Two papers in one place, one at right angles to both.
    vectors = unit([[1, 0], [1, 0], [0, 1]])
    assert drawn(np.array([1.0, 0.2, 0.5]), vectors).tolist() == [0.6, 0.6, 0.25]


def test_the_nearer_a_neighbour_the_more_it_counts():
    # Cosines with the first are .8 and .6, between the others .96.
    vectors = unit([[1, 0], [0.8, 0.6], [0.6, 0.8]])
    expected = [0.5 * 0.8 / (0.8 + 0.6), 0.5, 0.5 * 0.96 / (0.6 + 0.96)]
    assert drawn(np.array([0.0, 1.0, 0.0]), vectors) == pytest.approx(expected, abs=1e-5)


def test_only_the_twenty_nearest_have_a_word_in_either_direction():
    # One paper, twenty beside it, and one far off, which the twenty are the nearest of.
    angles = np.deg2rad([0, *[1] * 20, 80])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = drawn(np.array([0.0, *[0.0] * 20, 1.0]), vectors)
    # They hear of the far one, and the first does not.
    assert found[0] == 0
    near = np.cos(np.deg2rad(79))
    to_others = 2 * (19 + np.cos(np.deg2rad(1)))
    assert found[1] == pytest.approx(0.5 * near / (to_others + near), rel=1e-3)


def test_what_is_not_among_the_near_ones_has_nobody_to_speak_for_it():
    found = regularised_scores(np.array([1.0, 0.5, 0.4]), np.array([0, 2]), unit([[1, 0], [1, 0]]))
    assert found.tolist() == [0.7, 0.25, 0.7]


def test_a_lone_paper_speaks_for_itself():
    assert drawn(np.array([0.4]), unit([[1, 0]])).tolist() == [0.4]
    assert drawn(np.zeros(0), np.zeros((0, 2), np.float32)).tolist() == []


def test_opposite_papers_say_nothing_of_each_other():
    assert drawn(np.array([1.0, 0.5]), unit([[1, 0], [-1, 0]])).tolist() == [0.5, 0.25]


@given(st.integers(2, 40), st.integers(0, 1000))
def test_scores_stay_within_those_that_there_are_and_do_not_hang_on_the_order(n, seed):
    rng = np.random.default_rng(seed)
    scores = rng.random(n)
    vectors = unit(rng.random((n, 6)) + 0.01)
    found = drawn(scores, vectors)
    assert (found >= scores.min() - 1e-6).all()
    assert (found <= scores.max() + 1e-6).all()
    order = rng.permutation(n)
    turned = drawn(scores[order], vectors[order])
    np.testing.assert_allclose(turned, found[order], atol=2e-6)
