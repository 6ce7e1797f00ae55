"""Where a map is written, in one step."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from pipeline.errors import OutputError


def require_place(path: Path) -> Path:
    """The path; OutputError where no file can be there."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder", hint="name a file in it with -o")
    if not path.parent.is_dir():
        raise OutputError(
            f"{path.parent}: no such folder", hint="make it, or choose another one with -o"
        )
    return path


def put_file(path: Path, content: bytes) -> None:
    """Put `content` in place of `path`, in one step; OutputError where it cannot be written."""
    staged = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        staged.write_bytes(content)
        staged.replace(path)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise OutputError(
            f"{path}: cannot be written ({reason})", hint="choose another file with -o"
        ) from error
    finally:
        staged.unlink(missing_ok=True)
