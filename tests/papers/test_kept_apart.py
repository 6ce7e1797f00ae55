"""Records that look alike and are two papers."""

from __future__ import annotations

import pytest

from pipeline.papers import Paper
from pipeline.papers.likeness import Candidate, Verdict, judge

TITLE = "A long study of moss on northern walls"
STOCK = "The abstract of this article is not available in English; see the full text."


def verdict(one, other):
    found = {judge(Candidate(a), Candidate(b)).verdict for a, b in ((one, other), (other, one))}
    assert len(found) == 1
    return found.pop()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            Paper(title=TITLE, abstract=STOCK, year=2001),
            Paper(title=TITLE, abstract=STOCK, year=2009),
        ),
        (Paper(abstract=STOCK, year=2001), Paper(abstract=STOCK, year=2009)),
        (
            Paper(title=TITLE, authors=("W. Wang",), year=2020, venue="Remote Sensing"),
            Paper(title=TITLE, authors=("Wen Wang",), year=2021, venue="Botany Letters"),
        ),
        (
            Paper(title="From the President of the Society", authors=("Ana Vega",), year=2019),
            Paper(title="From the President of the Society", authors=("Ana Vega",), year=2020),
        ),
        (
            Paper(title="Quiz case of the month: a red spot", authors=("Ana Vega",), year=2019),
            Paper(title="Quiz case of the month: a red spot", authors=("Ana Vega",), year=2020),
        ),
        (
            Paper(title="Studies in moss genetics", authors=("Ana Vega",), year=2019),
            Paper(
                title="Studies in moss genetics: Growth in shade",
                authors=("Ana Vega",),
                year=2019,
            ),
        ),
    ],
    ids=["stock abstract", "stock abstract, no title", "namesakes", "column", "quiz", "series"],
)
def test_likeness_is_no_proof(one, other):
    assert verdict(one, other) is not Verdict.SAME


def test_a_year_later_in_one_place_is_the_same():
    one = Paper(title=TITLE, authors=("Ana Vega",), year=2019, venue="Journal of Moss")
    other = Paper(title=TITLE, authors=("A. Vega",), year=2020, venue="J. Moss")
    assert verdict(one, other) is Verdict.SAME
