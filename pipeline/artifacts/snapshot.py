"""Reading a snapshot: one is held for life, and every file is checked before its first use."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts.database import Memberships, ThemeRow
from pipeline.artifacts.folder import (
    CURRENT,
    DATABASE,
    EMBEDDER,
    LAYOUT,
    MANIFEST,
    NEIGHBORS,
    PRESERVATION,
    SIMILARITIES,
    SNAPSHOTS,
    USER_FILES,
    VIEW_NAMES,
    build_hint,
    hold_current,
)
from pipeline.artifacts.manifest import Manifest, decode
from pipeline.artifacts.table import PaperDatabase
from pipeline.errors import DamagedAtlasError, InputError, UsageError
from pipeline.papers.record import FileReport, Paper

_READ_BYTES = 4 << 20


def open_snapshot(atlas: Path) -> Snapshot:
    """Return the live snapshot of an atlas, held until it is closed.

    Only the manifest is read and the files' sizes are compared; each file's bytes are checked
    when it is first asked for. Raises `InputError` where there is no atlas, `DamagedAtlasError`
    where its pointer, its manifest or a file is not what it was.
    """
    atlas = Path(atlas)
    name, descriptor = hold_current(atlas)
    try:
        return Snapshot(atlas, name, descriptor)
    except BaseException:
        if descriptor is not None:
            os.close(descriptor)
        raise


class Snapshot:
    """One snapshot of an atlas: the same for as long as it is open, whatever writers do.

    Row i is the same paper in every method. Safe for several threads. Made by `open_snapshot`.
    """

    def __init__(self, atlas: Path, name: str, descriptor: int | None) -> None:
        """Read the manifest; `descriptor` keeps the snapshot from being pruned."""
        self.atlas = atlas
        self.name = name
        self.path = atlas / SNAPSHOTS / name
        self._lock = threading.RLock()
        self._checked: set[str] = set()
        self._opened: PaperDatabase | None = None
        self._is_closed = False
        self.manifest = self._read_manifest()
        for file in self.manifest.files:
            self._check_size(file)
        self._descriptor = descriptor  # last: until here the caller closes it

    @property
    def n_papers(self) -> int:
        """Rows of every table and array."""
        return self.manifest.n_papers

    @property
    def content_digest(self) -> str:
        """64 hex digits: the same for the same content, whenever it was made."""
        return self.manifest.content_digest

    def paper(self, row: int) -> Paper:
        """Return the paper of a row, which counts from 0; IndexError where there is none."""
        return self._database.papers([row])[0]

    def papers(self, rows: Sequence[int] | NDArray[np.integer[Any]]) -> list[Paper]:
        """Return the papers of these rows, in their order."""
        return self._database.papers([int(row) for row in rows])

    def all_papers(self) -> Iterator[Paper]:
        """Yield every paper in row order, a thousand in memory at a time."""
        return self._database.all_papers()

    def column(self, name: str) -> list[Any]:
        """One field of every paper (`id`, `title`, `year`, ...), as `Paper` has it, by row."""
        return self._database.column(name)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield title and abstract of every paper in row order, a thousand in memory at a time."""
        return self._database.texts()

    def titles(self) -> list[str]:
        """Return the title of every paper, by row."""
        return self.column("title")

    def find_row(self, paper_id: str) -> int:
        """Return the row of a paper by id or alias; `UsageError` for an unknown id."""
        return self._database.find_row(paper_id)

    def nearest_ids(self, paper_id: str) -> list[str]:
        """Return the ids most like one, the nearest first; none where none is like it."""
        return self._database.nearest_ids(paper_id)

    def rows_of_id(self, paper_id: str) -> tuple[int, ...]:
        """Return the row with this id, else those with this alias; none for an unknown one."""
        return self._database.rows_of_id(paper_id)

    def rows_of_id_in_any_case(self, paper_id: str) -> tuple[int, ...]:
        """Return the rows with this id or alias, whatever the case of its ASCII letters."""
        return self._database.rows_of_id_in_any_case(paper_id)

    def rows_of_doi(self, doi: str) -> tuple[int, ...]:
        """Return the rows of papers with this DOI (lower case, `10.…`), in any of their records."""
        return self._database.rows_of_doi(doi)

    def rows_of_arxiv_id(self, arxiv_id: str) -> tuple[int, ...]:
        """Return the rows of papers with this arXiv id (no version), in any record, any case."""
        return self._database.rows_of_arxiv_id(arxiv_id)

    def urls_with(self, part: str) -> list[tuple[str, int]]:
        """Return the addresses of papers and records that have `part` in them, with the rows."""
        return self._database.urls_with(part)

    def record_titles(self) -> list[tuple[int, str]]:
        """Return row and title of the merged records that have another title than their paper."""
        return self._database.record_titles()

    def records(self, row: int) -> tuple[Paper, ...]:
        """Return the source records that were merged into the paper of this row."""
        return self._database.records(row)

    def all_records(self) -> Iterator[tuple[Paper, ...]]:
        """Yield the source records of every paper in row order, those of a thousand at a time."""
        return self._database.all_records()

    def reports(self) -> tuple[FileReport, ...]:
        """Return what became of each input file."""
        return self._database.reports()

    def themes(self) -> tuple[ThemeRow, ...]:
        """Return every theme, finest layer first, by id within a layer."""
        return self._database.themes()

    @cached_property
    def default_layer(self) -> int:
        """The layer of themes that a user sees first; 0 is the finest."""
        return self._database.default_layer()

    def theme_id(self, row: int) -> int:
        """Return the theme of one paper in the default layer, -1 for none."""
        return self._database.theme_id(row, self.default_layer)

    @cached_property
    def memberships(self) -> Memberships:
        """Theme and strength of every paper in every layer."""
        return self._database.memberships(self.n_papers)

    @cached_property
    def layout(self) -> NDArray[np.float32]:
        """(n_papers, 2): where each paper is on the map, in arbitrary units. Read-only."""
        return self._require_shape(LAYOUT, self.array(LAYOUT), (self.n_papers, 2))

    @cached_property
    def neighbors(self) -> NDArray[np.int32]:
        """(n_papers, k) rows of the papers nearest to each in the embedding space, nearest first
        and without the paper itself; -1 where fewer are known."""
        found = self.array(NEIGHBORS)
        shape = (self.n_papers, found.shape[1] if found.ndim == 2 else 0)
        return self._require_shape(NEIGHBORS, found, shape)

    @cached_property
    def similarities(self) -> NDArray[np.float32]:
        """(n_papers, k) cosine similarities of the `neighbors`, 0 where there are none."""
        return self._require_shape(SIMILARITIES, self.array(SIMILARITIES), self.neighbors.shape)

    @cached_property
    def preservation(self) -> NDArray[np.float32]:
        """(n_papers,) how well the map keeps each paper beside its `neighbors`, in [0, 1], as
        `pipeline.layout_quality` measures it."""
        return self._require_shape(PRESERVATION, self.array(PRESERVATION), (self.n_papers,))

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """(n_papers, dim) unit rows; mapped from disk where there is one segment. Read-only."""
        parts = [self.array(segment.file) for segment in self.manifest.segments]
        for part, segment in zip(parts, self.manifest.segments, strict=True):
            self._require_shape(segment.file, part, (segment.rows, self.manifest.dim))
        if len(parts) == 1:
            return parts[0]
        vectors = np.concatenate([np.empty((0, self.manifest.dim), np.float32), *parts])
        vectors.flags.writeable = False
        return self._require_shape("vectors", vectors, (self.n_papers, self.manifest.dim))

    @property
    def embedder_state(self) -> bytes:
        """What the embedder was fitted to; empty for a model, which is fitted to no corpus."""
        return self.file(EMBEDDER).read_bytes() if EMBEDDER in self.manifest.files else b""

    def array(self, name: str) -> NDArray[Any]:
        """Return a checked `.npy` file, mapped from disk and read-only."""
        path = self.file(name)
        try:
            return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]
        except ValueError:
            # An array without elements cannot be mapped.
            array: NDArray[Any] = np.load(path, allow_pickle=False)
            array.flags.writeable = False
            return array

    def file(self, name: str) -> Path:
        """Return the path of a file after checking every byte of it, once.

        KeyError for a file that the manifest does not list, `DamagedAtlasError` for one that is
        not as it was written, UsageError once the snapshot is closed.
        """
        entry = self.manifest.files[name]
        with self._lock:
            self._require_open()
            if name not in self._checked:
                self._check_size(name)
                pieces = entry.chunks or (entry.sha256,)
                self._check_bytes(name, pieces, entry.chunk_bytes if entry.chunks else entry.size)
                self._checked.add(name)
        return self.path / name

    def atlas_files(self) -> dict[str, Path | bytes]:
        """Return what an atlas of this snapshot alone consists of, by name in its folder: the
        snapshot's files, each checked, the pointer to it, the copies of its views, and the user's
        files."""
        inside = f"{SNAPSHOTS}/{self.name}"
        found: dict[str, Path | bytes] = {
            f"{inside}/{name}": self.file(name) for name in self.manifest.files
        }
        found |= {name: self.file(name) for name in VIEW_NAMES if name in self.manifest.files}
        users = {name: self.atlas / name for name in USER_FILES}
        found |= {name: path for name, path in users.items() if path.is_file()}
        return found | {
            CURRENT: f"{self.name}\n".encode(),
            f"{inside}/{MANIFEST}": self.path / MANIFEST,
        }

    def verify_all(self) -> None:
        """Check every byte of every file, again, and that the tables have a row for each paper."""
        self._checked.clear()
        for name in self.manifest.files:
            self.file(name)
        counts = {"papers": self.manifest.n_papers, "records": self.manifest.n_records}
        for table, expected in counts.items():
            if (found := self._database.count(table)) != expected:
                raise self._damaged(DATABASE, f"has {found} {table}, not {expected}")
        _ = self._database.memberships(self.n_papers)

    def close(self) -> None:
        """Let go of the snapshot: it may then be pruned. Arrays that were given out stay valid;
        whatever else is asked later is a UsageError."""
        with self._lock:
            self._is_closed = True
            if self._opened is not None:
                self._opened.close()
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is not None:
                os.close(descriptor)

    def __enter__(self) -> Self:
        """Use the snapshot in a `with` block, closed at its end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the snapshot."""
        self.close()

    def __del__(self) -> None:
        """Close the snapshot that nobody closed."""
        if "_descriptor" in self.__dict__:
            self.close()

    def _require_open(self) -> None:
        # A closed one may have been pruned meanwhile.
        if self._is_closed:
            raise UsageError("the atlas is closed", hint="open it again")

    @property
    def _database(self) -> PaperDatabase:
        with self._lock:
            self._require_open()
            if self._opened is None:
                database = PaperDatabase(self.file(DATABASE))
                if (found := database.count("papers")) != self.n_papers:
                    raise self._damaged(DATABASE, f"has {found} papers, not {self.n_papers}")
                self._opened = database
            return self._opened

    def _read_manifest(self) -> Manifest:
        try:
            manifest = decode((self.path / MANIFEST).read_bytes())
        except FileNotFoundError:
            raise self._damaged(MANIFEST, "is missing") from None
        except OSError as error:
            raise self._damaged(MANIFEST, os.strerror(error.errno or 0).lower()) from error
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged(MANIFEST, str(error)) from error
        if manifest.snapshot != self.name:
            raise self._damaged(MANIFEST, f"is that of the snapshot {manifest.snapshot}")
        return manifest

    def _check_size(self, name: str) -> None:
        expected = self.manifest.files[name].size
        try:
            size = (self.path / name).stat().st_size
        except FileNotFoundError:
            raise self._damaged(name, "is missing") from None
        except PermissionError as error:
            raise InputError(f"{self.path / name}: may not be read") from error
        if size != expected:
            raise self._damaged(name, f"has {size:,} bytes, not {expected:,}")

    def _check_bytes(self, name: str, digests: Sequence[str], n_bytes: int) -> None:
        try:
            with (self.path / name).open("rb") as file:
                for number, expected in enumerate(digests):
                    if _digest(file, n_bytes) != expected:
                        place = f" near byte {number * n_bytes:,}" if number else ""
                        raise self._damaged(name, f"was changed{place}: its SHA-256 differs")
        except PermissionError as error:
            raise InputError(f"{self.path / name}: may not be read") from error
        except OSError as error:
            raise self._damaged(name, os.strerror(error.errno or 0).lower()) from error

    def _require_shape(
        self, name: str, array: NDArray[Any], shape: tuple[int, ...]
    ) -> NDArray[Any]:
        if array.shape != shape:
            raise self._damaged(name, f"has the shape {array.shape}, not {shape}")
        return array

    def _damaged(self, name: str, what: str) -> DamagedAtlasError:
        hint = build_hint(self.atlas).replace("build one", "build it again")
        return DamagedAtlasError(f"{self.path / name}: {what}", hint=hint)


def _digest(file: Any, n_bytes: int) -> str:  # noqa: ANN401 - any open binary file
    """SHA-256 of the next `n_bytes` of an open file, read in pieces."""
    digest = hashlib.sha256()
    while n_bytes > 0 and (piece := file.read(min(n_bytes, _READ_BYTES))):
        digest.update(piece)
        n_bytes -= len(piece)
    return digest.hexdigest()
