"""JSONL, CSV and Parquet tables."""

from __future__ import annotations

import json
import sys

import pytest

from pipeline.errors import InputError, MissingDependencyError
from pipeline.papers import Paper, Problem
from pipeline.sources import FORMATS, csv_tables, detect_format, jsonl, parquet, read_sources
from sources.conftest import abstract_of, document

ROW = {
    "id": "x1", "title": "On $\\textit{Moss}$", "abstract": "Abstract: " + abstract_of("moss"),
    "authors": ["Vega, Ana", "Jan de Boer"], "year": 2021, "venue": "J. Moss",
    "keywords": ["moss", "light"], "url": "https://x.org/1",
}  # fmt: skip


def test_a_row_fills_every_field(page):
    path = page(
        json.dumps(ROW | {"doi": "https://doi.org/10.1/ABC", "categories": "LG cs.AI"}), "a.jsonl"
    )
    (paper,) = jsonl.read(document(path, "a.jsonl"))
    assert isinstance(paper, Paper)
    assert (paper.id, paper.title, paper.year, paper.venue) == ("x1", "On Moss", 2021, "J. Moss")
    assert paper.authors == ("Ana Vega", "Jan de Boer")
    assert paper.abstract == abstract_of("moss")
    assert paper.raw_title == ROW["title"]
    assert paper.keywords == ("moss", "light")
    assert (paper.doi, paper.category, paper.url) == (None, "cs.LG", "https://x.org/1")


@pytest.mark.parametrize(
    ("column", "value", "field", "expected"),
    [
        ("Paper Title", "On Moss", "title", "On Moss"),
        ("summary", "A text.", "abstract", "A text."),
        ("AUTHORS", "A B; C D", "authors", ("A B", "C D")),
        ("authors", "Ana Vega, Jan Boer and Li Wu", "authors", ("Ana Vega", "Jan Boer", "Li Wu")),
        ("authors", "Vega, Ana and Boer, Jan", "authors", ("Ana Vega", "Jan Boer")),
        ("authors", "Vega, Ana; Boer, J.", "authors", ("Ana Vega", "J. Boer")),
        ("authors", "Ana Vega et al.", "authors", ("Ana Vega",)),
        ("authors", "['Ana Vega', 'Jan Boer']", "authors", ("Ana Vega", "Jan Boer")),
        ("authors", [{"name": "Ana Vega"}, {"family": "Boer", "given": "Jan"}], "authors",
         ("Ana Vega", "Jan Boer")),
        ("year", "2021.0", "year", 2021),
        ("year", "n.d.", "year", None),
        ("published", "2024-09-11T10:00:00Z", "date", "2024-09-11"),
        ("date", "2024-09", "date", "2024-09"),
        ("date", "11 Sep 2024", "date", "2024-09-11"),
        ("date", "Wed, 11 Sep 2024 10:00:00 GMT", "date", "2024-09-11"),
        ("date", "September 11th, 2024", "date", "2024-09-11"),
        ("date", "Sep 2024", "date", "2024-09"),
        ("date", "Sep 2024", "year", 2024),
        ("date", "2024/09/11", "date", "2024-09-11"),
        ("date", "2024-02-29", "date", "2024-02-29"),
        ("date", "2024-02-31", "date", None),
        ("date", "2024-02-31", "year", 2024),
        ("date", "31 Feb 2024", "date", None),
        ("date", "31 Feb 2024", "year", 2024),
        ("date", "09/11/2024", "date", None),
        ("date", "09/11/2024", "year", 2024),
        ("date", "soon", "year", None),
        ("score", "7.5", "score", 7.5),
        ("score", "inf", "score", None),
        ("score", "nan", "score", None),
        ("abstract", "[No abstract available]", "abstract", ""),
        ("abstract", "No abstract available", "abstract", ""),
        ("abstract", "No abstract available.", "raw_abstract", ""),
        ("abstract", "N/A", "abstract", ""),
        ("abstract", "n/a", "abstract", ""),
        ("abstract", "None", "abstract", ""),
        ("abstract", "null", "abstract", ""),
        ("abstract", "-", "abstract", ""),
        ("abstract", "None of these hold.", "abstract", "None of these hold."),
        ("category", "Computer Science", "category", "Computer Science"),
        ("category", "Computer Science; Physics", "category", "Computer Science"),
        ("category", "LG cs.AI", "category", "cs.LG"),
        ("category", "IT Security", "category", "IT Security"),
        ("category", "cs.LG (Machine Learning)", "category", "cs.LG"),
        ("DOI", "https://doi.org/10.1000/XYZ.", "doi", "10.1000/xyz"),
        ("url", "http://arxiv.org/abs/2401.01234v3", "arxiv_id", "2401.01234"),
        ("arXiv ID", "arXiv:hep-th/9901001v2", "arxiv_id", "hep-th/9901001"),
        ("keywords", "a; b;a", "keywords", ("a", "b")),
        ("category", "stat.ML cs.LG", "category", "stat.ML"),
    ],
)  # fmt: skip
def test_columns_by_synonym_and_shape(page, column, value, field, expected):
    row = {"title": "T of it", column: value}
    if field == "title":
        row = {column: value}
    (paper,) = jsonl.read(document(page(json.dumps(row), "a.jsonl"), "a"))
    assert getattr(paper, field) == expected


def test_broken_lines_cost_no_other_line(page):
    path = page('{"title": "One"}\n{"title": \n\n[1]\n{"x": 1}\n{"title": "Two"}\n', "a.jsonl")
    result = read_sources([path])
    (report,) = result.reports
    assert [r.title for r in result.records] == ["One", "Two"]
    assert [r.sources[0].line for r in result.records] == [1, 6]
    assert (report.found, report.imported, report.set_aside) == (5, 2, 3)
    aside = [p for p in report.problems if p.kind == "set aside"]
    assert [p.line for p in aside] == [2, 4, 5]
    assert "broken JSON" in aside[0].reason


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_delimited_tables(page, mark):
    rows = [
        ["id", "Title", "Summary"],
        ["1", "One", '"first line\nsecond ""line"""'],
        ["2", "Two", "t"],
    ]
    text = "\ufeff" + "\n".join(mark.join(row) for row in rows) + "\n\n"
    path = page(text, "a.csv")
    one, two = csv_tables.read(document(path, "a.csv"))
    assert one.abstract == 'first line second "line"'
    assert (one.sources[0].line, two.sources[0].line) == (2, 4)
    assert csv_tables.count(document(path)) == 2


def test_ragged_rows(page):
    path = page("id,title,abstract\n1,One,x\n2,Two,y,z,w\n3,Three\n", "a.csv")
    one, two, three = csv_tables.read(document(path, "a.csv"))
    assert isinstance(two, Problem)
    assert two.line == 3
    assert (one.title, three.title, three.abstract) == ("One", "Three", "")


def test_parquet_rows(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    rows = {k: [v, None] for k, v in ROW.items()}
    pq.write_table(pa.table(rows), path)
    one, two = parquet.read(document(path, "a.parquet"))
    assert (one.title, one.authors) == ("On Moss", ("Ana Vega", "Jan de Boer"))
    assert two == Problem(2, "record has no title or abstract; set aside")
    assert parquet.count(document(path)) == 2


def test_parquet_without_pyarrow_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 100)
    with pytest.raises(MissingDependencyError) as error:
        read_sources([path])
    assert error.value.hint == "pip install 'paperatlas[parquet]'"


def test_columns_of_parquet_by_the_users_word(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    people = [[{"name": "Vega, Ana"}, {"name": "Boer, Jan"}], []]
    made = pa.array([1_600_000_000_000_000_001, None], pa.timestamp("ns"))
    table = pa.table({"kopf": ["On Moss", "On Tides"], "wer": people, "wann": made, "Vol.": [3, 4]})
    pq.write_table(table, tmp_path / "a.parquet")
    named = {"title": "Kopf", "authors": "wer", "date": "wann"}
    result = read_sources([tmp_path / "a.parquet"], columns=named)
    first, second = result.records
    assert (first.title, first.authors, first.year) == ("On Moss", ("Ana Vega", "Jan Boer"), 2020)
    assert (second.title, second.authors, second.date) == ("On Tides", (), None)
    assert first.extra == (("volume", "3"),)
    with pytest.raises(InputError, match=r"no column 'Kopff' for columns.title \(columns: kopf"):
        read_sources([tmp_path / "a.parquet"], columns={"title": "Kopff"})


def test_columns_of_parquet_by_content(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    topics = ("moss", "fern", "kelp", "rust")
    table = pa.table({
        "projection_x": [0.5] * 4,
        "text": [abstract_of(topic) for topic in topics],
        "made": [2019, 2020, 2021, 2022],
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    result = read_sources([tmp_path / "a.parquet"])
    assert [p.year for p in result.records] == [2019, 2020, 2021, 2022]
    assert result.records[0].abstract == abstract_of("moss")
    told = "columns guessed by their content: abstract = 'text', year = 'made'"
    assert (told, "doubt") in [(p.reason, p.kind) for p in result.reports[0].problems]


def test_damaged_parquet_is_one_line(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 100)
    with pytest.raises(InputError, match="damaged Parquet"):
        read_sources([path])


def test_formats_are_told_by_content(page):
    assert {f.name for f in FORMATS} >= {"scraped", "jsonl", "csv", "parquet"}
    for text, name in (
        ('{"title": "x"}\n', "jsonl"),
        ("title,abstract\nx,y\n", "csv"),
        (f"A Title\n\n{abstract_of('x')}\n", "scraped"),
    ):
        fmt, _ = detect_format(document(page(text, "misleading.json")))
        assert fmt is not None
        assert fmt.name == name


@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
@pytest.mark.parametrize(
    ("head", "mark"), [("who,what,when", ","), ("sep=;\nwho;what;when", ";"), ("who\twhat", "\t")]
)
def test_a_table_without_text_is_refused(page, tmp_path, name, head, mark):
    names = head.splitlines()[-1].split(mark)
    path = page("\n".join([head, *[mark.join("xyz"[: len(names)])] * 3]) + "\n", name)
    reason = f"no column of titles or abstracts (columns: {', '.join(names)})"
    with pytest.raises(InputError) as error:
        read_sources([path])
    assert error.value.message == f"{path}: {reason}"
    assert "--set columns.title=HEADING" in error.value.hint
    page('{"title": "One"}\n', "b.jsonl")
    refused, _ = read_sources([tmp_path]).reports
    assert (refused.file, refused.format, refused.found) == (name, "unreadable", 0)
    assert [p.reason for p in refused.problems] == [reason]


def test_prose_with_as_many_commas_in_each_line_is_no_table(page):
    path = page("\n".join(abstract_of(name) for name in ("moss", "fern", "kelp")) + "\n")
    fmt, _ = detect_format(document(path))
    assert fmt is not None
    assert fmt.name == "scraped"


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_line_that_names_the_delimiter_is_no_row(page, mark):
    path = page(f"sep={mark}\ntitle{mark}abstract\nOne{mark}x\n", "a.csv")
    (report,) = read_sources([path]).reports
    (paper,) = csv_tables.read(document(path, "a.csv"))
    assert (paper.title, paper.abstract, paper.sources[0].line) == ("One", "x", 3)
    assert (report.format, report.found, report.problems) == ("csv", 1, ())


@pytest.mark.parametrize("mark", [",", ";"])
def test_rows_of_nothing_but_delimiters_are_no_records(page, mark):
    rows = [["title", "abstract", "year"], ["One", "x", "2021"], ["", "", ""], ["", '""', " "]]
    (report,) = read_sources([page("\n".join(mark.join(r) for r in rows), "a.csv")]).reports
    assert (report.found, report.imported, report.problems) == (1, 1, ())


def test_a_header_over_two_lines_is_one_header(page):
    path = page('id,"Paper\nTitle",abstract\n1,One,x\n', "a.csv")
    (paper,) = csv_tables.read(document(path, "a.csv"))
    assert (paper.title, paper.abstract, paper.sources[0].line) == ("One", "x", 3)
    assert csv_tables.count(document(path)) == 1


EXTRA = {
    "area": " Machine  Learning ", "seats": 12, "share": 0.5, "rank": 3.0, "oral": True,
    "poster": False, "awards": ["best", "test of time"],
    "none": None, "empty": " ", "missing": float("nan"), "nested": {"a": 1}, "text": "x" * 301,
    "deep": [["a"]], "Unnamed: 0": 7, "": "no name", "n" * 81: "long name",
}  # fmt: skip
KEPT = (
    ("area", "Machine Learning"),
    ("awards", "best; test of time"),
    ("oral", "true"),
    ("poster", "false"),
    ("rank", "3"),
    ("seats", "12"),
    ("share", "0.5"),
)


def test_the_other_columns_of_a_row_are_kept_as_short_texts(page):
    path = page(json.dumps(ROW | EXTRA), "a.jsonl")
    (paper,) = jsonl.read(document(path, "a.jsonl"))
    assert paper.extra == KEPT
    (bare,) = jsonl.read(document(page(json.dumps(ROW), "b.jsonl"), "b.jsonl"))
    assert bare.extra == ()


def test_a_synonym_that_no_field_is_read_from_is_kept_too(page):
    path = page("title,name,Paper Area\nOn Moss,moss-1,Botany\nOn Tides,,\n", "a.csv")
    first, second = csv_tables.read(document(path, "a.csv"))
    assert first.title == "On Moss"
    assert first.extra == (("Paper Area", "Botany"), ("name", "moss-1"))
    assert second.extra == ()


def test_other_columns_of_parquet_are_read_but_for_long_texts_and_vectors(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "title": ["On Moss", "On Tides"],
            "area": pa.array(["Botany", None]).dictionary_encode(),
            "oral": [True, False],
            "body": ["".join(map(chr, range(300, 3000)))] * 2,
            "vector": [[0.5, 0.5], [1.0, 0.0]],
            "raw": [b"x", b"y"],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet", use_dictionary=["area"])
    first, second = parquet.read(document(tmp_path / "a.parquet", "a.parquet"))
    assert first.extra == (("area", "Botany"), ("oral", "true"))
    assert second.extra == (("oral", "false"),)
    assert set(parquet._extra_columns(parquet._open(document(tmp_path / "a.parquet")))) == {
        "title", "area", "oral",
    }  # fmt: skip
