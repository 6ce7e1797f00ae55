"""One SQLite file of the user's cache: opened with care, set aside when damaged."""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

_BUSY_TIMEOUT_S = 10.0
_CHECK_BYTES = 8
_SIDE_FILES = ("-wal", "-shm")
_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class CacheFile:
    """A file that may be deleted at any time and must fail nobody.

    Safe for several threads and processes. Whatever the disk does, `attempt` gives None and one
    warning says why: a damaged file is set aside and begun anew, any other trouble gives it up.
    """

    def __init__(self, path: Path, *, schema: str, purpose: str, quiet: bool = False) -> None:
        """Name the file; nothing is opened until it is asked.

        `schema`: SQL statements that make its tables where they are not there; `purpose`: what is
        missed without the file, for the warning; `quiet`: no warning is logged, whoever asks finds
        it in `trouble`.
        """
        self.path = path
        self.trouble = ""
        """What became of the file at `path`, in words; "" while nothing went wrong."""
        self._schema = schema
        self._purpose = purpose
        self._quiet = quiet
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._unusable = False

    @property
    def is_usable(self) -> bool:
        """False once it was given up: it then finds nothing, keeps nothing and clears nothing."""
        return not self._unusable

    def attempt(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
        """Do `work`; on damage, start a new file and return None; on any other trouble, None."""
        with self._lock:
            if self._unusable:
                return None
            try:
                if self._connection is None:
                    self._connection = self._open()
                return work(self._connection)
            except (OSError, Timeout) as error:
                self._give_up(error)
            except (sqlite3.Error, UnicodeError) as error:
                if _is_damage(error):
                    self._start_anew(error)
                else:
                    self._give_up(error)
            return None

    def exists(self) -> bool:
        """Whether the file is there; where that cannot be found out, it is given up."""
        try:
            return self.path.exists()
        except OSError as error:  # a folder that may not be searched
            self._give_up(error)
            return False

    def empty(self, *tables: str) -> int:
        """Forget all rows of `tables` and give the space back; return how many the first had.

        Files that were set aside as damaged are removed too.
        """

        def delete(connection: sqlite3.Connection) -> int:
            ((n_rows,),) = connection.execute(f"SELECT count(*) FROM {tables[0]}")  # noqa: S608
            with transaction(connection):
                for table in tables:
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names in our code
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return int(n_rows)

        n_rows = (self.attempt(delete) or 0) if self.exists() else 0
        for path in self._set_aside():
            with suppress(OSError):
                path.unlink()
        return n_rows

    def size_on_disk(self) -> int:
        """Bytes of the file and its write-ahead log, and of files set aside as damaged."""
        total = 0
        for path in (self.path, *map(self._beside, _SIDE_FILES), *self._set_aside()):
            with suppress(OSError):
                total += path.stat().st_size
        return total

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Under the lock, so that nobody opens a new file beside the log of one being set aside.
        with self._folder_lock():
            connection = sqlite3.connect(
                self.path,
                timeout=_BUSY_TIMEOUT_S,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                for statement in self._schema.split(";"):
                    connection.execute(statement)
            except BaseException:
                self._inode = _inode(self.path)
                connection.close()
                raise
            self._inode = _inode(self.path)
        return connection

    def _folder_lock(self) -> FileLock:
        return FileLock(self.path.with_suffix(".lock"), timeout=_BUSY_TIMEOUT_S)

    def _give_up(self, error: Exception) -> None:
        self._unusable = True
        self.close()
        number = getattr(error, "errno", None)
        reason = os.strerror(number).lower() if number else str(error)
        told = f"working without {self._purpose} ({error})"
        self._warn(told, f"cannot be used ({reason})")

    def _start_anew(self, error: Exception) -> None:
        """Set the damaged file aside, unless another process has done so already."""
        self.close()
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        aside = self.path.with_name(f"{self.path.name}.damaged-{stamp}")
        try:
            with self._folder_lock():
                if _inode(self.path) == self._inode:
                    # The log first: left beside a new file, it would be replayed into that one.
                    for side in _SIDE_FILES:
                        with suppress(FileNotFoundError):
                            self._beside(side).replace(aside.with_name(aside.name + side))
                    self.path.replace(aside)
        except (OSError, Timeout) as trouble:
            self._give_up(trouble)
            return
        told = f"damaged ({error}); set aside as {aside.name} and begun anew"
        self._warn(told, told)

    def _warn(self, message: str, trouble: str) -> None:
        if not self.trouble and not self._quiet:
            _LOG.warning(f"{self.path}: {message}")
        self.trouble = self.trouble or trouble

    def _set_aside(self) -> list[Path]:
        try:
            return sorted(self.path.parent.glob(f"{self.path.name}.damaged-*"))
        except OSError:
            return []

    def _beside(self, side: str) -> Path:
        return self.path.with_name(self.path.name + side)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE to COMMIT: the write lock is asked for at once, so that waiting works.

    (A transaction that turns from reading to writing fails without waiting.)
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def seal(key: bytes, value: bytes) -> bytes:
    """`value` with a check of it and its key behind it, to be stored."""
    return value + _check(key, value)


def unseal(key: bytes, stored: object) -> bytes | None:
    """What was sealed under `key`; None where a byte has changed."""
    if not isinstance(stored, bytes) or len(stored) < _CHECK_BYTES:
        return None
    value, check = stored[:-_CHECK_BYTES], stored[-_CHECK_BYTES:]
    return value if _check(key, value) == check else None


def _check(key: bytes, value: bytes) -> bytes:
    return hashlib.sha256(key + value).digest()[:_CHECK_BYTES]


def _is_damage(error: sqlite3.Error | UnicodeError) -> bool:
    """False for a file that may be sound: busy for too long, read-only, on a full disk.

    A changed byte in the schema shows as plain SQLITE_ERROR (no such column) or as text that is no
    UTF-8, which `sqlite3` gives up on while it makes the error message.
    """
    if isinstance(error, sqlite3.OperationalError):
        # Without a code where `sqlite3` itself could not decode a column.
        code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return code & 0xFF == sqlite3.SQLITE_ERROR
    return True


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
