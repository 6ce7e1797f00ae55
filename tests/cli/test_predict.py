"""`paperatlas predict`, as people and as programs read it."""

from __future__ import annotations

import json
from textwrap import wrap

import pytest
from drafts.made_pdf import made_pdf, show

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
    told = " ".join(page.split())
    assert told.startswith(f"This is {shown['title']} ({A_PAPER}), a paper of this atlas.")
    for theme in shown["themes"]:
        assert f"layer {theme['layer']}: {theme['name']} (theme {theme['id']}" in page


def test_a_paper_s_pdf_is_known_by_its_title_and_abstract(run_here, seed_atlas, tmp_path):
    shown = json.loads(run_here("show", seed_atlas, A_PAPER, "--json").stdout)
    lines = wrap(shown["abstract"], 90, break_on_hyphens=False)
    page = [
        show(shown["title"], size=17, y=740),
        show("Abstract", size=12, y=700),
        *(show(line, y=680 - 12 * i) for i, line in enumerate(lines)),
        show("1 Introduction", size=12, y=200),
    ]
    draft = tmp_path / "draft.pdf"
    draft.write_bytes(made_pdf([page]))
    done = run_here("predict", seed_atlas, "--file", draft, "--json")
    assert json.loads(done.stdout)["results"][0]["known"] == A_PAPER
    assert without_progress(done.stderr) == ["draft: used the title and the abstract"]


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
        (["--file", "empty.txt"], 4, "empty.txt: empty file - expected a draft as text"),
        (["--file", "none.txt"], 4, "none.txt: cannot be read (no such file or directory)"),
        (["--file", "."], 4, "cannot be read (is a directory)"),
        (["--file", "scan.pdf"], 4, "scan.pdf: no text in this PDF, which looks scanned"),
        (["--file", ""], 2, "expected a path"),
    ],
)
def test_a_mistake_is_one_line(run_here, seed_atlas, tmp_path, monkeypatch, given, code, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").touch()
    (tmp_path / "scan.pdf").write_bytes(made_pdf([[]]))
    done = run_here("predict", seed_atlas, *given)
    assert (done.returncode, done.stdout) == (code, "")
    (line,) = without_progress(done.stderr)
    assert says in line
