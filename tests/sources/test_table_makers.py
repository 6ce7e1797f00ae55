"""Tables as catalogues, reference managers and people write them."""

from __future__ import annotations

import pytest

from pipeline.papers import Paper
from pipeline.sources import detect_format, read_sources
from sources.conftest import abstract_of, document

MOSS, FERN = abstract_of("moss"), abstract_of("fern")


def only_report(path, **columns):
    result = read_sources([path], columns=columns)
    (report,) = result.reports
    assert report.found == report.imported + report.set_aside
    return result.records, report


def table(header, *rows, mark=","):
    quoted = [[f'"{cell}"' for cell in row] for row in (header, *rows)]
    return "\n".join(mark.join(row) for row in quoted) + "\n"


SCOPUS = table(
    ["Authors", "Author full names", "Author(s) ID", "Title", "Year", "Source title", "Volume",
     "Issue", "Art. No.", "Page start", "Page end", "Cited by", "DOI", "Link", "Affiliations",
     "Abstract", "Author Keywords", "Index Keywords", "References", "Publisher", "ISSN", "ISBN",
     "PubMed ID", "Language of Original Document", "Document Type", "Source", "EID"],
    ["Vega A.; de Boer J.-P.", "Vega, Ana (57200000001); de Boer, Jan-Piet (57200000002)",
     "57200000001;57200000002", 'On ""moss""', "2021", "J. Moss", "12", "3", "",
     "14", "30", "2", "10.1000/MOSS.1", "https://scopus.example/1", "University of Moss, Mossland",
     MOSS, "moss; light", "bryophyte", "Boer J., A paper, J. Moss, (2001)", "Moss Press",
     "01234567", "", "12345678", "English", "Conference paper", "Scopus", "2-s2.0-85000000001"],
)  # fmt: skip
ZOTERO = table(
    ["Key", "Item Type", "Publication Year", "Author", "Title", "Publication Title", "ISSN", "DOI",
     "Url", "Abstract Note", "Date", "Date Added", "Pages", "Issue", "Volume", "Publisher", "Type",
     "Conference Name", "Manual Tags", "Automatic Tags"],
    ["AB12CD34", "journalArticle", "2021", "Vega, Ana; Boer, Jan", "On moss", "J. Moss",
     "0123-4567", "10.1000/moss.1", "https://moss.example/1", MOSS, "2021-05-06",
     "2022-01-01 10:00:00", "14-30", "3", "12", "Moss Press", "", "", "moss; light", "Bryophyta"],
    ["AB12CD35", "conferencePaper", "2020", "Vega, Ana", "On ferns", "", "", "", "", FERN, "2020",
     "2022-01-01 10:00:00", "", "", "", "", "", "Fern Days", "", ""],
)  # fmt: skip
DIMENSIONS = '"About the data: Exported on Jan 01, 2024. Criteria: moss, ferns."\n' + table(
    ["Rank", "Publication ID", "DOI", "PMID", "PMCID", "Title", "Abstract", "Source title",
     "Anthology title", "MeSH terms", "Publication Date", "PubYear", "Volume", "Issue",
     "Pagination", "Open Access", "Publication Type", "Authors", "Times cited", "Dimensions URL"],
    ["500", "pub.1000000001", "10.1000/moss.1", "12345678", "", "On moss", MOSS, "J. Moss", "", "",
     "2021-05-06", "2021", "12", "3", "14-30", "Closed", "Article", "Vega, Ana; Boer, Jan", "2",
     "https://dimensions.example/1"],
)  # fmt: skip
LENS = table(
    ["Lens ID", "Title", "Date Published", "Publication Year", "Publication Type", "Source Title",
     "ISSNs", "Publisher", "Author/s", "Abstract", "Volume", "Issue Number", "Start Page",
     "End Page", "Fields of Study", "Keywords", "Source URLs", "PMID", "DOI"],
    ["000-111-222-333-444", "On moss", "2021-05-06", "2021", "journal article", "J. Moss",
     "01234567", "Moss Press", "Ana Vega; Jan Boer", MOSS, "12", "3", "14", "30", "Botany",
     "moss; light", "https://moss.example/1", "12345678", "10.1000/moss.1"],
)  # fmt: skip
IEEE = table(
    ["Document Title", "Authors", "Author Affiliations", "Publication Title",
     "Date Added To Xplore", "Publication Year", "Volume", "Issue", "Start Page", "End Page",
     "Abstract", "ISSN", "DOI", "PDF Link", "Author Keywords", "IEEE Terms", "Publisher"],
    ["On moss", "A. Vega; J. Boer", "University of Moss; Institute of Ferns", "J. Moss",
     "6 May 2021", "2021", "12", "3", "14", "30", MOSS, "0123-4567", "10.1000/moss.1",
     "https://moss.example/1", "moss;light", "Plants", "Moss Press"],
)  # fmt: skip
RAYYAN = table(
    ["key", "title", "year", "month", "day", "journal", "issn", "volume", "issue", "pages",
     "authors", "url", "language", "publisher", "location", "abstract", "notes", "doi",
     "keywords", "pubmed_id"],
    ["rayyan-1001", "On moss", "2021", "5", "6", "J. Moss", "0123-4567", "12", "3", "14-30",
     "Vega, A. and Boer, J.", "https://moss.example/1", "eng", "Moss Press", "Mossland", MOSS,
     "RAYYAN-INCLUSION: {}", "10.1000/moss.1", "moss;light", "12345678"],
)  # fmt: skip
PUBLISH_OR_PERISH = table(
    ["Cites", "Authors", "Title", "Year", "Source", "Publisher", "ArticleURL", "CitesURL",
     "GSRank", "Type", "DOI", "ISSN", "Volume", "Issue", "StartPage", "EndPage", "Abstract"],
    ["2", "A Vega, J Boer", "On moss", "2021", "J. Moss", "Moss Press", "https://moss.example/1",
     "", "1", "", "10.1000/moss.1", "0123-4567", "12", "3", "14", "30", MOSS],
)  # fmt: skip
COVIDENCE = table(
    ["Title", "Authors", "Abstract", "Published Year", "Published Month", "Journal", "Volume",
     "Issue", "Pages", "Accession Number", "DOI", "Ref", "Covidence #", "Study", "Notes", "Tags"],
    ["On moss", "Vega, A.; Boer, J.", MOSS, "2021", "May", "J. Moss", "12", "3", "14-30", "",
     "10.1000/moss.1", "1001", "#17", "Vega 2021", "", "moss; light"],
)  # fmt: skip
PUBMED = table(
    ["PMID", "Title", "Authors", "Citation", "First Author", "Journal/Book", "Publication Year",
     "Create Date", "PMCID", "NIHMS ID", "DOI"],
    ["12345678", "On moss", "Vega A, Boer JP.", "J Moss. 2021 May 6;12(3):14-30.", "Vega A",
     "J. Moss", "2021", "2021/05/06", "PMC1234567", "", "10.1000/moss.1"],
)  # fmt: skip
OPENALEX = table(
    ["id", "doi", "display_name", "publication_year", "publication_date", "type", "language",
     "primary_location.source.display_name", "authorships.author.display_name", "abstract",
     "biblio.volume", "biblio.issue", "biblio.first_page", "biblio.last_page", "is_retracted"],
    ["https://openalex.org/W1234567890", "https://doi.org/10.1000/moss.1", "On moss", "2021",
     "2021-05-06", "article", "en", "J. Moss", "Ana Vega|Jan Boer", MOSS, "12", "3", "14", "30",
     "false"],
)  # fmt: skip
ASREVIEW = table(
    ["record_id", "title", "abstract", "authors", "year", "journal", "keywords", "doi",
     "asreview_label_included"],
    ["7", "On moss", MOSS, "Vega, A.; Boer, J.", "2021", "J. Moss", "moss; light",
     "10.1000/moss.1", "1"],
)  # fmt: skip
ACM = table(
    ["type", "id", "author", "title", "pages", "keywords", "doi", "journal", "volume", "issue_no",
     "year", "issn", "booktitle", "publisher", "abstract"],
    ["inproceedings", "10.1000/moss.1", "Vega, Ana and Boer, Jan", "On moss", "14-30",
     "moss, light", "10.1000/moss.1", "", "", "", "2021", "", "Moss Days", "Moss Press", MOSS],
)  # fmt: skip
WOS_BOOK = table(
    ["Publication Type", "Authors", "Author Full Names", "Article Title", "Source Title",
     "Language", "Document Type", "Author Keywords", "Keywords Plus", "Abstract", "Addresses",
     "ISSN", "Publication Year", "Volume", "Issue", "Start Page", "End Page", "DOI",
     "UT (Unique WOS ID)", "Pubmed Id"],
    ["J", "Vega, A; Boer, J", "Vega, Ana; Boer, Jan", "On moss", "J. Moss", "English", "Article",
     "moss; light", "BRYOPHYTES", MOSS, "[Vega, Ana; Boer, Jan] University of Moss", "0123-4567",
     "2021", "12", "3", "14", "30", "10.1000/moss.1", "WOS:000400000000001", "12345678"],
)  # fmt: skip

MAKERS = {
    "scopus": SCOPUS, "zotero": ZOTERO, "dimensions": DIMENSIONS, "lens": LENS, "ieee": IEEE,
    "rayyan": RAYYAN, "publish or perish": PUBLISH_OR_PERISH, "covidence": COVIDENCE,
    "pubmed": PUBMED, "openalex": OPENALEX, "asreview": ASREVIEW, "acm": ACM, "wos": WOS_BOOK,
}  # fmt: skip


@pytest.mark.parametrize("maker", MAKERS)
def test_the_table_of_each_maker_is_read(page, maker):
    papers, report = only_report(page(MAKERS[maker], "a.csv"))
    paper = papers[0]
    assert report.format == "csv"
    assert [p.kind for p in report.problems if p.kind != "note"] == []
    assert paper.title == ('On "moss"' if maker == "scopus" else "On moss")
    assert paper.abstract == ("" if maker == "pubmed" else MOSS)
    assert (paper.year, paper.doi) == (2021, "10.1000/moss.1")
    assert paper.venue == ("Moss Days" if maker == "acm" else "J. Moss")
    assert [name.split()[-1] for name in paper.authors] == ["Vega", "Boer"]


@pytest.mark.parametrize(
    "maker",
    ["scopus", "zotero", "dimensions", "lens", "ieee", "rayyan", "publish or perish", "covidence",
     "openalex", "wos"],
)  # fmt: skip
def test_volume_issue_and_pages_have_one_name_whatever_the_heading(page, maker):
    (paper, *_), _ = only_report(page(MAKERS[maker], "a.csv"))
    extra = dict(paper.extra)
    assert (extra["volume"], extra["issue"], extra["pages"]) == ("12", "3", "14-30")


@pytest.mark.parametrize(
    ("maker", "identifiers"),
    [
        ("scopus", ("pmid:12345678", "scopus:2-s2.0-85000000001")),
        ("wos", ("pmid:12345678", "wos:000400000000001")),
        ("pubmed", ("pmcid:PMC1234567", "pmid:12345678")),
        ("openalex", ("openalex:W1234567890",)),
        ("lens", ("pmid:12345678",)),
    ],
)
def test_the_ids_of_catalogues_are_kept(page, maker, identifiers):
    (paper, *_), _ = only_report(page(MAKERS[maker], "a.csv"))
    assert [name.upper() for name in paper.identifiers] == [name.upper() for name in identifiers]


def test_a_row_without_a_journal_is_in_its_proceedings(page):
    papers, _ = only_report(page(ZOTERO, "a.csv"))
    assert [(p.venue, p.kind) for p in papers] == [
        ("J. Moss", "article-journal"), ("Fern Days", "paper-conference"),
    ]  # fmt: skip
    assert papers[0].keywords == ("moss", "light")
    assert (papers[0].id, papers[0].date) == ("AB12CD34", "2021-05-06")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Vega A., de Boer J.-P., Ng L.", ("A. Vega", "J.-P. de Boer", "L. Ng")),
        ("Vega A.; Boer J.", ("A. Vega", "J. Boer")),
        ("Vega, A.; Boer, J.", ("A. Vega", "J. Boer")),
        ("Vega A, Boer JP.", ("A Vega", "JP Boer")),
        ("A Vega, J Boer", ("A Vega", "J Boer")),
        ("Vega, Ana (57200000001); Boer, Jan (57200000002)", ("Ana Vega", "Jan Boer")),
        ("Vega A., et al.", ("A. Vega",)),
        ("[No author name available]", ()),
        ("XU LI; WANG MEI", ("XU LI", "WANG MEI")),
        ("Vega AB, Boer J; C4591001 Moss Trial.", ("AB Vega", "J Boer", "C4591001 Moss Trial")),
        ("Vega AB; Moss Study Group.", ("AB Vega", "Moss Study Group")),
        ("Vega A.-B.(1), Boer J.(1,2)", ("A.-B. Vega", "J. Boer")),
        ("Vega, A., Boer, J., & Ng, L. (2019)", ("A. Vega", "J. Boer", "L. Ng")),
        ("A Vega, J Boer…", ("A Vega", "J Boer")),
        ("Ana VegaJan Boer", ("Ana VegaJan Boer",)),
    ],
)
def test_authors_as_catalogues_list_them(page, text, names):
    path = page(table(["Title", "Authors", "Year"], ["On moss", text, "2021"]), "a.csv")
    (paper,), _ = only_report(path)
    assert paper.authors == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("John K. SmithPia JonesAna-Lena Vega", ("John K. Smith", "Pia Jones", "Ana-Lena Vega")),
        ("Ian McDonaldYann LeCunP. DeVries", ("Ian McDonald", "Yann LeCun", "P. DeVries")),
        ("Ana BoerLaToya de Vries", ("Ana Boer", "LaToya de Vries")),
        ("Yann LeCun", ("Yann LeCun",)),
        ("Ana Vega; Ian McDonald", ("Ana Vega", "Ian McDonald")),
        ("", ()),
    ],
)
def test_authors_that_springer_lists_without_anything_between(page, text, names):
    head = ["Item Title", "Publication Title", "Journal Volume", "Item DOI", "Authors"]
    path = page(table(head, ["On moss", "J. Moss", "12", "10.1000/moss.1", text]), "a.csv")
    (paper,), report = only_report(path)
    assert (paper.authors, paper.doi, paper.venue) == (names, "10.1000/moss.1", "J. Moss")
    assert paper.extra == (("volume", "12"),)
    assert [p.kind for p in report.problems] == ["note"]


def test_authors_of_citavi(page):
    head = ["Short title", "Title", "Author, editor or organization", "Abstract"]
    (paper,), _ = only_report(page(table(head, ["V", "On moss", "Vega, A.", MOSS]), "a.csv"))
    assert paper.authors == ("A. Vega",)


EMBASE_ROWS = f"""TITLE,"On moss"
AUTHOR NAMES,"Vega A.-B.","Boer J."
SOURCE,"J. Moss (2021) 12:3 (14-30)"
ABSTRACT,"{MOSS}"
AUTHOR KEYWORDS,"moss","light, dim"
DOI,"10.1000/moss.1"
ISSN,"0123-4567"

TITLE,"On ferns, and
their roots"
ABSTRACT,"{FERN}"
TITLE,""
AUTHOR NAMES,"Ng L."
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["records.csv", "records.txt"])
def test_embases_fields_by_row_are_records(page, name, newline):
    (moss, fern), report = only_report(page(EMBASE_ROWS, name, newline=newline))
    assert (moss.title, moss.abstract, moss.authors) == ("On moss", MOSS, ("A.-B. Vega", "J. Boer"))
    assert (moss.doi, moss.year, moss.keywords) == ("10.1000/moss.1", 2021, ("moss", "light, dim"))
    assert (moss.venue, moss.extra) == ("J. Moss", (
        ("issn", "0123-4567"), ("issue", "3"), ("pages", "14-30"), ("volume", "12"),
    ))  # fmt: skip
    assert (fern.title, fern.abstract) == ("On ferns, and their roots", FERN)
    assert [p.sources[0].line for p in (moss, fern)] == [1, 9]
    assert (report.format, report.found, report.set_aside) == ("csv-fields", 3, 1)


def test_a_table_with_headings_in_capitals_has_no_fields_by_row(page):
    text = "TITLE,ABSTRACT\n" + "".join(f'{name},"{MOSS}"\n' for name in ("DNA", "RNA", "ATP"))
    papers, report = only_report(page(text, "a.csv"))
    assert ([p.title for p in papers], report.format) == (["DNA", "RNA", "ATP"], "csv")


def test_files_and_notes_of_zotero_are_no_papers(page):
    head = ["Key", "Item Type", "Title", "Abstract Note"]
    rows = [["A", "attachment", "Full Text PDF", ""], ["B", "note", "", ""], ["C", "book", "M", ""]]
    papers, report = only_report(page(table(head, *rows), "a.csv"))
    assert [paper.title for paper in papers] == ["M"]
    assert [p.reason for p in report.problems if p.kind == "set aside"] == [
        "Zotero's attachment, not a paper; set aside", "Zotero's note, not a paper; set aside",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "n_papers"),
    [
        (["Total", "2", "", ""], 1),
        (["", "Total:", "1,204", ""], 1),
        (["3", "1984", "", "2021"], 2),
        (["3", "Total", "", "2021"], 2),
        (["3", "1984", MOSS, ""], 2),
    ],
)
def test_a_total_below_the_papers_is_none(page, row, n_papers):
    text = table(["ID", "Title", "Abstract", "Year"], ["1", "On moss", MOSS, "2021"], row)
    papers, report = only_report(page(text, "a.csv"))
    assert len(papers) == n_papers
    told = [p.reason for p in report.problems if p.kind == "set aside"]
    reason = "a row of figures, such as a total, not a paper; set aside"
    assert told == [reason] * (2 - n_papers)


@pytest.mark.parametrize("title", ["NA", "n/a", "N/A."])
def test_a_title_that_says_there_is_none_is_none(page, title):
    (paper,), _ = only_report(page(table(["Title", "Abstract"], [title, MOSS]), "a.csv"))
    assert paper.title == ""


@pytest.mark.parametrize(
    ("url", "shown"), [("", "https://moss.example/1"), ("https://x.example", "https://x.example")]
)
def test_a_formula_of_a_link_is_its_text(page, url, shown):
    link = '=HYPERLINK(""https://moss.example/1"",""On """"dry"""" moss"")'
    (paper,), _ = only_report(page(table(["Title", "URL"], [link, url]), "a.csv"))
    assert (paper.title, paper.url) == ('On "dry" moss', shown)


@pytest.mark.parametrize(
    ("volume", "issue", "extra"),
    [("0", "0", ()), ("7", "0", (("issue", "0"), ("pages", "0"), ("volume", "7")))],
)
def test_volume_issue_and_pages_that_are_all_zero_are_not_known(page, volume, issue, extra):
    head = ["Title", "Volume", "Issue", "StartPage", "EndPage"]
    (paper,), _ = only_report(page(table(head, ["On moss", volume, issue, "0", "0"]), "a.csv"))
    assert paper.extra == extra


@pytest.mark.parametrize("mark", ["|", "; "])
def test_affiliations_are_parted(page, mark):
    places = f"University of Moss{mark}Institute of Ferns"
    (paper,), _ = only_report(page(table(["Title", "Affiliations"], ["On moss", places]), "a.csv"))
    assert paper.affiliations == ("University of Moss", "Institute of Ferns")


@pytest.mark.parametrize(
    ("title", "abstract", "year"),
    [
        ("Titel", "Zusammenfassung", "Jahr"),
        ("Titre", "Résumé", "Année"),
        ("Título", "Resumen", "Año"),
        ("Título", "Resumo", "Ano"),
        ("Titolo", "Riassunto", "Anno"),
        ("标题", "摘要", "年份"),
        ("論文題目", "要旨", "発行年"),
        ("제목", "초록", "연도"),
        ("Название", "Аннотация", "Год"),
        ("ARTICLE_TITLE", "Abstract Text", "Publication-Year"),
    ],
)
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_headings_in_many_languages(page, title, abstract, year, mark):
    text = table([title, abstract, year], ["On moss", MOSS, "2021"], mark=mark)
    (paper,), report = only_report(page(text, "a.csv"))
    assert (paper.title, paper.abstract, paper.year) == ("On moss", MOSS, 2021)
    assert report.problems == ()


WOS_TAGS = (
    "PT AU AF TI SO LA DT DE ID AB C1 PU SN BN PY VL IS BP EP DI UT PM".split()  # noqa: SIM905
)
WOS_CELLS = [
    "J", "Vega, A; Boer, J", "Vega, Ana; Boer, Jan", '"Moss" in light', "J. Moss", "English",
    "Article", "moss; light", "BRYOPHYTES", MOSS, "[Vega, Ana; Boer, Jan] University of Moss",
    "Moss Press", "0123-4567", "", "2021", "12", "3", "14", "30", "10.1000/moss.1",
    "WOS:000400000000001", "12345678",
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "newline"), [("utf-16", "\r"), ("utf-8-sig", "\r\n")])
def test_web_of_science_by_tags(page, encoding, newline):
    lines = ["\t".join(cells) for cells in (WOS_TAGS, [*WOS_CELLS, ""], WOS_TAGS, WOS_CELLS)]
    path = page("\n".join(lines) + "\n", "savedrecs.txt", encoding=encoding, newline=newline)
    papers, report = only_report(path)
    assert (report.format, report.found, report.problems) == ("wos-tab", 2, ())
    assert [p.sources[0].line for p in papers] == [2, 4]
    paper = papers[0]
    assert isinstance(paper, Paper)
    assert (paper.title, paper.authors) == ('"Moss" in light', ("Ana Vega", "Jan Boer"))
    assert (paper.keywords, paper.affiliations) == (("moss", "light"), ("University of Moss",))
    assert (paper.venue, paper.kind, paper.year) == ("J. Moss", "article-journal", 2021)
    extra = dict(paper.extra)
    assert (extra["Keywords Plus"], extra["pages"], extra["publisher"], extra["issn"]) == (
        "BRYOPHYTES", "14-30", "Moss Press", "0123-4567",
    )  # fmt: skip


def test_a_few_headings_of_two_letters_are_no_web_of_science(page):
    path = page("ID\tTI\tAB\n1\tOn moss\tA text.\n", "a.txt")
    (paper,), report = only_report(path)
    assert (report.format, paper.id, paper.title) == ("csv", "1", "On moss")


def test_a_column_of_web_of_science_by_its_tag(page):
    path = page("\n".join("\t".join(cells) for cells in (WOS_TAGS, WOS_CELLS)), "a.txt")
    (paper,), _ = only_report(path, keywords="ID")
    assert paper.keywords == ("BRYOPHYTES",)


@pytest.mark.parametrize("maker", MAKERS)
def test_no_table_is_taken_for_another_format(page, maker):
    fmt, _ = detect_format(document(page(MAKERS[maker], "export.txt")))
    assert fmt is not None
    assert fmt.name == "csv"
