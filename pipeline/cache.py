"""The user's embedding cache: rows that were computed once, by embedder and text.

It lives outside every atlas, in `PAPERATLAS_CACHE` or the platform's cache folder, and it may be
deleted at any time. It must never fail a build: whatever goes wrong with it, rows are computed
again and one warning says why.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import platformdirs
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from pipeline.errors import UsageError

CACHE_VARIABLE = "PAPERATLAS_CACHE"
FILE_NAME = "embeddings-v1.sqlite"
_LOCK_NAME = "embeddings-v1.lock"
_N_KEYS = 500  # SQLite's oldest limit on parameters is 999
_N_ROWS_PER_TRANSACTION = 1000  # a few milliseconds: another build waits no longer than that
_BUSY_TIMEOUT_S = 10.0
_CHECK_BYTES = 8
_SIDE_FILES = ("-wal", "-shm")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS embedders (number INTEGER PRIMARY KEY, digest TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS rows (
  number INTEGER PRIMARY KEY, key BLOB UNIQUE, embedder INTEGER, value BLOB
);
"""
# A row that is there but torn is a miss, computed again and put again: then the new one counts.
_UPSERT = """
INSERT INTO rows (key, embedder, value) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value
"""
_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What the cache holds."""

    path: Path
    n_rows: int
    n_bytes: int
    """Of the file and its write-ahead log, and of files set aside as damaged, on disk."""
    rows_by_embedder: Mapping[str, int] = field(default_factory=dict)
    """Rows by the embedder's digest."""


def cache_folder() -> Path:
    """Return the folder that `PAPERATLAS_CACHE` names, else the platform's; it may not exist."""
    if named := os.environ.get(CACHE_VARIABLE):
        try:
            return Path(named).expanduser()
        except RuntimeError:
            raise UsageError(
                f"{CACHE_VARIABLE}={named}: there is no such user",
                hint="name a folder that may be made",
            ) from None
    return platformdirs.user_cache_path("paperatlas", appauthor=False)


class EmbeddingCache:
    """Rows by embedder digest and text, shared by all builds of a user, at once if need be.

    Safe for several threads and processes. Nothing here raises for what the disk does.
    """

    def __init__(self, folder: Path | None = None, *, quiet: bool = False) -> None:
        """Name the folder (`cache_folder()` where None); nothing is opened until it is asked.

        `quiet`: no warning is logged; whoever asks finds it in `trouble`.
        """
        self.path = (folder or cache_folder()) / FILE_NAME
        self.trouble = ""
        """What became of the file at `path`, in words; "" while nothing went wrong."""
        self._quiet = quiet
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._unusable = False

    @property
    def is_usable(self) -> bool:
        """False once it was given up: it then finds nothing, keeps nothing and clears nothing."""
        return not self._unusable

    def get_rows(
        self, embedder_digest: str, texts: Sequence[str], *, dim: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Look up the row of each text.

        Returns `found`, (n_texts,), and `rows`, (n_texts, dim) float32, zero where not found. A
        stored row of another length, or with a changed byte, counts as not found.
        """
        found = np.zeros(len(texts), dtype=bool)
        rows = np.zeros((len(texts), dim), dtype=np.float32)
        places: dict[bytes, list[int]] = {}
        for i, key in enumerate(_keys(embedder_digest, texts)):
            places.setdefault(key, []).append(i)

        def look_up(connection: sqlite3.Connection) -> None:
            for key, value in _select(connection, list(places)):
                row = _unpack(key, value, dim)
                if row is not None:
                    found[places[key]] = True
                    rows[places[key]] = row

        self._attempt(look_up)
        return found, rows

    def put_rows(
        self, embedder_digest: str, texts: Sequence[str], rows: NDArray[np.float32]
    ) -> None:
        """Keep the row of each text; `rows` is (n_texts, dim) float32.

        Rows that are not finite are not kept. ValueError where lengths differ.
        """
        if rows.ndim != 2 or len(rows) != len(texts):
            raise ValueError(f"rows {rows.shape} for {len(texts)} texts")
        rows = np.ascontiguousarray(rows, dtype="<f4")
        keys = list(_keys(embedder_digest, texts))
        finite = np.flatnonzero(np.isfinite(rows).all(axis=1))
        values = [(keys[i], _pack(keys[i], rows[i])) for i in finite.tolist()]

        def store(connection: sqlite3.Connection) -> None:
            number = _embedder_number(connection, embedder_digest)
            for start in range(0, len(values), _N_ROWS_PER_TRANSACTION):
                part = values[start : start + _N_ROWS_PER_TRANSACTION]
                with _Transaction(connection):
                    connection.executemany(_UPSERT, ((k, number, value) for k, value in part))

        if values:
            self._attempt(store)

    def info(self) -> CacheInfo:
        """Return what the cache holds; nothing where it is not there or cannot be read."""
        if not self._exists():
            return CacheInfo(self.path, 0, self._size_on_disk())

        def read(connection: sqlite3.Connection) -> dict[str, int]:
            query = (
                "SELECT digest, count(*) FROM rows JOIN embedders ON embedder = embedders.number "
                "GROUP BY digest ORDER BY digest"
            )
            return dict(connection.execute(query))

        counts = self._attempt(read) or {}
        return CacheInfo(self.path, sum(counts.values()), self._size_on_disk(), counts)

    def clear(self) -> int:
        """Forget every row and give the space back; return how many rows there were.

        Files that were set aside as damaged are removed too.
        """

        def empty(connection: sqlite3.Connection) -> int:
            ((n_rows,),) = connection.execute("SELECT count(*) FROM rows")
            with _Transaction(connection):
                connection.execute("DELETE FROM rows")
                connection.execute("DELETE FROM embedders")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return int(n_rows)

        n_rows = (self._attempt(empty) or 0) if self._exists() else 0
        for path in self._set_aside():
            with suppress(OSError):
                path.unlink()
        return n_rows

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None

    def _attempt(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
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
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
            except BaseException:
                self._inode = _inode(self.path)
                connection.close()
                raise
            self._inode = _inode(self.path)
        return connection

    def _folder_lock(self) -> FileLock:
        return FileLock(self.path.with_name(_LOCK_NAME), timeout=_BUSY_TIMEOUT_S)

    def _give_up(self, error: Exception) -> None:
        self._unusable = True
        self.close()
        number = getattr(error, "errno", None)
        reason = os.strerror(number).lower() if number else str(error)
        told = f"working without the embedding cache ({error})"
        self._warn(told, f"cannot be used ({reason})")

    def _start_anew(self, error: Exception) -> None:
        """Set the damaged file aside, unless another process has done so already."""
        self.close()
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        aside = self.path.with_name(f"{FILE_NAME}.damaged-{stamp}")
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

    def _exists(self) -> bool:
        try:
            return self.path.exists()
        except OSError as error:  # a folder that may not be searched
            self._give_up(error)
            return False

    def _set_aside(self) -> list[Path]:
        try:
            return sorted(self.path.parent.glob(f"{FILE_NAME}.damaged-*"))
        except OSError:
            return []

    def _beside(self, side: str) -> Path:
        return self.path.with_name(self.path.name + side)

    def _size_on_disk(self) -> int:
        total = 0
        for path in (self.path, *map(self._beside, _SIDE_FILES), *self._set_aside()):
            with suppress(OSError):
                total += path.stat().st_size
        return total


class _Transaction:
    """BEGIN IMMEDIATE to COMMIT: the write lock is asked for at once, so that waiting works.

    (A transaction that turns from reading to writing fails without waiting.)
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
        else:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")


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


def _keys(embedder_digest: str, texts: Sequence[str]) -> Iterator[bytes]:
    """SHA-256 of the embedder's digest and each text, with a mark between that neither holds."""
    prefix = hashlib.sha256(embedder_digest.encode() + b"\0")
    for text in texts:
        digest = prefix.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        yield digest.digest()


def _pack(key: bytes, row: NDArray[np.float32]) -> bytes:
    value = row.tobytes()
    return value + _check(key, value)


def _unpack(key: bytes, value: object, dim: int) -> NDArray[np.float32] | None:
    if not isinstance(value, bytes) or len(value) != 4 * dim + _CHECK_BYTES:
        return None
    row, check = value[:-_CHECK_BYTES], value[-_CHECK_BYTES:]
    return np.frombuffer(row, dtype="<f4") if _check(key, row) == check else None


def _check(key: bytes, value: bytes) -> bytes:
    return hashlib.sha256(key + value).digest()[:_CHECK_BYTES]


def _select(connection: sqlite3.Connection, keys: list[bytes]) -> Iterator[tuple[bytes, object]]:
    for start in range(0, len(keys), _N_KEYS):
        part = keys[start : start + _N_KEYS]
        places = ", ".join("?" * len(part))
        query = f"SELECT key, value FROM rows WHERE key IN ({places})"  # noqa: S608 - question marks
        with closing(connection.execute(query, part)) as cursor:
            yield from cursor


def _embedder_number(connection: sqlite3.Connection, digest: str) -> int:
    with _Transaction(connection):
        connection.execute("INSERT OR IGNORE INTO embedders (digest) VALUES (?)", (digest,))
        query = "SELECT number FROM embedders WHERE digest = ?"
        ((number,),) = connection.execute(query, (digest,)).fetchall()
    return int(number)
