"""`map` on the command line: figures in many styles, and what is refused."""

from __future__ import annotations

import io

import pytest
from PIL import Image


def test_a_figure_has_the_size_that_is_asked_for(run_here, seed_atlas, tmp_path):
    path = tmp_path / "figure.png"
    done = run_here("map", seed_atlas, "-o", path, "--width", "85mm", "--dpi", "100")
    assert (done.returncode, done.stdout) == (0, f"{path}\n")
    assert Image.open(io.BytesIO(path.read_bytes())).width == 334


def test_themes_and_papers_are_highlighted_by_name_and_id(run_here, seed_atlas, tmp_path):
    path = tmp_path / "figure.svg"
    wanted = ["--highlight", "optimal transport", "--highlight", "p-6ad7cbcfb4a1"]
    assert run_here("map", seed_atlas, "-o", path, *wanted).returncode == 0
    assert "optimal transport" in path.read_text("utf-8")


REFUSED = [
    (["figure.png", "--kind", "pie"], "no --kind 'pie' - known: map, years, stream, bars"),
    (["figure.png", "--width", "85"], "'85' is no length - give a number and its unit"),
    (["figure.png", "--dpi", "5"], "--dpi 5 - expected 30 to 1200"),
    (["figure.png", "--font", "Deja Vu Sanz"], "no font 'Deja Vu Sanz'"),
    (["figure.png", "--colour-by", "nix"], "no column 'nix' in this atlas - known: theme, year"),
    (["figure.png", "--highlight", "nobody"], "no theme and no paper 'nobody' to highlight"),
    (["figure.png", "--layer", "9"], "no layer 9 - "),
    (["figure.png", "--share"], "--share says nothing for --kind map"),
    (["figure.html", "--dpi", "300"], "--dpi: for figures alone"),
    (["figure.html", "--highlight", "optimal transport"], "--highlight: for figures alone"),
    (["figure.gif"], "a map cannot be written as '.gif'"),
]


@pytest.mark.parametrize(("typed", "line"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_cannot_be_drawn_is_one_line_and_no_file(run_here, seed_atlas, tmp_path, typed, line):
    name, *options = typed
    done = run_here("map", seed_atlas, "-o", tmp_path / name, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert line in done.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
