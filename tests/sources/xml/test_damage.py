"""Broken XML: what it costs is the broken record, and often not even that."""

from __future__ import annotations

import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.papers import ProblemKind
from pipeline.sources import read_sources
from sources.xml.conftest import END_TAGS, KINDS, endnote, file_of, pubmed, record_of

N = 5
TITLES = [f"Title {n}" for n in range(1, N + 1)]


def records(kind):
    return [record_of(kind, n) for n in range(1, N + 1)]


def titles(papers):
    return [paper.title.removeprefix("The ") for paper in papers]


def doubts(report):
    return [problem for problem in report.problems if problem.kind is ProblemKind.DOUBT]


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_without_an_end_tag_costs_nothing(kind, read):
    texts = records(kind)
    texts[2] = texts[2].replace(END_TAGS[kind], "")
    papers, report = read(file_of(kind, *texts))
    assert (titles(papers), report.found) == (TITLES, N)
    assert len(doubts(report)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_last_record_that_is_cut_off_is_still_read(kind, read):
    text = file_of(kind, *records(kind))
    cut = text[: text.rindex("setting number 1")]
    papers, report = read(cut)
    assert titles(papers) == TITLES
    assert papers[-1].abstract.endswith("We study matter 5 in")
    broken, cut_off = doubts(report)
    assert broken.line == cut_off.line == papers[-1].sources[0].line
    assert cut_off.reason == "the file ends before its records do: the rest may be missing"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("salt & pepper", "salt & pepper"),
        ("p < 0.05 > q", "p < 0.05 > q"),
        ("caf&eacute;&nbsp;&Delta;x", "café Δx"),
        ("a\x0bb\x01c", "a bc"),
        ("a&#x1;b&#xD800;c&#0;d", "abcd"),
        ("R&D; AT&T", "R&D; AT&T"),
        ("if a <b and c then", "if a <b and c then"),
        ("open <![CDATA[ of it", "open of it"),
        ("open <!-- of it", "open of it"),
        ("<![CDATA[R&D <i>x</i>]]> & y", "R&D x & y"),
    ],
)
def test_characters_that_xml_forbids_are_mended(kind, written, read_as, read):
    texts = records(kind)
    texts[2] = record_of(kind, 3, abstract=f"We know {written} today.")
    papers, report = read(file_of(kind, *texts))
    assert (titles(papers), report.found) == (TITLES, N)
    assert f"We know {read_as} today." in papers[2].abstract


@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_a_section_that_was_never_opened_is_text(kind, read):
    (paper,), _ = read(file_of(kind, record_of(kind, 1, abstract="We know the ]]> of it.")))
    assert "We know the ]]> of it." in paper.raw_abstract


def test_mended_characters_leave_no_doubt(read):
    _, report = read(pubmed(record_of("pubmed-xml", 1, abstract="Salt & caf&eacute;\x0b.")))
    assert report.is_clean


def test_an_element_of_text_without_an_end_stops_at_the_next(read):
    text = record_of("pubmed-xml", 1).replace("</ArticleTitle>", "").replace("</Title>", "")
    (paper,), report = read(pubmed(text))
    assert (paper.title, paper.venue) == ("Title 1", "Journal of Examples")
    assert paper.doi == "10.1000/ex.1"
    assert len(doubts(report)) == 1


def test_text_before_an_end_tag_without_a_start_is_that_elements(read):
    (paper,), _ = read(pubmed(record_of("pubmed-xml", 1).replace("<ArticleTitle>", "")))
    assert paper.title == "Title 1"


def test_an_unclosed_container_hides_nothing(read):
    text = record_of("endnote-xml", 1).replace("</titles>", "").replace("</contributors>", "")
    (paper,), _ = read(file_of("endnote-xml", text))
    assert (paper.title, paper.year, paper.venue) == ("Title 1", 2010, "Journal of Examples")
    assert paper.abstract.startswith("We study matter 1")


@pytest.mark.parametrize("kind", KINDS)
def test_records_in_comments_and_cdata_sections_are_none(kind, read):
    texts = records(kind)
    end = END_TAGS[kind]
    shown = record_of(kind, 3, abstract=f"We know <![CDATA[{end} {end.replace('/', '')}]]> it.")
    papers, report = read(file_of(kind, texts[0], f"<!-- {texts[1]} -->", shown))
    assert (titles(papers), report.found) == (["Title 1", "Title 3"], 2)
    assert "We know </" in papers[1].abstract


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("opener", ["<!--", "<![CDATA["])
def test_a_comment_that_is_never_closed_hides_nothing(kind, opener, read):
    texts = records(kind)
    texts[1] = texts[1].replace("matter 2", f"{opener} matter 2")
    papers, report = read(file_of(kind, *texts))
    assert (titles(papers), report.found) == (TITLES, N)


def test_tags_that_are_escaped_are_text(read):
    abstract = "The tag &lt;PubmedArticle&gt; begins a record, &lt;/PubmedArticle&gt; ends it."
    (paper,), _ = read(pubmed(record_of("pubmed-xml", 1, abstract=abstract)))
    assert "<PubmedArticle> begins" in paper.abstract


def test_what_cannot_be_used_is_told_with_its_line_and_text(page, tmp_path):
    empty = "<PubmedArticle><x/></PubmedArticle>"
    result = read_sources([page(pubmed(empty, record_of("pubmed-xml", 2)))])
    (problem,) = result.reports[0].problems
    assert (problem.line, problem.reason) == (5, "record has no title or abstract; set aside")
    result.problems.save(tmp_path / "problems.csv")
    assert empty in (tmp_path / "problems.csv").read_text()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">\n' for n in range(1, 40))


@pytest.mark.parametrize("kind", KINDS)
def test_entities_of_the_document_are_never_expanded(kind, read):
    start = END_TAGS[kind].replace("/", "")
    doctype = f'<!DOCTYPE x [\n<!ENTITY l0 "{start}">\n{LAUGHS}<!-- it\'s -->\n]>\n'
    text = file_of(kind, record_of(kind, 1, abstract="We know &l39; of it."), record_of(kind, 2))
    body = text[text.index("?>") + 2 :].replace("<!DOCTYPE", "<!--").replace('.dtd">', "-->")
    papers, report = read(f"{doctype}{body}")
    assert (len(papers), report.found) == (2, 2)
    assert "We know &l39; of it." in papers[0].abstract


def test_external_entities_are_not_opened(read, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    doctype = f'<!DOCTYPE x [<!ENTITY f SYSTEM "{secret.as_uri()}"> %p;]>'
    text = doctype + endnote(record_of("endnote-xml", 1, abstract="It is &f;."))
    (paper,), _ = read(text)
    assert paper.abstract == "It is &f;."


@pytest.mark.parametrize("closing", ["", "</i>"])
def test_elements_a_hundred_thousand_deep_are_no_trouble(closing, read):
    title = f"Title {'<i>' * 100_000}1{closing * 100_000}"
    text = record_of("pubmed-xml", 1, title=title)
    papers, report = read(pubmed(text, record_of("pubmed-xml", 2)))
    assert (titles(papers), report.found) == (["Title 1", "Title 2"], 2)


def declared(kind, encoding):
    text = file_of(kind, record_of(kind, 1, title="Zażółć gęślą jaźń"))
    return f'<?xml version="1.0" encoding="{encoding}"?>{text[text.index("?>") + 2 :]}'


@pytest.mark.parametrize("kind", KINDS)
def test_a_declared_encoding_is_believed_where_it_is_not_utf8(kind, read):
    (paper,), report = read(declared(kind, "ISO-8859-2"), encoding="iso-8859-2")
    assert "Zażółć gęślą jaźń" in paper.title
    assert report.is_clean


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_declaration_yields_to_unicode(encoding, read):
    (paper,), report = read(declared("pubmed-xml", "ISO-8859-2"), encoding=encoding)
    assert paper.title == "Zażółć gęślą jaźń"
    assert report.is_clean


@pytest.mark.parametrize("name", ["rot13", "utf-7", "cp037", "no-such-thing", "big5"])
def test_a_declaration_that_cannot_be_true_is_not_believed(name, read):
    (paper,), report = read(declared("pubmed-xml", name), encoding="iso-8859-2")
    assert paper.doi == "10.1000/ex.1"
    assert "not UTF-8" in doubts(report)[0].reason


ALPHABET = string.printable + "\x00\x01é\ufffe"
MARKS = """
    & < > ]]> <![CDATA[ <!-- --> &bad; &#0; <?  </b> </i </metadata> <x:y> <record> </record> <entry
    </feed> </PubmedArticle> <!DOCTYPE <!ENTITY
""".split()  # noqa: SIM905


def damaged(text: str, draw: st.DataObject) -> str:
    """A text with something cut out, put in or replaced."""
    start = draw.draw(st.integers(0, len(text)))
    end = min(len(text), start + draw.draw(st.integers(0, 60)))
    junk = draw.draw(st.text(alphabet=ALPHABET, max_size=12) | st.sampled_from(MARKS))
    return text[:start] + junk + text[end:]


def read_text(text: str):
    """Read a text as a file that was named; None where nothing in it can be used."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "papers.xml")
        path.write_bytes(text.encode("utf-8", "replace"))
        try:
            result = read_sources([path])
        except InputError:
            return None
    (report,) = result.reports
    assert report.found == report.imported + report.set_aside
    return result.records, report


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_any_damage_in_a_record_leaves_its_neighbours_alone(kind, draw):
    texts = records(kind)
    whole = {paper.title: paper for paper in read_text(file_of(kind, *texts))[0]}
    start, end = texts[2].index(">") + 1, texts[2].rindex("</")
    texts[2] = texts[2][:start] + damaged(texts[2][start:end], draw) + texts[2][end:]
    papers, _ = read_text(file_of(kind, *texts))
    kept = {paper.title: paper for paper in papers}
    for title, paper in whole.items():
        if "3" not in title:
            assert kept[title].abstract == paper.abstract
            assert kept[title].authors == paper.authors
            assert kept[title].venue == paper.venue


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_a_file_that_is_damaged_anywhere_is_reported_in_full(kind, draw):
    text = file_of(kind, *records(kind))
    for _ in range(draw.draw(st.integers(1, 4))):
        text = damaged(text, draw)
    read_text(text)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_a_file_that_is_cut_anywhere_keeps_what_is_before(kind, draw):
    texts = records(kind)
    text = file_of(kind, *texts)
    cut = draw.draw(st.integers(text.index(texts[1]), len(text)))
    papers, _ = read_text(text[:cut])
    n_whole = sum(text.index(record) + len(record) <= cut for record in texts)
    assert titles(papers)[:n_whole] == TITLES[:n_whole]
