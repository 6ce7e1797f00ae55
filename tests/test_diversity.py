"""Maximal marginal relevance on vectors in the plane, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.diversity import diverse_order
from pipeline.errors import UsageError

HALF = 3**0.5 / 2
# At 0, 0, 60 and 90 degrees: cosines with the first are 1, 1, .5 and 0.
VECTORS = np.array([[1, 0], [1, 0], [0.5, HALF], [0, 1]], dtype=np.float32)
RELEVANCE = np.array([0.9, 0.8, 0.7, 0.1], dtype=np.float32)


def order(k=4, trade_off=0.5, relevance=RELEVANCE, vectors=VECTORS):
    return diverse_order(relevance, vectors, k, trade_off=trade_off).tolist()


def test_a_copy_of_what_is_there_comes_behind_what_is_new():
    """After 0: row 1 gains .4 - .5, row 2 .35 - .25, row 3 .05 - 0; after 2: row 1 -.1, and row 3
    .05 - .43."""
    assert order() == [0, 2, 1, 3]


def test_relevance_alone_keeps_its_order_and_difference_alone_seeks_the_farthest():
    assert order(trade_off=1.0) == [0, 1, 2, 3]
    assert order(trade_off=0.0) == [0, 3, 2, 1]


def test_the_first_is_the_most_relevant_wherever_it_stands():
    assert order(k=1, relevance=RELEVANCE[::-1]) == [3]
    assert order(k=1, trade_off=0.0, relevance=RELEVANCE[::-1]) == [3]


def test_equal_ones_come_in_their_order():
    assert order(relevance=np.ones(4), vectors=np.repeat(VECTORS[:1], 4, axis=0)) == [0, 1, 2, 3]


def test_no_more_than_there_are():
    assert order(k=10) == order(k=4)
    assert order(k=3, relevance=RELEVANCE[:0], vectors=VECTORS[:0]) == []
    assert diverse_order(RELEVANCE, VECTORS, 2).dtype == np.intp


def test_arguments_are_not_changed():
    before = RELEVANCE.copy()
    order()
    np.testing.assert_array_equal(RELEVANCE, before)


def test_what_is_out_of_range_is_refused():
    with pytest.raises(UsageError, match="k = 0"):
        order(k=0)
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(UsageError, match="trade-off"):
            order(trade_off=wrong)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 14), st.floats(0, 1))
def test_it_is_the_greedy_choice_by_its_definition(seed, m, k, trade_off):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(m, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    relevance = rng.uniform(-1, 1, m).astype(np.float32)
    found = order(k, trade_off, relevance, vectors)
    assert len(set(found)) == len(found) == min(k, m)
    for place in range(1, len(found)):
        nearest = (vectors @ vectors[found[:place]].T).max(axis=1)
        gains = trade_off * relevance - (1 - trade_off) * nearest
        rest = [row for row in range(m) if row not in found[:place]]
        assert gains[found[place]] == pytest.approx(gains[rest].max(), abs=1e-5)
