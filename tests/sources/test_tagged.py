"""RIS, MEDLINE, EndNote's tags and Web of Science: one cutter, four ways to write a tag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import read_sources
from pipeline.sources.tagged import cochrane, endnote, nbib, refworks, ris, wos
from sources.conftest import abstract_of, document
from sources.damage import damaged, read_damaged

RIS = f"""TY  - JOUR
AU  - Vega, Ana
AU  - Boer, J. A.
TI  - On Moss
T2  - Journal of Moss
AB  - {abstract_of("moss")}
PY  - 2001/03/15/
VL  - 3
IS  - 2
SP  - 10
EP  - 20
SN  - 1234-5678
DO  - 10.1000/moss
UR  - https://e.org/moss
KW  - moss
KW  - fern
LA  - en
ER  -

TY  - CONF
TI  - On Tides
AU  - Vega, Ana
N2  - {abstract_of("tides")}
Y1  - 2002
ER  -
"""

NBIB = (
    """PMID- 101
OWN - NLM
IS  - 1234-5678 (Electronic)
VI  - 3
IP  - 2
DP  - 2020 Feb 5
TI  - On moss, and on what
      grows beside it.
PG  - 10-20
LID - S1234(19)30059-X [pii]
LID - 10.1000/moss [doi]
AB  - BACKGROUND: Moss grows on stones in most places. METHODS: We looked at it for
      several years. RESULTS: It grew.
CI  - Copyright (c) 2020.
FAU - Vega, Ana
AU  - Vega A
FAU - Boer, Jan A
AU  - Boer JA
CN  - Moss Study Group
LA  - eng
PT  - Journal Article
PT  - Retracted Publication
JT  - Journal of moss
MH  - Moss/*growth & development
OT  - stones
PMC - PMC123456

PMID- 102
TI  - [Not Available].
TT  - Von den Gezeiten.
AB  - """
    + abstract_of("tides").replace(". ", ".\n      ")
    + """
DP  - 2019
"""
)

ENW = f"""%0 Journal Article
%T On Moss
%A Vega, Ana
%A Boer, Jan
%J Journal of Moss
%D 2001
%V 3
%N 2
%P 10-20
%R 10.1000/moss
%X {abstract_of("moss")}

Second paragraph of it.
%K moss
fern
%U https://e.org/moss
%@ 1234-5678

%0 Conference Proceedings
%T On Tides
%D 2002
"""

WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Vega, A
   Boer, J
AF Vega, Ana
   Boer, Jan
TI On moss, and on what
   grows beside it
SO JOURNAL OF MOSS
LA English
DT Article
DE moss; stones and
   walls
ID FERN; LICHEN
AB Moss grows on stones. IN summary, it
   grows. (C) 2018 Elsevier B.V. All rights reserved.
SN 1234-5678
PD MAR 15
PY 2019
VL 3
IS 2
BP 10
EP 20
DI 10.1000/moss
UT WOS:000455039600059
PM 101
ER

PT S
TI On tides
PY 2018
UT WOS:000451039805163
ER

EF
"""


def read(fmt, page, text):
    path = page(text, "a.txt")
    found = list(fmt.read(document(path)))
    assert fmt.count(document(path)) == len(found)
    return found


def test_ris(page):
    one, two = read(ris, page, RIS)
    assert (one.title, one.venue, one.year, one.date) == (
        "On Moss", "Journal of Moss", 2001, "2001-03-15",
    )  # fmt: skip
    assert one.authors == ("Ana Vega", "J. A. Boer")
    assert one.abstract == abstract_of("moss")
    assert (one.doi, one.url) == ("10.1000/moss", "https://e.org/moss")
    assert (one.keywords, one.language, one.kind) == (("moss", "fern"), "en", "article-journal")
    assert dict(one.extra) == {
        "volume": "3", "issue": "2", "pages": "10-20", "issn": "1234-5678",
    }  # fmt: skip
    assert (two.title, two.abstract, two.kind) == (
        "On Tides", abstract_of("tides"), "paper-conference",
    )  # fmt: skip
    assert [p.sources[0].line for p in (one, two)] == [1, 20]


def test_medline(page):
    one, two = read(nbib, page, NBIB)
    assert one.id == "pmid:101"
    assert one.identifiers == ("pmcid:PMC123456", "pmid:101")
    assert one.title == "On moss, and on what grows beside it."
    assert one.raw_abstract.startswith("BACKGROUND: Moss grows")
    assert one.authors == ("Ana Vega", "Jan A Boer", "Moss Study Group")
    assert (one.doi, one.year, one.date) == ("10.1000/moss", 2020, "2020-02-05")
    assert (one.status, one.kind, one.venue) == ("retracted", "article-journal", "Journal of moss")
    assert one.keywords == ("stones", "Moss")
    assert (two.title, two.abstract) == ("Von den Gezeiten.", abstract_of("tides"))


def test_endnote_tags(page):
    one, two = read(endnote, page, ENW)
    assert one.abstract == f"{abstract_of('moss')} Second paragraph of it."
    assert (one.authors, one.keywords) == (("Ana Vega", "Jan Boer"), ("moss", "fern"))
    assert (one.doi, one.url, one.year) == ("10.1000/moss", "https://e.org/moss", 2001)
    assert dict(one.extra)["issn"] == "1234-5678"
    assert (two.title, two.kind) == ("On Tides", "paper-conference")


def test_endnote_tags_without_types(page):
    text = ENW.replace("%0 Journal Article\n", "").replace("%0 Conference Proceedings\n", "")
    one, two = read(endnote, page, text.replace("\n\nSecond paragraph of it.", ""))
    assert (one.title, two.title) == ("On Moss", "On Tides")


def test_web_of_science(page):
    one, two = read(wos, page, WOS)
    assert one.title == "On moss, and on what grows beside it"
    assert one.authors == ("Ana Vega", "Jan Boer")
    assert one.raw_abstract.startswith("Moss grows on stones. IN summary, it\ngrows.")
    assert one.identifiers == ("pmid:101", "wos:000455039600059")
    assert (one.date, one.keywords) == ("2019-03-15", ("moss", "stones and walls"))
    assert dict(one.extra)["pages"] == "10-20"
    assert (two.title, two.sources[0].line) == ("On tides", 30)


REFWORKS = f"""RT Journal Article
SR Electronic(1)
A1 Vega,Ana
A1 Boer,Jan
T1 On Moss
JF Journal of Moss
YR 2001
VO 3
IS 2
SP 10
OP 20
K1 moss;fern
AB {abstract_of("moss")}
DO 10.1000/moss

RT Conference Proceedings
T1 On Tides
YR 2002
"""

COCHRANE = f"""Record #1 of 2
ID: CN-00000001
AU: Vega A
AU: Boer J
TI: On Moss
SO: Journal of Moss
YR: 2001
VL: 3
AB: {abstract_of("moss")}
DOI: 10.1000/moss
US: https://e.org/moss

Record #2 of 2
ID: CN-00000002
TI: On Tides
"""


@pytest.mark.parametrize(("fmt", "text"), [(refworks, REFWORKS), (cochrane, COCHRANE)])
def test_refworks_and_cochrane(page, fmt, text):
    one, two = read(fmt, page, text)
    assert (one.title, one.venue, one.year) == ("On Moss", "Journal of Moss", 2001)
    assert len(one.authors) == 2
    assert (one.abstract, one.doi) == (abstract_of("moss"), "10.1000/moss")
    assert two.title == "On Tides"
    (report,) = read_sources([page(text, "a.txt")]).reports
    assert (report.format, report.found) == (fmt.NAME, 2)


def test_several_abstracts_are_one_and_notices_are_none(page):
    text = RIS.replace("PY  -", "AB  - A second paragraph of it.\nPY  -")
    assert read(ris, page, text)[0].abstract.endswith("A second paragraph of it.")
    notice = "N2  - Copyright of Moss is the property of Moss Ltd. and its content may not be"
    text = RIS.replace("Y1  - 2002", f"{notice}\ncopied.\nY1  - 2002")
    assert read(ris, page, text)[1].abstract == abstract_of("tides")


def test_a_doi_of_another_paper_in_a_note_is_not_taken(page):
    text = RIS.replace("DO  - 10.1000/moss", "N1  - Erratum in: Moss. doi: 10.1000/erratum")
    assert read(ris, page, text.replace("UR  - https://e.org/moss\n", ""))[0].doi is None


def test_numbers_of_books_and_journals_are_told_by_their_length(page):
    text = RIS.replace("SN  - 1234-5678", "SN  - 978-3-16-148410-0; 1234-5678")
    extra = dict(read(ris, page, text)[0].extra)
    assert (extra["isbn"], extra["issn"]) == ("978-3-16-148410-0", "1234-5678")


VARIANTS = {
    "tags in small letters": lambda text: "".join(
        line[:2].lower() + line[2:] for line in text.splitlines(keepends=True)
    ),
    "a byte-order mark": lambda text: "\ufeff" + text,
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "old Mac line ends": lambda text: text.replace("\n", "\r"),
    "mixed line ends": lambda text: text.replace("\n", "\r\n", 9),
    "no blank line at the end": lambda text: text.rstrip(),
    "blanks behind the end marks": lambda text: text.replace("ER  -", "ER  - "),
    "one blank before the hyphen": lambda text: text.replace("  - ", " - "),
    "no end marks": lambda text: text.replace("ER  -\n", ""),
    "a heading of the exporter": lambda text: "Provider: e.org\nContent: text/plain\n\n" + text,
    "lone line breaks in a field": lambda text: text.replace(
        "PY  -", "AD  - Moss Hall\rHere\nPY  -"
    ),
    "an unknown tag": lambda text: text.replace("PY  -", "XX  - ?\nPY  -"),
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
def test_ris_in_other_forms(page, variant):
    result = read_sources([page(variant(RIS), "a.ris", newline="\n")])
    (report,) = result.reports
    assert (report.format, report.found, report.set_aside) == ("ris", 2, 0)
    assert [paper.title for paper in result.records] == ["On Moss", "On Tides"]
    assert [paper.abstract for paper in result.records] == [
        abstract_of("moss"), abstract_of("tides"),
    ]  # fmt: skip


def test_a_record_without_its_first_line_is_one(page):
    one, two, three = read(ris, page, RIS + RIS.split("\n", 1)[1].split("TY  -", maxsplit=1)[0])
    assert three.title == one.title
    assert two.title == "On Tides"


def test_bare_lines_go_on_with_the_field_above(page):
    text = RIS.replace("KW  - fern\n", "fern\nPractice, Evidence-Based\n")
    assert read(ris, page, text)[0].keywords == ("moss", "fern", "Practice, Evidence-Based")


def test_words_that_look_like_a_tag_do_not_end_an_abstract(page):
    text = RIS.replace("AB  - ", "AB  - One.\nWE - the authors - say\nX2 - no\n")
    paper = read(ris, page, text)[0]
    assert "no We study moss" in paper.abstract


def test_what_stands_outside_any_record_is_told(page):
    result = read_sources([page("Provider: e.org\n\n" + RIS, "a.ris")])
    notes = [p for p in result.reports[0].problems if p.kind == "note"]
    assert [(p.line, p.reason) for p in notes] == [
        (1, "1 line outside any record not read: 'Provider: e.org'")
    ]


def test_a_record_without_title_and_abstract_costs_no_other(page):
    result = read_sources([page(RIS.replace("TI  - On Tides\n", "").replace("N2  -", "N9  -"))])
    (report,) = result.reports
    assert (report.found, report.imported, report.set_aside) == (2, 1, 1)
    assert "no title or abstract" in report.problems[-1].reason


def test_a_book_without_bounds_is_set_aside_and_not_held(page, monkeypatch):
    monkeypatch.setattr("pipeline.sources.tagged.cutting.MAX_RECORD_CHARS", 2000)
    long = RIS.replace("AB  - ", "AB  - " + "word\n" * 1000)
    result = read_sources([page(long, "a.ris")])
    (report,) = result.reports
    assert (report.found, report.imported, report.set_aside) == (2, 1, 1)
    assert "longer than 2,000 characters" in report.problems[-1].reason


@pytest.mark.parametrize("text", [RIS, NBIB, ENW, WOS], ids=["ris", "nbib", "enw", "wos"])
def test_the_format_is_told_by_the_content(page, text):
    names = {RIS: "ris", NBIB: "nbib", ENW: "enw", WOS: "wos"}
    (report,) = read_sources([page(text, "a.csv")]).reports
    assert report.format == names[text]
    assert report.is_clean


@given(st.sampled_from([RIS, NBIB, ENW, WOS]).flatmap(damaged))
def test_damage_costs_no_more_than_what_it_touches(tmp_path_factory, text):
    read_damaged(tmp_path_factory.mktemp("tagged") / "a.txt", text)


@given(damaged("TY  - JOUR\nTI  - Between\nAB  - Some words\nER  - \n"))
def test_neighbours_of_damage_survive(tmp_path_factory, text):
    before = f"TY  - JOUR\nTI  - Before\nAB  - {abstract_of('moss')}\nER  - \n"
    after = "\nTY  - JOUR\nTI  - After\nER  - \n"
    read = read_damaged(tmp_path_factory.mktemp("tagged") / "a.ris", before + text + after)
    assert read is not None
    titles = [paper.title for paper in read[0]]
    assert titles[0].startswith("Before")
    assert "After" in titles
