"""Killed writers, two writers, full disks, folders that cannot be written: the old atlas stays."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from small_atlas import small_details, small_papers, small_records, write_atlas, write_parts

from pipeline.artifacts import open_snapshot, open_writer
from pipeline.errors import OutputError

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
PREAMBLE = """
import os, sys, time, numpy as np
from pathlib import Path
from small_atlas import *
from pipeline.artifacts import open_snapshot, open_writer
from pipeline.errors import OutputError
atlas = Path(sys.argv[1])
os.fsync = lambda _: None
"""


@contextlib.contextmanager
def running(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the code, killed at the end of the block."""
    command = [sys.executable, "-c", PREAMBLE + code, *map(str, arguments)]
    with subprocess.Popen(
        command, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run_python(code: str, *arguments: object) -> str:
    with running(code, *arguments) as process:
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output


def word_of(atlas: Path) -> str:
    with open_snapshot(atlas) as snapshot:
        snapshot.verify_all()
        return snapshot.titles()[0].split()[0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked writers")
class TestKilledWriters:
    def kill_at_every(self, folder: Path, signal_number: int, stride: int, before: str) -> str:
        script = [sys.executable, HERE / "kill_writer.py", folder, str(signal_number), str(stride)]
        done = subprocess.run(
            [*script, before], env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def test_at_every_step_the_old_or_the_new_atlas_is_whole(self, tmp_path):
        told = self.kill_at_every(tmp_path, signal.SIGKILL, 2, "old")
        assert int(told.split()[0]) >= 40
        assert "'old'" in told
        assert "'newer'" in told

    def test_in_a_first_build(self, tmp_path):
        told = self.kill_at_every(tmp_path, signal.SIGKILL, 5, "none")
        assert int(told.split()[0]) >= 15
        assert "'none'" in told

    def test_interrupted_by_the_keyboard(self, tmp_path):
        told = self.kill_at_every(tmp_path, signal.SIGINT, 5, "old")
        assert int(told.split()[0]) >= 15

    def test_at_any_moment_of_a_larger_build(self, tmp_path):
        atlas = tmp_path / "atlas"
        write_atlas(atlas, "old")
        code = "print('ready', flush=True)\nwhile True: write_atlas(atlas, 'newer', 3000)"
        for delay_s in np.random.default_rng(5).uniform(0, 0.3, 6):
            with running(code, atlas) as process:
                assert process.stdout.readline() == "ready\n"
                time.sleep(delay_s)
            assert word_of(atlas) in {"old", "newer"}
        with open_writer(atlas):
            assert len(list(atlas.rglob(".tmp-*"))) == 1
        assert list(atlas.rglob(".tmp-*")) == []


class TestTwoWriters:
    HOLD = "with open_writer(atlas):\n print('ready', flush=True)\n time.sleep(60)"

    def test_the_second_is_told_who_holds_the_atlas(self, tmp_path):
        atlas = tmp_path / "atlas"
        write_atlas(atlas, "old")
        with running(self.HOLD, atlas) as process:
            assert process.stdout.readline() == "ready\n"
            at_work = list(atlas.rglob(".tmp-*"))
            with pytest.raises(OutputError, match="another writer holds it") as error:
                write_atlas(atlas, "new")
            assert f"process {process.pid} on " in error.value.message
            assert "since 20" in error.value.message
            assert list(atlas.rglob(".tmp-*")) == at_work  # the first one's work is left alone
            assert word_of(atlas) == "old"
        assert (atlas / ".paperatlas.holder.json").exists()  # stale, and nobody minds
        write_atlas(atlas, "new")
        assert word_of(atlas) == "new"

    def test_in_one_process(self, tmp_path):
        with open_writer(tmp_path) as writer:
            with pytest.raises(OutputError, match=f"process {os.getpid()}"):
                write_atlas(tmp_path)
            write_parts(writer, "old")
            writer.seal(small_details())
            writer.commit()
        assert word_of(tmp_path) == "old"


def test_a_reader_never_sees_a_mix(tmp_path):
    atlas = tmp_path / "atlas"
    write_atlas(atlas, "a")
    code = """
seen = set()
print('ready', flush=True)
while 'a' * 25 not in seen:
    with open_snapshot(atlas) as snapshot:
        word = snapshot.titles()[0].split()[0]
        assert (snapshot.vectors == len(word)).all() and (snapshot.layout == len(word)).all()
        assert snapshot.file("notes-0000/word.json").read_text() == word
        seen.add(word)
print(len(seen))
"""
    with running(code, atlas) as process:
        assert process.stdout.readline() == "ready\n"
        for length in range(2, 26):
            write_atlas(atlas, "a" * length)
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert int(output) >= 2


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("may not mount a small file system here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


class TestFullDisk:
    def fill_with_vectors(self, writer):
        writer.create_array("vectors-0000.npy", (5, 300_000))

    def fill_with_an_array(self, writer):
        writer.write_array("vectors-0000.npy", np.zeros((5, 300_000), np.float32))

    def fill_with_papers(self, writer):
        papers = small_papers("word " * 40, 5000)
        writer.write_papers(papers, small_records(papers))

    def fill_with_a_library(self, writer):
        np.save(writer.new_path("index.npy"), np.zeros(2_000_000))

    def fill_with_a_view(self, writer):
        # Fits once, but not a second time as the copy at the top.
        write_parts(writer, "new")
        writer.seal(small_details())
        writer.write_file("map.html", bytes(600_000))
        writer.commit()

    @pytest.mark.parametrize("what", ["vectors", "an_array", "papers", "a_library", "a_view"])
    def test_says_so_and_loses_nothing(self, small_disk, what):
        atlas = small_disk / "atlas"
        write_atlas(atlas, "old")
        with pytest.raises(OutputError) as error, open_writer(atlas) as writer:
            getattr(self, f"fill_with_{what}")(writer)
        assert str(atlas) in error.value.message
        assert "full" in error.value.message or "no space left" in error.value.message
        assert "free some space" in error.value.hint
        assert word_of(atlas) == "old"
        assert list(atlas.rglob(".tmp-*")) == []
        write_atlas(atlas, "new")
        assert word_of(atlas) == "new"

    def test_a_limit_on_the_size_of_files(self, tmp_path):
        write_atlas(tmp_path / "atlas", "old")
        code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for n_papers in (300, 30_000):
    try:
        write_atlas(atlas, "new", n_papers)
    except OutputError as error:
        print(error.message)
"""
        pytest.importorskip("resource")
        lines = run_python(code, tmp_path / "atlas").splitlines()
        assert len(lines) == 2
        assert all(str(tmp_path) in line and "cannot be written" in line for line in lines)
        assert word_of(tmp_path / "atlas") == "old"


class TestUnwritablePlaces:
    def test_a_file_in_place_of_the_folder_or_of_its_parent(self, tmp_path):
        (tmp_path / "file").write_text("mine")
        for atlas in (tmp_path / "file", tmp_path / "file" / "atlas"):
            with pytest.raises(OutputError, match="file") as error:
                write_atlas(atlas)
            assert str(atlas) in error.value.message
            assert error.value.hint
        assert (tmp_path / "file").read_text() == "mine"

    def test_a_file_in_place_of_the_snapshots(self, tmp_path):
        atlas = tmp_path / "atlas"
        with open_writer(atlas):
            pass
        (atlas / "snapshots").write_text("mine")
        with pytest.raises(OutputError, match="cannot be written"):
            write_atlas(atlas)

    def test_a_folder_in_place_of_a_view(self, tmp_path):
        (tmp_path / "atlas").mkdir()
        write_atlas(tmp_path / "atlas", "old")
        (tmp_path / "atlas" / "map.html").unlink()
        (tmp_path / "atlas" / "map.html").mkdir()
        with pytest.raises(OutputError, match="the new snapshot is live"):
            write_atlas(tmp_path / "atlas", "new")
        assert word_of(tmp_path / "atlas") == "new"

    def test_a_read_only_disk(self, small_disk):
        write_atlas(small_disk / "atlas", "old")
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
        for name in ("atlas", "another"):
            with pytest.raises(OutputError, match="read-only") as error:
                write_atlas(small_disk / name)
            assert error.value.hint == "choose a folder that you may write to with -o"
        assert word_of(small_disk / "atlas") == "old"

    def test_a_folder_without_permission(self, tmp_path):
        write_atlas(tmp_path / "atlas", "old")
        with contextlib.ExitStack() as stack:
            (tmp_path / "closed").mkdir(0o555)
            if os.access(tmp_path / "closed", os.W_OK):
                pytest.skip("root may write anywhere")
            for folder in (tmp_path / "atlas" / "snapshots", tmp_path / "atlas", tmp_path):
                folder.chmod(0o555)
                stack.callback(folder.chmod, 0o755)
            for name in ("atlas", "another"):
                with pytest.raises(OutputError, match="permission denied"):
                    write_atlas(tmp_path / name)
            assert word_of(tmp_path / "atlas") == "old"
