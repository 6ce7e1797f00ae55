"""The user's word on themes: `labels.toml` renames, merges and splits them."""

from pipeline.edits.applying import Edited, EditReport, Problem, apply_edits
from pipeline.edits.papers import paper_finder
from pipeline.edits.reading import read_edits
from pipeline.edits.record import FILE_NAME, Edit, Edits, Merge, Rename, Split, edits_digest

__all__ = [
    "FILE_NAME",
    "Edit",
    "EditReport",
    "Edited",
    "Edits",
    "Merge",
    "Problem",
    "Rename",
    "Split",
    "apply_edits",
    "edits_digest",
    "paper_finder",
    "read_edits",
]
