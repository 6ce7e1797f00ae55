"""Scores: how strongly words mark a theme, and whether what is near a phrase is the theme's."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.label.corpus import count_phrases
from pipeline.label.naming import nearness
from pipeline.label.scoring import mark_themes, nearest_papers, retrieval


def test_marking_score_is_the_stated_formula() -> None:
    corpus = count_phrases(["", "", "", ""], ["red kites", "red kites", "blue ships", "blue ships"])
    (marks, _) = mark_themes(corpus, [np.array([0, 1]), np.array([2, 3])], n_best=9)
    share, background, other = 0.6, 0.5 / 3, 0.0
    smooth = 1.2 / 3
    expected = share * np.log(share / background) * smooth / (smooth + 0.5 * other)
    evidence = (1 - np.exp(-1.2 / 1.3)) / (1 - np.exp(-2 / 1.3))
    assert corpus.write(marks.columns)[0] == "red kites"
    assert marks.scores[0] == pytest.approx(expected * evidence, rel=1e-5)
    assert marks.coverages[0] == 1.0
    assert marks.counts[0] == 2


def test_a_phrase_of_one_child_counts_half_in_a_parent_of_two() -> None:
    corpus = count_phrases([""] * 6, ["red kites"] * 2 + ["blue ships"] * 2 + ["old maps"] * 2)
    members = [np.arange(4), np.arange(4, 6)]
    parts = [[np.array([0, 1]), np.array([2, 3])], [np.array([4, 5])]]
    alone = mark_themes(corpus, members, n_best=9)[0]
    shared = mark_themes(corpus, members, n_best=9, children=parts)[0]
    assert shared.scores[0] == pytest.approx(alone.scores[0] / 2)


def test_the_nearest_papers_come_nearest_first() -> None:
    papers = np.array([[0, 1], [1, 0], [0.8, 0.6]], dtype=np.float32)
    assert nearest_papers(np.array([[1, 0]], np.float32), papers).tolist() == [[1, 2, 0]]


def test_retrieval_is_one_where_all_near_papers_are_the_themes() -> None:
    hits = np.zeros((3, 40), dtype=bool)
    hits[0, :5] = True
    hits[1, 20:] = True
    hits[2, :3] = True
    found = retrieval(hits, np.array([5, 5, 5]))
    assert found[:2].tolist() == [1.0, 0.0]
    assert found[2] == pytest.approx(3 / 5)


def test_nearness_takes_half_of_the_next_theme_away() -> None:
    cosines = np.array([[0.5, 0.2, 0.4], [0.5, 0.2, -0.4]], dtype=np.float32)
    near = nearness(cosines, np.array([0, 1]))
    assert near.ravel().tolist() == pytest.approx([0.5 - 0.2, 0.1, 0.2 - 0.25, -0.3], abs=1e-6)
