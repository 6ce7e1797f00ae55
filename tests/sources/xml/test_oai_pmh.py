"""OAI-PMH: Dublin Core, arXiv's formats, deleted records, several responses."""

from __future__ import annotations

from sources.xml.conftest import oai, record_of

KIND = "oai-pmh"
ARXIV = (
    "<record><header><identifier>oai:arXiv.org:1601.03238</identifier>"
    "<datestamp>2016-01-14</datestamp></header><metadata>"
    '<arXiv xmlns="http://arxiv.org/OAI/arXiv/" xsi:schemaLocation="a b"><id>1601.03238</id>'
    "<created>2015-12-31</created><updated>2016-01-13</updated><authors><author>"
    "<keyname>One</keyname><forenames>Ann</forenames><suffix>Jr</suffix></author>"
    "<author><keyname>Example Collaboration</keyname></author></authors><title>A Title</title>"
    "<categories>quant-ph gr-qc</categories><comments>6 pages</comments>"
    "<journal-ref>J. Ex. 7</journal-ref><doi>10.1000/x</doi>"
    "<abstract>  It is\n known.</abstract></arXiv></metadata></record>"
)


def only(read, text):
    (paper,), report = read(text)
    assert report.format == KIND
    return paper


def test_dublin_core_is_read_with_all_its_fields(read):
    paper = only(read, oai(record_of(KIND, 7, abstract="It is known.")))
    assert (paper.id, paper.title, paper.abstract) == (
        "oai:example.org:7",
        "Title 7",
        "It is known.",
    )
    assert paper.authors == ("Ann B. One", "Clara Two")
    assert (paper.year, paper.date, paper.kind, paper.language) == (2011, "2011-04", "thesis", "en")
    assert (paper.doi, paper.url) == ("10.1000/oai.7", "http://example.org/7")
    assert (paper.venue, paper.keywords) == ("Journal of Examples", ("epoxy", "creep"))
    assert dict(paper.extra) == {"issn": "1234-567X"}


def test_a_description_is_in_the_titles_language(read):
    text = record_of(KIND, 7, abstract="It is known.").replace(
        "<dc:title>", '<dc:title xml:lang="en">'
    )
    ours = '<dc:description xml:lang="en">It is known.'
    text = text.replace("<dc:description>It is known.", ours)
    longer = '<dc:description xml:lang="de">Es ist schon lange gut bekannt.</dc:description>'
    text = text.replace("<dc:date>2012", f"{longer}<dc:date>2012")
    assert only(read, oai(text)).abstract == "It is known."


def test_arxivs_own_format(read):
    paper = only(read, oai(ARXIV))
    assert (paper.id, paper.arxiv_id, paper.kind) == ("1601.03238", "1601.03238", "article")
    assert paper.authors == ("Ann One Jr", "Example Collaboration")
    assert (paper.year, paper.date, paper.category) == (2015, "2015-12-31", "quant-ph")
    assert (paper.doi, paper.venue, paper.abstract) == ("10.1000/x", "J. Ex. 7", "It is known.")
    assert paper.url == "https://arxiv.org/abs/1601.03238"


def test_arxivs_raw_format(read):
    raw = (
        "<record><header><identifier>oai:arXiv.org:1601.03238</identifier></header><metadata>"
        '<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>1601.03238</id><submitter>A</submitter>'
        '<version version="v1"><date>Thu, 31 Dec 2015 15:53:12 GMT</date></version>'
        '<version version="v2"><date>Fri, 8 Jan 2016 15:53:12 GMT</date></version>'
        "<title>A Title</title><authors>Ann One and Clara Two</authors>"
        "<abstract>It is known.</abstract></arXivRaw></metadata></record>"
    )
    paper = only(read, oai(raw))
    assert (paper.authors, paper.date) == (("Ann One", "Clara Two"), "2015-12-31")


def test_deleted_records_are_set_aside_with_the_reason(read):
    gone = '<record><header status="deleted"><identifier>oai:x:1</identifier></header></record>'
    _, report = read(oai(gone, record_of(KIND, 7)))
    assert (report.found, report.set_aside) == (2, 1)
    assert report.problems[0].reason == "deleted at its source; set aside"


def test_responses_one_after_the_other_are_one_file(read):
    papers, report = read(oai(record_of(KIND, 1), record_of(KIND, 2)) + oai(record_of(KIND, 3)))
    assert ([p.title for p in papers], report.found) == (["Title 1", "Title 2", "Title 3"], 3)


def test_records_inside_a_record_are_none(read):
    marc = (
        "<record><header><identifier>oai:x:1</identifier></header><metadata>"
        '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>0</leader></record>'
        "</metadata></record>"
    )
    (paper,), report = read(oai(marc, record_of(KIND, 7)))
    assert (paper.title, report.found, report.set_aside) == ("Title 7", 2, 1)
    assert "metadata of the kind record are not read" in report.problems[0].reason


def test_records_with_a_prefix_are_records(read):
    text = oai(record_of(KIND, 7))
    for name in ("OAI-PMH", "record", "header", "metadata", "ListRecords"):
        text = text.replace(f"<{name}", f"<o:{name}").replace(f"</{name}", f"</o:{name}")
    assert only(read, text.replace("xmlns=", "xmlns:o=")).title == "Title 7"
