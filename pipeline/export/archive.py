"""Write an atlas as one zip file, to be carried to another machine."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.export.files import Written
from pipeline.export.selection import Selection
from pipeline.render import staged_file

_ROOT = "atlas"
# The first moment that a zip file can tell: the same atlas is the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)
# Vectors, pictures and indexes hardly shrink, and take most of the time.
_STORED = frozenset({".npy", ".png", ".faiss", ".safetensors"})
_READ_BYTES = 1 << 20


def require_whole(selection: Selection) -> None:
    """UsageError for a part of the papers."""
    if not selection.is_whole:
        raise UsageError(
            "a zip holds the whole atlas, not some of its papers",
            hint="leave --theme and --query away, or the format zip",
        )


def write_zip(selection: Selection, folder: Path, name: str) -> list[Written]:
    """Write `atlas.zip`: the live snapshot with its pointer, views and edits, in a folder `atlas`.

    Every file is checked before it goes in.
    """
    path = folder / "atlas.zip"
    files = selection.snapshot.atlas_files()
    with staged_file(path) as staged, zipfile.ZipFile(staged, "w") as archive:
        for inside in sorted(files):
            _add(archive, f"{_ROOT}/{inside}", files[inside])
    return [Written(path, name, "file", len(files), f"unpack it, then: paperatlas themes {_ROOT}")]


def _add(archive: zipfile.ZipFile, inside: str, source: Path | bytes) -> None:
    info = zipfile.ZipInfo(inside, _TIME)
    info.create_system = 3  # Unix, on every system
    # A snapshot never changes.
    mode = 0o444 if inside.startswith(f"{_ROOT}/snapshots/") else 0o644
    info.external_attr = mode << 16
    is_stored = Path(inside).suffix in _STORED
    info.compress_type = zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED
    if isinstance(source, bytes):
        archive.writestr(info, source)
        return
    # The size decides on the form of the entry, and has to be told before.
    info.file_size = source.stat().st_size
    with source.open("rb") as file, archive.open(info, "w") as entry:
        shutil.copyfileobj(file, entry, _READ_BYTES)
