"""`paperatlas predict`, as people and as programs read it."""

from __future__ import annotations

import json

import pytest

from .streams import without_progress

A_PAPER = "p-6ad7cbcfb4a1"
NEW = "Transport maps\nWe learn Monge maps between measures with neural networks."


def test_the_json_of_a_new_text(run_here, seed_atlas):
    done = run_here("predict", seed_atlas, "--text", NEW, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told) == ["schema", "results"]
    assert told["schema"] == "paperatlas.predict/1"
    (result,) = told["results"]
    assert list(result) == ["themes", "nearest", "known", "is_far"]
    assert (result["known"], result["is_far"], len(result["nearest"])) == (None, False, 3)
    for theme in result["themes"]:
        assert sorted(theme) == ["id", "layer", "name", "strength", "tier"]
        assert 0 <= theme["strength"] <= 1
    for near in result["nearest"]:
        assert sorted(near) == ["id", "score", "title"]


def test_a_paper_has_the_themes_that_show_tells(run_here, seed_atlas, tmp_path):
    shown = json.loads(run_here("show", seed_atlas, A_PAPER, "--json").stdout)
    draft = tmp_path / "draft.txt"
    draft.write_bytes(b"\xef\xbb\xbf" + f"{shown['title']}\r\n{shown['abstract']}".encode())
    done = run_here("predict", seed_atlas, "--file", draft, "--json")
    (result,) = json.loads(done.stdout)["results"]
    assert (result["known"], result["themes"]) == (A_PAPER, shown["themes"])
    page = run_here("predict", seed_atlas, "--file", draft).stdout
    assert page.startswith(f"This is {shown['title']} ({A_PAPER}), a paper of this atlas.")
    for theme in shown["themes"]:
        assert f"layer {theme['layer']}: {theme['name']} (theme {theme['id']}" in page


def test_the_page_says_when_nothing_is_near(run_here, seed_atlas):
    page = run_here("predict", seed_atlas, "--text", "Apfelstrudel mit Zimt und Zucker").stdout
    assert page.startswith("Nothing in this atlas is near: the themes say little.")
    assert "Nearest papers" in page


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ([], 2, "expected one text - give either --text or --file"),
        (["--text", "a", "--file", "b"], 2, "expected one text"),
        (["--text", " "], 2, "the text is empty"),
        (["--text", "\0"], 2, "is empty"),
        (["--file", "empty.txt"], 2, "empty.txt is empty"),
        (["--file", "none.txt"], 4, "none.txt: cannot be read (no such file or directory)"),
        (["--file", "."], 4, "cannot be read (is a directory)"),
        (["--file", "latin.txt"], 4, "latin.txt: not text in UTF-8 (byte 3)"),
        (["--file", ""], 2, "expected a path"),
    ],
)
def test_a_mistake_is_one_line(run_here, seed_atlas, tmp_path, monkeypatch, given, code, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").touch()
    (tmp_path / "latin.txt").write_bytes("Caf\u00e9".encode("latin-1"))
    done = run_here("predict", seed_atlas, *given)
    assert (done.returncode, done.stdout) == (code, "")
    (line,) = without_progress(done.stderr)
    assert says in line
