"""Edits of a real atlas, by real builds: they outlive a change of files' order, seed and papers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline import Atlas
from pipeline.artifacts.database import require_consistent_themes
from pipeline.errors import InputError, UsageError
from pipeline.settings import load_settings
from pipeline.stages import build_atlas

SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))
TRANSPORT = ["p-d740105fb238", "p-a5f60b4b0ccf", "p-6b76fc574e6d"]
MERGING = ["p-9099a51e1f2c", "p-e864baa0c9ac", "p-9b3525fb03a4"]
DIFFUSION = ["p-5c2c17e6a2cc", "p-8dcd0e2b2d96", "p-99f7604e6cfe"]
INVENTORY = ["p-7988e0bed74c", "p-4ef85f384ae0", "p-a07ed8b023bc"]
PARITIES = ["p-04a1223370d7", "p-31b986972dfe"]
LABELS = f"""
[[rename]]
papers = {json.dumps(TRANSPORT)}
name = "moving mass"
[[merge]]
groups = {json.dumps([MERGING, DIFFUSION])}
name = "merging and masking"
[[split]]
groups = {json.dumps([INVENTORY, PARITIES])}
names = ["full shelves", "parities"]
layer = "coarsest"
[[rename]]
papers = {json.dumps([TRANSPORT[0], MERGING[0]])}
name = "no such theme"
"""


def build(atlas, *settings, sources=SEEDS, **options):
    given = ["embed.backend=lexical", "cluster.refits=2", *settings]
    return build_atlas(sources, atlas, settings=load_settings(None, given), **options)


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    """An atlas of the seeds with edits, and what its build told."""
    atlas = tmp_path_factory.mktemp("edited") / "atlas"
    atlas.mkdir()
    (atlas / "labels.toml").write_text(LABELS, "utf-8")
    return atlas, build(atlas)


def names_of(atlas, paper):
    """The names of a paper's themes, finest first."""
    return [of.theme.name for of in atlas.show(paper).themes]


def assert_edits_hold(folder):
    with Atlas.open(folder) as atlas:
        default = atlas.default_layer
        assert {names_of(atlas, paper)[default] for paper in TRANSPORT} == {"moving mass"}
        joined = {names_of(atlas, paper)[default] for paper in [*MERGING, *DIFFUSION]}
        assert joined == {"merging and masking"}
        assert len({names_of(atlas, paper)[0] for paper in [*MERGING, *DIFFUSION]}) > 1
        assert {names_of(atlas, paper)[-1] for paper in INVENTORY} == {"full shelves"}
        assert {names_of(atlas, paper)[-1] for paper in PARITIES} == {"parities"}
        require_consistent_themes(atlas._snapshot.themes(), atlas._snapshot.memberships)
        for layer in range(atlas.n_layers):
            names = [theme.name.casefold() for theme in atlas.themes(layer)]
            assert len(set(names)) == len(names)
        for theme in atlas.themes():
            by_user = theme.evidence == ("named by the user",)
            assert by_user == (theme.name in {"moving mass", "merging and masking"})
            assert theme.terms
            assert theme.stability is not None


def test_edits_show_in_the_atlas_and_in_what_the_build_tells(edited):
    folder, made = edited
    assert_edits_hold(folder)
    assert made.edits.n_applied == 3
    (problem,) = made.edits.problems
    assert problem.startswith(
        'labels.toml:12: rename "no such theme": "p-d740105fb238" and "p-9099'
    )
    assert "(moving mass, merging and masking); name two papers of one theme" in problem
    with Atlas.open(folder) as atlas:
        told = atlas.manifest.details.facts["edits"]
        assert told == {"applied": 3, "problems": [problem]}
        assert "moving mass" in (folder / "report.md").read_text("utf-8")


def test_the_file_is_left_as_it_is(edited):
    assert (edited[0] / "labels.toml").read_text("utf-8") == LABELS


def test_the_same_edits_of_the_same_papers_are_the_same_atlas(edited, tmp_path):
    folder, made = edited
    (tmp_path / "labels.toml").write_text("# the same again\n" + LABELS, "utf-8")
    again = build(tmp_path, sources=SEEDS[::-1])
    assert again.snapshot.rpartition("-")[2] == made.snapshot.rpartition("-")[2]
    for name in ("papers.sqlite", "layout.npy", "map.html"):
        one = folder / "snapshots" / made.snapshot / name
        assert one.read_bytes() == (tmp_path / "snapshots" / again.snapshot / name).read_bytes()


@pytest.mark.parametrize("changed", [["seed=1"], ["seed=2", "cluster.max_unassigned=0.2"]])
def test_edits_outlive_a_build_in_which_numbers_and_borders_move(edited, tmp_path, changed):
    (tmp_path / "labels.toml").write_text(LABELS, "utf-8")
    again = build(tmp_path, *changed, sources=SEEDS[::-1])
    assert again.edits.n_applied == 3
    assert_edits_hold(tmp_path)


def test_edits_enter_the_content_digest_and_go_when_the_file_goes(tmp_path):
    digests = []
    for text in ("", "# nothing yet", LABELS, LABELS.replace("moving mass", "mass"), None):
        if text is None:
            (tmp_path / "labels.toml").unlink()
        else:
            (tmp_path / "labels.toml").write_text(text, "utf-8")
        digests.append(build(tmp_path, limit=40).snapshot.rpartition("-")[2])
    assert digests[0] == digests[1] == digests[4]
    assert len(set(digests)) == 3


@pytest.mark.parametrize(("text", "error"), [("[[rename", InputError), ("[[rename]]", UsageError)])
def test_a_broken_file_is_refused_before_anything_is_read(tmp_path, text, error):
    (tmp_path / "labels.toml").write_text(text, "utf-8")
    for dry_run in (True, False):
        with pytest.raises(error, match=r"labels\.toml"):
            build(tmp_path, sources=[tmp_path / "nowhere"], dry_run=dry_run)
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels.toml"]
