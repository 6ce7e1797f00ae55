"""Read text that was copied or scraped from paper listings: five layouts, told by their grammar.

A page is a sequence of lines: card metadata (`LGSep 11, 2024Code`), prose (an abstract's
paragraph), an abstract by its label (`Abstract:...`), and short lines, which are titles, authors,
both glued together, or page furniture. A record is an abstract with the short lines right above
it, or a metadata line with what follows. Furniture is whatever no abstract follows. Because each
record is known by its own lines, pages of several sites may lie in one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from pipeline.papers import Paper, Problem, Source
from pipeline.papers.names import display_name, is_inverted_list, looks_like_name, split_authors
from pipeline.papers.text import normalise_abstract, normalise_title
from pipeline.sources.arxiv_categories import full_category, is_category
from pipeline.sources.document import Document
from pipeline.sources.headings import Heading, split_heading

NAME = "scraped"

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_META = re.compile(
    r"(?P<score>\d{1,4}(?:\.\d+)?)?\s*(?P<category>[A-Za-z]{2,8}(?:-[A-Za-z]{2,8})?(?:\.[A-Za-z-]{2,10})?)\s*"
    rf"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?\s(?P<day>\d{{1,2}})(?:,\s*(?P<year>(?:19|20)\d\d))?\s*"
    r"(?P<code>Code)?"
)
_LABEL = re.compile(r"\s*abstract\s*(?:[:.—–]|-\s)\s*", re.IGNORECASE)
_FIELD = re.compile(r"\s*(?P<name>title|authors?)\s*:\s*(?P<value>\S.*)", re.IGNORECASE)
_PROSE_CHARS = 220


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    kind: str  # "meta", "label", "prose" or "short"
    after_blank: bool


@dataclass(slots=True)
class _Draft:
    """The lines of one record, gathered before they are read."""

    meta: _Line | None = None
    above: list[_Line] = field(default_factory=list)
    body: list[_Line] = field(default_factory=list)


def sniff(document: Document) -> float:
    """Say how much the first characters look like a scraped listing: 0 (not at all) to 1."""
    head = document.head
    start = head.lstrip("\ufeff \t\r\n")
    if re.match(r"[@{\[<]|%[A-Z0-9] |(?:TY|PMID|FN|PT)\b *-? ", start):
        return 0.0
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    if not lines:
        return 0.0
    if any(_LABEL.match(line) or _is_meta(line) for line in lines):
        return 0.8
    return 0.5 if any(_is_prose(line) for line in lines) else 0.05


def count(document: Document) -> int:
    """Count records without parsing them: labels, metadata lines, and paragraphs below short lines.

    This looks at nothing but each line's length and first characters, so that a record that the
    parser misses shows as a difference.
    """
    records, above_is_text, open_card = 0, False, False
    untitled = _UntitledCount()
    for _, line in document.lines():
        text = (line or "").strip()
        untitled.see(text)
        if not text:
            continue
        if re.match(r"(?i)abstract\s*[:.]", text):
            records, above_is_text, open_card = records + (not open_card), True, False
        elif _META.fullmatch(text) and _is_meta(text):
            records, above_is_text, open_card = records + 1, False, True
        elif len(text) >= _PROSE_CHARS and not _HEADING_END.search(text):
            records += not above_is_text and not open_card
            above_is_text, open_card = True, False
        else:
            above_is_text = False
    return untitled.records or records


class _UntitledCount:
    """Counts the paragraphs of a page on which no title, label or metadata line leads a text."""

    def __init__(self) -> None:
        self._by_blank = self._by_line = 0
        self._before, self._blank, self._blanks_between = "", True, False
        self._leads, self._titled = False, False

    @property
    def records(self) -> int:
        if self._titled:
            return 0
        return self._by_blank if self._blanks_between else self._by_line

    def see(self, text: str) -> None:
        if not text:
            self._blank = True
            return
        self._blanks_between |= self._blank and bool(self._before)
        if _LABEL.match(text) or _is_meta(text):
            self._titled = True
        elif not _is_prose(text):
            self._leads |= not _SENTENCE_END.search(text) and "http" not in text
        else:
            self._titled |= self._leads
            if not self._before or (_SENTENCE_END.search(self._before) and "http" not in text):
                self._by_line += not self._before or len(text) >= _PROSE_CHARS
                self._by_blank += self._blank
        self._before, self._blank = text, False


_SENTENCE_END = re.compile(r"[.!?。！？][\"”’')\]]*$|https?://\S+$")
_HEADING_END = re.compile(r" et al\.?(?: · [^·]+)?$| · [^·.]+$")


def read(document: Document) -> Iterator[Paper | Problem]:
    """Yield the records of one page, or of several pages in one file, in their order."""
    lines, problems = _lines_of(document)
    yield from problems
    drafts = list(_drafts(lines))
    if not any(draft.meta or draft.above or draft.body[0].kind == "label" for draft in drafts):
        by_blank = any(line.after_blank for line in lines[1:])
        drafts = [part for draft in drafts for part in _paragraphs(draft, by_blank=by_blank)]
    for draft in drafts:
        yield _to_paper(
            draft, file=document.file, in_cards=any(line.kind == "meta" for line in lines)
        )


def _lines_of(document: Document) -> tuple[list[_Line], list[Problem]]:
    lines: list[_Line] = []
    problems: list[Problem] = []
    blank = True
    for number, raw in document.lines():
        if raw is None:
            problems.append(Problem(number, "line too long for any abstract; set aside"))
            continue
        text = raw.strip().lstrip("\ufeff")
        if text:
            lines.append(_Line(number, text, _kind(text), blank))
        blank = not text
    return _join_wrapped(lines), problems


def _kind(text: str) -> str:
    if _LABEL.match(text) and len(text) > 40:
        return "label"
    if _is_meta(text):
        return "meta"
    return "prose" if _is_prose(text) else "short"


def _is_meta(text: str) -> bool:
    match = _META.fullmatch(text)
    return match is not None and is_category(match["category"])


def _is_prose(text: str) -> bool:
    """An abstract's paragraph: long, or two whole sentences; a card's heading is neither."""
    if _HEADING_END.search(text):
        return False
    if len(text) >= _PROSE_CHARS:
        return True
    ends = re.search(r"[.!?][\"”’')\]]*$", text)
    return bool(ends) and len(text) >= 70 and len(text.split()) >= 12


def _join_wrapped(lines: Sequence[_Line]) -> list[_Line]:
    """Join paragraphs that were broken into lines of one width, as text from a terminal is."""
    joined: list[_Line] = []
    at = 0
    while at < len(lines):
        end = _wrapped_end(lines, at)
        if end - at >= 3:
            first = lines[at]
            text = " ".join(line.text for line in lines[at:end])
            joined.append(_Line(first.number, text, _kind(text), first.after_blank))
        else:
            joined += lines[at : max(end, at + 1)]
        at = max(end, at + 1)
    return joined


def _wrapped_end(lines: Sequence[_Line], start: int) -> int:
    """Where a hard-wrapped paragraph from `start` ends: even lines, the last one shorter."""
    at = start
    while at < len(lines) and (at == start or not lines[at].after_blank):
        text = lines[at].text
        if lines[at].kind in ("meta", "label") and at > start:
            break
        if not 55 <= len(text) <= 130 or (_HEADING_END.search(text)):
            break
        at += 1
    is_last = at < len(lines) and at > start and not lines[at].after_blank
    if is_last and len(lines[at].text) < 55 and lines[at].kind != "meta":
        at += 1
    return at


def _drafts(lines: Sequence[_Line]) -> Iterator[_Draft]:
    draft = _Draft()
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else None
        if line.kind == "meta":
            yield from _finished(draft)
            draft = _Draft(meta=line)
        elif line.kind == "label" and draft.body:
            yield from _finished(draft)
            draft = _Draft(body=[line])
        elif (
            line.kind in ("prose", "label")
            or (draft.body and _continues(line, draft.body[-1], following))
            or (not draft.body and _is_short_abstract(line, draft))
        ):
            draft.body.append(line)
        elif draft.body:
            yield from _finished(draft)
            draft = _Draft(above=[line])
        else:
            draft.above.append(line)
    yield from _finished(draft)


def _paragraphs(draft: _Draft, *, by_blank: bool) -> Iterator[_Draft]:
    """Give each paragraph of a page without titles as a record: nothing else parts them.

    Under a title, paragraphs are one abstract. One that breaks off, or names an address, is too.
    """
    part = _Draft()
    for line in draft.body:
        parted = line.after_blank or (not by_blank and len(line.text) >= _PROSE_CHARS)
        starts = parted and line.kind == "prose" and "http" not in line.text
        if part.body and starts and _SENTENCE_END.search(part.body[-1].text):
            yield part
            part = _Draft()
        part.body.append(line)
    yield part


def _continues(line: _Line, before: _Line, following: _Line | None) -> bool:
    """Tell whether a short line below an abstract is its last paragraph, no title or footer."""
    if _HEADING_END.search(line.text) or re.match("[©®]|copyright", line.text, re.IGNORECASE):
        return False
    if re.match("[a-z]", line.text) and not line.after_blank:
        return not re.search(r"[.!?:]\W*$", before.text)
    speaks_of_code = bool(re.search(r"https?://|\b(?:code|data|demos?|github)\b", line.text, re.I))
    if not line.text.endswith(".") and "http" not in line.text:
        return False
    if following is not None and following.kind == "prose":
        return "http" in line.text
    return speaks_of_code or len(line.text.split()) >= 8


def _is_short_abstract(line: _Line, draft: _Draft) -> bool:
    """Tell whether a sentence right below a card's heading is all the abstract there is."""
    if not draft.above or not re.search(r"[.!?]$", line.text) or _HEADING_END.search(line.text):
        return False
    in_card = draft.meta is not None or bool(_HEADING_END.search(draft.above[-1].text))
    return in_card and len(line.text.split()) >= 3


def _finished(draft: _Draft) -> Iterator[_Draft]:
    """Give the record, if it is one: an abstract, or a card that at least has a heading."""
    if draft.body or (draft.meta and draft.above):
        yield draft


def _to_paper(draft: _Draft, *, file: str, in_cards: bool) -> Paper:
    raw_abstract = "\n".join(line.text for line in draft.body)
    first = draft.body[0] if draft.body else None
    heading, raw_title, start = _heading_of(draft, raw_abstract, in_cards=in_cards)
    if first is not None and first.kind == "label":
        raw_abstract = _LABEL.sub("", raw_abstract, count=1)
    line = draft.meta or start or first
    return Paper(
        title=normalise_title(heading.title),
        abstract=normalise_abstract(raw_abstract),
        authors=tuple(normalise_title(name) for name in heading.authors),
        authors_truncated=heading.truncated,
        affiliations=heading.affiliations,
        raw_title=raw_title,
        raw_abstract=raw_abstract,
        sources=(Source(file, line.number if line else 1),),
        **_metadata(draft.meta),
    )


def _heading_of(
    draft: _Draft, abstract: str, *, in_cards: bool
) -> tuple[Heading, str, _Line | None]:
    """Read the short lines above an abstract: heading, raw title, first line."""
    above = draft.above
    if not above:
        return Heading(""), "", None
    if draft.meta is not None:
        heading = split_heading(above[0].text, context=abstract)
        names = above[1:2]
        if not heading.authors and names and _author_list(names[0].text):
            heading = _with_authors(above[0].text, names[0].text)
        return heading, heading.title, above[0]
    last = above[-1]
    fields = {m["name"].lower()[:5]: m["value"] for line in above if (m := _FIELD.match(line.text))}
    if "title" in fields:
        heading = _with_authors(fields["title"], fields.get("autho", ""))
        return heading, heading.title, above[0]
    if len(above) > 1 and _author_list(last.text):
        heading = _with_authors(above[-2].text, last.text)
        return heading, heading.title, above[-2]
    if (
        draft.body
        and draft.body[0].kind == "label"
        and last.after_blank
        and draft.body[0].after_blank
    ):
        return Heading(""), "", None
    heading = split_heading(last.text, context=abstract, in_listing=in_cards)
    return heading, heading.title, last


def _with_authors(title: str, authors: str) -> Heading:
    names, truncated = split_authors(authors)
    return Heading(title, names, truncated)


def _author_list(text: str) -> bool:
    """Tell whether a whole line is a list of names: inverted, or two or more plain ones."""
    names, _ = split_authors(text)
    chunks = [chunk.strip() for chunk in re.sub(r"\s+et al\.?$", "", text).split(",")]
    if is_inverted_list(chunks):
        return True
    return len(names) > 1 and all(
        looks_like_name(display_name(name)) and 2 <= len(name.split()) <= 5 for name in names
    )


class _Metadata(TypedDict, total=False):
    score: float | None
    category: str
    date: str
    year: int | None
    code: bool


def _metadata(meta: _Line | None) -> _Metadata:
    """Give the fields of a card's metadata line; a date without a year is `--05-28`."""
    match = _META.fullmatch(meta.text) if meta is not None else None
    if match is None:
        return {}
    month, day = _MONTHS.index(match["month"]) + 1, int(match["day"])
    year = int(match["year"]) if match["year"] else None
    return {
        "score": float(match["score"]) if match["score"] else None,
        "category": full_category(match["category"]),
        "date": f"{year}-{month:02}-{day:02}" if year else f"--{month:02}-{day:02}",
        "year": year,
        "code": match["code"] is not None,
    }
