"""Diffusion maps of graphs whose walks can be worked out by hand, and large ones beside them."""

import hashlib
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import block_diag, csr_matrix

from pipeline import diffusion
from pipeline.diffusion import DiffusionSpace, diffusion_space


def graph_of(edges, n: int) -> csr_matrix:
    """Undirected edges (a, b) or (a, b, weight)."""
    dense = np.zeros((n, n))
    for a, b, *weight in edges:
        dense[a, b] = dense[b, a] = weight[0] if weight else 1.0
    return csr_matrix(dense)


def cliques(count: int, size: int) -> csr_matrix:
    return csr_matrix(block_diag([np.ones((size, size)) - np.eye(size)] * count))


def neighbors_of_blobs(n: int, *, n_blobs: int = 12, k: int = 10, seed: int = 0) -> csr_matrix:
    """A graph in one piece, of nearest neighbours on a plane with denser places."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n_blobs, 3))[rng.integers(n_blobs, size=n)]
    points = points + 0.5 * rng.normal(size=points.shape)
    squares = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    nearest = np.argsort(squares, axis=1, kind="stable")[:, 1 : k + 1]
    graph = csr_matrix((np.ones(n * k), (np.repeat(np.arange(n), k), nearest.ravel())), (n, n))
    ring = csr_matrix((np.full(n, 0.01), (np.arange(n), np.roll(np.arange(n), 1))), (n, n))
    return csr_matrix(graph + graph.T + ring + ring.T)


def cosines(space: DiffusionSpace, time: float = 2.0) -> np.ndarray:
    rows = space.at(time)
    return rows @ rows.T


def assert_sound(space: DiffusionSpace, n: int) -> None:
    assert space.eigenvectors.shape == (n, len(space.eigenvalues))
    assert (space.eigenvalues.dtype, space.eigenvectors.dtype) == (np.float64, np.float32)
    assert ((space.eigenvalues >= 0) & (space.eigenvalues <= 1)).all()
    assert (np.diff(space.eigenvalues) <= 0).all()
    for time in (0, 1, 2, 50, 5000):
        rows = space.at(time)
        lengths = np.linalg.norm(rows, axis=1)
        assert rows.dtype == np.float32
        assert np.all((abs(lengths - 1) < 1e-5) | (lengths == 0))


def test_path_of_four_has_the_cosine_of_its_places():
    """The walk on a path of n has the eigenvalues cos(pi k / (n - 1)): 1, 1/2, -1/2, -1; the
    second one's vector is cos(pi j / 3) times the root of the degree: 1, .707, -.707, -1."""
    space = diffusion_space(graph_of([(0, 1), (1, 2), (2, 3)], 4))
    np.testing.assert_allclose(space.eigenvalues, [0.5])
    vector = space.eigenvectors[:, 0] * np.sign(space.eigenvectors[0, 0])
    np.testing.assert_allclose(vector, np.array([1, 0.5**0.5, -(0.5**0.5), -1]) / 3**0.5, 1e-6)
    for time in (0, 2, 5000):
        assert cosines(space, time)[0].round(5).tolist() == [1, 1, -1, -1]


def test_path_of_three_has_no_slow_direction():
    """Its eigenvalues are 1, 0, -1: after one step nothing is left."""
    space = diffusion_space(graph_of([(0, 1), (1, 2)], 3))
    assert space.eigenvalues.tolist() == [0]
    assert not space.at(1).any()


def test_two_triangles_joined_by_an_edge_lie_at_opposite_ends():
    """With x on a triangle's outer papers, y on its bridge, and -x, -y on the other's, a step gives
    (x + y) / 2 and (2x - y) / 3: eigenvalue (1 + root of 73) / 12. No other is above 0."""
    edges = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (3, 5), (4, 5)]
    space = diffusion_space(graph_of(edges, 6))
    np.testing.assert_allclose(space.eigenvalues, [(1 + 73**0.5) / 12, 0], atol=1e-12)
    expected = np.kron([[1, -1], [-1, 1]], np.ones((3, 3)))
    np.testing.assert_allclose(cosines(space), expected, atol=1e-6)


def test_weights_of_a_graph_count_as_much_as_they_weigh_and_not_by_their_unit():
    edges = [(0, 1, 1), (1, 2, 0.1), (2, 3, 1), (3, 4, 0.1), (4, 5, 1)]
    space = diffusion_space(graph_of(edges, 6))
    scaled = diffusion_space(graph_of([(a, b, 50 * w) for a, b, w in edges], 6))
    np.testing.assert_allclose(scaled.eigenvalues, space.eigenvalues, atol=1e-12)
    joined = cosines(space)
    assert joined[0, 1] > 0.95
    assert joined[2, 3] > 0.95
    assert joined[1, 2] < 0.5


def test_pairs_without_a_link_are_corners_as_far_apart_as_can_be():
    """Three pairs have the eigenvalue 1 three times, one of them the resting state: two dimensions
    for the corners of a triangle, whose cosines are -1/2."""
    space = diffusion_space(graph_of([(0, 1), (2, 3), (4, 5)], 6))
    np.testing.assert_allclose(space.eigenvalues, [1, 1])
    expected = np.kron(1.5 * np.eye(3) - 0.5, np.ones((2, 2)))
    for time in (0, 2, 5000):
        np.testing.assert_allclose(cosines(space, time), expected, atol=1e-6)


@pytest.mark.parametrize("n", [30, 450])
def test_paper_without_neighbours_has_a_row_of_zeros(n):
    dense = neighbors_of_blobs(n).toarray()
    dense[5] = dense[:, 5] = 0
    space = diffusion_space(csr_matrix(dense))
    assert_sound(space, n)
    for time in (0, 2, 300):
        lengths = np.linalg.norm(space.at(time), axis=1)
        assert np.flatnonzero(lengths < 0.5).tolist() == [5]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 500])
def test_papers_without_any_link_all_lie_in_the_middle(n):
    space = diffusion_space(csr_matrix((n, n)))
    assert_sound(space, n)
    assert not space.at(2).any()


def test_resting_state_is_left_out():
    graph = neighbors_of_blobs(60)
    space = diffusion_space(graph)
    resting = np.sqrt(np.asarray(graph.sum(axis=1)).ravel())
    resting /= np.linalg.norm(resting)
    assert space.eigenvalues[0] < 0.9999
    assert abs(resting @ space.eigenvectors[:, space.eigenvalues > 0]).max() < 1e-5


@pytest.mark.parametrize(("n", "expected"), [(4, 1), (9, 3), (60, 20), (390, 128), (450, 128)])
def test_a_third_as_many_dimensions_as_papers_and_no_more_than_128(n, expected):
    assert_sound(space := diffusion_space(neighbors_of_blobs(n, k=min(10, n - 1))), n)
    assert len(space.eigenvalues) == expected


def test_longer_walks_leave_less_of_the_finer_structure():
    """Four pairs of triangles: a walk of two steps tells the triangles apart, one of a hundred
    only the pairs."""
    triangle = [(0, 1), (0, 2), (1, 2)]
    edges = [(6 * p + 3 * t + a, 6 * p + 3 * t + b) for p in range(4) for t in (0, 1)
             for a, b in triangle]  # fmt: skip
    edges += [(6 * p + 2, 6 * p + 3, 0.3) for p in range(4)]
    edges += [(6 * p, 6 * p + 6, 0.01) for p in range(3)]
    space = diffusion_space(graph_of(edges, 24))
    short, long = cosines(space), cosines(space, 100)
    assert short[0, 1] > 0.99
    assert short[0, 4] < 0.9
    assert long[0, 4] > 0.99
    assert long[0, 7] < 0.9


def test_the_longest_walk_is_still_one_of_unit_rows():
    """Eigenvalues of .2 to the thousandth are nothing in any arithmetic, their ratio is."""
    rng = np.random.default_rng(0)
    dense = rng.random((60, 60))
    space = diffusion_space(csr_matrix(dense + dense.T))
    assert space.eigenvalues[0] < 0.3
    np.testing.assert_allclose(np.linalg.norm(space.at(5000), axis=1), 1, atol=1e-5)


def by_lanczos(patch) -> None:
    patch.setattr(diffusion, "_FEW", 10)


def by_filter(patch) -> None:
    patch.setattr(diffusion, "_FEW", 10)
    patch.setattr(diffusion, "_MANY", 10)


@pytest.mark.parametrize(
    ("way", "mean", "most"), [(by_lanczos, 1e-5, 1e-3), (by_filter, 0.005, 0.2)]
)
def test_large_graphs_ways_give_nearly_the_same_rows(monkeypatch, way, mean, most):
    graph = neighbors_of_blobs(390)
    exact = cosines(diffusion_space(graph))
    way(monkeypatch)
    space = diffusion_space(graph)
    assert_sound(space, 390)
    gaps = abs(cosines(space) - exact)
    assert gaps.mean() < mean
    assert gaps.max() < most


def test_filter_from_a_like_graphs_vectors_is_as_near(monkeypatch):
    graph = neighbors_of_blobs(600)
    kept = np.sort(np.random.default_rng(0).choice(600, 480, replace=False))
    fewer = csr_matrix(graph[kept][:, kept])
    exact = cosines(diffusion_space(fewer))
    start = diffusion_space(graph).eigenvectors[kept]
    by_filter(monkeypatch)
    gaps = abs(cosines(diffusion_space(fewer, start=start)) - exact)
    assert gaps.mean() < 0.01


def test_every_piece_of_a_graph_is_found(monkeypatch):
    """Forty pieces have the eigenvalue 1 forty times, and Lanczos alone would miss some."""
    blobs = [neighbors_of_blobs(15, n_blobs=1, k=4, seed=seed) for seed in range(40)]
    space = diffusion_space(csr_matrix(block_diag(blobs)))
    assert (space.eigenvalues > 0.9999).sum() == 39
    same_piece = np.kron(np.eye(40), np.ones((15, 15))) > 0
    joined = cosines(space, 300)
    assert joined[same_piece].min() > 0.9
    assert joined[~same_piece].max() < 0.1


@pytest.mark.parametrize(
    "graph",
    [
        cliques(3, 200),
        cliques(300, 2),
        graph_of([(0, 1)], 500),
        graph_of([(0, i) for i in range(1, 600)], 600),
        graph_of([(i, (i + 1) % 420) for i in range(420)], 420),
    ],
    ids=["cliques", "pairs", "one edge", "star", "ring"],
)
def test_graphs_that_are_all_alike_give_the_same_bytes_each_time(graph):
    """Where its start leads nowhere, Lanczos goes on with random numbers that are not seeded."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = diffusion_space(graph), diffusion_space(graph)
    assert_sound(first, graph.shape[0])
    assert first.eigenvectors.tobytes() == second.eigenvectors.tobytes()
    assert first.eigenvalues.tobytes() == second.eigenvalues.tobytes()


def test_lanczos_that_finds_no_end_gives_way_to_the_filter(monkeypatch):
    graph = neighbors_of_blobs(390)
    exact = cosines(diffusion_space(graph))
    by_lanczos(monkeypatch)
    monkeypatch.setattr(diffusion, "_MOST_RESTARTS", 1)
    space = diffusion_space(graph)
    assert abs(cosines(space) - exact).mean() < 0.005


def test_graph_is_not_changed():
    graph = neighbors_of_blobs(60)
    before = graph.copy()
    diffusion_space(graph)
    assert (graph != before).nnz == 0


def test_order_of_the_papers_does_not_matter():
    graph = neighbors_of_blobs(90)
    order = np.random.default_rng(1).permutation(90)
    permuted = diffusion_space(csr_matrix(graph[order][:, order]))
    expected = cosines(diffusion_space(graph))[order][:, order]
    np.testing.assert_allclose(cosines(permuted), expected, atol=1e-5)


def digests() -> list[str]:
    """Of a space by each of the three ways."""
    graph = neighbors_of_blobs(700)
    found = []
    for few, many in ((1000, 2000), (10, 2000), (10, 20)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(diffusion, "_FEW", few)
            patch.setattr(diffusion, "_MANY", many)
            rows = diffusion_space(graph).at(2)
        found.append(hashlib.sha256(rows.tobytes()).hexdigest())
    return found


@pytest.mark.parametrize("threads", ["1", "2"])
def test_same_bytes_in_another_process_whatever_its_threads(threads):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    script = "import sys; sys.path.insert(0, sys.argv[1]); import test_diffusion as t"
    done = subprocess.run(
        [sys.executable, "-c", f"{script}; print(*t.digests())", str(Path(__file__).parent)],
        env={**os.environ, **dict.fromkeys(names, threads)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == digests()
