"""Exemplars: few papers that together cover a theme."""

from __future__ import annotations

import numpy as np

from pipeline.label.exemplars import choose_exemplars


def test_the_second_exemplar_shows_what_the_first_does_not() -> None:
    vectors = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], dtype=np.float32)
    chosen = choose_exemplars(vectors, np.arange(4), np.ones(4, np.float32))
    assert chosen[:2] == (0, 3)


def test_the_first_exemplar_is_the_most_central_and_firm() -> None:
    vectors = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]], dtype=np.float32)
    strengths = np.array([1, 0.1, 1, 1], dtype=np.float32)
    assert choose_exemplars(vectors, np.arange(4), strengths)[0] == 2


def test_rows_are_those_of_the_corpus_and_each_is_there_once() -> None:
    vectors = np.ones((9, 3), dtype=np.float32) / np.sqrt(3).astype(np.float32)
    chosen = choose_exemplars(vectors, np.array([2, 5, 8]), np.ones(9, np.float32))
    assert sorted(chosen) == [2, 5, 8]
    assert choose_exemplars(vectors, np.array([4]), np.ones(9, np.float32)) == (4,)
