"""Sentences of an abstract, and how much of a long text is used."""

from __future__ import annotations

import re

# Behind a full stop and before a capital; or with nothing between, as exports glue paragraphs.
_END = re.compile(
    r"[.?!](?:[)\]”’\"]*\s+(?=[A-Z“\"(])"
    r"|(?<=[a-z]{2}[.?!])(?=(?:We|This|These|Our|In|The|However|To|It)\s))"
)
_STARTERS = ("We ", "This ", "These ", "Our ", "In ", "The ", "However", "It ", "To ", "Experiment")
_NO_END = re.compile(
    r"(?:\b(?i:e\.g|i\.e|cf|vs|viz|resp|approx|w\.r\.t|a\.k\.a|figs?|eqs?|eqn|secs?|tabs?|refs?|alg|"
    r"thm|prop|nos?|vol|pp|dr|prof|st|mrs?|ms|jr|eds?)|(?:^|[\s(])[A-Z])\.$"
)
_MAYBE_END = re.compile(r"\b(?:al|etc)\.$")
MAX_CHARS = 4000
"""So much is used of an abstract, or of the beginning where there is none: some 600 words."""


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, in order, none of them empty.

    Abbreviations ("e.g.", "et al.", "Fig. 2"), initials and decimals end none.
    """
    sentences, start = [], 0
    for match in _END.finditer(text):
        end = match.start() + 1
        before = text[max(start, end - 8) : end]
        if _NO_END.search(before):
            continue
        if _MAYBE_END.search(before) and not text.startswith(_STARTERS, match.end()):
            continue
        sentences.append(text[start : match.end()].strip())
        start = match.end()
    return [sentence for sentence in [*sentences, text[start:].strip()] if sentence]


def beginning_of(text: str) -> str:
    """As much of a text as is used of a draft, to the end of a sentence or else of a word."""
    if len(text) <= MAX_CHARS:
        return text
    head = text[:MAX_CHARS]
    end = max(head.rfind(mark) for mark in (". ", "? ", "! ")) + 1
    if end <= MAX_CHARS // 2:
        end = head.rfind(" ")
    # Writing without spaces has neither end.
    return head[:end] if end > MAX_CHARS // 2 else head
