"""The table: ids, aliases, order, merging, reports."""

from __future__ import annotations

import re

import pytest

from papers.made import TOPICS, paper
from pipeline.errors import UsageError
from pipeline.papers import (
    FileReport,
    build_table,
    embedding_text,
    normalise_arxiv_id,
    normalise_doi,
)

ANA, LI = "Ana Vega", "Li Wu"


def only(*records):
    table = build_table(records)
    assert len(table) == 1
    return table.papers[0]


def test_ids_by_rank():
    moss, tides, loom = TOPICS.values()
    table = build_table(
        [
            paper("A", moss, id="own"),
            paper("B", tides, doi="10.1/b", arxiv_id="2401.00001"),
            paper("C", loom, arxiv_id="2401.00002"),
            paper("D", "A text of its own, unlike any other, about salt and bread in the morning."),
        ]
    )
    ids = sorted(p.id for p in table.papers)
    assert ids[:3] == ["arxiv:2401.00002", "doi:10.1/b", "own"]
    assert re.fullmatch(r"p-[0-9a-f]{12}", ids[3])
    assert [p.id for p in table.papers] == ids
    assert table.find("arxiv:2401.00001").id == "doi:10.1/b"
    assert table.find("DOI:10.1/B").id == "doi:10.1/b"
    with pytest.raises(UsageError, match="nothing"):
        table.find("nothing")


def test_an_id_of_two_papers_names_neither():
    table = build_table(
        [paper("A", TOPICS["moss"], id="1"), paper("B", TOPICS["loom"], id="1", file="b")]
    )
    assert all(p.id.startswith("p-") for p in table.papers)
    with pytest.raises(UsageError):
        table.find("1")


def test_text_ids_stand_for_content_not_markup():
    one = only(paper("On $\\textit{Moss}$", TOPICS["moss"]))
    other = only(paper("on moss", TOPICS["moss"].upper(), file="elsewhere", line=7))
    assert build_table([paper("On Moss", TOPICS["moss"])]).papers[0].id == other.id
    assert one.id.startswith("p-")


def test_indistinct_papers_still_get_ids_of_their_own():
    table = build_table([paper("Editorial", "", year=y) for y in (2001, 2002, 2003)])
    assert len({p.id for p in table.papers}) == 3
    assert all(table.find(p.id) is p for p in table.papers)


def test_merging_fills_the_fields():
    cut = paper(
        "On Moss", TOPICS["moss"], [ANA], authors_truncated=True, date="2024-03-01", year=2024,
        category="cs.LG", code=True, affiliations=("mit",), file="b", line=4,
    )  # fmt: skip
    full = paper("On Moss", TOPICS["moss"], [ANA, LI], date="--03-01", venue="J. Moss")
    untitled = paper("", TOPICS["moss"], file="c", keywords=("moss",))
    merged = only(cut, full, untitled)
    assert merged.title == "On Moss"
    assert merged.authors == (ANA, LI)
    assert merged.authors_truncated is False
    assert (merged.date, merged.year, merged.category) == ("2024-03-01", 2024, "cs.LG")
    assert (merged.venue, merged.code, merged.affiliations) == ("J. Moss", True, ("mit",))
    assert merged.keywords == ("moss",)
    assert [(s.file, s.line) for s in merged.sources] == [("a.txt", 1), ("b", 4), ("c", 1)]


def test_aliases_lead_to_the_paper_and_records_keep_their_ids():
    titled, untitled = paper("On Moss", TOPICS["moss"], [ANA]), paper("", TOPICS["moss"], file="b")
    table = build_table([untitled, titled])
    (record_ids,) = [[r.id for r in group] for group in table.records]
    assert table.papers[0].id == record_ids[0]
    assert table.papers[0].aliases == (record_ids[1],)
    assert table.row_of(record_ids[1]) == 0


def test_the_canonically_first_record_is_imported():
    titled, untitled = paper("On Moss", TOPICS["moss"], [ANA]), paper("", TOPICS["moss"], file="b")
    reports = [FileReport(f, "scraped", 1, 1, 0, 0) for f in ("b", "a.txt")]
    a, b = build_table([untitled, titled], reports).reports
    assert (a.file, a.imported, a.merged) == ("a.txt", 1, 0)
    assert (b.file, b.imported, b.merged) == ("b", 0, 1)


def test_no_records_and_empty_records():
    assert len(build_table([])) == 0
    assert len(build_table([paper("T"), paper("", "a")])) == 2


def test_embedding_text_puts_the_title_first():
    assert embedding_text(paper("On Moss", "It dries.")) == "On Moss.\nIt dries."
    assert embedding_text(paper("Why Moss?", "It dries.")) == "Why Moss?\nIt dries."
    assert embedding_text(paper("", "It dries.")) == "It dries."
    assert embedding_text(paper("On Moss")) == "On Moss"


@pytest.mark.parametrize(
    ("text", "doi"),
    [("https://doi.org/10.1000/ABC.1", "10.1000/abc.1"), ("doi:10.5/x).", None), ("none", None)],
)
def test_dois(text, doi):
    assert normalise_doi(text) == doi


@pytest.mark.parametrize(
    ("text", "arxiv_id"),
    [
        ("arXiv:2401.01234v2", "2401.01234"),
        ("https://arxiv.org/pdf/2401.01234v1.pdf", "2401.01234"),
        ("math.GT/0309136", "math.GT/0309136"),
        ("2401", None),
    ],
)
def test_arxiv_ids(text, arxiv_id):
    assert normalise_arxiv_id(text) == arxiv_id
