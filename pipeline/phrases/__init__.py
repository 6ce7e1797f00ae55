"""Phrases: the one- to four-word terms of a text that could name a theme or explain a hit."""

from pipeline.phrases.finder import (
    MAX_CHARACTERS,
    Key,
    Mention,
    PhraseFinder,
    Wording,
    find_acronyms,
    form_factor,
    split_segments,
)
from pipeline.phrases.words import SCHOLARLY_WORDS, STOP_WORDS

__all__ = [
    "MAX_CHARACTERS",
    "SCHOLARLY_WORDS",
    "STOP_WORDS",
    "Key",
    "Mention",
    "PhraseFinder",
    "Wording",
    "find_acronyms",
    "form_factor",
    "split_segments",
]
