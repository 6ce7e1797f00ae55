"""The real model: rows that depend on their text alone, for any text."""

import hashlib
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from pipeline.embed import make_embedder
from pipeline.embed.protocol import LongTexts
from pipeline.errors import MissingDependencyError

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


def test_rows_are_unit_float32_of_the_told_width(embedder, seed_rows):
    assert embedder.dim == 384
    assert seed_rows.shape == (169, 384)
    assert seed_rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(seed_rows, axis=1), 1, atol=1e-6)


def test_rows_are_those_of_sentence_transformers(embedder, seed_texts, seed_rows):
    from sentence_transformers import SentenceTransformer

    from pipeline.embed.model_folder import find_model_folder

    folder = find_model_folder("all-MiniLM-L6-v2").path
    reference = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    # Longer texts are read in pieces; theirs are cut.
    chosen = [i for i, text in enumerate(seed_texts) if embedder.count_long([text]).n_split == 0]
    chosen = chosen[::5]
    assert len(chosen) >= 5
    theirs = reference.encode([seed_texts[i] for i in chosen], normalize_embeddings=True)
    np.testing.assert_allclose(seed_rows[chosen], theirs, atol=2e-6)


def test_row_is_the_same_in_any_company_order_and_place(embedder):
    texts = [*made_texts(15), "a " * 300]
    rows = embedder.encode(texts)
    np.testing.assert_array_equal(embedder.encode(texts[::-1])[::-1], rows)
    for i in range(0, 16, 5):
        np.testing.assert_array_equal(embedder.encode([texts[i]])[0], rows[i])
    others = made_texts(200, seed=1, longest=30)
    among = embedder.encode([*others[:77], *texts, *others[77:]])
    np.testing.assert_array_equal(among[77 : 77 + 16], rows)


def test_equal_texts_have_equal_rows(embedder):
    rows = embedder.encode(["same words"] * 11)
    assert (rows == rows[0]).all()


@pytest.mark.parametrize("n_threads", [1, 2])
def test_row_is_the_same_on_any_number_of_threads(embedder, n_threads):
    import torch

    texts = made_texts(18, longest=60)
    rows = embedder.encode(texts)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(n_threads)
        np.testing.assert_array_equal(embedder.encode(texts), rows)
        assert torch.get_num_threads() == n_threads
    finally:
        torch.set_num_threads(before)


def test_windows_of_texts_do_not_show(embedder, monkeypatch):
    from pipeline.embed import transformer

    texts = made_texts(20, longest=30)
    rows = embedder.encode(texts)
    monkeypatch.setattr(transformer, "_WINDOW", 7)
    np.testing.assert_array_equal(embedder.encode(texts), rows)
    assert embedder.count_long(["x " * 300] * 20) == LongTexts(20, 0)


def test_batches_bring_every_position_once(embedder):
    texts = made_texts(40, longest=30)
    rows = embedder.encode(texts)
    seen = []
    for positions, batch in embedder.encode_batches(texts):
        np.testing.assert_array_equal(batch, rows[positions])
        seen += positions.tolist()
    assert sorted(seen) == list(range(40))


def test_batches_may_be_left_half_way(embedder):
    import torch

    before = torch.get_num_threads()
    batches = embedder.encode_batches(made_texts(40, longest=30))
    next(batches)
    batches.close()
    assert torch.get_num_threads() == before


def test_no_texts_give_no_rows(embedder):
    assert embedder.encode([]).shape == (0, 384)
    assert embedder.count_long([]) == LongTexts(0, 0)


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_odd_text_has_a_unit_row_that_does_not_touch_its_neighbours(embedder, name):
    rows = embedder.encode(["optimal transport", ODD_TEXTS[name]])
    assert np.isfinite(rows).all()
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(rows[0], embedder.encode(["optimal transport"])[0])
    assert embedder.count_long([ODD_TEXTS[name]]).n_split in (0, 1)


def test_halves_of_a_surrogate_pair_are_the_character_they_make(embedder):
    rows = embedder.encode(["a \ud83d\ude00 b", "a 😀 b", "a \ud83d b", "a \ufffd b"])
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[2], rows[3])


def test_papers_of_one_topic_are_nearer_than_others(seed_papers, seed_rows):
    def rows_on(topic):
        return seed_rows[[topic in paper.title.lower() for paper in seed_papers]]

    transport, inventory = rows_on("optimal transport"), rows_on("inventory")
    assert len(transport) >= 5
    assert len(inventory) >= 2
    within = transport @ transport.T
    np.fill_diagonal(within, np.nan)
    between = transport @ inventory.T
    assert np.nanmean(within) > between.mean() + 0.2
    assert (np.nanmax(within, axis=1) > between.max(axis=1)).all()


def test_texts_longer_than_the_window_are_counted_to_the_token(embedder):
    """A one-letter word is one token; two more mark the ends; the window is 256."""
    fits, longer = "a " * 254, "a " * 255
    assert embedder.count_long([fits]) == LongTexts(0, 0)
    assert embedder.count_long([longer]) == LongTexts(1, 0)
    assert embedder.count_long([fits, longer, longer, fits, ""]) == LongTexts(2, 0)
    all_read, cut = "a " * (8 * 254), "a " * (8 * 254 + 1)
    assert embedder.count_long([all_read, cut]) == LongTexts(2, 1)


def test_long_texts_are_those_of_the_models_own_tokenizer(embedder, seed_texts):
    from transformers import AutoTokenizer

    from pipeline.embed.model_folder import find_model_folder

    tokenizer = AutoTokenizer.from_pretrained(find_model_folder("all-MiniLM-L6-v2").path)
    lengths = [len(ids) for ids in tokenizer(seed_texts, truncation=False)["input_ids"]]
    expected = sum(length > 256 for length in lengths)
    assert embedder.count_long(seed_texts) == LongTexts(expected, 0)


def test_the_end_of_a_long_text_is_read_behind_its_title(embedder):
    """The title has 2 tokens ("moss", "."), so the first window holds 252 more; the other 48 are
    read behind it, and weigh 52 of 308 tokens with the ends."""
    row = embedder.encode(["Moss.\n" + "a " * 300])[0]
    first, second = embedder.encode(["Moss.\n" + "a " * 252, "Moss.\n" + "a " * 48])
    mean = first * 256 + second * 52
    np.testing.assert_allclose(row, mean / np.linalg.norm(mean), atol=1e-6)


def test_what_lies_beyond_the_last_piece_is_not_read(embedder):
    rows = embedder.encode(["a " * (8 * 254), "a " * (8 * 254) + "optimal transport"])
    np.testing.assert_array_equal(rows[0], rows[1])


def test_local_model_works_by_its_path(tiny_model):
    embedder = make_embedder(str(tiny_model))
    assert embedder.name == "tiny"
    assert embedder.dim == 32
    texts = ["abc def", "xyz", "abc " * 40, ""]
    rows = embedder.encode(texts)
    assert rows.shape == (4, 32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(embedder.encode(texts[1:2]), rows[1:2])
    # 48 tokens: 46 letters and the two ends.
    assert embedder.count_long(["a " * 46, "a " * 47]) == LongTexts(1, 0)


def test_width_counts_what_follows_the_pooling(tiny_model, tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as models

    def width_of(*modules):
        model = SentenceTransformer(modules=[transformer, *modules], device="cpu")
        model.save(str(tmp_path / "other"), safe_serialization=True)
        embedder = make_embedder(str(tmp_path / "other"))
        assert embedder.encode(["abc"]).shape == (1, embedder.dim)
        return embedder.dim

    transformer = models.Transformer(str(tiny_model), max_seq_length=48)
    assert width_of(models.Pooling(32), models.Dense(32, 16)) == 16
    assert width_of(models.Pooling(32), models.Normalize()) == 32
    assert width_of(models.Pooling(32, pooling_mode=("cls", "mean"))) == 64


def test_model_with_damaged_weights_gives_one_clear_line(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "damaged")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(MissingDependencyError) as caught:
        make_embedder(str(folder)).encode(["abc"])
    assert caught.value.message.startswith(f"cannot load the model in {folder}: ")
    assert "\n" not in caught.value.message


_WITHOUT_TORCH = """
import sys
from pipeline.embed import make_embedder
embedder = make_embedder("all-MiniLM-L6-v2")
print(embedder.dim, len(embedder.digest), embedder.count_long(["a " * 300]).n_split)
print([name for name in ("torch", "transformers") if name in sys.modules])
"""


def test_maker_width_digest_and_count_of_cut_texts_load_no_torch():
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TORCH], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["384 64 1", "[]"]


_OFFLINE = """
import hashlib, socket

def refuse(*args, **kwargs):
    tried.append(args)
    raise OSError("no network in this test")

tried = []
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refuse)
socket.getaddrinfo = socket.create_connection = refuse
from pipeline.embed import make_embedder
rows = make_embedder("all-MiniLM-L6-v2").encode(["optimal transport", "inventory"])
print(hashlib.sha256(rows.tobytes()).hexdigest(), tried)
"""


def test_embedding_tries_no_network_prints_nothing_and_is_the_same_in_another_process(embedder):
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE],
        env={**os.environ, "HF_HUB_OFFLINE": "0", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    rows = embedder.encode(["optimal transport", "inventory"])
    assert done.stdout.split() == [hashlib.sha256(rows.tobytes()).hexdigest(), "[]"]
