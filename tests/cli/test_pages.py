"""What pages say of numbers and dates, in words that hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from artifacts.small_atlas import small_details, small_papers, small_records

from pipeline import Atlas
from pipeline.artifacts import ThemeRow, open_writer
from pipeline.cli.pages import build_page, show_page, themes_page, title_of
from pipeline.cli.related import Among, Answer, Question, related_page, related_values
from pipeline.dossier import PaperInAtlas, ThemeOfPaper
from pipeline.edits import EditReport
from pipeline.papers import FileReport, Paper, Source
from pipeline.related import RelatedPaper
from pipeline.search import Hit
from pipeline.stages import BuildResult

TOGETHER = "Without a fifth of the papers, two of the same theme stay together 75% of the time"


def built(n_papers, snapshot="", n_themes=0, **shares):
    report = FileReport("a.txt", "text", found=1319, imported=1300, merged=19, set_aside=0)
    values = {"unassigned_share": 0, "split_share": 0, "cut_share": 0, "stability": None,
              "n_unstable": 0, "edits": EditReport(), "refined": (), **shares}  # fmt: skip
    result = BuildResult(Path("a"), snapshot, (report,), n_papers, n_themes, timings_s={}, **values)
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
    hit = Hit(1, 0, score, 0.0, 1, None)
    found = [RelatedPaper(Paper(id="a", title="T", abstract="A"), None, hit)]
    question = Question("q", None, (), (), None)
    answer = Answer(found, "hybrid", Among(1, 1, {}), question, None, lambda _: found[0].paper)
    last = list(related_page(answer, "q"))[-1]
    assert (last == f"Nothing is very close: the best is at {score:.2f}.") is is_far
    assert related_values(answer)["is_close"] is not is_far


@pytest.mark.parametrize(
    ("n_unstable", "told"),
    [
        (0, "no theme is unstable."),
        (1, "1 theme is unstable."),
        (3, "3 themes are unstable."),
    ],
)
def test_a_build_tells_how_stable_the_themes_are(n_unstable, told):
    page = built(1300, "s", 25, stability=0.7543, n_unstable=n_unstable)
    assert page[1] == "25 themes; none left over."
    assert " ".join(page[2 : page.index("")]) == f"{TOGETHER}; {told}"


def test_a_build_without_refits_says_nothing_of_stability():
    assert built(1300, "s", 25)[1:3] == ["25 themes; none left over.", ""]


@pytest.fixture
def write_atlas(tmp_path):
    """Writes an atlas of two themes, the second unstable where `stability` is known."""

    def write(stability):
        known = stability is not None
        themes = [
            ThemeRow(
                0, 0, "firm moss", 2, None, ("spores",), (0,), stability=0.5 if known else None
            ),
            ThemeRow(
                1, 0, "loose tide", 1, None, ("moon",), (2,), stability=0.49 if known else None
            ),
        ]
        facts = {"stabilities": [stability], "calibration_errors": [None], "agreements": [1.0]}
        papers = small_papers(n_papers=3)
        with open_writer(tmp_path / "atlas") as writer:
            writer.write_papers(papers, iter(small_records(papers)), [])
            writer.write_themes(
                themes,
                np.array([[0, 0, 1]], np.int32),
                np.ones((1, 3), np.float32),
                default_layer=0,
            )
            writer.create_array("vectors-0000.npy", (3, 4))[:] = 0.5
            writer.write_layout(np.zeros((3, 2), np.float32))
            writer.seal(small_details(facts={"themes": facts}))
            writer.commit()
        return Atlas.open(tmp_path / "atlas")

    return write


@pytest.mark.parametrize("columns", ["60", "100", ""])
def test_unstable_themes_are_marked_and_lines_are_no_longer_for_it(
    write_atlas, columns, monkeypatch
):
    monkeypatch.setenv("COLUMNS", columns)
    with write_atlas(stability=0.7543) as atlas:
        page = list(themes_page(atlas, None))
    (firm,) = [line for line in page if "firm" in line]
    (loose,) = [line for line in page if "loose" in line]
    assert firm.startswith("    0       2  firm moss")
    assert loose.startswith("    1       1 ~loose tide")
    assert max(map(len, page)) <= int(columns or 100)
    told = " ".join(page[page.index("") + 1 :])
    assert told == f"Layer 0: 2 themes of 3 papers. {TOGETHER}; 1 theme, marked ~, is unstable."


def test_what_was_not_measured_is_said_not_to_be(write_atlas):
    with write_atlas(stability=None) as atlas:
        page = list(themes_page(atlas, None))
    assert page[-1].endswith("How stable they are was not measured.")
    assert "~" not in "".join(page)


@pytest.mark.parametrize(
    ("strength", "stability", "told"),
    [
        (0.9, 1.0, "strength 0.90, core)"),
        (0.7, 1.0, "strength 0.70, core)"),
        (float(np.float32(0.7)), 1.0, "strength 0.70, core)"),
        (0.69, 1.0, "strength 0.69, fringe)"),
        (0.69, None, "strength 0.69)"),
    ],
)
def test_a_paper_is_told_its_tier(strength, stability, told):
    theme = ThemeRow(3, 0, "moss", 4, None, stability=stability)
    shown = PaperInAtlas(
        Paper(id="a", title="T", abstract="A"), (ThemeOfPaper(theme, strength),), (), ()
    )
    (line,) = [line for line in show_page(shown) if "layer 0" in line]
    assert line == f"  layer 0: moss (theme 3, {told}"


def test_a_paper_without_a_theme_is_told_to_be_unassigned():
    page = list(show_page(PaperInAtlas(Paper(id="a", title="T", abstract="A"), (), (), ())))
    assert "In no theme: unassigned." in page


def test_what_is_retracted_is_marked():
    assert title_of(Paper(title="On Moss", status="retracted")) == "[retracted] On Moss"


def test_a_merged_paper_says_which_fields_each_file_gave():
    records = (
        Paper(id="m", title="On Moss", abstract="It dries.", sources=(Source("a.bib", 9),)),
        Paper(title="On Moss", venue="Mosses", sources=(Source("b.nbib", 120),)),
    )
    *_, fields = show_page(PaperInAtlas(records[0], (), (), records))
    assert fields == "Fields: abstract, title from a.bib:9; venue from b.nbib:120"
    assert not any(
        "Fields" in line for line in show_page(PaperInAtlas(records[0], (), (), records[:1]))
    )
