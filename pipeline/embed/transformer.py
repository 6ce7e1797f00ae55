"""Any sentence-transformers model in fp32 on the CPU, with rows that do not depend on the batch."""

from __future__ import annotations

import hashlib
import json
import platform
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.embed.protocol import LongTexts
from pipeline.embed.windows import MAX_PIECES, Layout, is_cut, join_pieces, split_tokens
from pipeline.errors import MissingDependencyError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from pipeline.embed.model_folder import ModelFolder
    from pipeline.embed.protocol import FloatRows

# A batch always has this many rows of one of these lengths (tokens). With the shape fixed, a
# row's bytes were the same in every batch, at every place in it, on one thread and on two; with
# free shapes half of the rows changed in a bit, and 1e-7 is enough to move UMAP's themes.
# Each batch runs on one thread and several run side by side: torch's own threads wait for each
# other some hundred times a batch, which took twice as long on two cores that others used too.
_BATCH_ROWS = 8
_LENGTH_STEP = 32
_SHORT_LENGTH = 16  # phrases, the candidates for names, are rarely longer
# Batches handed to each thread at a time.
_BATCHES_AHEAD = 8
# Texts are sorted by length within windows of this many, so that memory does not grow with n.
_WINDOW = 4096

_CPU_FEATURES = ("AVX2", "FMA3", "AVX512F", "AVX512_SPR", "AVX512_ICL", "ASIMD", "SVE")


class TransformerEmbedder:
    """`Embedder` over `sentence_transformers.SentenceTransformer`; loads at the first text."""

    def __init__(self, folder: ModelFolder) -> None:
        self._folder = folder
        self.name = folder.name

    @cached_property
    def dim(self) -> int:
        """Width of a row, from the model's own configuration (no weights are loaded)."""
        width = 0
        for module in json.loads((self._folder.path / "modules.json").read_text("utf-8")):
            kind = module["type"].rpartition(".")[2]
            config = self._folder.path / module["path"] / "config.json"
            settings = json.loads(config.read_text("utf-8")) if config.is_file() else {}
            if kind == "Pooling" and _pools_once(settings):
                width = settings.get("word_embedding_dimension") or settings["embedding_dimension"]
            elif kind == "Dense":
                width = settings["out_features"]
            elif kind not in {"Transformer", "Normalize", "Dropout"}:
                width = 0
                break
        return int(width) or self._forward(self._pieces(["a"])[0], _SHORT_LENGTH).shape[1]

    @cached_property
    def digest(self) -> str:
        """Weights and configuration, library versions, batch shapes and class of CPU."""
        parts = (
            self._folder.digest,
            f"torch {version('torch')} transformers {version('transformers')}",
            f"fp32 {_BATCH_ROWS}x{_SHORT_LENGTH},{_LENGTH_STEP} pieces {MAX_PIECES}",
            cpu_class(),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> FloatRows:
        """Rows of `texts`: (n, dim) float32, each of length 1."""
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        for positions, batch in self.encode_batches(texts):
            rows[positions] = batch
        return rows

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], FloatRows]]:
        """Pairs of (positions in `texts`, their rows), as they are done, short texts first."""
        for start in range(0, len(texts), _WINDOW):
            pieces = self._pieces(texts[start : start + _WINDOW])
            inputs = [piece for text in pieces for piece in text]
            owner = [i for i, text in enumerate(pieces) for _ in text]
            waiting = [len(text) for text in pieces]
            first = np.cumsum([0, *waiting])
            rows: dict[int, FloatRows] = {}
            for chosen, batch in self._run(self._batches(inputs), inputs):
                rows |= zip(chosen, batch, strict=True)
                for place in chosen:
                    waiting[owner[place]] -= 1
                done = sorted({owner[place] for place in chosen if waiting[owner[place]] == 0})
                if done:
                    yield (
                        np.asarray(done, dtype=np.intp) + start,
                        np.stack(
                            [
                                join_pieces(
                                    [rows.pop(p) for p in range(first[i], first[i + 1])],
                                    [len(piece) for piece in pieces[i]],
                                )
                                for i in done
                            ]
                        ),
                    )

    def _batches(self, inputs: Sequence[list[int]]) -> list[tuple[list[int], int]]:
        """Positions of the inputs of each batch and the length they are padded to."""
        return [
            (members[first : first + _BATCH_ROWS], length)
            for length, members in sorted(_by_padded_length(inputs, self._window).items())
            for first in range(0, len(members), _BATCH_ROWS)
        ]

    def _run(
        self, batches: Sequence[tuple[list[int], int]], token_ids: Sequence[list[int]]
    ) -> Iterator[tuple[list[int], FloatRows]]:
        """Each of `batches` (positions in `token_ids`, padded length) with its rows, in turn."""
        import torch

        def run(batch: tuple[list[int], int]) -> tuple[list[int], FloatRows]:
            chosen, length = batch
            return chosen, self._forward([token_ids[i] for i in chosen], length)

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

    def count_long(self, texts: Sequence[str]) -> LongTexts:
        """How many of `texts` are longer than the model's window."""
        n_split = n_cut = 0
        for start in range(0, len(texts), _WINDOW):
            for lead, body in self._lead_and_body(texts[start : start + _WINDOW]):
                n_split += len(lead) + len(body) > self._layout.room
                n_cut += is_cut(len(lead), len(body), self._layout)
        return LongTexts(n_split, n_cut)

    @cached_property
    def _window(self) -> int:
        config = self._folder.path / "sentence_bert_config.json"
        settings = json.loads(config.read_text("utf-8")) if config.is_file() else {}
        # Since version 6 sentence-transformers leaves it out of this file.
        return int(settings.get("max_seq_length") or self._model.max_seq_length or 512)

    @cached_property
    def _fast_tokenizer(self) -> Any:  # noqa: ANN401 - tokenizers ships no types
        """The model's tokenizer without torch or transformers, with neither padding nor cut."""
        from tokenizers import Tokenizer

        file = self._folder.path / "tokenizer.json"
        if file.is_file():
            tokenizer = Tokenizer.from_file(str(file))
        else:  # an old model, with a vocabulary alone
            tokenizer = Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _model(self) -> SentenceTransformer:
        import logging
        import os

        # Loading shows a bar of its own on stderr, which is ours to write.
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        os.environ["HF_HUB_OFFLINE"] = "1"
        logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as transformers_logging
        except ImportError as error:
            raise MissingDependencyError(
                f"cannot load sentence-transformers: {error}",
                hint="reinstall paperatlas with its constraints file (make demo does)",
            ) from error
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return SentenceTransformer(
                str(self._folder.path),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            ).eval()
        except Exception as error:  # a damaged folder raises whatever it meets first
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise MissingDependencyError(
                f"cannot load the model in {self._folder.path}: {reason}",
                hint="download the model again",
            ) from error

    @cached_property
    def _layout(self) -> Layout:
        encoding = self._fast_tokenizer.encode("a")
        text = [i for i, special in enumerate(encoding.special_tokens_mask) if not special]
        return Layout(
            self._window, tuple(encoding.ids[: text[0]]), tuple(encoding.ids[text[-1] + 1 :])
        )

    def _lead_and_body(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[int]]]:
        """Token ids of each text's first line, where it has several, and of the rest."""
        parts = [text.partition("\n") if "\n" in text else ("", "", text) for text in texts]
        leads, bodies = (
            self._fast_tokenizer.encode_batch(_sound(part), add_special_tokens=False)
            for part in ([lead for lead, _, _ in parts], [body for _, _, body in parts])
        )
        for lead, body in zip(leads, bodies, strict=True):
            yield lead.ids, body.ids

    def _pieces(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """The model's inputs for each text, special tokens included, not padded."""
        return [split_tokens(lead, body, self._layout) for lead, body in self._lead_and_body(texts)]

    def _forward(self, token_ids: list[list[int]], length: int) -> FloatRows:
        """Unit rows of at most `_BATCH_ROWS` texts, run as a full batch of `length` tokens."""
        import torch

        filled = token_ids + [token_ids[0]] * (_BATCH_ROWS - len(token_ids))
        features = self._model.tokenizer.pad(
            {"input_ids": filled}, padding="max_length", max_length=length, return_tensors="pt"
        )
        with torch.inference_mode():
            output = self._model.forward(dict(features))["sentence_embedding"]
            unit = torch.nn.functional.normalize(output, p=2.0, dim=1)
        rows: FloatRows = unit[: len(token_ids)].numpy().astype(np.float32, copy=False)
        return rows


def cpu_class() -> str:
    """What of the processor can change a row's last bits: architecture and vector units."""
    from importlib import import_module

    features = import_module("numpy._core._multiarray_umath").__cpu_features__
    present = [name for name in _CPU_FEATURES if features.get(name)]
    return " ".join([platform.machine(), *present])


def _sound(texts: Sequence[str]) -> list[str]:
    """The texts with U+FFFD for each half of a surrogate pair, which no tokenizer takes."""
    return [
        text
        if text.isascii()
        else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        for text in texts
    ]


def _pools_once(settings: dict[str, Any]) -> bool:
    """True where a row is one pooled vector, not several side by side."""
    modes = [value for name, value in settings.items() if name.startswith("pooling_mode_")]
    return sum(map(bool, modes)) == 1 or isinstance(settings.get("pooling_mode"), str)


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
