"""Which column holds what: by its heading, by what stands in it, by the user's word."""

from __future__ import annotations

import pytest

from pipeline.errors import InputError
from pipeline.papers import Source
from pipeline.sources import fields, read_sources
from pipeline.sources.column_content import guess_columns
from pipeline.sources.column_names import columns_of_fields, extra_name, squash
from pipeline.sources.table_header import find_header
from sources.conftest import abstract_of

TOPICS = ["moss in light", "fern roots", "kelp in cold water", "rust on wheat", "algae and salt"]
ROWS = [
    [str(i), f"On the life of {topic}", abstract_of(topic), f"10.1000/x{i}", f"{2000 + i}",
     "Ana Vega, Jan Boer", f"{topic}; light; water", "Journal of Moss"]
    for i, topic in enumerate(TOPICS)
]  # fmt: skip
TOLD = (
    "columns guessed by their content: abstract = 'column 3', authors = 'column 6', "
    "doi = 'column 4', title = 'column 2', year = 'column 5'"
)


@pytest.mark.parametrize(
    ("heading", "squashed"),
    [
        ("Paper Title", "papertitle"), ("PAPER_TITLE", "papertitle"), ("Título", "titulo"),
        ("摘要", "摘要"), ("Année", "annee"), ("Author(s)", "authors"), (" -/ ", ""),
    ],
)  # fmt: skip
def test_headings_are_compared_by_their_letters(heading, squashed):
    assert squash(heading) == squashed


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        ("Authors|Author full names|Title", {"authors": [1, 0], "title": [2]}),
        ("Source|Source title", {"venue": [1]}),
        ("Source", {"venue": [0]}),
        ("Title|Original Title|Abstract", {"title": [0, 1], "abstract": [2]}),
        ("Document Type|Type|Item Type", {"kind": [0, 2, 1]}),
        ("Titre|Auteurs|Mots-clés", {"title": [0], "authors": [1], "keywords": [2]}),
        ("Notes|Comment|", {}),
    ],
)
def test_of_several_columns_the_best_comes_first(headings, columns):
    assert columns_of_fields(headings.split("|")) == columns


def test_other_columns_have_one_name():
    names = ["Vol.", "Heft", "Issue Number", "Pagination", "Verlag", "Print ISSN", "Cited  by"]
    expected = ["volume", "issue", "issue", "pages", "publisher", "issn", "Cited by"]
    assert [extra_name(name) for name in names] == expected


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_a_table_without_headings_is_read_by_its_content(page, mark, name):
    text = "\n".join(mark.join(f'"{cell}"' for cell in row) for row in ROWS)
    result = read_sources([page(text, name)])
    (report,) = result.reports
    assert [p.title for p in result.records] == [row[1] for row in ROWS]
    paper = result.records[0]
    assert (paper.abstract, paper.doi, paper.year) == (ROWS[0][2], "10.1000/x0", 2000)
    assert paper.authors == ("Ana Vega", "Jan Boer")
    assert [(p.line, p.kind, p.reason) for p in report.problems] == [(1, "doubt", TOLD)]
    assert paper.sources[0].line == 1


def test_unknown_headings_are_named_in_the_doubt():
    names = ["nr", "what", "more", "x", "when", "who", "z", "where"]
    header = find_header([names, *ROWS], {}, "a.csv")
    assert {field: list(n) for field, n in header.columns.items()} == {
        "title": [1], "abstract": [2], "doi": [3], "year": [4], "authors": [5],
    }  # fmt: skip
    assert "abstract = 'more'" in header.guessed
    assert "title = 'what'" in header.guessed


def test_nothing_is_guessed_where_a_catalogue_has_no_abstracts():
    head = ["ID", "Title", "Funding Text", "DOI", "Year", "Authors", "Keywords", "Journal"]
    header = find_header([head, *ROWS], {}, "a.csv")
    assert "abstract" not in header.columns
    assert header.guessed == ""


SHORT = [
    "We study moss in light. It grows well where water stays near the roots for a day, and dies.",
    "We study ferns on rock. They grow slowly where rain runs off at once and the wind is strong.",
    "Kelp is a plant of cold water. We count its leaves on the coast and in the deep for a year.",
]
TITLES = ["Moss in much light", "Ferns on bare rock", "Kelp in cold water"]


def test_three_short_abstracts_without_headings_are_found(page):
    rows = [
        [str(i), t, f"{s} It is so."] for i, (t, s) in enumerate(zip(TITLES, SHORT, strict=True))
    ]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    papers = read_sources([page(text, "a.csv")]).records
    assert [(p.title, p.abstract) for p in papers] == [(row[1], row[2]) for row in rows]


def test_long_titles_are_no_abstracts():
    long = [f"On the growth and the death of {t} " + "in the shade of trees " * 5 for t in TITLES]
    rows = [[title, "10.1000/x1", "2021"] for title in long]
    assert guess_columns(rows, ["a", "b", "c"], {}) == {"title": 0, "doi": 1, "year": 2}


def test_long_texts_that_are_not_read_are_told():
    text = "moss, in light, with water, and no wind, " * 4
    rows = [["On moss", "Ana Vega", "2021", "10.1000/x1", "J. Moss", text, text] for _ in TITLES]
    head = ["Title", "Authors", "Year", "DOI", "Journal", "Digest", "Funding Text"]
    head += ["MeSH Terms", "Citation", "Fields"]
    lists = [text, text, "4605 Data Science; 31 Biology; 3108 Life of Plants; " * 3]
    rows = [[*row, *lists] for row in rows]
    header = find_header([head, *rows], {}, "a.csv")
    assert (header.guessed, header.unread) == ("", (
        "no column of abstracts, and long texts are not read from 'Digest'; if they are "
        "abstracts: --set columns.abstract='Digest'"
    ))  # fmt: skip
    assert find_header([head, *rows], {"abstract": "Digest"}, "a.csv").unread == ""


def test_long_texts_that_are_not_read_are_in_the_report(page):
    text = "moss, in light, with water, and no wind, " * 4
    rows = "".join(f'"{title}",2021,"{text}"\n' for title in TITLES)
    (report,) = read_sources([page(f"Title,Year,Digest\n{rows}", "a.csv")]).reports
    told = [(p.line, p.kind) for p in report.problems if "'Digest'" in p.reason]
    assert told == [(1, "doubt")]


def test_references_and_whole_papers_are_no_abstracts():
    references = "; ".join(f"Vega, A., Boer, J., On Moss, J. Moss, {i}, (2001)" for i in range(20))
    rows = [
        [f"On {topic} and light", references, "moss grows in light. " * 900] for topic in TOPICS
    ]
    assert guess_columns(rows, ["a", "b", "c"], {}) == {}


def test_chinese_prose_is_an_abstract():
    text = "本文研究苔藓在不同光照条件下的生长，并提出一种简单的估计方法。" * 5
    rows = [[f"苔藓在光照条件{i}下的生长研究", text] for i in "一二三四"]
    assert guess_columns(rows, ["甲", "乙"], {}) == {"abstract": 1, "title": 0}


def test_the_users_word_comes_before_all(page):
    path = page("Title,Überschrift,Text\nwrong,On moss,A text.\n", "a.csv")
    named = {"title": "überschrift", "abstract": "Text"}
    result = read_sources([path], columns=named)
    (paper,) = result.records
    assert (paper.title, paper.abstract) == ("On moss", "A text.")
    assert dict(paper.extra) == {"Title": "wrong"}
    assert result.reports[0].problems == ()


def test_a_heading_that_the_table_has_not_is_refused_with_the_nearest(page, tmp_path):
    path = page("Überschrift,Inhalt\nOn moss,A text.\n", "a.csv")
    page('{"title": "One"}\n', "b.jsonl")
    with pytest.raises(InputError) as error:
        read_sources([path], columns={"title": "Überschrft"})
    known = "(columns: Überschrift, Inhalt)"
    assert error.value.message == f"{path}: no column 'Überschrft' for columns.title {known}"
    assert error.value.hint == "did you mean columns.title='Überschrift'?"
    refused, read = read_sources([tmp_path], columns={"title": "Überschrft"}).reports
    assert (refused.format, read.imported) == ("unreadable", 1)


def test_headings_far_below_the_top_are_found(page):
    before = "".join(f"note {i}\n" for i in range(25))
    (paper,) = read_sources([page(f"{before}Nr;Title;Year\n1;On moss;2021\n", "a.csv")]).records
    assert (paper.title, paper.year, paper.sources[0].line) == ("On moss", 2021, 27)


def test_ids_of_catalogues_in_a_list_are_read_back(page):
    text = "title,identifiers,pmid\nOn moss,openalex:W1234567890; pmid:111; x:1,222\n"
    (paper,) = read_sources([page(text, "a.csv")]).records
    assert paper.identifiers == ("openalex:W1234567890", "pmid:222")


def test_the_delimiter_is_that_of_the_headings(page):
    rows = [f"On the life of {topic};{abstract_of(topic)};{i}" for i, topic in enumerate(TOPICS)]
    path = page("\n".join(["Was;Mehr;Zahl", *rows]), "a.csv")
    assert len(read_sources([path]).records) == len(TOPICS)


def test_commas_in_a_single_column_part_nothing(page):
    path = page('title\nOn moss, ferns, and kelp\n"On light, too"\n', "a.csv")
    titles = [paper.title for paper in read_sources([path]).records]
    assert titles == ["On moss, ferns, and kelp", "On light, too"]


@pytest.mark.parametrize("text", ["[{[1]}]", "[{[1]: 2}]", "['a', ", "[-'a']", "[\0]"])
def test_what_only_looks_like_a_list_of_python_is_a_text(text):
    paper = fields.to_paper({"title": "On Moss", "authors": text, "keywords": text}, Source("a", 1))
    assert paper.title == "On Moss"
