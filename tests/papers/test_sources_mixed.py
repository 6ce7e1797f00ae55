"""One paper as several catalogues have it, and papers that only look like one."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.made import TOPICS, paper
from papers.test_store import PAPERS
from pipeline.papers import build_table
from pipeline.papers.duplicates import find_groups
from pipeline.papers.likeness import Candidate, Verdict, judge
from pipeline.papers.merge import canonical_order

ANA, LI, JAN = "Ana B. Vega", "Li Wu", "Jan de Boer"
KEEP = "How Cushions of Moss Keep Their Water"
MOSS, TIDES = TOPICS["moss"], TOPICS["tides"]
PUBMED, INITIALS = ("Vega AB", "Wu L", "de Boer J"), ("Vega, A. B.", "L. Wu", "Boer, J. de")
PEOPLE = (ANA, LI, JAN)


def made(title=KEEP, abstract="", authors=PEOPLE, year=2001, file="b", **fields):
    return paper(title, abstract, authors, year=year, file=file, **fields)


def is_one(one, other) -> bool:
    forward, backward = build_table([one, other]), build_table([other, one])
    assert forward == backward
    return len(forward) == 1


FIRST = made(abstract=MOSS, file="a", venue="Journal of Mosses", doi="10.1000/moss")

ONE_PAPER = {
    "PubMed's names, no DOI": made(abstract=MOSS, authors=PUBMED, identifiers=("pmid:1",)),
    "initials, and no abstract": made(authors=INITIALS),
    "a title in small letters with a full stop": made(KEEP.lower() + "."),
    "a title in brackets": made(f"[{KEEP}]."),
    "a cut abstract": made(abstract=MOSS[:120] + "..."),
    "the first author and others": made(authors=PUBMED[:1], authors_truncated=True),
    "the year after": made(year=2002),
    "no year": made(year=None),
    "an arXiv record of the same title": made(
        abstract=MOSS[:200], year=1999, arxiv_id="9901.00001", kind="article"
    ),
    "a preprint years before without an abstract": made(year=1998, arxiv_id="9901.00001"),
    "a DOI of bioRxiv": made(abstract=MOSS, doi="10.1101/2001.01.02.123456", year=2000),
    "the title without an abstract and authors, by the DOI": made(authors=(), doi="10.1000/moss"),
    "a subtitle and the same DOI": made(f"{KEEP}: a systematic review", doi="10.1000/moss"),
    "a subtitle, the same people and year": made(f"{KEEP}: evidence from old roofs"),
    "a subtitle and the same abstract": made(f"{KEEP} - evidence from old roofs", MOSS),
    "another spelling and the same abstract": made(KEEP.replace("Their", "Theyr"), MOSS),
    "a retracted copy": made(f"RETRACTED: {KEEP}", MOSS),
    "a retracted article, as Web of Science marks it": made(f"{KEEP} (Retracted article. See 9)"),
    "a group beside the people": made(authors=(*PEOPLE, "Moss Study Group")),
    "a group alone": made(abstract=MOSS, authors=("Moss Study Group",)),
    "an abstract in another language": made(
        abstract="Wie Polster aus Moos das Wasser behalten, war lange Zeit nicht bekannt.",
        language="de",
    ),
    "another DOI and the same abstract": made(abstract=MOSS, doi="10.2307/55"),
}


@pytest.mark.parametrize("other", ONE_PAPER.values(), ids=ONE_PAPER)
def test_one_paper(other):
    assert is_one(paper(**fields_of(FIRST, language="en")), other)


def fields_of(record, **more):
    names = ("title", "abstract", "authors", "year", "venue", "doi")
    return {name: getattr(record, name) for name in names} | {"file": "a"} | more


def test_an_arxiv_doi_and_the_arxiv_id_are_one_identity():
    by_doi = made("Moss, Water and Shade", MOSS, doi="10.48550/arxiv.2401.01234", file="a")
    by_id = made("Moss, Water, and the Shade", "", arxiv_id="2401.01234")
    assert is_one(by_doi, by_id)
    assert not is_one(by_doi, made("Moss, Water and Shade", MOSS, arxiv_id="2401.09999"))


def test_versions_of_a_preprint_are_one():
    first = made("Moss and Water in Shade", "", doi="10.1101/2020.01.02.123456v1", file="a")
    assert is_one(first, made("Moss and water in the shade", "", doi="10.1101/2020.01.02.123456v3"))


@pytest.mark.parametrize(
    "name",
    ["pmid:29456894", "pmcid:PMC123456", "openreview:abcdefgh", "openalex:W12345",
     "s2:" + "a" * 40, "acl:2020.acl-main.1"],
)  # fmt: skip
def test_one_id_of_a_catalogue_and_like_titles_are_one_paper(name):
    one = made("Keeping Water in Cushions of Moss", "", identifiers=(name,), file="a")
    assert is_one(one, made("Keeping the water in cushions of mosses", "", identifiers=(name,)))
    assert not is_one(one, made("Boats that Measure Tides", "", identifiers=(name,)))


def test_two_ids_that_agree_outweigh_a_translated_title():
    ids = {"identifiers": ("pmid:29456894",), "doi": "10.1000/moos"}
    english = made("How cushions of moss keep water", "", file="a", **ids)
    assert is_one(english, made("Wie Moospolster Wasser halten", "", **ids))


@pytest.mark.parametrize("scheme", ["openalex:W1234", "openreview:abcdefgh", "s2:" + "a" * 39])
def test_two_ids_of_a_catalogue_that_knows_papers_twice_prove_nothing(scheme):
    one, other = (made(abstract=MOSS, identifiers=(scheme + end,), file=end) for end in "12")
    assert is_one(one, other)


ANNUAL = "Annual Report of the Moss Society"
TWO_PAPERS = {
    "two numbers of PubMed": (
        made(abstract=MOSS, identifiers=("pmid:1",), file="a"),
        made(abstract=MOSS, identifiers=("pmid:2",)),
    ),
    "a wrongly copied DOI": (
        made(doi="10.1000/x", file="a"),
        made("Boats that Measure the Tides of Harbours", doi="10.1000/x"),
    ),
    "a book and its chapter under one DOI": (
        made("Mosses of the North", doi="10.1000/x", kind="book", file="a"),
        made("Mosses of the North: an introduction", doi="10.1000/x", kind="chapter"),
    ),
    "a chapter whose title holds the book's": (
        made("Mosses in Towns", doi="10.1000/x", file="a"),
        made("Growing Roofs with Mosses in Towns of the North", doi="10.1000/x"),
    ),
    "an erratum": (FIRST, made(f"Erratum to: {KEEP}", MOSS)),
    "an erratum behind a subtitle": (FIRST, made(f"{KEEP}: Erratum", MOSS)),
    "a comment under the same DOI": (FIRST, made(f"Comment on {KEEP}", doi="10.1000/moss")),
    "a notice of retraction": (FIRST, made(f"Retraction: {KEEP}", MOSS)),
    "a paper printed anew after it was retracted": (
        made(f"RETRACTED: {KEEP}", MOSS, doi="10.1000/old", file="a"),
        made(abstract=MOSS, doi="10.1000/new"),
    ),
    "the second part": (FIRST, made(f"{KEEP}: Part II", MOSS)),
    "the second edition": (FIRST, made(f"{KEEP}, second edition")),
    "the extended version": (FIRST, made(f"{KEEP}: extended version", MOSS)),
    "two subtitles": (made(f"{KEEP}: in towns", file="a"), made(f"{KEEP}: on roofs")),
    "a subtitle by others": (FIRST, made(f"{KEEP}: on roofs", authors=("Kim Lund",))),
    "a subtitle years later": (FIRST, made(f"{KEEP}: on roofs", year=2005)),
    "a subtitle elsewhere": (FIRST, made(f"{KEEP}: on roofs", venue="Symposium on Roofs")),
    "a subtitle and half of the abstract": (
        FIRST,
        made(f"{KEEP}: on roofs", MOSS[:200] + TIDES, venue="Journal of Mosses"),
    ),
    "a report of every year": (made(ANNUAL, year=2019, file="a"), made(ANNUAL, year=2020)),
    "a report that names its year": (made(f"{ANNUAL} 2019", file="a"), made(f"{ANNUAL} 2020")),
    "an editorial": (made("Editorial", file="a"), made("Editorial")),
    "an opposite": (
        made("Typical Cushions of Moss in Shade", MOSS, file="a"),
        made("Atypical Cushions of Moss in Shade", MOSS),
    ),
}


@pytest.mark.parametrize("records", TWO_PAPERS.values(), ids=TWO_PAPERS)
def test_two_papers(records):
    assert not is_one(*records)


def test_a_title_of_two_words_needs_the_same_people_and_year():
    one = made("Moss Walls", file="a")
    assert is_one(one, made("Moss walls.", authors=PUBMED))
    assert not is_one(one, made("Moss Walls", year=2002))
    assert not is_one(one, made("Moss Walls", authors=PUBMED[:1]))


def test_a_data_set_is_not_its_paper():
    assert not is_one(made(kind="article-journal", file="a"), made(kind="dataset"))


def test_a_thesis_is_not_the_paper_of_its_title():
    assert not is_one(made(kind="article-journal", file="a"), made(kind="thesis"))


@given(st.lists(PAPERS, max_size=9), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_no_paper_holds_records_that_were_judged_different(records, drawn):
    ordered = sorted(records, key=canonical_order)
    groups = find_groups(ordered).rows()
    assert sorted(row for rows in groups for row in rows) == list(range(len(ordered)))
    for rows in groups:
        for i, j in combinations(rows, 2):
            verdict = judge(Candidate(ordered[i]), Candidate(ordered[j])).verdict
            assert verdict is not Verdict.DIFFERENT
    assert build_table(drawn.sample(records, len(records))) == build_table(records)


@given(PAPERS, PAPERS)
@settings(deadline=None)
def test_judging_does_not_depend_on_which_record_comes_first(one, other):
    assert judge(Candidate(one), Candidate(other)) == judge(Candidate(other), Candidate(one))


@given(st.lists(PAPERS, min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_two_records_that_are_to_be_apart_are_in_no_group(records):
    ordered = sorted(records, key=canonical_order)
    first = find_groups(ordered, apart=[(0, len(ordered) - 1)]).first
    assert first[0] != first[-1]
