"""Cut a tagged file into records, whatever is missing from it.

All four formats are lines of `TAG value`, with marks where a record begins and ends. What differs
is how a tag is written; that is a `Grammar`. A record ends at its end mark or where the next one
begins, so that a lost mark costs nothing; a line without a tag goes on with the field above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.papers import Paper, Problem, ProblemKind
from pipeline.sources.document import MAX_RECORD_CHARS, Document
from pipeline.sources.fields import NO_TEXT, to_paper

Tags = Mapping[str, list[str]]
"""The values of each tag of a record, in their order; the lines of one value keep their breaks."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a format writes its tags."""

    split: Callable[[str], tuple[str, str] | None]
    """The tag and the value of a line; None where it has no tag."""
    start: str
    """The tag that begins a record."""
    end: str = ""
    """The tag that ends one; "" where the next one's start does."""
    envelope: frozenset[str] = frozenset()
    """Tags around the records, which belong to none."""


@dataclass(slots=True)
class _Draft:
    """The lines of a record."""

    line: int
    lines: list[str] = field(default_factory=list)
    chars: int = 0

    def add(self, line: str | None) -> None:
        """One more line; None for one too long to be held."""
        if line is None:
            self.chars = MAX_RECORD_CHARS + 1
        elif self.chars <= MAX_RECORD_CHARS:
            self.lines.append(line)
            self.chars += len(line)

    def tags(self, split: Callable[[str], tuple[str, str] | None]) -> dict[str, list[str]]:
        """The values by their tags; what stands before the first tag says nothing."""
        tags: dict[str, list[str]] = {}
        values: list[str] = []
        rest: list[str] = []
        for line in self.lines:
            found = split(line)
            if found is None:
                rest.append(line.strip())
                continue
            if rest:
                _go_on(values, rest)
            tag, value = found
            values = tags.get(tag) or tags.setdefault(tag, [])
            values.append(value)
        _go_on(values, rest)
        return tags


def _go_on(values: list[str], rest: list[str]) -> None:
    """Put further lines behind the last value."""
    if values and rest:
        values[-1] = "\n".join([values[-1], *rest]).rstrip()
    rest.clear()


def count_records(document: Document, grammar: Grammar, start: re.Pattern[str]) -> int:
    """Count lines that begin a record; where records end by a mark, a tag between two records
    begins one too. Nothing else is looked at."""
    records, inside, end = 0, False, grammar.end
    begin = grammar.start
    first_two = {begin[:2], begin[:2].lower(), f" {begin[:1]}", f"\ufeff{begin[:1]}", "  "}
    for _, line in document.lines():
        if line is None:
            continue
        if line[:2] in first_two and start.match(line):
            records, inside = records + 1, True
        elif inside and line[:2] == end:
            inside = False
        elif end and not inside and (split := grammar.split(line)):
            begins = split[0] != end and split[0] not in grammar.envelope
            records, inside = records + begins, begins
    return records


def has_most_tagged(
    document: Document, split: Callable[[str], tuple[str, str] | None], start: re.Pattern[str]
) -> bool:
    """Tell whether the head has a record's first line and, of lines that are not indented, more
    with a tag than without: where a tag is but two letters and a blank, prose has some too."""
    lines = [line for line in document.head.splitlines() if line.strip() and line[0] != " "]
    if not any(start.match(line) for line in lines[:50]):
        return False
    return 2 * sum(split(line) is not None for line in lines) > len(lines)


def read_records(
    document: Document, grammar: Grammar, to_cell: Callable[[Tags], dict[str, Any]]
) -> Iterator[Paper | Problem]:
    """Yield each record's paper, as `to_cell` reads its tags, or a problem with its raw text."""
    strays: list[tuple[int, str]] = []
    for draft in _drafts(document, grammar, strays):
        if draft.chars > MAX_RECORD_CHARS:
            reason = f"record longer than {MAX_RECORD_CHARS:,} characters; set aside"
            yield Problem(draft.line, reason, raw="\n".join(draft.lines))
            continue
        cell = to_cell(draft.tags(grammar.split))
        paper = to_paper(cell, document.source(draft.line), extra=cell["extra"])
        if isinstance(paper, Problem):
            yield Problem(draft.line, NO_TEXT, raw="\n".join(draft.lines))
        else:
            yield paper
    if strays:
        line, text = strays[0]
        n = len(strays)
        told = f"{n:,} line{'s' if n > 1 else ''} outside any record not read: {text[:60]!r}"
        yield Problem(line, told, ProblemKind.NOTE, "\n".join(text for _, text in strays))


def _drafts(
    document: Document, grammar: Grammar, strays: list[tuple[int, str]]
) -> Iterator[_Draft]:
    """Cut where a tag says so. Most lines are none of these marks, and are not looked at twice."""
    split, start, end, envelope = grammar.split, grammar.start, grammar.end, grammar.envelope
    marks = {start[:2], end[:2], start[:2].lower(), end[:2].lower(), "", *_BLANKS}
    marks |= {blank + then for blank in _BLANKS for then in (*_BLANKS, start[:1])}
    draft: _Draft | None = None
    for number, line in document.lines():
        if draft is not None and line is not None and line[:2] not in marks:
            draft.add(line)
            continue
        found = None if line is None else split(line)
        tag = found[0] if found else None
        if tag == start or (draft is None and tag not in (None, end) and tag not in envelope):
            if draft is not None:
                yield draft
            draft = _Draft(number)
        if draft is not None and tag not in envelope:
            draft.add(line)
        elif tag is None and (text := (line or "").strip("\ufeff \t")):
            strays.append((number, text))
        if tag == end and draft is not None:
            yield draft
            draft = None
    if draft is not None:
        yield draft


_BLANKS = (" ", "\t", "\ufeff")


def first(tags: Tags, *names: str) -> str:
    """The first value that there is, by the tags in the order given."""
    for name in names:
        if name in tags:
            for value in tags[name]:
                if value:
                    return value
    return ""


def every(tags: Tags, *names: str) -> list[str]:
    """All values of the first of these tags that has any, each line of one by itself."""
    for name in names:
        if name in tags:
            lines = [line for value in tags[name] for line in value.split("\n")]
            if values := [text for line in lines if (text := line.strip())]:
                return values
    return []


def web_address(tags: Tags, *names: str) -> str:
    """The first address of the web among the values of these tags."""
    found = (_ADDRESS.search(value) for name in names for value in tags.get(name, ()))
    return next((match[0] for match in found if match), "")


_ADDRESS = re.compile(r"https?://[^\s<>]+")


def page_range(begin: str, end: str) -> str:
    """`12-34` of a first and a last page; one of them alone, or a range as it stands."""
    begin, end = begin.strip(), end.strip()
    return f"{begin}-{end}" if begin and end and begin != end and "-" not in begin else begin or end
