"""Find the files that the user means: files and folders, and what comes on standard input."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import InputError

STDIN = Path("-")
HINT = "docs/import.md lists what can be read"
_NOT_DATA = re.compile(
    r"(?i)(?:readme|licen[cs]e|copying|changelog|contributing|authors|notice|makefile|citation)"
    r"(?:\.(?:md|txt|rst|cff))?|.*\.(?:md|py|sh|toml|ya?ml|ini|cfg|lock|log|css|js)|thumbs\.db"
)


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read: where it is, what the report calls it, and whether the user named it.

    With an `error` it is a folder that cannot be listed, and is no more than reported.
    """

    path: Path
    file: str
    named: bool
    error: str = ""

    @property
    def shown(self) -> str:
        """What messages call it."""
        return "standard input" if self.file == "stdin" else str(self.path)


def is_data_name(name: str) -> bool:
    """False for files that lie beside data and are none, by their names: README, LICENSE."""
    return _NOT_DATA.fullmatch(name) is None


def find_files(sources: Sequence[Path], spool: Path) -> list[InputFile]:
    """Give the files of all SOURCEs, each once, under unique names; InputError if missing.

    A SOURCE `-` is standard input, which is kept as a file in the folder `spool`: readers look
    at a file more than once.
    """
    found: dict[Path, InputFile] = {}
    for source in sources:
        for item in [_spooled(spool)] if source == STDIN else _files_of(source):
            real = Path(os.path.realpath(item.path))
            known = found.get(real)
            if known is None or (len(item.file), item.file) < (len(known.file), known.file):
                named = item.named or (known is not None and known.named)
                found[real] = replace(item, named=named)
            elif item.named:
                found[real] = replace(known, named=True)
    return _with_unique_names(list(found.values()))


def _spooled(spool: Path) -> InputFile:
    path = spool / "stdin"
    if not path.exists():
        if sys.stdin is None or sys.stdin.isatty():
            hint = "pipe a file into it: cat papers.ris | paperatlas inspect -"
            raise InputError("nothing on standard input", hint=hint)
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
    return InputFile(path, "stdin", named=True)


def _files_of(source: Path) -> Iterator[InputFile]:
    try:
        is_folder = source.is_dir()
        exists = is_folder or source.exists()
    except OSError as error:  # a name too long, a loop of links, a NUL
        raise InputError(f"{source}: cannot be opened ({error.strerror})", hint=HINT) from error
    except ValueError as error:
        raise InputError(f"{str(source)!r}: not a path", hint=HINT) from error
    if not exists:
        hint = "check the spelling; relative paths start at the current folder"
        raise InputError(f"{source}: no such file or folder", hint=hint)
    if not is_folder:
        if not source.is_file():
            raise InputError(f"{source}: not a regular file", hint=HINT)
        yield InputFile(source, source.name, named=True)
        return
    if not os.access(source, os.R_OK | os.X_OK):
        raise InputError(f"{source}: folder cannot be read", hint="check its permissions")
    yield from _walk(source)


def _walk(folder: Path) -> Iterator[InputFile]:
    """Files below a folder in sorted order; links are followed, but no folder is entered twice.

    An atlas is not entered: it is what we make. A folder that cannot be listed is given as such.
    """
    seen: set[str] = set()
    refused: list[OSError] = []
    for parent, folders, files in os.walk(folder, followlinks=True, onerror=refused.append):
        real = os.path.realpath(parent)
        if real in seen or _is_atlas(folders, files):
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith("."):
                yield InputFile(path, path.relative_to(folder).as_posix(), named=False)
    for error in refused:
        path = Path(error.filename or folder)
        name = path.relative_to(folder).as_posix()
        reason = f"folder cannot be read ({error.strerror or error})"
        yield InputFile(path, f"{name}/", named=False, error=reason)


def _is_atlas(folders: Sequence[str], files: Sequence[str]) -> bool:
    return ".paperatlas.lock" in files or ("CURRENT" in files and "snapshots" in folders)


def _with_unique_names(files: Sequence[InputFile]) -> list[InputFile]:
    """Put as many parent folders before equal names as tell them apart, in any order of SOURCEs."""
    taken = Counter(item.file for item in files)
    named = []
    for item in files:
        name, parents = item.file, list(Path(os.path.realpath(item.path)).parts[1:-1])
        if taken[item.file] > 1:
            depth = len(Path(item.file).parts)
            twins = [f for f in files if f.file == item.file and f is not item]
            while parents and any(_tail(t.path, depth) == _tail(item.path, depth) for t in twins):
                depth += 1
            name = _tail(item.path, depth)
        named.append(replace(item, file=name))
    return sorted(named, key=lambda item: item.file)


def _tail(path: Path, depth: int) -> str:
    return "/".join(Path(os.path.realpath(path)).parts[-depth:])
