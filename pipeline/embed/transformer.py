"""Any sentence-transformers model as PyTorch runs it, with rows that do not depend on the batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from pipeline.embed.dense import DenseEmbedder
from pipeline.embed.modules import load_model, own_dim
from pipeline.embed.processor import cpu_class
from pipeline.errors import MissingDependencyError, UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from pipeline.embed.model_folder import ModelFolder
    from pipeline.embed.protocol import FloatRows
    from pipeline.settings import EmbedSettings

# A batch always has this many rows of one of these lengths (tokens). With the shape fixed, a
# row's bytes were the same in every batch, at every place in it, on one thread and on two; with
# free shapes half of the rows changed in a bit, and 1e-7 is enough to move UMAP's themes.
# Each batch runs on one thread and several run side by side: torch's own threads wait for each
# other some hundred times a batch, which took twice as long on two cores that others used too.
_BATCH_ROWS = {"cpu": 8, "cuda": 64, "mps": 32}
_LENGTH_STEP = 32
_SHORT_LENGTH = 16  # phrases, the candidates for names, are rarely longer
# Batches handed to each thread at a time.
_BATCHES_AHEAD = 8


class TransformerEmbedder(DenseEmbedder):
    """`Embedder` over `sentence_transformers.SentenceTransformer`; loads at the first text."""

    def __init__(self, folder: ModelFolder, settings: EmbedSettings) -> None:
        """Raises UsageError for a precision that PyTorch does not offer here."""
        if settings.precision == "int8":
            raise UsageError(
                "embed.precision=int8: sentence-transformers runs in fp32 or bf16",
                hint="int8 comes with --set embed.backend=openvino",
            )
        super().__init__(folder, settings)
        self._precision = "fp32" if settings.precision == "auto" else settings.precision
        self._batch_rows = _BATCH_ROWS[settings.device]

    @cached_property
    def backend(self) -> str:
        """Library versions, precision, batch shapes and class of processor."""
        names = ("torch", "transformers", "sentence-transformers", "tokenizers")
        versions = " ".join(f"{name} {version(name)}" for name in names)
        shapes = f"{self._batch_rows}x{_SHORT_LENGTH},{_LENGTH_STEP}"
        device = self._settings.device
        return f"{versions} {self._precision} {shapes} {device} {cpu_class()}"

    @cached_property
    def _own_dim(self) -> int:
        return own_dim(self._folder) or self._forward(self._reader.inputs(["a"])[0], 16).shape[1]

    @property
    def _model(self) -> SentenceTransformer:
        with self._loading:
            return self._model_once

    @cached_property
    def _model_once(self) -> SentenceTransformer:
        device = self._settings.device
        _require_device(device)
        return load_model(self._folder, device=device, precision=self._precision)

    def _run(self, inputs: Sequence[list[int]]) -> Iterator[tuple[list[int], FloatRows]]:
        import torch

        batches = self._batches(inputs)

        def run(batch: tuple[list[int], int]) -> tuple[list[int], FloatRows]:
            chosen, length = batch
            return chosen, self._forward([inputs[i] for i in chosen], length)

        if self._settings.device != "cpu":
            yield from map(run, batches)
            return
        _ = self._model  # loaded once, before several threads ask for it
        n_threads = torch.get_num_threads()
        step = _BATCHES_AHEAD * n_threads
        try:
            # The limit holds for the thread that sets it; nothing else in this process is slowed.
            with ThreadPoolExecutor(
                n_threads, initializer=lambda: torch.set_num_threads(1)
            ) as pool:
                for first in range(0, len(batches), step):
                    yield from pool.map(run, batches[first : first + step])
        finally:
            torch.set_num_threads(n_threads)

    def _batches(self, inputs: Sequence[list[int]]) -> list[tuple[list[int], int]]:
        """Positions of the inputs of each batch and the length they are padded to."""
        rows = self._batch_rows
        return [
            (members[first : first + rows], length)
            for length, members in sorted(_by_padded_length(inputs, self._reader.window).items())
            for first in range(0, len(members), rows)
        ]

    def _forward(self, token_ids: list[list[int]], length: int) -> FloatRows:
        """Unit rows of at most one batch of inputs, run as a full one of `length` tokens."""
        import torch

        filled = token_ids + [token_ids[0]] * (self._batch_rows - len(token_ids))
        features = dict(
            self._model.tokenizer.pad(
                {"input_ids": filled}, padding="max_length", max_length=length, return_tensors="pt"
            ).to(self._settings.device)
        )
        if self._prompt:  # some models leave the prompt out of the mean
            features["prompt_length"] = self._reader.n_prompt_tokens
        with torch.inference_mode():
            output = self._model.forward(features)["sentence_embedding"].float()
            unit = torch.nn.functional.normalize(output, p=2.0, dim=1).cpu()
        rows: FloatRows = unit[: len(token_ids)].numpy().astype(np.float32, copy=False)
        return rows


def _require_device(device: str) -> None:
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.mps.is_available()}
    if not there[device]:
        raise MissingDependencyError(
            f"embed.device={device}: PyTorch {torch.__version__} finds no such device here",
            hint="use cpu, or install a build of PyTorch for that device",
        )


def _by_padded_length(token_ids: Sequence[list[int]], window: int) -> dict[int, list[int]]:
    """Positions of the texts by the length their batch is padded to, shortest text first."""
    groups: dict[int, list[int]] = defaultdict(list)
    for position in sorted(range(len(token_ids)), key=lambda i: len(token_ids[i])):
        groups[_padded_length(len(token_ids[position]), window)].append(position)
    return groups


def _padded_length(n_tokens: int, window: int) -> int:
    if n_tokens <= _SHORT_LENGTH:
        return min(_SHORT_LENGTH, window)
    return min(-(-n_tokens // _LENGTH_STEP) * _LENGTH_STEP, window)
