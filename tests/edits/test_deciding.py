"""The user's word on which records are one paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from papers.made import TOPICS, paper

from pipeline.edits import Different, EditReport, Same, decide_papers, read_edits, theme_edits
from pipeline.papers import group_records, table_of
from pipeline.settings import load_settings
from pipeline.stages import build_atlas

ANA, LI = "Ana Vega", "Li Wu"
MOSS = paper("How Cushions of Moss Keep Water", TOPICS["moss"], [ANA], id="m1", file="a.bib")
WET = paper("Wet Moss", "", [ANA], doi="10.1000/wet", file="b.ris", line=7)
COPY = paper("How Cushions of Moss Keep Water", "", [ANA], id="m2", year=2001, file="b.ris", line=9)
TIDES = paper("Boats that Measure the Tides", TOPICS["tides"], [LI], arxiv_id="2401.00001")


def decided(edits, *records):
    grouped, report = decide_papers(group_records(records), edits)
    again, same_report = decide_papers(group_records(reversed(records)), edits)
    assert table_of(grouped) == table_of(again)
    assert report == same_report
    return table_of(grouped), report


def titles_of(table):
    return sorted(sorted({r.title for r in group}) for group in table.records)


@pytest.mark.parametrize(
    "names",
    [
        ("m1", "10.1000/wet"),
        ("a.bib:1", "b.ris:7"),
        ("how cushions of moss keep water", "doi:10.1000/wet"),
        ("m2", "Wet Moss"),
    ],
)
def test_records_that_the_user_joins_are_one_paper(names):
    table, report = decided((Same(names),), MOSS, WET, COPY, TIDES)
    assert len(table) == 2
    assert {len(group) for group in table.records} == {1, 3}
    assert report == EditReport(1)
    assert table.find("m1") is table.find("doi:10.1000/wet")


def test_without_a_word_on_papers_nothing_changes():
    grouped = group_records([MOSS, COPY])
    assert decide_papers(grouped, ()) == (grouped, EditReport())


def test_records_that_the_user_parts_are_two_papers():
    table, report = decided((Different(("m1", "m2")),), MOSS, COPY, TIDES)
    assert len(table) == 3
    assert report == EditReport(1)


def test_exact_copies_can_be_parted():
    records = [paper("On Moss", TOPICS["moss"], [ANA], file=file) for file in "abc"]
    table, report = decided((Different(("a:1", "b:1")),), *records)
    assert sorted(len(group) for group in table.records) == [1, 2]
    assert report == EditReport(1)


def test_what_one_edit_parts_no_other_joins():
    edits = (Same(("m1", "m2"), line=2), Different(("m1", "m2"), line=9))
    table, report = decided(edits, MOSS, COPY)
    assert len(table) == 2
    assert report.n_applied == 1
    assert report.problems == (
        "labels.toml:2: same: line 9 keeps some of its records apart; take one of the edits out",
    )


def test_a_wish_that_is_met_already_is_applied():
    assert decided((Same(("m1", "m2")),), MOSS, COPY)[1] == EditReport(1)


def test_an_unknown_record_is_told():
    told = decided((Same(("m1", "nobody"), line=4),), MOSS, WET)[1]
    assert told.problems == (
        'labels.toml:4: same: found no record for "nobody"; '
        "name papers by id, DOI, title, or file and line",
    )
    told = decided((Same(("m1", "nobody", "Wet Moss"), line=4),), MOSS, WET)[1]
    assert told.n_applied == 1
    assert told.problems == (
        'labels.toml:4: same: applied, but found no record for "nobody"; '
        "correct it, or take it out of the edit",
    )


def test_a_title_of_several_papers_joins_nothing():
    years = [paper("Editorial", year=year, file=f"{year}.ris") for year in (2001, 2002)]
    table, report = decided((Same(("Editorial", "m1"), line=3),), MOSS, *years)
    assert len(table) == 3
    assert report.problems == (
        'labels.toml:3: same: "Editorial" is the name of several papers; '
        "name records by file and line, such as 2001.ris:1",
    )


def test_two_names_of_one_record_cannot_be_parted():
    report = decided((Different(("10.1000/wet", "Wet Moss"), line=3),), MOSS, WET)[1]
    assert report.problems == (
        'labels.toml:3: different: "10.1000/wet" and "Wet Moss" mean the same record; '
        "name records by file and line, such as b.ris:7",
    )


def test_they_are_read_from_the_file_beside_edits_of_themes(tmp_path):
    path = tmp_path / "labels.toml"
    path.write_text(
        """[[same]]
papers = ["a", "b"]
[[rename]]
papers = ["a", "c"]
name = "moss"
[[different]]
papers = ["a.bib:1", "c"]
""",
        "utf-8",
    )
    edits = read_edits(path)
    assert edits[0] == Same(("a", "b"))
    assert edits[2] == Different(("a.bib:1", "c"))
    assert [edit.line for edit in edits] == [1, 3, 6]
    assert theme_edits(edits) == (edits[1],)


def test_a_build_applies_them_every_time_and_tells(tmp_path):
    atlas, seeds = tmp_path / "atlas", Path(__file__).parents[2] / "seeds"
    atlas.mkdir()
    (atlas / "labels.toml").write_text(
        """[[same]]
papers = ["p-d740105fb238", "p-a5f60b4b0ccf"]
[[different]]
papers = ["nobody", "nothing"]
""",
        "utf-8",
    )
    settings = load_settings(None, ["embed.backend=lexical", "cluster.refits=2"])
    for _ in range(2):
        result = build_atlas([seeds], atlas, settings=settings)
        assert result.n_papers == 168
        assert result.edits.n_applied == 1
        assert result.edits.problems[0].startswith("labels.toml:3: different: found no record")
