"""The user's word: `labels.toml` renames, merges and splits themes, and says which records are one
paper."""

from pipeline.edits.applying import Edited, EditReport, Problem, apply_edits
from pipeline.edits.deciding import decide_papers
from pipeline.edits.papers import paper_finder
from pipeline.edits.reading import read_edits
from pipeline.edits.record import (
    FILE_NAME,
    Different,
    Edit,
    Edits,
    Merge,
    Rename,
    Same,
    Split,
    edits_digest,
    theme_edits,
)

__all__ = [
    "FILE_NAME",
    "Different",
    "Edit",
    "EditReport",
    "Edited",
    "Edits",
    "Merge",
    "Problem",
    "Rename",
    "Same",
    "Split",
    "apply_edits",
    "decide_papers",
    "edits_digest",
    "paper_finder",
    "read_edits",
    "theme_edits",
]
