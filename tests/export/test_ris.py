"""RIS, record by record."""

from __future__ import annotations

import pytest
from hypothesis import given

from export.made import WILD, entry, written
from pipeline.export.ris import write_ris
from pipeline.papers import display_name

FIELDS = {
    "id": "p-6ad7cbcfb4a1",
    "title": "A title",
    "abstract": "ER  - \nTY  - JOUR",
    "authors": ("Ludwig van Beethoven", "Jane Doe Jr", "OpenAI"),
    "authors_truncated": True,
    "year": 2004,
    "date": "2004-05",
    "venue": "Nature",
    "doi": "10.1000/ab",
    "arxiv_id": "2401.01234",
    "identifiers": ("pmid:29456894",),
    "keywords": ("moss", "bogs"),
    "language": "en",
    "kind": "article-journal",
    "status": "withdrawn",
    "extra": (("issn", "1234-5678"), ("pages", "12–19"), ("publisher", "P")),
}


def test_a_paper_is_a_record_with_all_that_is_known():
    assert written(write_ris, entry(**FIELDS)).split("\r\n") == [
        "TY  - JOUR",
        "ID  - p-6ad7cbcfb4a1",
        "TI  - A title",
        "AU  - van Beethoven, Ludwig",
        "AU  - Doe, Jane, Jr",
        "AU  - OpenAI",
        "AU  - et al.",
        "PY  - 2004",
        "DA  - 2004/05//",
        "T2  - Nature",
        "SP  - 12",
        "EP  - 19",
        "PB  - P",
        "SN  - 1234-5678",
        "DO  - 10.1000/ab",
        "AN  - arxiv:2401.01234",
        "AN  - pmid:29456894",
        "UR  - https://arxiv.org/abs/2401.01234",
        "LA  - en",
        "KW  - moss",
        "KW  - bogs",
        "AB  - ER - TY - JOUR",
        "N1  - Withdrawn",
        "ER  - ",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("kind", "tag"),
    [("paper-conference", "CONF"), ("chapter", "CHAP"), ("article", "UNPB"), (None, "GEN")],
)
def test_the_kind_is_the_type(kind, tag):
    assert written(write_ris, entry(kind=kind)).startswith(f"TY  - {tag}\r\n")


@pytest.mark.parametrize("name", ["Ludwig van Beethoven", "Jane Doe Jr", "OpenAI", "A B C d'E"])
def test_a_name_reads_back(name):
    lines = written(write_ris, entry(authors=(name,))).split("\r\n")
    (author,) = (line[6:] for line in lines if line.startswith("AU  - "))
    assert display_name(author) == name


@given(WILD, WILD)
def test_any_text_stays_in_its_line(title, abstract):
    text = written(write_ris, entry(title=title, abstract=abstract, keywords=(abstract,)))
    lines = text.split("\r\n")
    assert len(text.splitlines()) == len(lines) - 1
    assert [line[:6] for line in lines if line.startswith(("TY", "ER"))] == ["TY  - ", "ER  - "]
    assert all(line[2:6] == "  - " for line in lines if line)


def test_a_paper_of_which_little_is_known_is_a_whole_record():
    assert written(write_ris, entry(id="", title="", authors=())) == ("TY  - GEN\r\nER  - \r\n\r\n")
