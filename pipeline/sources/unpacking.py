"""Take files out of archives, one at a time, and no more of them than an honest archive holds."""

from __future__ import annotations

import gzip
import lzma
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from pipeline.errors import InputError

MAX_RATIO = 100
"""An archive that unpacks to more than this many times its size is stopped. Lists of papers shrink
to a third or a tenth; what shrinks a hundredfold is one line again and again."""
FLOOR_BYTES = 64 * 1024 * 1024
"""The ratio says nothing of small archives: as much as this may be in any."""
MAX_BYTES = 64 * 1024**3
_BLOCK_BYTES = 1 << 20
_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError,
)  # fmt: skip
_HINT = "if you trust it, unpack it yourself and name the files"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One file, as it was in an archive or as it lies there.

    `name` is that inside the archive, "" for the file itself; with an `error` there is nothing to
    read; `doubt` tells that something is missing from it.
    """

    path: Path
    name: str = ""
    error: str = ""
    doubt: str = ""


class TooMuchError(InputError):
    """An archive that holds more than an honest one would."""


class _Budget:
    """Counts what an archive has given so far; TooMuchError when it is too much."""

    def __init__(self, path: Path, shown: str) -> None:
        self._shown, self._given = shown, 0
        self._most = min(MAX_BYTES, max(FLOOR_BYTES, MAX_RATIO * path.stat().st_size))

    def spend(self, count: int) -> None:
        self._given += count
        if self._given > self._most:
            most = f"{self._most / 1024**2:,.0f} MiB"
            raise TooMuchError(
                f"{self._shown}: unpacks to more than {MAX_RATIO} times its size; "
                f"stopped at {most}",
                hint=_HINT,
            )


def unpack(path: Path, spool: Path, *, shown: str) -> Iterator[Unpacked]:
    """Yield the files in `path`, which is gzip, zstd or zip by its first bytes, or itself.

    Each lies in the folder `spool` until the next one is asked for. InputError when there is more
    in it than `MAX_RATIO`, `FLOOR_BYTES` and `MAX_BYTES` allow, or when a zip is damaged.
    """
    magic = _magic(path)
    if magic.startswith(_ZIP) and not _is_office(path):
        yield from _unzip(path, spool, shown)
        return
    budget = _Budget(path, shown)
    if not magic.startswith((_GZIP, _ZSTD)):
        yield Unpacked(path)
        return
    target = spool / "unpacked"
    try:
        yield Unpacked(target, doubt=_inflate(path, target, budget, shown))
    finally:
        target.unlink(missing_ok=True)


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _is_office(path: Path) -> bool:
    """True for workbooks and documents, which are zip archives, and for what is no archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return "[Content_Types].xml" in names or "mimetype" in names


def _inflate(path: Path, target: Path, budget: _Budget, shown: str) -> str:
    """Unpack gzip or zstd into `target`; what is behind the damage of a damaged file is missing."""
    from backports import zstd

    try:
        with _open_compressed(path) as packed, target.open("wb") as out:
            _copy(packed, out, budget)
    except (EOFError, zlib.error, gzip.BadGzipFile, zstd.ZstdError) as error:
        if not target.stat().st_size:
            raise InputError(
                f"{shown}: damaged archive ({error})", hint="export or download it again"
            ) from error
        return "the compressed data ends early or is damaged; what follows is missing"
    return ""


def _copy(packed: BufferedIOBase, out: BinaryIO, budget: _Budget) -> None:
    """Unpack all there is; by `read1`, for `read` keeps what stands before the damage to itself."""
    while block := packed.read1(_BLOCK_BYTES):
        budget.spend(len(block))
        out.write(block)


def _open_compressed(path: Path) -> BufferedIOBase:
    if _magic(path).startswith(_GZIP):
        return gzip.GzipFile(path, "rb")
    from backports import zstd

    return zstd.ZstdFile(path, "rb")


def _unzip(path: Path, spool: Path, shown: str) -> Iterator[Unpacked]:
    target, inner = spool / "member", spool / "inner"
    inner.mkdir(exist_ok=True)
    try:
        with zipfile.ZipFile(path) as archive:
            budget = _Budget(path, shown)
            for name, member in _members(archive):
                if error := _refusal(member):
                    yield Unpacked(target, name, error)
                    continue
                yield from _from_member(archive, member, name, target, inner, budget)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(
            f"{shown}: damaged archive ({error})", hint="export or download it again"
        ) from error
    finally:
        target.unlink(missing_ok=True)


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """The files of an archive by name; of two with one name each, the second is `name (2)`."""
    met: Counter[str] = Counter()
    given: set[str] = set()
    for member in sorted(archive.infolist(), key=lambda m: (m.filename, m.header_offset)):
        parts = PurePosixPath(member.filename).parts
        hidden = any(part.startswith(".") and not part.startswith("..") for part in parts)
        if member.is_dir() or hidden or "__MACOSX" in parts:
            continue
        name = member.filename
        while name in given:  # one may be called `name (2)` itself
            met[member.filename] += 1
            name = f"{member.filename} ({1 + met[member.filename]})"
        given.add(name)
        yield name, member


def _refusal(member: zipfile.ZipInfo) -> str:
    """Why a file of an archive is not read, or ""."""
    name = member.filename
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name):
        return "its name leaves the archive's folder; not read"
    if member.flag_bits & 1:
        return "encrypted; not read"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link; not read"
    return ""


def _from_member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    name: str,
    target: Path,
    inner: Path,
    budget: _Budget,
) -> Iterator[Unpacked]:
    """One file of an archive, which may be compressed itself; an archive in it is not opened."""
    doubt = ""
    try:
        with target.open("wb") as out, archive.open(member) as packed:  # emptied before it fails
            _copy(cast(BufferedIOBase, packed), out, budget)
    except (*_DAMAGE, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk; bzip2 has none
            raise
        if not target.stat().st_size:
            yield Unpacked(target, name, f"damaged ({error}); not read")
            return
        doubt = "the compressed data is damaged; some of it is missing"
    magic = _magic(target)
    if magic.startswith(_ZIP) and not _is_office(target):
        yield Unpacked(target, name, "an archive in an archive; unpack it and name its files")
    elif magic.startswith((_GZIP, _ZSTD)):
        unpacked = inner / "unpacked"
        try:
            doubt = _inflate(target, unpacked, budget, name) or doubt
        except TooMuchError:
            raise
        except InputError as error:
            yield Unpacked(target, name, error.message.removeprefix(f"{name}: "))
            return
        yield Unpacked(unpacked, name, doubt=doubt)
        unpacked.unlink(missing_ok=True)
    else:
        yield Unpacked(target, name, doubt=doubt)
