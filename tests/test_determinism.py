"""Same papers, same bytes: whatever the order of the files, the state of the cache, the threads,
and the process."""

import json
import os
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from pipeline.cache import CACHE_VARIABLE, FILE_NAME
from pipeline.settings import Settings, load_settings
from pipeline.stages import build_atlas

SEEDS = sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))
FEW_SEEDS = SEEDS[:2]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)


def build(sources, out: Path, cache: Path) -> Path:
    """Build in this process with `cache` as the user's; gives the snapshot's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(cache))
        result = build_atlas(sources, out, settings=load_settings())
    return out / "snapshots" / result.snapshot


def build_elsewhere(run, sources, out: Path, cache: Path, **environment: str) -> Path:
    """Build by the command line in a process of its own; gives the snapshot's folder."""
    done = run(
        "build", *sources, "-o", out, "--json", env={CACHE_VARIABLE: str(cache), **environment}
    )
    assert done.returncode == 0, done.stderr
    return out / "snapshots" / json.loads(done.stdout)["snapshot"]


def what_was_built(snapshot: Path) -> dict[str, str]:
    """SHA-256 of each file, and of all content: everything but times and the snapshot's name."""
    manifest = json.loads((snapshot / "manifest.json").read_text())
    digests = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    return {**digests, "content": manifest["content_digest"]}


def assert_same(snapshot: Path, reference: Path) -> None:
    built = what_was_built(snapshot)
    assert built == what_was_built(reference)
    files = set(built) - {"content"}
    assert {f"lexical-0000/{name}.npy" for name in ("digests", "starts", "rows", "impacts")} < files
    assert {"papers.sqlite", "layout.npy", "vectors-0000.npy", "map.html", "map.png"} < files
    for name in files:
        assert (snapshot / name).read_bytes() == (reference / name).read_bytes(), name


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Path:
    """An atlas of two seed files, built with a cache that was empty and is full after it."""
    folder = tmp_path_factory.mktemp("few")
    build(FEW_SEEDS, folder / "atlas", folder / "cache")
    return folder


def only_snapshot(folder: Path) -> Path:
    (snapshot,) = (folder / "atlas" / "snapshots").iterdir()
    return snapshot


def test_full_cache_and_another_order_of_files_give_the_same_bytes(few, tmp_path):
    snapshot = build(FEW_SEEDS[::-1], tmp_path / "atlas", few / "cache")
    assert_same(snapshot, only_snapshot(few))


def test_half_full_cache_gives_the_same_bytes(few, tmp_path):
    shutil.copytree(few / "cache", tmp_path / "cache")
    with sqlite3.connect(tmp_path / "cache" / FILE_NAME) as connection:
        (n_rows,) = connection.execute("SELECT count(*) FROM rows").fetchone()
        connection.execute("DELETE FROM rows WHERE number % 2")
        (n_left,) = connection.execute("SELECT count(*) FROM rows").fetchone()
    connection.close()
    assert 0 < n_left < n_rows
    snapshot = build(FEW_SEEDS, tmp_path / "atlas", tmp_path / "cache")
    assert_same(snapshot, only_snapshot(few))


def test_one_thread_an_empty_cache_and_another_process_give_the_same_bytes(run, few, tmp_path):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    snapshot = build_elsewhere(
        run,
        FEW_SEEDS,
        tmp_path / "atlas",
        tmp_path / "cache",
        **dict.fromkeys(names, "1"),
        PYTHONHASHSEED="1",
    )
    assert_same(snapshot, only_snapshot(few))


def test_copies_of_the_files_elsewhere_give_the_same_bytes(few, tmp_path):
    for file in FEW_SEEDS:
        (tmp_path / "papers").mkdir(exist_ok=True)
        shutil.copy(file, tmp_path / "papers" / file.name)
    snapshot = build([tmp_path / "papers"], tmp_path / "atlas", few / "cache")
    assert_same(snapshot, only_snapshot(few))


def test_all_seeds_built_here_and_in_another_process_are_the_same(
    run, embedder, seed_texts, seed_rows, tmp_path
):
    """Here with vectors that are known, on this process's threads and after all it has loaded;
    there first thing in a new process, in another order, under another hash seed."""
    from pipeline.cache import EmbeddingCache

    cache = EmbeddingCache(tmp_path / "cache")
    cache.put_rows(embedder.digest, seed_texts, seed_rows)
    cache.close()
    here = build(SEEDS, tmp_path / "here", tmp_path / "cache")
    there = build_elsewhere(
        run, SEEDS[::-1], tmp_path / "there", tmp_path / "cache", PYTHONHASHSEED="2"
    )
    assert_same(there, here)
    themes = [run("themes", tmp_path / name, "--json").stdout for name in ("here", "there")]
    assert themes[0] == themes[1] != ""


def test_themes_agree_with_themselves_under_noise_of_a_millionth(seed_texts, seed_rows):
    from sklearn.metrics import adjusted_rand_score

    from pipeline.chart import chart_papers

    def default_layer(rows):
        clustering = chart_papers(rows, seed_texts, Settings(), with_layout=False).clustering
        return clustering.labels[clustering.default_layer]

    themes = default_layer(seed_rows)
    agreements = []
    for seed in range(3):
        noise = np.random.default_rng(seed).normal(scale=1e-6, size=seed_rows.shape)
        noisy = seed_rows + noise.astype(np.float32)
        noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
        agreements.append(adjusted_rand_score(themes, default_layer(noisy)))
    assert min(agreements) >= 0.9, agreements
