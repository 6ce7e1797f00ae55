"""OpenVINO's embedder: the same vectors as PyTorch's, converted once, for any encoder."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline.embed import compiled, conversion, make_embedder
from pipeline.embed.model_folder import find_model_folder
from pipeline.errors import MissingDependencyError, UsageError
from pipeline.settings import EmbedSettings


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """An empty cache of this test's own."""
    monkeypatch.setenv("PAPERATLAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def has_bf16():
    return "BF16" in conversion.openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def agreement(settings, texts):
    """Cosine of each text's row to that of PyTorch in fp32."""
    reference = make_embedder(EmbedSettings(backend="sentence-transformers"))
    return (make_embedder(settings).encode(texts) * reference.encode(texts)).sum(axis=1)


def nearest(settings, texts):
    rows = make_embedder(settings).encode(texts)
    similarities = rows @ rows.T
    np.fill_diagonal(similarities, -1)
    return similarities.argsort(axis=1)[:, ::-1][:, :5]


def test_fp32_rows_are_those_of_pytorch(seed_texts):
    assert agreement(EmbedSettings(precision="fp32"), seed_texts[::4]).min() > 0.999999


def test_bf16_rows_are_within_a_thousandth(seed_texts):
    if not has_bf16():
        pytest.skip("this processor has no bf16")
    cosines = agreement(EmbedSettings(precision="bf16"), seed_texts[::4])
    assert cosines.mean() >= 0.9999
    assert cosines.min() >= 0.999


def test_int8_rows_are_close(seed_texts):
    cosines = agreement(EmbedSettings(precision="int8"), seed_texts[::4])
    assert cosines.mean() >= 0.997
    assert cosines.min() >= 0.99


@pytest.mark.parametrize("precision", ["auto", "int8"])
def test_neighbours_stay_neighbours(seed_texts, precision):
    theirs = nearest(EmbedSettings(backend="sentence-transformers"), seed_texts)
    ours = nearest(EmbedSettings(precision=precision), seed_texts)
    assert (theirs[:, 0] == ours[:, 0]).mean() >= 0.9
    kept = [len(set(a) & set(b)) / 5 for a, b in zip(theirs, ours, strict=True)]
    assert np.mean(kept) >= 0.9


def test_auto_is_bf16_where_the_processor_has_it():
    auto = make_embedder(EmbedSettings())
    named = make_embedder(EmbedSettings(precision="bf16" if has_bf16() else "fp32"))
    assert auto.digest == named.digest
    other = make_embedder(EmbedSettings(precision="fp32" if has_bf16() else "int8"))
    assert other.digest != auto.digest
    assert other.space == auto.space


def test_bf16_is_refused_where_the_processor_has_none(monkeypatch, tiny_model):
    class Core:
        def get_property(self, *_):
            return ["FP32", "INT8"]

    monkeypatch.setattr(compiled, "openvino_core", Core)
    with pytest.raises(UsageError, match="this processor has no bf16"):
        _ = make_embedder(EmbedSettings(model=str(tiny_model), precision="bf16")).digest
    assert " f32 " in make_embedder(EmbedSettings(model=str(tiny_model))).backend


def test_a_row_is_the_same_on_any_number_of_threads(seed_texts, monkeypatch):
    rows = make_embedder(EmbedSettings()).encode(seed_texts[:30])
    for n_threads in (1, 3):
        monkeypatch.setattr(compiled, "usable_threads", lambda n=n_threads: n)
        np.testing.assert_array_equal(make_embedder(EmbedSettings()).encode(seed_texts[:30]), rows)


def test_several_threads_may_ask_one_embedder(seed_texts):
    embedder = make_embedder(EmbedSettings())
    rows = embedder.encode(seed_texts[:8])
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda _: embedder.encode(seed_texts[:8]), range(8))
        assert all((answer == rows).all() for answer in answers)


class TestKeeping:
    def test_a_model_is_converted_once(self, tiny_model, own_cache, monkeypatch):
        settings = EmbedSettings(model=str(tiny_model))
        rows = make_embedder(settings).encode(["abc"])
        (kept,) = (path for path in (own_cache / "models").iterdir() if path.is_dir())
        told = json.loads((kept / "model.json").read_text())
        assert told["name"] == "tiny"
        assert told["bytes"] == sum((kept / name).stat().st_size for name in told["files"])
        assert set(told["files"]) == {"model.xml", "model.bin"}
        assert conversion.is_converted(find_model_folder(str(tiny_model)), "fp32")
        monkeypatch.setattr(conversion, "load_model", None)  # calling it would fail
        np.testing.assert_array_equal(make_embedder(settings).encode(["abc"]), rows)

    @pytest.mark.parametrize("name", ["model.bin", "model.xml", "model.json"])
    def test_what_is_not_whole_is_converted_again(self, tiny_model, own_cache, name):
        settings = EmbedSettings(model=str(tiny_model))
        rows = make_embedder(settings).encode(["abc"])
        (kept,) = (path for path in (own_cache / "models").iterdir() if path.is_dir())
        (kept / name).write_bytes((kept / name).read_bytes()[:-9])
        np.testing.assert_array_equal(make_embedder(settings).encode(["abc"]), rows)
        assert conversion.is_converted(find_model_folder(str(tiny_model)), "fp32")

    @pytest.mark.parametrize("name", ["model.bin", "model.xml"])
    def test_a_changed_byte_is_seen_and_the_model_converted_again(
        self, tiny_model, own_cache, name, caplog
    ):
        settings = EmbedSettings(model=str(tiny_model))
        rows = make_embedder(settings).encode(["abc"])
        (kept,) = (path for path in (own_cache / "models").iterdir() if path.is_dir())
        content = bytearray((kept / name).read_bytes())
        content[len(content) // 2] ^= 0x40
        (kept / name).write_bytes(content)
        np.testing.assert_array_equal(make_embedder(settings).encode(["abc"]), rows)
        assert "damaged, and converted again" in caplog.text
        caplog.clear()
        np.testing.assert_array_equal(make_embedder(settings).encode(["abc"]), rows)
        assert not caplog.text

    def test_other_weights_are_another_model(self, tiny_model, own_cache, tmp_path):
        import torch
        from safetensors.torch import load_file, save_file

        make_embedder(EmbedSettings(model=str(tiny_model))).encode(["abc"])
        other = shutil.copytree(tiny_model, tmp_path / "tiny")
        weights = load_file(other / "model.safetensors")
        with torch.random.fork_rng():
            torch.manual_seed(1)
            weights = {name: torch.randn_like(tensor) for name, tensor in weights.items()}
        save_file(weights, other / "model.safetensors", metadata={"format": "pt"})
        make_embedder(EmbedSettings(model=str(other))).encode(["abc"])
        assert sum(path.is_dir() for path in (own_cache / "models").iterdir()) == 2

    def test_a_cache_that_cannot_be_written_costs_a_warning(
        self, tiny_model, tmp_path, monkeypatch, caplog
    ):
        (tmp_path / "file").touch()
        rows = make_embedder(EmbedSettings(model=str(tiny_model))).encode(["abc"])
        monkeypatch.setenv("PAPERATLAS_CACHE", str(tmp_path / "file"))
        settings = EmbedSettings(model=str(tiny_model))
        np.testing.assert_array_equal(make_embedder(settings).encode(["abc"]), rows)
        assert "cannot be kept" in caplog.text

    def test_two_processes_that_begin_at_once_agree(self, tiny_model, own_cache):
        code = (
            "from pipeline.embed import make_embedder; "
            "from pipeline.settings import EmbedSettings; "
            f"e = make_embedder(EmbedSettings(model={str(tiny_model)!r})); "
            "print(e.encode(['abc']).tobytes().hex())"
        )
        both = [
            subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        first, second = (process.communicate(timeout=240)[0] for process in both)
        assert first == second != ""
        assert sum(path.is_dir() for path in (own_cache / "models").iterdir()) == 1


@pytest.mark.usefixtures("own_cache")
class TestOtherModels:
    def saved(self, tmp_path, tiny_model, *modules):
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer import modules as models

        words = models.Transformer(str(tiny_model), max_seq_length=48)
        model = SentenceTransformer(modules=[words, *modules], device="cpu")
        model.save(str(tmp_path / "other"), safe_serialization=True)
        return model

    @pytest.mark.parametrize("pooling", ["cls", "mean", "max"])
    def test_every_pooling_gives_pytorchs_rows(self, tmp_path, tiny_model, pooling):
        from sentence_transformers.sentence_transformer import modules as models

        model = self.saved(tmp_path, tiny_model, models.Pooling(32, pooling_mode=pooling))
        embedder = make_embedder(EmbedSettings(model=str(tmp_path / "other"), precision="fp32"))
        texts = ["abc", "hello world " * 3, "z"]
        theirs = model.encode(texts, normalize_embeddings=True)
        np.testing.assert_allclose(embedder.encode(texts), theirs, atol=1e-5)

    def test_a_dense_layer_and_normalisation_follow_the_pooling(self, tmp_path, tiny_model):
        from sentence_transformers.sentence_transformer import modules as models

        layers = models.Pooling(32), models.Dense(32, 16), models.Normalize()
        model = self.saved(tmp_path, tiny_model, *layers)
        embedder = make_embedder(EmbedSettings(model=str(tmp_path / "other"), precision="fp32"))
        theirs = model.encode(["abc def"], normalize_embeddings=True)
        assert embedder.dim == 16
        np.testing.assert_allclose(embedder.encode(["abc def"]), theirs, atol=1e-5)

    @pytest.mark.parametrize("family", ["MPNet", "Roberta", "DistilBert"])
    def test_another_family_of_encoders_is_converted_too(self, tmp_path, tiny_model, family):
        import torch
        import transformers
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer import modules as models

        names = {
            "DistilBert": {"dim": 32, "n_layers": 1, "n_heads": 2, "hidden_dim": 64},
        }.get(
            family,
            {
                "hidden_size": 32,
                "num_hidden_layers": 1,
                "num_attention_heads": 2,
                "intermediate_size": 64,
            },
        )
        config = getattr(transformers, f"{family}Config")(
            vocab_size=57, max_position_embeddings=64, **names
        )
        with torch.random.fork_rng():
            torch.manual_seed(0)
            getattr(transformers, f"{family}Model")(config).save_pretrained(tmp_path / "base")
        for path in tiny_model.glob("*token*"):
            shutil.copy(path, tmp_path / "base")
        words = models.Transformer(str(tmp_path / "base"), max_seq_length=48)
        model = SentenceTransformer(modules=[words, models.Pooling(32)], device="cpu")
        model.save(str(tmp_path / "other"), safe_serialization=True)
        embedder = make_embedder(EmbedSettings(model=str(tmp_path / "other"), precision="fp32"))
        texts = ["abc", "hello world " * 5]
        theirs = model.encode(texts, normalize_embeddings=True)
        np.testing.assert_allclose(embedder.encode(texts), theirs, atol=1e-5)

    def test_a_model_that_cannot_be_converted_names_the_other_embedder(
        self, tiny_model, monkeypatch
    ):
        import openvino

        def fail(*_, **__):
            raise RuntimeError("no such operation: aten::strange\nand more")

        monkeypatch.setattr(openvino, "convert_model", fail)
        with pytest.raises(MissingDependencyError) as caught:
            make_embedder(EmbedSettings(model=str(tiny_model))).encode(["abc"])
        assert caught.value.message == (
            "tiny cannot be converted for OpenVINO: no such operation: aten::strange"
        )
        assert "embed.backend=sentence-transformers" in caught.value.hint

    def test_a_graph_with_other_rows_is_refused(self, tiny_model, own_cache, monkeypatch):
        from pipeline.embed.modules import load_model

        def altered(folder, **options):
            model = load_model(folder, **options)
            monkeypatch.setattr(conversion, "load_model", load_model)
            for weights in model.parameters():
                weights.data.normal_()
            return model

        monkeypatch.setattr(conversion, "load_model", altered)
        with pytest.raises(MissingDependencyError, match="its rows come out otherwise"):
            make_embedder(EmbedSettings(model=str(tiny_model))).encode(["abc"])
        assert not any(path.is_dir() for path in (own_cache / "models").iterdir())

    def test_int8_without_nncf_names_what_to_install(self, tiny_model, monkeypatch):
        monkeypatch.setitem(sys.modules, "nncf", None)
        with pytest.raises(MissingDependencyError) as caught:
            make_embedder(EmbedSettings(model=str(tiny_model), precision="int8")).encode(["abc"])
        assert "paperatlas[int8]" in caught.value.hint


def test_a_prompt_that_the_model_leaves_out_of_its_mean_is_refused(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "left-out")
    config = folder / "1_Pooling" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "include_prompt": False}))
    make_embedder(EmbedSettings(model=str(folder)))
    for side in ("document_prompt", "query_prompt"):
        with pytest.raises(UsageError, match="leaves its prompt out"):
            make_embedder(EmbedSettings(model=str(folder), **{side: "p: "}))


def test_one_graph_serves_every_window_and_prompt(tiny_model, own_cache):
    told = {"model": str(tiny_model), "precision": "int8"}
    short = make_embedder(EmbedSettings(**told, max_length=8, document_prompt="d: "))
    short.encode(["abc"])
    (kept,) = (path for path in (own_cache / "models").iterdir() if path.is_dir())
    graph = (kept / "model.bin").read_bytes()
    shutil.rmtree(kept)
    make_embedder(EmbedSettings(**told)).encode(["abc"])
    assert (kept / "model.bin").read_bytes() == graph


def test_threads_that_ask_at_once_load_the_model_once(tiny_model, own_cache, monkeypatch):
    loaded = []
    converted = compiled.converted_model
    monkeypatch.setattr(
        compiled, "converted_model", lambda *a, **b: loaded.append(1) or converted(*a, **b)
    )
    embedder = make_embedder(EmbedSettings(model=str(tiny_model)))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: embedder.encode(["abc"]), range(6)))
    assert len(loaded) == 1


def test_a_full_disk_costs_a_warning(tiny_model, own_cache, monkeypatch, caplog):
    import openvino

    save = openvino.save_model

    def fail_once(*arguments, **options):
        monkeypatch.setattr(openvino, "save_model", save)
        raise RuntimeError("basic_ios::clear: iostream error")

    monkeypatch.setattr(openvino, "save_model", fail_once)
    make_embedder(EmbedSettings(model=str(tiny_model))).encode(["abc"])
    assert "cannot be kept" in caplog.text


def test_a_gpu_is_refused_and_names_the_embedder_that_has_it():
    with pytest.raises(UsageError) as caught:
        make_embedder(EmbedSettings(device="cuda"))
    assert "sentence-transformers" in caught.value.hint
