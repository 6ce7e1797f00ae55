"""Where a map is written, in one step."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import OutputError


def require_place(path: Path, *, option: str = "-o") -> Path:
    """The path; OutputError where no file can be there. `option`: that which named it."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder", hint=f"name a file in it with {option}")
    if not path.parent.is_dir():
        raise OutputError(
            f"{path.parent}: no such folder", hint=f"make it, or choose another one with {option}"
        )
    return path


def put_file(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Put `content`, whole or in pieces, in place of `path` in one step; OutputError where it
    cannot be written."""
    with staged_file(path) as staged, staged.open("wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)


@contextmanager
def staged_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to, which then takes its place in one step.

    OutputError where that cannot be written; whatever goes wrong, what was there stays.
    """
    staged = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        yield staged
        staged.replace(path)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise OutputError(
            f"{path}: cannot be written ({reason})", hint="choose another place with -o"
        ) from error
    finally:
        staged.unlink(missing_ok=True)
