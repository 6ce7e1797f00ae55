"""Long texts in pieces: behind the title, nothing lost and nothing twice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.embed.windows import Layout, is_cut, join_pieces, split_tokens

LAYOUT = Layout(size=12, prefix=(101,), suffix=(102,))


def test_a_text_that_fits_is_one_window():
    assert split_tokens([1, 2], [3, 4], LAYOUT, 8) == [[101, 1, 2, 3, 4, 102]]


def test_what_a_full_window_leaves_is_read_behind_the_title():
    pieces = split_tokens([1, 2], list(range(10, 20)), LAYOUT, 8)
    assert pieces == [
        [101, 1, 2, 10, 11, 12, 13, 14, 15, 16, 17, 102],
        [101, 1, 2, 18, 19, 102],
    ]


def test_of_a_long_title_only_the_beginning_is_repeated():
    pieces = split_tokens([1, 2, 3, 4, 5, 6], list(range(10, 16)), LAYOUT, 8)
    assert pieces == [
        [101, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 102],
        [101, 1, 2, 14, 15, 102],
    ]


@given(
    n_lead=st.integers(0, 40),
    n_body=st.integers(0, 200),
    size=st.integers(6, 40),
    most=st.integers(1, 9),
)
def test_every_token_is_read_once_in_order_unless_the_text_is_cut(n_lead, n_body, size, most):
    layout = Layout(size, (101,), (102,))
    lead = list(range(1000, 1000 + n_lead))
    body = list(range(5000, 5000 + n_body))
    pieces = split_tokens(lead, body, layout, most)
    assert 1 <= len(pieces) <= most
    assert all(len(piece) <= size for piece in pieces)
    assert all((piece[0], piece[-1]) == (101, 102) for piece in pieces)
    n_repeated = 0 if len(pieces) == 1 else min(n_lead, layout.room // 4)
    read = pieces[0][1:-1] + [t for piece in pieces[1:] for t in piece[1 + n_repeated : -1]]
    whole = lead + body
    assert read == whole[: len(read)]
    assert (len(read) < len(whole)) == is_cut(n_lead, n_body, layout, most)


def test_a_piece_weighs_as_many_tokens_as_it_has():
    row = join_pieces([np.array([1, 0], np.float32), np.array([0, 1], np.float32)], [30, 10])
    np.testing.assert_allclose(row, np.array([3, 1]) / 10**0.5, rtol=1e-6)
    assert row.dtype == np.float32


def test_opposite_pieces_give_no_nan():
    row = join_pieces([np.array([1, 0], np.float32), np.array([-1, 0], np.float32)], [5, 5])
    assert np.isfinite(row).all()
