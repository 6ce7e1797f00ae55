"""Themes as neighbours, and the papers between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.bridges import Between, Bridges, NearTheme

from .made import COMETS, MOSS, TRANSPORT, make_material


@pytest.fixture
def bridges() -> Bridges:
    material = make_material()
    nearest = material.nearest
    return Bridges(material.memberships.theme_ids[0], nearest.rows, nearest.similarities)


def test_a_theme_is_near_those_that_hold_the_nearest_papers_of_its_papers(bridges):
    # Of the 20 nearest papers of moss 17 are moss, 3 transport; of the 16 of transport 11 are
    # transport, 3 moss, 1 comets and 1 none; of the 3 of comets 2 are comets and 1 transport.
    assert bridges.near_themes(MOSS) == [NearTheme(TRANSPORT, 3 / 20, 3 / 16)]
    assert bridges.near_themes(TRANSPORT) == [
        NearTheme(MOSS, 3 / 16, 3 / 20),
        NearTheme(COMETS, 1 / 16, 1 / 3),
    ]
    assert bridges.near_themes(COMETS) == [NearTheme(TRANSPORT, 1 / 3, 1 / 16)]
    assert [bridges.share_within(t) for t in (MOSS, TRANSPORT, COMETS)] == [17 / 20, 11 / 16, 2 / 3]


def test_papers_between_are_those_that_both_themes_hold_a_quarter_of_most_even_ones_first(bridges):
    assert bridges.between(MOSS, TRANSPORT) == [
        Between(row=4, other=TRANSPORT, n_own=2, n_other=2, n_nearest=4),
        Between(row=3, other=TRANSPORT, n_own=3, n_other=1, n_nearest=4),
    ]
    assert [found.row for found in bridges.between(TRANSPORT, MOSS)] == [5, 7, 8]
    assert bridges.between(MOSS, COMETS) == []


def test_a_paper_with_few_known_neighbours_counts_by_those(bridges):
    assert bridges.between(COMETS, TRANSPORT) == [
        Between(9, TRANSPORT, n_own=1, n_other=1, n_nearest=2)
    ]


def test_the_themes_of_one_paper_are_told_with_papers_of_none(bridges):
    assert bridges.nearest_themes_of(8) == [(TRANSPORT, 2), (-1, 1), (MOSS, 1)]


def test_papers_count_by_how_many_others_of_a_group_have_them_near(bridges):
    assert bridges.n_nearest_to(np.array([0, 1, 2, 3, 4])).tolist() == [4, 4, 3, 3, 3]


def test_without_neighbours_nothing_is_near():
    none = Bridges(np.zeros(3, np.int32), np.empty((3, 0), np.int32), np.empty((3, 0), np.float32))
    assert none.k == 0
    assert none.near_themes(0) == []
    assert none.between(0, 1) == []
    assert none.nearest_themes_of(0) == []


@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(1, 6))
def test_counts_are_those_of_counting_one_by_one(seed, n, k):
    rng = np.random.default_rng(seed)
    themes = rng.integers(-1, 3, n).astype(np.int32)
    neighbors = rng.integers(-1, n, (n, k)).astype(np.int32)
    bridges = Bridges(themes, neighbors, rng.random((n, k)).astype(np.float32))
    for theme in range(3):
        near = [themes[j] for i in range(n) if themes[i] == theme for j in neighbors[i] if j >= 0]
        for other in range(3):
            share = near.count(other) / max(len(near), 1)
            if other == theme:
                assert bridges.share_within(theme) == share
                continue
            assert share in {found.share for found in bridges.near_themes(theme)} | {0.0}
            rows = set()
            for i in np.flatnonzero(themes == theme):
                known = [themes[j] for j in neighbors[i] if j >= 0]
                least = max(1, -(-len(known) // 4))
                if min(known.count(theme), known.count(other)) >= least:
                    rows.add(i)
            assert {found.row for found in bridges.between(theme, other)} == rows
