"""Writing so that a crash leaves the old or the new, and saying plainly when it cannot be done."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import OutputError

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_A_FOLDER = frozenset({errno.ENOTDIR, errno.EEXIST, errno.EISDIR})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_COPY_BYTES = 1 << 20
_FULL_BELOW_BYTES = 64 << 10


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system says about `path` into an `OutputError` with a next step."""
    try:
        yield
    except sqlite3.OperationalError as error:
        # sqlite3 hides the errno: "database or disk is full", "disk I/O error", "unable to open".
        raise OutputError(
            f"{path}: cannot be written ({error})",
            hint="free some space or choose another folder with -o; a previous atlas is whole",
        ) from error
    except OSError as error:
        raise output_error(path, error) from error


def output_error(path: Path, error: OSError) -> OutputError:
    """One line that names the path and the reason, with what to do next as the hint."""
    reason = os.strerror(error.errno).lower() if error.errno else str(error)
    if error.errno in FULL_DISK:
        hint = "free some space or choose another folder with -o; a previous atlas is whole"
    elif error.errno in _FORBIDDEN:
        hint = "choose a folder that you may write to with -o"
    elif error.errno in _NOT_A_FOLDER:
        hint = "something else has this name; choose another folder with -o"
    else:
        hint = "check the path and the disk, or choose another folder with -o"
    return OutputError(f"{path}: cannot be written ({reason})", hint=hint)


def is_full(folder: Path, error: Exception) -> bool:
    """True where `error` says that the disk of `folder` is full, or says nothing and it is.

    NumPy's `tofile` raises an OSError without errno on a full disk, and FAISS a RuntimeError.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in FULL_DISK
    try:
        return shutil.disk_usage(folder).free < _FULL_BELOW_BYTES
    except OSError:
        return False


def full_disk_error(folder: Path) -> OutputError:
    """Say that the disk of `folder` is full."""
    return output_error(folder, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def write_durably(path: Path, content: bytes) -> None:
    """Write `content` to `path` and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_file(path: Path) -> None:
    """Wait until the disk has what was written to `path`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in `folder`, so that a rename survives a power cut."""
    if os.name == "nt":  # Windows opens no folders; NTFS keeps its own journal of names
        return
    sync_file(folder)


def reserve(path: Path, n_bytes: int) -> None:
    """Give `path` its full size on disk now; raise ENOSPC here and not later.

    A memory map over a sparse file on a full disk dies of SIGBUS at the first touch of a page that
    has no block, which no handler can turn into an error message.
    """
    with path.open("r+b") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, n_bytes)
            return
        start = file.seek(0, os.SEEK_END)
        for offset in range(start, n_bytes, _COPY_BYTES):
            file.write(bytes(min(_COPY_BYTES, n_bytes - offset)))


def make_read_only(path: Path) -> None:
    """Take every write permission off `path`."""
    path.chmod(path.stat().st_mode & 0o555)


def remove_tree(folder: Path) -> None:
    """Delete `folder` as far as possible; what stays is left to the next writer's cleaning."""
    if folder.is_symlink():
        return
    shutil.rmtree(folder, ignore_errors=True)


def remove_file(path: Path) -> None:
    """Delete `path` where it is there and may be deleted."""
    with suppress(OSError):
        path.unlink()
