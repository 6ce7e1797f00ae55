"""What is exported is read back, by our own readers, to the same papers."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.made import WILD, read_back, written
from pipeline.citing.keys import citation_keys
from pipeline.export import WRITERS, Entry
from pipeline.papers import Paper, display_name, normalise_abstract, normalise_title, unguard_cell

ALWAYS = ("id", "title", "abstract", "authors", "authors_truncated", "year", "doi")
WHOLE = (*ALWAYS, "date", "venue", "arxiv_id", "url", "category", "keywords", "code", "score")
IDS = ("arxiv_id", "identifiers", "status")
FIELDS = {
    "csv": WHOLE,
    "jsonl": WHOLE,
    "parquet": WHOLE,
    "bibtex": (*ALWAYS, *IDS, "venue"),
    "ris": (*ALWAYS, *IDS, "venue", "date"),
}


def told(paper, names):
    return {name: getattr(paper, name) for name in names}


def unguarded(paper):
    """As the reader of CSV gives it where it takes the apostrophe off, or here it is done."""
    fields = ("id", "title", "abstract")
    return dataclasses.replace(
        paper, **{name: unguard_cell(getattr(paper, name)) for name in fields}
    )


@pytest.mark.parametrize("name", FIELDS)
def test_an_export_reads_back_to_the_same_papers(opened, tmp_path, name):
    if name == "parquet":
        pytest.importorskip("pyarrow")
    (file,) = opened.export(tmp_path, name)
    read = read_back(name, file.path)
    assert len(read) == len(opened.papers) == file.count
    read = map(unguarded, read) if name == "csv" else read
    for paper, again in zip(opened.papers, read, strict=True):
        assert told(again, FIELDS[name]) == told(paper, FIELDS[name])


def as_stored(title, abstract, year):
    """A paper with texts as our readers give them: what reading changes would not be there."""
    return Paper(
        id="p-0123456789ab",
        title=normalise_title(f"A {title}"),
        abstract=normalise_abstract(f"We study {abstract}"),
        authors=("Sham Kakade", display_name("van der Berg, Jr, Ludwig")),
        year=year,
    )


@pytest.mark.parametrize("name", ["bibtex", "ris", "jsonl"])
@given(st.lists(st.builds(as_stored, WILD, WILD, st.none() | st.integers(1900, 2030)), max_size=3))
def test_wild_texts_read_back(tmp_path_factory, name, papers):
    entries = map(Entry, papers, citation_keys(papers))
    path = tmp_path_factory.mktemp("wild") / f"papers.{name}"
    path.write_text(written(WRITERS[name], *entries), "utf-8", newline="")
    read = read_back(name, path)
    assert [told(again, ALWAYS) for again in read] == [told(paper, ALWAYS) for paper in papers]
