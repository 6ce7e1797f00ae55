"""CSL-JSON, item by item."""

from __future__ import annotations

import json

from hypothesis import given

from export.made import WILD, entry, written
from export.test_ris import FIELDS
from pipeline.export.csl import write_csl_json


def items(*entries):
    return json.loads(written(write_csl_json, *entries))


def test_a_paper_is_an_item_with_all_that_is_known():
    assert items(entry("beethoven2004title", **FIELDS)) == [
        {
            "id": "p-6ad7cbcfb4a1",
            "type": "article-journal",
            "citation-key": "beethoven2004title",
            "title": "A title",
            "author": [
                {"family": "van Beethoven", "given": "Ludwig"},
                {"family": "Doe", "given": "Jane", "suffix": "Jr"},
                {"literal": "OpenAI"},
                {"literal": "et al."},
            ],
            "issued": {"date-parts": [[2004, 5]]},
            "container-title": "Nature",
            "page": "12–19",
            "publisher": "P",
            "ISSN": "1234-5678",
            "DOI": "10.1000/ab",
            "URL": "https://arxiv.org/abs/2401.01234",
            "number": "arXiv:2401.01234",
            "PMID": "29456894",
            "language": "en",
            "keyword": "moss; bogs",
            "abstract": "ER - TY - JOUR",
            "status": "withdrawn",
            "note": "Withdrawn",
            "custom": {"identifiers": ["pmid:29456894"], "arxiv_id": "2401.01234"},
        }
    ]


def test_a_date_without_a_year_gives_way_to_the_year():
    (item,) = items(entry(date="--05-28", year=2026))
    assert item["issued"] == {"date-parts": [[2026]]}


def test_what_is_of_no_known_kind_is_a_document():
    assert [item["type"] for item in items(entry(), entry(venue="icml"))] == [
        "document", "paper-conference",
    ]  # fmt: skip


def test_no_papers_are_an_empty_list():
    assert items() == []


@given(WILD)
def test_any_text_reads_back_on_one_line(text):
    (item,) = items(entry(title=f"T{text}", abstract=f"A{text}"))
    kept = text.replace("\x00", "").replace("\x1b", "")
    assert item["title"] == " ".join(f"T{kept}".split())
    assert item["abstract"] == " ".join(f"A{kept}".split())
