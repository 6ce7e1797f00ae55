"""Naming the themes of an atlas anew, by a real server on loopback: other names, all else as it
was."""

from __future__ import annotations

import base64
import json
import re
import shutil
import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from refine.model_server import naming, serving

from pipeline.artifacts import ThemeRow, open_snapshot, open_writer
from pipeline.errors import InputError, OutputError, UsageError
from pipeline.reading import read_table
from pipeline.renaming import rename_themes
from pipeline.settings import RefineSettings, Settings
from pipeline.stages import build_atlas
from pipeline.themes import _renamed


def quick_settings(**refine):
    base = Settings()
    return replace(
        base,
        embed=replace(base.embed, backend="lexical"),
        cluster=replace(base.cluster, refits=2),
        refine=RefineSettings(**refine),
    )


@pytest.fixture(scope="module")
def made(seed_sources, tmp_path_factory):
    """An atlas with one theme that the user named; not to be changed."""
    folder = tmp_path_factory.mktemp("renamed")
    ids = [paper.id for paper in read_table(seed_sources).table.papers]
    build_atlas(seed_sources, folder / "atlas", settings=quick_settings())
    with open_snapshot(folder / "atlas") as snapshot:
        theme = snapshot.themes()[0]
    papers = json.dumps([ids[row] for row in theme.exemplars[:3]])
    edit = f'[[rename]]\npapers = {papers}\nname = "mine alone"\nlayer = "finest"\n'
    (folder / "atlas" / "labels.toml").write_text(edit, "utf-8")
    build_atlas(seed_sources, folder / "atlas", settings=quick_settings())
    return folder / "atlas"


@pytest.fixture
def atlas(made, tmp_path, monkeypatch):
    """A copy of it, with a cache of the test's own."""
    monkeypatch.setenv("PAPERATLAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return shutil.copytree(made, tmp_path / "atlas")


def answer_studies(wire, asked):
    wire.reply(200, naming(f"{asked.name_so_far} studies"))


@pytest.fixture
def server():
    with serving(answer_studies) as server:
        yield server


def settings_of(server, **more):
    return quick_settings(**{"url": server.url, "model": "toy", "attempts": 1, **more})


def content(atlas):
    """The live snapshot's themes, memberships and data files."""
    with open_snapshot(atlas) as snapshot:
        members = snapshot.memberships
        files = {
            name: entry.sha256
            for name, entry in snapshot.manifest.files.items()
            if entry.kind != "view" and name != "papers.sqlite"
        }
        papers = list(snapshot.all_papers())
        records = list(snapshot.all_records())
        assert records == [snapshot.records(row) for row in range(len(papers))]
        themes = snapshot.themes()
        with closing(sqlite3.connect(snapshot.file("papers.sqlite"))) as database:
            tables = {
                table: database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
                for (table,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'themes'"
                )
            }
    arrays = (members.theme_ids.tolist(), members.strengths.tolist(), members.default_layer)
    return {"files": files, "papers": papers, "arrays": arrays, "tables": tables}, themes


def names_of(themes):
    return [(theme.layer, theme.name) for theme in themes]


def names_on(page: Path) -> set[str]:
    (block,) = re.findall(r'id="atlas-map"[^>]*>([^<]*)<', page.read_text("utf-8"))
    return {
        theme["name"] for theme in json.loads(zlib.decompress(base64.b64decode(block)))["themes"]
    }


def test_names_change_and_nothing_else(atlas, server):
    before, old = content(atlas)
    renaming = rename_themes(atlas, settings=settings_of(server))
    after, new = content(atlas)
    assert after == before
    assert [replace(theme, name="") for theme in new] == [replace(theme, name="") for theme in old]
    changed = {a.id: (a.name, b.name) for a, b in zip(old, new, strict=True) if a.name != b.name}
    assert dict(renaming.names) == changed
    assert len(changed) > len(old) / 2
    assert len(set(names_of(new))) == len(new)
    for was, now in changed.values():
        assert now == f"{was} studies"
    assert (atlas / "CURRENT").read_text().strip() == renaming.snapshot
    assert len(list((atlas / "snapshots").iterdir())) == 2
    report = (atlas / "report.md").read_text("utf-8").splitlines()
    assert report[2].endswith(renaming.snapshot.rpartition("-")[2])  # the new content's digest
    assert {now for _, now in changed.values()} <= names_on(atlas / "map.html")
    with open_snapshot(atlas) as snapshot:
        snapshot.verify_all()
        details = snapshot.manifest.details
    assert details.settings["refine"]["model"] == "toy"
    assert "toy at 127.0.0.1" in renaming.told[0]


def test_the_users_names_stay_and_are_not_asked_about(atlas, server):
    _, old = content(atlas)
    (mine,) = [theme for theme in old if theme.name == "mine alone"]
    renaming = rename_themes(atlas, settings=settings_of(server))
    _, new = content(atlas)
    assert mine.id not in renaming.names
    assert mine in new
    assert "mine alone" not in {asked.name_so_far for asked in server.asked}
    assert len(server.asked) == len(old) - 1


def test_the_second_time_the_same_is_asked_and_answered_from_the_cache(atlas, server):
    first = rename_themes(atlas, settings=settings_of(server))
    _, once = content(atlas)
    n_asked = len(server.asked)
    second = rename_themes(atlas, settings=settings_of(server))
    assert len(server.asked) - n_asked <= n_asked - len(first.names)
    assert (second.snapshot, dict(second.names)) == ("", {})
    assert content(atlas)[1] == once


def test_an_endpoint_that_is_down_takes_no_name_away(atlas, server):
    rename_themes(atlas, settings=settings_of(server))
    _, once = content(atlas)
    server.behave = lambda wire, _: wire.reply(500)
    again = rename_themes(atlas, settings=settings_of(server, model="other"))
    assert (again.snapshot, dict(again.names)) == ("", {})
    assert "keep the name that they had" in " ".join(again.told)
    assert content(atlas)[1] == once


@pytest.mark.parametrize("answer", [b"nonsense", naming("http://evil.example"), naming("")])
def test_nothing_is_written_where_no_name_changes(atlas, answer):
    before = sorted(path.name for path in (atlas / "snapshots").iterdir())
    with serving(lambda wire, _: wire.reply(200, answer)) as server:
        renaming = rename_themes(atlas, settings=settings_of(server))
    assert (renaming.snapshot, dict(renaming.names)) == ("", {})
    assert sorted(path.name for path in (atlas / "snapshots").iterdir()) == before


def test_a_dry_run_asks_and_writes_nothing(atlas, server):
    before = content(atlas)
    renaming = rename_themes(atlas, settings=settings_of(server), dry_run=True)
    assert (server.asked, renaming.snapshot, dict(renaming.names)) == ([], "", {})
    assert "A dry run: nothing was sent." in renaming.told
    assert content(atlas) == before


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_no_atlas_is_refused_and_no_folder_is_made(server, tmp_path, dry_run):
    with pytest.raises(InputError):
        rename_themes(tmp_path / "new", settings=settings_of(server), dry_run=dry_run)
    assert not (tmp_path / "new").exists()
    assert server.asked == []


def test_without_a_model_it_is_refused(atlas):
    with pytest.raises(UsageError, match=r"refine\.url"):
        rename_themes(atlas, settings=quick_settings())


def test_one_writer_at_a_time(atlas, server):
    with open_writer(atlas), pytest.raises(OutputError, match="another writer"):
        rename_themes(atlas, settings=settings_of(server))
    assert server.asked == []


def test_an_interrupt_leaves_the_atlas_and_the_next_run_goes_on(atlas, server):
    before = content(atlas)

    class Stop:
        n = 0

        def stage(self, name, total=0):
            pass

        def advance(self, count):
            self.n += count
            if self.n == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rename_themes(atlas, settings=settings_of(server), progress=Stop())
    assert content(atlas) == before
    assert [path.name for path in atlas.iterdir() if path.name.startswith(".tmp")] == []
    asked = [asked.name_so_far for asked in server.asked]
    rename_themes(atlas, settings=settings_of(server))
    later = [asked.name_so_far for asked in server.asked[len(asked) :]]
    assert len(asked) == 3
    assert not set(asked) & set(later)


def test_a_build_with_a_model_names_as_a_build_that_is_named_later(
    atlas, server, seed_sources, tmp_path
):
    rename_themes(atlas, settings=settings_of(server))
    shutil.copytree(
        atlas, tmp_path / "built", ignore=shutil.ignore_patterns("snapshots", "CURRENT")
    )
    result = build_atlas(seed_sources, tmp_path / "built", settings=settings_of(server))
    assert "toy at 127.0.0.1" in result.refined[0]
    assert names_of(content(tmp_path / "built")[1]) == names_of(content(atlas)[1])


def row(number, name, layer=0):
    return ThemeRow(number, layer, name, 1, None)


def test_of_two_like_names_in_a_layer_the_one_that_was_there_stays():
    themes = [row(0, "User's"), row(1, "b"), row(2, "c"), row(3, "d", layer=1)]
    # 1 would take the name of 2, which would take the user's: both keep theirs.
    told = _renamed(themes, {1: "C", 2: "user's", 3: "user's"})
    assert [theme.name for theme in told] == ["User's", "b", "c", "user's"]
    swapped = _renamed(themes, {1: "c", 2: "b"})
    assert [theme.name for theme in swapped] == ["User's", "c", "b", "d"]
    assert np.array_equal([t.id for t in told], [0, 1, 2, 3])
