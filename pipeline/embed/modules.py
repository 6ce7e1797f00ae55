"""A sentence-transformers model's own modules: their width without weights, or all of it loaded."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline.errors import MissingDependencyError
from pipeline.offline import forbid_telemetry

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from pipeline.embed.model_folder import ModelFolder


def own_dim(folder: ModelFolder) -> int:
    """Width of the model's rows by its own configuration; 0 where that does not say."""
    width: Any = 0
    for kind, settings in _modules(folder):
        if kind == "Pooling" and _pools_once(settings):
            width = settings.get("word_embedding_dimension") or settings.get("embedding_dimension")
        elif kind == "Dense":
            width = settings.get("out_features")
        elif kind not in {"Transformer", "Normalize", "Dropout"}:
            return 0
    return width if isinstance(width, int) else 0


def leaves_out_prompt(folder: ModelFolder) -> bool:
    """True where the model's mean is taken over the text without its prompt."""
    return any(
        kind == "Pooling" and settings.get("include_prompt") is False
        for kind, settings in _modules(folder)
    )


def _modules(folder: ModelFolder) -> Iterator[tuple[str, dict[str, Any]]]:
    """The class and the settings of each of the model's modules, in order."""
    for module in json.loads((folder.path / "modules.json").read_text("utf-8")):
        try:
            config = folder.path / module.get("path", "") / "config.json"
            settings = json.loads(config.read_text("utf-8"))
        except (OSError, ValueError):
            settings = {}
        yield module["type"].rpartition(".")[2], settings if isinstance(settings, dict) else {}


def load_model(
    folder: ModelFolder, *, device: str = "cpu", precision: str = "fp32"
) -> SentenceTransformer:
    """The model in PyTorch, safetensors only; MissingDependencyError where it cannot be loaded."""
    forbid_telemetry()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    try:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise MissingDependencyError(
            f"cannot load sentence-transformers: {error}",
            hint="reinstall paperatlas with its constraints file (make demo does)",
        ) from error
    # Loading shows a bar of its own on stderr, which is ours to write.
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    try:
        return SentenceTransformer(
            str(folder.path),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": dtype},
        ).eval()
    except Exception as error:  # a damaged folder raises whatever it meets first
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise MissingDependencyError(
            f"cannot load the model in {folder.path}: {reason}", hint="download the model again"
        ) from error


def _pools_once(settings: dict[str, Any]) -> bool:
    """True where a row is one pooled vector, not several side by side."""
    modes = [value for name, value in settings.items() if name.startswith("pooling_mode_")]
    return sum(map(bool, modes)) == 1 or isinstance(settings.get("pooling_mode"), str)
