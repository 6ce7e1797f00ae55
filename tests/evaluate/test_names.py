"""What a name finds, with vectors that are the words themselves."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from pipeline.evaluate.names import (
    NameTest,
    WordSearch,
    coherence,
    diversity,
    held_out_names,
    own_theme_nearest,
    precision_by_meaning,
    precision_by_words,
    split_folds,
    term_papers,
    uniqueness,
)

WORDS = ("moss", "tide", "loom", "roof", "harbour", "silk")


def encode(texts) -> np.ndarray:
    """Unit rows that count the words of `WORDS`, with a little of everything."""
    rows = [[text.lower().count(word) + 0.01 for word in WORDS] for text in texts]
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rows(*numbers) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


TEXTS = ["moss", "moss roof", "tide", "tide moss moss", "loom"]


def test_precision_is_of_as_many_as_are_to_be_found():
    vectors = encode(TEXTS)
    pool = np.arange(5)
    # The two nearest to "moss" are 0 and 3 (cosines 1 and .89), of which the theme {0, 1} has one.
    moss = NameTest(0, 0, "moss", rows(0, 1), pool)
    assert precision_by_meaning([moss], vectors, encode).value == 0.5
    # "loom" finds its only paper; the mean over themes, not over papers.
    loom = NameTest(0, 1, "loom", rows(4), pool)
    assert precision_by_meaning([moss, loom], vectors, encode).value == 0.75
    # A theme named twice counts once, by the mean of its names.
    again = NameTest(0, 0, "roof", rows(0, 1), pool)
    assert precision_by_meaning([moss, again, loom], vectors, encode).value == pytest.approx(
        ((0.5 + precision_by_meaning([again], vectors, encode).value) / 2 + 1) / 2
    )


def test_only_the_pool_is_looked_through_and_no_more_than_ten_places_count():
    vectors = encode(TEXTS)
    assert (
        precision_by_meaning(
            [NameTest(0, 0, "moss", rows(1), rows(1, 2, 4))], vectors, encode
        ).value
        == 1.0
    )
    many = encode(["moss"] * 12 + ["tide"] * 5)
    test = NameTest(0, 0, "moss", np.arange(12), np.arange(17))
    assert precision_by_meaning([test], many, encode).value == 1.0
    wrong = NameTest(0, 0, "tide", np.arange(12), np.arange(17))
    assert precision_by_meaning([wrong], many, encode).value == 0.5  # 5 of tide, then 5 of moss


def test_a_search_by_words_finds_no_paper_without_them():
    search = WordSearch(["Mosses of walls", "moss and moss", "tides", ""])
    pool = np.arange(4)
    assert search.scores("moss")[2:].tolist() == [0, 0]
    # Both say moss, in whatever number; the third is not found, though no other is left.
    assert precision_by_words([NameTest(0, 0, "moss", rows(0, 1), pool)], search).value == 1.0
    test = NameTest(0, 0, "moss", rows(0, 1, 2), pool)
    assert precision_by_words([test], search).value == pytest.approx(2 / 3)
    assert precision_by_words([NameTest(0, 0, "loom", rows(2), pool)], search).value == 0.0
    assert WordSearch(["", "the of"]).scores("moss").tolist() == [0, 0]


def test_without_a_theme_that_is_large_enough_there_is_no_precision():
    figure = precision_by_meaning([], encode(TEXTS), encode)
    assert figure.value is None
    assert "5 papers" in figure.missing
    assert precision_by_words([], WordSearch(TEXTS)).value is None


def test_own_theme_nearest_is_measured_from_the_mean_of_all():
    texts = ["moss", "moss", "tide", "tide", "loom", "loom"]
    labels = np.repeat(np.arange(3), 2).astype(np.int32)
    names = ["moss", "harbour tide", "moss loom loom"]
    args = labels, encode(texts), encode
    assert own_theme_nearest(names, [True] * 3, *args).value == 1.0
    assert own_theme_nearest(["moss", "loom", "moss"], [True] * 3, *args).value == pytest.approx(
        1 / 3
    )
    # Small themes are not counted, but still take names away from others.
    assert own_theme_nearest(["tide", "tide", "loom"], [True, False, True], *args).value == 0.5
    assert own_theme_nearest(["moss"], [True], np.zeros(6, np.int32), *args[1:]).value is None


def test_uniqueness_does_not_look_at_capitals():
    assert uniqueness(["Moss", "moss", "tides", "looms"], [True] * 4).value == 0.5
    assert uniqueness(["Moss", "moss", "tides"], [True, False, False]).value == 0.0
    assert uniqueness(["Moss"], [False]).value is None


def test_diversity_is_the_share_of_distinct_words():
    # moss, roof | roof, tide: three distinct of four; a theme's own repetitions do not count.
    assert diversity([["moss", "moss roofs"], ["roof", "tides"]]).value == 0.75
    assert diversity([["moss"], ["tides"]]).value == 1.0
    assert diversity([[], ["the"]]).value is None


def npmi_of(terms, texts):
    return coherence(terms, term_papers({t for own in terms for t in own}, texts), len(texts))


def test_coherence_worked_out_by_hand():
    texts = ["moss on a roof", "mosses", "roof", "tide"]
    # p(moss) = p(roof) = 1/2, together 1/4: log(1) = 0.
    assert npmi_of([["moss", "roof"]], texts).value == pytest.approx(0.0)
    # tide and moss never meet: -1; the mean of the pairs, and of themes.
    assert npmi_of([["moss", "tide"]], texts).value == -1.0
    assert npmi_of([["moss", "roof", "tide"]], texts).value == pytest.approx(-2 / 3)
    assert npmi_of([["moss", "roof"], ["moss", "tide"]], texts).value == pytest.approx(-0.5)
    # Together in one of three, and nowhere else: log(1/3 / (1/9)) / -log(1/3) = 1.
    assert npmi_of([["silk", "loom"]], ["silk loom", "a", "b"]).value == pytest.approx(1.0)
    # p = 2/3 and 1/3, together 1/3: log(3/2) / log(3).
    expected = log(1.5) / log(3)
    assert npmi_of([["silk", "loom"]], ["silk loom", "loom", "b"]).value == pytest.approx(expected)
    assert npmi_of([["silk", "loom"]], ["silk loom"]).value == 1.0


def test_terms_that_no_text_has_or_that_are_alone_have_no_coherence():
    assert npmi_of([["moss", "unheard"]], TEXTS).value is None
    assert npmi_of([["moss"]], TEXTS).value is None
    assert npmi_of([], TEXTS).missing


def test_terms_of_several_words_are_found_where_these_stand_together():
    papers = term_papers(
        ["green moss", "moss"], ["Green mosses", "green. Moss", "moss, green moss"]
    )
    assert papers == {("green", "moss"): {0, 2}, ("moss",): {0, 1, 2}}


def test_folds_halve_every_theme_of_every_layer():
    fine = np.repeat(np.arange(20), 5).astype(np.int32)
    folds = split_folds(fine, seed=1)
    counts = np.array([np.bincount(folds[fine == theme], minlength=2) for theme in range(20)])
    assert set(counts.ravel()) == {2, 3}
    assert folds.sum() == 50
    assert (split_folds(fine, seed=1) == folds).all()
    assert (split_folds(fine, seed=2) != folds).any()


def test_names_come_from_one_half_and_are_tested_on_the_other():
    fine = np.repeat(np.arange(3), [8, 8, 2]).astype(np.int32)
    coarse = (fine > 0).astype(np.int32)
    labels = np.stack([fine, coarse])
    titles = ["Moss gardens"] * 8 + ["Tide tables"] * 8 + ["Loom cards"] * 2
    vectors = encode(titles)
    tests = held_out_names(
        labels, np.ones(labels.shape, np.float32), vectors, titles, [""] * 18,
        layers=[0, 1], encode=encode, stop=(), banned=(), seed=0,
    )  # fmt: skip
    named = {(t.layer, t.theme): t.name for t in tests}
    assert set(named) == {(0, 0), (0, 1), (1, 0), (1, 1)}  # not the theme of two papers
    assert "moss" in named[0, 0].lower()
    folds = split_folds(fine, seed=0)
    pools = {tuple(t.pool) for t in tests}
    assert pools == {tuple(np.flatnonzero(folds == fold)) for fold in (0, 1)}
    for t in tests:
        assert (labels[t.layer, t.members] == t.theme).all()
        assert set(t.members) == set(t.pool) & set(np.flatnonzero(labels[t.layer] == t.theme))
    assert precision_by_meaning([t for t in tests if t.layer == 0], vectors, encode).value == 1.0
