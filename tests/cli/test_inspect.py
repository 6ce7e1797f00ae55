"""inspect, --strict, --problems and standard input, as a user types them."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile

import pytest

RIS = "TY  - JOUR\nTI  - On Moss\nAB  - Moss grows on stones, and nobody knows why.\nER  - \n"
BROKEN = RIS + "TY  - JOUR\nPY  - 2001\nER  - \n"


@pytest.fixture
def sources(tmp_path):
    """A folder with one good file and one that has a record of no use."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "good.ris").write_text(RIS)
    (folder / "broken.txt").write_text(BROKEN)
    return folder


def files_of(done):
    assert done.returncode == 0, done.stderr
    return {file["file"]: file for file in json.loads(done.stdout)["files"]}


def test_every_file_is_told_with_its_format_and_its_problems(run_here, sources):
    told = files_of(run_here("inspect", sources, "--json"))
    assert told["broken.txt"] == {
        "file": "broken.txt",
        "format": "ris",
        "found": 2,
        "imported": 1,
        "merged": 0,
        "set_aside": 1,
        "problems": [{"line": 5, "reason": "record has no title or abstract; set aside"}],
        "notes": [],
    }
    assert (told["good.ris"]["imported"], told["good.ris"]["merged"]) == (0, 1)


def test_standard_input_may_be_anything(run, sources):
    packed = gzip.compress(RIS.encode())
    done = run("inspect", "-", "--json", input=packed, text=False)
    (file,) = json.loads(done.stdout)["files"]
    assert (file["file"], file["format"], file["found"]) == ("stdin", "ris", 1)
    empty = run("inspect", "-", input="")
    assert empty.returncode == 4
    assert "standard input: empty file" in empty.stderr


def test_strict_stops_with_4_and_says_where(run_here, sources, tmp_path):
    done = run_here("inspect", sources, "--strict")
    assert done.returncode == 4
    assert "broken.txt:5: record has no title or abstract; set aside; --strict" in done.stderr
    assert "2 records" not in done.stderr
    assert "set aside" in done.stdout  # the page is there all the same
    assert run_here("inspect", sources / "good.ris", "--strict").returncode == 0
    done = run_here("build", sources, "-o", tmp_path / "atlas", "--strict")
    assert done.returncode == 4
    assert not (tmp_path / "atlas").exists()


def test_problems_are_written_with_their_text(run_here, sources, tmp_path):
    out = tmp_path / "problems.csv"
    assert run_here("inspect", sources, "--problems", out).returncode == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (row,) = [row for row in rows if row["kind"] == "set aside"]
    assert (row["file"], row["line"]) == ("broken.txt", "5")
    assert row["raw"] == "TY  - JOUR\nPY  - 2001\nER  - "
    done = run_here("inspect", sources, "--problems", tmp_path / "no" / "problems.csv")
    assert done.returncode == 6


def test_a_build_leaves_the_problems_in_the_atlas(run_here, sources, tmp_path):
    atlas = tmp_path / "atlas"
    done = run_here("build", sources, "-o", atlas, "--set", "embed.backend=lexical")
    assert done.returncode == 0, done.stderr
    assert "PY  - 2001" in (atlas / "problems.csv").read_text("utf-8")
    assert run_here("doctor", atlas).returncode == 0
    (sources / "broken.txt").unlink()
    run_here("build", sources, "-o", atlas, "--set", "embed.backend=lexical")
    assert "PY  - 2001" not in (atlas / "problems.csv").read_text("utf-8")


def test_a_bad_file_that_was_named_hides_nothing_of_the_others(run_here, sources, tmp_path):
    page = tmp_path / "page.ris"
    page.write_text("<!DOCTYPE html><html><body>Sign in</body></html>")
    done = run_here("inspect", sources / "good.ris", page, "--problems", tmp_path / "p.csv")
    assert done.returncode == 4
    assert "page.ris: a web page, not an export" in done.stderr
    assert "good.ris" in done.stdout
    assert "page.ris:1: a web page, not an export" in done.stdout
    assert "a web page" in (tmp_path / "p.csv").read_text("utf-8")


def test_what_is_gravest_is_told_first(run_here, sources):
    (sources / "latin.ris").write_text(RIS.replace("Moss", "Größe"), "latin-1")
    told = run_here("inspect", sources).stdout
    assert told.index("set aside\n") < told.index("not UTF-8")


def test_columns_may_be_named(run_here, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("x,y\nOn Moss,Moss grows on stones\n")
    done = run_here("inspect", table, "--set", "columns.title=x", "--set", "columns.abstract=y")
    assert "1 record is 1 paper" in done.stdout


def test_an_archive_is_a_folder(run_here, tmp_path):
    with zipfile.ZipFile(tmp_path / "papers.zip", "w") as archive:
        archive.writestr("a/b.ris", RIS)
    told = files_of(run_here("inspect", tmp_path / "papers.zip", "--json"))
    assert set(told) == {"papers.zip/a/b.ris"}


def test_papers_without_an_abstract_are_in_themes_only_if_asked(run_here, tmp_path):
    lines = [
        json.dumps({"id": f"m{i}", "title": f"Moss on stones number {i}", "abstract": text})
        for i in range(8)
        for text in [f"Moss grows on the stones of garden {i}, as moss does." if i else ""]
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    for given, unassigned in (([], ["m0"]), (["--set", "cluster.title_only=true"], [])):
        atlas = tmp_path / f"atlas{len(given)}"
        done = run_here("build", path, "-o", atlas, "--set", "embed.backend=lexical", *given)
        assert done.returncode == 0, done.stderr
        assert "1 of 8 records without an abstract" in done.stdout
        themes = json.loads(run_here("themes", atlas, "--json").stdout)
        assert [layer["unassigned"] for layer in themes["layers"]][-1] == unassigned
        found = run_here("related", atlas, "--text", "moss number 0", "--json")
        assert "m0" in found.stdout
