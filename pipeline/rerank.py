"""Scores of texts for one query by a cross-encoder, which reads both at once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.embed.hub import cached_snapshot, fetch_snapshot, hub_cache, repository_name
from pipeline.embed.model_folder import ModelFolder, check_folder
from pipeline.errors import MissingDependencyError
from pipeline.offline import forbid_telemetry
from pipeline.papers import require_texts

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Scores = NDArray[np.float32]

_OWNER = "cross-encoder"  # sentence-transformers' own are in a place of their own on the hub
_CONFIG = "config.json"
_ONE_SCORE = "ForSequenceClassification"
# Every batch has this many pairs, of one of these lengths (tokens): with the shape fixed, a score
# does not depend on what is scored beside it (as in `embed.transformer`, where it was measured).
_BATCH_PAIRS = 8
_LENGTH_STEP = 64
_LONGEST = 512  # tokens: where neither model nor tokenizer says what it was trained on


class Reranker(Protocol):
    """Gives each text a score for a query; higher is nearer, and only the order means anything."""

    @property
    def name(self) -> str:
        """Name of the model."""

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        """(n,) float32, one for each text, the same whatever the other texts are."""


def make_reranker(model: str, *, allow_download: bool = False) -> Reranker:
    """The cross-encoder `model`: a local folder, or a name on the Hugging Face hub, `owner/name`
    or `name` for sentence-transformers' own.

    A hub's model is looked for in the hub's cache on this machine, and fetched only with
    `allow_download`. Nothing is loaded before the first query. Raises MissingDependencyError, with
    the next step, where there is no such model, where it could run code, or where it is not one
    that gives a single score.
    """
    folder = _find_folder(model, allow_download=allow_download)
    _require_one_score(folder)
    return CrossEncoderReranker(folder)


class CrossEncoderReranker:
    """`Reranker` over a sequence classifier with one label, in PyTorch on the processor; safe for
    many threads, which wait for each other."""

    def __init__(self, folder: ModelFolder) -> None:
        """`folder`: checked, and of a model with one score."""
        self._folder = folder
        self._running = Lock()
        self._loaded: tuple[PreTrainedTokenizerBase, PreTrainedModel] | None = None

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._folder.name

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        """(n,) float32: the model's own scores, before any squashing to [0, 1].

        Query and text are cut to the model's window, the longer one first. Raises UsageError for
        what is no text and MissingDependencyError where the model cannot be loaded.
        """
        pairs = [(_encodable(query), _encodable(text)) for text in require_texts(texts)]
        scores = np.empty(len(pairs), dtype=np.float32)
        if not pairs:
            return scores
        with self._running:
            if self._loaded is None:
                self._loaded = _load(self._folder)
            tokenizer, model = self._loaded
            window = _window(tokenizer, model)
            inputs = [
                tokenizer(*pair, truncation="longest_first", max_length=window) for pair in pairs
            ]
            lengths = [len(tokens["input_ids"]) for tokens in inputs]
            for members, length in _batches(lengths, window):
                batch = [inputs[i] for i in members]
                scores[members] = _forward(tokenizer, model, batch, length)
        if not np.isfinite(scores).all():
            raise MissingDependencyError(
                f"the model in {self._folder.path} gives scores that are no numbers",
                hint="download the model again",
            )
        return scores


def _find_folder(model: str, *, allow_download: bool) -> ModelFolder:
    path = _local_folder(model)
    if path is not None:
        return check_folder(path.resolve().name, path)
    repository = repository_name(model if "/" in model else f"{_OWNER}/{model}")
    # A folder of that name, though without a config.json, is what the user means.
    if repository is None or Path(model).exists():
        raise MissingDependencyError(
            f"model {model!r} is no folder with a {_CONFIG}, and no name on the Hugging Face hub",
            hint="give the folder of a downloaded cross-encoder, or its name on the hub "
            "(owner/name)",
        )
    path = fetch_snapshot(repository) if allow_download else cached_snapshot(repository)
    if path is None:
        raise MissingDependencyError(
            f"model {model!r} is not on this machine: it is no folder with a {_CONFIG}, and "
            f"{repository} is not in {hub_cache()}",
            hint="--allow-download fetches it, or copy its folder here and give the path",
        )
    if not (path / _CONFIG).is_file():
        raise MissingDependencyError(
            f"{path} has no {_CONFIG}: {repository} is not a cross-encoder, or not all of it is "
            "there",
            hint="use a cross-encoder; --allow-download completes one",
        )
    return check_folder(repository, path)


def _local_folder(model: str) -> Path | None:
    try:
        path = Path(model).expanduser()
        return path if (path / _CONFIG).is_file() else None
    except (OSError, ValueError, RuntimeError):  # a name too long, a NUL in it, no such user's home
        return None


def _require_one_score(folder: ModelFolder) -> None:
    """Raise for a model that gives vectors or words, or a score for each of several labels."""
    file = folder.path / _CONFIG
    config = json.loads(file.read_text("utf-8"))  # it is JSON: the folder was checked
    config = config if isinstance(config, dict) else {}
    kinds = config.get("architectures")
    kinds = [str(kind) for kind in kinds] if isinstance(kinds, list) else []
    hint = "use a cross-encoder with one score, such as cross-encoder/ms-marco-MiniLM-L6-v2"
    if not any(kind.endswith(_ONE_SCORE) for kind in kinds):
        named = kinds[0] if kinds else "no architecture"
        raise MissingDependencyError(
            f"{file} names {named}, which is not a cross-encoder ({_ONE_SCORE})", hint=hint
        )
    n_labels = _n_labels(config)
    if n_labels != 1:
        raise MissingDependencyError(f"{file} names {n_labels} labels, expected one", hint=hint)


def _n_labels(config: dict[str, Any]) -> int:
    """Labels by a configuration; transformers leaves them out of the file where they are two."""
    labels = config.get("id2label")
    if isinstance(labels, dict):
        return len(labels)
    told = config.get("num_labels", 2)
    return told if isinstance(told, int) else 2


def _load(folder: ModelFolder) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    """Tokenizer and model; MissingDependencyError where they cannot be loaded whole.

    What its weights file lacks, transformers would fill with random numbers and a warning.
    """
    forbid_telemetry()
    try:
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
        from transformers.utils import logging
    except ImportError as error:
        raise MissingDependencyError(
            f"cannot load transformers: {error}",
            hint="reinstall paperatlas with its constraints file (make demo does)",
        ) from error
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    safe: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder.path), **safe)
        model, told = AutoModelForSequenceClassification.from_pretrained(
            str(folder.path),
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
            **safe,
        )
    except Exception as error:  # a damaged folder raises whatever it meets first
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise MissingDependencyError(
            f"cannot load the model in {folder.path}: {reason}", hint="download the model again"
        ) from error
    if missing := sorted(map(str, told["missing_keys"])):
        raise MissingDependencyError(
            f"the weights in {folder.path} lack {missing[0]}: it is not a cross-encoder, or not "
            "all of it is there",
            hint="download the model again, or use a cross-encoder",
        )
    return tokenizer, model.eval()


def _window(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> int:
    """Tokens that the model reads at once; a tokenizer without a limit says a huge number."""
    positions = getattr(model.config, "max_position_embeddings", None) or _LONGEST
    return int(min(tokenizer.model_max_length, positions, _LONGEST))


def _batches(lengths: Sequence[int], window: int) -> list[tuple[list[int], int]]:
    """Positions of each batch's pairs and the length that they are padded to, short ones first."""
    groups: dict[int, list[int]] = defaultdict(list)
    for position, length in enumerate(lengths):
        groups[min(-(-length // _LENGTH_STEP) * _LENGTH_STEP, window)].append(position)
    return [
        (members[first : first + _BATCH_PAIRS], length)
        for length, members in sorted(groups.items())
        for first in range(0, len(members), _BATCH_PAIRS)
    ]


def _forward(
    tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel, batch: list[Any], length: int
) -> Scores:
    """(len(batch),) scores of at most one batch, run as a full one of `length` tokens."""
    import torch

    filled = batch + [batch[0]] * (_BATCH_PAIRS - len(batch))
    features = tokenizer.pad(filled, padding="max_length", max_length=length, return_tensors="pt")
    with torch.inference_mode():
        logits = model(**features).logits
    scores: Scores = logits[: len(batch), 0].float().numpy()
    return scores


def _encodable(text: str) -> str:
    """The text without half surrogate pairs, which tokenizers refuse."""
    return text.encode("utf-8", "replace").decode("utf-8")
