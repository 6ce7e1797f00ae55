"""An index of any kind as a part of a searcher: a tenth of the papers left out, none of the others
lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline.index import choose_index
from pipeline.index.kinds import KINDS
from pipeline.lexical import index_words
from pipeline.papers import Paper
from pipeline.search import Query, Ranking, Searcher

from .rows import by_hand, random_rows, text_like_rows, unit_rows

# Of fewer, a filter that leaves nine tenths would be searched one by one.
N_ROWS, K, N_QUERIES = 12_000, 10, 40


@pytest.fixture(autouse=True)
def _codes_are_compared(monkeypatch):
    # Of so few rows, most would otherwise be compared one by one.
    monkeypatch.setattr("pipeline.index.approximate._LARGEST_SHARE", 1.0)


@pytest.fixture(scope="module")
def vectors():
    return text_like_rows(N_ROWS, 24)


@pytest.fixture(scope="module")
def left_out():
    """A tenth of the rows, ascending."""
    return np.sort(np.random.default_rng(1).choice(N_ROWS, N_ROWS // 10, replace=False))


@pytest.fixture(scope="module")
def others(left_out):
    return np.setdiff1d(np.arange(N_ROWS), left_out)


@pytest.fixture(scope="module")
def queries(vectors):
    return unit_rows(vectors[:: N_ROWS // N_QUERIES] + 0.1 * random_rows(N_QUERIES, 24, seed=3))


@pytest.fixture(scope="module")
def words():
    return index_words(["moss"] * 3 + [""] * (N_ROWS - 3), [""] * N_ROWS)


@pytest.fixture(scope="module", params=list(KINDS))
def searcher(request, vectors, words):
    index = choose_index(vectors, kind=request.param).index
    papers = [Paper(id=str(row)) for row in range(N_ROWS)]
    return Searcher(
        vectors, index, words, lambda rows: [papers[row] for row in rows], lambda _: None
    )


def searched(searcher, queries, *, excluded=(), among=None, mode="dense"):
    asked = [Query("", Query.of_text("moss", None).terms, row, tuple(excluded)) for row in queries]
    found = searcher.search(asked, k=K, ranking=Ranking(mode, among, reasons=False))
    return np.array([[hit.row for hit in hits] for hits in found]), found


def share_found(rows, expected):
    return np.mean([np.isin(found, near) for found, near in zip(rows, expected, strict=True)])


def test_what_is_filtered_out_or_excluded_costs_no_other_paper(
    searcher, vectors, queries, left_out, others
):
    _, places = by_hand(vectors[others], queries, K)
    for way in ({"among": others}, {"excluded": left_out.tolist()}):
        rows, found = searched(searcher, queries, **way)
        assert rows.shape == (N_QUERIES, K)
        assert not np.isin(rows, left_out).any()
        assert share_found(rows, others[places]) >= 0.99
        for hits, query in zip(found, queries, strict=True):
            scores = [vectors[hit.row].astype(float) @ query.astype(float) for hit in hits]
            assert [hit.score for hit in hits] == pytest.approx(scores, abs=1e-6)


def test_the_nearest_papers_make_place_for_the_next_ones(searcher, vectors, queries):
    _, ranked = by_hand(vectors, queries, 90 + K)
    for query, nearest in zip(queries, ranked, strict=True):
        rows, _ = searched(searcher, query[None], excluded=sorted(nearest[:90].tolist()))
        assert len(set(rows[0])) == K
        assert len(set(rows[0]) & set(nearest[90:])) >= K - 1


def test_a_paper_that_is_found_by_its_words_is_never_one_that_is_left_out(
    searcher, queries, others
):
    without_two = others[~np.isin(others, [0, 2])]
    rows, found = searched(searcher, queries[20:21], among=without_two, mode="hybrid")
    assert np.isin(rows, without_two).all()
    assert [hit.row for hit in found[0] if hit.lexical_rank] == [1]


def test_sixteen_threads_find_what_one_finds(searcher, queries, others):
    def ask(number):
        among = others if number % 2 else None
        return searched(searcher, queries[number : number + 1], among=among, mode="hybrid")[1]

    alone = [ask(number) for number in range(N_QUERIES)]
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(ask, range(N_QUERIES))) == alone
