"""UMAP over given neighbours: the same bytes each time, and a place for every corpus."""

import hashlib
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from pipeline.index import neighbor_graph
from pipeline.reduce import map_layout, theme_spaces


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


def layout_of(vectors, *, seed: int = 0, n_neighbors: int = 15):
    graph = neighbor_graph(vectors, n_neighbors)
    return map_layout(vectors, graph, n_neighbors=n_neighbors, min_dist=0.1, seed=seed)


def spaces_of(vectors, *, runs: int = 3, run_neighbors=(8, 15), dimensions: int = 5, seed: int = 0):
    graph = neighbor_graph(vectors, max(run_neighbors))
    return list(
        theme_spaces(
            vectors,
            graph,
            runs=runs,
            run_neighbors=run_neighbors,
            dimensions=dimensions,
            seed=seed,
        )
    )


def digest_of(vectors) -> str:
    parts = [layout_of(vectors), *spaces_of(vectors, runs=2)]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


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
def test_every_paper_has_a_place_and_no_warning_leaks(name):
    vectors = CORPORA[name]
    before = vectors.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layout = layout_of(vectors)
        spaces = spaces_of(vectors)
    assert layout.shape == (len(vectors), 2)
    assert layout.dtype == np.float32
    assert np.isfinite(layout).all()
    np.testing.assert_allclose(layout.mean(axis=0), 0, atol=1e-4)
    assert len(spaces) == 3
    for space in spaces:
        assert space.shape == (len(vectors), 5)
        assert space.dtype == np.float32
        assert np.isfinite(space).all()
    np.testing.assert_array_equal(vectors, before)


@pytest.mark.parametrize("name", ["exactly opposite", "forty"])
def test_given_neighbours_are_not_changed(name):
    vectors = CORPORA[name]
    graph = neighbor_graph(vectors, 15)
    rows, distances = graph.rows.copy(), graph.distances.copy()
    map_layout(vectors, graph, n_neighbors=15, min_dist=0.1, seed=0)
    list(theme_spaces(vectors, graph, runs=2, run_neighbors=(8, 15), dimensions=5, seed=0))
    np.testing.assert_array_equal(graph.rows, rows)
    np.testing.assert_array_equal(graph.distances, distances)


def test_identical_papers_lie_on_one_spot():
    assert (layout_of(CORPORA["forty identical"]) == 0).all()


def test_groups_stay_together_on_the_map_and_in_every_space():
    vectors = grouped_rows([20, 20, 20])
    groups = np.repeat(np.arange(3), 20)
    for space in [layout_of(vectors), *spaces_of(vectors)]:
        distances = np.linalg.norm(space[:, None] - space[None], axis=2)
        np.fill_diagonal(distances, np.inf)
        np.testing.assert_array_equal(groups[distances.argmin(axis=1)], groups)


def test_each_run_is_another_look():
    first, second, third = spaces_of(CORPORA["forty"])
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)


def test_seed_changes_the_layout():
    assert not np.array_equal(
        layout_of(CORPORA["forty"], seed=0), layout_of(CORPORA["forty"], seed=1)
    )


def test_neighbourhoods_may_shrink_from_run_to_run():
    """(15, 8) is (8, 15) in the other order; the runs' seeds keep theirs."""
    vectors = CORPORA["forty"]
    growing = spaces_of(vectors, run_neighbors=(8, 15), runs=1)
    shrinking = spaces_of(vectors, run_neighbors=(15, 8), runs=2)
    assert not np.array_equal(growing[0], shrinking[0])
    same_size = spaces_of(vectors, run_neighbors=(15, 15), runs=1)
    np.testing.assert_array_equal(shrinking[0], same_size[0])


@pytest.mark.parametrize("dimensions", [2, 5, 31, 50])
def test_more_dimensions_than_papers_or_vectors_have(dimensions):
    for name in ("five", "fifteen"):
        (space,) = spaces_of(CORPORA[name], runs=1, dimensions=dimensions)
        assert space.shape == (len(CORPORA[name]), dimensions)
        assert np.isfinite(space).all()


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
