"""CSV, JSON Lines and Parquet: harmless to open, and the same papers when they are read back."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.made import WILD, entry, read_back, written
from pipeline.artifacts import ThemeRow
from pipeline.export import Entry, answering
from pipeline.export.csv_table import write_csv
from pipeline.export.jsonl import write_jsonl
from pipeline.export.rows import COLUMNS
from pipeline.papers import Paper, display_name, normalise_title, unguard_cell
from pipeline.related import RelatedPaper
from pipeline.search import Hit

THEME = ThemeRow(7, 0, "optimal transport", 3, None)


def is_name(name):
    """Whether reading a name, here without `unguard_cell`, leaves it as it is."""
    is_plain = name[:1] not in ("", *"=+-@'") and "," not in name
    return is_plain and name.lower().strip(".") not in ("et al", "others")


# As our readers give them: what reading changes would not be there.
NAMES = (
    WILD.map(lambda text: display_name(normalise_title(text)))
    .filter(lambda name: normalise_title(name) == name)
    .filter(is_name)
)


def cells(*entries):
    header, *rows = csv.reader(io.StringIO(written(write_csv, *entries), newline=""))
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_a_paper_is_a_row_of_text():
    paper = Paper(
        id="p-1",
        title="A title",
        authors=("Ann Lee", "Bo Li"),
        authors_truncated=True,
        year=2004,
        score=-0.5,
        identifiers=("openalex:W12345", "pmid:1"),
        status="retracted",
        extra=(("area", "biology"), ("theme", "one of the source")),
    )
    (row,) = cells(Entry(paper, "lee2004title", THEME, 0.75))
    assert {name: value for name, value in row.items() if value} == {
        "id": "p-1",
        "title": "A title",
        "authors": "Ann Lee; Bo Li; et al.",
        "year": "2004",
        "identifiers": "openalex:W12345; pmid:1",
        "status": "retracted",
        "code": "false",
        "score": "-0.5",
        "theme": "optimal transport",
        "theme_id": "7",
        "theme_strength": "0.75",
        "area": "biology",
        "theme (source)": "one of the source",
    }
    assert tuple(row)[: len(COLUMNS)] == COLUMNS


def test_papers_that_answer_a_query_have_a_rank():
    row = cells(Entry(Paper(title="T"), "t", rank=1, similarity=0.1234567))[0]
    assert (row["rank"], row["similarity"]) == ("1", "0.123457")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_a_text(text):
    row = cells(entry(title=text, extra=(("=note", text),)))[0]
    assert row["title"] == row["'=note"] == f"'{text}"


@pytest.mark.parametrize(
    ("authors", "cell"),
    [
        (("Ann Lee", "Bo Li"), "Ann Lee; Bo Li"),
        (("Institute of Physics and Astronomy",), '["Institute of Physics and Astronomy"]'),
        (("A; B", "C"), '["A; B", "C"]'),
        (("[]",), '["[]"]'),
        ((), ""),
    ],
)
def test_a_list_that_would_be_read_as_another_one_is_json(authors, cell):
    assert cells(entry(authors=authors))[0]["authors"] == cell


@given(WILD, WILD)
def test_every_cell_is_one_line_and_gives_its_text_back(title, abstract):
    row = cells(entry(title=f"T{title}", abstract=abstract))[0]
    kept = " ".join(abstract.replace("\x00", "").replace("\x1b", "").split())
    assert unguard_cell(row["abstract"]) == kept
    assert row["title"].isprintable()


@given(st.lists(NAMES, max_size=4), st.booleans())
def test_authors_read_back_from_csv_and_json_lines(tmp_path_factory, names, more):
    made = entry(authors=tuple(names), authors_truncated=more and bool(names))
    folder = tmp_path_factory.mktemp("names")
    for write, name in ((write_csv, "csv"), (write_jsonl, "jsonl")):
        path = folder / f"papers.{name}"
        path.write_text(written(write, made), "utf-8", newline="")
        (paper,) = read_back(name, path)
        assert (paper.authors, paper.authors_truncated) == (tuple(names), more and bool(names))


def test_json_lines_have_lists_numbers_and_all_columns():
    made = Entry(Paper(id="p-1", title="T", authors=("Ann Lee",), year=2004), "k", THEME, 0.5)
    row = json.loads(written(write_jsonl, made))
    assert tuple(row) == COLUMNS
    assert (row["authors"], row["year"], row["doi"], row["code"]) == (
        ["Ann Lee"],
        2004,
        None,
        False,
    )


def test_a_spreadsheet_sees_the_encoding(opened, tmp_path):
    (file,) = opened.export(tmp_path, ["csv"])
    content = file.path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,title,abstract,")
    assert content.count(b"\r\n") == content.count(b"\n") == len(opened.papers) + 1


def test_a_parquet_table_has_places_and_the_true_neighbours(opened, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    (file,) = opened.export(tmp_path, "parquet")
    table = pq.read_table(file.path)
    n = table.num_rows
    assert table.column("id").to_pylist() == list(opened.ids)
    layout = np.column_stack([table.column(f"projection_{x}") for x in "xy"])
    assert (layout == opened._snapshot.layout).all()
    vectors = np.asarray(opened._snapshot.vectors, np.float64)
    distances = np.clip(1 - np.round(vectors @ vectors.T, 6), 0, 2)
    for row, near in enumerate(table.column("neighbors").to_pylist()):
        assert len(near["ids"]) == len(set(near["ids"])) == 15 < n
        assert row not in near["ids"]
        others = np.sort(np.delete(distances[row], row))[:15]
        assert np.allclose(near["distances"], others, atol=1e-6)
        assert np.allclose(distances[row, near["ids"]], near["distances"], atol=1e-6)


def test_a_parquet_table_names_the_theme_of_every_layer(opened, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    (file,) = opened.export(tmp_path, "parquet")
    table = pq.read_table(file.path)
    for layer in range(opened.n_layers):
        names = table.column(f"theme_layer_{layer}").to_pylist()
        for theme in opened.themes(layer):
            members = [opened.ids[row] for row, name in enumerate(names) if name == theme.name]
            assert set(opened.members(theme)) <= set(members)


def test_a_table_of_few_papers_has_few_neighbours(opened, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    (file,) = opened.export(tmp_path, "parquet", query="optimal transport", k=3)
    near = pq.read_table(file.path).column("neighbors").to_pylist()
    assert [sorted(found["ids"]) for found in near] == [[1, 2], [0, 2], [0, 1]]


def test_without_pyarrow_nothing_is_written_and_what_to_install_is_told(
    run, awkward_atlas, tmp_path
):
    site = Path(tmp_path / "site" / "pyarrow")
    site.mkdir(parents=True)
    (site / "__init__.py").write_text("raise ImportError", "utf-8")
    out = tmp_path / "out"
    path = os.pathsep.join([str(site.parent), os.environ.get("PYTHONPATH", "")])
    given = ("--format", "csv", "--format", "parquet", "-o", out)
    done = run("export", awkward_atlas, *given, env={"PYTHONPATH": path})
    assert (done.returncode, done.stdout) == (3, "")
    assert "pip install 'paperatlas[parquet]'" in done.stderr
    assert not out.exists()


def test_a_paper_that_is_only_the_nearest_is_no_answer():
    """Of an unknown word a dense model has nearest papers all the same."""

    def found(score, lexical_score):
        return RelatedPaper(Paper(id="p"), None, Hit(1, 0, score, lexical_score, None, None))

    near, far, by_word = (
        found(score=0.36, lexical_score=0.0),
        found(score=0.34, lexical_score=0.0),
        found(score=0.1, lexical_score=2.0),
    )
    assert answering([near, far, by_word]) == (near, by_word)
