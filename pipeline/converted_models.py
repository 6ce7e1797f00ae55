"""Models that OpenVINO converted: one folder each in the user's cache, made again when missing.

`<cache>/models/<16 hex digits>-<precision>/` holds `model.xml`, `model.bin` and `model.json`, which
says what they were made from, and their SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.cache import cache_folder
from pipeline.errors import OutputError

FOLDER_NAME = "models"
TEMPORARY = ".tmp-"
"""How the name of a folder begins while a conversion, or a removal, is at work in it."""
_FACTS_FILE = "model.json"
_SCHEMA = "paperatlas.converted/1"
# A younger temporary folder may belong to a conversion at work, which takes a minute at most.
_ABANDONED_AFTER_S = 600.0


@dataclass(frozen=True, slots=True)
class ConvertedModel:
    """One folder of converted models.

    `name`, `precision` and `digest` are what its `model.json` says, all "" where that cannot be
    read: the folder then only takes `n_bytes` of the disk.
    """

    path: Path
    name: str
    precision: str
    digest: str
    n_bytes: int

    @property
    def is_whole(self) -> bool:
        """False for what a conversion that was stopped has left, and for a damaged folder."""
        return bool(self.name) and not self.path.name.startswith(TEMPORARY)


@dataclass(frozen=True, slots=True)
class ClearedModels:
    """What was removed: whole models, and the bytes that came free with them and with remains."""

    n_models: int
    n_bytes: int


def models_folder() -> Path:
    """The folder that holds one folder for each converted model; it may not exist."""
    return cache_folder() / FOLDER_NAME


def find_converted(digest: str, precision: str) -> Path | None:
    """The folder of the model with this digest, or None where it is not there or not whole.

    Names and sizes of its files are looked at; `is_unchanged` reads them.
    """
    path = place_of(models_folder(), digest, precision)
    told = _read_facts(path)
    try:
        sizes = {name: (path / name).stat().st_size for name in told["files"]}
        written = {name: entry["size"] for name, entry in told["files"].items()}
    except (OSError, KeyError, TypeError, AttributeError):
        return None
    return path if told.get("digest") == digest and sizes == written else None


def is_unchanged(path: Path) -> bool:
    """True where every file of a converted model has the SHA-256 that it was written with."""
    try:
        files = _read_facts(path)["files"]
        return all(_sha256(path / name) == entry["sha256"] for name, entry in files.items())
    except (OSError, KeyError, TypeError, AttributeError):
        return False


@contextmanager
def new_converted(folder: Path, digest: str, *, name: str, precision: str) -> Iterator[Path]:
    """An empty folder to write a model's files to; in one step it is found under its name in
    `folder` when the block ends, and it is gone where the block fails."""
    staged = folder / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
    staged.mkdir(parents=True)
    try:
        yield staged
        files: dict[str, dict[str, Any]] = {
            path.name: {"size": path.stat().st_size, "sha256": _sha256(path)}
            for path in sorted(staged.iterdir())
        }
        told = {
            "schema": _SCHEMA,
            "name": name,
            "precision": precision,
            "digest": digest,
            "bytes": sum(entry["size"] for entry in files.values()),
            "files": files,
        }
        (staged / _FACTS_FILE).write_text(json.dumps(told, indent=1), "utf-8")
        place = place_of(folder, digest, precision)
        remove_converted(place)  # what was not whole
        staged.rename(place)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def list_converted() -> list[ConvertedModel]:
    """Every converted model, and the remains of stopped conversions, by the folder's name.

    Links are no models: nothing is read behind them. Raises OutputError where the folder may not
    be read.
    """
    return [_read_model(path) for path in _model_folders()]


def clear_converted() -> ClearedModels:
    """Remove every converted model, and the remains of conversions that were stopped.

    What a conversion may be writing now is left. Raises OutputError for a folder that cannot be
    removed; those before it are gone.
    """
    models = [model for model in list_converted() if not _is_at_work(model.path)]
    for model in models:
        remove_converted(model.path)
    return ClearedModels(
        sum(model.is_whole for model in models), sum(model.n_bytes for model in models)
    )


def _model_folders() -> list[Path]:
    folder = models_folder()
    try:
        if folder.is_symlink():
            return []
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _as_output_error(folder, "read", error) from error
    return [folder / name for name in sorted(names)]


def _read_model(path: Path) -> ConvertedModel:
    name, precision, digest = _facts(path)
    n_bytes = 0
    for file in _files_below(path):
        with suppress(OSError):  # gone meanwhile
            n_bytes += file.lstat().st_size
    return ConvertedModel(path, name, precision, digest, n_bytes)


def _facts(path: Path) -> tuple[str, str, str]:
    told = _read_facts(path)
    try:
        return str(told["name"]), str(told["precision"]), str(told["digest"])
    except KeyError:
        return "", "", ""


def _read_facts(path: Path) -> dict[str, Any]:
    """What `model.json` says; empty where it cannot be read."""
    try:
        told = json.loads((path / _FACTS_FILE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def place_of(folder: Path, digest: str, precision: str) -> Path:
    """Where in `folder` the model with this digest lies, or would lie."""
    return folder / f"{digest[:16]}-{precision}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files_below(path: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(path):  # follows no links, and passes over what it cannot read
        yield from (Path(folder, name) for name in names)


def _is_at_work(path: Path) -> bool:
    if not path.name.startswith(TEMPORARY):
        return False
    times = []
    for part in (path, *_files_below(path)):
        with suppress(OSError):
            times.append(part.lstat().st_mtime)
    return bool(times) and time.time() - max(times) < _ABANDONED_AFTER_S


def remove_converted(path: Path) -> None:
    """Remove a model's folder; under its name it is whole until it is gone, for its readers."""
    aside = path
    if not path.name.startswith(TEMPORARY):
        aside = path.with_name(f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}")
    try:
        if aside != path:
            path.rename(aside)
        shutil.rmtree(aside)
    except FileNotFoundError:
        return  # another process removed it
    except OSError as error:
        raise _as_output_error(path, "removed", error) from error


def _as_output_error(path: Path, what: str, error: OSError) -> OutputError:
    reason = os.strerror(error.errno or 0).lower()
    return OutputError(
        f"{path}: cannot be {what} ({reason})", hint="see to its permissions, or remove it by hand"
    )
