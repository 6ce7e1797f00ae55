"""`export`, and `related` in the formats of reference managers, from the command line."""

from __future__ import annotations

import csv
import io
import json

import bibtexparser
import pytest

from pipeline import Atlas
from pipeline.export import FORMATS


def values(done):
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["schema"] == "paperatlas.export/1"
    return told


def export(run_here, atlas, out, *formats, given=()):
    options = [option for name in formats for option in ("--format", name)]
    return run_here("export", atlas, *options, "-o", out, *given)


def test_every_format_is_written_and_told(run_here, topic_atlas, tmp_path):
    out = tmp_path / "new" / "folder"
    told = values(export(run_here, topic_atlas, out, *FORMATS, given=["--json"]))
    assert told["folder"] == str(out)
    assert list(dict.fromkeys(file["format"] for file in told["files"])) == list(FORMATS)
    files = {str(path) for path in out.rglob("*") if path.is_file()}
    assert {file["file"] for file in told["files"]} == files
    for file in told["files"]:
        assert sorted(file) == ["count", "file", "format", "remark", "unit"]
        if file["format"] in ("bibtex", "ris", "csl-json", "csv", "jsonl", "parquet"):
            assert (file["count"], file["unit"]) == (26, "paper")
    assert sum(f["count"] for f in told["files"] if f["format"] == "bib-by-theme") == 26


def test_the_page_tells_the_command_that_opens_a_table(run_here, topic_atlas, tmp_path):
    done = export(run_here, topic_atlas, tmp_path, "parquet", "csv")
    path = tmp_path / "papers.parquet"
    assert done.stdout.splitlines() == [
        f"{path}  26 papers",
        f"  embedding-atlas {path} --x projection_x --y projection_y --neighbors neighbors "
        "--text title",
        f"{tmp_path / 'papers.csv'}{' ' * 4}  26 papers",
    ]


def test_other_files_stay_and_those_of_the_same_name_are_replaced(run_here, topic_atlas, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    (tmp_path / "papers.bib").write_text("old", "utf-8")
    values(export(run_here, topic_atlas, tmp_path, "bibtex", given=["--json"]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "papers.bib"]
    assert (tmp_path / "papers.bib").read_text("utf-8").startswith("@")
    assert (tmp_path / "notes.txt").read_text("utf-8") == "mine"


def test_a_theme_and_a_query_choose_papers(run_here, topic_atlas, tmp_path):
    with Atlas.open(topic_atlas) as atlas:
        theme = next(theme for theme in atlas.themes() if "comet" in theme.name.lower())
        members = set(atlas.members(theme))
        found = [hit.paper.id for hit in atlas.related("dust of comets", k=4)]
        inside = [hit.paper.id for hit in atlas.related("comets", k=3, theme=theme.id)]
    for given, wanted in (
        (["--theme", theme.name], members),
        (["--theme", str(theme.id)], members),
        (["--query", "dust of comets", "-k", "4"], found),
        (["--query", "comets", "--theme", str(theme.id), "-k", "3"], inside),
    ):
        values(export(run_here, topic_atlas, tmp_path, "jsonl", given=[*given, "--json"]))
        lines = (tmp_path / "papers.jsonl").read_text("utf-8").splitlines()
        ids = [json.loads(line)["id"] for line in lines]
        assert type(wanted)(ids) == wanted
        assert len(ids) == len(wanted)


def test_a_layer_names_the_themes(run_here, topic_atlas, tmp_path):
    with Atlas.open(topic_atlas) as atlas:
        layers = [{theme.name for theme in atlas.themes(n)} for n in range(atlas.n_layers)]
        default = atlas.default_layer
    for given, names in (([], layers[default]), (["--layer", "0"], layers[0])):
        values(export(run_here, topic_atlas, tmp_path, "jsonl", given=[*given, "--json"]))
        lines = (tmp_path / "papers.jsonl").read_text("utf-8").splitlines()
        assert {json.loads(line)["theme"] for line in lines} - {None} == names


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ("--format bibtx -o out", 2, "no format 'bibtx' - did you mean bibtex? known formats: "),
        ("--format csv", 2, "Missing option '-o'"),
        ("-o out", 2, "Missing option '--format'"),
        ("--format csv -o out --theme nonsense!", 2, "no theme 'nonsense!'"),
        ("--format csv -o out --layer 9", 2, "no layer 9"),
        ("--format csv -o out -k 3", 2, "-k says how many papers of --query"),
        ("--format csv -o out --query moss -k 0", 2, "k = 0"),
        ("--format csv -o out --query xyzzy", 2, "no paper answers 'xyzzy': nothing was written"),
        ("--format zip -o out --query moss", 2, "a zip holds the whole atlas"),
        ("--format csv -o {atlas}", 6, "is an atlas"),
        ("--format csv -o {file}", 6, "is a file, not a folder"),
        ("--format csv -o {file}/in", 6, "cannot be made"),
    ],
)
def test_a_mistake_is_told_in_one_line_and_writes_nothing(
    run_here, topic_atlas, tmp_path, monkeypatch, typed, code, says
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("", "utf-8")
    words = typed.format(atlas=topic_atlas, file=tmp_path / "file").split()
    done = run_here("export", topic_atlas, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_cannot_be_replaced_is_told(run_here, topic_atlas, tmp_path):
    (tmp_path / "papers.csv").mkdir()
    done = export(run_here, topic_atlas, tmp_path, "csv")
    assert (done.returncode, done.stdout) == (6, "")
    assert "papers.csv: cannot be written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["papers.csv"]


def related(run_here, atlas, *given):
    done = run_here("related", atlas, "--text", "dust of comets", "-k", 3, *given)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_related_papers_are_printed_as_they_are_exported(run_here, topic_atlas):
    ids = [hit["id"] for hit in json.loads(related(run_here, topic_atlas, "--json"))["results"]]
    rows = csv.DictReader(io.StringIO(related(run_here, topic_atlas, "--format", "csv")))
    assert [(row["id"], row["rank"]) for row in rows] == [
        (paper, str(rank)) for rank, paper in enumerate(ids, start=1)
    ]
    library = bibtexparser.parse_string(related(run_here, topic_atlas, "--format", "bibtex"))
    assert [entry["paperatlas-id"] for entry in library.entries] == ids
    ris = related(run_here, topic_atlas, "--format", "ris").splitlines()
    assert [line[6:] for line in ris if line.startswith("ID")] == ids


def test_format_json_is_json_and_format_table_the_page(run_here, topic_atlas):
    assert related(run_here, topic_atlas, "--format", "json") == related(
        run_here, topic_atlas, "--json"
    )
    assert related(run_here, topic_atlas, "--format", "table") == related(run_here, topic_atlas)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--format", "xml"], "no format 'xml' - known formats: table, json, bibtex, ris, csv"),
        (["--format", "csv", "--json"], "--json and --format csv"),
        (["--format", "ris", "--novelty"], "ris has no place for --novelty"),
    ],
)
def test_a_format_that_cannot_be_is_refused(run_here, topic_atlas, given, says):
    done = run_here("related", topic_atlas, "--text", "moss", *given)
    assert done.returncode == 2
    assert says in done.stderr + done.stdout


def test_a_mistake_is_json_where_json_is_the_format(run_here, topic_atlas):
    for given in (["--format", "json"], ["--format=json"]):
        done = run_here("related", topic_atlas, "--text", "", *given)
        assert json.loads(done.stdout)["error"]["code"] == "usage"
