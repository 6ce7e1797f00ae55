"""The ACL Anthology: papers and the volumes that they stand in."""

from __future__ import annotations

from sources.xml.conftest import acl, record_of

KIND = "acl-anthology"


def only(read, text):
    (paper,), report = read(text)
    assert report.format == KIND
    return paper


def test_a_paper_is_read_with_all_its_fields(read):
    paper = only(read, acl(record_of(KIND, 7, abstract="It is known.")))
    assert (paper.id, paper.title) == ("one-two-2023-7", "The Title 7")
    assert paper.raw_abstract == "It is known. In $O(n^3)$ time."
    assert paper.authors == ("Ann B. One", "Clara Two")
    assert paper.affiliations == ("Nowhere",)
    assert (paper.year, paper.date) == (2023, "2023-07")
    assert (paper.venue, paper.kind) == ("Proceedings of the Example Meeting", "paper-conference")
    assert (paper.doi, paper.identifiers) == ("10.1000/2023.ex-long.7", ("acl:2023.ex-long.7",))
    assert paper.url == "https://aclanthology.org/2023.ex-long.7/"
    assert dict(paper.extra) == {"pages": "1-9", "publisher": "Nobody"}


def test_papers_have_the_year_and_venue_of_their_own_volume(read):
    second = (
        '  </volume><volume id="short" type="journal"><meta><journal-title>Other</journal-title>'
        "<booktitle>Other, Volume 2</booktitle><year>1999</year></meta>"
    )
    text = acl(record_of(KIND, 1), second, record_of(KIND, 2).replace("ex-long", "ex-short"))
    (one, two), _ = read(text)
    assert (one.venue, one.year) == ("Proceedings of the Example Meeting", 2023)
    assert (two.venue, two.year, two.kind) == ("Other", 1999, "article-journal")


def test_a_volume_that_begins_in_a_paper_without_an_end_counts_for_the_next(read):
    second = '  </volume><volume id="2"><meta><booktitle>Other</booktitle><year>1999</year></meta>'
    broken = record_of(KIND, 1).replace("</paper>", "")
    (one, two), _ = read(acl(broken, second, record_of(KIND, 2)))
    assert (one.year, two.year) == (2023, 1999)


def test_a_paper_without_an_address_has_the_id_of_its_place(read):
    text = record_of(KIND, 7).replace('<url hash="c">2023.ex-long.7</url>', "")
    assert only(read, acl(text)).identifiers == ("acl:2023.ex-long.7",)


def test_retracted_and_removed_papers_are_marked(read):
    retracted = record_of(KIND, 1).replace(
        "</doi>", '</doi><retracted date="2022-05-06">x</retracted>'
    )
    removed = record_of(KIND, 2).replace("</doi>", '</doi><removed date="2022-05-06">x</removed>')
    papers, _ = read(acl(retracted, removed))
    assert [paper.status for paper in papers] == ["retracted", "withdrawn"]
