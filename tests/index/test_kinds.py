"""One contract for every kind of index, held against plain NumPy in float64."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import pytest

from pipeline.errors import DamagedAtlasError
from pipeline.index import choice as choice_module
from pipeline.index import choose_index, open_index, write_index
from pipeline.index.approximate import FEWEST_ROWS
from pipeline.index.kinds import KINDS
from pipeline.index.storage import INDEX_FILE, read_faiss_index

from .rows import by_hand, random_rows, text_like_rows, unit_rows

N_ROWS = 12_000
EVERY_KIND = ["exact", *KINDS]


@pytest.fixture(scope="module")
def vectors():
    rows = text_like_rows(N_ROWS, 40)
    rows[7_000:7_005] = rows[100]  # copies
    return rows


@pytest.fixture(scope="module")
def chosen(vectors):
    """By kind, made once."""
    return {kind: choose_index(vectors, kind=kind) for kind in EVERY_KIND}


@pytest.fixture(params=EVERY_KIND)
def kind(request):
    return request.param


@pytest.fixture
def index(kind, chosen):
    return chosen[kind].index


def share_found(rows, expected):
    pairs = zip(rows.tolist(), expected.tolist(), strict=True)
    return np.mean([len(set(found) & set(true)) / len(true) for found, true in pairs])


def filtered_by_hand(vectors, queries, k, among):
    similarities, places = by_hand(vectors[among], queries, k)
    return similarities, among[places]


def test_the_named_kind_is_taken_and_told(kind, chosen):
    report = chosen[kind].report
    assert (report.kind, report.wanted, report.told) == (kind, kind, ())
    assert (chosen[kind].faiss_index is None) == (kind == "exact")
    assert report.recall >= 0.99


def test_the_size_that_is_told_is_about_the_one_that_was_expected(kind, chosen, vectors):
    if kind == "exact":
        assert chosen[kind].report.n_bytes == 0
    else:
        expected = KINDS[kind].expected_bytes(*vectors.shape)
        assert chosen[kind].report.n_bytes == pytest.approx(expected, rel=0.1)


def test_nearly_all_of_the_nearest_are_found(index, vectors):
    queries = text_like_rows(N_ROWS, 40)[::120] + 0.05 * random_rows(100, 40, seed=5)
    queries = unit_rows(queries)
    _, rows = index.search(queries, 10)
    assert share_found(rows, by_hand(vectors, queries, 10)[1]) >= 0.97


def test_similarities_are_exact_and_in_order(index, vectors):
    similarities, rows = index.search(vectors[:50], 30)
    assert (similarities.dtype, rows.dtype) == (np.float32, np.int64)
    true = np.einsum(
        "qd,qkd->qk", vectors[:50].astype(np.float64), vectors[rows].astype(np.float64)
    )
    np.testing.assert_array_equal(similarities, np.round(true, 6).astype(np.float32))
    assert (np.diff(similarities, axis=1) <= 0).all()
    tied = np.diff(similarities, axis=1) == 0
    assert (np.diff(rows, axis=1)[tied] > 0).all()
    assert all(len(set(row)) == 30 for row in rows.tolist())


def test_a_row_finds_itself_with_similarity_one(index, vectors):
    similarities, rows = index.search(vectors[200:260], 1)
    assert rows[:, 0].tolist() == list(range(200, 260))
    assert (similarities == 1).all()


def test_copies_come_by_row(index, vectors):
    similarities, rows = index.search(vectors[100:101], 6)
    assert rows.tolist() == [[100, 7000, 7001, 7002, 7003, 7004]]
    assert (similarities == 1).all()


@pytest.mark.parametrize("k", [N_ROWS - 1, N_ROWS, N_ROWS + 5])
def test_all_rows_are_found_where_all_are_asked_for(index, vectors, k):
    similarities, rows = index.search(vectors[:2], k)
    expected = by_hand(vectors, vectors[:2], k)
    np.testing.assert_array_equal(rows, expected[1])
    np.testing.assert_array_equal(similarities, expected[0])


@pytest.mark.parametrize("k", [1, 10, 100, 2_000])
def test_there_are_always_as_many_distinct_rows_as_asked(index, vectors, k):
    _, rows = index.search(vectors[:8], k)
    assert rows.shape == (8, k)
    assert all(len(set(row)) == k for row in rows.tolist())
    assert ((rows >= 0) & (rows < N_ROWS)).all()


def test_no_queries_and_no_places_give_empty_answers(index, vectors):
    for queries, k in ((vectors[:0], 3), (vectors[:4], 0)):
        similarities, rows = index.search(queries, k)
        assert similarities.shape == rows.shape == (len(queries), k)
        assert (similarities.dtype, rows.dtype) == (np.float32, np.int64)


def test_a_batch_finds_what_single_queries_find(index, vectors):
    queries = unit_rows(vectors[:300] + 0.1 * random_rows(300, 40, seed=3))
    among = np.flatnonzero(np.arange(N_ROWS) % 12)
    for filter_ in (None, among):
        batch = index.search(queries, 10, among=filter_)
        for i in range(0, 300, 7):
            alone = index.search(queries[i : i + 1], 10, among=filter_)
            np.testing.assert_array_equal(alone[1][0], batch[1][i])
            np.testing.assert_array_equal(alone[0][0], batch[0][i])


def test_sixteen_threads_find_what_one_finds(index, vectors):
    among = np.flatnonzero(np.arange(N_ROWS) % 12)

    def ask(i):
        return index.search(vectors[i : i + 1], 10 + i % 3, among=among if i % 2 else None)

    alone = [ask(i) for i in range(160)]
    with ThreadPoolExecutor(16) as threads:
        together = list(threads.map(ask, range(160)))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])


# filters


def test_an_empty_filter_finds_nothing(index, vectors):
    similarities, rows = index.search(vectors[:3], 10, among=np.empty(0, np.int64))
    assert similarities.shape == rows.shape == (3, 0)


def test_a_filter_of_one_row_finds_it_for_every_query(index, vectors):
    similarities, rows = index.search(vectors[:3], 10, among=np.array([4321]))
    assert rows.tolist() == [[4321]] * 3
    assert (
        similarities[:, 0].tolist() == by_hand(vectors[4321:4322], vectors[:3], 1)[0][:, 0].tolist()
    )


@pytest.mark.parametrize("n_queries", [1, 60])
def test_a_small_filter_is_searched_exactly(index, vectors, n_queries):
    among = np.arange(5, N_ROWS, 31)
    queries = random_rows(n_queries, 40, seed=1)
    similarities, rows = index.search(queries, 15, among=among)
    expected = filtered_by_hand(vectors, queries, 15, among)
    np.testing.assert_array_equal(rows, expected[1])
    np.testing.assert_array_equal(similarities, expected[0])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_filter_costs_no_recall(index, vectors, share, monkeypatch):
    monkeypatch.setattr("pipeline.index.approximate._FEW_AMONG", 100)
    monkeypatch.setattr("pipeline.index.approximate._LARGEST_SHARE", 1.0)
    rng = np.random.default_rng(4)
    among = np.sort(rng.choice(N_ROWS, int(share * N_ROWS), replace=False))
    queries = unit_rows(vectors[:200] + 0.1 * random_rows(200, 40, seed=3))
    _, rows = index.search(queries, 10, among=among)
    assert np.isin(rows, among).all()
    without = share_found(index.search(queries, 10)[1], by_hand(vectors, queries, 10)[1])
    expected = filtered_by_hand(vectors, queries, 10, among)[1]
    assert share_found(rows, expected) >= min(without, 0.99) - 0.005


# on disk


def saved(chosen, folder) -> Path:
    if chosen.faiss_index is not None:
        write_index(chosen.faiss_index, folder / INDEX_FILE)
    return folder


def test_saved_and_opened_it_answers_the_same(kind, chosen, vectors, tmp_path):
    folder = saved(chosen[kind], tmp_path)
    np.save(tmp_path / "vectors.npy", vectors)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    facts = {"index": chosen[kind].report.as_facts()}
    opened = open_index(lambda name: folder / name, mapped, facts)
    assert type(opened) is type(chosen[kind].index)
    for among in (None, np.arange(1_000, N_ROWS)):
        one = opened.search(vectors[:50], 10, among=among)
        other = chosen[kind].index.search(vectors[:50], 10, among=among)
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_is_that_of_the_file(kind, chosen, tmp_path):
    folder = saved(chosen[kind], tmp_path)
    assert (folder / INDEX_FILE).stat().st_size == chosen[kind].report.n_bytes


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_of_another_kind_or_other_rows_is_refused(kind, chosen, vectors, tmp_path):
    for other in KINDS:
        folder = saved(chosen[other], tmp_path)
        shapes = [vectors.shape] if other != kind else [(N_ROWS - 1, 40), (N_ROWS, 41)]
        for n_rows, dim in shapes:
            n_bytes = chosen[other].report.n_bytes
            with pytest.raises(DamagedAtlasError, match="is not an index of kind"):
                read_faiss_index(folder / INDEX_FILE, kind, n_rows=n_rows, dim=dim, n_bytes=n_bytes)


_DAMAGE = """
import sys
from pathlib import Path
import numpy as np
from pipeline.errors import DamagedAtlasError
from pipeline.index.storage import read_faiss_index
folder, kind, n_rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
whole = (folder / "index-0000.faiss").read_bytes()
def refused(content):
    path = folder / "damaged.faiss"
    path.write_bytes(content)
    try:
        read_faiss_index(path, kind, n_rows=n_rows, dim=40, n_bytes=len(whole))
    except DamagedAtlasError:
        return True
    return False
assert not refused(whole)
cuts = [*range(64), *np.linspace(64, len(whole) - 1, 60).astype(int).tolist()]
assert all(refused(whole[:cut]) for cut in cuts)
assert refused(b"not an index" * 1000)
rng = np.random.default_rng(0)
for place in [*range(0, 400, 3), *rng.integers(len(whole), size=150).tolist()]:
    changed = bytearray(whole)
    changed[place : place + 8] = rng.bytes(len(changed[place : place + 8]))
    refused(bytes(changed))  # codes may be changed unseen: the atlas's digests are for that
print("whole")
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_never_ends_the_process(kind, chosen, tmp_path):
    """Cut ones are refused, changed ones are read or refused, in a process of their own."""
    folder = saved(chosen[kind], tmp_path)
    command = [sys.executable, "-c", _DAMAGE, str(folder), kind, str(N_ROWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("whole", 0), done.stderr[-2000:]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_manifest_lists_must_be_there(kind, chosen, vectors):
    def file(name):
        raise KeyError(name)

    with pytest.raises(DamagedAtlasError, match=r"index-0000\.faiss: is missing"):
        open_index(file, vectors, {"index": chosen[kind].report.as_facts()})


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "other"},
        {"kind": 3},
        {"effort": None},
        {"effort": {"breadth": -1, "n_reranked": 3}},
        {"effort": {"breadth": 1}},
        {"effort": {"breadth": 1, "n_reranked": "x"}},
        {"more": 1},
        {"told": None},
    ],
)
def test_a_manifest_that_tells_of_no_index_is_refused(chosen, vectors, changes):
    facts = {**chosen["hnsw"].report.as_facts(), **changes}
    with pytest.raises(DamagedAtlasError, match="does not tell of an index"):
        open_index(Path, vectors, {"index": facts})


def test_reading_leaves_the_limits_of_faiss_as_they_were(chosen, tmp_path):
    before = faiss.get_deserialization_loop_limit(), faiss.get_deserialization_vector_byte_limit()
    folder = saved(chosen["ivf-sq"], tmp_path)
    n_bytes = chosen["ivf-sq"].report.n_bytes
    read_faiss_index(folder / INDEX_FILE, "ivf-sq", n_rows=N_ROWS, dim=40, n_bytes=n_bytes)
    after = faiss.get_deserialization_loop_limit(), faiss.get_deserialization_vector_byte_limit()
    assert before == after


def test_an_index_with_rows_that_are_not_there_is_damaged(chosen, vectors):
    from pipeline.index.approximate import ApproximateIndex

    made = chosen["adaptive"]
    index = ApproximateIndex(
        made.faiss_index, vectors[: N_ROWS // 2], KINDS["adaptive"], made.report.effort
    )
    with pytest.raises(DamagedAtlasError, match="rows that the atlas does not have"):
        index.search(vectors[N_ROWS // 2 :], 10)


# few and odd rows


@pytest.mark.parametrize("n", [1, 2, 30, FEWEST_ROWS - 1])
@pytest.mark.parametrize("dim", [1, 3])
def test_few_rows_are_searched_exactly_and_it_is_told(kind, n, dim):
    vectors = random_rows(n, dim)
    made = choose_index(vectors, kind=kind)
    assert made.report.kind == "exact"
    assert made.report.told == (() if kind == "exact" else (f"{n} rows are too few for {kind}",))
    _, rows = made.index.search(vectors, 5)
    np.testing.assert_array_equal(rows, by_hand(vectors, vectors, 5)[1])


@pytest.mark.parametrize("dim", [1, 2, 7, 33])
def test_every_number_of_dimensions_serves(kind, dim):
    vectors = random_rows(FEWEST_ROWS, dim)
    index = choose_index(vectors, kind=kind).index
    similarities, rows = index.search(vectors[:20], 10)
    expected = by_hand(vectors, vectors[:20], 10)[0]
    assert all(len(set(row)) == 10 for row in rows.tolist())
    np.testing.assert_allclose(similarities, expected, atol=0.15)


def test_equal_rows_are_found_like_any_other(kind):
    vectors = np.repeat(random_rows(1, 40), 3_000, axis=0)
    made = choose_index(vectors, kind=kind)
    similarities, rows = made.index.search(vectors[:3], 10)
    assert (similarities == 1).all()
    assert all(len(set(row)) == 10 for row in rows.tolist())
    assert made.report.recall == 1


# choosing


def test_auto_is_exact_for_as_many_rows_as_an_atlas_usually_has(vectors):
    made = choose_index(vectors)
    assert (made.report.kind, made.report.wanted, made.report.told) == ("exact", "auto", ())


def test_auto_takes_the_fastest_kind_for_more_rows(vectors, monkeypatch):
    monkeypatch.setattr(choice_module, "_EXACT_UP_TO", N_ROWS - 1)
    made = choose_index(vectors)
    assert made.report.kind == next(iter(KINDS))
    assert made.report.n_queries == 200
    assert made.report.recall >= 0.99


def test_auto_passes_over_what_is_too_large_and_says_so(vectors, monkeypatch):
    monkeypatch.setattr(choice_module, "_EXACT_UP_TO", 0)
    monkeypatch.setattr(choice_module, "machine_bytes", lambda: 2_000_000)
    made = choose_index(vectors, max_memory_share=0.5)
    assert made.report.kind == "binary"
    assert made.report.n_bytes <= 1_000_000
    assert [text.split()[0] for text in made.report.told] == ["hnsw"]
    assert "MB of memory" in made.report.told[0]


def test_where_nothing_is_good_enough_the_exact_index_is_taken_and_it_is_told(vectors, kind):
    if kind == "exact":
        return
    made = choose_index(vectors, kind=kind, max_memory_share=1e-9)
    assert made.report.kind == "exact"
    assert made.report.told[0].startswith(f"{kind} would take")


def test_a_kind_that_finds_too_little_is_not_taken(vectors, monkeypatch):
    monkeypatch.setattr(choice_module, "_RERANKED", (1, 2))
    made = choose_index(vectors, kind="binary")
    assert made.report.kind == "exact"
    assert made.report.told[0].startswith("binary finds 0.")


def test_more_recall_takes_more_effort(vectors, chosen):
    low = choose_index(vectors, kind="ivf-sq", min_recall=0.5).report.effort
    high = chosen["ivf-sq"].report.effort
    assert (low.breadth, low.n_reranked) < (high.breadth, high.n_reranked)


def test_a_report_survives_json(chosen, kind):
    import json

    report = chosen[kind].report
    facts = json.loads(json.dumps(report.as_facts(), allow_nan=False))
    assert type(report).from_facts(facts) == report


_DIGEST = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
import faiss
from index.rows import text_like_rows
from pipeline.index import choose_index
from pipeline.index.kinds import KINDS
vectors = text_like_rows(3000, 200)
for kind in KINDS:
    made = choose_index(vectors, kind=kind, min_recall=0.9)
    content = faiss.serialize_index(made.faiss_index).tobytes()
    print(kind, made.report.effort, hashlib.sha256(content).hexdigest())
"""


def test_same_bytes_with_one_thread_and_with_two():
    told = set()
    for threads in "12":
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST, str(Path(__file__).parents[1])],
            env={**os.environ, **dict.fromkeys(names, threads)},
            capture_output=True,
            text=True,
            check=True,
        )
        told.add(done.stdout)
    assert len(told) == 1
    assert len(done.stdout.splitlines()) == len(KINDS)


def test_the_settings_know_every_kind():
    from typing import get_args, get_type_hints

    from pipeline.settings import IndexSettings

    kinds = get_args(get_type_hints(IndexSettings)["kind"])
    assert set(kinds) == {"auto", "exact", *KINDS}
