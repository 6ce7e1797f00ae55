"""What pages say of numbers and dates, in words that hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.atlas import PaperInAtlas, RelatedPaper
from pipeline.cli.pages import build_page, related_page, show_page
from pipeline.edits import EditReport
from pipeline.papers import FileReport, Paper
from pipeline.stages import BuildResult


def built(n_papers, **shares):
    report = FileReport("a.txt", "text", found=1319, imported=1300, merged=19, set_aside=0)
    values = {"unassigned_share": 0, "split_share": 0, "cut_share": 0, **shares}
    values |= {"timings_s": {}, "edits": EditReport(), "refined": ()}
    result = BuildResult(Path("a"), "", (report,), n_papers, 0, **values)
    return list(build_page(result))


def test_counts_add_up_with_a_limit_too():
    assert built(1300)[0] == "1,319 records are 1,300 papers, 19 copies merged."
    assert built(400)[0] == (
        "1,319 records are 1,300 papers, 19 copies merged; 400 of the papers are used (--limit)."
    )


def test_shares_say_of_what_they_are():
    assert built(400, split_share=0.71, cut_share=0.02)[1:3] == [
        "71% of the papers are longer than the model's window and are read in pieces.",
        "2% of the papers are so long that their end is not read.",
    ]


@pytest.mark.parametrize(
    ("date", "year", "told"),
    [
        ("--05-28", 2026, "28 May; 2026"),
        ("--05-28", None, "28 May"),
        ("--12-01", None, "1 December"),
        ("2026-05-28", 2026, "2026-05-28"),
        (None, 2026, "2026"),
    ],
)
def test_a_date_without_a_year_is_told_in_words(date, year, told):
    paper = Paper(id="a", title="T", abstract="A", date=date, year=year)
    page = list(show_page(PaperInAtlas(paper, (), (), ())))
    assert page[1].strip() == told


@pytest.mark.parametrize(("score", "is_far"), [(0.29, True), (0.349, True), (0.35, False)])
def test_a_far_best_paper_is_told_as_such(score, is_far):
    hit = RelatedPaper(1, Paper(id="a", title="T", abstract="A"), score, None, ())
    last = list(related_page([hit], "q"))[-1]
    assert (last == f"nothing is very close: the best is at {score:.2f}") is is_far
