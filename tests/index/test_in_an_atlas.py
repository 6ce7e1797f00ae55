"""An index as a part of an atlas: built, opened, renamed, damaged."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from pipeline.artifacts import open_snapshot, open_writer
from pipeline.atlas import Atlas
from pipeline.errors import DamagedAtlasError
from pipeline.index import ExactIndex, open_index
from pipeline.index.storage import INDEX_FILE
from pipeline.papers import Paper
from pipeline.renaming import _copy
from pipeline.settings import load_settings
from pipeline.stages import build_atlas


def settings_of(*more):
    quick = ["embed.backend=lexical", "embed.lexical_dim=20", "cluster.refits=0"]
    return load_settings(None, [*quick, *more])


@pytest.fixture(scope="module")
def made(seed_sources, tmp_path_factory):
    """Two atlases of the same 50 papers, by the exact index and by a prefix; not to be changed."""
    folder = tmp_path_factory.mktemp("indexed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.index.choice.FEWEST_ROWS", 10)
        patch.setattr("pipeline.index.approximate._LARGEST_SHARE", 1.0)
        for kind in ("exact", "adaptive"):
            build_atlas(seed_sources, folder / kind, settings=settings_of(f"index.kind={kind}"))
    return folder


@pytest.fixture
def atlas(made, tmp_path):
    return shutil.copytree(made / "adaptive", tmp_path / "atlas")


def test_a_build_writes_the_index_and_tells_of_it(made):
    with open_snapshot(made / "adaptive") as snapshot:
        entry = snapshot.manifest.files[INDEX_FILE]
        facts = snapshot.manifest.details.facts["index"]
        assert (facts["kind"], facts["wanted"], facts["n_rows"]) == ("adaptive", "adaptive", 50)
        assert facts["n_bytes"] == entry.size
        snapshot.verify_all()
    with open_snapshot(made / "exact") as snapshot:
        assert INDEX_FILE not in snapshot.manifest.files
        assert snapshot.manifest.details.facts["index"]["kind"] == "exact"


def test_an_index_is_no_part_of_what_an_atlas_holds(made):
    with open_snapshot(made / "adaptive") as one, open_snapshot(made / "exact") as other:
        assert one.content_digest == other.content_digest
        assert "index" not in one.manifest.details.settings


def test_every_kind_of_atlas_gives_the_same_related_papers(made):
    with Atlas.open(made / "adaptive") as one, Atlas.open(made / "exact") as other:
        for paper in one.ids[::7]:
            hits = [
                [(hit.paper.id, hit.score) for hit in a.related(paper=paper)] for a in (one, other)
            ]
            assert hits[0] == hits[1]


def test_an_atlas_from_before_there_were_indexes_opens_as_exact():
    vectors = np.eye(3, dtype=np.float32)
    assert isinstance(open_index(pytest.fail, vectors, {}), ExactIndex)


def test_other_names_leave_the_index_as_it_was(atlas):
    with open_writer(atlas) as writer, open_snapshot(atlas) as old:
        papers: list[Paper] = list(old.all_papers())
        themes = tuple(replace(theme, name=f"other {theme.id}") for theme in old.themes())
        _copy(old, papers, themes, writer, old.manifest.details)
        before = old.manifest.files[INDEX_FILE]
        writer.commit()
    with open_snapshot(atlas) as new:
        assert new.manifest.files[INDEX_FILE] == before
        assert new.file(INDEX_FILE).stat().st_size == before.size


@pytest.mark.parametrize("damage", ["cut", "changed", "lost"])
def test_a_damaged_index_is_found_before_it_is_read(atlas, damage):
    with open_snapshot(atlas) as snapshot:
        path = snapshot.path / INDEX_FILE
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(content if damage == "changed" else content[:100])

    def ask():
        with Atlas.open(atlas) as opened:
            opened.related(paper=opened.ids[0])

    with pytest.raises(DamagedAtlasError, match=INDEX_FILE):
        ask()
