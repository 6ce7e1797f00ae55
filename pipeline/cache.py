"""The user's embedding cache: rows that were computed once, by embedder and text.

It lives outside every atlas, in `PAPERATLAS_CACHE` or the platform's cache folder, and it may be
deleted at any time. It must never fail a build: whatever goes wrong with it, rows are computed
again and one warning says why.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from pipeline.cache_file import CacheFile, seal, transaction, unseal
from pipeline.errors import UsageError

CACHE_VARIABLE = "PAPERATLAS_CACHE"
FILE_NAME = "embeddings-v1.sqlite"
_N_KEYS = 500  # SQLite's oldest limit on parameters is 999
_N_ROWS_PER_TRANSACTION = 1000  # a few milliseconds: another build waits no longer than that
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


class EmbeddingCache(CacheFile):
    """Rows by embedder digest and text, shared by all builds of a user, at once if need be.

    Safe for several threads and processes. Nothing here raises for what the disk does.
    """

    def __init__(self, folder: Path | None = None, *, quiet: bool = False) -> None:
        """Name the folder (`cache_folder()` where None); nothing is opened until it is asked.

        `quiet`: no warning is logged; whoever asks finds it in `trouble`.
        """
        path = (folder or cache_folder()) / FILE_NAME
        super().__init__(path, schema=_SCHEMA, purpose="the embedding cache", quiet=quiet)

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

        self.attempt(look_up)
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
        values = [(keys[i], seal(keys[i], rows[i].tobytes())) for i in finite.tolist()]

        def store(connection: sqlite3.Connection) -> None:
            number = _embedder_number(connection, embedder_digest)
            for start in range(0, len(values), _N_ROWS_PER_TRANSACTION):
                part = values[start : start + _N_ROWS_PER_TRANSACTION]
                with transaction(connection):
                    connection.executemany(_UPSERT, ((k, number, value) for k, value in part))

        if values:
            self.attempt(store)

    def info(self) -> CacheInfo:
        """Return what the cache holds; nothing where it is not there or cannot be read."""
        if not self.exists():
            return CacheInfo(self.path, 0, self.size_on_disk())

        def read(connection: sqlite3.Connection) -> dict[str, int]:
            query = (
                "SELECT digest, count(*) FROM rows JOIN embedders ON embedder = embedders.number "
                "GROUP BY digest ORDER BY digest"
            )
            return dict(connection.execute(query))

        counts = self.attempt(read) or {}
        return CacheInfo(self.path, sum(counts.values()), self.size_on_disk(), counts)

    def clear(self) -> int:
        """Forget every row and give the space back; return how many rows there were.

        Files that were set aside as damaged are removed too.
        """
        return self.empty("rows", "embedders")


def _keys(embedder_digest: str, texts: Sequence[str]) -> Iterator[bytes]:
    """SHA-256 of the embedder's digest and each text, with a mark between that neither holds."""
    prefix = hashlib.sha256(embedder_digest.encode() + b"\0")
    for text in texts:
        digest = prefix.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        yield digest.digest()


def _unpack(key: bytes, stored: object, dim: int) -> NDArray[np.float32] | None:
    row = unseal(key, stored)
    if row is None or len(row) != 4 * dim:
        return None
    return np.frombuffer(row, dtype="<f4")


def _select(connection: sqlite3.Connection, keys: list[bytes]) -> Iterator[tuple[bytes, object]]:
    for start in range(0, len(keys), _N_KEYS):
        part = keys[start : start + _N_KEYS]
        places = ", ".join("?" * len(part))
        query = f"SELECT key, value FROM rows WHERE key IN ({places})"  # noqa: S608 - question marks
        with closing(connection.execute(query, part)) as cursor:
            yield from cursor


def _embedder_number(connection: sqlite3.Connection, digest: str) -> int:
    with transaction(connection):
        connection.execute("INSERT OR IGNORE INTO embedders (digest) VALUES (?)", (digest,))
        query = "SELECT number FROM embedders WHERE digest = ?"
        ((number,),) = connection.execute(query, (digest,)).fetchall()
    return int(number)
