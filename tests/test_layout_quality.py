"""How far a map can be believed: of each paper, by hand and whatever way the map is turned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import layout_quality
from pipeline.artifacts import open_snapshot
from pipeline.layout_quality import (
    FAR_FROM_THEME,
    FAR_PRESERVATION,
    LayoutQuality,
    judge_layout,
    n_closer,
    n_nearer,
    nearest_on_map,
    preservation,
    theme_arrangement,
    theme_nearness,
)
from pipeline.nearest import nearest_papers


def unit_rows(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def on_a_line(*places: float) -> np.ndarray:
    return np.stack([np.asarray(places), np.zeros(len(places))], axis=1).astype(np.float32)


def two_topics(n: int = 50, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Papers of two topics, each a small disc of directions, and the map that shows both as they
    are, each at its own end."""
    rng = np.random.default_rng(seed)
    topic = np.repeat([0, 1], n)
    within = rng.normal(size=(2 * n, 2))
    vectors = unit_rows(np.hstack([10 * np.eye(2)[topic], within]))
    return vectors, (within + np.stack([20.0 * topic, 0 * topic], axis=1)).astype(np.float32)


# n_nearer


def test_counts_what_lies_between_on_a_line():
    layout = on_a_line(0, 1, 2, 4, 8)
    assert n_nearer(layout, np.array([[1, 4], [0, 3], [3, 4], [2, 0], [3, 0]])).tolist() == [
        [0, 3],
        [0, 2],  # 0 and 2 are as near as each other
        [1, 3],
        [0, 2],
        [0, 3],
    ]


def test_nothing_lies_between_papers_on_one_spot():
    layout = on_a_line(3, 3, 3, 5)
    assert n_nearer(layout, np.array([[1, 3], [2, 3], [0, 3], [0, 1]])).tolist() == [
        [0, 2],
        [0, 2],
        [0, 2],
        [0, 0],
    ]


# preservation


def test_paper_beside_its_nearest_is_kept_and_one_at_the_other_end_is_not():
    """One nearest of each of five papers on a line: nothing, half and all of the map between."""
    layout = on_a_line(0, 1, 2, 3, 10)
    neighbors = np.array([[1], [0], [4], [2], [0]], np.int32)
    kept = preservation(layout, neighbors)
    # Paper 2 has 1, 3 and 0 nearer than 4; paper 4 has 3, 2 and 1 nearer than 0: all there are.
    assert kept.tolist() == [1, 1, 0, 1, 0]
    assert kept.dtype == np.float32


def test_the_nearest_weighs_most():
    """Of two nearest the first counts 1 and the second 1/2; one place more is allowed than one."""
    layout = on_a_line(0, 1, 2, 3, 4, 50)
    neighbors = np.tile(np.array([1, 5], np.int32), (6, 1))
    neighbors[1:] = -1
    kept = preservation(layout, neighbors)
    # 5 has four papers nearer: beyond the one that a second nearest may have, all three.
    assert kept[0] == pytest.approx(1 - 0.5 / 1.5)
    neighbors[0] = 5, 1
    assert preservation(layout, neighbors)[0] == pytest.approx(1 - 1 / 1.5)
    neighbors[0] = 1, 3
    # 3 has two papers nearer: one more than it may, of three.
    assert preservation(layout, neighbors)[0] == pytest.approx(1 - 0.5 / 3 / 1.5)
    assert (kept[1:] == 1).all()  # nobody is known to be near them


@pytest.mark.parametrize("n", [0, 1, 2, 5, 11])
def test_map_on_which_everyone_is_near_keeps_all(n):
    layout = np.random.default_rng(n).normal(size=(n, 2)).astype(np.float32)
    neighbors = np.tile(np.arange(max(0, min(10, n - 1)), dtype=np.int32), (n, 1))
    assert preservation(layout, neighbors).tolist() == [1] * n


def test_papers_on_one_spot_are_kept():
    layout = np.zeros((40, 2), np.float32)
    neighbors = (np.arange(40)[:, None] + np.arange(1, 11)) % 40
    assert (preservation(layout, neighbors.astype(np.int32)) == 1).all()


finite = st.integers(-1000, 1000)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(finite, finite), min_size=3, max_size=40),
    st.integers(1, 10),
    st.floats(0, 2 * np.pi),
    st.floats(1e-3, 1e3),
    st.integers(0, 2**32 - 1),
)
def test_turning_and_scaling_a_map_changes_nothing_and_values_are_bounded(
    places, k, angle, scale, seed
):
    layout = np.array(places, dtype=np.float64)
    rng = np.random.default_rng(seed)
    neighbors = rng.integers(-1, len(layout), size=(len(layout), k)).astype(np.int32)
    kept = preservation(layout, neighbors)
    assert ((kept >= 0) & (kept <= 1)).all()
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    np.testing.assert_array_equal(preservation(scale * layout @ turn, neighbors), kept)


# the mark


def test_well_laid_out_topics_have_no_mark():
    vectors, layout = two_topics()
    kept = preservation(layout, nearest_papers(vectors).rows)
    assert (kept > FAR_PRESERVATION).all()


@pytest.mark.parametrize("row", [0, 17, 60])
def test_paper_moved_to_the_other_end_has_the_mark(row):
    vectors, layout = two_topics()
    layout[row, 0] = 20.0 - layout[row, 0]
    neighbors = nearest_papers(vectors).rows
    marked = np.flatnonzero(preservation(layout, neighbors) < FAR_PRESERVATION)
    # Beside it only one whose very nearest it is.
    assert row in marked
    assert (neighbors[marked[marked != row], 0] == row).all()


@pytest.mark.parametrize("seed", range(5))
def test_nearest_two_at_opposite_ends_have_the_mark(seed):
    """Whatever lies beside them: each of the two is the other's nearest, of its theme, and its
    nine other nearest are well kept, at its own end."""
    vectors, layout = two_topics(seed=seed)
    neighbors = nearest_papers(vectors).rows.copy()
    far = int(np.argmin(layout[:, 0])), int(np.argmax(layout[:, 0]))
    for paper, other in (far, far[::-1]):
        gaps = np.linalg.norm(layout - layout[paper], axis=1)
        neighbors[paper] = [other, *np.argsort(gaps)[1:10]]
    kept = preservation(layout, neighbors)
    assert kept[list(far)].max() < FAR_PRESERVATION


def test_atlas_keeps_what_is_measured_of_its_own_vectors_and_map(seed_atlas):
    with open_snapshot(seed_atlas) as atlas:
        nearest = nearest_papers(np.asarray(atlas.vectors))
        np.testing.assert_array_equal(atlas.neighbors, nearest.rows)
        np.testing.assert_array_equal(atlas.similarities, nearest.similarities)
        np.testing.assert_array_equal(atlas.preservation, preservation(atlas.layout, nearest.rows))
        stored = LayoutQuality.from_facts(atlas.manifest.details.facts["map"])
        far = (atlas.preservation < FAR_PRESERVATION).mean()
        assert stored.far_share == pytest.approx(far, abs=1e-4)
        assert 0 < stored.far_share < 0.2
        assert stored.trustworthiness > 0.8 < stored.continuity


def test_papers_of_one_theme_at_opposite_ends_have_the_mark(seed_atlas):
    """In every layer: each paper and the nearest one of its theme, where the map puts more than
    half of its own extent between them."""
    with open_snapshot(seed_atlas) as atlas:
        is_far = atlas.preservation < FAR_PRESERVATION
        extent = np.linalg.norm(np.ptp(atlas.layout, axis=0))
        for theme_ids in atlas.memberships.theme_ids:
            other = atlas.neighbors[:, 0]
            gaps = np.linalg.norm(atlas.layout - atlas.layout[other], axis=1)
            ends = (theme_ids == theme_ids[other]) & (theme_ids >= 0) & (gaps > extent / 2)
            assert (is_far | is_far[other])[ends].all()


# the whole layout


def random_map(n: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A layout, and vectors and themes that have nothing to do with it."""
    rng = np.random.default_rng(seed)
    vectors = unit_rows(rng.normal(size=(n, 8)))
    layout = rng.normal(size=(n, 2)).astype(np.float32)
    return layout, vectors, rng.integers(6, size=n).astype(np.int32)


def judged(layout, vectors, themes=None) -> LayoutQuality:
    themes = np.zeros(len(layout), np.int32) if themes is None else themes
    return judge_layout(layout, vectors, nearest_papers(vectors).rows, themes)[0]


@pytest.mark.parametrize("seed", range(3))
def test_trustworthiness_is_that_of_scikit_learn_and_continuity_is_it_the_other_way_round(seed):
    from sklearn.manifold import trustworthiness

    layout, vectors, _ = random_map(120, seed=seed)
    quality = judged(layout, vectors)
    expected = trustworthiness(vectors, layout, n_neighbors=10)
    assert quality.trustworthiness == pytest.approx(expected, abs=1e-4)
    # Cosine and Euclidean distances of unit rows have the same ranks.
    other_way = trustworthiness(layout, vectors, n_neighbors=10)
    assert quality.continuity == pytest.approx(other_way, abs=1e-4)


def test_map_of_points_of_a_circle_keeps_all():
    """The map is the space itself: everything is kept, and themes are as far as they are."""
    angles = np.random.default_rng(0).uniform(0, np.pi / 2, 100)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    themes = (angles * 5 / np.pi).astype(np.int32)
    quality, kept = judge_layout(circle, circle, nearest_papers(circle).rows, themes)
    assert quality == LayoutQuality(1.0, 1.0, 1.0, None, 0.0)
    assert (kept == 1).all()
    themes = (angles * 16 / np.pi).astype(np.int32)
    assert theme_arrangement(circle, circle, themes) == pytest.approx(1, abs=1e-4)


def test_map_without_any_sense_keeps_what_chance_does():
    layout, vectors, themes = random_map(1500)
    quality = judged(layout, vectors, themes)
    assert quality.trustworthiness == pytest.approx(0.5, abs=0.02)
    assert quality.continuity == pytest.approx(0.5, abs=0.02)
    assert quality.neighbors_kept == pytest.approx(10 / 1499, abs=0.01)
    assert quality.far_share > 0.95


def test_sample_of_many_papers_has_the_figures_of_all(monkeypatch):
    vectors, layout = two_topics(600)
    themes = np.repeat([0, 1], 600).astype(np.int32)
    layout = layout + np.random.default_rng(0).normal(size=layout.shape).astype(np.float32)
    whole = judged(layout, vectors, themes)
    monkeypatch.setattr(layout_quality, "_MOST_JUDGED", 400)
    part = judged(layout, vectors, themes)
    assert part.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.01)
    assert part.continuity == pytest.approx(whole.continuity, abs=0.01)
    assert part.neighbors_kept == pytest.approx(whole.neighbors_kept, abs=0.02)
    assert part.far_share == whole.far_share
    assert part != whole


@pytest.mark.parametrize("n", [1, 2, 12, 21])
def test_few_papers_have_no_ranks_but_each_a_preservation(n):
    layout, vectors, themes = random_map(n)
    quality, kept = judge_layout(layout, vectors, nearest_papers(vectors).rows, themes)
    assert (quality.trustworthiness, quality.continuity, quality.neighbors_kept) == (None,) * 3
    assert kept.shape == (n,)


def test_texts_without_a_shared_word_are_judged_too():
    layout, vectors, themes = random_map(60)
    quality = judged(layout, np.zeros_like(vectors), themes)
    assert (quality.neighbors_kept, quality.arrangement) == (None, None)
    astray = theme_nearness(layout, themes) < FAR_PRESERVATION
    assert quality.far_share == pytest.approx(astray.mean(), abs=1e-4)


def test_nearness_to_a_theme_is_by_the_radius_of_the_map():
    """The map's middle is 0 and its radius 10; the themes' middles are 1 and -5."""
    layout = on_a_line(-6, 8, 10, -10, -2, 0)
    near = theme_nearness(layout, np.array([0, 0, 1, 1, -1, 0]))
    limit = 0.99 * FAR_PRESERVATION * FAR_FROM_THEME
    middle = 2 / 3
    assert near == pytest.approx(
        [limit / ((6 + middle) / 10), limit / ((8 - middle) / 10), limit, limit, 1, 1]
    )


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_two_papers_of_a_theme_at_opposite_ends_are_never_both_unmarked(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    layout = (rng.normal(size=(n, 2)) ** 3).astype(np.float32)
    themes = rng.integers(-1, 3, n).astype(np.int32)
    unmarked = theme_nearness(layout, themes) >= FAR_PRESERVATION
    radius = np.hypot(*(layout - layout.mean(axis=0)).T).max()
    for theme in range(3):
        places = layout[unmarked & (themes == theme)]
        gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
        assert gaps.max(initial=0.0) <= 2 * FAR_FROM_THEME * radius * (1 + 1e-5)


def test_arrangement_follows_the_order_of_distances():
    """Four themes of one paper, on an arc and on a line: in order, and with the ends swapped."""
    angles = np.radians([0, 10, 30, 70])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    themes = np.arange(4, dtype=np.int32)
    assert theme_arrangement(on_a_line(0, 1, 3, 7), vectors, themes) == 1
    # Distances of pairs on the arc rank 1 4 6 2 5 3, with 40 degrees from 30 to 70 as the fourth:
    # 10 20 30 40 60 70. On the line, 3, 1, 2 and 0 stand at 0 1 3 7.
    swapped = on_a_line(7, 1, 3, 0)
    apart = np.array([10, 30, 70, 20, 60, 40])
    on_line = np.array([6, 4, 7, 2, 1, 3])
    ranks = [np.argsort(np.argsort(values)) for values in (apart, on_line)]
    expected = 1 - 6 * ((ranks[0] - ranks[1]) ** 2).sum() / (6 * 35)
    assert theme_arrangement(swapped, vectors, themes) == pytest.approx(expected, abs=1e-4)
    themes[0] = -1
    assert theme_arrangement(swapped, vectors, themes) is None


def test_closer_papers_are_counted_and_copies_of_the_listed_one_are_not():
    angles = np.radians([0, 10, 10, 40, 90])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    others = np.array([[1, 2, 3, 4], [1, 0, 3, 4]])
    assert n_closer(vectors, others, np.array([0, 2])).tolist() == [[0, 0, 2, 3], [0, 1, 2, 3]]


def test_nearest_on_the_map_leave_out_the_paper_itself():
    layout = on_a_line(0, 1, 3, 3, 3)
    found = nearest_on_map(layout, np.arange(5), 2)
    assert found[0, 0] == 1
    assert found[1, 0] == 0
    assert all(row not in listed for row, listed in enumerate(found.tolist()))
    assert {frozenset(listed) for listed in found[2:].tolist()} == {
        frozenset({3, 4}), frozenset({2, 4}), frozenset({2, 3})
    }  # fmt: skip


def test_facts_come_back_as_they_were():
    quality = LayoutQuality(0.9, None, 0.4, -0.1, 0.02)
    assert LayoutQuality.from_facts(quality.as_facts()) == quality
