"""What only the sentence-transformers embedder does: its threads, devices, and any model."""

import shutil

import numpy as np
import pytest

from pipeline.embed import make_embedder
from pipeline.embed.protocol import LongTexts
from pipeline.errors import MissingDependencyError, UsageError
from pipeline.settings import EmbedSettings

TEXTS = [f"sparse attention for document {n} " * (1 + n % 7) for n in range(40)]


@pytest.fixture(scope="module")
def transformer():
    return make_embedder(EmbedSettings(backend="sentence-transformers"))


def own(model, **settings):
    settings = {"backend": "sentence-transformers", **settings}
    return make_embedder(EmbedSettings(model=str(model), **settings))


def reference_of(model):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(model), device="cpu", local_files_only=True)


def test_rows_are_those_of_sentence_transformers(transformer, seed_texts):
    from pipeline.embed.model_folder import find_model_folder

    reference = reference_of(find_model_folder("all-MiniLM-L6-v2").path)
    # Longer texts are read in pieces; theirs are cut.
    chosen = [i for i, text in enumerate(seed_texts) if transformer.count_long([text]).n_split == 0]
    chosen = chosen[::5]
    assert len(chosen) >= 5
    texts = [seed_texts[i] for i in chosen]
    theirs = reference.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(transformer.encode(texts), theirs, atol=2e-6)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_row_is_the_same_on_any_number_of_threads(transformer, n_threads):
    import torch

    texts = TEXTS[:18]
    rows = transformer.encode(texts)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(n_threads)
        np.testing.assert_array_equal(transformer.encode(texts), rows)
        assert torch.get_num_threads() == n_threads
    finally:
        torch.set_num_threads(before)


def test_windows_of_texts_do_not_show(transformer, monkeypatch):
    from pipeline.embed import dense

    rows = transformer.encode(TEXTS[:20])
    monkeypatch.setattr(dense, "_WINDOW", 7)
    np.testing.assert_array_equal(transformer.encode(TEXTS[:20]), rows)


def test_batches_may_be_left_half_way(transformer):
    import torch

    before = torch.get_num_threads()
    batches = transformer.encode_batches(TEXTS)
    next(batches)
    batches.close()
    assert torch.get_num_threads() == before


def test_the_end_of_a_long_text_is_read_behind_its_title(transformer):
    """The title has 2 tokens ("moss", "."), so the first window holds 252 more; the other 48 are
    read behind it, and weigh 52 of 308 tokens with the ends."""
    row = transformer.encode(["Moss.\n" + "a " * 300])[0]
    first, second = transformer.encode(["Moss.\n" + "a " * 252, "Moss.\n" + "a " * 48])
    mean = first * 256 + second * 52
    np.testing.assert_allclose(row, mean / np.linalg.norm(mean), atol=1e-6)


def test_what_lies_beyond_the_last_piece_is_not_read(transformer):
    rows = transformer.encode(["a " * (8 * 254), "a " * (8 * 254) + "optimal transport"])
    np.testing.assert_array_equal(rows[0], rows[1])


def test_local_model_works_by_its_path(tiny_model):
    embedder = own(tiny_model)
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
        embedder = own(tmp_path / "other")
        assert embedder.encode(["abc"]).shape == (1, embedder.dim)
        return embedder.dim

    transformer = models.Transformer(str(tiny_model), max_seq_length=48)
    assert width_of(models.Pooling(32), models.Dense(32, 16)) == 16
    assert width_of(models.Pooling(32), models.Normalize()) == 32
    assert width_of(models.Pooling(32, pooling_mode=("cls", "mean"))) == 64


def test_model_with_damaged_weights_gives_one_clear_line(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "damaged")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(MissingDependencyError) as caught:
        own(folder).encode(["abc"])
    assert caught.value.message.startswith(f"cannot load the model in {folder}: ")
    assert "\n" not in caught.value.message


def test_prompts_are_those_of_sentence_transformers(tiny_model):
    embedder = own(tiny_model, document_prompt="passage: ", query_prompt="query: ")
    reference = reference_of(tiny_model)
    theirs = reference.encode(["abc"], prompt="passage: ", normalize_embeddings=True)
    np.testing.assert_allclose(embedder.encode(["abc"]), theirs, atol=2e-6)
    theirs = reference.encode(["abc"], prompt="query: ", normalize_embeddings=True)
    np.testing.assert_allclose(embedder.for_queries().encode(["abc"]), theirs, atol=2e-6)
    assert embedder.for_queries().digest != embedder.digest


def test_a_prompt_that_the_model_leaves_out_of_its_mean_is_left_out(tiny_model, tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as models

    words = models.Transformer(str(tiny_model), max_seq_length=48)
    pooling = models.Pooling(32, include_prompt=False)
    model = SentenceTransformer(modules=[words, pooling], device="cpu")
    model.save(str(tmp_path / "left-out"), safe_serialization=True)
    embedder = own(tmp_path / "left-out", document_prompt="passage: ")
    theirs = model.encode(["abc def"], prompt="passage: ", normalize_embeddings=True)
    np.testing.assert_allclose(embedder.encode(["abc def"]), theirs, atol=2e-6)


def test_kept_dimensions_are_the_leading_ones_as_unit_rows(tiny_model):
    whole, kept = own(tiny_model).encode(["abc"]), own(tiny_model, truncate_dim=8)
    expected = whole[:, :8] / np.linalg.norm(whole[:, :8])
    assert kept.dim == 8
    np.testing.assert_allclose(kept.encode(["abc"]), expected, atol=1e-6)
    with pytest.raises(UsageError, match="have 32 dimensions"):
        own(tiny_model, truncate_dim=33)


def test_bf16_rows_are_close_and_have_a_digest_of_their_own(tiny_model):
    full, half = own(tiny_model), own(tiny_model, precision="bf16")
    assert (full.encode(["abc def"]) * half.encode(["abc def"])).sum() > 0.999
    assert full.digest != half.digest
    assert full.space == half.space


def test_int8_is_refused_and_names_the_embedder_that_has_it():
    with pytest.raises(UsageError) as caught:
        own("all-MiniLM-L6-v2", precision="int8")
    assert "openvino" in caught.value.hint


def test_a_device_that_is_not_there_gives_one_clear_line(tiny_model):
    import torch

    device = next(name for name in ("mps", "cuda") if not getattr(torch, name).is_available())
    with pytest.raises(MissingDependencyError, match=f"device={device}"):
        own(tiny_model, device=device).encode(["abc"])
