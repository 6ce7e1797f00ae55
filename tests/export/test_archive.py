"""An atlas as a zip file."""

from __future__ import annotations

import hashlib
import zipfile

import pytest

from pipeline import Atlas
from pipeline.errors import UsageError


def test_what_is_unpacked_is_the_same_atlas(run_here, opened, awkward_atlas, tmp_path):
    (file,) = opened.export(tmp_path, "zip")
    with zipfile.ZipFile(file.path) as archive:
        archive.extractall(tmp_path / "elsewhere")
    there = tmp_path / "elsewhere" / "atlas"
    with Atlas.open(there) as again:
        assert again.snapshot == opened.snapshot
        assert again.papers == opened.papers
        again._snapshot.verify_all()
    assert (there / "map.html").read_bytes() == (awkward_atlas / "map.html").read_bytes()
    told = run_here("related", there, "--text", "optimal transport", "--mode", "lexical", "--json")
    here = run_here(
        "related", awkward_atlas, "--text", "optimal transport", "--mode", "lexical", "--json"
    )
    assert (told.returncode, told.stdout) == (0, here.stdout)


def test_edits_come_along(tmp_path, awkward_atlas):
    import shutil

    copy = shutil.copytree(awkward_atlas, tmp_path / "copy")
    (copy / "labels.toml").write_text("# mine\n", "utf-8")
    with Atlas.open(copy) as atlas:
        (file,) = atlas.export(tmp_path, "zip")
    with zipfile.ZipFile(file.path) as archive:
        assert archive.read("atlas/labels.toml") == b"# mine\n"
        assert archive.namelist() == sorted(archive.namelist())
        assert len(archive.namelist()) == file.count


def test_the_same_atlas_is_the_same_bytes(opened, tmp_path):
    digests = {
        hashlib.sha256(opened.export(tmp_path / name, "zip")[0].path.read_bytes()).hexdigest()
        for name in ("one", "other")
    }
    assert len(digests) == 1


def test_a_part_of_the_papers_is_no_atlas(opened, tmp_path):
    with pytest.raises(UsageError, match="holds the whole atlas"):
        opened.export(tmp_path / "out", ["csv", "zip"], query="moss")
    assert not (tmp_path / "out").exists()


def test_a_zip_is_no_atlas_before_it_is_unpacked(run_here, opened, tmp_path):
    (file,) = opened.export(tmp_path, "zip")
    for typed in (("themes", file.path), ("doctor", file.path)):
        done = run_here(*typed)
        assert done.returncode == 4
        assert "atlas.zip: is a zip: unpack it first" in done.stderr + done.stdout
