"""What an atlas folder looks like: its names, its pointer, which folders are one, what is swept.

CURRENT                  name of the live snapshot, one line
map.html, map.png, ...   copies of the live views
labels.toml              the user's
snapshots/<name>/        immutable; `<name>` is `<UTC time>-<12 hex digits of the content digest>`
snapshots/.tmp-*/        a writer at work, or what a killed one left
.paperatlas.lock         locked by the writer at work; `.paperatlas.holder.json` says who it is
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import time
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pipeline.artifacts.disk import remove_file, remove_tree
from pipeline.errors import DamagedAtlasError, InputError, OutputError

if sys.platform != "win32":
    import fcntl

CURRENT = "CURRENT"
SNAPSHOTS = "snapshots"
LOCK_FILE = ".paperatlas.lock"
HOLDER_FILE = ".paperatlas.holder.json"
USER_FILES = frozenset({"labels.toml"})
VIEW_NAMES = ("map.html", "map.png", "report.md", "problems.csv")
"""Files of a snapshot that are drawn from the others: copied to the top, not part of the digest."""
TEMPORARY = ".tmp-"
MANIFEST = "manifest.json"
DATABASE = "papers.sqlite"
LAYOUT = "layout.npy"
NEIGHBORS = "neighbors.npy"
SIMILARITIES = "similarities.npy"
PRESERVATION = "preservation.npy"
EMBEDDER = "embedder.safetensors"
"""What the embedder was fitted to; not there for a model, which is fitted to no corpus."""
SNAPSHOT_NAME = re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{12}(-\d+)?")
INDEX_NAME = re.compile(r"index-\d{4}\.faiss")
"""An index is made from the vectors for one machine: not part of the digest."""
VECTORS_NAME = re.compile(r"vectors-\d{4}\.npy")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_BUILD_HINT = "build one with: paperatlas build SOURCE -o {atlas}"
_LONGEST_POINTER = 200
_HOLD_ATTEMPTS = 50
_HOLD_PAUSE_S = 0.02


def build_hint(atlas: Path) -> str:
    """The command that makes a whole atlas at this path."""
    return _BUILD_HINT.format(atlas=atlas)


def is_atlas(atlas: Path) -> bool:
    """True where this folder is an atlas, or one that was begun; its content is not checked."""
    with suppress(OSError):  # a folder that may not be searched
        if (atlas / LOCK_FILE).is_file():
            return True
        return SNAPSHOT_NAME.fullmatch(_pointer_text(atlas)) is not None
    return False


def require_writable_place(atlas: Path) -> None:
    """Refuse a path that is a file, or a folder that holds other things than an atlas.

    Raises `OutputError`; a user's folder of documents is never mixed with an atlas's files.
    """
    if not atlas.exists():
        return
    if not atlas.is_dir():
        raise OutputError(f"{atlas}: is a file, not a folder", hint="choose a folder with -o")
    others = sorted({entry.name for entry in atlas.iterdir()} - USER_FILES)
    if others and not is_atlas(atlas):
        raise OutputError(
            f"{atlas}: holds other files ({others[0]}) and is not an atlas",
            hint="choose a new or an empty folder with -o",
        )


def require_file_name(name: str) -> str:
    """Return `name` where it may name a file of a snapshot; ValueError where it may not."""
    if not _FILE_NAME.fullmatch(name) or name == MANIFEST:
        raise ValueError(f"not a file name for a snapshot: {name!r}")
    return name


def new_snapshot_name(atlas: Path, content_digest: str) -> tuple[str, str]:
    """Return a name that no snapshot has yet, and its time in ISO 8601 (UTC, milliseconds)."""
    now = datetime.now(UTC)
    stem = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{content_digest[:12]}"
    name, count = stem, 1
    while (atlas / SNAPSHOTS / name).exists():
        count += 1
        name = f"{stem}-{count}"
    return name, now.isoformat(timespec="milliseconds")


def new_temporary_folder(atlas: Path) -> Path:
    """Make and return an empty folder beside the snapshots, for one that is being written."""
    folder = atlas / SNAPSHOTS / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    return folder


def snapshot_names(atlas: Path) -> list[str]:
    """Names of the finished snapshots, oldest first, whether or not the pointer ever was there."""
    try:
        names = [entry.name for entry in (atlas / SNAPSHOTS).iterdir()]
    except OSError:
        return []
    return sorted(name for name in names if SNAPSHOT_NAME.fullmatch(name))


def read_current(atlas: Path) -> str:
    """Return the name of the live snapshot.

    Raises `InputError` where there is no atlas and `DamagedAtlasError` where its pointer is lost.
    """
    try:
        name = _pointer_text(atlas)
    except FileNotFoundError:
        raise _no_pointer(atlas) from None
    except NotADirectoryError:
        raise _no_folder(atlas) from None
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise InputError(f"{atlas}: cannot be read ({reason})", hint=build_hint(atlas)) from error
    if not SNAPSHOT_NAME.fullmatch(name):
        raise damaged_pointer(atlas, "does not name a snapshot")
    return name


def damaged_pointer(atlas: Path, what: str) -> DamagedAtlasError:
    """Say that CURRENT leads nowhere, with an older snapshot to go back to where there is one."""
    hint = build_hint(atlas).replace("build one", "build it again")
    if names := snapshot_names(atlas):
        hint += f"; or write the name of a snapshot that is there into it: {names[-1]}"
    return DamagedAtlasError(f"{atlas / CURRENT}: {what}", hint=hint)


def _pointer_text(atlas: Path) -> str:
    with (atlas / CURRENT).open("rb") as file:
        return file.read(_LONGEST_POINTER).decode("ascii", "replace").removesuffix("\n")


def _no_folder(atlas: Path) -> InputError:
    with suppress(OSError):
        if zipfile.is_zipfile(atlas):
            hint = f"then give the folder that comes out of it, such as {atlas.parent / 'atlas'}"
            return InputError(f"{atlas}: is a zip: unpack it first", hint=hint)
    return InputError(f"{atlas}: is a file, not an atlas", hint=build_hint(atlas))


def _no_pointer(atlas: Path) -> InputError | DamagedAtlasError:
    if not atlas.exists():
        return InputError(f"{atlas}: no such folder", hint=build_hint(atlas))
    if is_atlas(atlas) and snapshot_names(atlas):
        return damaged_pointer(atlas, "is missing")
    return InputError(f"{atlas}: is not an atlas", hint=build_hint(atlas))


def hold_current(atlas: Path) -> tuple[str, int | None]:
    """Return the live snapshot's name and a descriptor that keeps it from being pruned.

    The descriptor holds a shared lock on the snapshot's manifest for as long as it is open; it is
    None where the file system has no locks. Raises as `read_current`.
    """
    for _ in range(_HOLD_ATTEMPTS):
        name = read_current(atlas)
        manifest = atlas / SNAPSHOTS / name / MANIFEST
        try:
            descriptor = os.open(manifest, os.O_RDONLY)
        except FileNotFoundError:
            # Two commits between the two steps above have moved on and swept: look again.
            if read_current(atlas) == name:
                raise _lost_snapshot(atlas, name) from None
            continue
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise InputError(f"{manifest}: cannot be read ({reason})") from error
        if _lock_shared(descriptor) and _is_same_file(descriptor, manifest):
            return name, descriptor
        os.close(descriptor)
        time.sleep(_HOLD_PAUSE_S)
    raise damaged_pointer(atlas, "names a snapshot that is being deleted")


def _lost_snapshot(atlas: Path, name: str) -> DamagedAtlasError:
    folder = atlas / SNAPSHOTS / name
    if not folder.is_dir():
        return damaged_pointer(atlas, f"names a snapshot that is not there ({name})")
    hint = build_hint(atlas).replace("build one", "build it again")
    return DamagedAtlasError(f"{folder / MANIFEST}: is missing", hint=hint)


def _lock_shared(descriptor: int) -> bool:
    if sys.platform == "win32":  # an open file cannot be deleted there
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: the last two snapshots are kept all the same
    return True


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def sweep(atlas: Path) -> None:
    """Delete what killed writers left. Only the writer that holds the lock may call this."""
    for name in (CURRENT, *VIEW_NAMES):
        remove_file(atlas / (TEMPORARY + name))
    with suppress(OSError):
        for entry in (atlas / SNAPSHOTS).iterdir():
            if entry.name.startswith(TEMPORARY):
                remove_tree(entry)


def prune(atlas: Path, *, keep: set[str]) -> None:
    """Delete the finished snapshots that are not in `keep` and that no reader has open."""
    for name in snapshot_names(atlas):
        if name not in keep and not (atlas / SNAPSHOTS / name).is_symlink():
            _delete_unless_held(atlas / SNAPSHOTS / name)


def _delete_unless_held(folder: Path) -> None:
    try:
        descriptor = os.open(folder / MANIFEST, os.O_RDONLY)
    except OSError:
        remove_tree(folder)  # no manifest: no reader can have it open
        return
    try:
        if _lock_alone(descriptor):
            # Renamed first, so that a half-deleted folder never has a snapshot's name.
            doomed = folder.with_name(TEMPORARY + folder.name)
            with suppress(OSError):
                folder.rename(doomed)
                remove_tree(doomed)
    finally:
        os.close(descriptor)


def _lock_alone(descriptor: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
