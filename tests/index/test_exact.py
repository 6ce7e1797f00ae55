"""The exact index, held against plain NumPy in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.index import ExactIndex

from .rows import by_hand, random_rows, text_like_rows, unit_rows


def assert_same_as_by_hand(vectors, queries, k):
    similarities, rows = ExactIndex(vectors).search(queries, k)
    expected_similarities, expected_rows = by_hand(vectors, queries, k)
    np.testing.assert_array_equal(rows, expected_rows)
    np.testing.assert_array_equal(similarities, expected_similarities)
    assert similarities.dtype == np.float32
    assert rows.dtype == np.int64


@pytest.mark.parametrize("k", [1, 2, 15, 99, 100, 101, 1000])
def test_same_rows_as_plain_numpy(k):
    vectors = random_rows(100)
    assert_same_as_by_hand(vectors, random_rows(7, seed=1), k)
    assert_same_as_by_hand(vectors, vectors, k)


def test_rows_of_a_text_model_come_in_the_exact_order():
    vectors = text_like_rows(5000, 384)
    assert_same_as_by_hand(vectors, vectors, 15)


def test_one_query_finds_what_a_batch_finds():
    vectors = text_like_rows(5000, 384)
    index = ExactIndex(vectors)
    similarities, rows = index.search(vectors, 15)
    for i in range(0, 5000, 97):
        alone, rows_alone = index.search(vectors[i : i + 1], 15)
        np.testing.assert_array_equal(rows_alone[0], rows[i])
        np.testing.assert_array_equal(alone[0], similarities[i])


def test_ties_come_by_row_also_at_the_last_place():
    one, other = random_rows(2)
    vectors = np.stack([other, one, one, other, one, one, one])
    similarities, rows = ExactIndex(vectors).search(one[None], 3)
    assert rows.tolist() == [[1, 2, 4]]
    assert similarities.tolist() == [[1, 1, 1]]


def test_ties_beyond_what_faiss_is_first_asked_for_still_come_by_row():
    one = random_rows(1)
    vectors = np.vstack([random_rows(50, seed=1), np.repeat(one, 400, axis=0)])
    for k in (1, 15, 300):
        _, rows = ExactIndex(vectors).search(one, k)
        assert rows.tolist() == [list(range(50, 50 + k))]


def test_nearly_equal_rows_are_ordered_by_what_they_really_are():
    """400 rows whose cosines to the query differ by less than float32 sums do."""
    rng = np.random.default_rng(0)
    one = random_rows(1, 384)
    vectors = unit_rows(one + 3e-5 * rng.normal(size=(400, 384)) / np.sqrt(384))
    assert_same_as_by_hand(vectors, one, 15)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.integers(0, 5), min_size=1, max_size=60),
    k=st.integers(1, 70),
    seed=st.integers(0, 5),
)
def test_any_mix_of_copies_is_found_as_by_hand(rows, k, seed):
    distinct = random_rows(6, 8, seed=seed)
    assert_same_as_by_hand(distinct[rows], distinct, k)


def test_one_row_finds_itself():
    vectors = random_rows(1)
    index = ExactIndex(vectors)
    assert index.n_rows == 1
    similarities, rows = index.search(vectors, 10)
    assert rows.tolist() == [[0]]
    assert similarities.tolist() == [[1.0]]


def test_no_queries_and_no_places_give_empty_answers():
    vectors = random_rows(5)
    index = ExactIndex(vectors)
    for queries, k in ((vectors[:0], 3), (vectors, 0)):
        similarities, rows = index.search(queries, k)
        assert similarities.shape == rows.shape == (len(queries), k)
        assert (similarities.dtype, rows.dtype) == (np.float32, np.int64)


def test_vectors_may_be_a_read_only_map_or_a_slice(tmp_path):
    vectors = random_rows(60)
    np.save(tmp_path / "vectors.npy", vectors)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    assert_same_as_by_hand(mapped, vectors[:3], 5)
    assert_same_as_by_hand(vectors[::2], vectors[1::7], 5)


def test_best_of_compares_the_candidates_alone_and_puts_none_last():
    vectors = unit_rows([[1, 0], [1, 1], [0, 1], [-1, 0]])
    queries = unit_rows([[1, 0], [0, 1]])
    candidates = np.array([[3, 2, 1], [0, -1, 3]])
    similarities, rows = ExactIndex(vectors).best_of(queries, candidates, 3)
    assert rows.tolist() == [[1, 2, 3], [0, 3, -1]]
    expected = [[0.707107, 0, -1], [0, 0, -np.inf]]
    np.testing.assert_array_equal(similarities, np.array(expected, np.float32))
