"""The graph of nearest rows, held against plain NumPy in float64."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.index import NeighborGraph, neighbor_graph
from pipeline.index import graph as graph_module

from .rows import by_hand, random_rows, text_like_rows, unit_rows


def test_graph_begins_with_the_row_itself_at_distance_zero():
    vectors = text_like_rows(300, 64)
    graph = neighbor_graph(vectors, 15)
    assert graph.rows.shape == graph.distances.shape == (300, 15)
    assert graph.rows[:, 0].tolist() == list(range(300))
    assert (graph.distances[:, 0] == 0).all()
    assert (np.diff(graph.distances, axis=1) >= 0).all()
    assert graph.distances.dtype == np.float32
    _, by_similarity = by_hand(vectors, vectors, 15)
    np.testing.assert_array_equal(graph.rows, by_similarity)


@pytest.mark.parametrize("n_copies", [2, 14, 15, 16, 100])
def test_graph_of_copies_still_begins_with_the_row_itself(n_copies):
    vectors = np.vstack([random_rows(30), np.repeat(random_rows(1, seed=9), n_copies, axis=0)])
    graph = neighbor_graph(vectors, 15)
    assert graph.rows[:, 0].tolist() == list(range(len(vectors)))
    assert (graph.distances[:, 0] == 0).all()
    assert all(len(set(row)) == 15 for row in graph.rows.tolist())
    copies = graph.distances[30:]
    assert (copies[:, : min(n_copies, 15)] == 0).all()
    assert (copies[:, min(n_copies, 15) :] > 0.1).all()


@pytest.mark.parametrize("n", [1, 2, 3, 15])
def test_graph_of_few_rows_is_as_wide_as_there_are_rows(n):
    graph = neighbor_graph(random_rows(n), 15)
    assert graph.rows.shape == (n, n)
    assert sorted(graph.rows[0].tolist()) == list(range(n))


def test_graph_of_opposite_rows_stays_within_two():
    one = random_rows(1)
    graph = neighbor_graph(np.vstack([one, -one]), 2)
    assert graph.distances.tolist() == [[0, 2], [0, 2]]


def test_an_exact_graph_compares_all_rows_however_many_there_are(monkeypatch):
    monkeypatch.setattr(graph_module, "_MOST_COMPARED", 5)
    vectors = random_rows(400)
    graph = neighbor_graph(vectors, 15, is_exact=True)
    _, by_similarity = by_hand(vectors, vectors, 15)
    np.testing.assert_array_equal(graph.rows, by_similarity)


# NeighborGraph.among and within


def graph_of(rows, distances) -> NeighborGraph:
    return NeighborGraph(np.array(rows, np.int64), np.array(distances, np.float32))


def test_among_keeps_the_nearest_that_are_left_under_their_new_numbers():
    """Of 0, 2 and 3, now 0, 1 and 2: row 3 lists one of them besides itself, so that a third
    place is empty, as far as its last neighbour."""
    graph = graph_of(
        [[0, 1, 2, 3], [1, 0, 2, 3], [2, 3, 1, 0], [3, 1, 4, 2], [4, 3, 2, 1]],
        [[0, 0.1, 0.2, 0.3], [0, 0.1, 0.2, 0.3], [0, 0.1, 0.2, 0.3], [0, 0.4, 0.5, 0.6], [0] * 4],
    )
    few = graph.among(np.array([0, 2, 3]), 3)
    assert few.rows.tolist() == [[0, 1, 2], [1, 2, 0], [2, 1, -1]]
    expected = np.array([[0, 0.2, 0.3], [0, 0.1, 0.3], [0, 0.6, 0.6]], np.float32)
    np.testing.assert_array_equal(few.distances, expected)
    assert (few.rows.dtype, few.distances.dtype) == (np.int64, np.float32)


def test_among_takes_no_more_neighbours_than_asked():
    graph = neighbor_graph(random_rows(40), 20)
    few = graph.among(np.arange(40), 7)
    np.testing.assert_array_equal(few.rows, graph.rows[:, :7])
    np.testing.assert_array_equal(few.distances, graph.distances[:, :7])


def test_among_leaves_missing_neighbours_missing():
    """-1 is no row: least of all the last one, which is kept here."""
    graph = graph_of([[0, -1, 2], [1, -1, -1], [2, 0, -1]], [[0, 0, 0.2], [0, 0, 0], [0, 0.2, 0.2]])
    few = graph.among(np.array([0, 1, 2]), 3)
    assert few.rows.tolist() == [[0, 2, -1], [1, -1, -1], [2, 0, -1]]
    expected = np.array([[0, 0.2, 0.2], [0, 0, 0], [0, 0.2, 0.2]], np.float32)
    np.testing.assert_array_equal(few.distances, expected)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 60), share=st.floats(0.05, 1), k=st.integers(1, 30), seed=st.integers(0, 9))
def test_among_of_all_neighbours_is_the_graph_of_those_rows(n, share, k, seed):
    vectors = random_rows(n, seed=seed)
    rng = np.random.default_rng(seed)
    kept = np.sort(rng.choice(n, max(1, int(share * n)), replace=False))
    few, anew = neighbor_graph(vectors, n).among(kept, k), neighbor_graph(vectors[kept], k)
    width = anew.rows.shape[1]
    np.testing.assert_array_equal(few.rows[:, :width], anew.rows)
    np.testing.assert_array_equal(few.distances[:, :width], anew.distances)
    assert (few.rows[:, width:] == -1).all()


def test_within_puts_a_graph_among_rows_without_neighbours():
    graph = graph_of(
        [[0, 2, 1], [1, 0, -1], [2, 0, 1]], [[0, 0.1, 0.3], [0, 0.3, 0.3], [0, 0.1, 1]]
    )
    whole = graph.within(np.array([1, 2, 4]), 5)
    assert whole.rows.tolist() == [[0, -1, -1], [1, 4, 2], [2, 1, -1], [3, -1, -1], [4, 1, 2]]
    expected = np.array([[0] * 3, [0, 0.1, 0.3], [0, 0.3, 0.3], [0] * 3, [0, 0.1, 1]], np.float32)
    np.testing.assert_array_equal(whole.distances, expected)


# graphs of many rows


def graph_by_lists(vectors, k) -> NeighborGraph:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph_module, "_MOST_COMPARED", 5)
        return neighbor_graph(vectors, k)


def assert_sound(graph: NeighborGraph, n: int, k: int) -> None:
    assert graph.rows.shape == graph.distances.shape == (n, k)
    assert (graph.rows.dtype, graph.distances.dtype) == (np.int64, np.float32)
    assert graph.rows[:, 0].tolist() == list(range(n))
    assert (graph.distances[:, 0] == 0).all()
    assert (np.diff(graph.distances, axis=1) >= 0).all()
    assert ((graph.distances >= 0) & (graph.distances <= 2)).all()
    for row in graph.rows.tolist():
        known = [other for other in row if other >= 0]
        assert len(set(known)) == len(known)
        assert row[: len(known)] == known


@pytest.mark.parametrize("dim", [48, 384])
def test_graph_by_lists_has_nearly_all_of_the_nearest(dim):
    rng = np.random.default_rng(1)
    groups = 3 * rng.normal(size=(60, 24))[rng.integers(60, size=3000)]
    latent = rng.normal(size=(3000, 24)) + groups
    vectors = unit_rows(latent @ rng.normal(size=(24, dim)) + 10 * rng.normal(size=dim))
    by_lists, exact = graph_by_lists(vectors, 15), neighbor_graph(vectors, 15)
    assert_sound(by_lists, 3000, 15)
    pairs = zip(by_lists.rows.tolist(), exact.rows.tolist(), strict=True)
    assert np.mean([len(set(found) & set(true)) / 15 for found, true in pairs]) > 0.9
    same = by_lists.rows == exact.rows
    np.testing.assert_array_equal(by_lists.distances[same], exact.distances[same])


@pytest.mark.parametrize("n", [20, 150, 500])
def test_lists_with_fewer_rows_than_asked_leave_the_rest_missing(n):
    """Lists of five rows on average, of which few are looked at."""
    graph = graph_by_lists(text_like_rows(max(n, 50), 32)[:n], 40)
    assert_sound(graph, n, min(40, n))
    missing = graph.rows < 0
    assert missing.any()
    last = np.where(missing, 0, graph.distances).max(axis=1, keepdims=True)
    padding = np.broadcast_to(last, missing.shape)[missing]
    np.testing.assert_array_equal(graph.distances[missing], padding)


def test_many_copies_do_not_break_the_lists():
    vectors = np.vstack([random_rows(400), np.repeat(random_rows(2, seed=9), 100, axis=0)])
    graph = graph_by_lists(vectors, 15)
    assert_sound(graph, 600, 15)
    assert (graph.distances[400:] == 0).all()


def test_lists_say_nothing_on_standard_error(capfd):
    graph_by_lists(random_rows(2000), 15)
    assert capfd.readouterr() == ("", "")


_DIGEST = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from index.test_graph import graph_by_lists, neighbor_graph, text_like_rows
from pipeline.index import ExactIndex
vectors = text_like_rows(1500, 384)
graph = neighbor_graph(vectors, 15)
lists = graph_by_lists(vectors, 15)
alone = ExactIndex(vectors).search(vectors[:5], 50)
parts = (graph.rows, graph.distances, lists.rows, lists.distances, *alone)
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


def test_same_bytes_with_one_thread_and_with_two():
    digests = set()
    for threads in "12":
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment = {**os.environ, **dict.fromkeys(names, threads)}
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST, str(Path(__file__).parents[1])],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout)
    assert len(digests) == 1
