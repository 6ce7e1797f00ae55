"""What a report says, whatever it is written in: sections of paragraphs, facts, tables, figures.

A document holds plain text and numbers, never markup: how a title with signs in it is written
safely is the business of a writer, and each writer's alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text. `href`: an http(s) address that it leads to; `anchor`: that of a section of
    this document; `is_code`: it is to be typed as it stands."""

    text: str
    href: str = ""
    anchor: str = ""
    is_code: bool = False


Line = tuple[Span, ...]
"""Text in a row, with its blanks: the spans are joined by nothing."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of prose. `is_note`: it explains what is beside it."""

    line: Line
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What something is called, and what is to be said of it."""

    name: str
    line: Line


@dataclass(frozen=True, slots=True)
class Facts:
    """Named facts. `is_headline`: short ones, the first to be seen."""

    facts: tuple[Fact, ...]
    is_headline: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of lines."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PaperItem:
    """A paper as it stands in a list; "" for what is not known of it."""

    title: str
    authors: str
    year: str
    venue: str
    href: str
    remark: str = ""
    """Why it stands in this list."""


@dataclass(frozen=True, slots=True)
class PaperList:
    """Papers, one below the other."""

    papers: tuple[PaperItem, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; those of numbers stand to the right."""

    name: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a table. What follows `line` shows to the eye what the table says in words."""

    line: Line
    share: float | None = None
    """In [0, 1]: drawn as a bar beside the text."""
    years: tuple[int, ...] = ()
    """Papers of each year in a row: drawn as a small chart."""
    theme: int | None = None
    """The theme whose colour on the map stands before the text."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption; the first cell of a row names it."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a writer is given by `name`, or does without."""

    name: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class YearChart:
    """Papers of each year from `first` on: a picture by `name`, or drawn by the writer."""

    name: str
    alt: str
    caption: str
    first: int
    n_papers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be copied as they stand."""

    text: str


Block = Paragraph | Facts | Listing | PaperList | Table | Picture | YearChart | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a heading. `anchor`: unique in its document; `theme`, `years`: as in `Cell`."""

    title: str
    anchor: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    theme: int | None = None
    years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. `subtitle`: what it is about, in a line; `blocks`: what comes before the
    first section."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]


def line(*parts: str | Span) -> Line:
    """The parts in a row; empty ones are left out."""
    spans = (Span(part) if isinstance(part, str) else part for part in parts)
    return tuple(span for span in spans if span.text)


def cell(text: str, *, share: float | None = None) -> Cell:
    """A field of plain text."""
    return Cell(line(text), share)


def all_sections(sections: Sequence[Section]) -> Iterator[Section]:
    """Yield every section, each before those inside it."""
    for section in sections:
        yield section
        yield from all_sections(section.sections)
