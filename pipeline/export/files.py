"""Files put in place whole, and where they may be put."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pipeline.artifacts import is_atlas
from pipeline.errors import OutputError
from pipeline.render import staged_file


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written, and what it holds: `count` of a `unit`, such as 169 of `paper`."""

    path: Path
    format: str
    unit: str
    count: int
    remark: str = ""
    """The command that opens it, or what else there is to know."""


def make_folder(folder: Path) -> None:
    """Make the folder where it is missing; OutputError where there can be none, or an atlas is."""
    if is_atlas(folder):
        raise OutputError(
            f"{folder}: is an atlas, which holds its own files alone",
            hint="choose another folder with -o",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError(
            f"{folder}: is a file, not a folder", hint="choose a folder with -o"
        ) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(
            f"{folder}: cannot be made ({reason})", hint="choose another folder with -o"
        ) from error


@contextmanager
def open_text(path: Path, *, encoding: str = "utf-8") -> Iterator[TextIO]:
    """A text file that takes its place when it is whole; line ends stay as they are written."""
    with staged_file(path) as staged, staged.open("w", encoding=encoding, newline="") as file:
        yield file


def write_text(path: Path, write: Callable[[TextIO], int], *, encoding: str = "utf-8") -> int:
    """Write a text file in one step; gives what `write` counted."""
    with open_text(path, encoding=encoding) as file:
        return write(file)
