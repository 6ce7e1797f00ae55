"""Numbers and lists in words."""

from __future__ import annotations

import pytest

from pipeline.papers import Paper
from pipeline.report.phrasing import counted, enumeration, paper_item, percent, year_span


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0, "0%"),
        (0.0001, "under 0.1%"),
        (0.027, "2.7%"),
        (0.02, "2%"),
        (0.314, "31%"),
        (0.9999, "over 99%"),
        (1.0, "100%"),
    ],
)
def test_a_share_never_looks_like_nothing_or_all(share, told):
    assert percent(share) == told


def test_counts_have_their_noun():
    assert counted(1, "paper") == "1 paper"
    assert counted(1200, "copy", "copies") == "1,200 copies"


def test_lists_end_with_and():
    assert enumeration(["a"]) == "a"
    assert enumeration(["a", "b", "c"]) == "a, b and c"
    assert enumeration([]) == ""


def test_years_are_a_span_or_one_year_or_nothing():
    assert year_span({2019: 1, 2024: 3}) == "2019–2024"
    assert year_span({2019: 1}) == "2019"
    assert year_span({}) == ""


def test_a_paper_names_three_authors_and_a_web_address_alone():
    paper = Paper(title=" A\n title ", authors=("A", "B", "C", "D"), url="javascript:alert(1)")
    item = paper_item(paper, "why")
    assert (item.title, item.authors, item.year, item.venue) == (
        "A title",
        "A, B, C et al.",
        "",
        "",
    )
    assert (item.href, item.remark) == ("", "why")
