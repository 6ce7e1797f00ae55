"""The only reader and writer of an atlas folder: immutable snapshots and one pointer.

`open_writer` makes a snapshot and moves the pointer to it; `open_snapshot` reads the live one and
checks every file before its first use. Nothing else in the project names a file of an atlas.
"""

from pipeline.artifacts.database import Contrast, Memberships, ThemeRow
from pipeline.artifacts.folder import is_atlas
from pipeline.artifacts.manifest import BuildDetails, FileEntry, Manifest, Segment
from pipeline.artifacts.snapshot import Snapshot, open_snapshot
from pipeline.artifacts.writer import SnapshotInfo, SnapshotWriter, open_writer

__all__ = [
    "BuildDetails",
    "Contrast",
    "FileEntry",
    "Manifest",
    "Memberships",
    "Segment",
    "Snapshot",
    "SnapshotInfo",
    "SnapshotWriter",
    "ThemeRow",
    "is_atlas",
    "open_snapshot",
    "open_writer",
]
