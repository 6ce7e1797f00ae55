"""UMAP over given neighbours: one graph of many looks, and a place for every corpus."""

import hashlib
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from pipeline.index import NeighborGraph, neighbor_graph
from pipeline.layout_quality import n_nearer
from pipeline.nearest import nearest_papers
from pipeline.reduce import consensus_graph, map_layout


def unit_rows(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def random_rows(n: int, dim: int = 32, *, seed: int = 0) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, dim)))


def grouped_rows(sizes, dim: int = 32, *, seed: int = 0) -> np.ndarray:
    """Tight groups around random directions."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(len(sizes), dim)), sizes, axis=0)
    return unit_rows(centres + 0.1 * rng.normal(size=centres.shape))


def graph_of(vectors, sizes=(8, 15)) -> csr_matrix:
    return consensus_graph([neighbor_graph(vectors, max(sizes))], [1.0], sizes=sizes)


def layout_of(vectors, *, seed: int = 0):
    return map_layout(vectors, graph_of(vectors), min_dist=0.1, seed=seed)


def digest_of(vectors) -> str:
    graph = graph_of(vectors)
    parts = [layout_of(vectors), graph.data, graph.indices, graph.indptr]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def assert_sound(graph: csr_matrix, n: int) -> None:
    assert graph.shape == (n, n)
    assert graph.dtype == np.float64
    assert abs(graph - graph.T).max() < 1e-12 if graph.nnz else True
    assert not graph.diagonal().any()
    assert ((graph.data > 0) & (graph.data <= 1)).all()


CORPORA = {
    "one": random_rows(1),
    "two": random_rows(2),
    "three": random_rows(3),
    "four": random_rows(4),
    "five": random_rows(5),
    "six": random_rows(6),
    "fifteen": random_rows(15),
    "forty": random_rows(40),
    "five identical": np.repeat(random_rows(1), 5, axis=0),
    "forty identical": np.repeat(random_rows(1), 40, axis=0),
    "two kinds": np.repeat(random_rows(2), 20, axis=0),
    "copies among others": np.vstack([random_rows(40), np.repeat(random_rows(1), 20, axis=0)]),
    "all orthogonal": np.eye(32, dtype=np.float32)[:20],
    "two opposite camps": np.vstack([x := grouped_rows([10]), -x]),
    "exactly opposite": np.repeat(np.array([[1, 0], [-1, 0]], np.float32), 4, axis=0),
    "one far away": np.vstack([grouped_rows([30]), -grouped_rows([30])[:1]]),
}


@pytest.mark.parametrize("name", CORPORA)
def test_every_paper_has_a_place_and_no_warning_leaks(name, capfd):
    vectors = CORPORA[name]
    before = vectors.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = graph_of(vectors)
        layout = layout_of(vectors)
    assert_sound(graph, len(vectors))
    assert layout.shape == (len(vectors), 2)
    assert layout.dtype == np.float32
    assert np.isfinite(layout).all()
    np.testing.assert_allclose(layout.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_array_equal(vectors, before)
    assert capfd.readouterr() == ("", "")


# consensus_graph


def ring_of(n: int, places=(1, -1, 2, -2)) -> NeighborGraph:
    """Each paper's neighbours are at some places beside it, the farther the later."""
    rows = np.arange(n)[:, None] + np.array([0, *places])
    distances = np.tile(np.arange(len(places) + 1) / 10, (n, 1)).astype(np.float32)
    return NeighborGraph(rows % n, distances)


def test_nearest_neighbour_is_joined_for_certain():
    """UMAP's local connectivity: what is nearest has weight 1, whatever its distance."""
    graph = consensus_graph([ring_of(10)], [1.0], sizes=(4,))
    assert all(graph[i, (i + 1) % 10] == 1 for i in range(10))


def test_mean_of_all_looks_counts_each_size_and_view_by_its_weight():
    views = [ring_of(12), ring_of(12, places=(3, -3, 4, -4))]
    looks = [[consensus_graph([view], [1.0], sizes=(k,)) for k in (3, 5)] for view in views]
    expected = 2 / 3 * (looks[0][0] + looks[0][1]) / 2 + 1 / 3 * (looks[1][0] + looks[1][1]) / 2
    graph = consensus_graph(views, [1.0, 0.5], sizes=(3, 5))
    np.testing.assert_allclose(graph.toarray(), expected.toarray(), atol=1e-12)
    assert graph[0, 1] == pytest.approx(2 / 3)
    assert graph[0, 3] == pytest.approx(1 / 3)
    assert_sound(graph, 12)


def test_missing_neighbours_join_nobody():
    """Where the third place is missing, the graph is that of the first two; a paper that has
    none is joined to nobody who does not look at it."""
    view = ring_of(10, places=(1, 2, 3))
    rows, distances = view.rows.copy(), view.distances.copy()
    rows[:, 3] = -1
    rows[4, 1:] = -1
    rows[rows == 4] = -1
    rows[4, 0] = 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = consensus_graph([NeighborGraph(rows, distances)], [1.0], sizes=(4,))
    assert_sound(graph, 10)
    assert graph[4].nnz == 0
    assert graph[9, 0] == 1
    assert graph[9, 1] > 0
    assert graph[9, 2] == 0 == graph[7, 0]


def test_view_without_any_neighbour_leaves_the_other_one():
    view = ring_of(10)
    none = NeighborGraph(np.where(np.arange(5) == 0, view.rows, -1), np.zeros_like(view.distances))
    alone = consensus_graph([view], [1.0], sizes=(4,))
    both = consensus_graph([view, none], [1.0, 1.0], sizes=(4,))
    np.testing.assert_allclose(both.toarray(), alone.toarray() / 2, atol=1e-12)
    assert consensus_graph([none], [1.0], sizes=(4,)).nnz == 0


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_fewer_than_five_papers_have_no_graph(n):
    assert_sound(graph := graph_of(random_rows(n)), n)
    assert graph.nnz == 0


def test_neighbourhoods_larger_than_the_lists_take_all_of_them():
    view = ring_of(10)
    wide = consensus_graph([view], [1.0], sizes=(200,))
    assert (wide != consensus_graph([view], [1.0], sizes=(5,))).nnz == 0


@pytest.mark.parametrize("name", ["exactly opposite", "forty"])
def test_given_neighbours_and_graph_are_not_changed(name):
    vectors = CORPORA[name]
    view = neighbor_graph(vectors, 15)
    rows, distances = view.rows.copy(), view.distances.copy()
    graph = consensus_graph([view], [1.0], sizes=(8, 15))
    before = graph.copy()
    map_layout(vectors, graph, min_dist=0.1, seed=0)
    np.testing.assert_array_equal(view.rows, rows)
    np.testing.assert_array_equal(view.distances, distances)
    assert (graph != before).nnz == 0


# map_layout


def test_identical_papers_lie_on_one_spot():
    assert (layout_of(CORPORA["forty identical"]) == 0).all()


def test_groups_stay_together_on_the_map():
    layout = layout_of(grouped_rows([20, 20, 20]))
    groups = np.repeat(np.arange(3), 20)
    distances = np.linalg.norm(layout[:, None] - layout[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    np.testing.assert_array_equal(groups[distances.argmin(axis=1)], groups)


@pytest.mark.parametrize("dimensions", [1, 3, 5])
def test_layout_has_as_many_dimensions_as_asked(dimensions):
    vectors = CORPORA["forty"]
    layout = map_layout(vectors, graph_of(vectors), dimensions=dimensions, min_dist=0.1, seed=0)
    assert layout.shape == (40, dimensions)
    assert np.isfinite(layout).all()


def test_more_repulsion_keeps_more_of_the_nearest_papers():
    """Points of eight dimensions, which no map can keep all neighbours of."""
    vectors = random_rows(500, 8)
    graph, nearest = graph_of(vectors), nearest_papers(vectors).rows

    def kept(repulsion):
        layout = map_layout(vectors, graph, min_dist=0.1, repulsion=repulsion, seed=0)
        return (n_nearer(layout, nearest) < 10).mean()

    assert kept(3.0) > kept(1.0) + 0.01


def test_paper_that_nobody_is_joined_to_has_a_place_too():
    vectors = CORPORA["forty"]
    dense = graph_of(vectors).toarray()
    dense[7] = dense[:, 7] = 0
    assert np.isfinite(map_layout(vectors, csr_matrix(dense), min_dist=0.1, seed=0)).all()


def test_seed_changes_the_layout():
    assert not np.array_equal(
        layout_of(CORPORA["forty"], seed=0), layout_of(CORPORA["forty"], seed=1)
    )


def test_noise_below_the_grid_of_the_start_keeps_the_random_numbers():
    """UMAP seeds itself from the bits of its start: noise of 1e-7 must not reach them."""
    from pipeline.reduce import _principal_start

    vectors = grouped_rows([20, 20, 20])
    noise = 1e-7 * np.random.default_rng(1).normal(size=vectors.shape)
    noisy = unit_rows(vectors + noise)
    assert not np.array_equal(noisy, vectors)
    start, noisy_start = _principal_start(vectors, 2), _principal_start(noisy, 2)
    assert (start == noisy_start).mean() > 0.99


_DIGEST = """
import sys
sys.path.insert(0, sys.argv[1])
from test_reduce import digest_of, grouped_rows
print(digest_of(grouped_rows([20, 20, 20], 384)))
"""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_same_bytes_in_another_process_whatever_its_threads(threads):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    done = subprocess.run(
        [sys.executable, "-c", _DIGEST, str(Path(__file__).parent)],
        env={**os.environ, **dict.fromkeys(names, threads), "PYTHONHASHSEED": threads},
        capture_output=True,
        text=True,
        check=True,
    )
    vectors = grouped_rows([20, 20, 20], 384)
    assert digest_of(vectors) == digest_of(vectors) == done.stdout.strip()
