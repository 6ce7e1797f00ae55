"""Similar pairs, by hand and held against all cosines in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import similar as similar_module
from pipeline.errors import UsageError
from pipeline.similar import similar_pairs

# In the plane, at 0, 60, 90, 180 and again 60 degrees.
PLANE = np.array([[1, 0], [0.5, 3**0.5 / 2], [0, 1], [-1, 0], [0.5, 3**0.5 / 2]], dtype=np.float32)


@pytest.fixture
def small_tiles(monkeypatch):
    """Tiles of a few rows, so that small tables have many, and few leading directions."""
    monkeypatch.setattr(similar_module, "_TILE", (3, 5))
    monkeypatch.setattr(similar_module, "_LEADING", 4)
    monkeypatch.setattr(similar_module, "_CHUNK_BYTES", 1)


def unit(rows):
    rows = np.asarray(rows, np.float64)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def all_pairs(vectors, over):
    """By the definition: every cosine in float64, rounded."""
    exact = np.round(vectors.astype(np.float64) @ vectors.astype(np.float64).T, 6)
    i, j = np.triu_indices(len(vectors), 1)
    found = [(-exact[a, b], a, b) for a, b in zip(i, j, strict=True) if exact[a, b] >= over]
    return [((a, b), -score) for score, a, b in sorted(found)]


def told(pairs):
    return [
        (tuple(map(int, row)), s) for row, s in zip(pairs.rows, pairs.similarities, strict=True)
    ]


def test_pairs_come_best_first_and_ties_by_rows():
    found = similar_pairs(PLANE, over=0.5, limit=None)
    expected = [((1, 4), 1.0), ((1, 2), 0.866025), ((2, 4), 0.866025), ((0, 1), 0.5), ((0, 4), 0.5)]
    assert told(found) == expected
    assert found.n_found == 5


def test_the_best_are_kept_and_all_are_counted():
    found = similar_pairs(PLANE, over=0.0, limit=2)
    assert told(found) == [((1, 4), 1.0), ((1, 2), 0.866025)]
    assert found.n_found == 7


def test_a_pair_at_the_border_is_one_by_its_rounded_cosine():
    assert similar_pairs(PLANE, over=0.866025, limit=None).n_found == 3
    assert similar_pairs(PLANE, over=0.866026, limit=None).n_found == 1


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_rows_have_no_pair(n):
    found = similar_pairs(PLANE[:n], over=0.1, limit=5)
    assert (found.rows.shape, found.similarities.shape, found.n_found) == ((0, 2), (0,), 0)


@pytest.mark.usefixtures("small_tiles")
@given(
    st.integers(0, 10_000), st.integers(2, 40), st.sampled_from([2, 4, 9]),
    st.sampled_from([-0.999, -0.2, 0.0, 0.3, 0.7, 0.95, 1.0]),
    st.sampled_from([1, 3, 20, 10**30, None]),
)  # fmt: skip
def test_tiles_find_what_all_cosines_say(seed, n, dim, over, limit):
    rng = np.random.default_rng(seed)
    # Corners of a cube, some of them moved a little: many ties, many near the border.
    rows = unit(rng.choice([-1.0, 1.0], (n, dim)) + rng.choice([0, 1e-6, 0.3], (n, 1)))
    found, expected = similar_pairs(rows, over=over, limit=limit), all_pairs(rows, over)
    assert found.n_found == len(expected)
    assert told(found) == expected[:limit]


def test_large_tables_like_those_of_a_model_are_compared_exactly():
    rng = np.random.default_rng(0)
    groups = rng.normal(size=(300, 96))[rng.integers(300, size=5000)]
    rows = unit(groups + 0.6 * rng.normal(size=(5000, 96)) + 1.5 * rng.normal(size=96))
    rows[1234] = rows[4321]
    exact = np.triu(np.round(rows.astype(np.float64) @ rows.T.astype(np.float64), 6), 1)
    for over in (0.97, 0.9, 0.7):
        found = similar_pairs(rows, over=over, limit=500)
        assert found.n_found == np.count_nonzero(exact >= over)
        assert found.rows[0].tolist() == [1234, 4321]
        best = np.sort(exact[exact >= over])[::-1][:500]
        np.testing.assert_array_equal(found.similarities, best)
        np.testing.assert_array_equal(exact[tuple(found.rows.T)], best)


def test_rows_of_zeros_are_similar_to_nothing():
    rows = np.concatenate([PLANE[:2], np.zeros((3, 2), np.float32)])
    assert told(similar_pairs(rows, over=0.1, limit=None)) == [((0, 1), 0.5)]


def test_more_pairs_than_can_be_kept_are_refused(monkeypatch):
    monkeypatch.setattr(similar_module, "_MOST_KEPT", 4)
    with pytest.raises(UsageError, match="more than 4 pairs"):
        similar_pairs(PLANE, over=0.5, limit=None)
    assert similar_pairs(PLANE, over=0.5, limit=2).n_found == 5
