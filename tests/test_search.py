"""Ranks and reasons on vectors that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.index import ExactIndex
from pipeline.papers import Paper
from pipeline.search import Searcher

PAPERS = [
    Paper(id="a", title="Optimal transport", abstract="We study optimal transport. It is slow."),
    Paper(id="b", title="Fast optimal transport", abstract="A solver of optimal transport maps."),
    Paper(id="c", title="Glaciers", abstract="Alpine glaciers retreat."),
    Paper(id="d", title="Glaciers again", abstract="Alpine glaciers retreat faster."),
]
# In the plane, at 0, 60, 90 and 180 degrees: cosines with the first are 1, .5, 0 and -1.
VECTORS = np.array([[1, 0], [0.5, 3**0.5 / 2], [0, 1], [-1, 0]], dtype=np.float32)
THEMES = {0: "transport", 1: "transport", 2: "ice", 3: None}


@pytest.fixture
def searcher():
    return Searcher(ExactIndex(VECTORS), lambda rows: [PAPERS[row] for row in rows], THEMES.get)


def ranked(hits):
    return [(hit.rank, hit.row, round(hit.score, 4)) for hit in hits]


def test_a_text_gets_every_paper_best_first_with_its_cosine(searcher):
    hits = searcher.related_to_text("optimal transport", VECTORS[0], k=10)
    assert ranked(hits) == [(1, 0, 1.0), (2, 1, 0.5), (3, 2, 0.0), (4, 3, -1.0)]
    assert ranked(searcher.related_to_text("x", VECTORS[0], k=2)) == ranked(hits)[:2]


def test_a_paper_is_never_related_to_itself(searcher):
    for row, vector in enumerate(VECTORS):
        for k in (1, 3, 10):
            hits = searcher.related_to_row(row, vector, k=k)
            assert len(hits) == min(k, 3)
            assert row not in {hit.row for hit in hits}
    assert ranked(searcher.related_to_row(0, VECTORS[0], k=1)) == [(1, 1, 0.5)]


def test_a_paper_among_its_copies_is_left_out_all_the_same():
    same = np.repeat(VECTORS[:1], 9, axis=0)
    searcher = Searcher(ExactIndex(same), lambda rows: [PAPERS[0] for _ in rows], lambda _: None)
    for row in range(9):
        rows = [hit.row for hit in searcher.related_to_row(row, same[row], k=3)]
        assert len(set(rows)) == 3
        assert row not in rows


def test_reasons_name_shared_phrases_the_theme_and_the_sentence(searcher):
    first, *_, last = searcher.related_to_row(0, VECTORS[0], k=3)
    assert first.why == (
        "shares “optimal transport”",
        "same theme: transport",
        "says “A solver of optimal transport maps.”",
    )
    assert last.why == ("close in meaning, with no phrase in common",)


def why(query, title, abstract):
    paper = Paper(id="w", title=title, abstract=abstract)
    searcher = Searcher(ExactIndex(VECTORS[:1]), lambda rows: [paper for _ in rows], lambda _: None)
    (hit,) = searcher.related_to_text(query, VECTORS[0], k=1)
    return hit.why


@pytest.mark.parametrize("word", ["Model", "algorithm", "cost", "Learning", "training"])
def test_one_everyday_word_is_no_reason(word):
    assert why(f"{word}.", word, f"{word}. Of {word}.") == (
        "close in meaning, with no phrase in common",
    )


def test_one_plain_word_is_shared_only_where_nothing_better_is():
    assert why("Glaciers. Snow.", "On glaciers", "Of snow.")[0] == "shares “glaciers”"
    both = why("Glaciers. Coral reefs.", "On glaciers", "Of coral reefs.")
    assert both[0] == "shares “coral reefs”"
    assert why("GAN. Glaciers.", "On glaciers", "A GAN.")[0] == "shares “GAN”"


def test_shared_phrases_are_written_as_in_running_text():
    title, abstract = "Optimal Transport Maps", "Optimal transport is old. We solve {} again."
    found = why("optimal transport", title, abstract.format("optimal transport"))
    assert found[0] == "shares “optimal transport”"
    assert why("optimal transport", title, "")[0] == "shares “Optimal Transport”"


def test_a_text_has_no_theme_in_common(searcher):
    (hit,) = searcher.related_to_text("glaciers of the Alps", VECTORS[2], k=1)
    assert hit.row == 2
    assert not any("theme" in reason for reason in hit.why)


def test_a_long_sentence_is_cut_with_a_mark():
    long = Paper(id="l", title="", abstract="Optimal transport " + "goes on and on " * 40 + ".")
    searcher = Searcher(ExactIndex(VECTORS[:1]), lambda rows: [long for _ in rows], lambda _: None)
    (hit,) = searcher.related_to_text("optimal transport", VECTORS[0], k=1)
    assert hit.why[-1].endswith(" …”")
    assert len(hit.why[-1]) < 220


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_paper_cannot_be_asked_for(searcher, k):
    with pytest.raises(UsageError, match=f"k = {k}: expected at least 1"):
        searcher.related_to_text("x", VECTORS[0], k=k)
