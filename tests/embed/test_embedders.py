"""What every embedder promises: rows that depend on their text alone, for any text."""

import numpy as np
import pytest

from pipeline.embed import make_embedder
from pipeline.embed.protocol import LongTexts
from pipeline.settings import EmbedSettings

WORDS = ["sparse", "attention", "for", "long", "documents", "with", "learned", "routing", "keys"]


def made_texts(n: int, *, seed: int = 0, longest: int = 120) -> list[str]:
    """Texts of 1 to `longest` words, most of them short."""
    rng = np.random.default_rng(seed)
    lengths = np.maximum(1, (longest * rng.uniform(size=n) ** 3).astype(int))
    return [" ".join(rng.choice(WORDS, length)) + f" {i}" for i, length in enumerate(lengths)]


ODD_TEXTS = {
    "empty": "",
    "blank": " \n\t ",
    "one letter": "a",
    "200,000 letters": "a" * 200_000,
    "100,000 words": "x " * 100_000,
    "emoji": "😀👩‍👩‍👧‍👦🏳️‍🌈" * 10,
    "right to left": "العربية עברית \u202e\u202d",
    "chinese": "最优传输理论",
    "NUL": "a\0b\0",
    "control characters": "\x00\x01\x1b[31m\x7f",
    "lone surrogate": "a \ud800 b",
    "lone low surrogate": "\udfff",
    "byte order mark": "\ufeffabc",
    "only combining marks": "\u0301" * 500,
    "special tokens": "[CLS] [SEP] [PAD] [MASK]",
}


KINDS = {
    "openvino": EmbedSettings(),
    "openvino-fp32": EmbedSettings(precision="fp32"),
    "openvino-int8": EmbedSettings(precision="int8"),
    "sentence-transformers": EmbedSettings(backend="sentence-transformers"),
    "lexical": EmbedSettings(backend="lexical"),
    "fused": EmbedSettings(backend="fused"),
    "short": EmbedSettings(truncate_dim=64, max_length=128, max_pieces=2),
    "prompted": EmbedSettings(document_prompt="passage: ", query_prompt="query: "),
}


@pytest.fixture(scope="module", params=KINDS)
def any_embedder(request, seed_texts):
    """Each kind of embedder on the default model, fitted where it must be."""
    return make_embedder(KINDS[request.param]).fit(seed_texts)


def test_rows_are_unit_float32_of_the_told_width(any_embedder, seed_texts):
    rows = any_embedder.encode(seed_texts[:40])
    assert rows.shape == (40, any_embedder.dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_row_is_the_same_in_any_company_order_and_place(any_embedder):
    texts = [*made_texts(15), "a " * 300]
    rows = any_embedder.encode(texts)
    np.testing.assert_array_equal(any_embedder.encode(texts[::-1])[::-1], rows)
    for i in range(0, 16, 5):
        np.testing.assert_array_equal(any_embedder.encode([texts[i]])[0], rows[i])
    others = made_texts(200, seed=1, longest=30)
    among = any_embedder.encode([*others[:77], *texts, *others[77:]])
    np.testing.assert_array_equal(among[77 : 77 + 16], rows)


def test_equal_texts_have_equal_rows(any_embedder):
    rows = any_embedder.encode(["same words"] * 11)
    assert (rows == rows[0]).all()


def test_batches_bring_every_position_once(any_embedder):
    texts = made_texts(40, longest=30)
    rows = any_embedder.encode(texts)
    seen = []
    for positions, batch in any_embedder.encode_batches(texts):
        np.testing.assert_array_equal(batch, rows[positions])
        seen += positions.tolist()
    assert sorted(seen) == list(range(40))


def test_no_texts_give_no_rows(any_embedder):
    assert any_embedder.encode([]).shape == (0, any_embedder.dim)
    assert any_embedder.count_long([]) == LongTexts(0, 0)


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_odd_text_has_a_unit_row_that_does_not_touch_its_neighbours(any_embedder, name):
    rows = any_embedder.encode(["optimal transport", ODD_TEXTS[name]])
    assert np.isfinite(rows).all()
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(rows[0], any_embedder.encode(["optimal transport"])[0])
    assert any_embedder.count_long([ODD_TEXTS[name]]).n_split in (0, 1)


def test_halves_of_a_surrogate_pair_are_the_character_they_make(any_embedder):
    rows = any_embedder.encode(["a \ud83d\ude00 b", "a 😀 b", "a \ud83d b", "a \ufffd b"])
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[2], rows[3])


def test_papers_of_one_topic_are_nearer_than_others(any_embedder, seed_papers, seed_texts):
    rows = any_embedder.encode(seed_texts)

    def rows_on(topic):
        return rows[[topic in paper.title.lower() for paper in seed_papers]]

    transport, inventory = rows_on("optimal transport"), rows_on("inventory")
    assert len(transport) >= 5
    assert len(inventory) >= 2
    within = transport @ transport.T
    np.fill_diagonal(within, np.nan)
    between = transport @ inventory.T
    assert np.nanmean(within) > 1.5 * between.mean()
    assert (np.nanmax(within, axis=1) > between.max(axis=1)).all()


def test_the_query_side_compares_with_the_rows(any_embedder, seed_texts):
    queries = any_embedder.for_queries()
    assert (queries.dim, queries.space) == (any_embedder.dim, any_embedder.space)
    titles = [text.partition("\n")[0] for text in seed_texts]
    rows = any_embedder.encode(seed_texts)
    best = (queries.encode(titles) @ rows.T).argmax(axis=1)
    assert (best == np.arange(len(titles))).mean() > 0.9
