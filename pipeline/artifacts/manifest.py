"""`manifest.json`: what binds the files of a snapshot to each other and to how they were made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

SCHEMA = "paperatlas.manifest/5"
CHUNK_BYTES = 4 << 20
"""Mapped files are digested in pieces of this size, so that a page can be checked on its own."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What one file of a snapshot must be."""

    size: int
    sha256: str
    kind: Literal["data", "index", "view"] = "data"
    """An index is made from the data, as suits a machine, and a view is drawn from it: neither is
    part of the content digest."""
    chunks: tuple[str, ...] = ()
    """SHA-256 of each `chunk_bytes` of the file, for `.npy` files, which are memory-mapped."""
    chunk_bytes: int = 0
    """0 where there are no chunks."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One generation of vectors: a file of `rows` rows."""

    file: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildDetails:
    """How a snapshot was made. Settings, seed, model digest and edits enter the content digest."""

    model_name: str
    model_digest: str
    settings: Mapping[str, Any]
    """JSON values. A setting that cannot change the result does not belong here."""
    seed: int
    input_digests: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 by file, relative to its SOURCE."""
    edits_digest: str = ""
    """SHA-256 of the user's edits of themes, "" for none; enters the content digest."""
    library_versions: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Other JSON values worth keeping, such as measured shares; no part of the content digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything `manifest.json` says."""

    snapshot: str
    created: str
    """ISO 8601, UTC, milliseconds."""
    content_digest: str
    n_papers: int
    n_records: int
    dim: int
    """Columns of the vectors; 0 where there are none."""
    vectors_dtype: str
    """NumPy's name of the dtype on disk, such as `float32`; "" where there are no vectors."""
    segments: tuple[Segment, ...]
    details: BuildDetails
    files: Mapping[str, FileEntry]
    timings_s: Mapping[str, float]


def digest_file(path: Path) -> FileEntry:
    """Read `path` once and return its size, its SHA-256 and, for `.npy`, those of its chunks."""
    whole = hashlib.sha256()
    size, chunks = 0, []
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            size += len(piece)
            whole.update(piece)
            if path.suffix == ".npy":
                chunks.append(hashlib.sha256(piece).hexdigest())
    return FileEntry(
        size=size,
        sha256=whole.hexdigest(),
        chunks=tuple(chunks),
        chunk_bytes=CHUNK_BYTES if chunks else 0,
    )


def content_digest(files: Mapping[str, FileEntry], details: BuildDetails, n_papers: int) -> str:
    """SHA-256 over what an atlas holds: its data files, settings, seed, model and edits.

    Time, host, durations, versions, paths, indexes and views are left out: the same content made
    twice has the same digest.
    """
    content: dict[str, Any] = {
        "files": sorted((name, f.sha256) for name, f in files.items() if f.kind == "data"),
        "model": details.model_digest,
        "papers": n_papers,
        "seed": details.seed,
        "settings": details.settings,
    }
    if details.edits_digest:  # an atlas without edits keeps the digest it had before there were any
        content["edits"] = details.edits_digest
    return hashlib.sha256(_canonical(content)).hexdigest()


def encode(manifest: Manifest) -> bytes:
    """Return the bytes of `manifest.json`: sorted, readable, and sealed by a digest of itself."""
    body = _to_json(manifest)
    body["manifest_sha256"] = hashlib.sha256(_canonical(body)).hexdigest()
    return _readable(body)


def decode(raw: bytes) -> Manifest:
    """Read back what `encode` wrote.

    Raises ValueError, with the reason in words, for an unknown schema and for any changed byte.
    """
    try:
        body = json.loads(raw)
    except ValueError:
        raise ValueError("is not JSON") from None
    if not isinstance(body, dict):
        raise ValueError("is not a JSON object")
    if body.get("schema") != SCHEMA:
        raise ValueError(f"has the schema {body.get('schema')!r}; this version reads {SCHEMA!r}")
    seal = body.pop("manifest_sha256", None)
    # Both: the digest finds changed values, the comparison finds changed bytes around them.
    sealed = {**body, "manifest_sha256": seal}
    if seal != hashlib.sha256(_canonical(body)).hexdigest() or _readable(sealed) != raw:
        raise ValueError("was changed after it was written")
    manifest = _from_json(body)
    if manifest.content_digest != content_digest(
        manifest.files, manifest.details, manifest.n_papers
    ):
        raise ValueError("has a content digest that is not that of its files")
    return manifest


def _canonical(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def _readable(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, indent=1, allow_nan=False).encode("ascii") + b"\n"


def _to_json(manifest: Manifest) -> dict[str, Any]:
    details = manifest.details
    return {
        "schema": SCHEMA,
        "snapshot": manifest.snapshot,
        "created": manifest.created,
        "content_digest": manifest.content_digest,
        "papers": manifest.n_papers,
        "records": manifest.n_records,
        "vectors": {
            "dim": manifest.dim,
            "dtype": manifest.vectors_dtype,
            "segments": [{"file": s.file, "rows": s.rows} for s in manifest.segments],
        },
        "model": {"name": details.model_name, "digest": details.model_digest},
        "settings": dict(details.settings),
        "seed": details.seed,
        "inputs": dict(details.input_digests),
        "edits": details.edits_digest,
        "libraries": dict(details.library_versions),
        "facts": dict(details.facts),
        "files": {name: _entry_to_json(entry) for name, entry in manifest.files.items()},
        "timings_s": dict(manifest.timings_s),
    }


def _entry_to_json(entry: FileEntry) -> dict[str, Any]:
    body: dict[str, Any] = {"size": entry.size, "sha256": entry.sha256, "kind": entry.kind}
    if entry.chunks:
        body |= {"chunk_bytes": entry.chunk_bytes, "chunks": list(entry.chunks)}
    return body


def _from_json(body: dict[str, Any]) -> Manifest:
    vectors = body["vectors"]
    return Manifest(
        snapshot=body["snapshot"],
        created=body["created"],
        content_digest=body["content_digest"],
        n_papers=body["papers"],
        n_records=body["records"],
        dim=vectors["dim"],
        vectors_dtype=vectors["dtype"],
        segments=tuple(Segment(s["file"], s["rows"]) for s in vectors["segments"]),
        details=BuildDetails(
            model_name=body["model"]["name"],
            model_digest=body["model"]["digest"],
            settings=body["settings"],
            seed=body["seed"],
            input_digests=body["inputs"],
            edits_digest=body.get("edits", ""),
            library_versions=body["libraries"],
            facts=body["facts"],
        ),
        files={name: _entry_from_json(entry) for name, entry in body["files"].items()},
        timings_s=body["timings_s"],
    )


def _entry_from_json(body: dict[str, Any]) -> FileEntry:
    chunks = tuple(body.get("chunks", ()))
    return FileEntry(body["size"], body["sha256"], body["kind"], chunks, body.get("chunk_bytes", 0))
