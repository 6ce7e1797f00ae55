"""A model that OpenVINO compiles for this processor: several times PyTorch's pace, same vectors."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.metadata import version
from threading import local
from typing import TYPE_CHECKING

import numpy as np

from pipeline.converted_models import is_unchanged
from pipeline.embed.conversion import conversion_digest, converted_model, openvino_core
from pipeline.embed.dense import DenseEmbedder
from pipeline.embed.modules import leaves_out_prompt, own_dim
from pipeline.embed.processor import cpu_class, usable_threads
from pipeline.errors import MissingDependencyError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import openvino

    from pipeline.embed.model_folder import ModelFolder
    from pipeline.embed.protocol import FloatRows
    from pipeline.settings import EmbedSettings

# Inputs handed to each thread at a time: what a killed build embeds again.
_INPUTS_AHEAD = 8
_LOG = logging.getLogger(__name__)


class CompiledEmbedder(DenseEmbedder):
    """`Embedder` over an OpenVINO graph that takes one text at a time; neither torch nor
    transformers is loaded once the model has been converted."""

    def __init__(self, folder: ModelFolder, settings: EmbedSettings) -> None:
        """Raises UsageError for settings that only sentence-transformers has, and for bf16 on a
        processor without it."""
        if settings.device != "cpu":
            raise UsageError(
                f"embed.device={settings.device}: openvino runs on the cpu",
                hint="use --set embed.backend=sentence-transformers for a GPU",
            )
        super().__init__(folder, settings)
        if leaves_out_prompt(folder) and (self._prompt or self.for_queries()._prompt):
            raise UsageError(
                f"{folder.name} leaves its prompt out of the mean, which openvino does not do",
                hint="use --set embed.backend=sentence-transformers",
            )
        self._kind = "int8" if settings.precision == "int8" else "fp32"

    @cached_property
    def backend(self) -> str:
        """OpenVINO's version, the graph, its arithmetic and the class of processor."""
        graph = conversion_digest(self._folder, self._kind)
        versions = f"openvino {version('openvino')} tokenizers {version('tokenizers')}"
        return f"{versions} {graph} {self.arithmetic} {cpu_class()}"

    @cached_property
    def arithmetic(self) -> str:
        """OpenVINO's name of what the graph is computed in: bf16 or f32 (beside any int8)."""
        wanted = self._settings.precision
        if wanted == "fp32":
            return "f32"
        has_bf16 = "BF16" in openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if wanted == "bf16" and not has_bf16:
            raise UsageError(
                "embed.precision=bf16: this processor has no bf16", hint="use auto or fp32"
            )
        return "bf16" if has_bf16 else "f32"

    @cached_property
    def _own_dim(self) -> int:
        return own_dim(self._folder) or int(self._compiled.output(0).partial_shape[-1].get_length())

    @property
    def _compiled(self) -> openvino.CompiledModel:
        with self._loading:
            return self._compiled_once

    @cached_property
    def _compiled_once(self) -> openvino.CompiledModel:
        graph = converted_model(self._folder, self._kind)
        # Read in full while it is compiled: other bytes would be other vectors.
        with ThreadPoolExecutor(1) as beside:
            unchanged = beside.submit(is_unchanged, graph.parent)
            try:
                compiled = self._compile(graph)
            except MissingDependencyError:
                if unchanged.result():
                    raise
            if unchanged.result():
                return compiled
        _LOG.warning("%s: damaged, and converted again", graph.parent)
        return self._compile(converted_model(self._folder, self._kind, renew=True))

    def _compile(self, graph: Path) -> openvino.CompiledModel:
        n_threads = usable_threads()
        options = {
            "INFERENCE_PRECISION_HINT": self.arithmetic,
            # A stream for each thread: threads that share one text wait for each other.
            "NUM_STREAMS": n_threads,
            "INFERENCE_NUM_THREADS": n_threads,
        }
        try:
            return openvino_core().compile_model(str(graph), "CPU", options)
        except RuntimeError as error:
            reason = str(error).strip().rpartition("\n")[2]
            raise MissingDependencyError(
                f"OpenVINO cannot compile {self.name} here: {reason}",
                hint="use --set embed.backend=sentence-transformers",
            ) from error

    def _run(self, inputs: Sequence[list[int]]) -> Iterator[tuple[list[int], FloatRows]]:
        compiled, n_threads = self._compiled, usable_threads()
        requests = local()

        def run(place: int) -> FloatRows:
            if not hasattr(requests, "own"):
                requests.own = compiled.create_infer_request()
            request = requests.own
            request.infer({0: np.array([inputs[place]], dtype=np.int64)}, share_inputs=True)
            row: FloatRows = request.get_output_tensor(0).data[0].copy()
            return row

        # Neighbours of like length: OpenVINO prepares its kernels anew when the length changes.
        places = sorted(range(len(inputs)), key=lambda place: len(inputs[place]))
        if not places:
            return
        # The first in this thread: of two threads that were first, one waited for the other's
        # interpreter lock within OpenVINO's one-time initialisation, for ever (2026.4).
        yield places[:1], run(places[0])[None, :]
        step = _INPUTS_AHEAD * n_threads
        with ThreadPoolExecutor(n_threads) as pool:
            for first in range(1, len(places), step):
                chosen = places[first : first + step]
                yield chosen, np.stack(list(pool.map(run, chosen)))
