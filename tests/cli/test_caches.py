"""`paperatlas cache`: what is kept, told and forgotten."""

from __future__ import annotations

import json
import sqlite3

import numpy as np
import pytest

from pipeline.cache import FILE_NAME, EmbeddingCache
from pipeline.refine.store import FILE_NAME as ANSWERS_NAME
from pipeline.refine.store import AnswerStore


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def run_on(run, folder):
    """Run `paperatlas cache ...` on this test's cache."""
    return lambda *typed: run("cache", *typed, env={"PAPERATLAS_CACHE": str(folder)})


@pytest.fixture
def filled(folder):
    """Three rows of two embedders, two answers, a model and the remains of a conversion."""
    cache = EmbeddingCache(folder)
    rows = np.ones((2, 4), dtype=np.float32)
    cache.put_rows("a" * 64, ["one", "two"], rows)
    cache.put_rows("b" * 64, ["one"], rows[:1])
    cache.close()
    store = AnswerStore(folder)
    store.put(b"1" * 32, "optimal transport")
    store.put(b"2" * 32, "graph matching")
    store.close()
    model = folder / "models" / "abc-fp32"
    model.mkdir(parents=True)
    (model / "model.bin").write_bytes(bytes(2_500_000))
    facts = {"name": "all-MiniLM-L6-v2", "precision": "fp32", "digest": "c" * 64, "bytes": 2500000}
    (model / "model.json").write_text(json.dumps(facts))
    (folder / "models" / "broken").mkdir()
    (folder / "models" / "broken" / "model.bin").write_bytes(bytes(3000))
    return folder


def test_no_cache_is_nothing_and_stays_nothing(run_on, folder):
    done = run_on("info")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == f"Folder:            {folder}"
    assert "Embedded texts:    0 (0 bytes)" in done.stdout
    done = run_on("clear")
    assert done.stdout == (
        "Forgot 0 embedded texts, 0 converted models and 0 answers; 0 bytes came free.\n"
    )
    assert not folder.exists()


def test_info_tells_what_is_kept(run_on, filled):
    told = run_on("info").stdout.splitlines()
    assert "        2 by the embedder aaaaaaaaaaaa" in "\n".join(told)
    assert "Converted models:  1 (2.5 MB)" in told
    assert any(line.startswith("Models' answers:   2 (") for line in told)
    assert "  all-MiniLM-L6-v2, fp32, 2.5 MB" in told
    assert "Remains:           3.0 kB of conversions that are not done, or damaged" in told
    told = json.loads(run_on("info", "--json").stdout)
    assert (told["schema"], told["folder"]) == ("paperatlas.cache/1", str(filled))
    assert (told["rows"], told["rows_by_embedder"]) == (3, {"a" * 64: 2, "b" * 64: 1})
    assert told["rows_bytes"] >= (filled / FILE_NAME).stat().st_size
    assert told["answers"] == 2
    assert told["answers_bytes"] >= (filled / ANSWERS_NAME).stat().st_size
    assert told["bytes"] == told["rows_bytes"] + told["answers_bytes"] + sum(
        model["bytes"] for model in told["models"]
    )
    assert [(m["name"], m["precision"], m["whole"]) for m in told["models"]] == [
        ("all-MiniLM-L6-v2", "fp32", True),
        ("", "", False),
    ]


def test_clear_says_what_it_forgot_and_leaves_an_empty_cache(run_on, filled):
    done = run_on("clear", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["schema"] == "paperatlas.cache/1"
    assert (told["cleared_rows"], told["cleared_models"], told["cleared_answers"]) == (3, 1, 2)
    assert told["cleared_bytes"] > 2_503_000
    after = json.loads(run_on("info", "--json").stdout)
    assert (after["rows"], after["models"], after["answers"]) == (0, [], 0)
    assert "Forgot 0 embedded texts" in run_on("clear").stdout


@pytest.mark.parametrize("name", [FILE_NAME, ANSWERS_NAME])
def test_a_damaged_file_is_told_once_and_cleared_too(run_on, filled, name):
    (filled / name).write_bytes(b"x" * 50_000)
    done = run_on("info")
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("! ")]
    assert line.startswith(f"! {filled / name}: damaged")
    assert json.loads(run_on("clear", "--json").stdout)["cleared_bytes"] > 2_550_000
    assert not list(filled.glob("*damaged*"))


@pytest.mark.parametrize("name", [FILE_NAME, ANSWERS_NAME])
@pytest.mark.parametrize(("typed", "code"), [("info", 4), ("clear", 6)])
def test_a_cache_that_cannot_be_opened_is_one_line(run_on, folder, typed, code, name):
    (folder / name).mkdir(parents=True)
    done = run_on(typed)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"paperatlas: {folder / name}: cannot be used (")
    assert len(done.stderr.splitlines()) == 1
    assert json.loads(run_on(typed, "--json").stdout)["schema"] == "paperatlas.error/1"


def test_rows_that_another_build_is_writing_are_not_cleared_in_silence(run_on, filled):
    with sqlite3.connect(filled / FILE_NAME, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        done = run_on("clear")
        assert done.returncode == 6
        assert "database is locked" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert json.loads(run_on("info", "--json").stdout)["rows"] == 3


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ([], "Missing command"),
        (["clera"], "No such command 'clera'"),
        (["info", "x"], "unexpected"),
    ],
)
def test_a_mistake_is_told_in_one_line(run_on, typed, says):
    done = run_on(*typed)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
