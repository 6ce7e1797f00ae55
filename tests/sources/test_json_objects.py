"""What the objects of each catalogue say: invented papers in the forms that the catalogues use."""

from __future__ import annotations

import json
import re
from dataclasses import fields as fields_of
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.papers import Paper, Problem, split_authors
from pipeline.sources import read_sources
from pipeline.sources.document import Document
from pipeline.sources.fields import read_authors
from pipeline.sources.json_objects import parse, to_paper, unwrapped, vendor_of
from pipeline.sources.json_values import abstract_of_index
from sources.conftest import abstract_of

TEXT = abstract_of("moss", 2)
SOURCE = Document(Path("a.json"), "a.json", "a.json").source(1)


def paper_of(record, **named):
    found = to_paper(record, SOURCE, named=named)
    assert isinstance(found, Paper), found
    return found


def said(paper):
    """All that a paper says, without what says nothing and the raw texts."""
    values = {f.name: getattr(paper, f.name) for f in fields_of(paper)}
    hidden = ("raw_title", "raw_abstract", "sources")
    return {name: value for name, value in values.items() if value and name not in hidden}


OPENALEX = {
    "id": "https://openalex.org/W2741809807",
    "doi": "https://doi.org/10.5555/MOSS.1",
    "title": None,
    "display_name": "On moss",
    "publication_year": 2021,
    "publication_date": "2021-03-04",
    "ids": {
        "openalex": "https://openalex.org/W2741809807",
        "pmid": "https://pubmed.ncbi.nlm.nih.gov/29456894",
        "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/5815332",
        "mag": "2741809807",
    },
    "primary_location": {
        "landing_page_url": "https://moss.example/1",
        "source": {
            "display_name": "J. Moss",
            "host_organization_name": "Moss Press",
            "issn_l": "1234-5678",
        },
    },
    "locations": [{"landing_page_url": "https://arxiv.org/abs/2103.01234v2"}],
    "authorships": [
        {
            "author": {"display_name": "Ana Vega"},
            "institutions": [{"display_name": "University of Moss"}],
        },
        {"author": {"display_name": None}, "raw_author_name": "Boer, Jan", "institutions": []},
    ],
    "biblio": {"volume": "3", "issue": "2", "first_page": "12", "last_page": "19"},
    "concepts": [
        {"display_name": "Bryology", "score": 0.9},
        {"display_name": "Chess", "score": 0.1},
    ],
    "abstract_inverted_index": {"moss": [2], "We": [0], "study": [1], "and": [3], "light.": [4]},
    "language": "en",
    "type": "article",
    "type_crossref": "journal-article",
    "is_retracted": True,
}
IN_PRINT = (("issue", "2"), ("pages", "12-19"), ("volume", "3"))


def test_a_work_of_openalex():
    assert said(paper_of(OPENALEX)) == {
        "id": "W2741809807",
        "title": "On moss",
        "abstract": "We study moss and light.",
        "authors": ("Ana Vega", "Jan Boer"),
        "affiliations": ("University of Moss",),
        "year": 2021,
        "date": "2021-03-04",
        "venue": "J. Moss",
        "doi": "10.5555/moss.1",
        "arxiv_id": "2103.01234",
        "identifiers": (
            "mag:2741809807", "openalex:W2741809807", "pmcid:PMC5815332", "pmid:29456894",
        ),
        "url": "https://moss.example/1",
        "keywords": ("Bryology",),
        "kind": "article-journal",
        "language": "en",
        "status": "retracted",
        "extra": (
            ("issn", "1234-5678"), ("issue", "2"), ("pages", "12-19"), ("publisher", "Moss Press"),
            ("volume", "3"),
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("index", "text"),
    [
        ({"b": [1], "a": [0, 2]}, "a b a"),
        ({"b": [7], "a": [3]}, "a b"),
        ({"a": [0], "b": [-1], "c": ["2"], "d": [None], "e": 4, "f": [True], "g": [1.5]}, "a"),
        ({"a": [10**30], "b": [0]}, "b a"),
        ('{"b": [1], "a": [0]}', "a b"),
        ({"IndexLength": 2, "InvertedIndex": {"b": [1], "a": [0]}}, "a b"),
        ("not JSON", ""),
        (None, ""),
        ([1], ""),
    ],
)
def test_an_inverted_index_is_put_in_order_and_bad_positions_are_left_out(index, text):
    assert abstract_of_index(index) == text


S2 = {
    "paperId": "0123456789abcdef0123456789abcdef01234567",
    "externalIds": {
        "DOI": "10.5555/moss.1", "ArXiv": "2103.01234", "PubMed": "29456894",
        "PubMedCentral": "5815332", "CorpusId": 231000000, "MAG": "2741809807",
        "DBLP": "conf/moss/VegaB21", "ACL": "2021.moss-main.7",
    },
    "url": "https://www.semanticscholar.org/paper/0123",
    "title": "On moss",
    "abstract": TEXT,
    "tldr": {"text": "Moss is good."},
    "venue": "",
    "journal": {"name": "J. Moss", "volume": "3", "pages": "12-19"},
    "year": 2021,
    "publicationDate": "2021-03-04",
    "publicationTypes": ["Review", "JournalArticle"],
    "authors": [{"authorId": "1", "name": "Ana Vega"}, {"authorId": None, "name": "Jan Boer"}],
    "s2FieldsOfStudy": [{"category": "Biology", "source": "s2-fos-model"}],
}  # fmt: skip


def test_a_paper_of_semantic_scholar():
    assert said(paper_of(S2)) == {
        "id": "0123456789abcdef0123456789abcdef01234567",
        "title": "On moss",
        "abstract": TEXT,
        "authors": ("Ana Vega", "Jan Boer"),
        "year": 2021,
        "date": "2021-03-04",
        "category": "Biology",
        "venue": "J. Moss",
        "doi": "10.5555/moss.1",
        "arxiv_id": "2103.01234",
        "identifiers": (
            "acl:2021.moss-main.7", "corpusid:231000000", "dblp:conf/moss/VegaB21",
            "mag:2741809807", "pmcid:PMC5815332", "pmid:29456894",
            "s2:0123456789abcdef0123456789abcdef01234567",
        ),
        "url": "https://www.semanticscholar.org/paper/0123",
        "kind": "article-journal",
        "language": "en",
        "extra": (("pages", "12-19"), ("volume", "3")),
    }  # fmt: skip


def test_a_summary_by_a_machine_is_no_abstract():
    assert paper_of(S2 | {"abstract": None}).abstract == ""


def test_papers_of_the_first_dumps_of_semantic_scholar():
    paper = paper_of(
        {
            "id": "0123456789abcdef0123456789abcdef01234567", "title": "On moss",
            "paperAbstract": TEXT, "s2Url": "https://s2.example/1", "entities": ["Moss", "Light"],
            "authors": [{"name": "Ana Vega", "ids": ["1"]}], "inCitations": ["a" * 40],
            "journalName": "J. Moss", "journalVolume": "3", "journalPages": "12-19",
            "doi": "10.5555/moss.1", "pmid": "29456894", "year": 2019,
        }
    )  # fmt: skip
    assert (paper.abstract, paper.keywords, paper.venue) == (TEXT, ("Moss", "Light"), "J. Moss")
    assert paper.identifiers == ("pmid:29456894", "s2:0123456789abcdef0123456789abcdef01234567")
    old = paper_of(
        {
            "paper_id": "77490", "title": "On moss", "abstract": TEXT, "arxiv_id": "2103.01234",
            "authors": [{"first": "Jan", "middle": ["P."], "last": "Boer", "suffix": ""}],
            "acl_id": "P19-1234", "pmc_id": "5815332", "journal": "J. Moss", "venue": None,
            "mag_field_of_study": ["Biology"],
        }
    )  # fmt: skip
    assert old.identifiers == ("acl:P19-1234", "corpusid:77490", "pmcid:PMC5815332")
    assert (old.authors, old.venue, old.category) == (("Jan P. Boer",), "J. Moss", "Biology")


CROSSREF = {
    "DOI": "10.5555/MOSS.1",
    "URL": "https://doi.org/10.5555/moss.1",
    "member": "78",
    "prefix": "10.5555",
    "title": ["On moss"],
    "subtitle": ["A history"],
    "abstract": f"<jats:title>Abstract</jats:title><jats:p>{TEXT}</jats:p>",
    "author": [
        {"given": "Ana", "family": "Vega", "sequence": "first", "affiliation": []},
        {"name": "Moss, Light and Water Group", "sequence": "additional"},
    ],
    "container-title": ["Journal of Moss"],
    "short-container-title": ["J. Moss"],
    "issued": {"date-parts": [[2021]]},
    "published-print": {"date-parts": [[2022, 1, 5]]},
    "published-online": {"date-parts": [[2021, 3]]},
    "subject": ["Bryology"],
    "type": "journal-article",
    "language": "en",
    "volume": "3",
    "issue": "2",
    "page": "12-19",
    "publisher": "Moss Press",
    "ISSN": ["1234-5678", "8765-4321"],
    "relation": {"cites": []},
    "indexed": {"date-parts": [[2023, 9, 9]]},
}


def test_a_work_of_crossref():
    found = said(paper_of(CROSSREF))
    assert found.pop("authors")[0] == "Ana Vega"
    assert found == {
        "title": "On moss: A history",
        "abstract": TEXT,
        "year": 2021,
        "date": "2021-03",
        "venue": "Journal of Moss",
        "doi": "10.5555/moss.1",
        "url": "https://doi.org/10.5555/moss.1",
        "keywords": ("Bryology",),
        "kind": "article-journal",
        "language": "en",
        "extra": (
            ("issn", "1234-5678, 8765-4321"), ("issue", "2"), ("pages", "12-19"),
            ("publisher", "Moss Press"), ("volume", "3"),
        ),
    }  # fmt: skip


def test_a_notice_of_retraction_is_not_itself_retracted():
    notice = CROSSREF | {"update-to": [{"type": "retraction", "DOI": "10.5555/moss.0"}]}
    assert paper_of(notice).status is None
    assert paper_of(CROSSREF | {"updated-by": [{"type": "retraction"}]}).status == "retracted"
    marked = paper_of(CROSSREF | {"title": ["RETRACTED: On moss"], "subtitle": []})
    assert (marked.status, marked.title) == ("retracted", "On moss")


@pytest.mark.parametrize(
    ("issued", "date", "year"),
    [
        ({"date-parts": [[2021, 3, 4]]}, "2021-03-04", 2021),
        ({"date-parts": [["2021", "3"]]}, "2021-03", 2021),
        ({"date-parts": [[2021]]}, None, 2021),
        ({"date-parts": [[None]]}, None, None),
        ({"raw": "2021-03"}, "2021-03", 2021),
        ({"raw": "n.d."}, None, None),
        ({"date-parts": "x"}, None, None),
        (2021, None, 2021),
    ],
)
def test_dates_of_csl(issued, date, year):
    paper = paper_of({"title": "On moss", "type": "book", "issued": issued})
    assert (paper.date, paper.year) == (date, year)


def test_an_item_of_csl():
    paper = paper_of(
        {
            "id": "boer2021", "type": "paper-conference", "title": "On <i>moss</i>",
            "abstract": f"<p>{TEXT}</p>", "author": [
                {"family": "Boer", "given": "Jan", "non-dropping-particle": "de"},
                {"literal": "Moss Group"},
            ],
            "issued": {"date-parts": [["2021", 3]]}, "container-title": "Moss Conference",
            "note": "PMID: 29456894\nPMCID: PMC5815332\narXiv: 2103.01234 [q-bio]\nread twice",
            "keyword": "moss, light", "language": "en-GB", "ISBN": "978-1-4028-9462-6",
        }
    )  # fmt: skip
    assert said(paper) == {
        "id": "boer2021",
        "title": "On moss",
        "abstract": TEXT,
        "authors": ("Jan de Boer", "Moss Group"),
        "year": 2021,
        "date": "2021-03",
        "venue": "Moss Conference",
        "arxiv_id": "2103.01234",
        "identifiers": ("pmcid:PMC5815332", "pmid:29456894"),
        "keywords": ("moss", "light"),
        "kind": "paper-conference",
        "language": "en",
        "extra": (("isbn", "978-1-4028-9462-6"),),
    }


@pytest.mark.parametrize(
    ("told", "kind"), [("article", "article"), ("document", None), ("report", "report")]
)
def test_types_of_csl_mean_what_csl_says(told, kind):
    assert paper_of({"title": "On moss", "type": told, "citation-key": "m"}).kind == kind


def test_what_our_own_export_adds_to_csl_is_read():
    custom = {
        "identifiers": ["openalex:W27418098", "pmid:1"], "category": "cs.LG",
        "arxiv_id": "2401.01234",
    }  # fmt: skip
    paper = paper_of(
        {"title": "On moss", "citation-key": "m", "status": "withdrawn", "custom": custom}
    )
    assert paper.identifiers == ("openalex:W27418098", "pmid:1")
    assert (paper.category, paper.arxiv_id, paper.status) == ("cs.LG", "2401.01234", "withdrawn")


LENS = {
    "lens_id": "000-100-200-300-40X", "publication_type": "journal article", "title": "On moss",
    "abstract": TEXT, "year_published": 2020, "date_published": "2020-11-01T00:00:00Z",
    "authors": [
        {"first_name": "Ana", "last_name": "Vega", "initials": "A",
         "affiliations": [{"name": "University of Moss"}]},
        {"collective_name": "Moss, Ferns and Friends"},
    ],
    "source": {
        "title": "Journal of Moss", "publisher": "Moss Press",
        "issn": [
            {"type": "print", "value": "02775212"}, {"type": "electronic", "value": "19436246"},
        ],
    },
    "external_ids": [
        {"type": "doi", "value": "10.5555/moss.1"}, {"type": "pmid", "value": "29456894"},
        {"type": "magid", "value": "3000000001"},
    ],
    "volume": "3", "start_page": "12", "end_page": "19", "fields_of_study": ["Bryology"],
}  # fmt: skip


def test_a_work_of_lens():
    assert said(paper_of(LENS)) == {
        "id": "000-100-200-300-40X",
        "title": "On moss",
        "abstract": TEXT,
        "authors": ("Ana Vega", "Moss, Ferns and Friends"),
        "affiliations": ("University of Moss",),
        "year": 2020,
        "date": "2020-11-01",
        "venue": "Journal of Moss",
        "doi": "10.5555/moss.1",
        "identifiers": ("mag:3000000001", "pmid:29456894"),
        "keywords": ("Bryology",),
        "kind": "article-journal",
        "language": "en",
        "extra": (
            ("issn", "0277-5212, 1943-6246"), ("pages", "12-19"), ("publisher", "Moss Press"),
            ("volume", "3"),
        ),
    }  # fmt: skip


def test_a_result_of_europe_pmc():
    lite = {
        "id": "29456894", "source": "MED", "pmid": "29456894", "pmcid": "PMC5815332",
        "doi": "10.5555/moss.1", "title": "On moss.", "authorString": "Vega A, de Boer JP.",
        "journalTitle": "J Moss", "issue": "2", "journalVolume": "3", "pubYear": "2021",
        "journalIssn": "1234-5678; 8765-4321; ", "pageInfo": "12-19",
        "pubType": "journal article; retracted publication", "firstPublicationDate": "2021-03-04",
    }  # fmt: skip
    paper = paper_of(lite)
    assert paper.authors == ("A Vega", "JP de Boer")
    assert paper.identifiers == ("pmcid:PMC5815332", "pmid:29456894")
    assert (paper.date, paper.status, paper.kind) == ("2021-03-04", "retracted", "article-journal")
    assert paper.extra == (("issn", "1234-5678"), *IN_PRINT)
    core = paper_of(
        lite
        | {
            "abstractText": f"<h4>Background</h4>{TEXT}",
            "authorList": {"author": [{"firstName": "Ana", "lastName": "Vega"}]},
            "journalInfo": {"volume": "3", "journal": {"title": "Journal of Moss"}},
            "keywordList": {"keyword": ["moss", "light"]},
            "pubTypeList": {"pubType": ["research-article", "Journal Article"]},
        }
    )  # fmt: skip
    assert (core.authors, core.venue, core.keywords) == (
        ("Ana Vega",), "Journal of Moss", ("moss", "light"),
    )  # fmt: skip
    assert core.abstract.endswith(TEXT)
    assert core.status is None


def test_a_hit_of_dblp():
    paper = paper_of(
        {
            "@score": "5", "@id": "1", "url": "URL#1",
            "info": {
                "authors": {"author": [{"text": "Ana Vega 0002"}, {"text": "Jan Boer"}]},
                "title": "On moss.", "venue": ["MOSS", "LIGHT"], "year": "2021", "pages": "12-19",
                "type": "Conference and Workshop Papers", "key": "conf/moss/VegaB21",
                "doi": "10.5555/MOSS.1", "ee": "https://doi.org/10.5555/MOSS.1", "access": "open",
            },
        }
    )  # fmt: skip
    assert (paper.authors, paper.venue) == (("Ana Vega", "Jan Boer"), "MOSS")
    assert (paper.id, paper.kind) == ("conf/moss/VegaB21", "paper-conference")
    assert paper.identifiers == ("dblp:conf/moss/VegaB21",)
    single = {"authors": {"author": {"text": "Ana Vega"}}, "title": "T", "key": "k", "type": "",
              "year": "2021", "ee": "x"}  # fmt: skip
    assert paper_of(single).authors == ("Ana Vega",)


def test_a_doi_of_datacite():
    paper = paper_of(
        {
            "id": "10.5555/moss.1", "type": "dois",
            "attributes": {
                "doi": "10.48550/arxiv.2103.01234",
                "titles": [{"title": "Über Moos", "titleType": "TranslatedTitle"},
                           {"title": "On moss"}],
                "creators": [{"name": "Vega, Ana", "givenName": "Ana", "familyName": "Vega"},
                             {"name": "Boer, Jan", "affiliation": []}],
                "descriptions": [{"description": "12 pages", "descriptionType": "Other"},
                                 {"description": TEXT, "descriptionType": "Abstract"}],
                "publicationYear": 2021, "publisher": {"name": "arXiv"},
                "dates": [{"date": "2021-03-04", "dateType": "Issued"}],
                "subjects": [{"subject": "Bryology"}], "types": {"resourceTypeGeneral": "Preprint"},
                "container": {}, "url": "https://arxiv.org/abs/2103.01234",
            },
        }
    )  # fmt: skip
    assert (paper.title, paper.abstract) == ("On moss", TEXT)
    assert paper.authors == ("Ana Vega", "Jan Boer")
    assert (paper.arxiv_id, paper.date, paper.kind) == ("2103.01234", "2021-03-04", "article")
    assert (paper.keywords, paper.extra) == (("Bryology",), (("publisher", "arXiv"),))


def test_a_record_of_inspire():
    paper = paper_of(
        {
            "id": "1234567", "links": {},
            "metadata": {
                "control_number": 1234567, "titles": [{"title": "On moss"}],
                "abstracts": [{"value": TEXT, "source": "arXiv"}],
                "authors": [{"full_name": "Vega, Ana"}, {"full_name": "Boer, Jan P."}],
                "arxiv_eprints": [{"value": "2103.01234", "categories": ["hep-th", "gr-qc"]}],
                "dois": [{"value": "10.5555/moss.1"}], "document_type": ["conference paper"],
                "publication_info": [
                    {"journal_title": "J.Moss", "journal_volume": "3", "year": 2021,
                     "journal_issue": "2", "page_start": "12", "page_end": "19"},
                ],
                "preprint_date": "2021-03-04", "keywords": [{"value": "moss"}],
            },
        }
    )  # fmt: skip
    assert (paper.authors, paper.category) == (("Ana Vega", "Jan P. Boer"), "hep-th")
    assert (paper.arxiv_id, paper.doi, paper.year) == ("2103.01234", "10.5555/moss.1", 2021)
    assert (paper.kind, paper.extra) == ("paper-conference", IN_PRINT)


def test_a_line_of_arxivs_snapshot():
    paper = paper_of(
        {
            "id": "0704.0001", "submitter": "Ana Vega", "authors": "A. Vega, J. P. de Boer",
            "title": "On moss\n  and light", "comments": "12 pages", "journal-ref": "J.Moss3:12",
            "doi": "10.5555/moss.1", "report-no": None, "categories": "hep-ph math.CO",
            "license": None, "abstract": f"  {TEXT}\n",
            "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
                         {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"}],
            "update_date": "2008-11-26",
            "authors_parsed": [["Vega", "A.", ""], ["de Boer", "J. P.", "Jr."]],
        }
    )  # fmt: skip
    assert said(paper) == {
        "id": "0704.0001",
        "title": "On moss and light",
        "abstract": TEXT,
        "authors": ("A. Vega", "J. P. de Boer Jr."),
        "year": 2007,
        "date": "2007-04-02",
        "category": "hep-ph",
        "doi": "10.5555/moss.1",
        "arxiv_id": "0704.0001",
        "kind": "article",
        "language": "en",
        "extra": (("comments", "12 pages"), ("journal-ref", "J.Moss3:12")),
    }


@pytest.mark.parametrize("form", [lambda value: value, lambda value: {"value": value}])
def test_notes_of_both_apis_of_openreview(form):
    content = {
        "title": "On moss", "abstract": TEXT, "authors": ["Ana Vega", "Jan Boer"],
        "keywords": ["moss"], "venue": "MOSS 2021 Conference Withdrawn Submission",
        "authorids": ["~Ana_Vega1"],
    }  # fmt: skip
    paper = paper_of(
        {
            "id": "mOsS1234ab", "forum": "mOsS1234ab", "invitation": "MOSS/-/Submission",
            "cdate": 1614816000000, "content": {key: form(value) for key, value in content.items()},
        }
    )  # fmt: skip
    assert (paper.title, paper.abstract) == ("On moss", TEXT)
    assert (paper.authors, paper.keywords) == (("Ana Vega", "Jan Boer"), ("moss",))
    assert (paper.date, paper.status) == ("2021-03-04", "withdrawn")
    assert paper.identifiers == ("openreview:mOsS1234ab",)


def test_a_submission_of_paperlists():
    paper = paper_of(
        {
            "id": "mOsS1234ab", "title": "On moss", "abstract": TEXT, "track": "main",
            "status": "Withdraw", "keywords": "moss;light", "author": "Ana Vega;Jan Boer",
            "aff": "University of Moss;", "tldr": "", "gs_citation": -1,
            "site": "https://openreview.net/forum?id=mOsS1234ab",
        }
    )  # fmt: skip
    assert (paper.authors, paper.keywords) == (("Ana Vega", "Jan Boer"), ("moss", "light"))
    assert (paper.status, paper.affiliations) == ("withdrawn", ("University of Moss",))
    assert paper.identifiers == ("openreview:mOsS1234ab",)
    assert paper.extra == (("status", "Withdraw"), ("track", "main"))


def test_an_item_of_zotero():
    data = {
        "key": "ABCD2345", "itemType": "journalArticle", "title": "On moss", "abstractNote": TEXT,
        "creators": [
            {"creatorType": "author", "firstName": "Ana", "lastName": "Vega"},
            {"creatorType": "editor", "firstName": "Li", "lastName": "Wu"},
            {"creatorType": "author", "name": "Moss Group"},
        ],
        "publicationTitle": "J. Moss", "volume": "3", "issue": "2", "pages": "12-19",
        "date": "4 March 2021", "DOI": "10.5555/moss.1", "language": "en-US",
        "tags": [{"tag": "moss"}, {"tag": "light", "type": 1}], "extra": "PMID: 29456894",
    }  # fmt: skip
    for item in (data, {"key": "ABCD2345", "version": 7, "library": {}, "data": data}):
        paper = paper_of(item)
        assert paper.authors == ("Ana Vega", "Moss Group")
        assert (paper.date, paper.venue, paper.language) == ("2021-03-04", "J. Moss", "en")
        assert (paper.keywords, paper.identifiers) == (("moss", "light"), ("pmid:29456894",))
        assert paper.extra == IN_PRINT


def test_an_attachment_of_zotero_is_no_paper():
    found = to_paper({"itemType": "attachment", "title": "Full Text PDF"}, SOURCE, named={})
    assert found == Problem(1, "Zotero's attachment, not a paper; set aside")


@pytest.mark.parametrize(
    ("row", "field", "expected"),
    [
        ({"_id": "7", "_source": {"title": "T", "abstract": "A."}}, "title", "T"),
        ({"_id": "7", "_source": {"title": "T", "abstract": "A."}}, "id", "7"),
        ({"bib": {"title": "T", "author": ["Ana Vega"]}}, "authors", ("Ana Vega",)),
        ({"citingPaper": S2}, "doi", "10.5555/moss.1"),
        ({"title": "T", "metadata": {"title": "U"}}, "title", "T"),
        ({"title": "T", "authors": {"authors": [{"full_name": "Ana Vega"}]}}, "authors",
         ("Ana Vega",)),
        ({"title": "T", "journal": {"title": "J. Moss"}}, "venue", "J. Moss"),
        ({"title": {"value": "T"}}, "title", "T"),
        ({"_id": {"$oid": "5a55"}, "title": "T"}, "id", "5a55"),
        ({"title": "T", "note": "short", "scores": {"a": 1}}, "extra", (("note", "short"),)),
    ],
)  # fmt: skip
def test_what_lies_within_wrappers_is_found(row, field, expected):
    assert getattr(paper_of(row), field) == expected


PARTED = {
    "id": 1,
    "meta": {"title": "On moss", "year": "2019"},
    "text": {"abstract": TEXT},
    "authors": {"list": [{"first": "Ana", "last": "Vega"}, {"first": "Jan", "last": "Boer"}]},
}


@pytest.mark.parametrize("indent", [None, 1])
def test_a_record_that_is_parted_into_objects_is_one(page, indent):
    records = [PARTED, PARTED | {"id": 2, "meta": {"title": "On ferns"}, "text": {"abstract": ""}}]
    result = read_sources([page(json.dumps({"papers": records}, indent=indent), "a.json")])
    assert (result.reports[0].found, result.reports[0].imported) == (2, 2)
    assert [said(paper) for paper in result.records] == [
        {
            "id": "1",
            "title": "On moss",
            "abstract": TEXT,
            "authors": ("Ana Vega", "Jan Boer"),
            "year": 2019,
            "language": "en",
        },
        {"id": "2", "title": "On ferns", "authors": ("Ana Vega", "Jan Boer")},
    ]


def test_the_title_of_a_journal_is_not_that_of_a_record():
    record = {"id": 1, "journal": {"title": "Moss Letters"}, "text": {"abstract": TEXT}}
    assert unwrapped(record) == record


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ({"error": "Too Many Requests", "message": "Wait."}, "an error message of an API"),
        ({"message": "Not found", "code": "404"}, "an error message of an API"),
        ({"meta": {"count": 3}, "results": [], "group_by": [{"key": "2020", "count": 1}]},
         "a page of counts (group_by)"),
    ],
)  # fmt: skip
def test_a_reply_without_papers_is_called_what_it_is(page, reply, told, indent):
    with pytest.raises(InputError, match=re.escape(f"{told}, not a list of papers")):
        read_sources([page(json.dumps(reply, indent=indent), "a.json")])


def test_what_the_user_named_wins_over_what_a_catalogue_means():
    paper = paper_of(OPENALEX, title="ids.mag", pmid="biblio.volume", venue="nowhere.at.all")
    assert (paper.title, paper.venue) == ("2741809807", "J. Moss")
    assert "pmid:3" in paper.identifiers
    assert "openalex:W2741809807" in paper.identifiers


def test_a_content_that_is_a_text_is_no_note_of_openreview():
    assert vendor_of({"content": "A text.", "forum": "x"}) == ""
    assert vendor_of(unwrapped({"data": {"itemType": "book"}})) == "zotero"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\ud800b"', "ab"),
        (r'"a\udc00"', "a"),
        (r'"\ud835\udc00"', "\U0001d400"),
        (r'"\\ud800"', r"\ud800"),
        ("[1,]", [1]),
        ('{"a": ",]",}', {"a": ",]"}),
        ('{"a": 1},', {"a": 1}),
        ('"a\nb"', "a\nb"),
    ],
)
def test_parsing_takes_what_the_standard_does_not(text, value):
    assert parse(text) == value


@pytest.mark.parametrize("text", ["[1,,2]", "{'a': 1}", "{,}x", '"', "", "[1] [2]"])
def test_parsing_refuses_what_means_nothing(text):
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@pytest.mark.parametrize(
    ("records", "form"),
    [
        ([OPENALEX, OPENALEX], "openalex json"),
        ([S2, S2], "s2 json"),
        ([S2, OPENALEX], "json"),
        ([{"title": "One"}, {"title": "Two"}], "json"),
    ],
)
def test_the_report_names_the_catalogue_of_all_records(page, records, form):
    path = page(json.dumps({"results": records}, indent=1), "a.json")
    assert read_sources([path]).reports[0].format == form
    lines = page("\n".join(map(json.dumps, records)), "a.jsonl")
    assert read_sources([lines]).reports[0].format == f"{form}l"


def test_files_of_several_catalogues_are_read(page):
    path = page("\n".join(map(json.dumps, [OPENALEX, S2, CROSSREF, {"title": "One"}])), "a.jsonl")
    titles = [paper.title for paper in read_sources([path]).records]
    assert titles == ["On moss", "On moss", "On moss: A history", "One"]


@pytest.mark.parametrize(
    "text",
    [
        "Ana Vega;Jan Boer", "Vega, Ana; Boer, Jan P.;", "Ana Vega; Jan Boer et al.",
        "Ana Vega; Jan Boer; others", "Ana Vega; and Jan Boer", "Garc&iacute;a, Ana; Boer, Jan",
        r"Garc{\'\i}a, Ana; Boer, Jan", "Ana  Vega ;; Jan\tBoer", ";", "Ana Vega",
    ],
)  # fmt: skip
def test_plain_lists_of_names_are_parted_as_all_others(text):
    assert read_authors(text) == split_authors(text)
