"""The embedding cache gives back what it was given, or says that it has nothing; it never fails."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.cache import FILE_NAME, EmbeddingCache, cache_folder

DIM = 8
TEXTS = [f"text {i}" for i in range(1200)]


def rows_of(texts, dim=DIM) -> np.ndarray:
    """Rows that can be worked out from the text."""
    numbers = [int(text.split()[-1]) for text in texts]
    return np.outer(numbers, np.arange(1, dim + 1)).astype(np.float32) / 7


@pytest.fixture
def cache(tmp_path):
    cache = EmbeddingCache(tmp_path)
    yield cache
    cache.close()


def filled(folder: Path) -> Path:
    """A cache file that holds `TEXTS`, closed and checkpointed."""
    cache = EmbeddingCache(folder)
    cache.put_rows("toy", TEXTS, rows_of(TEXTS))
    cache.close()
    return folder / FILE_NAME


def test_rows_come_back_bit_for_bit_in_the_order_asked(cache):
    cache.put_rows("toy", TEXTS, rows_of(TEXTS))
    asked = ["text 1199", "text 5000", "text 0", "text 1199"]
    found, rows = cache.get_rows("toy", asked, dim=DIM)
    assert found.tolist() == [True, False, True, True]
    assert rows.dtype == np.float32
    assert (rows[found] == rows_of([asked[0], asked[2], asked[3]])).all()
    assert (rows[~found] == 0).all()
    found, rows = cache.get_rows("toy", TEXTS, dim=DIM)
    assert found.all()
    assert (rows == rows_of(TEXTS)).all()


def test_another_embedder_or_another_dim_finds_nothing(cache):
    cache.put_rows("toy", TEXTS, rows_of(TEXTS))
    assert not cache.get_rows("to", ["y" + TEXTS[0]], dim=DIM)[0].any()
    assert not cache.get_rows("other", TEXTS, dim=DIM)[0].any()
    assert not cache.get_rows("toy", TEXTS, dim=DIM + 1)[0].any()


def test_no_texts_and_odd_texts(cache):
    found, rows = cache.get_rows("toy", [], dim=DIM)
    assert found.shape == (0,)
    assert rows.shape == (0, DIM)
    odd = ["", "\0", "\ud800", "ü", "x" * 100_000]
    cache.put_rows("toy", [], np.empty((0, DIM), np.float32))
    cache.put_rows("toy", odd, rows_of(TEXTS[:5]))
    assert (cache.get_rows("toy", odd, dim=DIM)[1] == rows_of(TEXTS[:5])).all()


def test_rows_that_are_not_numbers_are_not_kept(cache):
    rows = rows_of(TEXTS[:3])
    rows[0, 1], rows[2, 0] = np.nan, np.inf
    cache.put_rows("toy", TEXTS[:3], rows)
    assert cache.get_rows("toy", TEXTS[:3], dim=DIM)[0].tolist() == [False, True, False]
    with pytest.raises(ValueError, match=r"rows \(3, 8\) for 2 texts"):
        cache.put_rows("toy", TEXTS[:2], rows)


def test_info_and_clear(cache, tmp_path):
    assert cache.info().n_rows == cache.clear() == 0
    assert not (tmp_path / FILE_NAME).exists()  # asking makes no file
    cache.put_rows("toy", TEXTS[:10], rows_of(TEXTS[:10]))
    cache.put_rows("other", TEXTS[:3], rows_of(TEXTS[:3]))
    info = cache.info()
    assert info.path == tmp_path / FILE_NAME
    assert (info.n_rows, info.rows_by_embedder) == (13, {"toy": 10, "other": 3})
    assert info.n_bytes == sum(
        path.stat().st_size for path in tmp_path.iterdir() if path.suffix != ".lock"
    )
    assert cache.clear() == 13
    assert cache.info().n_rows == 0
    assert not cache.get_rows("toy", TEXTS, dim=DIM)[0].any()


def test_a_quiet_cache_says_what_went_wrong_only_when_asked(tmp_path, caplog):
    assert EmbeddingCache(tmp_path).trouble == ""
    (tmp_path / FILE_NAME).mkdir()
    cache = EmbeddingCache(tmp_path, quiet=True)
    assert cache.info().n_rows == 0
    assert cache.trouble == "cannot be used (unable to open database file)"
    assert not cache.is_usable
    assert caplog.records == []


def test_clearing_removes_what_was_set_aside_as_damaged(tmp_path):
    filled(tmp_path).write_bytes(b"x" * 9000)
    cache = EmbeddingCache(tmp_path, quiet=True)
    assert cache.info().n_rows == 0
    assert cache.is_usable
    assert "set aside as" in cache.trouble
    assert cache.info().n_bytes >= 9000
    assert cache.clear() == 0
    assert not list(tmp_path.glob("*.damaged-*"))
    assert cache.info().n_bytes < 9000


def test_the_folder_is_the_users_choice(monkeypatch, tmp_path):
    monkeypatch.setenv("PAPERATLAS_CACHE", str(tmp_path / "mine"))
    assert EmbeddingCache().path == tmp_path / "mine" / FILE_NAME
    monkeypatch.setenv("PAPERATLAS_CACHE", "")
    assert cache_folder().name == "paperatlas"


class TestDamage:
    @pytest.mark.parametrize(
        "tear",
        [
            "UPDATE rows SET value = substr(value, 1, 20) WHERE number = 3",
            "UPDATE rows SET value = x'' WHERE number = 3",
            "UPDATE rows SET value = 'text' WHERE number = 3",
            "UPDATE rows SET value = NULL WHERE number = 3",
            "UPDATE rows SET value = (SELECT value FROM rows WHERE number = 4) WHERE number = 3",
        ],
    )
    def test_a_torn_row_is_a_miss_and_can_be_put_again(self, tmp_path, tear):
        with sqlite3.connect(filled(tmp_path)) as connection:
            connection.execute(tear)
        connection.close()
        cache = EmbeddingCache(tmp_path)
        found, rows = cache.get_rows("toy", TEXTS, dim=DIM)
        assert np.flatnonzero(~found).tolist() == [2]
        assert (rows[2] == 0).all()
        cache.put_rows("toy", TEXTS, rows_of(TEXTS))
        found, rows = cache.get_rows("toy", TEXTS, dim=DIM)
        assert found.all()
        assert (rows == rows_of(TEXTS)).all()
        assert cache.info().n_rows == len(TEXTS)

    def test_flipped_bytes_never_give_a_wrong_row(self, tmp_path):
        whole = filled(tmp_path).read_bytes()
        random = np.random.default_rng(3)
        for trial in range(25):
            changed = np.frombuffer(whole, np.uint8).copy()
            changed[random.integers(0, len(whole), 20)] ^= random.integers(1, 256, 20, np.uint8)
            folder = tmp_path / str(trial)
            folder.mkdir()
            (folder / FILE_NAME).write_bytes(changed.tobytes())
            cache = EmbeddingCache(folder)
            found, rows = cache.get_rows("toy", TEXTS, dim=DIM)
            assert (rows[found] == rows_of(TEXTS)[found]).all()
            cache.put_rows("toy", TEXTS, rows_of(TEXTS))
            cache.info()
            cache.close()

    @pytest.mark.parametrize("content", [b"not a database" * 99, bytes(9000), None])
    def test_a_file_that_is_no_database_is_set_aside_with_one_warning(
        self, tmp_path, caplog, content
    ):
        path = filled(tmp_path)
        if content is None:
            content = path.read_bytes()[:4096] + bytes(30_000)
        path.write_bytes(content)
        cache = EmbeddingCache(tmp_path)
        assert not cache.get_rows("toy", TEXTS, dim=DIM)[0].any()
        cache.put_rows("toy", TEXTS, rows_of(TEXTS))
        assert cache.get_rows("toy", TEXTS, dim=DIM)[0].all()
        assert len(caplog.records) == 1
        assert "set aside as embeddings-v1.sqlite.damaged-" in caplog.text
        (aside,) = tmp_path.glob("*.damaged-*")
        assert aside.read_bytes() == content

    def test_a_name_that_is_no_text(self, tmp_path, caplog):
        with sqlite3.connect(filled(tmp_path)) as connection:
            connection.execute("UPDATE embedders SET digest = CAST(x'ff' AS TEXT)")
        connection.close()
        cache = EmbeddingCache(tmp_path)
        assert cache.get_rows("toy", TEXTS, dim=DIM)[0].all()
        assert cache.info().n_rows == 0
        assert "begun anew" in caplog.text

    def test_a_log_of_the_damaged_file_is_not_replayed(self, tmp_path):
        path = filled(tmp_path)
        path.write_bytes(b"x" * 5000)
        path.with_name(FILE_NAME + "-wal").write_bytes(b"y" * 5000)
        cache = EmbeddingCache(tmp_path)
        cache.get_rows("toy", TEXTS, dim=DIM)
        cache.put_rows("toy", TEXTS, rows_of(TEXTS))
        assert cache.get_rows("toy", TEXTS, dim=DIM)[0].all()


class TestUnusableFolders:
    def unusable(self, tmp_path: Path, kind: str) -> Path:
        if kind == "a file in place of the folder":
            (tmp_path / "file").write_text("x")
            return tmp_path / "file" / "cache"
        if kind == "a folder in place of the file":
            (tmp_path / FILE_NAME).mkdir()
            return tmp_path
        return Path("/proc/paperatlas")  # a kernel's folder

    @pytest.mark.parametrize(
        "kind",
        ["a file in place of the folder", "a folder in place of the file", "a kernel's folder"],
    )
    def test_a_build_goes_on_with_one_warning(self, tmp_path, caplog, kind):
        cache = EmbeddingCache(self.unusable(tmp_path, kind))
        for _ in range(3):
            cache.put_rows("toy", TEXTS, rows_of(TEXTS))
            assert not cache.get_rows("toy", TEXTS, dim=DIM)[0].any()
        assert cache.info().n_rows == cache.clear() == 0
        (record,) = caplog.records
        assert record.levelno == logging.WARNING
        assert "working without the embedding cache" in record.message

    def test_a_limit_on_the_size_of_files(self, tmp_path):
        pytest.importorskip("resource")
        done = run(
            "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
            "cache.put_rows('toy', TEXTS, rows_of(TEXTS))\n"
            "found, rows = cache.get_rows('toy', TEXTS, dim=DIM)\n"
            "assert (rows[found] == rows_of(TEXTS)[found]).all()\n",
            tmp_path,
        )
        assert done.stderr.count("working without the embedding cache") == 1
        assert EmbeddingCache(tmp_path).get_rows("toy", TEXTS, dim=DIM)[0].shape == (1200,)


PREAMBLE = """
import sys, numpy as np
from pathlib import Path
from test_cache import *
cache = EmbeddingCache(Path(sys.argv[1]))
"""


def start(code: str, folder: Path) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + code, folder],
        env={**os.environ, "PYTHONPATH": path},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    process = start(code, folder)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return subprocess.CompletedProcess([], 0, output, errors)


FILL = """
print("ready", flush=True)
for round in range({rounds}):
    for start_at in range(0, len(TEXTS), 100):
        part = TEXTS[start_at : start_at + 100]
        found, rows = cache.get_rows("toy", part, dim=DIM)
        assert (rows[found] == rows_of(part)[found]).all()
        cache.put_rows("toy" if round == 0 else f"toy {{round}}", part, rows_of(part))
"""


def test_four_processes_at_once(tmp_path):
    processes = [start(FILL.format(rounds=2), tmp_path) for _ in range(4)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    cache = EmbeddingCache(tmp_path)
    expected = {"toy": 1200, "toy 1": 1200}
    assert cache.info().rows_by_embedder == expected


def test_four_processes_at_once_on_a_damaged_file(tmp_path):
    filled(tmp_path).write_bytes(b"x" * 50_000)
    processes = [start(FILL.format(rounds=1), tmp_path) for _ in range(4)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert len(list(tmp_path.glob("*.damaged-*"))) == 1
    found, rows = EmbeddingCache(tmp_path).get_rows("toy", TEXTS, dim=DIM)
    assert found.sum() >= 1100  # the process that found the damage lost what it was putting
    assert (rows[found] == rows_of(TEXTS)[found]).all()


def test_a_killed_process_leaves_whole_rows(tmp_path, caplog):
    random = np.random.default_rng(1)
    for _ in range(3):
        process = start(FILL.format(rounds=1000), tmp_path)
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(random.uniform(0.01, 0.15))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    cache = EmbeddingCache(tmp_path)
    found, rows = cache.get_rows("toy", TEXTS, dim=DIM)
    assert (rows[found] == rows_of(TEXTS)[found]).all()
    cache.put_rows("toy", TEXTS, rows_of(TEXTS))
    assert cache.get_rows("toy", TEXTS, dim=DIM)[0].all()
    assert caplog.records == []
