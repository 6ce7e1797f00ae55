"""Cross-encoders: their scores, and the folders that are not loaded."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from string import ascii_lowercase

import numpy as np
import pytest

from pipeline.errors import MissingDependencyError, UsageError
from pipeline.rerank import make_reranker

QUERY = "abc of mass"
TEXTS = [f"mass moves {letter} " * (1 + n % 9) for n, letter in enumerate("abcdefghijklmnopqrst")]


@pytest.fixture(scope="module")
def tiny_cross_encoder(tmp_path_factory):
    """Folder of a cross-encoder that the test made: one random BERT layer over letters, 32 wide."""
    return saved_classifier(tmp_path_factory.mktemp("rerank") / "tiny-ce", n_labels=1)


def saved_classifier(folder, *, n_labels):
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    tokenizer = letter_tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        num_labels=n_labels,
        initializer_range=0.5,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = BertForSequenceClassification(config)
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    return folder


def letter_tokenizer():
    """Words of small letters, a letter a token; a query and a text as BERT reads two texts."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    letters = [mark + letter for letter in ascii_lowercase for mark in ("", "##")]
    ids = {token: i for i, token in enumerate([*names.values(), *letters])}
    inner = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))  # noqa: S106 - no password
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(tokenizer_object=inner, model_max_length=128, **names)


@pytest.fixture(scope="module")
def reranker(tiny_cross_encoder):
    return make_reranker(str(tiny_cross_encoder))


@pytest.fixture
def copied(tiny_cross_encoder, tmp_path):
    return shutil.copytree(tiny_cross_encoder, tmp_path / "copy")


def refusal(model):
    with pytest.raises(MissingDependencyError) as caught:
        make_reranker(str(model)).scores(QUERY, ["a"])
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value.message


def edit_config(folder, **changes):
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    return folder


def test_scores_are_those_of_sentence_transformers(reranker, tiny_cross_encoder):
    import torch
    from sentence_transformers import CrossEncoder

    theirs = CrossEncoder(str(tiny_cross_encoder), device="cpu", local_files_only=True)
    texts = [*TEXTS, "mass moves " * 90]  # the last is cut
    expected = theirs.predict(
        [(QUERY, text) for text in texts], activation_fn=torch.nn.Identity(), batch_size=4
    )
    found = reranker.scores(QUERY, texts)
    assert (found.shape, found.dtype) == ((len(texts),), np.float32)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert len(set(found.tolist())) == len(texts)
    assert reranker.name == "tiny-ce"


def test_a_score_does_not_depend_on_what_is_scored_beside_it(reranker):
    whole = reranker.scores(QUERY, TEXTS)
    alone = [reranker.scores(QUERY, [text])[0] for text in TEXTS]
    np.testing.assert_array_equal(alone, whole)
    np.testing.assert_array_equal(reranker.scores(QUERY, TEXTS[::-1])[::-1], whole)


def test_no_texts_have_no_scores_and_long_or_odd_ones_have_one(reranker):
    assert reranker.scores(QUERY, []).shape == (0,)
    odd = ["", "\udcff", "a " * 5000, "\0"]
    assert np.isfinite(reranker.scores("q " * 5000, odd)).all()
    assert np.isfinite(reranker.scores("", odd)).all()


def test_what_is_no_list_of_texts_is_refused(reranker):
    for wrong in ("a text", [None]):
        with pytest.raises(UsageError):
            reranker.scores(QUERY, wrong)


def test_many_threads_may_ask_at_once(tiny_cross_encoder):
    fresh = make_reranker(str(tiny_cross_encoder))
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(lambda _: fresh.scores(QUERY, TEXTS), range(4))
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_torch_is_loaded_at_the_first_query_and_not_before(tiny_cross_encoder):
    code = (
        "import sys; from pipeline.rerank import make_reranker; "
        f"make_reranker({str(tiny_cross_encoder)!r}); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_weights_that_are_pickles_are_not_loaded(copied):
    (copied / "pytorch_model.bin").write_bytes(pickle.dumps("code"))
    assert "pytorch_model.bin, which could run code" in refusal(copied)
    (copied / "pytorch_model.bin").rename(copied / "model.safetensors")
    assert "is not a safetensors file" in refusal(copied)
    (copied / "model.safetensors").unlink()
    assert "holds no .safetensors weights" in refusal(copied)


def test_code_in_or_beside_the_model_is_not_run(copied):
    (copied / "modeling_own.py").write_text("raise SystemExit")
    assert "modeling_own.py, which could run code" in refusal(copied)
    (copied / "modeling_own.py").unlink()
    edit_config(copied, auto_map={"AutoModelForSequenceClassification": "modeling_own.Own"})
    assert "auto_map" in refusal(copied)


def test_a_link_to_elsewhere_is_not_followed(copied, tmp_path):
    (copied / "config.json").rename(tmp_path / "config.json")
    (copied / "config.json").symlink_to(tmp_path / "config.json")
    assert "link to a place outside" in refusal(copied)


def test_foreign_modules_are_refused(copied):
    (copied / "modules.json").write_text('[{"type": "os.path", "path": ""}]')
    assert "os.path, which could run code" in refusal(copied)


def test_a_folder_without_a_configuration_is_no_model(copied):
    (copied / "config.json").unlink()
    assert "is no folder with a config.json" in refusal(copied)


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', '{"architectures": 3}'])
def test_a_configuration_that_is_none_is_told(copied, content):
    (copied / "config.json").write_text(content)
    assert "config.json" in refusal(copied)


def test_several_labels_are_refused(tmp_path):
    for n_labels in (2, 3):
        folder = saved_classifier(tmp_path / f"of-{n_labels}", n_labels=n_labels)
        assert f"names {n_labels} labels, expected one" in refusal(folder)


def test_a_model_of_another_kind_is_refused(copied, tiny_model):
    assert "not a cross-encoder" in refusal(tiny_model)
    assert "BertModel" in refusal(edit_config(copied, architectures=["BertModel"]))


def test_an_embedder_that_calls_itself_a_cross_encoder_has_no_score(tiny_model, tmp_path):
    """Its weights lack the last layer, which would be filled with random numbers."""
    folder = shutil.copytree(tiny_model, tmp_path / "copy")
    edit_config(folder, architectures=["BertForSequenceClassification"], id2label={"0": "score"})
    assert "lack classifier" in refusal(folder)


def test_damaged_weights_are_told(copied):
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    assert refusal(copied).startswith(f"cannot load the model in {copied}: ")


@pytest.mark.parametrize("name", ["nobody", "nobody/nothing"])
def test_a_model_that_is_not_here_says_how_to_get_it(name, tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(MissingDependencyError, match="is not on this machine") as caught:
        make_reranker(name)
    assert "--allow-download" in caught.value.hint


@pytest.mark.parametrize("name", ["", "a b", "../x", "a\0b", "~nobody/x", "x" * 5000])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(MissingDependencyError, match="is no folder with a config"):
        make_reranker(name)


def test_a_model_in_the_hub_s_cache_is_found_by_its_name(
    tiny_cross_encoder, tmp_path, monkeypatch, reranker
):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    place = tmp_path / "models--cross-encoder--tiny"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("a" * 40)
    shutil.copytree(tiny_cross_encoder, place / "snapshots" / ("a" * 40))
    found = make_reranker("tiny")
    assert found.name == "cross-encoder/tiny"
    np.testing.assert_array_equal(found.scores(QUERY, TEXTS), reranker.scores(QUERY, TEXTS))
