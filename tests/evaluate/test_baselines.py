"""The baselines really run, and what they leave out is placed."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from pipeline.evaluate.baselines import kmeans_groups, place_by_centre, umap_hdbscan_groups


@pytest.fixture(scope="module")
def blobs():
    """Three tight groups of 30 unit rows in 16 dimensions, and which group each is of."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(3), 30)
    vectors = np.eye(16)[truth] + rng.normal(scale=0.05, size=(90, 16))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), truth


def test_both_find_groups_that_are_plain(blobs):
    vectors, truth = blobs
    for grouped in (kmeans_groups(vectors, 3, seed=0), umap_hdbscan_groups(vectors, seed=0)):
        assert grouped.missing == ""
        assert adjusted_rand_score(truth, grouped.groups) == 1.0
        assert grouped.groups.min() == 0


def test_the_same_seed_gives_the_same_groups(blobs):
    vectors = blobs[0]
    for method in (lambda: kmeans_groups(vectors, 7, seed=4),
                   lambda: umap_hdbscan_groups(vectors, seed=4)):  # fmt: skip
        assert (method().groups == method().groups).all()


def test_papers_left_out_join_the_nearest_centre():
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0.8, 0.6]], dtype=np.float32)
    placed = place_by_centre(vectors, np.array([0, 0, 1, -1]))
    assert placed.tolist() == [0, 0, 1, 0]


def test_what_cannot_be_grouped_says_why(blobs):
    vectors = blobs[0]
    assert "20 papers" in umap_hdbscan_groups(vectors[:19], seed=0).missing
    same = np.tile(vectors[:1], (30, 1))
    assert umap_hdbscan_groups(same, seed=0).missing == "it found no group"
    assert kmeans_groups(vectors, 0, seed=0).missing
    assert kmeans_groups(same, 3, seed=0).groups.tolist() == [0] * 30
