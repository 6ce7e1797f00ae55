"""What a paper is: one frozen record, whether it was read from a file or merged from several."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where a record was read: `file` relative to the SOURCE it was given in, `line` from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, or one record of a paper.

    A reader yields papers with exactly one source and `id` as the file gives it ("" when it gives
    none); `identity` and `merge` then fill in ids and aliases and join the records of one paper.
    """

    id: str = ""
    title: str = ""
    """Normalised for reading and embedding; "" when the source has none."""
    abstract: str = ""
    """Normalised likewise; "" when the source has none."""
    authors: tuple[str, ...] = ()
    """Display form, `First Last`, in the source's order."""
    authors_truncated: bool = False
    """True when the source ended the list with `et al.`."""
    affiliations: tuple[str, ...] = ()
    year: int | None = None
    date: str | None = None
    """ISO 8601: `2024-09-11`, `2024-09`, or, where the source gives no year, `--09-11`."""
    category: str | None = None
    """arXiv category: the full code where it is plain (`cs.LG`), else as the source has it."""
    venue: str | None = None
    doi: str | None = None
    """Lower case, without a resolver's address: `10.1000/xyz`."""
    arxiv_id: str | None = None
    """Without a version: `2401.01234`."""
    url: str | None = None
    keywords: tuple[str, ...] = ()
    code: bool = False
    """True when the source flags that code is available."""
    score: float | None = None
    """A rating given by the source page, as it stands there."""
    raw_title: str = field(default="", repr=False)
    """Exactly the source's characters, before any normalising."""
    raw_abstract: str = field(default="", repr=False)
    aliases: tuple[str, ...] = ()
    """Ids of the other records that were merged into this paper, sorted."""
    sources: tuple[Source, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    """What a table's other columns say: (column, text), sorted, short texts only. It has no part
    in identity, duplicates or vectors."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that was set aside, and why. `line` is its first line, from 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one input file: `found == imported + merged + set_aside`, always.

    `found` is counted apart from the parser.
    """

    file: str
    format: str
    found: int
    imported: int
    merged: int
    set_aside: int
    problems: tuple[Problem, ...] = ()
