"""What `build` tells of the user's edits of themes."""

from __future__ import annotations

import json

import pytest

LABELS = """\
[[rename]]
papers = ["p-6ad7cbcfb4a1", "p-c4c6d228e8b2"]
name = "moving \\u001b[31m mass"

[[rename]]
papers = ["p-6ad7cbcfb4a1", "p-c4c6d228e8b2"]
name = "moving mass"
layer = "coarsest"
"""


@pytest.fixture
def build(run_here, seed_sources, tmp_path):
    """Build three seed files in a folder with a `labels.toml`."""

    def run(text, *options):
        (tmp_path / "labels.toml").write_text(text, "utf-8")
        settings = ["--set", "embed.backend=lexical", "--set", "reduce.runs=2"]
        return run_here("build", *seed_sources, "-o", tmp_path, *settings, *options)

    return run


def test_the_page_and_the_json_tell_what_became_of_them(build, run_here, tmp_path):
    done = build(LABELS)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    (place,) = [n for n, line in enumerate(lines) if line == "1 edit of labels.toml is applied."]
    assert lines[place + 1].startswith(r'labels.toml:1: rename "moving \x1b[31m mass": the name ho')
    told = json.loads(build(LABELS, "--json").stdout)
    assert told["edits"] == {"applied": 1, "problems": [lines[place + 1]]}
    themes = json.loads(run_here("themes", tmp_path, "--json").stdout)
    (theme,) = [t for t in themes["layers"][-1]["themes"] if t["name"] == "moving mass"]
    assert theme["evidence"] == ["named by the user"]


def test_without_edits_nothing_is_said(build):
    assert json.loads(build("", "--json").stdout)["edits"] == {"applied": 0, "problems": []}
    assert "labels.toml" not in build("").stdout


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("[[rename", 4, "labels.toml is not TOML: "),
        (
            "[[rename]]\nname = 'x'",
            2,
            "labels.toml:1: [[rename]] number 1: papers: expected a list",
        ),
    ],
)
def test_a_broken_file_is_one_line_and_nothing_is_built(build, tmp_path, text, code, line):
    done = build(text)
    assert (done.returncode, done.stdout) == (code, "")
    (told,) = done.stderr.splitlines()
    assert line in told
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels.toml"]
