"""EndNote's XML: one line, every value in a style."""

from __future__ import annotations

from sources.xml.conftest import ENDNOTE_RECORD, endnote, record_of

KIND = "endnote-xml"


def only(read, text):
    (paper,), report = read(text)
    assert report.format == KIND
    return paper


def record(old="", new=""):
    text = record_of(KIND, 7, abstract="It is known.")
    assert old in text
    return endnote(text.replace(old, new))


def test_a_record_is_read_with_all_its_fields(read):
    paper = only(read, record())
    assert (paper.id, paper.title, paper.abstract) == ("7", "Title 7", "It is known.")
    assert paper.authors == ("Ann B. One", "C. Two")
    assert (paper.year, paper.date, paper.venue) == (2010, "2010-06", "Journal of Examples")
    assert (paper.doi, paper.url) == ("10.1000/en.7", "http://example.org/7")
    assert paper.identifiers == ("wos:000256810100001",)
    assert paper.keywords == ("epoxy", "creep", "fracture")
    assert paper.kind == "article-journal"
    assert dict(paper.extra) == {
        "isbn": "9780000000002", "issn": "1234-567X", "issue": "2", "pages": "1-9",
        "publisher": "Nobody", "volume": "7",
    }  # fmt: skip


def test_records_without_styles_are_the_same(read):
    bare = ENDNOTE_RECORD.format(id=7, title="Title 7", abstract="It is known.", s="", e="")
    assert only(read, endnote(bare)) == only(read, record())


def test_faces_that_mean_something_are_kept_in_the_raw_text(read):
    sub = 'Title 7</style><style face="subscript">2</style><style face="italic"> of</style>'
    paper = only(read, record("Title 7</style>", sub))
    assert (paper.raw_title, paper.title) == ("Title 7<sub>2</sub> of", "Title 72 of")


def test_a_title_that_is_only_a_files_name_is_none(read):
    pdf = record_of(KIND, 8, title="&lt;Creep Crack.pdf&gt;", abstract=" ")
    (paper,), report = read(endnote(pdf, record_of(KIND, 7)))
    assert (paper.title, report.found, report.set_aside) == ("Title 7", 2, 1)


def test_an_accession_number_is_that_of_the_database_beside_it(read):
    number = "<language>", "<accession-num>123</accession-num><language>"
    assert "pmid:123" not in only(read, record(*number)).identifiers
    named = "<remote-database-name>Medline</remote-database-name></record>"
    text = record(*number).replace("</record>", named)
    assert "pmid:123" in only(read, text).identifiers


def test_dates_of_numbers_alone_are_left(read):
    assert only(read, record(">Jun<", ">1/12/<")).date is None
    assert only(read, record(">Jun<", ">2010/06/12<")).date == "2010-06-12"


def test_files_of_the_library_are_no_address(read):
    text = record(
        '<url><style face="normal" font="default" size="100%">http://example.org/7</style></url>',
        "",
    )
    assert only(read, text).url is None
