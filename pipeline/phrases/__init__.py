"""Phrases: the one- to four-word terms of a text that could name a theme or explain a hit."""

from pipeline.phrases.finder import (
    MAX_CHARACTERS,
    MAX_WORDS,
    Key,
    Mention,
    phrases_among,
    phrases_in,
    split_segments,
    word_key,
    word_rules,
)
from pipeline.phrases.forms import form_factor, form_rules
from pipeline.phrases.words import INNER_WORDS, SCHOLARLY_WORDS, STOP_WORDS

__all__ = [
    "INNER_WORDS",
    "MAX_CHARACTERS",
    "MAX_WORDS",
    "SCHOLARLY_WORDS",
    "STOP_WORDS",
    "Key",
    "Mention",
    "form_factor",
    "form_rules",
    "phrases_among",
    "phrases_in",
    "split_segments",
    "word_key",
    "word_rules",
]
