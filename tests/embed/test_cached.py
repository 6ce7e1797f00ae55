"""The cache before an embedder: nothing is embedded twice, and nothing shows in the rows."""

import os
import signal
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cache import EmbeddingCache
from pipeline.embed import make_embedder
from pipeline.embed.cached import CachedEmbedder
from pipeline.embed.protocol import LongTexts
from pipeline.settings import EmbedSettings


class Counting:
    """Rows that can be worked out; longest text first, in pairs, and counted."""

    name = "counting"
    digest = "counting-1"
    space = "counting"
    dim = 3

    def __init__(self):
        self.encoded = []

    def encode_batches(self, texts):
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for start in range(0, len(order), 2):
            chosen = order[start : start + 2]
            self.encoded += [texts[i] for i in chosen]
            rows = [[len(texts[i]), texts[i].count("a"), 1] for i in chosen]
            yield np.array(chosen), np.array(rows, dtype=np.float32)

    def count_long(self, texts):
        return LongTexts(len(texts), 0)


@pytest.fixture
def store(tmp_path):
    with closing(EmbeddingCache(tmp_path / "rows")) as cache:
        yield cache


def test_a_second_time_embeds_nothing(store):
    inner = Counting()
    texts = [f"text {'a' * n}" for n in range(50)]
    first = CachedEmbedder(inner, store).encode(texts)
    second = CachedEmbedder(inner, store).encode(texts)
    assert len(inner.encoded) == 50
    np.testing.assert_array_equal(first, second)


def test_one_new_text_among_a_hundred_embeds_one(store):
    inner = Counting()
    texts = [f"text {n}" for n in range(100)]
    embedder = CachedEmbedder(inner, store)
    embedder.encode(texts)
    inner.encoded.clear()
    rows = embedder.encode([*texts[:40], "a new one", *texts[41:]])
    assert inner.encoded == ["a new one"]
    np.testing.assert_array_equal(rows[40], [9, 1, 1])


def test_the_same_text_twice_is_embedded_once(store):
    inner = Counting()
    rows = CachedEmbedder(inner, store).encode(["b", "aa", "b", "b"])
    assert sorted(inner.encoded) == ["aa", "b"]
    np.testing.assert_array_equal(rows, [[1, 0, 1], [2, 2, 1], [1, 0, 1], [1, 0, 1]])


def test_what_was_done_before_a_failure_is_kept(store):
    class Failing(Counting):
        def encode_batches(self, texts):
            for number, batch in enumerate(super().encode_batches(texts)):
                if number == 20:
                    raise KeyboardInterrupt
                yield batch

    texts = [f"text {n:03}" for n in range(100)]
    with pytest.raises(KeyboardInterrupt):
        CachedEmbedder(Failing(), store).encode(texts)
    inner = Counting()
    CachedEmbedder(inner, store).encode(texts)
    assert 60 <= len(inner.encoded) <= 60 + 16


@settings(deadline=None, max_examples=30)
@given(
    known=st.sets(st.integers(0, 30)),
    asked=st.lists(st.integers(0, 30), max_size=60),
)
def test_any_part_of_the_cache_gives_the_same_rows(tmp_path_factory, known, asked):
    texts = ["a" * n + "b" * (n % 3) for n in range(31)]
    with closing(EmbeddingCache(tmp_path_factory.mktemp("rows"))) as cache:
        inner = Counting()
        embedder = CachedEmbedder(inner, cache)
        embedder.encode([texts[n] for n in sorted(known)])
        inner.encoded.clear()
        rows = embedder.encode([texts[n] for n in asked])
        assert sorted(inner.encoded) == sorted({texts[n] for n in set(asked) - known})
        expected = [[len(texts[n]), texts[n].count("a"), 1] for n in asked]
        np.testing.assert_array_equal(rows, np.array(expected).reshape(-1, 3))


def test_both_sides_have_rows_of_their_own(store, tiny_model):
    told = EmbedSettings(model=str(tiny_model), query_prompt="q: ")
    embedder = make_embedder(told, store=store)
    rows, queries = embedder.encode(["abc"]), embedder.for_queries().encode(["abc"])
    assert not np.array_equal(rows, queries)
    assert store.info().n_rows == 2


def test_fitted_rows_are_not_kept_but_the_models_part_is(store, tiny_model, seed_texts):
    texts = seed_texts[:30]
    make_embedder(EmbedSettings(backend="lexical"), store=store).fit(texts).encode(texts)
    assert store.info().n_rows == 0
    told = EmbedSettings(backend="fused", model=str(tiny_model))
    fused = make_embedder(told, store=store).fit(texts)
    rows = fused.encode(texts)
    assert store.info().n_rows == 30
    np.testing.assert_array_equal(fused.encode(texts), rows)


_EMBED = """
import sys
from contextlib import closing
import numpy as np
from pipeline.cache import EmbeddingCache
from pipeline.embed import make_embedder
from pipeline.settings import EmbedSettings
from pathlib import Path
texts = [f"paper {n} is about optimal transport " * (1 + n % 9) for n in range(400)]
with closing(EmbeddingCache(Path(sys.argv[1]))) as cache:
    embedder = make_embedder(EmbedSettings(), store=cache)
    n_done = 0
    for positions, rows in embedder.encode_batches(texts):
        n_done += len(positions)
        print(n_done, flush=True)
"""


def test_a_killed_run_goes_on_where_it_was(tmp_path, embedder):
    """Rows that the killed process had told of are there; no more than a batch is done again."""
    process = subprocess.Popen(
        [sys.executable, "-c", _EMBED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    told = [int(process.stdout.readline()) for _ in range(6)]
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=60)
    texts = [f"paper {n} is about optimal transport " * (1 + n % 9) for n in range(400)]
    with closing(EmbeddingCache(tmp_path)) as cache:
        kept = cache.info().n_rows
        assert told[-1] <= kept < 400
        resumed = make_embedder(EmbedSettings(), store=cache)
        fresh = [rows for _, rows in resumed.encode_batches(texts)]
        assert len(fresh[0]) == kept  # what was there comes first, at once
        rows = resumed.encode(texts)
    np.testing.assert_array_equal(rows, embedder.encode(texts))
