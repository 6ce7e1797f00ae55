"""Field by field: what a merged paper takes from which record, and that it can say so."""

from __future__ import annotations

from papers.made import TOPICS, paper
from pipeline.papers import Source, build_table
from pipeline.papers.merge import merge_records, provenance

MOSS = TOPICS["moss"]


def test_each_field_says_where_it_was_read():
    full = paper("On Moss", MOSS, ["Ana Vega"], doi="10.1000/m", year=2001, file="a.bib", line=9)
    other = paper(
        "ON MOSS", "", ["Ana Vega"], identifiers=("pmid:1",), venue="Mosses", year=2001, code=True,
        keywords=("roof",), file="b.nbib", line=120,
    )  # fmt: skip
    a, b = Source("a.bib", 9), Source("b.nbib", 120)
    assert provenance([full, other]) == {
        "title": a, "abstract": a, "authors": a, "doi": a, "year": a,
        "pmid": b, "venue": b, "code": b, "keywords": b,
    }  # fmt: skip


def test_what_the_provenance_names_is_what_the_paper_has():
    records = [
        paper("On Moss", MOSS, ["A. Vega", "L. Wu"], year=2001, file="a"),
        paper("On Moss", MOSS, ["Ana Vega", "Li Wu"], date="2001-03", url="u", file="b"),
        paper("On Moss", MOSS, ["Ana Vega"], authors_truncated=True, venue="Mosses", file="c"),
    ]
    (merged,), (stored,) = (build_table(records).papers, build_table(records).records)
    by_file = {record.sources[0].file: record for record in stored}
    for name, source in provenance(stored).items():
        assert getattr(merged, name) == getattr(by_file[source.file], name)


def test_whole_names_go_before_initials():
    records = [
        paper("On Moss", authors=names) for names in (["Vega A", "Wu L"], ["Ana Vega", "Li Wu"])
    ]
    assert merge_records(records).authors == ("Ana Vega", "Li Wu")


def test_a_title_in_capitals_brackets_or_with_a_mark_goes_last():
    titles = ("RETRACTED: On Moss", "ON MOSS", "[On moss].", "On Moss")
    merged = merge_records([paper(title) for title in titles])
    assert merged.title == "On Moss"
    assert merged.status == "retracted"


def test_a_paper_is_retracted_if_any_record_says_so():
    records = [paper("On Moss", MOSS), paper("On Moss", MOSS, status="withdrawn", file="b", line=2)]
    assert merge_records(records).status == "withdrawn"
    assert provenance(records)["status"] == Source("b", 2)
    assert merge_records([paper("WITHDRAWN: On Moss")]).status == "withdrawn"


def test_the_printed_paper_gives_doi_venue_and_kind():
    preprint = paper(
        "On Moss", MOSS, doi="10.48550/arxiv.2401.00001", venue="arXiv", kind="article",
        arxiv_id="2401.00001",
    )  # fmt: skip
    printed = paper("On Moss", "", doi="10.1000/m", venue="Mosses", kind="article-journal")
    merged = merge_records([preprint, printed])
    assert (merged.doi, merged.venue, merged.kind) == ("10.1000/m", "Mosses", "article-journal")
    assert merged.arxiv_id == "2401.00001"


def test_a_cut_abstract_gives_way_to_the_whole_one():
    records = [paper("On Moss", f"{MOSS[:100]}..."), paper("On Moss", MOSS)]
    assert merge_records(records).abstract == MOSS


def test_every_id_of_every_record_leads_to_the_paper():
    one = paper("How Cushions Keep Water", MOSS, ["Ana Vega"], doi="10.1000/m", file="a")
    other = paper(
        "How Cushions Keep Water", MOSS, ["Ana Vega"], doi="10.1101/2020.01.02.123456",
        identifiers=("openalex:W12345", "pmid:7"), file="b",
    )  # fmt: skip
    table = build_table([one, other])
    assert table.papers[0].identifiers == ("openalex:W12345", "pmid:7")
    for name in ("doi:10.1000/m", "doi:10.1101/2020.01.02.123456", "openalex:W12345", "pmid:7"):
        assert table.row_of(name) == 0
