"""Which paper a text is, whatever became of its spaces, case and punctuation."""

from __future__ import annotations

import pytest

from pipeline.recognise import PaperFinder

TITLE = "Optimal Transport, Revisited: a Survey"
ABSTRACT = "We study optimal transport between datasets – of different dimension."
OTHER = "Graph neural networks do not need graphs at all."


@pytest.fixture
def finder():
    return PaperFinder(
        [(TITLE, ABSTRACT), ("", OTHER), ("A short title", "Über allen Gipfeln ist Ruh")]
    )


def one(finder, text):
    (row,) = finder.rows([text]).tolist()
    return row


@pytest.mark.parametrize(
    "text",
    [
        f"{TITLE}\n{ABSTRACT}",
        f"{TITLE}. {ABSTRACT}",
        TITLE,
        ABSTRACT,
        f"  {ABSTRACT.upper()}\n\n",
        ABSTRACT.replace("–", "-").replace(" ", "\n"),
    ],
)
def test_a_paper_is_known_by_title_abstract_or_both(finder, text):
    assert one(finder, text) == 0


def test_letters_of_other_scripts_count(finder):
    assert one(finder, "ÜBER ALLEN GIPFELN IST RUH.") == 2
    assert one(finder, "Uber allen Gipfeln ist Ruh") == -1
    chinese = PaperFinder(
        [("图神经网络", "我们研究图神经网络在小数据上的表现。"), ("最优传输", "")]
    )
    assert one(chinese, "图神经网络 我们研究图神经网络 在小数据上的表现") == 0
    assert one(chinese, "最优传输!") == 1


@pytest.mark.parametrize(
    "text", ["", " \n", "…!?", "nothing of the kind", TITLE[:-1], "A short title"]
)
def test_anything_else_is_unknown(finder, text):
    assert one(finder, text) == -1


def test_a_paper_of_marks_alone_is_not_every_text_of_marks():
    assert one(PaperFinder([("???", "")]), "!!!") == -1


def test_a_short_title_alone_is_known_where_it_is_the_whole_paper():
    assert one(PaperFinder([("Attention", "")]), "attention") == 0


def test_what_two_papers_share_says_nothing_but_a_whole_paper_does():
    shared = "The same twenty letters and more"
    finder = PaperFinder([(shared, "first abstract of the two"), (shared, "the second abstract")])
    assert one(finder, shared) == -1
    assert one(finder, "first abstract of the two") == 0
    whole = PaperFinder([("Some title of a paper", shared), ("", shared)])
    assert one(whole, shared) == 1
    twice = PaperFinder([("", shared), ("", shared)])
    assert one(twice, shared) == 0


def test_an_abstract_goes_before_a_title():
    text = "Neither long nor short of letters"
    assert one(PaperFinder([(text, "an abstract of the first"), ("Title two", text)]), text) == 1


def test_half_a_surrogate_pair_is_a_letter_like_none_other():
    assert one(PaperFinder([("", "half \ud83d of a pair, and more text")]), "half of it") == -1


def test_many_texts_at_once_and_none():
    finder = PaperFinder((f"Title number {i} of the atlas", f"abstract {i}") for i in range(5000))
    rows = finder.rows([f"Title number {i} of the atlas" for i in range(0, 6000, 7)])
    assert rows.tolist() == [i if i < 5000 else -1 for i in range(0, 6000, 7)]
    assert finder.rows([]).tolist() == []
    assert PaperFinder([]).rows(["a", "b"]).tolist() == [-1, -1]
