"""Ranks, scores and reasons on vectors and words that can be worked out by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import search
from pipeline.errors import UsageError
from pipeline.index import ExactIndex
from pipeline.lexical import LexicalIndex, WeightedTerms, index_words
from pipeline.papers import Paper, embedding_text
from pipeline.search import MODES, Query, Ranking, Searcher, mode_of

PAPERS = [
    Paper(id="a", title="Optimal transport", abstract="We study optimal transport. It is slow."),
    Paper(id="b", title="Fast optimal transport", abstract="A solver of optimal transport maps."),
    Paper(id="c", title="Glaciers", abstract="Alpine glaciers retreat."),
    Paper(id="d", title="Glaciers again", abstract="Alpine glaciers retreat faster."),
]
THEMES = {0: "transport", 1: "transport", 2: "ice", 3: None}


def angles(*degrees):
    """Unit rows in the plane: the cosine of two is that of the angle between them."""
    turned = np.deg2rad(np.array(degrees, np.float64))
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


# Cosines with the first are 1, .5, 0 and -1.
VECTORS = angles(0, 60, 90, 180)


def index_of(n_rows, **impacts):
    """The index in which each word adds so much to the score of some rows."""
    known = [(int(WeightedTerms.of(word).digests[0]), rows) for word, rows in impacts.items()]
    known.sort()
    return LexicalIndex(
        digests=np.array([digest for digest, _ in known], np.uint64),
        starts=np.cumsum([0, *(len(rows) for _, rows in known)]).astype(np.int64),
        rows=np.array([row for _, rows in known for row in sorted(rows)], np.int32),
        impacts=np.array([rows[row] for _, rows in known for row in sorted(rows)], np.float32),
        n_rows=n_rows,
    )


def searcher_of(vectors, words, papers=PAPERS, theme_of=THEMES.get):
    return Searcher(
        vectors, ExactIndex(vectors), words, lambda rows: [papers[row] for row in rows], theme_of
    )


def plain_searcher(n):
    """Over `n` papers in many directions, with words of their own and words of many."""
    rng = np.random.default_rng(n)
    vectors = rng.normal(size=(n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    drawn = rng.integers(0, 40, (n, 6))
    titles = [" ".join(f"w{word}" for word in sorted(row)) for row in drawn.tolist()]
    papers = [Paper(id=str(i), title=title) for i, title in enumerate(titles)]
    words = index_words(titles, [""] * n)
    return searcher_of(vectors, words, papers, lambda _: None), vectors, words, titles


def query_of(text, degrees, **changes):
    return replace(Query.of_text(text, angles(degrees)[0]), **changes)


def ask(searcher, query, k=10, **ranking):
    (hits,) = searcher.search([query], k=k, ranking=Ranking(**ranking))
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    return hits


def rows_of(hits):
    return [hit.row for hit in hits]


@pytest.fixture
def searcher():
    return searcher_of(VECTORS, index_of(4, moss={2: 4.0, 3: 2.0}, fern={0: 1.0}))


def test_by_meaning_every_paper_comes_by_its_cosine(searcher):
    hits = ask(searcher, query_of("moss", 0), mode="dense")
    assert [(hit.row, hit.score) for hit in hits] == [(0, 1.0), (1, 0.5), (2, 0.0), (3, -1.0)]
    assert [hit.dense_rank for hit in hits] == [1, 2, 3, 4]
    assert [hit.lexical_rank for hit in hits] == [None, None, 1, 2]
    assert [hit.lexical_score for hit in hits] == [0.0, 0.0, 4.0, 2.0]
    assert {hit.fused_score for hit in hits} == {hit.rerank_score for hit in hits} == {None}


def test_by_words_only_papers_with_a_word_of_the_query_come(searcher):
    hits = ask(searcher, query_of("moss", 0), mode="lexical")
    assert [(hit.row, hit.lexical_score, hit.score) for hit in hits] == [(2, 4, 0), (3, 2, -1)]
    assert [(hit.lexical_rank, hit.dense_rank) for hit in hits] == [(1, None), (2, None)]
    assert {hit.fused_score for hit in hits} == {None}


def test_by_words_no_vector_is_needed(searcher):
    hits = ask(searcher, Query.of_text("moss", None), mode="lexical")
    assert [(hit.row, hit.lexical_score, hit.score) for hit in hits] == [(2, 4, None), (3, 2, None)]


def test_both_together_are_the_mean_of_the_scores_by_the_best_ones(searcher):
    hits = ask(searcher, query_of("moss", 0))
    # By meaning 1, .5, 0 and -1; by words 0, 0, 4 / 4 and 2 / 4. Rows 0 and 2 tie.
    assert [(hit.row, hit.fused_score) for hit in hits] == [
        (0, 0.5), (2, 0.5), (1, 0.25), (3, -0.25)
    ]  # fmt: skip
    assert [hit.dense_rank for hit in hits] == [1, 3, 2, 4]
    assert [hit.lexical_rank for hit in hits] == [None, 1, None, 2]
    assert [hit.score for hit in hits] == [1.0, 0.0, 0.5, -1.0]


def test_meaning_counts_from_the_nearest_paper_in_parts_of_its_similarity(searcher):
    # Cosines with 120 degrees are -.5, .5, .866 and .5.
    hits = ask(searcher, query_of("moss fern", 120))
    nearest = 0.866025
    fused = {
        2: (1 + 1) / 2,
        3: (1 - (nearest - 0.5) / nearest + 0.5) / 2,
        1: (1 - (nearest - 0.5) / nearest + 0) / 2,
        0: (1 - (nearest + 0.5) / nearest + 0.25) / 2,
    }
    assert rows_of(hits) == [2, 3, 1, 0]
    assert {hit.row: hit.fused_score for hit in hits} == pytest.approx(fused, abs=1e-6)


def test_a_query_without_a_known_word_comes_in_the_order_of_meaning(searcher):
    for text in ("", "lichen", "the of", "\0"):
        hits = ask(searcher, query_of(text, 100))
        assert rows_of(hits) == [2, 1, 3, 0]
        assert {hit.lexical_rank for hit in hits} == {None}
        assert rows_of(hits) == rows_of(ask(searcher, query_of(text, 100), mode="dense"))
        assert ask(searcher, query_of(text, 100), mode="lexical") == []


def test_papers_of_one_score_come_in_row_order():
    searcher = searcher_of(angles(0, 0, 0, 0), index_of(4, moss=dict.fromkeys(range(4), 1.0)))
    for mode in MODES:
        assert rows_of(ask(searcher, query_of("moss", 30), mode=mode)) == [0, 1, 2, 3]
        assert rows_of(ask(searcher, query_of("moss", 30), k=2, mode=mode)) == [0, 1]


def test_where_all_are_opposite_the_least_opposite_is_first():
    searcher = searcher_of(angles(170, 180, 120, 150), index_of(4, moss={1: 3.0}))
    assert rows_of(ask(searcher, query_of("", 0))) == [2, 3, 0, 1]
    hits = ask(searcher, query_of("moss", 0))
    # The nearest is at -.5; below .1, differences count as if it were at .1.
    fused = {2: 0.5, 3: (1 - 0.366025 / 0.1) / 2, 1: (1 - 0.5 / 0.1 + 1) / 2}
    assert rows_of(hits) == [2, 3, 1, 0]
    assert {hit.row: hit.fused_score for hit in hits[:3]} == pytest.approx(fused, abs=1e-5)


def test_words_that_are_against_a_paper_push_it_down():
    searcher = searcher_of(
        angles(0, 0, 0, 0), index_of(4, moss={0: 4.0, 1: 4.0, 2: 4.0}, fern={1: 4.0, 3: 4.0})
    )
    terms = WeightedTerms.sum_of([(WeightedTerms.of("moss"), 1), (WeightedTerms.of("fern"), -0.5)])
    query = query_of("moss", 0, terms=terms)
    hits = ask(searcher, query)
    assert [(hit.row, hit.fused_score) for hit in hits] == [(0, 1), (2, 1), (1, 0.75), (3, 0.25)]
    assert hits[3].lexical_score == -2.0
    assert hits[3].lexical_rank is None
    by_words = ask(searcher, query, mode="lexical")
    assert [(hit.row, hit.lexical_score) for hit in by_words] == [(0, 4), (2, 4), (1, 2)]


def test_words_against_papers_weigh_no_more_than_their_meaning():
    # By words 1, -4 and -2 in parts of 4, not of 1; by meaning 0, 1 and .5.
    searcher = searcher_of(angles(90, 0, 60), index_of(3, moss={0: 1.0}, fern={1: 8.0, 2: 4.0}))
    terms = WeightedTerms.sum_of([(WeightedTerms.of("moss"), 1), (WeightedTerms.of("fern"), -0.5)])
    hits = ask(searcher, query_of("moss", 0, terms=terms))
    assert [(hit.row, hit.fused_score) for hit in hits] == [(0, 0.125), (1, 0.0), (2, 0.0)]


def test_what_rounding_leaves_of_words_that_cancel_is_no_word_in_common():
    searcher = searcher_of(VECTORS, index_of(4, moss={1: 3e-8, 2: 2e-8}))
    for diversity in (0.0, 0.5):
        assert ask(searcher, query_of("moss", 0), mode="lexical", diversity=diversity) == []
        hits = ask(searcher, query_of("moss", 0), diversity=diversity)
        assert {(hit.lexical_rank, hit.lexical_score) for hit in hits} == {(None, 0.0)}


@pytest.mark.parametrize("mode", MODES)
def test_there_are_k_different_papers_as_long_as_so_many_may_be_found(mode):
    searcher, vectors, _, _ = plain_searcher(300)
    everything = " ".join(f"w{word}" for word in range(40))
    query = Query.of_text(everything, vectors[7])
    for k in (1, 10, 299, 300, 301, 10**30):
        assert len(set(rows_of(ask(searcher, query, k=k, mode=mode, reasons=False)))) == min(k, 300)
    among = np.arange(0, 300, 3)
    for n_excluded in (1, 60, 150):
        excluded = tuple(range(n_excluded))
        allowed = set(among.tolist()) - set(excluded)
        for k in (10, 50, 200):
            asked = replace(query, excluded=excluded)
            hits = ask(searcher, asked, k=k, among=among, mode=mode, reasons=False)
            assert len(set(rows_of(hits))) == len(hits) == min(k, len(allowed))
            assert set(rows_of(hits)) <= allowed


def test_where_more_papers_have_a_word_than_are_looked_at_the_best_are_kept(monkeypatch):
    monkeypatch.setattr(search, "_FEWEST_OFFERED", 2)
    scores = [1.0, 3.0, 2.0, 3.0, 2.0, 1.0, 2.0, 3.0]
    searcher = searcher_of(
        angles(*range(8)), index_of(8, moss=dict(enumerate(scores))), PAPERS * 2, lambda _: None
    )
    order = sorted(range(8), key=lambda row: (-scores[row], row))
    for k in range(1, 9):
        assert rows_of(ask(searcher, query_of("moss", 0), k=k, mode="lexical")) == order[:k]
        hits = ask(searcher, query_of("moss", 0), k=k)
        assert len(set(rows_of(hits))) == k
        # The best by words is not among the nearest two, and is first all the same.
        assert hits[0].row == 1


@pytest.mark.parametrize("mode", MODES)
def test_where_nothing_may_be_found_nothing_is(searcher, mode):
    nothing = np.empty(0, np.int64)
    for diversity in (0.0, 0.3):
        assert (
            ask(searcher, query_of("moss", 0), mode=mode, among=nothing, diversity=diversity) == []
        )
    excluded = query_of("moss", 0, excluded=(0, 1, 2, 3))
    assert ask(searcher, excluded, mode=mode) == []
    assert ask(searcher, replace(excluded, excluded=(1, 2)), mode=mode, among=np.array([2])) == []


def test_excluded_rows_make_place_for_the_next_ones(searcher):
    query = query_of("moss", 0, excluded=(0, 2))
    assert rows_of(ask(searcher, query, k=1)) == [1]
    assert rows_of(ask(searcher, query, k=1, mode="dense")) == [1]
    hits = ask(searcher, query, mode="lexical")
    assert [(hit.row, hit.lexical_rank) for hit in hits] == [(3, 1)]


@pytest.mark.parametrize("mode", MODES)
def test_a_query_has_the_same_answer_alone_and_among_others(mode):
    searcher, vectors, _, titles = plain_searcher(400)
    queries = [
        Query.of_text(
            titles[row],
            vectors[row],
        )
        for row in range(40)
    ]
    queries[3] = replace(queries[3], excluded=(3,))
    queries[5] = replace(queries[5], excluded=tuple(range(0, 400, 3)))
    queries[8] = replace(queries[8], excluded=tuple(range(90)))
    for among in (None, np.arange(0, 400, 2)):
        ranking = Ranking(mode, among)
        together = searcher.search(queries, k=7, ranking=ranking)
        alone = [searcher.search([query], k=7, ranking=ranking)[0] for query in queries]
        assert together == alone
    assert searcher.search([], k=7) == []


@pytest.mark.parametrize("mode", MODES)
def test_many_threads_have_the_answers_of_one(mode):
    searcher, vectors, _, titles = plain_searcher(300)
    queries = [Query.of_text(titles[row], vectors[row]) for row in range(64)]
    ranking = Ranking(mode, diversity=0.3)
    expected = [searcher.search([query], k=5, ranking=ranking) for query in queries]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda q: searcher.search([q], k=5, ranking=ranking), queries))
    assert found == expected


@pytest.mark.parametrize("diversity", [0.0, 0.3])
@pytest.mark.parametrize("mode", MODES)
def test_scores_are_those_of_the_papers_and_fewer_results_are_the_first_of_more(mode, diversity):
    searcher, vectors, words, titles = plain_searcher(500)
    query = Query.of_text(titles[11], vectors[12])
    hits = ask(searcher, query, mode=mode, diversity=diversity)
    assert ask(searcher, query, k=5, mode=mode, diversity=diversity) == hits[:5]
    similarities = vectors.astype(np.float64) @ vectors[12].astype(np.float64)
    lexical = words.scores(WeightedTerms.of(titles[11]))
    by_meaning = np.argsort(-similarities).tolist()
    for hit in hits:
        assert hit.score == pytest.approx(similarities[hit.row], abs=1e-6)
        assert hit.lexical_score == pytest.approx(lexical[hit.row], abs=1e-6)
        if mode != "lexical" and hit.dense_rank is not None:
            assert by_meaning[hit.dense_rank - 1] == hit.row
        if hit.lexical_rank is not None:
            assert (lexical > lexical[hit.row]).sum() < hit.lexical_rank
    assert len(hits) == 10


def test_diversity_moves_a_copy_behind_a_paper_that_adds_something():
    searcher = searcher_of(angles(0, 0, 30, 100), index_of(4, moss={0: 1.0, 1: 1.0, 2: 1.0}))
    query = query_of("", 10)
    assert rows_of(ask(searcher, query, mode="dense")) == [0, 1, 2, 3]
    # The copy: .7 cos 10 - .3 = .389; the third: .7 cos 20 - .3 cos 30 = .398.
    spread = ask(searcher, query, mode="dense", diversity=0.3)
    assert rows_of(spread) == [0, 2, 1, 3]
    assert [hit.dense_rank for hit in spread] == [1, 3, 2, 4]
    assert rows_of(ask(searcher, query, diversity=0.3)) == [0, 2, 1, 3]
    by_words = ask(searcher, query_of("moss", 10), mode="lexical", diversity=0.3)
    assert rows_of(by_words) == [0, 2, 1]


class LongestFirst:
    """Scores a paper by the length of its text, and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def scores(self, query, texts):
        self.asked.append((query, list(texts)))
        return np.array([len(text) for text in texts], np.float32)


class Indifferent:
    """Likes every paper as little."""

    def scores(self, _query, texts):
        return np.full(len(texts), -3.5, np.float32)


def test_a_reranker_reads_query_and_papers_and_orders_them(searcher):
    reranker = LongestFirst()
    hits = ask(searcher, query_of("moss", 0), k=3, reranker=reranker)
    assert rows_of(hits) == [1, 0, 3]
    assert [hit.rerank_score for hit in hits] == [
        len(embedding_text(PAPERS[row])) for row in (1, 0, 3)
    ]
    assert [hit.fused_score for hit in hits] == [0.25, 0.5, -0.25]
    assert reranker.asked == [("moss", [embedding_text(PAPERS[row]) for row in (0, 2, 1, 3)])]


def test_a_reranker_that_gives_all_the_same_leaves_the_order(searcher):
    before = ask(searcher, query_of("moss", 0))
    hits = ask(searcher, query_of("moss", 0), reranker=Indifferent())
    assert rows_of(hits) == rows_of(before)
    assert {hit.rerank_score for hit in hits} == {-3.5}


def test_only_the_best_are_reranked():
    searcher, vectors, _, titles = plain_searcher(300)
    query = Query.of_text(titles[5], vectors[5])
    before = rows_of(ask(searcher, query, k=300))
    for k, n_read in ((10, 50), (50, 50), (80, 80)):
        reranker = LongestFirst()
        hits = ask(searcher, query, k=k, reranker=reranker)
        ((_, texts),) = reranker.asked
        assert texts == [embedding_text(Paper(title=titles[row])) for row in before[:n_read]]
        best = sorted(before[:n_read], key=lambda row: -len(titles[row]))
        assert rows_of(hits) == best[:k]
    hits = ask(searcher, query, k=20, reranker=LongestFirst(), diversity=0.2)
    assert len(set(rows_of(hits))) == 20
    assert hits[0].row == best[0]


def test_a_reranker_is_not_asked_of_no_papers(searcher):
    reranker = LongestFirst()
    assert ask(searcher, query_of("lichen", 0), mode="lexical", reranker=reranker) == []
    assert reranker.asked == []


def test_reasons_name_shared_phrases_the_theme_and_the_sentence(searcher):
    query = query_of(embedding_text(PAPERS[0]), 0, excluded=(0,), theme="transport")
    first, *_, last = ask(searcher, query, mode="dense")
    assert first.shared == ("optimal transport",)
    assert first.sentence == "A solver of optimal transport maps."
    assert first.why == (
        "shares “optimal transport”",
        "same theme: transport",
        "says “A solver of optimal transport maps.”",
    )
    assert last.why == ("among the nearest in meaning, though not close",)
    assert (last.shared, last.sentence) == ((), "")


def test_without_a_phrase_in_common_the_reason_says_what_there_is(searcher):
    close, far = ask(searcher, query_of("lichen", 40, excluded=(0, 3)), mode="dense")
    assert close.why == ("close in meaning, with no phrase in common",)
    assert far.score > 0.35


def test_where_no_phrase_is_shared_the_rarest_words_are_named_as_the_paper_has_them():
    words = index_words([paper.title for paper in PAPERS], [paper.abstract for paper in PAPERS])
    searcher = searcher_of(VECTORS, words)
    query = query_of("studies that were slow, and transported nothing", 0)
    first, second = ask(searcher, query, mode="lexical")
    assert (first.row, second.row) == (0, 1)
    assert first.why == ("shares single words: “study”, “slow”, “transport”",)
    assert second.why == ("shares single words: “transport”",)
    assert first.shared == ()


def test_a_text_has_no_theme_in_common(searcher):
    for hit in ask(searcher, query_of("glaciers of the Alps", 90)):
        assert not any("theme" in reason for reason in hit.why)


def test_reasons_can_be_left_out(searcher):
    query = query_of("optimal transport", 0)
    plain = ask(searcher, query, reasons=False)
    assert [replace(hit, shared=(), sentence="", why=()) for hit in ask(searcher, query)] == plain


@pytest.mark.parametrize("k", [0, -1, "3", 2.0, None, True])
def test_fewer_than_one_paper_cannot_be_asked_for(searcher, k):
    with pytest.raises(UsageError, match=f"k = {k!r}: expected a whole number"):
        searcher.search([query_of("x", 0)], k=k)


@pytest.mark.parametrize("mode", ["dense", "hybrid"])
def test_a_query_without_a_vector_has_no_meaning(searcher, mode):
    with pytest.raises(ValueError, match="without a vector"):
        searcher.search([Query.of_text("moss", None)], k=1, ranking=Ranking(mode))


def test_modes_go_by_their_names():
    assert [mode_of(mode) for mode in MODES] == list(MODES)
    assert mode_of(" Dense\n") == "dense"
    for unknown in ("", "semantic", "\0"):
        with pytest.raises(UsageError, match="no mode") as told:
            mode_of(unknown)
        assert told.value.hint == "known modes: hybrid, dense, lexical"


def test_one_paper_is_all_there_is():
    searcher = searcher_of(angles(0), index_of(1, moss={0: 1.0}))
    for mode in MODES:
        assert rows_of(ask(searcher, query_of("moss", 40), mode=mode)) == [0]
        assert ask(searcher, query_of("moss", 40, excluded=(0,)), mode=mode) == []


# Everything at once, against an order that is worked out paper by paper.
WORDS = ["moss", "fern", "green", "the"]
texts = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
turns = st.integers(0, 11).map(lambda number: number * 30)


def plain_order(mode, similarities, lexical, allowed):
    """Rows in their order, by the definition of each mode."""
    if mode == "lexical":
        found = [row for row in allowed if lexical[row] > 0]
        return sorted(found, key=lambda row: (-lexical[row], row))
    if mode == "dense" or not allowed:
        return sorted(allowed, key=lambda row: (-similarities[row], row))
    nearest = max(similarities[row] for row in allowed)
    best = max(lexical[row] for row in allowed)
    fused = {
        row: 0.5 * (1 - (nearest - similarities[row]) / max(nearest, 0.1))
        + 0.5 * (lexical[row] / best if best > 0 else 0)
        for row in allowed
    }
    return sorted(allowed, key=lambda row: (-round(fused[row], 5), row))


@settings(deadline=None)
@given(st.data())
def test_the_order_is_that_of_the_definition(data):
    made = data.draw(st.lists(st.tuples(texts, turns), min_size=1, max_size=12), label="papers")
    titles, degrees = [title for title, _ in made], [turn for _, turn in made]
    vectors, words = angles(*degrees), index_words(titles, [""] * len(made))
    papers = [Paper(id=str(row), title=title) for row, title in enumerate(titles)]
    rows = st.sets(st.integers(0, len(made) - 1)).map(sorted)
    among = data.draw(st.none() | rows, label="among")
    excluded = tuple(data.draw(rows, label="excluded"))
    text, turn = data.draw(texts, label="text"), data.draw(turns, label="turn")
    mode, k = data.draw(st.sampled_from(MODES)), data.draw(st.integers(1, 14))
    searcher = searcher_of(vectors, words, papers, lambda _: None)
    query = query_of(text, turn, excluded=excluded)
    allowed = [row for row in (range(len(made)) if among is None else among) if row not in excluded]
    chosen = None if among is None else np.array(among, np.int64)
    similarities = np.round(vectors.astype(np.float64) @ query.vector.astype(np.float64), 5)
    expected = plain_order(mode, similarities, words.scores(query.terms).tolist(), allowed)
    assert rows_of(ask(searcher, query, k=k, mode=mode, among=chosen)) == expected[:k]


@pytest.mark.parametrize("n_excluded", [1, 150])
def test_by_example_the_word_of_neighbours_counts_and_the_best_stay_whatever_k_is(n_excluded):
    searcher, vectors, _, titles = plain_searcher(700)
    excluded = tuple(range(n_excluded))
    text = Query.of_text(titles[0], vectors[0])
    query = replace(text, excluded=excluded, by_example=True)
    most = ask(searcher, query, k=700, reasons=False)
    assert sorted(rows_of(most)) == list(range(n_excluded, 700))
    fused = [hit.fused_score for hit in most]
    assert fused == sorted(fused, reverse=True)
    for k in (1, 10, 250):
        found = ask(searcher, query, k=k, reasons=False)
        assert rows_of(found) == rows_of(most[:k])
        assert [hit.fused_score for hit in found] == fused[:k]
    assert rows_of(most[:10]) != rows_of(ask(searcher, replace(text, excluded=excluded)))
    for mode in ("dense", "lexical"):
        same = ask(searcher, replace(query, by_example=False), k=20, mode=mode)
        assert ask(searcher, query, k=20, mode=mode) == same


def test_by_example_a_paper_amid_the_best_outranks_one_alone():
    # As near to the query as the first are 25 on its other side; 25 on the first one's are far.
    vectors = angles(37, *np.linspace(-37, -41, 25), *np.linspace(80, 84, 25))
    words = index_of(51, moss=dict.fromkeys(range(51), 1.0))
    papers = [Paper(id=str(row), title="Moss") for row in range(51)]
    searcher = searcher_of(vectors, words, papers, lambda _: None)
    query = query_of("moss", 0)
    assert rows_of(ask(searcher, query, k=3)) == [0, 1, 2]
    company = rows_of(ask(searcher, replace(query, by_example=True), k=51))
    assert sorted(company[:25]) == list(range(1, 26))
    assert company[25] == 0


def test_by_example_what_a_reranker_lifts_does_not_owe_it_to_its_neighbours():
    # All alike to each other: neighbours move nobody, and the longest of them comes last by both.
    vectors = angles(*range(1, 31))
    words = index_of(30, moss={row: 31.0 - row for row in range(30)})
    papers = [Paper(id=str(row), title="Moss " + "x" * row) for row in range(30)]
    searcher = searcher_of(vectors, words, papers, lambda _: None)
    query = replace(query_of("moss", 0), by_example=True)
    plain = {hit.row: hit.why for hit in ask(searcher, query, k=30)}
    reranked = ask(searcher, query, k=30, reranker=LongestFirst())
    assert rows_of(reranked) == list(range(29, -1, -1))
    assert {hit.row: hit.why for hit in reranked} == plain
    spread = ask(searcher, query, k=30, diversity=0.9)
    assert {hit.row: hit.why for hit in spread} == plain
