from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.render.placement import place_labels

BOUNDS = (0.0, 0.0, 400.0, 300.0)


@st.composite
def label_sets(draw):
    n = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.0, 5.0, 60.0, 400.0]))
    anchors = rng.uniform(-0.5, 0.5, (n, 2)) * spread + np.array([200.0, 150.0])
    sizes = rng.uniform([8, 6], [draw(st.sampled_from([60, 160, 500])), 40], (n, 2))
    priorities = rng.integers(0, 4, n).astype(float)
    crowd = rng.uniform(0, 300, (draw(st.integers(0, 50)), 2))
    return anchors, sizes, priorities, crowd


def boxes_of(placement, sizes):
    shown = placement.visible
    half = sizes[shown] / 2
    return np.concatenate(
        [placement.centres[shown] - half, placement.centres[shown] + half], axis=1
    )


@settings(max_examples=120, deadline=None)
@given(label_sets())
def test_no_two_labels_overlap_and_none_is_clipped(labels):
    anchors, sizes, priorities, crowd = labels
    placement = place_labels(anchors, sizes, priorities, BOUNDS, crowd=crowd, padding=2.0)
    boxes = boxes_of(placement, sizes)
    assert (boxes[:, :2] >= np.array(BOUNDS[:2]) - 1e-9).all()
    assert (boxes[:, 2:] <= np.array(BOUNDS[2:]) + 1e-9).all()
    for i, box in enumerate(boxes):
        others = np.delete(boxes, i, axis=0)
        gaps = np.maximum(box[:2] - others[:, 2:], others[:, :2] - box[2:]).max(axis=1)
        assert (gaps >= 2.0 - 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(label_sets())
def test_same_labels_same_places(labels):
    anchors, sizes, priorities, crowd = labels
    first = place_labels(anchors, sizes, priorities, BOUNDS, crowd=crowd)
    again = place_labels(anchors.copy(), sizes, priorities, BOUNDS, crowd=crowd)
    assert np.array_equal(first.centres, again.centres)
    assert np.array_equal(first.visible, again.visible)


@settings(max_examples=30, deadline=None)
@given(label_sets())
def test_the_most_important_label_that_fits_is_shown(labels):
    anchors, sizes, priorities, _ = labels
    placement = place_labels(anchors, sizes, priorities, BOUNDS)
    fitting = np.flatnonzero((sizes <= (400.0, 300.0)).all(axis=1))
    if len(fitting):
        assert placement.visible[fitting[np.argmax(priorities[fitting])]]


def test_a_lone_label_stands_on_its_anchor():
    placement = place_labels(
        np.array([[100.0, 100.0]]), np.array([[40.0, 10.0]]), np.array([1.0]), BOUNDS
    )
    assert placement.centres.tolist() == [[100.0, 100.0]]


def test_a_label_near_the_edge_is_pushed_inside():
    placement = place_labels(
        np.array([[399.0, 150.0]]), np.array([[40.0, 10.0]]), np.array([1.0]), BOUNDS
    )
    assert placement.centres.tolist() == [[380.0, 150.0]]


def test_a_label_wider_than_the_figure_is_hidden():
    placement = place_labels(
        np.array([[200.0, 150.0]]), np.array([[500.0, 10.0]]), np.array([1.0]), BOUNDS
    )
    assert not placement.visible.any()


def test_labels_keep_off_obstacles_and_points():
    obstacle = np.array([[80.0, 90.0, 120.0, 110.0]])
    crowd = np.array([[x, 80.0] for x in range(60, 140, 2)])
    placement = place_labels(
        np.array([[100.0, 100.0]]),
        np.array([[40.0, 10.0]]),
        np.array([1.0]),
        BOUNDS,
        obstacles=obstacle,
        crowd=crowd,
    )
    assert placement.visible.all()
    assert placement.centres[0, 1] >= 115.0 or abs(placement.centres[0, 0] - 100.0) >= 40.0


def test_a_label_out_of_reach_of_its_anchor_is_hidden():
    wall = np.array([[0.0, 0.0, 200.0, 300.0]])
    placement = place_labels(
        np.array([[50.0, 150.0]]),
        np.array([[40.0, 10.0]]),
        np.array([1.0]),
        BOUNDS,
        obstacles=wall,
        reach=30.0,
    )
    assert not placement.visible.any()
