"""Numbers in parts that each fit into memory: few are kept, many lie in files by their hash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_WAITING = 500_000


class Partitions:
    """Rows of an array, those of one hash in one part, given back part by part.

    With a single part nothing is written. `folder` is the caller's, who removes it.
    """

    def __init__(self, folder: Path, name: str, n_parts: int, dtype: np.dtype[Any]) -> None:
        """Nothing is written before many rows wait."""
        self._paths = [folder / f"{name}-{part:05}" for part in range(n_parts)]
        self._dtype = dtype
        self._waiting: list[tuple[NDArray[Any], NDArray[np.uint64]]] = []
        self._n_waiting = 0

    def add(self, rows: NDArray[Any], hashes: NDArray[np.uint64]) -> None:
        """Add rows, (n,), and the hash of each, (n,) uint64."""
        self._waiting.append((rows, hashes))
        self._n_waiting += len(rows)
        if len(self._paths) > 1 and self._n_waiting > _MOST_WAITING:
            self._write()

    def parts(self) -> Iterator[NDArray[Any]]:
        """Give the rows of each part, in the order in which they were added; once."""
        if len(self._paths) == 1:
            rows = [np.zeros(0, self._dtype), *(rows for rows, _ in self._waiting)]
            self._waiting.clear()
            yield np.concatenate(rows)
            return
        self._write()
        for path in self._paths:
            if path.exists():
                yield np.fromfile(path, self._dtype)
                path.unlink()

    def _write(self) -> None:
        if not self._waiting:
            return
        rows = np.concatenate([rows for rows, _ in self._waiting])
        hashes = np.concatenate([hashes for _, hashes in self._waiting])
        self._waiting.clear()
        self._n_waiting = 0
        # The high bits: of sampled hashes the low ones are not evenly spread.
        parts = (hashes >> np.uint64(40)) % np.uint64(len(self._paths))
        order = np.argsort(parts, kind="stable")
        rows, parts = rows[order], parts[order]
        bounds = np.searchsorted(parts, np.arange(len(self._paths) + 1, dtype=np.uint64))
        for path, start, end in zip(self._paths, bounds[:-1], bounds[1:], strict=True):
            if end > start:
                with path.open("ab") as file:
                    rows[start:end].tofile(file)
