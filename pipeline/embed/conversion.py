"""A model for OpenVINO: converted once from its PyTorch module, and kept in the user's cache."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from pipeline.converted_models import (
    find_converted,
    is_unchanged,
    models_folder,
    new_converted,
    place_of,
)
from pipeline.embed.modules import load_model
from pipeline.embed.reading import TextReader
from pipeline.errors import MissingDependencyError, OutputError
from pipeline.offline import forbid_telemetry

if TYPE_CHECKING:
    import openvino

    from pipeline.embed.model_folder import ModelFolder
    from pipeline.embed.protocol import FloatRows

_GRAPH = "model.xml"
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
    "int8" (else "fp32") the calibration texts and the quantiser's settings too."""
    parts = [folder.digest, f"graph {_VERSION}", kind]
    if kind == "int8":
        texts = "\0".join(_calibration_texts())
        parts += [hashlib.sha256(texts.encode()).hexdigest(), f"smoothing {_SMOOTHING}"]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def converted_model(folder: ModelFolder, kind: str, *, renew: bool = False) -> Path:
    """The model for OpenVINO, an XML file with its weights beside it: one text's token ids,
    (1, length) int64, to its unit row, (1, dim) float32.

    From the cache, or converted now and put there; `renew`: the one in the cache was found to be
    damaged. Raises MissingDependencyError for a model that cannot be converted, or where the
    libraries for that are missing.
    """
    digest = conversion_digest(folder, kind)
    kept = find_converted(digest, kind)
    if kept and not renew:
        return kept / _GRAPH
    models = models_folder()
    try:
        models.mkdir(parents=True, exist_ok=True)
        # Two builds that begin at once convert it once.
        with FileLock(models / ".lock", timeout=_LOCK_TIMEOUT_S):
            kept = find_converted(digest, kind)
            if not kept or (renew and not is_unchanged(kept)):
                _convert_into(models, folder, kind, digest)
    except (OSError, OutputError) as error:
        _LOG.warning("%s: the converted model cannot be kept (%s)", models, error)
        models = Path(_scratch_folder().name)
        _convert_into(models, folder, kind, digest)
    return place_of(models, digest, kind) / _GRAPH


def is_converted(folder: ModelFolder, kind: str) -> bool:
    """True where the cache holds this model for OpenVINO."""
    return find_converted(conversion_digest(folder, kind), kind) is not None


@lru_cache(maxsize=1)
def _scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A place for this process alone, gone when it ends."""
    return tempfile.TemporaryDirectory(prefix="paperatlas-")


def _convert_into(models: Path, folder: ModelFolder, kind: str, digest: str) -> None:
    """Convert the model and put it into the folder `models`."""
    import openvino

    # The model's own window and no prompt, whatever the build is set to: one graph serves all.
    reader = TextReader(folder, max_length=0, max_pieces=1)
    graph = _traced(folder, reader)
    if kind == "int8":
        graph = _quantized(graph, reader)
    _require_agreement(graph, folder, reader, kind)
    with new_converted(models, digest, name=folder.name, precision=kind) as staged:
        try:
            openvino.save_model(graph, staged / _GRAPH, compress_to_fp16=False)
        except RuntimeError as error:  # its word for a full disk
            raise OutputError(f"{staged}: cannot be written", hint="free space") from error


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
