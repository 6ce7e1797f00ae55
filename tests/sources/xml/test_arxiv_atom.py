"""Feeds: arXiv's API, arXiv's RSS, and those of journals."""

from __future__ import annotations

import pytest

from pipeline.errors import InputError
from sources.xml.conftest import atom, record_of

KIND = "arxiv-atom"


def only(read, text):
    (paper,), report = read(text)
    assert report.format == KIND
    return paper


def test_an_entry_is_read_with_all_its_fields(read):
    paper = only(read, atom(record_of(KIND, 7, "A $\\mu$ of\n  Things", "It is\nknown.")))
    assert (paper.id, paper.arxiv_id) == ("2401.00007", "2401.00007")
    assert (paper.title, paper.abstract) == ("A μ of Things", "It is known.")
    assert paper.authors == ("Ann B. One", "Clara Two")
    assert paper.affiliations == ("Nowhere",)
    assert (paper.year, paper.date, paper.category) == (2024, "2024-01-01", "cs.LG")
    assert (paper.doi, paper.venue) == ("10.1000/ax.7", "J. Ex. 7 (2024) 1")
    assert paper.url == "http://arxiv.org/abs/2401.00007v2"
    assert (paper.kind, paper.keywords) == ("article", ())
    assert dict(paper.extra) == {"categories": "cs.LG; stat.ML", "comment": "9 pages"}
    assert paper.sources[0].line == 6


def test_an_error_of_the_api_is_told(read):
    error = (
        "<entry><id>http://arxiv.org/api/errors#incorrect_id_format_for_x</id><title>Error</title>"
        "<summary>incorrect id format for x</summary></entry>"
    )
    with pytest.raises(InputError, match=r"arXiv reports an error \(incorrect id format for x\)"):
        read(atom(error))


def test_entries_with_a_prefix_are_entries(read):
    text = record_of(KIND, 7).replace("<arxiv:", "<ax:").replace("</arxiv:", "</ax:")
    for name in ("entry", "id", "title", "summary", "author", "name", "published", "link"):
        text = text.replace(f"<{name}", f"<a:{name}").replace(f"</{name}", f"</a:{name}")
    head = '<a:feed xmlns:a="http://www.w3.org/2005/Atom" xmlns:ax="http://arxiv.org/schemas/atom">'
    paper = only(read, f"{head}{text}</a:feed>")
    assert (paper.title, paper.doi, len(paper.authors)) == ("Title 7", "10.1000/ax.7", 2)


def test_rss_of_arxiv(read):
    paper = only(
        read,
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<channel><title>cs.LG updates</title><link>http://rss.arxiv.org/rss/cs.LG</link>"
        "<description>cs.LG updates on arXiv</description><item><title>A Thing</title>"
        "<link>https://arxiv.org/abs/2401.00007</link><description>arXiv:2401.00007v1 Announce "
        "Type: new \nAbstract: It is known &amp;amp; told.</description>"
        '<guid isPermaLink="false">oai:arXiv.org:2401.00007v1</guid><category>cs.LG</category>'
        "<category>stat.ML</category><pubDate>Mon, 01 Jan 2024 00:00:00 -0500</pubDate>"
        "<dc:creator>Ann One, Clara Two</dc:creator></item></channel></rss>",
    )
    assert (paper.id, paper.title, paper.abstract) == (
        "2401.00007",
        "A Thing",
        "It is known & told.",
    )
    assert paper.authors == ("Ann One", "Clara Two")
    assert (paper.category, paper.date) == ("cs.LG", "2024-01-01")


def test_a_journals_feed(read):
    paper = only(
        read,
        '<rdf:RDF xmlns:rdf="r" xmlns:dc="d" xmlns:prism="p" xmlns="http://purl.org/rss/1.0/">'
        '<channel rdf:about="x"><items><rdf:Seq><rdf:li resource="x1"/></rdf:Seq></items></channel>'
        '<item rdf:about="x1"><title><![CDATA[Of <i>things</i>]]></title><link>http://j.org/1</link>'
        "<description><![CDATA[<p>It is known.</p>]]></description><dc:creator>Ann One</dc:creator>"
        "<dc:identifier>doi:10.1000/j.1</dc:identifier><dc:date>2024-05-06</dc:date>"
        "<prism:publicationName>Journal of Examples</prism:publicationName>"
        "<prism:volume>7</prism:volume></item></rdf:RDF>",
    )
    assert (paper.title, paper.abstract) == ("Of things", "It is known.")
    assert (paper.doi, paper.venue, paper.year) == ("10.1000/j.1", "Journal of Examples", 2024)
    assert (paper.url, paper.kind, paper.category) == ("http://j.org/1", None, None)
