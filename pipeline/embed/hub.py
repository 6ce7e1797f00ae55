"""Models of the Hugging Face hub: in its cache on this machine, or fetched when that is allowed."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import MissingDependencyError
from pipeline.offline import forbid_telemetry

# What a model needs of its repository. Its pickles, its code, and its copies for other runtimes
# are never fetched: nothing here would load them. (`*` matches slashes too.)
_WANTED_FILES = ["*.safetensors", "*.json", "*.txt", "*.model", "README.md"]
_UNWANTED_FOLDERS = ["onnx", "openvino", "coreml"]
_UNWANTED_FILES = [f"{above}{name}/*" for name in _UNWANTED_FOLDERS for above in ("", "*/")]

# The hub's own rules for a name: letters, digits, `-`, `_` and `.`, at most 96 of them.
_NAME = re.compile(r"(?:\w[\w.-]{0,95}/)?\w(?:[\w.-]{0,94}\w)?", re.ASCII)
_DEFAULT_OWNER = "sentence-transformers"


def repository_name(model: str) -> str | None:
    """`owner/name` of `model`, sentence-transformers' for a bare name; None where the hub could
    have no such repository."""
    if not _NAME.fullmatch(model) or "--" in model or ".." in model or model.endswith(".git"):
        return None
    return model if "/" in model else f"{_DEFAULT_OWNER}/{model}"


def hub_cache() -> Path:
    """Where the hub's libraries keep models on this machine (HF_HUB_CACHE, HF_HOME)."""
    forbid_telemetry()
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE).absolute()


def cached_snapshot(repository: str) -> Path | None:
    """The folder of `repository` in the hub's cache, whoever has put it there, or None.

    This is what `snapshot_download(..., local_files_only=True)` finds, which takes 0.2 s more to
    import (2.4.0), and it also takes a folder with fewer files than the repository has:
    sentence-transformers fetches only those that it needs.
    """
    folder = hub_cache() / f"models--{repository.replace('/', '--')}"
    try:
        commit = (folder / "refs" / "main").read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    snapshot = folder / "snapshots" / commit
    return snapshot if re.fullmatch("[0-9a-f]{40}", commit) and snapshot.is_dir() else None


def fetch_snapshot(repository: str) -> Path:
    """The folder of `repository` in the hub's cache, fetched where it is not complete there.

    Of a complete one the hub is not asked. Nothing is written to stdout or stderr. Raises
    MissingDependencyError where it cannot be had, with the reason and the next step.
    """
    forbid_telemetry()
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    def download(*, local_files_only: bool) -> Path:
        return Path(
            snapshot_download(
                repository,
                allow_patterns=_WANTED_FILES,
                ignore_patterns=_UNWANTED_FILES,
                local_files_only=local_files_only,
            )
        )

    try:
        return download(local_files_only=True)
    except LocalEntryNotFoundError:
        pass
    try:
        with _quietly_online():
            return download(local_files_only=False)
    except Exception as error:  # the hub's own, its HTTP library's, the disk's
        raise _refusal(repository, error) from error


@contextmanager
def _quietly_online() -> Iterator[None]:
    """The hub's library may ask the hub, without telemetry, bars and warnings of its own."""
    from huggingface_hub import constants
    from huggingface_hub.utils import (  # type: ignore[attr-defined]
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    # The variables are read at import; each request and each look-up then asks these names
    # (2.4.0: `is_offline_mode`), so they can be changed for the length of one call.
    settings = {"HF_HUB_OFFLINE": False, "HF_HUB_DISABLE_TELEMETRY": True}
    before = {name: getattr(constants, name) for name in settings}
    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    bars = not are_progress_bars_disabled()
    try:
        for name, value in settings.items():
            setattr(constants, name, value)
        logger.setLevel(logging.ERROR)
        if bars:
            disable_progress_bars()
        yield
    finally:
        for name, value in before.items():
            setattr(constants, name, value)
        logger.setLevel(level)
        if bars:
            enable_progress_bars()


def _refusal(repository: str, error: Exception) -> MissingDependencyError:
    from huggingface_hub import constants
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    endpoint = constants.ENDPOINT
    if isinstance(error, GatedRepoError):
        return MissingDependencyError(
            f"model {repository} at {endpoint} is only for those whom its owners have let in",
            hint=f"ask for access at {endpoint}/{repository}, then set HF_TOKEN",
        )
    if isinstance(error, RepositoryNotFoundError):
        return MissingDependencyError(
            f"there is no model {repository} at {endpoint}, or it is private",
            hint="check the name, or set HF_TOKEN if the model is private",
        )
    cause = error.__cause__ or error
    reason = next(iter(str(cause).splitlines()), "") or type(cause).__name__
    return MissingDependencyError(
        f"model {repository} could not be fetched from {endpoint}: {reason.strip()}",
        hint="try again later, or copy the model's folder to this machine and give its path",
    )
