"""The papers nearest to each: right among copies, whatever the order, and for papers of a part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.index import graph
from pipeline.nearest import N_NEAREST, NearestPapers, first_of_equals, nearest_papers


def unit_rows(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def random_rows(n: int, *, seed: int = 0, dim: int = 8) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, dim)))


def around(*degrees: float) -> np.ndarray:
    """Unit rows on a circle, so that similarities are cosines of differences."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_nearest_come_first_with_their_cosines():
    found = nearest_papers(around(0, 60, 90))
    assert found.rows.tolist() == [[1, 2], [2, 0], [1, 0]]
    cosines = [[0.5, 0.0], [np.sqrt(3) / 2, 0.5], [np.sqrt(3) / 2, 0.0]]
    np.testing.assert_allclose(found.similarities, cosines, atol=1e-6)
    assert (found.rows.dtype, found.similarities.dtype) == (np.int32, np.float32)


def test_copies_are_each_others_nearest_with_a_similarity_of_one():
    found = nearest_papers(around(0, 60, 0, 0))
    assert found.rows.tolist() == [[2, 3, 1], [0, 2, 3], [0, 3, 1], [0, 2, 1]]
    np.testing.assert_array_equal(found.similarities[[0, 2, 3], :2], 1)
    np.testing.assert_allclose(found.similarities[1], 0.5, atol=1e-6)


def test_more_copies_than_are_listed_leave_out_the_paper_itself_alone():
    found = nearest_papers(np.repeat(random_rows(2), 20, axis=0))
    for row, listed in enumerate(found.rows.tolist()):
        likes = set(range(20)) if row < 20 else set(range(20, 40))
        assert len(set(listed)) == N_NEAREST
        assert set(listed) < likes - {row}
    assert (found.similarities == 1).all()


def test_text_that_shares_no_word_is_near_to_none():
    rows = np.vstack([around(0, 30), np.zeros((2, 2), np.float32)])
    found = nearest_papers(rows)
    assert found.rows.tolist() == [[1, -1, -1], [0, -1, -1], [-1, -1, -1], [-1, -1, -1]]
    np.testing.assert_allclose(found.similarities[:2, 0], np.sqrt(3) / 2, atol=1e-6)
    assert not found.similarities[:, 1:].any()


@pytest.mark.parametrize("n", [1, 2, 5, 11, 12, 60])
@pytest.mark.parametrize("n_copies", [0, 1, 15])
def test_no_other_paper_is_nearer(n, n_copies):
    rng = np.random.default_rng(n)
    vectors = random_rows(n, seed=n)
    vectors[rng.integers(n, size=n_copies)] = vectors[0]
    found = nearest_papers(vectors)
    exact = np.round(vectors.astype(np.float64) @ vectors.T.astype(np.float64), 6)
    np.fill_diagonal(exact, -np.inf)
    k = min(N_NEAREST, n - 1)
    best = -np.sort(-exact, axis=1)[:, :k]
    assert found.rows.shape == found.similarities.shape == (n, k)
    np.testing.assert_allclose(found.similarities, best, atol=2e-6)
    of_those = np.take_along_axis(exact, found.rows.astype(np.int64), axis=1)
    np.testing.assert_allclose(of_those, best, atol=2e-6)
    assert all(len(set(listed)) == k for listed in found.rows.tolist())


def test_large_corpora_have_the_same_neighbours(monkeypatch):
    """By the lists, which only they take; of clear groups nothing is missed."""
    groups = np.repeat(random_rows(30, dim=32), 20, axis=0)
    vectors = unit_rows(groups + 0.05 * np.random.default_rng(0).normal(size=groups.shape))
    exact = nearest_papers(vectors)
    monkeypatch.setattr(graph, "_MOST_COMPARED", 100)
    found = nearest_papers(vectors)
    assert (found.rows == exact.rows).mean() > 0.99


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.integers(0, 1000))
def test_order_of_the_papers_does_not_matter(n, seed):
    vectors = random_rows(n, seed=seed)
    order = np.random.default_rng(seed).permutation(n)
    found, shuffled = nearest_papers(vectors), nearest_papers(vectors[order])
    np.testing.assert_array_equal(found.rows[order], order[shuffled.rows])
    np.testing.assert_array_equal(found.similarities[order], shuffled.similarities)


def test_those_of_a_part_keep_their_order_and_have_new_numbers():
    rows = np.array([[1, 2, 3], [3, 0, 2], [3, 1, -1], [2, 1, 0]], np.int32)
    similarities = np.array([[0.9, 0.8, 0.7], [0.6, 0.5, 0.4], [0.3, 0.2, 0], [0.9, 0.8, 0.7]])
    part = NearestPapers(rows, similarities.astype(np.float32)).among(np.array([3, 0, 2]))
    assert part.rows.tolist() == [[2, 1, -1], [2, 0, -1], [0, -1, -1]]
    expected = [[0.9, 0.7, 0], [0.8, 0.7, 0], [0.3, 0, 0]]
    np.testing.assert_allclose(part.similarities, expected, rtol=1e-6)


def test_first_of_equals_are_in_the_order_of_the_papers():
    a, b, c = random_rows(3)
    first, like = first_of_equals(np.stack([c, a, c, b, a, c]))
    assert first.tolist() == [0, 1, 3]
    assert like.tolist() == [0, 1, 0, 2, 1, 0]
