"""Papers, themes and graphs of an atlas as files that other programs read.

A writer is a function over entries; `FORMATS` and `WRITERS` name them.
"""

from pipeline.export.entries import Entry, entries_of
from pipeline.export.files import Written
from pipeline.export.registry import FORMATS, WRITERS, export_selection, require_formats
from pipeline.export.selection import Chosen, Selection, answering

__all__ = [
    "FORMATS",
    "WRITERS",
    "Chosen",
    "Entry",
    "Selection",
    "Written",
    "answering",
    "entries_of",
    "export_selection",
    "require_formats",
]
