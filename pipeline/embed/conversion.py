"""A model compiled for OpenVINO: converted once from its PyTorch module, kept in the user's cache.

`<cache>/models/<digest>-<precision>/` holds `model.xml`, `model.bin` and `model.json`, which says
what they were made from. It may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from pipeline.cache import cache_folder
from pipeline.embed.modules import load_model
from pipeline.embed.reading import TextReader
from pipeline.errors import MissingDependencyError
from pipeline.offline import forbid_telemetry

if TYPE_CHECKING:
    import openvino

    from pipeline.embed.model_folder import ModelFolder
    from pipeline.embed.protocol import FloatRows

MODELS = "models"
MODEL_FILE = "model.json"
_GRAPH = "model.xml"
_SCHEMA = "paperatlas.converted/1"
_VERSION = 1
"""Goes up whenever the same model would be converted to another graph."""
_LOCK_TIMEOUT_S = 900.0
# Rounding differs between the two; a graph that only fits the text it was traced with does more.
_LEAST_AGREEMENT = {"fp32": 0.9999, "int8": 0.9}
_PROBES = (
    "optimal transport",
    "A survey.\nWe compare clustering methods for abstracts of research papers.",
    "Long.\n" + "every paper has an abstract, and some abstracts go on for a while. " * 12,
)
_SMOOTHING = 0.8
_LOG = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def openvino_core() -> openvino.Core:
    """OpenVINO itself; MissingDependencyError where it cannot be loaded."""
    forbid_telemetry()
    try:
        import openvino
    except ImportError as error:
        raise MissingDependencyError(
            f"cannot load OpenVINO: {error}",
            hint="reinstall paperatlas, or use --set embed.backend=sentence-transformers",
        ) from error
    return openvino.Core()


def conversion_digest(folder: ModelFolder, kind: str) -> str:
    """SHA-256 (hex) of what decides a converted model: the model, the conversion, for `kind`
    "int8" (else "fp32") the calibration texts and the quantiser too."""
    parts = [folder.digest, f"graph {_VERSION}", kind]
    if kind == "int8":
        texts = "\0".join(_calibration_texts())
        parts += [hashlib.sha256(texts.encode()).hexdigest(), f"smoothing {_SMOOTHING}"]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def load_converted(folder: ModelFolder, kind: str, reader: TextReader) -> openvino.Model:
    """The model for OpenVINO: one text's token ids, (1, length) int64, to its unit row (1, dim).

    From the cache, or converted now and put there. Raises MissingDependencyError for a model that
    cannot be converted, or where the libraries for that are missing.
    """
    import openvino

    core = openvino_core()
    digest = conversion_digest(folder, kind)
    kept = cache_folder() / MODELS / f"{digest[:16]}-{kind}"
    if _is_whole(kept, digest):
        return core.read_model(kept / _GRAPH)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        # Two builds that begin at once convert it once.
        with FileLock(kept.parent / ".lock", timeout=_LOCK_TIMEOUT_S):
            if not _is_whole(kept, digest):
                _convert_into(kept, folder, kind, digest, reader)
            return core.read_model(kept / _GRAPH)
    except OSError as error:
        _LOG.warning("%s: the converted model cannot be kept (%s)", kept.parent, error.strerror)
        with tempfile.TemporaryDirectory() as place:
            _convert_into(Path(place) / "model", folder, kind, digest, reader)
            # Copied out of the files, which go.
            return core.read_model(
                (Path(place) / "model" / _GRAPH).read_text("utf-8"),
                openvino.Tensor(np.fromfile(Path(place) / "model" / "model.bin", dtype=np.uint8)),
            )


def is_converted(folder: ModelFolder, kind: str) -> bool:
    """True where the cache holds this model for OpenVINO."""
    digest = conversion_digest(folder, kind)
    return _is_whole(cache_folder() / MODELS / f"{digest[:16]}-{kind}", digest)


def _is_whole(kept: Path, digest: str) -> bool:
    """True where both files are there, of the sizes that were written, and from this model."""
    try:
        told = json.loads((kept / MODEL_FILE).read_text("utf-8"))
        sizes = {name: (kept / name).stat().st_size for name in told["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(told["digest"] == digest and sizes == told["files"])


def _convert_into(
    kept: Path, folder: ModelFolder, kind: str, digest: str, reader: TextReader
) -> None:
    """Convert the model and move it to `kept` in one step."""
    import openvino

    graph = _traced(folder, reader)
    if kind == "int8":
        graph = _quantized(graph, reader)
    _require_agreement(graph, folder, reader, kind)
    staged = kept.with_name(f".tmp-{os.getpid()}-{secrets.token_hex(4)}")
    staged.mkdir(parents=True)
    try:
        openvino.save_model(graph, staged / _GRAPH, compress_to_fp16=False)
        sizes = {path.name: path.stat().st_size for path in staged.iterdir()}
        told = {
            "schema": _SCHEMA,
            "name": folder.name,
            "precision": kind,
            "digest": digest,
            "bytes": sum(sizes.values()),
            "files": sizes,
            "openvino": version("openvino"),
        }
        (staged / MODEL_FILE).write_text(json.dumps(told, indent=1), "utf-8")
        with suppress(FileNotFoundError):
            shutil.rmtree(kept)  # of another model, or not whole
        staged.rename(kept)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _traced(folder: ModelFolder, reader: TextReader) -> openvino.Model:
    """The whole model as one graph of a single text: no padding, hence no mask.

    One text at a time costs no more than eight (docs/performance.md), and a row then depends on
    nothing but its text.
    """
    import openvino
    import torch

    transformer, *others = load_model(folder)
    network: Any = getattr(transformer, "model", None) or transformer.auto_model

    class OneText(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network
            self.others = torch.nn.ModuleList(others)

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            features = {
                "token_embeddings": self.network(input_ids=input_ids, return_dict=False)[0],
                "attention_mask": torch.ones_like(input_ids),
            }
            for module in self.others:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], p=2.0, dim=1)

    example = torch.tensor([reader.inputs(_PROBES[:1])[0][0]])
    try:
        with _quiet(), torch.inference_mode():
            return openvino.convert_model(
                OneText().eval(),
                example_input={"input_ids": example},
                input=[("input_ids", [1, -1])],
            )
    except Exception as error:  # whatever the tracer or the converter meets
        raise _cannot_convert(folder, next(iter(str(error).splitlines()), "")) from error


def _quantized(graph: openvino.Model, reader: TextReader) -> openvino.Model:
    """The graph in 8-bit integers, its ranges taken from the calibration texts (NNCF's
    post-training quantisation with SmoothQuant, Xiao et al. 2023)."""
    try:
        import nncf
    except ImportError:
        raise MissingDependencyError(
            "embed.precision=int8 needs NNCF to convert a model",
            hint="pip install 'paperatlas[int8]'",
        ) from None
    # Not `nncf.set_log_level`: that one also silences every handler of the root logger.
    logging.getLogger("nncf").setLevel(logging.ERROR)
    inputs = [pieces[0] for pieces in reader.inputs(_calibration_texts())]
    parameters = nncf.AdvancedQuantizationParameters(
        smooth_quant_alphas=nncf.AdvancedSmoothQuantParameters(matmul=_SMOOTHING)
    )
    with _quiet():
        return nncf.quantize(
            graph,
            nncf.Dataset(inputs, lambda ids: {"input_ids": np.array([ids], dtype=np.int64)}),
            model_type=nncf.ModelType.TRANSFORMER,
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(inputs),
            advanced_parameters=parameters,
        )


def _require_agreement(
    graph: openvino.Model, folder: ModelFolder, reader: TextReader, kind: str
) -> None:
    """Refuse a graph whose rows are not the model's own."""
    import torch

    compiled = openvino_core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    model = load_model(folder)
    for pieces in reader.inputs(_PROBES):
        ids = np.array([pieces[0]], dtype=np.int64)
        features = {"input_ids": torch.tensor(ids), "attention_mask": torch.ones(ids.shape)}
        with torch.inference_mode():
            own = model.forward(features)["sentence_embedding"][0].numpy()
        row: FloatRows = compiled(ids)[0][0]
        if not float(row @ own) / max(float(np.linalg.norm(own)), 1e-12) > _LEAST_AGREEMENT[kind]:
            raise _cannot_convert(folder, "its rows come out otherwise")


def _cannot_convert(folder: ModelFolder, reason: str) -> MissingDependencyError:
    return MissingDependencyError(
        f"{folder.name} cannot be converted for OpenVINO: {reason}",
        hint="use --set embed.backend=sentence-transformers",
    )


def _calibration_texts() -> list[str]:
    """Texts of the kind that will be embedded, from which int8 ranges are taken."""
    lines = files("pipeline.embed").joinpath("calibration.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the converters' warnings and progress bars from the user's terminal."""
    import io
    import warnings

    with (
        warnings.catch_warnings(),
        redirect_stdout(io.StringIO()),
        redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield
