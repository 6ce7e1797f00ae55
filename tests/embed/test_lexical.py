"""Vectors from the words alone, and what they weigh beside a model's."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from pipeline.embed import make_embedder
from pipeline.embed.lexical import fuse_rows, lexical_rows
from pipeline.errors import DamagedAtlasError
from pipeline.settings import EmbedSettings

TOPICS = (
    "optimal transport barycenter coupling wasserstein sinkhorn",
    "inventory demand replenishment warehouse lead stockout",
    "diffusion denoising sampler score masked discrete",
)


def texts_of(n_each: int = 12, *, seed: int = 0) -> list[str]:
    """Texts of four words of one topic each, topic by topic."""
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(topic.split(), 4)) for topic in TOPICS for _ in range(n_each)]


def test_rows_are_unit_float32():
    rows = lexical_rows(texts_of(), seed=0)
    assert rows.dtype == np.float32
    assert len(rows) == 36
    assert 10 <= rows.shape[1] <= 100
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_texts_that_share_words_are_nearest():
    rows = lexical_rows(texts_of(), seed=0)
    similarities = rows @ rows.T
    np.fill_diagonal(similarities, -1)
    topics = np.repeat(np.arange(3), 12)
    np.testing.assert_array_equal(topics[similarities.argmax(axis=1)], topics)
    assert similarities[topics[:, None] != topics].max() < 1e-5


def test_text_of_words_that_no_other_has_is_a_row_of_zeros():
    rows = lexical_rows([*texts_of(), "zyzzyva quokka", "", "the of and"], seed=0)
    assert (rows[36:] == 0).all()
    np.testing.assert_allclose(np.linalg.norm(rows[:36], axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["optimal transport"],
        ["optimal transport"] * 5,
        ["", "", ""],
        ["alpha", "beta", "gamma"] * 20,
        [f"word{i}" for i in range(40)],
        ["the and of"] * 40,
        ["\ud800 \0 😀"] * 40,
    ],
    ids=["none", "one", "five", "empty", "three words", "unshared", "stop words", "no words"],
)
def test_too_few_shared_words_give_none(texts):
    assert lexical_rows(texts, seed=0) is None


@pytest.mark.parametrize("texts", [["graph"], ["graph", "graph"], ["图 论 graph"] * 25, ["", ""]])
def test_an_embedder_of_one_word_or_none_still_gives_unit_rows(texts):
    fitted = make_embedder(EmbedSettings(backend="lexical")).fit(texts)
    rows = fitted.encode([*texts, "other words"])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert rows[0] @ rows[-1] == ("graph" not in texts[0])


def test_what_was_fitted_is_read_back_and_damage_is_told(seed_texts):
    fitted = make_embedder(EmbedSettings(backend="lexical")).fit(seed_texts)
    assert fitted.dim == 169 + 1
    again = make_embedder(EmbedSettings(backend="lexical"), state=fitted.state)
    np.testing.assert_array_equal(again.encode(seed_texts[:9]), fitted.encode(seed_texts[:9]))
    assert again.digest == fitted.digest == fitted.space
    with pytest.raises(DamagedAtlasError, match="words cannot be read"):
        make_embedder(EmbedSettings(backend="lexical"), state=fitted.state[:-40]).encode(["a"])


def test_odd_texts_do_no_harm():
    rows = lexical_rows([*texts_of(), "a\ud800b", "\0", "x" * 200_000, "العربية العربية"], seed=0)
    assert np.isfinite(rows).all()


def test_same_bytes_again_and_other_ones_for_another_seed(seed_texts):
    rows = lexical_rows(seed_texts, seed=0)
    assert rows.shape == (169, 100)
    np.testing.assert_array_equal(rows, lexical_rows(seed_texts, seed=0))
    assert not np.array_equal(rows, lexical_rows(seed_texts, seed=1))


_DIGEST = """
import hashlib, sys
from pathlib import Path
from threadpoolctl import threadpool_limits
from pipeline.embed.lexical import lexical_rows
texts = Path(sys.argv[1]).read_text().split("\\f")
with threadpool_limits(1):  # too early: what it must limit is not loaded yet
    print(hashlib.sha256(lexical_rows(texts, seed=0).tobytes()).hexdigest())
"""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_first_call_of_a_process_gives_the_same_bytes_on_any_number_of_threads(
    seed_texts, tmp_path, threads
):
    file = tmp_path / "texts"
    file.write_text("\f".join(seed_texts))
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    done = subprocess.run(
        [sys.executable, "-c", _DIGEST, str(file)],
        env={**os.environ, **dict.fromkeys(names, threads), "PYTHONHASHSEED": threads},
        capture_output=True,
        text=True,
        check=True,
    )
    rows = lexical_rows(seed_texts, seed=0)
    assert done.stdout.strip() == hashlib.sha256(rows.tobytes()).hexdigest()


def unit_rows(n: int, dim: int, seed: int) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(n, dim))
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("weight", [0.1, 0.5, 1, 2])
def test_fused_cosine_is_the_weighted_mean_of_both(weight):
    dense, lexical = unit_rows(20, 16, 0), unit_rows(20, 8, 1)
    fused = fuse_rows(dense, lexical, weight)
    assert fused.shape == (20, 24)
    assert fused.dtype == np.float32
    expected = (dense @ dense.T + weight**2 * (lexical @ lexical.T)) / (1 + weight**2)
    np.testing.assert_allclose(fused @ fused.T, expected, atol=1e-6)


def test_paper_without_shared_words_keeps_its_dense_length():
    dense, lexical = unit_rows(3, 16, 0), unit_rows(3, 8, 1)
    lexical[1] = 0
    fused = fuse_rows(dense, lexical, 0.5)
    np.testing.assert_allclose(np.linalg.norm(fused, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(fused[1, :16], dense[1], atol=1e-6)


def test_without_lexical_rows_or_weight_the_dense_rows_are_given_back():
    dense, lexical = unit_rows(3, 16, 0), unit_rows(3, 8, 1)
    assert fuse_rows(dense, None, 0.5) is dense
    assert fuse_rows(dense, lexical, 0) is dense


def test_fusing_changes_neither():
    dense, lexical = unit_rows(3, 16, 0), unit_rows(3, 8, 1)
    before = dense.copy(), lexical.copy()
    fuse_rows(dense, lexical, 0.5)
    np.testing.assert_array_equal(dense, before[0])
    np.testing.assert_array_equal(lexical, before[1])
