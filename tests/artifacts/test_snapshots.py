"""What is written comes back, the pointer moves, the old stays."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from small_atlas import (
    DIM,
    N_PAPERS,
    small_details,
    small_papers,
    small_records,
    write_atlas,
    write_parts,
)

from pipeline.artifacts import (
    BuildDetails,
    Contrast,
    Snapshot,
    ThemeRow,
    open_snapshot,
    open_writer,
)
from pipeline.artifacts.table import PaperDatabase
from pipeline.errors import DamagedAtlasError, InputError, OutputError, UsageError
from pipeline.papers.record import FileReport, Paper, Problem, Source

HERE = Path(__file__).parent
SURROGATES = st.text(st.characters(codec=None), max_size=8)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def write_table(atlas: Path, papers, records, reports=()) -> Snapshot:
    with open_writer(atlas) as writer:
        writer.write_papers(papers, records, reports)
        writer.seal(small_details())
        writer.commit()
    return open_snapshot(atlas)


def test_everything_comes_back_as_it_was_written(tmp_path):
    info = write_atlas(tmp_path / "atlas")
    with open_snapshot(tmp_path / "atlas") as snapshot:
        papers = small_papers()
        assert tuple(snapshot.all_papers()) == papers
        assert snapshot.papers([3, 0, 3]) == [papers[3], papers[0], papers[3]]
        assert snapshot.paper(4) == papers[4]
        assert snapshot.records(2) == small_records(papers)[2]
        assert snapshot.titles() == [paper.title for paper in papers]
        assert snapshot.column("raw_title") == snapshot.titles()
        assert snapshot.column("year") == [2020, 2021, 2022, 2023, 2024]
        assert snapshot.column("authors") == [("Utku Şirin", "Devvrit")] * N_PAPERS
        assert snapshot.themes() == (
            ThemeRow(0, 0, "old fine", 2, 1, ("optimal", "transport"), (1, 0), ("because",)),
            ThemeRow(1, 1, "old coarse", 3, None),
        )
        assert snapshot.memberships.theme_ids.tolist() == [[0, 0, -1, -1, -1], [1, 1, 1, -1, -1]]
        assert snapshot.memberships.theme_ids.dtype == np.int32
        assert snapshot.memberships.strengths.tolist() == [[0, 0.25, 0.5, 0.75, 1]] * 2
        assert snapshot.memberships.default_layer == 1
        (report,) = snapshot.reports()
        assert report == FileReport("a.txt", "text", 6, 5, 0, 1, (Problem(3, "no title"),))
        assert snapshot.vectors.shape == (N_PAPERS, DIM)
        assert snapshot.vectors.dtype == snapshot.layout.dtype == np.float32
        assert snapshot.neighbors.tolist() == [[1], [2], [3], [4], [0]]
        assert snapshot.similarities.tolist() == [[0.5]] * N_PAPERS
        assert snapshot.preservation.tolist() == [1, 0.75, 0.5, 0.25, 0]
        assert snapshot.file("notes-0000/word.json").read_bytes() == b"old"
        assert snapshot.manifest.timings_s == {"embed": 1.5}
        assert snapshot.manifest.details.settings["layers"] == [1, 2]
        assert snapshot.manifest.n_records == 2 * N_PAPERS
        assert snapshot.content_digest == info.content_digest
        snapshot.verify_all()


def test_arrays_of_a_snapshot_cannot_be_written(tmp_path):
    write_atlas(tmp_path / "atlas")
    with open_snapshot(tmp_path / "atlas") as snapshot:
        maps = (snapshot.layout, snapshot.neighbors, snapshot.similarities, snapshot.preservation)
        for array in (snapshot.vectors, *maps):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
        modes = {
            path.stat().st_mode & 0o222 for path in snapshot.path.rglob("*.*") if path.is_file()
        }
        assert modes == {0}


def test_every_field_of_a_paper_and_of_a_record_is_kept(tmp_path):
    full = Paper(
        "x", "T", "A", ("a", "b"), True, ("MIT",), 1999, "--09-11", "cs.LG", "ICML", "10.1/x",
        "2401.01234", ("pmid:1",), "https://e.org", ("k",), True, 29.5, "thesis", "de", "withdrawn",
        "raw T", "raw A", ("y",), (Source("f", 3),), (("area", "a\ud800"), ("oral", "true")),
    )  # fmt: skip
    empty = Paper(id="e", sources=(Source("g", 1),))
    assert all(getattr(full, f.name) != getattr(Paper(), f.name) for f in fields(Paper))
    with write_table(tmp_path / "atlas", (full, empty), [(full, empty), (empty, full)]) as snapshot:
        assert tuple(snapshot.all_papers()) == (full, empty)
        assert snapshot.records(0) == (full, empty)
        assert snapshot.records(1) == (empty, full)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(*[SURROGATES] * 6), min_size=1, max_size=4))
@example([("\ud800", "", "", "", "", "")])
def test_any_text_comes_back(tmp_path, texts):
    papers = [
        Paper(f"{i}{a}", b, c, (d,), raw_title=e, raw_abstract=f, aliases=(a,), venue=b,
              sources=(Source(c, 1),))
        for i, (a, b, c, d, e, f) in enumerate(texts)
    ]  # fmt: skip
    records = [(paper, papers[0]) for paper in papers]
    with write_table(tmp_path / "atlas", papers, records) as snapshot:
        assert list(snapshot.all_papers()) == papers
        assert [snapshot.records(row) for row in range(len(papers))] == records
        assert [snapshot.find_row(paper.id) for paper in papers] == list(range(len(papers)))
        assert snapshot.column("venue") == [paper.venue for paper in papers]


def test_no_papers_at_all_is_an_atlas(tmp_path):
    with open_writer(tmp_path / "atlas") as writer:
        writer.write_papers((), ())
        writer.write_themes([], np.empty((0, 0), np.int32), np.empty(0, np.float32))
        writer.create_array("vectors-0000.npy", (0, DIM))
        writer.write_layout(np.empty((0, 2), np.float32))
        writer.seal(small_details())
        writer.commit()
    with open_snapshot(tmp_path / "atlas") as snapshot:
        snapshot.verify_all()
        assert snapshot.vectors.shape == (0, DIM)
        assert snapshot.layout.shape == (0, 2)
        assert snapshot.memberships.theme_ids.shape == (0, 0)
        assert snapshot.titles() == []


def test_vectors_in_several_segments_are_one_array(tmp_path):
    with open_writer(tmp_path / "atlas") as writer:
        writer.write_papers(small_papers(), small_records(small_papers()))
        for name, rows in (("vectors-0000.npy", 2), ("vectors-0001.npy", 3)):
            writer.write_array(name, np.full((rows, DIM), rows, np.float32))
        writer.seal(small_details())
        writer.commit()
    with open_snapshot(tmp_path / "atlas") as snapshot:
        assert snapshot.vectors[:, 0].tolist() == [2, 2, 3, 3, 3]


class TestIds:
    def test_an_alias_leads_to_its_paper_and_an_id_goes_first(self, tmp_path):
        a = Paper(id="a", aliases=("b", "c"))
        with write_table(tmp_path / "atlas", (a, Paper(id="b")), [(), ()]) as snapshot:
            assert [snapshot.find_row(name) for name in "abc"] == [0, 1, 0]

    def test_an_unknown_id_names_the_nearest_ones(self, tmp_path):
        write_atlas(tmp_path / "atlas")
        with open_snapshot(tmp_path / "atlas") as snapshot:
            with pytest.raises(UsageError, match="no paper with the id 'p-00000000002'") as error:
                snapshot.find_row("p-00000000002")
            assert "p-000000000002" in error.value.hint
            with pytest.raises(UsageError):
                snapshot.find_row("\ud800")

    def test_an_alias_of_two_papers_names_both(self, tmp_path):
        twins = (Paper(id="a", aliases=("1",)), Paper(id="b", aliases=("1",)))
        with write_table(tmp_path / "atlas", twins, [(), ()]) as snapshot:
            with pytest.raises(UsageError, match="several papers") as error:
                snapshot.find_row("1")
            assert error.value.hint == "use one of: a, b"

    def test_two_papers_with_one_id_are_not_written(self, tmp_path):
        with pytest.raises(ValueError, match="two papers have the id 'a'"):
            write_table(tmp_path / "atlas", (Paper(id="a"), Paper(id="a")), [(), ()])

    def test_a_doi_is_found_in_a_paper_and_in_its_records(self, tmp_path):
        record = Paper(doi="10.1/r", sources=(Source("f", 1),))
        papers = (Paper(id="a", doi="10.1/a"), Paper(id="b"))
        with write_table(tmp_path / "atlas", papers, [(), (record,)]) as snapshot:
            assert [snapshot.rows_of_doi(f"10.1/{x}") for x in "arz"] == [(0,), (1,), ()]

    def test_rows_and_fields_that_are_not_there(self, tmp_path):
        write_atlas(tmp_path / "atlas")
        with open_snapshot(tmp_path / "atlas") as snapshot:
            for row in (N_PAPERS, -1):
                with pytest.raises(IndexError):
                    snapshot.paper(row)
            with pytest.raises(UsageError, match="no field 'titel'"):
                snapshot.column("titel")
            with pytest.raises(KeyError):
                snapshot.file("../CURRENT")


class TestSameContentSameBytes:
    def database_digest(self, atlas: Path) -> str:
        return hashlib.sha256((write_atlas(atlas).path / "papers.sqlite").read_bytes()).hexdigest()

    def test_in_this_process_and_in_another(self, tmp_path):
        first = self.database_digest(tmp_path / "a")
        assert self.database_digest(tmp_path / "b") == first
        code = "import sys; from pathlib import Path; from small_atlas import write_atlas as w;"
        code += "print(w(Path(sys.argv[1])).path)"
        environment = {
            **os.environ,
            "PYTHONHASHSEED": "5",
            "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
        }
        other = subprocess.run(
            [sys.executable, "-c", code, tmp_path / "c"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        database = Path(other.stdout.strip()) / "papers.sqlite"
        assert hashlib.sha256(database.read_bytes()).hexdigest() == first

    def test_names_differ_and_content_digests_do_not(self, tmp_path):
        infos = [write_atlas(tmp_path / "atlas") for _ in range(2)]
        assert infos[0].name != infos[1].name
        assert infos[0].content_digest == infos[1].content_digest
        assert infos[0].name.endswith(infos[0].content_digest[:12])

    def test_a_content_digest_knows_settings_but_not_versions(self, tmp_path):
        def digest(**changes) -> str:
            with open_writer(tmp_path / "atlas") as writer:
                write_parts(writer, "old")
                return writer.seal(small_details(**changes)).content_digest

        plain = digest()
        assert digest(library_versions={"numpy": "9"}, facts={"cut_share": 0.5}) == plain
        assert digest(model_name="/home/a/toy", input_digests={"a": "b"}) == plain
        assert len({plain, digest(seed=8), digest(settings={}), digest(model_digest="e")}) == 4

    def test_views_are_no_part_of_the_content(self, tmp_path):
        digests = set()
        for view in (b"one", b"two"):
            with open_writer(tmp_path / "atlas") as writer:
                write_parts(writer, "old")
                writer.write_file("map.png", view)
                digests.add(writer.seal(small_details()).content_digest)
        assert len(digests) == 1


class TestCommits:
    def test_the_last_two_snapshots_and_copies_of_the_live_views_are_kept(self, tmp_path):
        atlas = tmp_path / "atlas"
        infos = [write_atlas(atlas, word) for word in ("one", "two", "three")]
        assert names(atlas / "snapshots") == {info.name for info in infos[1:]}
        assert (atlas / "CURRENT").read_text() == f"{infos[-1].name}\n"
        assert (atlas / "map.html").read_bytes() == b"<p>three</p>"
        (atlas / "labels.toml").write_text("the user's")
        write_atlas(atlas, "four")
        assert names(atlas) == {
            ".paperatlas.lock", "CURRENT", "labels.toml", "map.html", "snapshots",
        }  # fmt: skip

    def test_going_back_by_hand_keeps_the_snapshot_gone_back_to(self, tmp_path):
        atlas = tmp_path / "atlas"
        one, two = write_atlas(atlas, "one"), write_atlas(atlas, "two")
        (atlas / "CURRENT").write_text(one.name)
        three = write_atlas(atlas, "three")
        assert names(atlas / "snapshots") == {one.name, three.name}
        assert two.name != one.name

    def test_a_view_that_only_the_old_snapshot_had_goes(self, tmp_path):
        write_atlas(tmp_path / "atlas")
        write_table(tmp_path / "atlas", small_papers(), [()] * N_PAPERS).close()
        assert not (tmp_path / "atlas" / "map.html").exists()

    def test_what_the_user_keeps_beside_the_snapshots_stays(self, tmp_path):
        atlas = tmp_path / "atlas"
        write_atlas(atlas)
        kept = atlas / "snapshots" / "my notes"
        kept.mkdir()
        (atlas / ".tmp-mine").write_text("x")
        (atlas / "snapshots" / "20200101T000000000Z-aaaaaaaaaaaa").symlink_to(tmp_path)
        for word in ("one", "two", "three"):
            write_atlas(atlas, word)
        assert kept.is_dir()
        assert (atlas / ".tmp-mine").exists()
        assert tmp_path.is_dir()

    def test_names_of_one_millisecond_are_counted(self, tmp_path, monkeypatch):
        info = write_atlas(tmp_path / "atlas")
        monkeypatch.setattr("pipeline.artifacts.folder.datetime", FrozenClock)
        infos = [write_atlas(tmp_path / "atlas") for _ in range(3)]
        stem = infos[0].name
        assert [i.name for i in infos] == [stem, f"{stem}-2", f"{stem}-3"]
        assert stem[-12:] == info.content_digest[:12]
        open_snapshot(tmp_path / "atlas").close()

    def test_a_sealed_view_can_name_its_snapshot(self, tmp_path):
        with open_writer(tmp_path / "atlas") as writer:
            write_parts(writer, "old")
            info = writer.seal(small_details())
            writer.write_file("map.html", info.name.encode())
            with pytest.raises(RuntimeError, match="sealed"):
                writer.write_array("more.npy", np.zeros(3))
            assert writer.commit() == info
        assert (tmp_path / "atlas" / "map.html").read_text() == open_snapshot(
            tmp_path / "atlas"
        ).name

    def stop_with(self, stop, atlas: Path) -> None:
        with open_writer(atlas) as writer:
            write_parts(writer, "new")
            writer.seal(small_details())
            raise stop

    @pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, SystemExit])
    def test_an_exception_leaves_the_old_atlas_and_nothing_else(self, tmp_path, stop):
        atlas = tmp_path / "atlas"
        info = write_atlas(atlas)
        before = {path: path.stat().st_mtime_ns for path in atlas.rglob("*") if path.is_file()}
        with pytest.raises(stop):
            self.stop_with(stop, atlas)
        after = {path: path.stat().st_mtime_ns for path in atlas.rglob("*") if path.is_file()}
        lock = atlas / ".paperatlas.lock"
        assert before | {lock: 0} == after | {lock: 0}
        assert open_snapshot(atlas).name == info.name

    @pytest.mark.parametrize(
        "name", ["../x", "/x", "manifest.json", ".hidden", "a//b", "a/../b", ""]
    )
    def test_only_plain_names_are_written(self, tmp_path, name):
        with (
            open_writer(tmp_path / "atlas") as writer,
            pytest.raises(ValueError, match="file name"),
        ):
            writer.write_file(name, b"")


class FrozenClock:
    @staticmethod
    def now(zone):
        from datetime import datetime

        return datetime(2030, 1, 2, 3, 4, 5, 678_000, tzinfo=zone)


class TestContradictionsAreNotWritten:
    def seal(self, atlas: Path, *steps) -> None:
        with open_writer(atlas) as writer:
            writer.write_papers(small_papers(), [()] * N_PAPERS)
            for step in steps:
                step(writer)
            writer.seal(BuildDetails(model_name="", model_digest="", settings={}, seed=0))

    @pytest.mark.parametrize("rows", [4, 6])
    def test_arrays_of_another_length(self, tmp_path, rows):
        array = np.zeros((rows, 2), np.float32)
        with pytest.raises(ValueError, match="for 5 papers"):
            self.seal(tmp_path, lambda writer: writer.write_layout(array))
        with pytest.raises(ValueError, match="for 5 papers"):
            self.seal(tmp_path, lambda writer: writer.write_array("vectors-0000.npy", array))

    @pytest.mark.parametrize(
        ("neighbors", "similarities", "preservation", "told"),
        [
            ((4, 2), (4, 2), 5, r"neighbors \(4, 2\) for 5 papers"),
            ((5,), (5,), 5, r"neighbors \(5,\) for 5 papers"),
            ((5, 2), (5, 3), 5, r"similarities \(5, 3\) of neighbors \(5, 2\)"),
            ((5, 2), (5, 2), 6, r"preservation \(6,\) for 5 papers"),
        ],
    )
    def test_nearest_papers_of_another_shape(
        self, tmp_path, neighbors, similarities, preservation, told
    ):
        arrays = (
            np.zeros(neighbors, np.int32),
            np.zeros(similarities, np.float32),
            np.zeros(preservation, np.float32),
        )
        with pytest.raises(ValueError, match=told):
            self.seal(tmp_path, lambda writer: writer.write_nearest(*arrays))

    @pytest.mark.parametrize("row", [-2, 5])
    def test_nearest_papers_that_are_not_there(self, tmp_path, row):
        arrays = np.full((5, 1), row, np.int32), np.zeros((5, 1), np.float32)
        with pytest.raises(ValueError, match="beyond the rows of 5 papers"):
            self.seal(
                tmp_path, lambda writer: writer.write_nearest(*arrays, np.zeros(5, np.float32))
            )

    def test_objects_would_need_pickle(self, tmp_path):
        objects = np.array([object()])
        with pytest.raises(ValueError, match="would need pickle"):
            self.seal(tmp_path, lambda writer: writer.write_array("x.npy", objects))

    def test_as_many_groups_of_records_as_papers(self, tmp_path):
        for groups in (4, 6):
            with pytest.raises(ValueError, match="zip"), open_writer(tmp_path) as writer:
                writer.write_papers(small_papers(), [()] * groups)

    @pytest.mark.parametrize(
        ("themes", "message"),
        [
            ([ThemeRow(0, 0, "a", 2, None), ThemeRow(0, 0, "b", 2, None)], "unique"),
            ([ThemeRow(0, 0, "a", 3, None)], "not the 3 papers"),
            ([], "unknown themes"),
            ([ThemeRow(0, 0, "a", 2, 7)], "no theme 7"),
            ([ThemeRow(0, 0, "a", 2, 0)], "coarser"),
            ([ThemeRow(0, 1, "a", 2, None)], "not the 2 papers"),
        ],
    )
    def test_themes_and_memberships(self, tmp_path, themes, message):
        theme_ids = np.array([[0, 0, -1, -1, -1]], np.int32)
        strengths = np.zeros(5, np.float32)
        with pytest.raises(ValueError, match=message):
            self.seal(tmp_path, lambda w: w.write_themes(themes, theme_ids, strengths))


class TestReaders:
    def test_a_reader_keeps_its_snapshot_whatever_is_committed(self, tmp_path):
        atlas = tmp_path / "atlas"
        held = write_atlas(atlas, "old")
        reader = open_snapshot(atlas)
        for word in ("one", "two", "three"):
            last = write_atlas(atlas, word)
        assert held.path.is_dir()
        # Nothing was read before: every file is opened and checked only now.
        reader.verify_all()
        assert reader.titles()[0] == "old title 0"
        vectors = reader.vectors
        reader.close()
        write_atlas(atlas, "four")
        assert not held.path.exists()
        assert len(names(atlas / "snapshots")) == 2
        assert last.path.is_dir()
        assert (vectors == 3).all()
        for read in (lambda: reader.layout, reader.titles):
            with pytest.raises(UsageError, match="the atlas is closed"):
                read()

    def test_many_threads_read_one_snapshot(self, tmp_path):
        write_atlas(tmp_path / "atlas")
        papers, seen = list(small_papers()), []
        with open_snapshot(tmp_path / "atlas") as snapshot:

            def read() -> None:
                for _ in range(20):
                    seen.append(snapshot.papers(range(N_PAPERS)) == papers)
                    seen.append(snapshot.find_row("copy-3") == 3)
                    seen.append(snapshot.vectors.shape == (N_PAPERS, DIM))

            threads = [threading.Thread(target=read) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert seen == [True] * (8 * 20 * 3)

    def test_a_path_with_the_signs_of_a_uri(self, tmp_path):
        atlas = tmp_path / "50% of? #1 ü"
        write_atlas(atlas)
        with open_snapshot(atlas) as snapshot:
            assert snapshot.titles()[0] == "old title 0"


def test_a_folder_of_other_files_is_refused_and_left_alone(tmp_path):
    for name in ("README.md", "CURRENT", "snapshots"):
        folder = tmp_path / f"with {name}"
        folder.mkdir()
        (folder / name).write_text("mine")
        with pytest.raises(OutputError, match="holds other files") as error, open_writer(folder):
            pass
        assert "empty folder" in error.value.hint
        assert names(folder) == {name}


def test_a_first_build_that_fails_leaves_no_snapshot(tmp_path):
    with pytest.raises(KeyboardInterrupt), open_writer(tmp_path / "a" / "b"):
        raise KeyboardInterrupt
    assert names(tmp_path / "a" / "b") == {".paperatlas.lock"}
    with pytest.raises(InputError, match="is not an atlas"):
        open_snapshot(tmp_path / "a" / "b")
    write_atlas(tmp_path / "a" / "b")


def test_an_empty_folder_and_one_with_the_users_labels_are_taken(tmp_path):
    write_atlas(tmp_path)
    labelled = tmp_path / "labelled"
    labelled.mkdir()
    (labelled / "labels.toml").write_text("mine")
    write_atlas(labelled)
    assert (labelled / "labels.toml").read_text() == "mine"


def test_what_speaks_for_a_theme_is_given_back(tmp_path):
    proofs = [
        {"stability": 0.25, "covered_share": 0.75, "contrast": Contrast(1, "half \ud83d", 2.5)},
        {"stability": 0.5, "contrast": None},
        {"stability": None},
    ]
    themes = [ThemeRow(i, 0, f"t{i}", 1, None, **proof) for i, proof in enumerate(proofs)]
    with open_writer(tmp_path) as writer:
        papers = small_papers(n_papers=3)
        writer.write_papers(papers, small_records(papers))
        writer.write_themes(themes, np.array([[0, 1, 2]], np.int32), np.ones(3, np.float32))
        writer.write_layout(np.zeros((3, 2), np.float32))
        writer.seal(small_details())
        writer.commit()
    with open_snapshot(tmp_path) as snapshot:
        assert list(snapshot.themes()) == themes
        assert list(snapshot.texts()) == [(paper.title, paper.abstract) for paper in papers]
        assert list(snapshot.all_records()) == [snapshot.records(row) for row in range(3)]
    assert [theme.is_unstable for theme in themes] == [True, False, False]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("contrast", "{"),
        ("contrast", '{"theme": 1}'),
        ("contrast", "[1, 2]"),
        ("terms", "no list"),
        ("exemplars", "7"),
    ],
)
def test_a_theme_that_is_no_theme_is_told_as_damage(tmp_path, column, value):
    info = write_atlas(tmp_path / "atlas")
    path = tmp_path / "papers.sqlite"
    path.write_bytes((info.path / "papers.sqlite").read_bytes())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE themes SET {column} = ?", (value,))  # noqa: S608 - our names
    database = PaperDatabase(path)
    with pytest.raises(DamagedAtlasError, match="a theme is no theme"):
        database.themes()
    database.close()
