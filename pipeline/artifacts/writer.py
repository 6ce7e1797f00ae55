"""Making a snapshot: everything goes into a temporary folder, then one rename, then the pointer."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pipeline.artifacts import database, disk, folder
from pipeline.artifacts.disk import writing
from pipeline.artifacts.folder import (
    CURRENT,
    DATABASE,
    INDEX_NAME,
    LAYOUT,
    MANIFEST,
    NEIGHBORS,
    PRESERVATION,
    SIMILARITIES,
    SNAPSHOTS,
    TEMPORARY,
    VECTORS_NAME,
    VIEW_NAMES,
)
from pipeline.artifacts.lock import WriterLock
from pipeline.artifacts.manifest import (
    BuildDetails,
    FileEntry,
    Manifest,
    Segment,
    content_digest,
    digest_file,
    encode,
)
from pipeline.errors import DamagedAtlasError, InputError, OutputError
from pipeline.papers.record import FileReport, Paper

_COPY_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """Which snapshot it is."""

    atlas: Path
    name: str
    content_digest: str
    """64 hex digits; the same for the same content, whenever and wherever it was made."""

    @property
    def path(self) -> Path:
        """The snapshot's folder."""
        return self.atlas / SNAPSHOTS / self.name


@contextmanager
def open_writer(atlas: Path) -> Iterator[SnapshotWriter]:
    """Give the one writer of `atlas`; whatever is not committed when the block ends is deleted.

    The folder is made where it is missing. Raises `OutputError` where it cannot be written, holds
    other files than an atlas's, or has a writer already; a full disk inside the block too.
    """
    atlas = Path(atlas)
    with writing(atlas):
        folder.require_writable_place(atlas)
        atlas.mkdir(parents=True, exist_ok=True)
    lock = WriterLock(atlas)
    try:
        folder.sweep(atlas)
        with writing(atlas):
            writer = SnapshotWriter(atlas)
        try:
            yield writer
        except (OSError, RuntimeError) as error:
            # Also from a library that was writing to a `new_path`, in its own words.
            if disk.is_full(atlas, error):
                raise disk.full_disk_error(atlas) from error
            raise
        finally:
            writer.discard()
    finally:
        lock.release()


class SnapshotWriter:
    """A snapshot in the making: write its files, `seal` it, add its views, `commit` it.

    Made by `open_writer` alone.
    """

    def __init__(self, atlas: Path) -> None:
        """Make an empty temporary folder; the caller holds the atlas's lock."""
        self._atlas = atlas
        self._folder = folder.new_temporary_folder(atlas)
        self._database = self._folder / DATABASE
        self._maps: list[np.memmap[Any, Any]] = []
        self._n_papers = self._n_records = 0
        self._manifest: Manifest | None = None
        self._committed = False

    def write_papers(
        self,
        papers: Sequence[Paper],
        records: Iterable[Sequence[Paper]],
        reports: Sequence[FileReport] = (),
    ) -> None:
        """Write the table: paper i is row i, `records` holds the source records of each row.

        Comes first. `records` may be a generator. Raises ValueError where two papers have one id
        and where the two are not equally long.
        """
        self._require_open()
        database.create_database(self._database)
        self._n_records = database.insert_papers(self._database, papers, records)
        self._n_papers = len(papers)
        database.insert_reports(self._database, reports)

    def write_themes(
        self,
        themes: Sequence[database.ThemeRow],
        theme_ids: NDArray[np.int32],
        strengths: NDArray[np.float32],
        *,
        default_layer: int = 0,
    ) -> None:
        """Write the themes and who belongs to them.

        `theme_ids` is (n_layers, n_papers), finest layer first, -1 where unassigned; `strengths`
        is the same shape, or (n_papers,) for the same strength in every layer. Raises ValueError
        where they contradict each other or the table.
        """
        self._require_open()
        if theme_ids.ndim != 2 or theme_ids.shape[1] != self._n_papers:
            raise ValueError(f"theme_ids {theme_ids.shape} for {self._n_papers} papers")
        if strengths.ndim == 1:
            strengths = np.broadcast_to(strengths, theme_ids.shape)
        memberships = database.Memberships(theme_ids, strengths, default_layer)
        database.insert_themes(self._database, themes, memberships)

    def write_layout(self, positions: NDArray[np.float32]) -> None:
        """Write where each paper is on the map: (n_papers, 2)."""
        if positions.shape != (self._n_papers, 2):
            raise ValueError(f"layout {positions.shape} for {self._n_papers} papers")
        self.write_array(LAYOUT, positions)

    def write_nearest(
        self,
        neighbors: NDArray[np.int32],
        similarities: NDArray[np.float32],
        preservation: NDArray[np.float32],
    ) -> None:
        """Write the papers nearest to each, and how well the map keeps them.

        `neighbors`: (n_papers, k) rows, -1 for none; `similarities`: (n_papers, k) cosine
        similarities; `preservation`: (n_papers,) in [0, 1]. Raises ValueError where they do not
        fit the table or each other, or name a row that it has not.
        """
        if neighbors.ndim != 2 or len(neighbors) != self._n_papers:
            raise ValueError(f"neighbors {neighbors.shape} for {self._n_papers} papers")
        if similarities.shape != neighbors.shape:
            raise ValueError(f"similarities {similarities.shape} of neighbors {neighbors.shape}")
        if preservation.shape != (self._n_papers,):
            raise ValueError(f"preservation {preservation.shape} for {self._n_papers} papers")
        if neighbors.size and not -1 <= neighbors.min() <= neighbors.max() < self._n_papers:
            raise ValueError(f"neighbors beyond the rows of {self._n_papers} papers")
        self.write_array(NEIGHBORS, neighbors)
        self.write_array(SIMILARITIES, similarities)
        self.write_array(PRESERVATION, preservation)

    def write_array(self, name: str, array: NDArray[np.generic]) -> None:
        """Write an array of numbers as `name`, which ends in `.npy`."""
        path = self.new_path(name)
        with writing(path), path.open("wb") as file:
            if array.dtype.hasobject:
                raise ValueError(f"{name}: an array of objects would need pickle")
            # Not with NumPy's own writer: on a full disk `tofile` raises an OSError without errno.
            plain = np.ascontiguousarray(array)
            np.lib.format.write_array_header_1_0(
                file, np.lib.format.header_data_from_array_1_0(plain)
            )
            file.write(plain.data)

    def create_array(
        self, name: str, shape: tuple[int, ...], dtype: DTypeLike = np.float32
    ) -> NDArray[Any]:
        """Return a writable array on disk, to be filled before `seal`, such as `vectors-0000.npy`.

        Its space is taken at once, so a full disk is an `OutputError` here. Do not write to the
        array after `seal`.
        """
        path = self.new_path(name)
        if 0 in shape:  # nothing to map
            self.write_array(name, np.empty(shape, dtype))
            return np.empty(shape, dtype)
        with writing(path):
            array = np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(dtype), shape=shape)
            disk.reserve(path, path.stat().st_size)
        self._maps.append(array)
        return array

    def write_file(self, name: str, content: bytes | Iterable[bytes]) -> None:
        """Write a file, whole or in pieces: data before `seal`, a view (`map.html`, `map.png`,
        `report.md`) after."""
        path = self.new_path(name)
        with writing(path), path.open("wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)

    def copy_file(self, name: str, source: Path) -> None:
        """Write the file `name` with what is in `source`, piece by piece."""
        path = self.new_path(name)
        with writing(path), source.open("rb") as old, path.open("wb") as new:
            shutil.copyfileobj(old, new, _COPY_BYTES)

    def new_path(self, name: str) -> Path:
        """Return where a library may write the file `name`; folders in `name` are made."""
        folder.require_file_name(name)
        if self._manifest is None or name not in VIEW_NAMES:
            self._require_open()
        path = self._folder / name
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def seal(self, details: BuildDetails) -> SnapshotInfo:
        """End the data: digest every file and return what the snapshot will be called.

        A view that is written after this can name its snapshot. Raises ValueError where a file
        has not one row for each paper.
        """
        self._require_open()
        for array in self._maps:
            array.flush()
        self._maps.clear()
        details = _plain_details(details)
        segments, dim, dtype = self._require_rows()
        with writing(self._folder):
            files = {name: digest_file(self._folder / name) for name in self._file_names()}
        files = {name: _with_kind(name, entry) for name, entry in files.items()}
        digest = content_digest(files, details, self._n_papers)
        name, created = folder.new_snapshot_name(self._atlas, digest)
        self._manifest = Manifest(
            snapshot=name,
            created=created,
            content_digest=digest,
            n_papers=self._n_papers,
            n_records=self._n_records,
            dim=dim,
            vectors_dtype=dtype,
            segments=segments,
            details=details,
            files=files,
            timings_s={},
        )
        return SnapshotInfo(self._atlas, name, digest)

    def commit(self, *, timings_s: Mapping[str, float] | None = None) -> SnapshotInfo:
        """Make the sealed snapshot the live one, and keep the one before it.

        Until the pointer has moved, nothing of the old atlas is touched; a snapshot that a reader
        holds open is kept too, until a later commit.
        """
        if self._manifest is None or self._committed:
            raise RuntimeError("commit comes once, after seal")
        views = [name for name in VIEW_NAMES if (self._folder / name).exists()]
        manifest = replace(self._manifest, timings_s=dict(timings_s or {}))
        info = SnapshotInfo(self._atlas, manifest.snapshot, manifest.content_digest)
        with writing(self._atlas):
            self._finish_files(manifest, views)
            previous = _previous_name(self._atlas)
            self._folder.rename(info.path)
            self._folder = info.path  # what `discard` deletes, should the next steps fail
            disk.sync_folder(info.path.parent)
            for view in views:
                content = (info.path / view).read_bytes()
                disk.write_durably(self._atlas / (TEMPORARY + view), content)
            pointer = f"{info.name}\n".encode("ascii")
            self._move_pointer(pointer)
        _refresh_views(self._atlas, previous, views)
        folder.prune(self._atlas, keep={info.name, previous or info.name})
        return info

    def discard(self) -> None:
        """Delete what was written and not committed."""
        self._maps.clear()
        if not self._committed:
            disk.remove_tree(self._folder)
            with suppress(OSError):
                (self._atlas / SNAPSHOTS).rmdir()  # only where there is no snapshot at all
            for name in (CURRENT, *VIEW_NAMES):
                disk.remove_file(self._atlas / (TEMPORARY + name))

    def _move_pointer(self, pointer: bytes) -> None:
        staged = self._atlas / (TEMPORARY + CURRENT)
        disk.write_durably(staged, pointer)
        # From here on the snapshot may be the live one: an interruption must not delete it. What
        # is left over when the step below fails has no pointer to it, and the next commit prunes.
        self._committed = True
        staged.replace(self._atlas / CURRENT)
        disk.sync_folder(self._atlas)

    def _finish_files(self, manifest: Manifest, views: Sequence[str]) -> None:
        """Add the views and the manifest, wait for the disk, and make every file read-only."""
        drawn = {name: _with_kind(name, digest_file(self._folder / name)) for name in views}
        manifest = replace(manifest, files={**manifest.files, **drawn})
        (self._folder / MANIFEST).write_bytes(encode(manifest))
        folders = {self._folder}
        for name in [*self._file_names(), MANIFEST]:
            path = self._folder / name
            disk.make_read_only(path)
            disk.sync_file(path)
            folders.add(path.parent)
        for inner in folders:
            disk.sync_folder(inner)

    def _file_names(self) -> list[str]:
        paths = (path for path in self._folder.rglob("*") if path.is_file())
        names = sorted(path.relative_to(self._folder).as_posix() for path in paths)
        return [folder.require_file_name(name) for name in names if name != MANIFEST]

    def _require_open(self) -> None:
        if self._manifest is not None:
            raise RuntimeError("the snapshot is sealed: only views can still be written")

    def _require_rows(self) -> tuple[tuple[Segment, ...], int, str]:
        """Check every array against the table; return the vectors' segments, dim and dtype."""
        if not self._database.exists():
            raise ValueError("no papers were written")
        headers = {
            name: _array_header(self._folder / name)
            for name in self._file_names()
            if VECTORS_NAME.fullmatch(name)
        }
        segments = tuple(Segment(name, shape[0]) for name, (shape, _) in headers.items())
        forms = {(shape[1:], dtype) for shape, dtype in headers.values()}
        if not segments:
            return (), 0, ""
        if sum(s.rows for s in segments) != self._n_papers or len(forms) != 1:
            raise ValueError(f"vectors {headers} for {self._n_papers} papers")
        (((dim,), dtype),) = forms
        return segments, dim, dtype


def _array_header(path: Path) -> tuple[tuple[int, ...], str]:
    array = np.load(path, mmap_mode=None if path.stat().st_size < 256 else "r", allow_pickle=False)
    return array.shape, array.dtype.name


def _with_kind(name: str, entry: FileEntry) -> FileEntry:
    if name in VIEW_NAMES:
        return replace(entry, kind="view")
    return replace(entry, kind="index") if INDEX_NAME.fullmatch(name) else entry


def _plain_details(details: BuildDetails) -> BuildDetails:
    """Return the details as JSON will give them back: lists for tuples, text for keys."""
    return replace(
        details,
        settings=json.loads(json.dumps(dict(details.settings), allow_nan=False)),
        facts=json.loads(json.dumps(dict(details.facts), allow_nan=False)),
    )


def _previous_name(atlas: Path) -> str | None:
    """The live snapshot; where the pointer is lost, the newest one that is there."""
    names = folder.snapshot_names(atlas)
    try:
        current = folder.read_current(atlas)
    except (InputError, DamagedAtlasError):
        current = ""
    if current in names:
        return current
    return names[-1] if names else None


def _refresh_views(atlas: Path, previous: str | None, views: Sequence[str]) -> None:
    """Move the staged copies to the top; take away copies that only the previous snapshot had."""
    try:
        for view in views:
            (atlas / (TEMPORARY + view)).replace(atlas / view)
        for name in set(VIEW_NAMES) - set(views):
            if previous is not None and (atlas / SNAPSHOTS / previous / name).exists():
                disk.remove_file(atlas / name)
        disk.sync_folder(atlas)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise OutputError(
            f"{atlas}: the new snapshot is live, but its views could not be copied up ({reason})",
            hint=f"open those in {atlas / CURRENT}'s snapshot, or build again",
        ) from error
