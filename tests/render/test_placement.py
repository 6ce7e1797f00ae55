from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.render.placement import place_labels

BOUNDS = (0.0, 0.0, 400.0, 300.0)
PADDING = 2.0


@st.composite
def label_sets(draw, most: int = 40):
    """Arguments of a placement, from none to `most` labels, all at one place to far apart."""
    n = draw(st.integers(0, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.0, 5.0, 60.0, 400.0, 1e4]))
    low = rng.uniform(0, (400, 300), (draw(st.integers(0, 3)), 2))
    return {
        "anchors": rng.uniform(-0.5, 0.5, (n, 2)) * spread + np.array([200.0, 150.0]),
        "sizes": rng.uniform([8, 6], [draw(st.sampled_from([60, 160, 500])), 40], (n, 2)),
        "priorities": rng.integers(0, 4, n).astype(float),
        "bounds": BOUNDS,
        "crowd": rng.uniform(0, 300, (draw(st.integers(0, 50)), 2)),
        "obstacles": np.concatenate([low, low + rng.uniform(1, 120, low.shape)], axis=1),
        "reach": rng.choice([0.0, 20.0, 50.0, np.inf], n),
        "lined": rng.uniform(size=n) < draw(st.sampled_from([0.0, 0.7, 1.0])),
        "padding": PADDING,
    }


def boxes_of(placement, sizes):
    shown = placement.visible
    half = sizes[shown] / 2
    return np.concatenate(
        [placement.centres[shown] - half, placement.centres[shown] + half], axis=1
    )


def lines_of(placement, labels):
    """From the nearest point of its box to the anchor, for each visible label that has a line."""
    lines = []
    for i in np.flatnonzero(placement.visible & labels["lined"]):
        half = labels["sizes"][i] / 2
        start = np.clip(
            labels["anchors"][i], placement.centres[i] - half, placement.centres[i] + half
        )
        if (np.abs(start - labels["anchors"][i]) > 1e-6).any():
            lines.append((i, start, labels["anchors"][i]))
    return lines


@settings(max_examples=40, deadline=None)
@given(label_sets())
def test_no_two_labels_overlap_and_none_is_clipped_or_touches_an_obstacle(labels):
    placement = place_labels(**labels)
    boxes = boxes_of(placement, labels["sizes"])
    assert (boxes[:, :2] >= np.array(BOUNDS[:2]) - 1e-9).all()
    assert (boxes[:, 2:] <= np.array(BOUNDS[2:]) + 1e-9).all()
    for i, box in enumerate(boxes):
        others = np.concatenate([np.delete(boxes, i, axis=0), labels["obstacles"]])
        gaps = np.maximum(box[:2] - others[:, 2:], others[:, :2] - box[2:]).max(axis=1)
        assert (gaps >= PADDING - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(label_sets())
def test_no_line_runs_through_a_label_or_across_another_line(labels):
    placement = place_labels(**labels)
    boxes = dict(
        zip(np.flatnonzero(placement.visible), boxes_of(placement, labels["sizes"]), strict=True)
    )
    lines = lines_of(placement, labels)
    along = np.linspace(0, 1, 41)[1:-1, None]
    for i, start, end in lines:
        dots = start + along * (end - start)
        for j, box in boxes.items():
            deep = (dots > box[:2] + 1e-6).all(axis=1) & (dots < box[2:] - 1e-6).all(axis=1)
            assert i == j or not deep.any()
        for j, other_start, other_end in lines:
            assert i == j or not cross(start, end, other_start, other_end)


def cross(a, b, c, d) -> bool:
    """Whether two segments meet well inside both."""
    across = np.stack([b - a, c - d], axis=1)
    if abs(np.linalg.det(across)) < 1e-6:
        return False
    return bool(((np.linalg.solve(across, c - a) - 0.5).__abs__() < 0.5 - 1e-6).all())


@settings(max_examples=40, deadline=None)
@given(label_sets())
def test_a_label_is_hidden_only_where_more_important_ones_leave_no_place(labels):
    labels = labels | {"lined": np.zeros(len(labels["anchors"]), dtype=bool)}
    placement = place_labels(**labels)
    rank = np.argsort(np.argsort(-labels["priorities"], kind="stable"))
    for i in np.flatnonzero(~placement.visible):
        greater = placement.visible & (rank < rank[i])
        half = labels["sizes"][greater] / 2
        taken = np.concatenate(
            [placement.centres[greater] - half, placement.centres[greater] + half], axis=1
        )
        alone = {k: labels[k][i : i + 1] for k in ("anchors", "sizes", "priorities", "reach")}
        obstacles = np.concatenate([taken, labels["obstacles"]])
        again = place_labels(
            **alone, bounds=BOUNDS, obstacles=obstacles, padding=PADDING, lined=np.zeros(1, bool)
        )
        assert not again.visible.any()


@settings(max_examples=40, deadline=None)
@given(label_sets())
def test_no_label_is_out_of_reach(labels):
    placement = place_labels(**labels)
    away = np.abs(placement.centres - labels["anchors"]) - labels["sizes"] / 2
    gaps = np.linalg.norm(np.maximum(away, 0), axis=1)
    assert (gaps[placement.visible] <= labels["reach"][placement.visible] + 1e-9).all()


@settings(max_examples=20, deadline=None)
@given(label_sets(), st.sampled_from([2.0**-9, 0.5, 4.0, 2.0**20]))
def test_labels_stand_the_same_at_any_scale(labels, scale):
    first = place_labels(**labels)
    scaled = {k: labels[k] * scale for k in ("anchors", "sizes", "crowd", "obstacles", "reach")}
    bounds = tuple(v * scale for v in BOUNDS)
    again = place_labels(**(labels | scaled | {"bounds": bounds, "padding": PADDING * scale}))
    assert np.array_equal(again.visible, first.visible)
    assert np.array_equal(again.centres, first.centres * scale)


@settings(max_examples=10, deadline=None)
@given(label_sets(most=300))
def test_same_labels_same_places(labels):
    before = {k: np.copy(v) for k, v in labels.items()}
    first, again = place_labels(**labels), place_labels(**labels)
    assert np.array_equal(first.centres, again.centres)
    assert np.array_equal(first.visible, again.visible)
    assert all(np.array_equal(labels[k], v) for k, v in before.items())


def place_one(anchor=(100.0, 100.0), size=(40.0, 10.0), **changes):
    return place_labels(np.array([anchor]), np.array([size]), np.array([1.0]), BOUNDS, **changes)


def test_a_lone_label_stands_on_its_anchor():
    assert place_one().centres.tolist() == [[100.0, 100.0]]


def test_a_label_near_the_edge_is_pushed_inside():
    assert place_one((399.0, 150.0)).centres.tolist() == [[380.0, 150.0]]


def test_a_label_wider_than_the_figure_is_hidden():
    placement = place_one(size=(500.0, 10.0))
    assert placement.visible.tolist() == [False]
    assert placement.centres.tolist() == [[100.0, 100.0]]


def test_a_label_keeps_off_points_where_a_free_place_is_near():
    crowd = np.array([[x, y] for x in np.arange(70, 131, 2.0) for y in np.arange(96, 105, 2.0)])
    left, low = place_one(crowd=crowd).centres[0] - (20.0, 5.0)
    covered = (
        (crowd > (left, low)).all(axis=1) & (crowd < (left + 40, low + 10)).all(axis=1)
    ).sum()
    assert covered == 0


def test_a_label_in_the_middle_of_a_wide_heap_stays_on_its_anchor():
    crowd = np.stack(np.meshgrid(np.arange(401.0), np.arange(301.0)), axis=-1).reshape(-1, 2)
    assert place_one((200.0, 150.0), crowd=crowd).centres.tolist() == [[200.0, 150.0]]


def test_a_label_does_not_stand_on_the_anchor_of_another_one():
    anchors = np.array([[200.0, 150.0], [216.0, 150.0]])
    placement = place_labels(anchors, np.full((2, 2), [40.0, 10.0]), np.array([2.0, 1.0]), BOUNDS)
    assert placement.visible.all()
    away = np.abs(placement.centres - anchors[::-1])
    assert (away >= (20.0, 5.0)).any(axis=1).all()


def test_of_labels_at_one_place_the_most_important_ones_are_shown():
    n = 200
    priorities = np.random.default_rng(0).permutation(n).astype(float)
    placement = place_labels(
        np.full((n, 2), 150.0), np.full((n, 2), [50.0, 12.0]), priorities, BOUNDS, reach=30.0
    )
    n_shown = int(placement.visible.sum())
    assert 2 <= n_shown < 60
    assert sorted(priorities[placement.visible]) == list(range(n - n_shown, n))


def test_the_name_of_what_lies_beneath_an_obstacle_stands_beside_it():
    obstacle = np.array([[80.0, 90.0, 120.0, 110.0]])
    assert place_one(obstacles=obstacle).visible.all()
    assert not place_one(obstacles=obstacle, reach=8.0).visible.any()


def test_a_label_out_of_reach_of_its_anchor_is_hidden():
    wall = np.array([[0.0, 0.0, 200.0, 300.0]])
    assert not place_one((50.0, 150.0), obstacles=wall, reach=30.0).visible.any()


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_label_without_a_finite_place_or_size_is_hidden_and_disturbs_nobody(odd):
    anchors, sizes = np.array([[odd, 9.0], [99.0, 99.0], [50.0, 50.0]]), np.full((3, 2), 10.0)
    sizes[2, 0] = abs(odd)
    crowd = np.array([[odd, 1.0]])
    placement = place_labels(anchors, sizes, np.array([3.0, 2.0, 9.0]), BOUNDS, crowd=crowd)
    assert placement.visible.tolist() == [False, True, False]
    assert placement.centres[1].tolist() == [99.0, 99.0]


@pytest.mark.parametrize("bounds", [(0, 0, 0, 0), (5, 5, -5, -5), (0, 0, 400, 0)])
def test_bounds_without_room_show_nothing(bounds):
    anchors, sizes = np.zeros((2, 2)), np.full((2, 2), 10.0)
    placement = place_labels(anchors, sizes, np.ones(2), bounds, crowd=np.zeros((3, 2)))
    assert not placement.visible.any()


def test_no_labels_no_places():
    nothing = np.zeros((0, 2))
    placement = place_labels(nothing, nothing, np.zeros(0), BOUNDS)
    assert placement.centres.shape == (0, 2)
    assert placement.visible.shape == (0,)
