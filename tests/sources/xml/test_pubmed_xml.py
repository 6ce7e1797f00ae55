"""PubMed's XML: articles, abstracts in parts, books, and what is no record."""

from __future__ import annotations

from sources.xml.conftest import pubmed, record_of

KIND = "pubmed-xml"


def article(old="", new="", n=7):
    text = record_of(KIND, n, title="A Title of CO<sub>2</sub>", abstract="It is known.")
    assert old in text
    return pubmed(text.replace(old, new))


def only(read, text):
    (paper,), report = read(text)
    assert report.format == KIND
    return paper


def test_an_article_is_read_with_all_its_fields(read):
    paper = only(read, article())
    assert paper.id == "7"
    assert paper.title == "A Title of CO2"
    assert paper.raw_title == "A Title of CO<sub>2</sub>"
    assert paper.raw_abstract == "BACKGROUND: It is known.\nNothing more is known."
    assert paper.authors == ("Ann B One", "C Two", "Example Study Group")
    assert not paper.authors_truncated
    assert paper.affiliations == ("Dept. of Examples, Nowhere.",)
    assert (paper.year, paper.date, paper.venue) == (2012, "2012-06", "Journal of Examples")
    assert paper.doi == "10.1000/ex.7"
    assert paper.identifiers == ("pmcid:PMC7007", "pmid:7")
    assert paper.url == "https://pubmed.ncbi.nlm.nih.gov/7/"
    assert paper.kind == "article-journal"
    assert paper.status is None
    assert paper.sources[0].line == 5
    assert dict(paper.extra) == {
        "issn": "1234-567X", "issue": "2", "mesh": "Humans; Asthma", "pages": "323-9",
        "volume": "7",
    }  # fmt: skip


def test_authors_keywords_come_first_and_then_what_the_paper_is_about(read):
    assert only(read, article()).keywords == ("inhalers", "asthma")
    paper = only(read, article('<Keyword MajorTopicYN="N">asthma</Keyword>', ""))
    assert paper.keywords == ("inhalers", "Asthma")


def test_the_ids_of_cited_articles_are_not_its_own(read):
    own = '<ELocationID EIdType="doi" ValidYN="Y">10.1000/ex.7</ELocationID>'
    assert only(read, article(own, "")).doi is None
    valid = 'IdType="pmc">PMC7007<'
    assert (
        only(read, article(valid, 'IdType="doi">10.1000/pd<').replace(own, "")).doi == "10.1000/pd"
    )


def test_an_id_that_is_not_valid_is_left(read):
    assert only(read, article('ValidYN="Y">10', 'ValidYN="N">10')).doi is None


def test_a_list_of_authors_may_be_cut_short(read):
    assert only(
        read, article('AuthorList CompleteYN="Y"', 'AuthorList CompleteYN="N"')
    ).authors_truncated


def test_a_date_in_words_still_has_a_year(read):
    told = "<Year>2012</Year><Month>Jun</Month>"
    paper = only(read, article(told, "<MedlineDate>1998 Dec-1999 Jan</MedlineDate>"))
    assert (paper.year, paper.date) == (1998, None)


def test_the_day_online_counts_where_the_issue_has_only_a_year(read):
    day = "<Year>2012</Year><Month>03</Month><Day>04</Day>"
    text = article("<Language>", f"<ArticleDate>{day}</ArticleDate><Language>")
    text = text.replace("<Month>Jun</Month>", "")
    assert only(read, text).date == "2012-03-04"
    assert only(read, text.replace(day, day.replace("2012", "2011"))).date is None


def test_the_title_in_its_own_language_stands_in_for_one_that_is_not_available(read):
    vernacular = "[Not Available].</ArticleTitle><VernacularTitle>Ein Titel.</VernacularTitle>"
    text = article("A Title of CO<sub>2</sub></ArticleTitle>", vernacular)
    assert only(read, text).title == "Ein Titel."


def test_another_abstract_is_used_only_where_there_is_none(read):
    other = (
        '<OtherAbstract Type="Publisher"><AbstractText>Other words.</AbstractText></OtherAbstract>'
    )
    text = article("<KeywordList", f"{other}<KeywordList")
    assert "Other" not in only(read, text).abstract
    start, end = text.index("<Abstract>"), text.index("</Abstract>") + len("</Abstract>")
    assert only(read, text[:start] + text[end:]).abstract == "Other words."


def test_a_retracted_article_is_marked_and_its_notice_is_not(read):
    kind = "Journal Article</PublicationType>"
    retracted = f"{kind}<PublicationType>Retracted Publication</PublicationType>"
    assert only(read, article(kind, retracted)).status == "retracted"
    notice = "Retraction of Publication</PublicationType>"
    assert only(read, article(kind, notice)).status is None


def test_a_preprint_is_one_though_it_is_called_an_article_first(read):
    kind = "Journal Article</PublicationType>"
    assert (
        only(read, article(kind, f"{kind}<PublicationType>Preprint</PublicationType>")).kind
        == "article"
    )


def test_formulas_are_their_text(read):
    formula = (
        'of <mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi>'
        "<mml:annotation>\\tex</mml:annotation></mml:math> and <i>y</i></ArticleTitle>"
    )
    text = article("of CO<sub>2</sub></ArticleTitle>", formula)
    assert only(read, text).title == "A Title of x and y"


def test_a_chapter_and_a_whole_book(read):
    book = (
        "<PubmedBookArticle><BookDocument><PMID>11</PMID><ArticleIdList>"
        '<ArticleId IdType="bookaccession">NBK11</ArticleId></ArticleIdList><Book><Publisher>'
        "<PublisherName>Nobody</PublisherName></Publisher><BookTitle>The Book</BookTitle><PubDate>"
        '<Year>1993</Year></PubDate><AuthorList Type="editors"><Author><LastName>Editor</LastName>'
        "</Author></AuthorList><Isbn>9780000000002</Isbn></Book>"
        "<ArticleTitle>A Chapter</ArticleTitle>"
        '<AuthorList Type="authors"><Author><LastName>One</LastName><ForeName>Ann</ForeName>'
        "</Author></AuthorList><Abstract><AbstractText>Of things.</AbstractText></Abstract>"
        "</BookDocument></PubmedBookArticle>"
    )
    whole = book.replace("<ArticleTitle>A Chapter</ArticleTitle>", "").replace(">11<", ">12<")
    gone = "<DeleteCitation><PMID>13</PMID></DeleteCitation>"
    (chapter, entire), report = read(pubmed(book, whole, gone))
    assert report.found == 2
    assert (chapter.title, chapter.venue, chapter.kind) == ("A Chapter", "The Book", "chapter")
    assert (entire.title, entire.venue, entire.kind) == ("The Book", None, "book")
    assert (chapter.authors, chapter.year) == (("Ann One",), 1993)
    assert chapter.identifiers == ("pmid:11",)
    assert dict(chapter.extra)["bookaccession"] == "NBK11"


def test_a_page_that_was_copied_from_a_browser_is_read(read):
    told = "This XML file does not appear to have any style information associated with it."
    text = article()
    assert only(read, f"{told}\n{text[text.index('<PubmedArticleSet>') :]}").id == "7"
